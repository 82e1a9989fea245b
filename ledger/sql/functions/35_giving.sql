-- What a town and its shops give: grants of activities, points that shops issue, coupons, campaigns;
-- and what leaves a wallet because it has expired.

-- What is left of a fund's budget; NULL: it has none, and no bound.
CREATE OR REPLACE FUNCTION koban.budget_left(_rules koban.rules, _fund bigint)
RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT _rules.budget_lefts[array_position(_rules.budget_funds, _fund)]
$$;

-- What is left of each budget when a fund gives so much of its own.
CREATE OR REPLACE FUNCTION koban.budgets_less(_rules koban.rules, _fund bigint, _amount bigint)
RETURNS bigint[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    _place integer := array_position(_rules.budget_funds, _fund);
BEGIN
    IF _place IS NOT NULL THEN
        _rules.budget_lefts[_place] := _rules.budget_lefts[_place] - _amount;
    END IF;
    RETURN _rules.budget_lefts;
END;
$$;

-- What is left of each budget after a verdict. What was promised to it is no longer kept apart.
CREATE OR REPLACE FUNCTION koban.budgets_after(_rules koban.rules, _verdict koban.verdict)
RETURNS bigint[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    _draft koban.draft;
    _place integer;
BEGIN
    IF _verdict.promised THEN
        _rules.budget_lefts := koban.budgets_less(
            _rules, _verdict.shop, -coalesce(_verdict.amount, 0));
    END IF;
    FOR _i IN 1 .. coalesce(cardinality(_verdict.coupon_funds), 0) LOOP
        CONTINUE WHEN _verdict.outcome <> 'done';
        _rules.budget_lefts := koban.budgets_less(
            _rules, _verdict.coupon_funds[_i], -_verdict.coupon_reserves[_i]);
    END LOOP;
    FOREACH _draft IN ARRAY coalesce(_verdict.postings, '{}') LOOP
        _place := array_position(_rules.budget_funds, _draft.from_account);
        IF _place IS NOT NULL THEN
            _rules.budget_lefts[_place] := _rules.budget_lefts[_place] - _draft.amount;
        END IF;
        _place := array_position(_rules.budget_funds, _draft.to_account);
        IF _place IS NOT NULL THEN
            _rules.budget_lefts[_place] := _rules.budget_lefts[_place] + _draft.amount;
        END IF;
    END LOOP;
    RETURN _rules.budget_lefts;
END;
$$;

-- Adds what a grant is for: the activity's fund, its kind of value, and what keeps it from this
-- wallet. A row of a list has its amount reserved already.
CREATE OR REPLACE FUNCTION koban.recall_grant(
    _town smallint, _now timestamptz, _rules koban.rules, _request koban.request
) RETURNS koban.request LANGUAGE plpgsql STABLE AS $$
DECLARE
    _activity koban.activity;
    _instrument smallint;
BEGIN
    SELECT a.* INTO _activity FROM koban.activity a
    WHERE a.town = _town AND a.code = _request.way;
    SELECT p.fund, p.instrument INTO _request.shop, _instrument FROM koban.programme p
    WHERE p.town = _town AND p.programme = _activity.programme;
    _request.grant_place := array_position(_rules.instruments, _instrument);
    _request.shop_kind := 'fund';
    _request.shop_state := 'open';
    _request.promised := EXISTS (
        SELECT FROM koban.grant_row r
        WHERE r.town = _town AND r.id = _request.id AND r.state = 'waiting');
    IF _request.grant_place IS NULL OR _rules.expiries[_request.grant_place] <= _now
        OR _now < _activity.starts_at OR _now >= _activity.ends_at THEN
        _request.hindrance := 'activity_unknown';
        RETURN _request;
    END IF;
    _request.activity := to_json(_activity.name)::text;
    _request.amount := coalesce(_request.amount, _activity.amount);
    _request.bound := _activity.amount_max;
    _request.hindrance := CASE
        WHEN _activity.per_person <> 'always' AND EXISTS (
            SELECT FROM koban.entry e
            WHERE e.town = _town AND e.wallet = _request.wallet AND e.kind = 'grant'
                AND e.way = _request.way
                AND (_activity.per_person = 'once' OR e.at >= _rules.day_start)
                AND e.amount > coalesce((
                    SELECT sum(back.amount) FROM koban.entry back
                    WHERE back.town = _town AND back.refers = e.id AND back.kind = 'reversal'), 0)
        ) THEN 'already_granted'
        WHEN _request.amount IS NULL OR _request.amount < 1 THEN 'amount_required'
        WHEN _request.amount <> _activity.amount THEN 'amount_mismatch'
        WHEN _request.amount > _activity.amount_max THEN 'over_limit'
        WHEN NOT _request.promised AND koban.budget_left(_rules, _request.shop) < _request.amount
            THEN 'over_budget'
        WHEN _request.amount % _rules.units[_request.grant_place] <> 0 THEN 'ticket_remainder'
        END;
    RETURN _request;
END;
$$;

-- A purchase becomes the points that the shop gives for it.
CREATE OR REPLACE FUNCTION koban.recall_issue(
    _rules koban.rules, _request koban.request, _now timestamptz
) RETURNS koban.request LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    _request.purchase := _request.amount;
    _request.hindrance := CASE
        WHEN _rules.issue_place IS NULL OR _rules.expiries[_rules.issue_place] <= _now
            THEN 'way_unknown'
        WHEN _request.purchase IS NULL OR _request.purchase < 1 THEN 'amount_required'
        WHEN _request.purchase > _rules.issue_max THEN 'over_limit'
        WHEN _request.purchase < _rules.issue_yen THEN 'under_limit'
        END;
    _request.bound := CASE _request.hindrance
        WHEN 'over_limit' THEN _rules.issue_max WHEN 'under_limit' THEN _rules.issue_yen END;
    IF _request.hindrance IS NULL THEN
        _request.amount := _request.purchase / _rules.issue_yen * _rules.issue_points;
    END IF;
    RETURN _request;
END;
$$;

-- Adds the award by whose right a wallet tops up: the one that is enough and ends soonest, else the
-- one with most left.
CREATE OR REPLACE FUNCTION koban.recall_right(
    _town smallint, _now timestamptz, _request koban.request
) RETURNS koban.request LANGUAGE plpgsql STABLE AS $$
BEGIN
    SELECT a.offer, a.amount - a.used INTO _request.right_offer, _request.right_left
    FROM (
        SELECT o.offer, o.amount * w.units AS amount, o.use_until, coalesce((
            SELECT sum(u.amount - coalesce((
                SELECT sum(back.amount) FROM koban.entry back
                WHERE back.town = _town AND back.refers = u.id AND back.kind = 'reversal'), 0))
            FROM koban.right_use u
            WHERE u.town = _town AND u.offer = o.offer AND u.wallet = _request.wallet), 0) AS used
        FROM koban.award w
        JOIN koban.offer o ON o.town = _town AND o.offer = w.offer
        WHERE w.town = _town AND w.wallet = _request.wallet AND o.gives = 'right'
            AND o.use_until > _now
    ) a
    ORDER BY a.amount - a.used >= _request.amount DESC,
        CASE WHEN a.amount - a.used >= _request.amount THEN a.use_until END,
        a.amount - a.used DESC, a.offer
    LIMIT 1;
    RETURN _request;
END;
$$;

-- How often a wallet has used a coupon, by one offer or at all. A payment given back whole is no use.
CREATE OR REPLACE FUNCTION koban.coupon_uses(
    _town smallint, _coupon bigint, _wallet bigint, _offer bigint
) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT count(*)
    FROM koban.coupon_use u
    JOIN koban.decision d ON d.town = _town AND d.id = u.id
    WHERE u.town = _town AND u.coupon = _coupon AND u.wallet = _wallet
        AND coalesce(u.offer = _offer, _offer IS NULL)
        AND d.amount > coalesce((
            SELECT sum(back.amount) FROM koban.entry back
            WHERE back.town = _town AND back.refers = u.id AND back.kind = 'reversal'), 0)
$$;

-- Adds what each coupon pays, in the order in which they were named, or the first reason by
-- precedence why one of them cannot be used.
CREATE OR REPLACE FUNCTION koban.recall_coupons(
    _town smallint, _now timestamptz, _rules koban.rules, _request koban.request
) RETURNS koban.request LANGUAGE plpgsql STABLE AS $$
DECLARE
    _coupon koban.coupon;
    _id bigint;
    _zone text := (SELECT t.time_zone FROM koban.town t WHERE t.town = _town);
    _left bigint := _request.amount;
    _place integer;
    _paid bigint;
    _offer bigint;
    _reserve bigint;
    _hindrance koban.outcome;
BEGIN
    FOREACH _id IN ARRAY _request.coupons LOOP
        SELECT c.* INTO _coupon FROM koban.coupon c WHERE c.town = _town AND c.coupon = _id;
        _place := array_position(_rules.instruments, _coupon.instrument);
        IF _place IS NULL OR _coupon.stopped_at <= _now THEN
            _request.hindrance := 'coupon_unknown';
            RETURN _request;
        END IF;
        _offer := NULL;
        _reserve := 0;
        IF _coupon.awarded THEN
            -- What a place reserves is let go with its first use, and not kept again.
            SELECT o.offer, CASE WHEN EXISTS (
                SELECT FROM koban.coupon_use u WHERE u.town = _town AND u.coupon = _id
                    AND u.wallet = _request.wallet AND u.offer = o.offer
            ) THEN 0 ELSE o.reserve END
            INTO _offer, _reserve
            FROM koban.award a
            JOIN koban.offer o ON o.town = _town AND o.offer = a.offer
            WHERE a.town = _town AND a.wallet = _request.wallet AND o.coupon = _id
                AND o.use_until > _now AND o.ended_at IS NULL
                AND koban.coupon_uses(_town, _id, _request.wallet, o.offer) = 0
            ORDER BY o.use_until, o.offer LIMIT 1;
        END IF;
        -- No more than can be paid at all, or an absurd amount would be beyond what a number can say.
        _paid := least(coalesce(_coupon.discount, least(
            koban.share(least(_request.amount, _rules.payment_max), _coupon.basis_points, 'down'),
            _coupon.discount_max)), _left);
        _hindrance := CASE
            WHEN _now < _coupon.starts_at OR _now >= _coupon.ends_at OR NOT koban.within_hours(
                _now, _zone, _coupon.weekdays, _coupon.month_days, _coupon.from_minute,
                _coupon.to_minute) THEN 'coupon_closed'
            WHEN _coupon.survey IS NOT NULL AND NOT EXISTS (
                SELECT FROM koban.survey_answer s WHERE s.town = _town
                    AND s.survey = _coupon.survey AND s.wallet = _request.wallet
            ) THEN 'coupon_not_yours'
            WHEN _coupon.awarded AND _offer IS NULL THEN CASE
                WHEN koban.coupon_uses(_town, _id, _request.wallet, NULL) > 0 THEN 'coupon_used'
                ELSE 'coupon_not_yours' END
            WHEN koban.coupon_uses(_town, _id, _request.wallet, NULL) >= _coupon.per_person
                THEN 'coupon_used'
            WHEN _coupon.shops <> '{}' AND _request.shop <> ALL (_coupon.shops)
                OR _coupon.shop_groups <> '{}'
                AND NOT _coupon.shop_groups && coalesce(_request.shop_groups, '{}')
                THEN 'coupon_not_here'
            WHEN cardinality(_request.coupons) > 1 AND NOT _coupon.mixes
                OR cardinality(array_positions(_request.coupons, _id)) > 1
                THEN 'coupons_not_together'
            WHEN _request.amount < _coupon.minimum OR _paid < 1 THEN 'coupon_under_minimum'
            WHEN koban.budget_left(_rules, _coupon.fund) + _reserve < _paid THEN 'over_budget'
            END;
        IF _hindrance = 'coupon_under_minimum' THEN
            _request.bound := _coupon.minimum;
        END IF;
        _request.hindrance := least(_request.hindrance, _hindrance);
        CONTINUE WHEN _hindrance IS NOT NULL;
        _left := _left - _paid;
        _rules.budget_lefts := koban.budgets_less(_rules, _coupon.fund, _paid - _reserve);
        _request.coupon_places := _request.coupon_places || _place;
        _request.coupon_funds := _request.coupon_funds || _coupon.fund;
        _request.coupon_amounts := _request.coupon_amounts || _paid;
        _request.coupon_offers := _request.coupon_offers || _offer;
        _request.coupon_reserves := _request.coupon_reserves || _reserve;
    END LOOP;
    RETURN _request;
END;
$$;

-- Adds what the campaigns that bound it have given to the wallet so far.
CREATE OR REPLACE FUNCTION koban.recall_given(
    _town smallint, _campaigns koban.campaign[], _request koban.request
) RETURNS koban.request LANGUAGE plpgsql STABLE AS $$
BEGIN
    _request.given := ARRAY(
        SELECT CASE WHEN c.person_max IS NOT NULL THEN coalesce((
            SELECT sum(g.amount) FROM koban.campaign_grant g
            WHERE g.town = _town AND g.campaign = c.campaign AND g.wallet = _request.wallet), 0) END
        FROM unnest(_campaigns) WITH ORDINALITY c ORDER BY c.ordinality);
    RETURN _request;
END;
$$;

-- What the campaigns in force give on an act: all of them, the one that gives most, or the first, as
-- the town's rule says. `_moved` is what moved by instrument. A fund that has not enough left gives
-- nothing.
CREATE OR REPLACE FUNCTION koban.gifts(
    _request koban.request, _rules koban.rules, _campaigns koban.campaign[], _kind text,
    _moved bigint[], _now timestamptz
) RETURNS koban.gift[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    _campaign koban.campaign;
    _all koban.gift[] := '{}';
    _best koban.gift;
    _gift koban.gift;
    _place integer;
    _face integer;
    _base bigint;
    _amount bigint;
BEGIN
    FOR _i IN 1 .. cardinality(_campaigns) LOOP
        _campaign := _campaigns[_i];
        CONTINUE WHEN _campaign.trigger <> _kind
            OR _campaign.shops <> '{}' AND _request.shop <> ALL (_campaign.shops)
            OR _campaign.shop_groups <> '{}'
                AND NOT _campaign.shop_groups && coalesce(_request.shop_groups, '{}')
            OR _campaign.terminal_groups <> '{}'
                AND NOT _campaign.terminal_groups && coalesce(_request.terminal_groups, '{}');
        _place := array_position(_rules.instruments, _campaign.instrument);
        CONTINUE WHEN _place IS NULL OR _rules.expiries[_place] <= _now
            -- What a shop pays itself is more of what it issues.
            OR _campaign.fund IS NULL AND _place <> _rules.issue_place;
        _base := 0;
        FOR _from IN 1 .. cardinality(_moved) LOOP
            IF coalesce(
                _rules.instruments[_from] = _campaign.source, NOT _rules.transient[_from]) THEN
                _base := _base + _moved[_from];
            END IF;
        END LOOP;
        _face := NULL;
        IF _campaign.seed IS NOT NULL THEN
            _face := koban.face(_campaign.seed, _request.id, _campaign.face_weights);
        END IF;
        _amount := koban.share(_base, _campaign.basis_points
            * coalesce(_campaign.face_factors[_face], 1), _campaign.rounding);
        _amount := greatest(least(
            _amount, _campaign.entry_max, _campaign.person_max - _request.given[_i]), 0);
        _amount := _amount - _amount % _rules.units[_place];
        IF koban.budget_left(_rules, _campaign.fund) < _amount THEN
            _amount := 0;
        END IF;
        CONTINUE WHEN _amount = 0 AND _face IS NULL;
        _gift := ROW(_campaign.campaign, _campaign.code, _place, _campaign.fund, _amount, _face);
        IF _rules.overlap = 'add' THEN
            _all := _all || _gift;
            _rules.budget_lefts := koban.budgets_less(_rules, _campaign.fund, _amount);
        ELSIF _best IS NULL OR _rules.overlap = 'best' AND _amount > _best.amount THEN
            _best := _gift;
            EXIT WHEN _rules.overlap = 'first';
        END IF;
    END LOOP;
    RETURN CASE WHEN _best IS NULL THEN _all ELSE ARRAY[_best] END;
END;
$$;

-- The postings by which what has expired leaves for one fund or purpose, lot by lot.
CREATE OR REPLACE FUNCTION koban.expired(
    _request koban.request, _rules koban.rules, _now timestamptz
) RETURNS koban.draft[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    _drafts koban.draft[] := '{}';
    _place integer;
BEGIN
    FOR _i IN 1 .. cardinality(_request.lot_amounts) LOOP
        _place := _request.lot_places[_i];
        IF _request.lot_ends[_i] <= _now AND _request.shop
            = coalesce(_rules.expired_tos[_place], _request.lot_funders[_i]) THEN
            _drafts := _drafts || ROW(
                _request.wallet, _request.shop, _rules.instruments[_place],
                _request.lot_expiries[_i], _request.lot_funders[_i], _request.lot_amounts[_i], true
                )::koban.draft;
        END IF;
    END LOOP;
    RETURN _drafts;
END;
$$;

-- Writes what a round gave: how far each budget is used, which rows of lists are settled, what
-- campaigns gave, which coupons and awards were used. Behind the town's lock, as all writing.
CREATE OR REPLACE FUNCTION koban.write_giving(_town smallint, _verdicts koban.verdict[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- A row of a list is settled, and nothing is kept for it any more, whatever became of it.
    WITH settled AS (
        UPDATE koban.grant_row r
        SET state = CASE v.outcome WHEN 'done' THEN 'done' ELSE 'refused' END
        FROM unnest(_verdicts) v
        WHERE v.promised AND r.town = _town AND r.id = v.id
        RETURNING v.shop AS fund, r.amount
    ), freed AS (
        SELECT s.fund, s.amount FROM settled s
        UNION ALL
        SELECT c.fund, c.reserve
        FROM unnest(_verdicts) v, unnest(v.coupon_funds, v.coupon_reserves) c (fund, reserve)
        WHERE v.outcome = 'done'
    ), moved AS (
        SELECT p.from_account AS fund, p.amount, 0::bigint AS freed
        FROM unnest(_verdicts) v, unnest(v.postings) p
        UNION ALL
        SELECT p.to_account, -p.amount, 0 FROM unnest(_verdicts) v, unnest(v.postings) p
        UNION ALL
        SELECT f.fund, 0, f.amount FROM freed f
    )
    UPDATE koban.budget b SET granted = b.granted + m.amount, reserved = b.reserved - m.freed
    FROM (
        SELECT _town AS town, fund, sum(amount) AS amount, sum(freed) AS freed
        FROM moved GROUP BY fund
    ) m
    WHERE b.town = m.town AND b.fund = m.fund AND (m.amount <> 0 OR m.freed <> 0);

    INSERT INTO koban.campaign_grant (town, campaign, entry, wallet, amount, face)
    SELECT _town, g.campaign, d.entry, v.wallet, g.amount, g.face
    FROM unnest(_verdicts) v
    JOIN koban.decision d ON d.town = _town AND d.id = v.id
    CROSS JOIN unnest(v.gifts) g
    WHERE v.outcome = 'done';

    INSERT INTO koban.coupon_use (town, coupon, wallet, id, offer, amount)
    SELECT _town, c.coupon, v.wallet, v.id, c.offer, c.amount
    FROM unnest(_verdicts) v,
        unnest(v.coupons, v.coupon_offers, v.coupon_amounts) c (coupon, offer, amount)
    WHERE v.outcome = 'done' AND c.amount IS NOT NULL;

    INSERT INTO koban.right_use (town, offer, wallet, id, amount)
    SELECT _town, v.right_offer, v.wallet, v.id, v.amount
    FROM unnest(_verdicts) v
    WHERE v.outcome = 'done' AND v.right_offer IS NOT NULL;
END;
$$;
