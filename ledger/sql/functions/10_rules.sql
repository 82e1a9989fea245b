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

-- The rules in force in a town at an instant, with the expiry that value given now would have.
CREATE OR REPLACE FUNCTION koban.rules_at(_town smallint, _now timestamptz)
RETURNS koban.rules LANGUAGE sql STABLE AS $$
    SELECT ROW(
        p.version, p.payment_max, p.top_up_min, p.top_up_max, p.top_up_step, p.balance_cap,
        p.duplicate_window, p.question_ttl, p.reversal_window,
        (SELECT f.fund FROM koban.fund f WHERE f.town = _town AND f.code = 'user'),
        array_position(i.instruments, p.top_up_instrument),
        i.instruments, i.codes, i.spend_orders, i.expiries,
        g.triggers, g.sources, g.places, g.basis_points, g.roundings, g.funders,
        p.reversal_maxes
    )::koban.rules
    FROM koban.profile p
    JOIN koban.town t ON t.town = p.town
    JOIN LATERAL (
        SELECT array_agg(o.instrument) AS instruments, array_agg(o.code) AS codes,
            array_agg(o.spend_order) AS spend_orders,
            array_agg(koban.expiry(
                _now, o.expiry_months, o.expiry_days, o.expiry_at, t.time_zone)) AS expiries
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
            array_agg(o.funder) AS funders
        FROM (
            SELECT * FROM koban.grant_rule n WHERE n.town = _town AND n.version = p.version
            ORDER BY n.line
        ) o
    ) g ON true
    WHERE p.town = _town AND p.valid_from <= _now
    ORDER BY p.valid_from DESC LIMIT 1
$$;
