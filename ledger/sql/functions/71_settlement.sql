-- What a shop pays for what was moved, at an instant.

-- The rate in force: of the newest rate for each of the shop, its groups and all, and there for the
-- kind of value and for every kind, the most specific that has not ended; of two groups' the newer.
-- None: nothing is to be paid.
CREATE OR REPLACE FUNCTION koban.fee_at(
    _town smallint, _kind text, _shop bigint, _groups text[], _instrument smallint, _at timestamptz
) RETURNS TABLE (rate bigint, basis_points integer, yen bigint) LANGUAGE sql STABLE AS $$
    SELECT n.rate, n.basis_points, n.yen
    FROM (
        SELECT DISTINCT ON (f.shop, f.shop_group, f.instrument) f.*
        FROM koban.fee_rate f
        WHERE f.town = _town AND f.kind = _kind AND f.valid_from <= _at
            AND (f.shop IS NULL OR f.shop = _shop)
            AND (f.shop_group IS NULL OR f.shop_group = ANY (_groups))
            AND (f.instrument IS NULL OR f.instrument = _instrument)
        ORDER BY f.shop, f.shop_group, f.instrument, f.valid_from DESC, f.rate DESC
    ) n
    WHERE n.basis_points IS NOT NULL
    ORDER BY n.shop IS NULL, n.shop_group IS NULL, n.instrument IS NULL, n.valid_from DESC,
        n.rate DESC
    LIMIT 1
$$;

-- Ten-thousandths of a yen as yen. Given back, a fee is as much as it was when it was taken, so what
-- is below zero is rounded as what is above.
CREATE OR REPLACE FUNCTION koban.whole_yen(_parts numeric, _rounding text) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
    SELECT (sign(_parts) * CASE _rounding
        WHEN 'down' THEN floor(abs(_parts) / 10000)
        WHEN 'up' THEN ceil(abs(_parts) / 10000)
        ELSE floor((abs(_parts) + 5000) / 10000) END)::bigint
$$;
