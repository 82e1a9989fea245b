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
        p.version, p.payment_max, p.top_up_min, p.top_up_max, p.top_up_step, p.top_up_instrument,
        p.balance_cap, p.clerk_reversal_max, p.duplicate_window, p.question_ttl, p.reversal_window,
        (SELECT f.fund FROM koban.fund f WHERE f.town = _town AND f.code = 'user'),
        (SELECT array_agg(ROW(
                    i.instrument, i.code, i.spend_order,
                    koban.expiry(_now, i.expiry_months, i.expiry_days, i.expiry_at, t.time_zone)
                )::koban.instrument_rule ORDER BY i.spend_order, i.instrument)
            FROM koban.instrument i WHERE i.town = _town AND i.version = p.version),
        (SELECT array_agg(ROW(
                    g.trigger, g.source, g.instrument, g.basis_points, g.rounding, g.funder
                )::koban.grant_term ORDER BY g.line)
            FROM koban.grant_rule g WHERE g.town = _town AND g.version = p.version)
    )::koban.rules
    FROM koban.profile p JOIN koban.town t ON t.town = p.town
    WHERE p.town = _town AND p.valid_from <= _now
    ORDER BY p.valid_from DESC LIMIT 1
$$;
