-- migrate:up

-- The money of every town. Every key begins with the town and no foreign key crosses towns, so the
-- tables can be distributed by town. Journal tables (entry, posting, decision, event, seal) are
-- append-only: the trigger at the end refuses UPDATE and DELETE for everybody.

CREATE SCHEMA koban;

-- Outcomes in order of precedence: where several refusals apply, the first one here is given.
CREATE TYPE koban.outcome AS ENUM (
    'done', 'id_reused',
    'wallet_unknown', 'wallet_frozen',
    'code_unknown', 'code_expired', 'code_used', 'code_wrong_purpose',
    'shop_unknown', 'shop_closed', 'terminal_revoked',
    'payment_unknown', 'question_answered', 'question_expired', 'already_reversed',
    'reversal_too_late',
    'amount_required', 'amount_mismatch', 'over_reversible', 'over_clerk_limit',
    'over_limit', 'under_limit', 'off_step', 'over_balance_cap', 'value_spent',
    'duplicate_suspected', 'insufficient_funds'
);

-- One row a town. Its counters are advanced once a batch; whoever holds this row writes alone.
CREATE TABLE koban.town (
    town smallint PRIMARY KEY,
    code text NOT NULL UNIQUE,
    time_zone text NOT NULL,
    epoch bigint NOT NULL,
    last_entry bigint NOT NULL DEFAULT 0,
    last_event bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 10);

-- A version of the town's rules holds from `valid_from` until the next one's.
CREATE TABLE koban.profile (
    town smallint NOT NULL REFERENCES koban.town,
    version integer NOT NULL,
    valid_from timestamptz NOT NULL,
    source text NOT NULL,
    payment_max bigint NOT NULL CHECK (payment_max > 0),
    top_up_min bigint NOT NULL CHECK (top_up_min > 0),
    top_up_max bigint NOT NULL CHECK (top_up_max >= top_up_min),
    top_up_step bigint NOT NULL CHECK (top_up_step > 0),
    top_up_instrument smallint NOT NULL,
    balance_cap bigint NOT NULL CHECK (balance_cap > 0),
    clerk_reversal_max bigint NOT NULL CHECK (clerk_reversal_max >= 0),
    duplicate_window interval NOT NULL,
    question_ttl interval NOT NULL,
    code_ttl interval NOT NULL,
    reversal_window interval NOT NULL,
    PRIMARY KEY (town, version)
);
CREATE UNIQUE INDEX profile_by_instant ON koban.profile (town, valid_from); -- koban.rules_at

CREATE TABLE koban.instrument (
    town smallint NOT NULL,
    version integer NOT NULL,
    instrument smallint NOT NULL,
    code text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('coin', 'points')),
    spend_order smallint NOT NULL,
    expiry_months integer,
    expiry_days integer,
    expiry_at text NOT NULL CHECK (expiry_at IN ('instant', 'day_end', 'month_end')),
    PRIMARY KEY (town, version, instrument),
    FOREIGN KEY (town, version) REFERENCES koban.profile
);

-- Points given on a top-up or a payment: so many basis points of what moved in `source`.
CREATE TABLE koban.grant_rule (
    town smallint NOT NULL,
    version integer NOT NULL,
    line smallint NOT NULL,
    trigger text NOT NULL CHECK (trigger IN ('top_up', 'payment')),
    source smallint NOT NULL,
    instrument smallint NOT NULL,
    basis_points integer NOT NULL CHECK (basis_points BETWEEN 0 AND 100000),
    rounding text NOT NULL CHECK (rounding IN ('down', 'up', 'half_up')),
    funder bigint NOT NULL,
    PRIMARY KEY (town, version, line),
    FOREIGN KEY (town, version) REFERENCES koban.profile
);

-- `feed_seq` is the last event in the account's feed; `title` what receipts call it (a shop's name).
CREATE TABLE koban.account (
    town smallint NOT NULL,
    account bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('wallet', 'shop', 'fund', 'town')),
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'frozen', 'closed')),
    opened_at timestamptz NOT NULL,
    title text NOT NULL DEFAULT '',
    feed_seq bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (town, account)
) WITH (fillfactor = 60);
CREATE SEQUENCE koban.account_number START 1001;
CREATE SEQUENCE koban.shop_number MAXVALUE 999999; -- The six digits on a shop's sticker.

-- Who pays for value: the user's own money, the city's, ...
CREATE TABLE koban.fund (
    town smallint NOT NULL,
    fund bigint NOT NULL,
    code text NOT NULL,
    PRIMARY KEY (town, fund),
    UNIQUE (town, code),
    FOREIGN KEY (town, fund) REFERENCES koban.account
);

CREATE TABLE koban.shop (
    town smallint NOT NULL,
    shop bigint NOT NULL,
    code text NOT NULL CHECK (code ~ '^[0-9]{7}$'),
    kind text NOT NULL,
    area text NOT NULL,
    PRIMARY KEY (town, shop),
    UNIQUE (town, code),
    FOREIGN KEY (town, shop) REFERENCES koban.account
);

CREATE TABLE koban.terminal (
    town smallint NOT NULL,
    terminal bigint NOT NULL,
    shop bigint NOT NULL,
    label text NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'enrolled', 'revoked')),
    opened_at timestamptz NOT NULL,
    enrolled_at timestamptz,
    revoked_at timestamptz,
    PRIMARY KEY (town, terminal),
    FOREIGN KEY (town, shop) REFERENCES koban.shop
);
CREATE INDEX terminal_by_shop ON koban.terminal (town, shop); -- accounts: terminals
CREATE SEQUENCE koban.terminal_number START 1;

-- Value in a wallet of one instrument, one expiry and one source of funds. `remaining` is a running
-- total of the postings with the same key; verify recomputes it. Room is left on the pages so that
-- an update stays on its page and touches no index.
CREATE TABLE koban.lot (
    town smallint NOT NULL,
    wallet bigint NOT NULL,
    instrument smallint NOT NULL,
    expires_at timestamptz NOT NULL,
    funder bigint NOT NULL,
    remaining bigint NOT NULL,
    PRIMARY KEY (town, wallet, instrument, expires_at, funder),
    CONSTRAINT lot_never_negative CHECK (remaining >= 0)
) WITH (fillfactor = 60);

-- What a wallet shows to be scanned. `code_digest` is SHA-256 of the digits.
CREATE TABLE koban.code (
    town smallint NOT NULL,
    code_digest bytea NOT NULL,
    wallet bigint NOT NULL,
    purpose text NOT NULL CHECK (purpose IN ('pay', 'top_up')),
    amount bigint CHECK (amount > 0),
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_by uuid,
    PRIMARY KEY (town, code_digest)
);

-- The journal. `entry` numbers have no gaps within a town. `refers` is the id of the payment that a
-- reversal reverses, or of the refused command that a confirmed payment answers. `wallet_seq` and
-- `shop_seq` are its places in the two feeds, to tell whether the screens have shown it.
CREATE TABLE koban.entry (
    town smallint NOT NULL,
    entry bigint NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('payment', 'top_up', 'reversal')),
    at timestamptz NOT NULL,
    version integer NOT NULL,
    wallet bigint NOT NULL,
    wallet_seq bigint NOT NULL,
    shop bigint NOT NULL,
    shop_seq bigint NOT NULL,
    terminal bigint,
    amount bigint NOT NULL CHECK (amount > 0),
    refers uuid,
    reason text,
    PRIMARY KEY (town, entry)
);
CREATE INDEX entry_by_wallet ON koban.entry (town, wallet, at); -- decide: duplicates; history
CREATE INDEX entry_by_time ON koban.entry USING brin (at); -- outbox: unshown
CREATE INDEX entry_by_shop ON koban.entry (town, shop, at); -- shop_day, history
CREATE INDEX entry_by_reference ON koban.entry (town, refers) WHERE refers IS NOT NULL; -- decide: reversed so far, question answered

-- `amount` of `instrument` goes from one account to another, so every posting sums to zero by its
-- form. On the wallet's side it belongs to the lot (instrument, expires_at, funder).
CREATE TABLE koban.posting (
    town smallint NOT NULL,
    entry bigint NOT NULL,
    line smallint NOT NULL,
    from_account bigint NOT NULL,
    to_account bigint NOT NULL,
    instrument smallint NOT NULL,
    expires_at timestamptz NOT NULL,
    funder bigint NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    PRIMARY KEY (town, entry, line),
    CHECK (from_account <> to_account)
);

-- What was answered to a command, frozen: the same id gets the same receipt for ever. `private` is
-- what only the payer's copy says.
CREATE TABLE koban.decision (
    town smallint NOT NULL,
    id uuid NOT NULL,
    request_digest bytea NOT NULL,
    outcome koban.outcome NOT NULL,
    at timestamptz NOT NULL,
    entry bigint,
    wallet bigint,
    shop bigint,
    terminal bigint,
    amount bigint,
    receipt text NOT NULL,
    private text NOT NULL,
    PRIMARY KEY (town, id),
    CHECK ((outcome = 'done') = (entry IS NOT NULL))
);

-- The outbox. What is told is the decision's receipt, to the payer and to the teller (the shop; for
-- a refusal the town itself, account 0). Telling the teller is event `number` of the town, telling
-- the payer the number before it; neither these numbers nor the places in a feed (`_seq`) have gaps.
CREATE TABLE koban.event (
    town smallint NOT NULL,
    number bigint NOT NULL,
    kind text NOT NULL,
    subject uuid NOT NULL,
    payer bigint,
    payer_seq bigint,
    teller bigint NOT NULL,
    teller_seq bigint NOT NULL,
    PRIMARY KEY (town, number),
    CHECK ((payer IS NULL) = (payer_seq IS NULL))
);
CREATE UNIQUE INDEX event_by_payer ON koban.event (town, payer, payer_seq)
    WHERE payer IS NOT NULL; -- outbox: feed_after
CREATE UNIQUE INDEX event_by_teller ON koban.event (town, teller, teller_seq); -- outbox: feed_after

-- How far each account's screens have shown its feed.
CREATE TABLE koban.shown (
    town smallint NOT NULL,
    account bigint NOT NULL,
    seq bigint NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (town, account)
) WITH (fillfactor = 60);

-- The hash chain: `digest` covers the entries from first to last and the seal before.
CREATE TABLE koban.seal (
    town smallint NOT NULL,
    seal bigint NOT NULL,
    first_entry bigint NOT NULL,
    last_entry bigint NOT NULL,
    at timestamptz NOT NULL,
    digest bytea NOT NULL,
    PRIMARY KEY (town, seal),
    CHECK (first_entry <= last_entry)
);

CREATE FUNCTION koban.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only; correct it with a reversal', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END;
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON koban.entry
    FOR EACH STATEMENT EXECUTE FUNCTION koban.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON koban.posting
    FOR EACH STATEMENT EXECUTE FUNCTION koban.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON koban.decision
    FOR EACH STATEMENT EXECUTE FUNCTION koban.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON koban.seal
    FOR EACH STATEMENT EXECUTE FUNCTION koban.refuse_change();

-- The shapes that koban.decide thinks in. Lists that run in parallel are arrays of plain numbers and
-- not of rows: PL/pgSQL reads them several times faster.

-- `instruments`, `codes`, `spend_orders` and `expiries` have one place an instrument; the grants'
-- lists one a rule, naming instruments by their place.
CREATE TYPE koban.rules AS (
    version integer, payment_max bigint, top_up_min bigint, top_up_max bigint, top_up_step bigint,
    balance_cap bigint, clerk_reversal_max bigint, duplicate_window interval,
    question_ttl interval, reversal_window interval, user_fund bigint, top_up_place integer,
    instruments smallint[], codes text[], spend_orders smallint[], expiries timestamptz[],
    grant_triggers text[], grant_sources integer[], grant_places integer[],
    grant_basis_points integer[], grant_roundings text[], grant_funders bigint[]
);
CREATE TYPE koban.value AS (
    instrument smallint, expires_at timestamptz, funder bigint, amount bigint
);
-- A posting to be. `held`: the wallet has something in that lot already.
CREATE TYPE koban.draft AS (
    from_account bigint, to_account bigint, instrument smallint, expires_at timestamptz,
    funder bigint, amount bigint, held boolean
);
-- A request with all that deciding it needs to know. The wallet's lots, in the order of spending, are
-- in the four lists at the end.
CREATE TYPE koban.request AS (
    n integer, id uuid, request_digest bytea, kind text,
    wallet bigint, wallet_state text, wallet_seq bigint,
    shop bigint, shop_state text, shop_name text, terminal bigint, terminal_state text,
    code_digest bytea, code_purpose text, code_expires_at timestamptz, code_used_by uuid,
    code_amount bigint, amount bigint, refers uuid, reason text, manager boolean,
    question_wallet bigint, question_at timestamptz, question_answered boolean,
    original_entry bigint, original_shop bigint, original_amount bigint,
    original_at timestamptz, original_postings koban.draft[],
    reversed_amount bigint, reclaimed koban.value[],
    earlier uuid, earlier_at timestamptz,
    lot_places integer[], lot_expiries timestamptz[], lot_funders bigint[], lot_amounts bigint[]
);
-- What was decided about a request. `head` is its receipt up to the entry's number; `told` whether
-- the two parties are told, else the town alone.
CREATE TYPE koban.verdict AS (
    n integer, id uuid, request_digest bytea, outcome koban.outcome, kind text,
    wallet bigint, shop bigint, terminal bigint, amount bigint, refers uuid, reason text,
    code_digest bytea, from_wallet boolean, told boolean, postings koban.draft[],
    head text, private text, payer_seq bigint, teller bigint
);
-- What a round of decisions wrote: answers in the order of the requests, events by number.
CREATE TYPE koban.written AS (
    outcomes text[], receipts text[],
    event_numbers bigint[], event_accounts bigint[], event_seqs bigint[], event_kinds text[],
    event_subjects uuid[], event_bodies text[]
);

-- migrate:down
