-- The instant at which value given at `_now` stops being spendable. Months and days are counted in
-- the town's time zone; 'month_end' and 'day_end' then run to the end of that month or day.
CREATE OR REPLACE FUNCTION koban.expiry(
    _now timestamptz, _months integer, _days integer, _at text, _time_zone text
) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
DECLARE
    _local timestamp := (_now AT TIME ZONE _time_zone)
        + make_interval(months => coalesce(_months, 0), days => coalesce(_days, 0));
BEGIN
    IF _months IS NULL AND _days IS NULL THEN
        RETURN 'infinity';
    END IF;
    RETURN CASE _at
        WHEN 'month_end' THEN date_trunc('month', _local) + interval '1 month'
        WHEN 'day_end' THEN date_trunc('day', _local) + interval '1 day'
        ELSE _local
    END AT TIME ZONE _time_zone;
END;
$$;

-- The rules in force in a town at an instant, with the expiry that value given now would have, and
-- where the town's day and month begin. The ways in and out are left out (koban.with_ways): a payment
-- needs none.
DROP FUNCTION IF EXISTS koban.rules_at(smallint, timestamptz, boolean);
CREATE OR REPLACE FUNCTION koban.rules_at(_town smallint, _now timestamptz)
RETURNS koban.rules LANGUAGE sql STABLE AS $$
    SELECT ROW(
        p.version, p.payment_max, p.balance_cap, p.duplicate_window, p.question_ttl,
        p.reversal_window, p.reversal_maxes, p.spent_grants,
        CASE WHEN p.extend_days IS NOT NULL
            THEN koban.expiry(_now, NULL, p.extend_days, 'day_end', t.time_zone) END,
        p.send_act_max, p.send_day_max, p.send_month_max,
        date_trunc('day', _now, t.time_zone), date_trunc('month', _now, t.time_zone),
        NULL, NULL, -- Holds and debts are known only behind the wallets' locks.
        i.instruments, i.codes, i.expiries, i.units, i.mixes, i.bounded, i.transient, i.sendable,
        i.groups, i.idle_days, i.expired_tos,
        g.triggers, g.sources, g.places, g.basis_points, g.roundings, g.funders, g.ways,
        '{}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        p.campaign_overlap, array_position(i.instruments, p.issue_instrument), p.issue_yen,
        p.issue_points, p.issue_max, p.issue_funder,
        ARRAY(SELECT b.fund FROM koban.budget b WHERE b.town = _town ORDER BY b.fund), NULL
    )::koban.rules
    FROM koban.profile p
    JOIN koban.town t ON t.town = p.town
    JOIN LATERAL (
        SELECT array_agg(o.instrument) AS instruments, array_agg(o.code) AS codes,
            array_agg(coalesce(o.expiry_date, koban.expiry(
                _now, o.expiry_months, o.expiry_days, o.expiry_at, t.time_zone))) AS expiries,
            array_agg(o.unit_yen) AS units, array_agg(o.mixes) AS mixes,
            array_agg(o.unit_yen > 1 OR o.groups <> '{}' OR NOT o.mixes) AS bounded,
            array_agg(o.kind = 'coupon') AS transient,
            array_agg(o.sendable) AS sendable, array_agg(nullif(o.groups, '{}')::text) AS groups,
            array_agg(o.idle_days) AS idle_days, array_agg(o.expired_to) AS expired_tos
        FROM (
            SELECT * FROM koban.instrument n WHERE n.town = _town AND n.version = p.version
            ORDER BY n.spend_order, n.instrument
        ) o
    ) i ON true
    JOIN LATERAL (
        SELECT coalesce(array_agg(o.trigger), '{}') AS triggers,
            array_agg(array_position(i.instruments, o.source)) AS sources,
            array_agg(array_position(i.instruments, o.instrument)) AS places,
            array_agg(o.basis_points) AS basis_points, array_agg(o.rounding) AS roundings,
            array_agg(o.funder) AS funders, array_agg(nullif(o.ways, '{}')::text) AS ways
        FROM (
            SELECT * FROM koban.grant_rule n WHERE n.town = _town AND n.version = p.version
            ORDER BY n.line
        ) o
    ) g ON true
    WHERE p.town = _town AND p.valid_from <= _now
    ORDER BY p.valid_from DESC LIMIT 1
$$;

-- The same rules, with the ways in and out.
CREATE OR REPLACE FUNCTION koban.with_ways(_town smallint, _rules koban.rules)
RETURNS koban.rules LANGUAGE plpgsql STABLE AS $$
BEGIN
    SELECT coalesce(array_agg(o.code), '{}'), array_agg(o.kind), array_agg(o.account),
        array_agg(array_position(_rules.instruments, o.instrument)), array_agg(o.least),
        array_agg(o.most), array_agg(o.step), array_agg(o.day_max), array_agg(o.month_max),
        array_agg(o.hold), array_agg(o.young_age), array_agg(o.young_day_max),
        array_agg(o.outward), array_agg(o.funder), array_agg(o.needs_right)
    INTO _rules.way_codes, _rules.way_kinds, _rules.way_accounts, _rules.way_places,
        _rules.way_leasts, _rules.way_mosts, _rules.way_steps, _rules.way_day_maxes,
        _rules.way_month_maxes, _rules.way_holds, _rules.way_young_ages,
        _rules.way_young_day_maxes, _rules.way_outwards, _rules.way_funders, _rules.way_rights
    FROM (
        SELECT * FROM koban.way n WHERE n.town = _town AND n.version = _rules.version
        ORDER BY n.line
    ) o;
    RETURN _rules;
END;
$$;

-- Whether an instant is within some days and hours of the town's; no days or hours bound nothing.
-- Hours that end before they begin run past midnight and belong to the day on which they began.
CREATE OR REPLACE FUNCTION koban.within_hours(
    _now timestamptz, _time_zone text, _weekdays smallint[], _month_days smallint[],
    _from_minute smallint, _to_minute smallint
) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    _local timestamp := _now AT TIME ZONE _time_zone;
    _minute integer := extract(hour FROM _local) * 60 + extract(minute FROM _local);
BEGIN
    IF _from_minute > _to_minute AND _minute < _to_minute THEN
        _local := _local - interval '1 day';
    ELSIF _from_minute > _to_minute AND _minute < _from_minute
        OR _from_minute <= _to_minute AND (_minute < _from_minute OR _minute >= _to_minute) THEN
        RETURN false;
    END IF;
    RETURN (_weekdays = '{}' OR extract(isodow FROM _local)::smallint = ANY (_weekdays))
        AND (_month_days = '{}' OR extract(day FROM _local)::smallint = ANY (_month_days));
END;
$$;

-- The campaigns in force at an instant, the first by priority first.
CREATE OR REPLACE FUNCTION koban.campaigns_at(_town smallint, _now timestamptz)
RETURNS koban.campaign[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(c ORDER BY c.priority, c.campaign), '{}')
    FROM koban.campaign c
    JOIN koban.town t ON t.town = _town
    WHERE c.town = _town AND c.ends_at > _now AND c.starts_at <= _now
        AND coalesce(c.stopped_at > _now, true)
        AND koban.within_hours(
            _now, t.time_zone, c.weekdays, c.month_days, c.from_minute, c.to_minute)
$$;

-- The face that dice show for a payment: the first eight bytes of SHA-256 over the seed and the
-- payment's id, as a number modulo the sum of the weights, counted through the weights. Who makes
-- the id does not know the seed, and everybody can throw again once the seed is published.
CREATE OR REPLACE FUNCTION koban.face(_seed bytea, _id uuid, _weights integer[])
RETURNS integer LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    _digest bytea := sha256(_seed || uuid_send(_id));
    _number numeric := 0;
    _left bigint;
BEGIN
    FOR _i IN 0 .. 7 LOOP
        _number := _number * 256 + get_byte(_digest, _i);
    END LOOP;
    _left := _number % (SELECT sum(w) FROM unnest(_weights) w);
    FOR _face IN 1 .. cardinality(_weights) LOOP
        _left := _left - _weights[_face];
        IF _left < 0 THEN
            RETURN _face;
        END IF;
    END LOOP;
END;
$$;
