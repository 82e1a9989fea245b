-- migrate:up

-- How a town gives value: programmes and their budgets, campaigns, coupons, offers of places, points
-- that shops issue; and where value goes that has expired.

ALTER TYPE koban.outcome ADD VALUE 'activity_unknown' AFTER 'way_unknown';
ALTER TYPE koban.outcome ADD VALUE 'coupon_unknown' AFTER 'activity_unknown';
ALTER TYPE koban.outcome ADD VALUE 'coupon_closed' AFTER 'coupon_unknown';
ALTER TYPE koban.outcome ADD VALUE 'coupon_not_yours' AFTER 'coupon_closed';
ALTER TYPE koban.outcome ADD VALUE 'coupon_used' AFTER 'coupon_not_yours';
ALTER TYPE koban.outcome ADD VALUE 'coupon_not_here' AFTER 'coupon_used';
ALTER TYPE koban.outcome ADD VALUE 'coupons_not_together' AFTER 'coupon_not_here';
ALTER TYPE koban.outcome ADD VALUE 'already_granted' AFTER 'already_reversed';
ALTER TYPE koban.outcome ADD VALUE 'coupon_under_minimum' AFTER 'off_step';
ALTER TYPE koban.outcome ADD VALUE 'right_required' AFTER 'account_too_new';
ALTER TYPE koban.outcome ADD VALUE 'over_right' AFTER 'right_required';
ALTER TYPE koban.outcome ADD VALUE 'nothing_expired' AFTER 'value_spent';
ALTER TYPE koban.outcome ADD VALUE 'over_budget' AFTER 'nothing_expired';

-- -- the rules ----------------------------------------------------------------------------------------

-- Where several campaigns apply to one act: all of them, the one that gives most, or the first by
-- `campaign.priority`. Shops that issue points give `issue_points` of `issue_instrument` for each
-- whole `issue_yen` of a purchase of at most `issue_max` yen; no `issue_instrument`: none do.
ALTER TABLE koban.profile
    ADD COLUMN campaign_overlap text NOT NULL DEFAULT 'add'
        CHECK (campaign_overlap IN ('add', 'best', 'first')),
    ADD COLUMN issue_instrument smallint,
    ADD COLUMN issue_yen bigint CHECK (issue_yen > 0),
    ADD COLUMN issue_points bigint CHECK (issue_points > 0),
    ADD COLUMN issue_max bigint CHECK (issue_max > 0),
    ADD COLUMN issue_funder bigint,
    ADD CHECK (num_nonnulls(issue_instrument, issue_yen, issue_points, issue_max, issue_funder)
        IN (0, 5));

-- A `coupon` is value that exists within one payment only: its fund pays it into the wallet and the
-- wallet pays it on. `expired_to`: the purpose that has what expired; none: its fund.
ALTER TABLE koban.instrument
    DROP CONSTRAINT instrument_kind_check,
    ADD CHECK (kind IN ('coin', 'points', 'voucher', 'ticket', 'coupon')),
    ADD COLUMN expired_to bigint;

-- `needs_right`: only who was awarded a place tops up by it, up to what the place is worth.
ALTER TABLE koban.way ADD COLUMN needs_right boolean NOT NULL DEFAULT false;

-- -- who takes part -----------------------------------------------------------------------------------

ALTER TABLE koban.account
    DROP CONSTRAINT account_kind_check,
    ADD CHECK (kind IN ('wallet', 'shop', 'fund', 'town', 'provider', 'group', 'purpose'));

-- What expired value is for, where it does not go back to its fund: publicity, a donation.
CREATE TABLE koban.purpose (
    town smallint NOT NULL,
    purpose bigint NOT NULL,
    code text NOT NULL,
    PRIMARY KEY (town, purpose),
    UNIQUE (town, code),
    FOREIGN KEY (town, purpose) REFERENCES koban.account
);

-- `groups`: of terminals, for campaigns. `preset`: the activity for which it grants.
ALTER TABLE koban.terminal ADD COLUMN groups text[] NOT NULL DEFAULT '{}', ADD COLUMN preset text;

-- -- programmes and budgets ---------------------------------------------------------------------------

-- What a fund may give in all. `granted` is what it gave less what came back to it; `reserved` what
-- is promised (a list under way, coupons not used yet). The two never go beyond the ceiling. A fund
-- without a budget has no bound.
CREATE TABLE koban.budget (
    town smallint NOT NULL,
    fund bigint NOT NULL,
    ceiling bigint NOT NULL CHECK (ceiling >= 0),
    granted bigint NOT NULL DEFAULT 0,
    reserved bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    PRIMARY KEY (town, fund),
    FOREIGN KEY (town, fund) REFERENCES koban.fund,
    CONSTRAINT budget_never_overdrawn CHECK (granted + reserved <= ceiling)
) WITH (fillfactor = 50);

-- A department's programme gives one kind of value out of one fund.
CREATE TABLE koban.programme (
    town smallint NOT NULL,
    programme bigint NOT NULL,
    code text NOT NULL,
    department text NOT NULL,
    name text NOT NULL,
    fund bigint NOT NULL,
    instrument smallint NOT NULL,
    PRIMARY KEY (town, programme),
    UNIQUE (town, code),
    FOREIGN KEY (town, fund) REFERENCES koban.fund
);
CREATE SEQUENCE koban.programme_number START 1;

-- An event or activity of a programme: what taking part is worth. No `amount`: each grant says its
-- own, up to `amount_max`. `per_person`: how often one wallet gets it.
CREATE TABLE koban.activity (
    town smallint NOT NULL,
    code text NOT NULL,
    programme bigint NOT NULL,
    name text NOT NULL,
    amount bigint CHECK (amount > 0),
    amount_max bigint NOT NULL CHECK (amount_max > 0),
    per_person text NOT NULL CHECK (per_person IN ('once', 'daily', 'always')),
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
    PRIMARY KEY (town, code),
    CHECK (amount <= amount_max),
    FOREIGN KEY (town, programme) REFERENCES koban.programme
);

-- A grant by list: its rows' ids are those of the requests. The sum of what is `waiting` is reserved
-- in the budget; a row leaves that state in the transaction that decides it.
CREATE TABLE koban.grant_row (
    town smallint NOT NULL,
    id uuid NOT NULL,
    run bigint NOT NULL,
    line integer NOT NULL,
    wallet bigint NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'refused')),
    PRIMARY KEY (town, id),
    UNIQUE (town, run, line)
);
CREATE INDEX grant_row_waiting ON koban.grant_row (town, run, line) WHERE state = 'waiting'; -- grants: next_rows

-- -- campaigns ----------------------------------------------------------------------------------------

-- For a time, and within it on some days and at some hours (the town's), an act of `trigger` gives
-- so many basis points of what moved in `source` (none: of the whole payment; of the points issued).
-- No `fund`: the shop pays, which only issued points can do. Empty lists bound nothing. `entry_max`
-- and `person_max`: what it gives at most at once, and to one wallet. With dice the rate is
-- multiplied by the face's factor, drawn from `seed` and the payment's id (koban.face).
CREATE TABLE koban.campaign (
    town smallint NOT NULL,
    campaign bigint NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    trigger text NOT NULL CHECK (trigger IN ('top_up', 'payment', 'issue')),
    source smallint,
    instrument smallint NOT NULL,
    basis_points integer NOT NULL CHECK (basis_points BETWEEN 1 AND 100000),
    rounding text NOT NULL CHECK (rounding IN ('down', 'up', 'half_up')),
    fund bigint,
    entry_max bigint CHECK (entry_max > 0),
    person_max bigint CHECK (person_max > 0),
    priority smallint NOT NULL DEFAULT 100,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
    weekdays smallint[] NOT NULL DEFAULT '{}', -- 1 is Monday, 7 Sunday.
    month_days smallint[] NOT NULL DEFAULT '{}',
    from_minute smallint CHECK (from_minute BETWEEN 0 AND 1439), -- Minutes of the day.
    to_minute smallint CHECK (to_minute BETWEEN 1 AND 1440),
    shop_groups text[] NOT NULL DEFAULT '{}',
    shops bigint[] NOT NULL DEFAULT '{}',
    terminal_groups text[] NOT NULL DEFAULT '{}',
    face_weights integer[],
    face_factors integer[],
    seed bytea,
    stopped_at timestamptz,
    PRIMARY KEY (town, campaign),
    UNIQUE (town, code),
    CHECK (fund IS NOT NULL OR trigger = 'issue'),
    CHECK ((from_minute IS NULL) = (to_minute IS NULL)),
    CHECK (cardinality(face_weights) = cardinality(face_factors)),
    CHECK ((seed IS NULL) = (face_weights IS NULL))
);
CREATE INDEX campaign_by_end ON koban.campaign (town, ends_at); -- koban.rules_at
CREATE SEQUENCE koban.campaign_number START 1;

-- What a campaign gave with an entry. `face`: what the dice showed, counted from 1.
CREATE TABLE koban.campaign_grant (
    town smallint NOT NULL,
    campaign bigint NOT NULL,
    entry bigint NOT NULL,
    wallet bigint NOT NULL,
    amount bigint NOT NULL CHECK (amount >= 0),
    face smallint,
    PRIMARY KEY (town, campaign, entry)
);
CREATE INDEX campaign_grant_by_wallet ON koban.campaign_grant (town, campaign, wallet); -- decide: person_max
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON koban.campaign_grant
    FOR EACH STATEMENT EXECUTE FUNCTION koban.refuse_change();

-- -- offers of places: by draw, or first come first served --------------------------------------------

-- So many `places`, each a right to buy up to `amount` yen, or one use of a coupon, for at most one
-- wallet each. `reserve`: what each place keeps of the coupon's budget until it was used or its time
-- is over. `use_until`: from when on a place is worth nothing.
CREATE TABLE koban.offer (
    town smallint NOT NULL,
    offer bigint NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    gives text NOT NULL CHECK (gives IN ('right', 'coupon')),
    coupon bigint CHECK ((coupon IS NULL) = (gives = 'right')),
    amount bigint CHECK ((amount > 0) = (gives = 'right')),
    awarding text NOT NULL CHECK (awarding IN ('draw', 'first_come')),
    places integer NOT NULL CHECK (places > 0),
    awarded integer NOT NULL DEFAULT 0,
    reserve bigint NOT NULL DEFAULT 0 CHECK (reserve >= 0),
    opens_at timestamptz NOT NULL,
    closes_at timestamptz NOT NULL CHECK (closes_at > opens_at),
    use_until timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (town, offer),
    UNIQUE (town, code),
    CONSTRAINT offer_never_oversold CHECK (awarded <= places)
) WITH (fillfactor = 50);
CREATE SEQUENCE koban.offer_number START 1;

-- A place that a wallet has. Whoever is drawn without a wallet gets it when they come with their
-- number.
CREATE TABLE koban.award (
    town smallint NOT NULL,
    offer bigint NOT NULL,
    wallet bigint NOT NULL,
    place integer NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (town, offer, wallet),
    UNIQUE (town, offer, place),
    FOREIGN KEY (town, offer) REFERENCES koban.offer
);
CREATE INDEX award_by_wallet ON koban.award (town, wallet); -- decide: rights

-- A top-up by right of an award.
CREATE TABLE koban.right_use (
    town smallint NOT NULL,
    offer bigint NOT NULL,
    wallet bigint NOT NULL,
    id uuid NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    PRIMARY KEY (town, offer, wallet, id)
);

-- -- coupons ------------------------------------------------------------------------------------------

-- So many yen, or basis points of the payment up to `discount_max`, paid by a fund. Empty lists and
-- no value bound nothing, as in campaigns. `per_person`: how often one wallet uses it; `awarded`:
-- only who has a place of an offer of it; `survey`: only who answered that one; `mixes`: beside
-- other coupons.
CREATE TABLE koban.coupon (
    town smallint NOT NULL,
    coupon bigint NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    instrument smallint NOT NULL,
    fund bigint NOT NULL,
    discount bigint CHECK (discount > 0),
    basis_points integer CHECK (basis_points BETWEEN 1 AND 10000),
    discount_max bigint CHECK (discount_max > 0),
    minimum bigint NOT NULL DEFAULT 1 CHECK (minimum > 0),
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
    weekdays smallint[] NOT NULL DEFAULT '{}',
    month_days smallint[] NOT NULL DEFAULT '{}',
    from_minute smallint CHECK (from_minute BETWEEN 0 AND 1439),
    to_minute smallint CHECK (to_minute BETWEEN 1 AND 1440),
    shop_groups text[] NOT NULL DEFAULT '{}',
    shops bigint[] NOT NULL DEFAULT '{}',
    per_person integer CHECK (per_person > 0),
    awarded boolean NOT NULL DEFAULT false,
    survey bigint,
    mixes boolean NOT NULL DEFAULT false,
    stopped_at timestamptz,
    PRIMARY KEY (town, coupon),
    UNIQUE (town, code),
    CHECK (num_nonnulls(discount, basis_points) = 1),
    CHECK (discount_max IS NULL OR basis_points IS NOT NULL),
    CHECK ((from_minute IS NULL) = (to_minute IS NULL)),
    FOREIGN KEY (town, fund) REFERENCES koban.fund
);
CREATE SEQUENCE koban.coupon_number START 1;

-- A coupon that paid a part of a payment; `offer`: by a place of it.
CREATE TABLE koban.coupon_use (
    town smallint NOT NULL,
    coupon bigint NOT NULL,
    wallet bigint NOT NULL,
    id uuid NOT NULL,
    offer bigint,
    amount bigint NOT NULL CHECK (amount > 0),
    PRIMARY KEY (town, coupon, wallet, id)
);

-- One answer a wallet.
CREATE TABLE koban.survey_answer (
    town smallint NOT NULL,
    survey bigint NOT NULL,
    wallet bigint NOT NULL,
    at timestamptz NOT NULL,
    answers jsonb NOT NULL,
    PRIMARY KEY (town, survey, wallet)
);

-- The coupons that a shown code pays with.
ALTER TABLE koban.code ADD COLUMN coupons bigint[];

-- -- the journal --------------------------------------------------------------------------------------

-- `purchase`: the yen spent at the shop, for which it issued points.
ALTER TABLE koban.entry
    DROP CONSTRAINT entry_kind_check,
    ADD CHECK (kind IN ('payment', 'top_up', 'reversal', 'send', 'gift', 'exchange', 'grant',
        'issue', 'expiry')),
    ADD COLUMN purchase bigint CHECK (purchase > 0);

-- Lots by the end of their life, to find what has expired and whom to warn. It does not look at
-- `remaining`, or each payment's update of a lot would have to touch it.
CREATE INDEX lot_by_expiry ON koban.lot (town, expires_at) WHERE expires_at < 'infinity'; -- expiry: due, warnings

-- migrate:down
