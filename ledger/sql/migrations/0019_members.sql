-- migrate:up

-- Whom another company credits when value goes out: its number of a person, so personal data. It is
-- encrypted (`ledger.vault`) and goes when the wallet's holder is erased; the order stays.
CREATE TABLE people.member (
    town smallint NOT NULL,
    id uuid NOT NULL,
    wallet bigint NOT NULL,
    key_id smallint NOT NULL,
    member_encrypted bytea NOT NULL,
    PRIMARY KEY (town, id),
    FOREIGN KEY (town, id) REFERENCES koban.load_order
);
CREATE INDEX member_by_wallet ON people.member (town, wallet); -- forget_person

-- Postgres has no key: what is there moves aside, and `ledger.members` encrypts it and drops the table.
CREATE TABLE people.member_plain AS
    SELECT town, id, wallet, member FROM koban.load_order WHERE direction = 'out' AND member <> '';
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM people.member_plain) THEN
        DROP TABLE people.member_plain;
    END IF;
END;
$$;

-- What is left is which cash machine announced a deposit, and nobody's.
UPDATE koban.load_order SET member = '' WHERE direction = 'out' AND member <> '';
ALTER TABLE koban.load_order RENAME COLUMN member TO machine;

-- migrate:down
