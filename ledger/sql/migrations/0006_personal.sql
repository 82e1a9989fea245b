-- migrate:up

-- Personal data as nobody reads it who has the database alone. What is personal is encrypted under
-- a key from the settings (`ledger.vault`): `key_id` is that key's number, `…_encrypted` a nonce, a
-- text and its tag, `…_digest` the keyed digest that the text is found by.

-- Postgres has no key, so it cannot encrypt what is there: the table of holders moves aside, and
-- `ledger.encryption` fills the new one from it and then drops it, with its pages.
ALTER TABLE people.person RENAME TO person_plain;
ALTER TABLE people.person_plain RENAME CONSTRAINT person_pkey TO person_plain_pkey;
ALTER TABLE people.person_plain RENAME CONSTRAINT person_town_wallet_fkey
    TO person_plain_town_wallet_fkey;
ALTER TABLE people.person_plain DROP CONSTRAINT person_phone_is_theirs;

-- A wallet's holder. One phone number is one person in a town, and so is one name with one birth
-- date where both were asked for. `identity_digest` is of the name as written, as read, and the
-- birth date; those of the birth date and of the reading find whom a newcomer is to be compared with.
CREATE TABLE people.person (
    town smallint NOT NULL,
    wallet bigint NOT NULL,
    key_id smallint NOT NULL,
    phone_digest bytea NOT NULL,
    phone_encrypted bytea NOT NULL,
    name_encrypted bytea NOT NULL,
    kana_encrypted bytea,
    birth_date_encrypted bytea,
    identity_digest bytea,
    kana_digest bytea,
    birth_date_digest bytea,
    password_hash text NOT NULL,
    pin_hash text NOT NULL,
    registered_at timestamptz NOT NULL,
    PRIMARY KEY (town, wallet),
    CONSTRAINT person_phone_is_theirs UNIQUE (town, phone_digest), -- person_by_phone
    CONSTRAINT person_identity_is_theirs UNIQUE (town, identity_digest), -- alike
    CONSTRAINT person_attributes_come_together CHECK (
        num_nulls(kana_encrypted, birth_date_encrypted, identity_digest, kana_digest,
            birth_date_digest) IN (0, 5)),
    FOREIGN KEY (town, wallet) REFERENCES koban.account
);
CREATE INDEX person_by_birth_date ON people.person (town, birth_date_digest)
    WHERE birth_date_digest IS NOT NULL; -- alike
CREATE INDEX person_by_kana ON people.person (town, kana_digest)
    WHERE kana_digest IS NOT NULL; -- alike

-- Nobody is there yet: nothing waits to be encrypted.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM people.person_plain) THEN
        DROP TABLE people.person_plain;
    END IF;
END;
$$;

-- Codes that are under way are asked for anew: they live for minutes, and their numbers were plain.
TRUNCATE people.challenge;
DROP INDEX people.challenge_by_phone;
ALTER TABLE people.challenge
    DROP COLUMN phone,
    ADD COLUMN key_id smallint NOT NULL,
    ADD COLUMN phone_digest bytea NOT NULL,
    ADD COLUMN phone_encrypted bytea NOT NULL;
CREATE INDEX challenge_by_phone ON people.challenge (town, phone_digest, sent_at); -- open_challenge

-- A wallet's session is called by its holder's name, which is kept in one place only.
UPDATE people.session SET name = '' WHERE role = 'wallet';
ALTER TABLE people.session ADD CONSTRAINT session_of_a_wallet_has_no_name
    CHECK (role <> 'wallet' OR name = '');

-- Two wallets that may be one person's, for an operator to decide. `wallet` is the newer one.
-- `froze`: deciding it froze the newer wallet, which was open until then.
CREATE TABLE people.review (
    town smallint NOT NULL,
    review bigint NOT NULL,
    wallet bigint NOT NULL,
    other bigint NOT NULL,
    likeness text NOT NULL CHECK (likeness IN ('born_the_same_day', 'named_the_same')),
    opened_at timestamptz NOT NULL,
    decided_at timestamptz,
    decided_by text,
    same_person boolean,
    froze boolean NOT NULL DEFAULT false,
    PRIMARY KEY (town, review),
    UNIQUE (town, wallet, other), -- open_review
    CHECK (wallet <> other),
    CHECK (num_nulls(decided_at, decided_by, same_person) IN (0, 3)),
    FOREIGN KEY (town, wallet) REFERENCES koban.account,
    FOREIGN KEY (town, other) REFERENCES koban.account
);
CREATE INDEX review_open ON people.review (town, review) WHERE decided_at IS NULL; -- reviews
CREATE SEQUENCE people.review_number START 1;

-- -- cards --------------------------------------------------------------------------------------------

-- An IC card that is the key to a wallet (FeliCa: its IDm). The IDm is kept as a card's number is
-- dear to whoever would clone it: encrypted, and found by a keyed digest; `tail`, its last digits,
-- tells two cards apart on a screen. `issuer`: whose card it is, the town's own or another's. A card
-- that is lost or replaced opens nothing, ever again. A wallet that has cards and no person is
-- anonymous. `code_digest` is the newest one-time code that a tap of the card got.
CREATE TABLE people.card (
    town smallint NOT NULL,
    card bigint NOT NULL,
    key_id smallint NOT NULL,
    idm_digest bytea NOT NULL,
    idm_encrypted bytea NOT NULL,
    tail text NOT NULL CHECK (tail ~ '^[0-9A-F]{4}$'),
    issuer text NOT NULL CHECK (issuer ~ '^[a-z][a-z0-9_-]{0,30}$'),
    wallet bigint NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'lost', 'replaced')),
    opened_at timestamptz NOT NULL,
    closed_at timestamptz CHECK ((closed_at IS NULL) = (state = 'open')),
    replaced_by bigint CHECK ((replaced_by IS NOT NULL) = (state = 'replaced')),
    code_digest bytea,
    PRIMARY KEY (town, card),
    CONSTRAINT card_idm_is_theirs UNIQUE (town, idm_digest), -- card_by_idm
    FOREIGN KEY (town, wallet) REFERENCES koban.account,
    FOREIGN KEY (town, replaced_by) REFERENCES people.card
);
CREATE INDEX card_by_wallet ON people.card (town, wallet); -- cards_of_wallet, taken_today
CREATE SEQUENCE people.card_number START 1;

-- What a tablet shows after a tap, to be scanned by whoever the card is to belong to. A card's newer
-- claim voids its older ones.
CREATE TABLE people.claim (
    town smallint NOT NULL,
    token_digest bytea NOT NULL,
    card bigint NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (town, token_digest),
    CONSTRAINT claim_is_the_only_one UNIQUE (town, card), -- add_claim
    FOREIGN KEY (town, card) REFERENCES people.card
);
CREATE INDEX claim_by_expiry ON people.claim (expires_at); -- sweep_claims

-- migrate:down
