-- The shapes that koban.decide thinks in. No table has them, so they are made anew with the
-- functions (CASCADE takes those along). Lists that run in parallel are arrays of plain numbers and
-- not of rows: PL/pgSQL reads them several times faster.

DROP TYPE IF EXISTS koban.rules, koban.value, koban.draft, koban.gift, koban.request, koban.verdict,
    koban.written CASCADE;

-- Earlier forms of these would stand beside the present ones: their arguments name no shape.
DO $$
DECLARE
    _old regprocedure;
BEGIN
    FOR _old IN SELECT p.oid FROM pg_proc p
        WHERE p.pronamespace = 'koban'::regnamespace AND p.proname IN ('decide', 'preview')
    LOOP
        EXECUTE 'DROP FUNCTION ' || _old;
    END LOOP;
END;
$$;

-- The rules in force. Lists have one place an instrument (in the order of spending), a grant rule
-- (`grant_…`, naming instruments by their place), a way (`way_…`, likewise) or a fund with a budget
-- (`budget_…`). `holds` and `debts`: whether any wallet of the town has such now; `bounded`: whether
-- an instrument is not spent just like money; `transient`: whether it exists within one entry only.
CREATE TYPE koban.rules AS (
    version integer, payment_max bigint, balance_cap bigint, duplicate_window interval,
    question_ttl interval, reversal_window interval, reversal_maxes bigint[],
    spent_grants text, extended_expiry timestamptz,
    send_act_max bigint, send_day_max bigint, send_month_max bigint,
    day_start timestamptz, month_start timestamptz, holds boolean, debts boolean,
    instruments smallint[], codes text[], expiries timestamptz[], units bigint[], mixes boolean[],
    bounded boolean[], transient boolean[], sendable boolean[], groups text[], idle_days integer[],
    expired_tos bigint[],
    grant_triggers text[], grant_sources integer[], grant_places integer[],
    grant_basis_points integer[], grant_roundings text[], grant_funders bigint[],
    grant_ways text[],
    way_codes text[], way_kinds text[], way_accounts bigint[], way_places integer[],
    way_leasts bigint[], way_mosts bigint[], way_steps bigint[], way_day_maxes bigint[],
    way_month_maxes bigint[], way_holds interval[], way_young_ages interval[],
    way_young_day_maxes bigint[], way_outwards boolean[], way_funders bigint[],
    way_rights boolean[],
    overlap text, issue_place integer, issue_yen bigint, issue_points bigint, issue_max bigint,
    issue_funder bigint, budget_funds bigint[], budget_lefts bigint[]
);
CREATE TYPE koban.value AS (
    instrument smallint, expires_at timestamptz, funder bigint, amount bigint
);
-- A posting to be. `held`: the wallet has something in that lot already; NULL: the value only passes
-- through the wallet and no lot is touched.
CREATE TYPE koban.draft AS (
    from_account bigint, to_account bigint, instrument smallint, expires_at timestamptz,
    funder bigint, amount bigint, held boolean
);
-- What a campaign gives with an entry; `face`: what its dice showed.
CREATE TYPE koban.gift AS (
    campaign bigint, code text, place integer, fund bigint, amount bigint, face integer
);
-- A request with all that deciding it needs to know. `shop` is the other party, whatever it is:
-- `shop_kind` says. `moved_day` and `moved_month`: what the wallet has moved by the same way, or
-- sent, so far; `recipient_disused`: what the receiving wallet lost by not being used. `withheld`: what
-- the original would have granted, had the wallet not owed it. The wallet's lots, in the order of
-- spending, are in the five lists `lot_…`: `lot_ends` is when the wallet can spend it no more, before
-- `lot_expiries` where it was not used for too long.
-- `hindrance`: what keeps the request's own activity or coupons from it, `bound` the bound that is
-- meant. The coupons that pay are in the lists `coupon_…`. `given`: what the campaigns in force gave
-- the wallet so far, one place a campaign.
CREATE TYPE koban.request AS (
    n integer, id uuid, request_digest bytea, kind text,
    wallet bigint, wallet_state text, wallet_seq bigint, opened_at timestamptz,
    used_at timestamptz,
    shop bigint, shop_kind text, shop_state text, shop_name text, shop_groups text[],
    terminal bigint, terminal_state text, terminal_groups text[],
    code_digest bytea, code_purpose text, code_expires_at timestamptz, code_used_by uuid,
    code_amount bigint, way text, amount bigint, refers uuid, reason text, rank koban.rank,
    question_wallet bigint, question_at timestamptz, question_answered boolean,
    original_entry bigint, original_shop bigint, original_amount bigint,
    original_at timestamptz, original_postings koban.draft[],
    reversed_amount bigint, reclaimed koban.value[], withheld koban.value[],
    earlier uuid, earlier_at timestamptz,
    moved_day bigint, moved_month bigint, recipient_has bigint, recipient_disused koban.value[],
    hold_places integer[], hold_amounts bigint[],
    debt_places integer[], debt_funders bigint[], debt_amounts bigint[],
    hindrance koban.outcome, bound bigint, purchase bigint, activity text, grant_place integer,
    promised boolean, right_offer bigint, right_left bigint, given bigint[],
    coupons bigint[], coupon_places integer[], coupon_funds bigint[], coupon_amounts bigint[],
    coupon_offers bigint[], coupon_reserves bigint[],
    lot_places integer[], lot_expiries timestamptz[], lot_ends timestamptz[],
    lot_funders bigint[], lot_amounts bigint[]
);
-- What was decided about a request. `head` is its receipt up to the entry's number; `told` whether
-- the two parties are told, else the town alone. `debts` are changes of what the wallet owes. `gifts`
-- are what campaigns gave; the coupons that paid are as in the request.
CREATE TYPE koban.verdict AS (
    n integer, id uuid, request_digest bytea, outcome koban.outcome, kind text,
    wallet bigint, shop bigint, terminal bigint, way text, amount bigint, refers uuid, reason text,
    code_digest bytea, card boolean, from_wallet boolean, told boolean, postings koban.draft[],
    hold_until timestamptz, debts koban.value[],
    purchase bigint, promised boolean, right_offer bigint, gifts koban.gift[],
    coupons bigint[], coupon_funds bigint[], coupon_amounts bigint[], coupon_offers bigint[],
    coupon_reserves bigint[],
    head text, private text, payer_seq bigint, teller bigint
);
-- What a round of decisions wrote: answers in the order of the requests, events by number.
-- `event_others`: who else was told of the same.
CREATE TYPE koban.written AS (
    outcomes text[], receipts text[],
    event_numbers bigint[], event_accounts bigint[], event_others bigint[], event_seqs bigint[],
    event_kinds text[], event_subjects uuid[], event_bodies text[]
);
