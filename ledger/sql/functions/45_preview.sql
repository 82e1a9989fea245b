-- What a payment would come to, without making it: the same functions that decide are asked, and
-- nothing is written. No wallet is locked, so a payment that comes between changes the answer.

-- `asks`: the same was paid a moment ago, so the payer would be asked first. The lots that would be
-- used are in the four lists, in the order of spending; an expiry by disuse is told as it stands.
CREATE OR REPLACE FUNCTION koban.preview(
    _town smallint, _now timestamptz, _wallet bigint, _shop bigint, _amount bigint,
    _coupons text,
    OUT outcome text, OUT asks boolean, OUT receipt text,
    OUT instruments text[], OUT funders text[], OUT ends timestamptz[], OUT amounts bigint[]
) LANGUAGE plpgsql STABLE AS $$
DECLARE
    _rules koban.rules := koban.rules_at(_town, _now);
    -- Dice fall when something is paid, by its id: what they will show nobody can say.
    _campaigns koban.campaign[] := ARRAY(
        SELECT c FROM unnest(koban.campaigns_at(_town, _now)) c WHERE c.seed IS NULL);
    _request koban.request;
    _verdict koban.verdict;
BEGIN
    IF _rules IS NULL THEN
        RAISE EXCEPTION 'town % has no rules at %', _town, _now USING ERRCODE = 'no_data_found';
    END IF;
    _request := (koban.prepare(
        _town, _now, _rules, 1, '{1}', '{00000000-0000-0000-0000-000000000000}', '{NULL}', '{pay}',
        ARRAY[_wallet], ARRAY[_shop], '{NULL}', '{NULL}', '{NULL}', ARRAY[_amount], '{NULL}',
        '{NULL}', '{clerk}', ARRAY[_coupons]))[1];
    _request := koban.recall_burdens(_town, _now, _rules, _request);
    _rules.budget_lefts := ARRAY(
        SELECT b.ceiling - b.granted - b.reserved FROM koban.budget b
        WHERE b.town = _town ORDER BY b.fund);
    IF _request.coupons IS NOT NULL THEN
        _request := koban.recall_coupons(_town, _now, _rules, _request);
    END IF;
    _request := koban.recall_given(_town, _campaigns, _request);
    asks := _request.earlier IS NOT NULL;
    _request.earlier := NULL;
    _verdict := koban.verdict(
        _request, _rules, _campaigns, _now, extract(epoch FROM _now)::bigint * 1000);
    outcome := _verdict.outcome;
    receipt := _verdict.head || _verdict.private || '}';
    SELECT array_agg(_rules.codes[l.place] ORDER BY p.line),
        array_agg(f.code ORDER BY p.line), array_agg(l.ends ORDER BY p.line),
        array_agg(p.amount ORDER BY p.line)
    INTO instruments, funders, ends, amounts
    FROM unnest(_verdict.postings) WITH ORDINALITY
        p (from_account, to_account, instrument, expires_at, funder, amount, held, line)
    JOIN unnest(_request.lot_places, _request.lot_expiries, _request.lot_ends, _request.lot_funders)
        l (place, expires_at, ends, funder)
        ON _rules.instruments[l.place] = p.instrument AND l.expires_at = p.expires_at
        AND l.funder = p.funder
    JOIN koban.fund f ON f.town = _town AND f.fund = p.funder
    WHERE p.from_account = _wallet AND p.to_account = _shop;
END;
$$;

ALTER FUNCTION koban.preview SET enable_seqscan = off;
ALTER FUNCTION koban.preview SET enable_hashjoin = off;
ALTER FUNCTION koban.preview SET enable_mergejoin = off;
ALTER FUNCTION koban.preview SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION koban.preview SET jit = off;
