-- migrate:up

-- Every kind of value, and every way in and out. What the rules allow stands in tables of the town's
-- version of them; what koban.decide thinks in is no table and lives with the functions
-- (functions/00_shapes.sql).

ALTER TYPE koban.outcome ADD VALUE 'recipient_unknown' AFTER 'terminal_revoked';
ALTER TYPE koban.outcome ADD VALUE 'way_unknown' AFTER 'recipient_unknown';
ALTER TYPE koban.outcome ADD VALUE 'not_sendable' AFTER 'way_unknown';
ALTER TYPE koban.outcome ADD VALUE 'over_day_limit' AFTER 'off_step';
ALTER TYPE koban.outcome ADD VALUE 'over_month_limit' AFTER 'over_day_limit';
ALTER TYPE koban.outcome ADD VALUE 'account_too_new' AFTER 'over_month_limit';
ALTER TYPE koban.outcome ADD VALUE 'not_accepted_here' BEFORE 'insufficient_funds';
ALTER TYPE koban.outcome ADD VALUE 'ticket_remainder' BEFORE 'insufficient_funds';
ALTER TYPE koban.outcome ADD VALUE 'value_held' BEFORE 'insufficient_funds';
ALTER TYPE koban.outcome ADD VALUE 'recipient_full' AFTER 'insufficient_funds';

-- -- the rules ----------------------------------------------------------------------------------------

-- `unit_yen`: what one ticket is worth, and the step in which it is spent. `groups`: the groups of
-- shops that take it; empty: all. `mixes` false: it pays a whole amount alone or not at all.
-- `expiry_date`: the instant at which it ends for everybody; `idle_days`: so long after the wallet
-- was last used (its lots then have no end of their own).
ALTER TABLE koban.instrument
    DROP CONSTRAINT instrument_kind_check,
    ADD CHECK (kind IN ('coin', 'points', 'voucher', 'ticket')),
    ADD COLUMN unit_yen bigint NOT NULL DEFAULT 1 CHECK (unit_yen > 0),
    ADD COLUMN groups text[] NOT NULL DEFAULT '{}',
    ADD COLUMN mixes boolean NOT NULL DEFAULT true,
    ADD COLUMN sendable boolean NOT NULL DEFAULT false,
    ADD COLUMN expiry_date timestamptz,
    ADD COLUMN idle_days integer;

-- A way of topping up. `account` is whose books the value comes from, where it is not a shop's.
-- `hold`: how long fresh value cannot be spent. An account younger than `young_age` tops up at most
-- `young_day_max` a day by this way. `outward`: value may also leave by it.
CREATE TABLE koban.way (
    town smallint NOT NULL,
    version integer NOT NULL,
    line smallint NOT NULL,
    code text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('shop', 'provider', 'serial', 'exchange')),
    account bigint CHECK ((account IS NULL) = (kind = 'shop')),
    instrument smallint NOT NULL,
    least bigint NOT NULL CHECK (least > 0),
    most bigint NOT NULL CHECK (most >= least),
    step bigint NOT NULL CHECK (step > 0),
    day_max bigint,
    month_max bigint,
    hold interval NOT NULL,
    young_age interval NOT NULL,
    young_day_max bigint,
    outward boolean NOT NULL,
    funder bigint NOT NULL,
    PRIMARY KEY (town, version, line),
    UNIQUE (town, version, code),
    FOREIGN KEY (town, version) REFERENCES koban.profile
);
INSERT INTO koban.way
SELECT p.town, p.version, 1, 'cash', 'shop', NULL, p.top_up_instrument, p.top_up_min, p.top_up_max,
    p.top_up_step, NULL, NULL, '0', '0', NULL, false, f.fund
FROM koban.profile p JOIN koban.fund f ON f.town = p.town AND f.code = 'user';

-- No `send_act_max`: nobody sends anything. `spent_grants` and `expired_lots`: what happens at a
-- reversal to granted points that are spent and to value that has expired.
ALTER TABLE koban.profile
    ADD COLUMN send_act_max bigint,
    ADD COLUMN send_day_max bigint,
    ADD COLUMN send_month_max bigint,
    ADD COLUMN spent_grants text NOT NULL DEFAULT 'absorb'
        CHECK (spent_grants IN ('absorb', 'block', 'debt')),
    ADD COLUMN extend_days integer;

-- The ways on which a grant is given; empty: all.
ALTER TABLE koban.grant_rule ADD COLUMN ways text[] NOT NULL DEFAULT '{}';

-- -- who takes part -----------------------------------------------------------------------------------

-- `groups`: a shop's. `used_at`: when a wallet last paid, topped up or sent.
ALTER TABLE koban.account
    DROP CONSTRAINT account_kind_check,
    ADD CHECK (kind IN ('wallet', 'shop', 'fund', 'town', 'provider', 'group')),
    ADD COLUMN groups text[],
    ADD COLUMN used_at timestamptz;

-- The account of each way that is not a shop's: a provider's, the serial cards', another company's.
CREATE TABLE koban.provider (
    town smallint NOT NULL,
    provider bigint NOT NULL,
    code text NOT NULL,
    PRIMARY KEY (town, provider),
    UNIQUE (town, code),
    FOREIGN KEY (town, provider) REFERENCES koban.account
);

-- Cards with a serial code, worth `amount` to who first redeems them. `card_digest` is SHA-256 of
-- the digits.
CREATE TABLE koban.serial_card (
    town smallint NOT NULL,
    card_digest bytea NOT NULL,
    batch bigint NOT NULL,
    way text NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    expires_at timestamptz NOT NULL,
    used_by uuid,
    PRIMARY KEY (town, card_digest)
);
CREATE INDEX serial_card_by_batch ON koban.serial_card (town, batch); -- serials: batches

-- -- the journal --------------------------------------------------------------------------------------

ALTER TABLE koban.entry
    DROP CONSTRAINT entry_kind_check,
    ADD CHECK (kind IN ('payment', 'top_up', 'reversal', 'send', 'gift', 'exchange')),
    ADD COLUMN way text;

-- Value of a fresh top-up that cannot be spent yet.
CREATE TABLE koban.hold (
    town smallint NOT NULL,
    wallet bigint NOT NULL,
    entry bigint NOT NULL,
    instrument smallint NOT NULL,
    until timestamptz NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    PRIMARY KEY (town, wallet, entry, instrument)
);
CREATE INDEX hold_by_end ON koban.hold (town, until); -- koban.rules_at

-- What a wallet owes of points that went back with a payment but were spent: positive where it
-- begins to owe, negative where later grants of the same kind and funder are withheld for it.
-- `expires_at` is the end of the lot that they are missing from, where it begins to owe.
CREATE TABLE koban.debt (
    town smallint NOT NULL,
    wallet bigint NOT NULL,
    entry bigint NOT NULL,
    instrument smallint NOT NULL,
    funder bigint NOT NULL,
    line smallint NOT NULL,
    expires_at timestamptz,
    amount bigint NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (town, wallet, entry, line)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON koban.debt
    FOR EACH STATEMENT EXECUTE FUNCTION koban.refuse_change();

-- migrate:down
