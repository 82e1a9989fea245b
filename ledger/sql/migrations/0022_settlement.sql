-- migrate:up

-- The settlement book (精算): what the town and its shops owe each other in yen for the entries of a
-- period. The journal of value says who holds value and is not touched by it; here each entry of a
-- shop is marked once, and the sums that were made of it stay as they were made.

-- -- what shops owe for it ----------------------------------------------------------------------------

-- What a shop pays the town, from an instant on, for what was moved: so many basis points of it and
-- so many yen an entry (`transfer`: yen a payment into its bank account). Of one shop, of a group, or
-- of all; for one kind of value, or every one. Never changed, only followed by another. Neither
-- points nor yen: from then on the more general rate holds again.
CREATE TABLE koban.fee_rate (
    town smallint NOT NULL,
    rate bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('redemption', 'issue', 'top_up', 'transfer')),
    shop bigint,
    shop_group text,
    instrument smallint,
    basis_points integer CHECK (basis_points BETWEEN 0 AND 10000),
    yen bigint CHECK (yen BETWEEN 0 AND 100000),
    valid_from timestamptz NOT NULL,
    set_by bigint,
    set_name text NOT NULL,
    set_at timestamptz NOT NULL,
    PRIMARY KEY (town, rate),
    CHECK (num_nonnulls(shop, shop_group) < 2),
    CHECK (num_nonnulls(basis_points, yen) IN (0, 2)),
    CHECK (kind <> 'transfer' OR instrument IS NULL AND coalesce(basis_points, 0) = 0),
    FOREIGN KEY (town, shop) REFERENCES koban.shop
);
CREATE SEQUENCE koban.fee_rate_number START 1;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON koban.fee_rate
    FOR EACH STATEMENT EXECUTE FUNCTION koban.refuse_change();

-- -- where shops are paid -----------------------------------------------------------------------------

-- A shop's bank account, a version each time it changes: the newest whose `valid_from` has come
-- holds. Number and holder's name are encrypted (ledger/vault.py) under the key `vault_key`;
-- `number_tail` is what people may be shown.
CREATE TABLE koban.bank_account (
    town smallint NOT NULL,
    shop bigint NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    bank_code text NOT NULL CHECK (bank_code ~ '^[0-9]{4}$'),
    branch_code text NOT NULL CHECK (branch_code ~ '^[0-9]{3}$'),
    account_type smallint NOT NULL CHECK (account_type IN (1, 2, 4, 9)),
    number_encrypted bytea NOT NULL,
    number_tail text NOT NULL CHECK (number_tail ~ '^[0-9]{3}$'),
    holder_encrypted bytea NOT NULL,
    vault_key smallint NOT NULL,
    valid_from timestamptz NOT NULL,
    set_by bigint,
    set_name text NOT NULL,
    set_at timestamptz NOT NULL,
    PRIMARY KEY (town, shop, version),
    FOREIGN KEY (town, shop) REFERENCES koban.shop
);

-- -- settlements --------------------------------------------------------------------------------------

-- A settlement of [from_at, until_at). `shop_group` and `shops`: whose, where it is not all's.
-- `payout_min` and `collection_min`: below so many yen an amount goes on to the next settlement.
-- Made by one, released by another; one that was not released may be discarded, and then its number
-- alone is left.
CREATE TABLE koban.settlement (
    town smallint NOT NULL,
    settlement bigint NOT NULL,
    from_at timestamptz NOT NULL,
    until_at timestamptz NOT NULL CHECK (until_at > from_at),
    scope text NOT NULL CHECK (scope IN ('all', 'group', 'shops')),
    shop_group text CHECK ((shop_group IS NULL) = (scope <> 'group')),
    shops bigint[] CHECK ((shops IS NULL) = (scope <> 'shops')),
    payout_min bigint NOT NULL CHECK (payout_min > 0),
    collection_min bigint NOT NULL CHECK (collection_min > 0),
    fee_rounding text NOT NULL CHECK (fee_rounding IN ('down', 'up', 'half_up')),
    remark text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'made' CHECK (state IN ('made', 'released', 'closed', 'discarded')),
    made_by bigint,
    made_name text NOT NULL,
    made_at timestamptz NOT NULL,
    released_by bigint,
    released_name text,
    released_at timestamptz,
    discarded_name text,
    discarded_at timestamptz,
    PRIMARY KEY (town, settlement),
    CHECK (released_by <> made_by),
    CHECK (released_name <> made_name),
    CHECK ((state IN ('released', 'closed')) = (released_at IS NOT NULL)),
    CHECK ((state = 'discarded') = (discarded_at IS NOT NULL))
);

-- The marks: an entry of a shop belongs to one settlement. No foreign keys: a month has a million of
-- them, and verify looks at each.
CREATE TABLE koban.settled_entry (
    town smallint NOT NULL,
    entry bigint NOT NULL,
    shop bigint NOT NULL,
    settlement bigint NOT NULL,
    PRIMARY KEY (town, entry)
);
CREATE INDEX settled_entry_by_settlement
    ON koban.settled_entry (town, settlement, shop); -- settlements: parts, discard

-- What a settlement says to one shop, in yen: net = accepted - topped_up - issued - fees + carried_in.
-- More than 0 is paid to the shop, less is collected from it. What was given back counts as less.
-- `fees`: all of them, `transfer_fee` being the one for the payment into its account. `carries`: the
-- net is too small to move and goes on to the next settlement, as does that of a line that `failed`;
-- `carried_to` is the settlement that took it on. `groups`: the shop's when it was made.
-- `bank_version`: the bank account as of the release.
CREATE TABLE koban.settlement_line (
    town smallint NOT NULL,
    settlement bigint NOT NULL,
    shop bigint NOT NULL,
    groups text[] NOT NULL,
    entries bigint NOT NULL,
    accepted bigint NOT NULL,
    topped_up bigint NOT NULL,
    issued bigint NOT NULL,
    fees bigint NOT NULL,
    transfer_fee bigint NOT NULL,
    carried_in bigint NOT NULL,
    net bigint NOT NULL,
    carries boolean NOT NULL,
    state text NOT NULL DEFAULT 'made' CHECK (state IN
        ('made', 'carried', 'released', 'in_file', 'paid', 'collected', 'failed')),
    bank_version integer,
    moved_at timestamptz, -- When it came into the state that it is in.
    reason text,
    carried_to bigint,
    PRIMARY KEY (town, settlement, shop),
    FOREIGN KEY (town, settlement) REFERENCES koban.settlement,
    FOREIGN KEY (town, shop) REFERENCES koban.shop,
    CHECK (net = accepted - topped_up - issued - fees + carried_in),
    CHECK (carries OR net <> 0),
    CHECK (transfer_fee = 0 OR net > 0 AND NOT carries),
    CHECK (carried_to IS NULL OR carried_to > settlement AND state IN ('carried', 'failed')),
    CHECK (state NOT IN ('paid') OR net > 0),
    CHECK (state NOT IN ('collected') OR net < 0)
);
CREATE INDEX settlement_line_by_shop
    ON koban.settlement_line (town, shop, settlement); -- settlements: usual, bank_accounts: changed
CREATE INDEX settlement_line_open ON koban.settlement_line (town, shop)
    WHERE state IN ('carried', 'failed') AND carried_to IS NULL; -- settlements: make_lines

-- Of what a line is made: by the town's day, by what was done (`reversal`: given back again, and then
-- below zero), by kind of value, by its funder, and by the rate of its fee (0: none was in force).
-- `entries` that began in it, so that each counts once.
CREATE TABLE koban.settlement_part (
    town smallint NOT NULL,
    settlement bigint NOT NULL,
    shop bigint NOT NULL,
    day date NOT NULL,
    kind text NOT NULL CHECK (kind IN ('payment', 'top_up', 'issue')),
    reversal boolean NOT NULL,
    instrument smallint NOT NULL,
    funder bigint NOT NULL,
    rate bigint NOT NULL,
    entries bigint NOT NULL,
    amount bigint NOT NULL,
    fee bigint NOT NULL,
    PRIMARY KEY (town, settlement, shop, day, kind, reversal, instrument, funder, rate),
    FOREIGN KEY (town, settlement, shop) REFERENCES koban.settlement_line,
    CHECK ((amount < 0) = reversal)
);

-- What each funder owes for value of its that was spent at the settlement's shops.
CREATE TABLE koban.settlement_charge (
    town smallint NOT NULL,
    settlement bigint NOT NULL,
    funder bigint NOT NULL,
    instrument smallint NOT NULL,
    amount bigint NOT NULL,
    PRIMARY KEY (town, settlement, funder, instrument),
    FOREIGN KEY (town, settlement) REFERENCES koban.settlement,
    FOREIGN KEY (town, funder) REFERENCES koban.fund
);

-- What a settlement says in yen is not changed; all of it goes when one that was not released is
-- discarded.
CREATE FUNCTION koban.refuse_unsettling() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT town, settlement FROM gone) g
        JOIN koban.settlement s USING (town, settlement) WHERE s.state <> 'made'
    ) THEN
        RAISE EXCEPTION '% keeps what was released; correct it in the next settlement', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END;
$$;
CREATE TRIGGER kept BEFORE UPDATE OR TRUNCATE ON koban.settled_entry
    FOR EACH STATEMENT EXECUTE FUNCTION koban.refuse_change();
CREATE TRIGGER kept BEFORE UPDATE OR TRUNCATE ON koban.settlement_part
    FOR EACH STATEMENT EXECUTE FUNCTION koban.refuse_change();
CREATE TRIGGER kept BEFORE UPDATE OR TRUNCATE ON koban.settlement_charge
    FOR EACH STATEMENT EXECUTE FUNCTION koban.refuse_change();
CREATE TRIGGER kept BEFORE UPDATE OF entries, accepted, topped_up, issued, fees, transfer_fee,
    carried_in, net, carries OR TRUNCATE ON koban.settlement_line
    FOR EACH STATEMENT EXECUTE FUNCTION koban.refuse_change();
CREATE TRIGGER released_stays AFTER DELETE ON koban.settled_entry
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION koban.refuse_unsettling();
CREATE TRIGGER released_stays AFTER DELETE ON koban.settlement_part
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION koban.refuse_unsettling();
CREATE TRIGGER released_stays AFTER DELETE ON koban.settlement_charge
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION koban.refuse_unsettling();
CREATE TRIGGER released_stays AFTER DELETE ON koban.settlement_line
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION koban.refuse_unsettling();

-- migrate:down
