-- migrate:up

-- Who may do how much, and who did what: ranks, shop staff, operators that leave, and the audit.

-- -- how much each rank may give back -----------------------------------------------------------------

-- Who stands behind a reversal, the lowest first.
CREATE TYPE koban.rank AS ENUM ('clerk', 'shop', 'area', 'headquarters', 'operator');

-- The most that each rank may give back at once (yen), one place a rank in the order above. Until
-- now everybody but the clerk was bound by nothing but the size of what can be given back.
ALTER TABLE koban.profile ADD COLUMN reversal_maxes bigint[];
UPDATE koban.profile SET reversal_maxes =
    array_prepend(clerk_reversal_max, array_fill(greatest(payment_max, top_up_max), ARRAY[4]));
ALTER TABLE koban.profile ALTER COLUMN reversal_maxes SET NOT NULL,
    ADD CONSTRAINT profile_every_rank_has_its_most CHECK (
        cardinality(reversal_maxes) = 5 AND 0 <= ALL (reversal_maxes)),
    DROP COLUMN clerk_reversal_max;

ALTER TYPE koban.rules DROP ATTRIBUTE clerk_reversal_max, ADD ATTRIBUTE reversal_maxes bigint[];
ALTER TYPE koban.request DROP ATTRIBUTE manager, ADD ATTRIBUTE rank koban.rank;

-- Their lists of managers are lists of ranks now; what replaces them is applied after this.
DROP FUNCTION IF EXISTS koban.decide(
    smallint, timestamptz, uuid[], bytea[], text[], bigint[], bigint[], bigint[], bytea[], bigint[],
    uuid[], text[], boolean[]);
DROP FUNCTION IF EXISTS koban.prepare(
    smallint, timestamptz, koban.rules, integer, integer[], uuid[], bytea[], text[], bigint[],
    bigint[], bigint[], bytea[], bigint[], uuid[], text[], boolean[]);

-- -- shop staff ---------------------------------------------------------------------------------------

-- Shops that belong together: their headquarters stand over all of them.
CREATE TABLE koban.chain (
    town smallint NOT NULL REFERENCES koban.town,
    chain bigint NOT NULL,
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
    opened_at timestamptz NOT NULL,
    PRIMARY KEY (town, chain),
    CONSTRAINT chain_name_is_theirs UNIQUE (town, name)
);
CREATE SEQUENCE koban.chain_number START 1;
ALTER TABLE koban.shop ADD COLUMN chain bigint,
    ADD CONSTRAINT shop_chain_is_known FOREIGN KEY (town, chain) REFERENCES koban.chain;
CREATE INDEX shop_by_chain ON koban.shop (town, chain) WHERE chain IS NOT NULL; -- staff: shops_under

-- Somebody who signs in at the shop site. `chain` is what headquarters and area stand over, the
-- latter over its shops of one `area` only; `shop` is the one shop of its manager or clerk.
CREATE TABLE people.staff (
    town smallint NOT NULL,
    staff bigint NOT NULL,
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
    password_hash text NOT NULL,
    rank koban.rank NOT NULL CHECK (rank <> 'operator'),
    chain bigint,
    area text,
    shop bigint,
    added_at timestamptz NOT NULL,
    closed_at timestamptz,
    PRIMARY KEY (town, staff),
    CONSTRAINT staff_name_is_theirs UNIQUE (town, name), -- staff_by_name
    CONSTRAINT staff_stand_over_something CHECK (
        CASE rank
            WHEN 'headquarters' THEN chain IS NOT NULL AND area IS NULL AND shop IS NULL
            WHEN 'area' THEN chain IS NOT NULL AND area IS NOT NULL AND shop IS NULL
            ELSE chain IS NULL AND area IS NULL AND shop IS NOT NULL
        END),
    FOREIGN KEY (town, chain) REFERENCES koban.chain,
    FOREIGN KEY (town, shop) REFERENCES koban.shop
);
CREATE SEQUENCE people.staff_number START 1;

-- An operator who left signs in no more. The name stays taken: in the audit it means one person.
ALTER TABLE people.operator ADD COLUMN closed_at timestamptz;

ALTER TABLE people.session ADD COLUMN staff bigint,
    DROP CONSTRAINT session_role_check,
    ADD CONSTRAINT session_role_check
        CHECK (role IN ('wallet', 'terminal', 'console', 'staff')),
    ADD CONSTRAINT session_staff_check CHECK ((staff IS NOT NULL) = (role = 'staff')),
    ADD CONSTRAINT session_staff_fkey FOREIGN KEY (town, staff) REFERENCES people.staff;
CREATE INDEX session_by_staff ON people.session (town, staff)
    WHERE staff IS NOT NULL; -- end_staff_sessions
CREATE INDEX session_by_operator ON people.session (town, operator)
    WHERE operator IS NOT NULL; -- end_operator_sessions
CREATE INDEX session_by_wallet ON people.session (town, account)
    WHERE role = 'wallet'; -- end_wallet_sessions

ALTER TABLE people.guard DROP CONSTRAINT guard_kind_check,
    ADD CONSTRAINT guard_kind_check
        CHECK (kind IN ('pin', 'manager_pin', 'password', 'operator', 'staff'));

-- -- the audit ----------------------------------------------------------------------------------------

-- What people with power did, one line an act, written in the transaction of the act itself.
-- `number` has no gaps within the town, so a missing line shows. `who` is the operator's or staff's
-- number and `name` theirs; at a command line `name` is the machine's user. `origin` is the address
-- the act came from. `subject` names what was changed ("shop:1001"). No secret stands in it, and of
-- people it names but those who acted.
CREATE TABLE people.audit (
    town smallint NOT NULL,
    number bigint NOT NULL CHECK (number > 0),
    at timestamptz NOT NULL,
    actor text NOT NULL CHECK (actor IN ('operator', 'staff', 'command', 'system')),
    who bigint CHECK ((who IS NOT NULL) = (actor IN ('operator', 'staff'))),
    name text NOT NULL,
    origin text NOT NULL,
    act text NOT NULL CHECK (act ~ '^[a-z_]+(\.[a-z_]+)+$'),
    subject text NOT NULL CHECK (subject ~ '^[a-z_]+:.+$'),
    before jsonb,
    after jsonb,
    PRIMARY KEY (town, number)
);
CREATE INDEX audit_by_subject ON people.audit (town, subject, number); -- audit: lines, recorded

CREATE FUNCTION people.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only; what was done stays written', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END;
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON people.audit
    FOR EACH STATEMENT EXECUTE FUNCTION people.refuse_change();

-- migrate:down
