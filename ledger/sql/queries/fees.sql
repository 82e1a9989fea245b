-- name: set
-- A rate; nothing where there is no such shop.
INSERT INTO koban.fee_rate (town, rate, kind, shop, shop_group, instrument, basis_points, yen,
    valid_from, set_by, set_name, set_at)
SELECT $1::smallint, nextval('koban.fee_rate_number'), $2::text, $3::bigint, $4::text, $5::smallint,
    $6::integer, $7::bigint, $8::timestamptz, $9::bigint, $10::text, $11::timestamptz
WHERE $3::bigint IS NULL
    OR EXISTS (SELECT FROM koban.shop WHERE town = $1::smallint AND shop = $3::bigint)
RETURNING rate;

-- name: rates
-- Every rate, with the instant from which another of the same kind, shops and value holds.
SELECT f.rate, f.kind, f.shop, s.code, f.shop_group, f.instrument, f.basis_points, f.yen,
    f.valid_from, lead(f.valid_from) OVER later,
    f.set_name, f.set_at
FROM koban.fee_rate f LEFT JOIN koban.shop s ON s.town = f.town AND s.shop = f.shop
WHERE f.town = $1
WINDOW later AS (
    PARTITION BY f.kind, f.shop, f.shop_group, f.instrument ORDER BY f.valid_from, f.rate)
ORDER BY f.kind, f.shop IS NOT NULL, f.shop_group IS NOT NULL, f.shop_group, s.code,
    f.instrument NULLS FIRST, f.valid_from DESC, f.rate DESC;

-- name: due
-- What holds for a shop at an instant.
SELECT f.rate, f.basis_points, f.yen
FROM koban.account a
CROSS JOIN LATERAL koban.fee_at($1::smallint, $2::text, $3::bigint, a.groups, $4::smallint,
    $5::timestamptz) f
WHERE a.town = $1 AND a.account = $3;
