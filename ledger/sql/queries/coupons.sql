-- name: fund_with_budget
-- A fund by its code, and its budget's ceiling where it has one.
SELECT f.fund, b.ceiling
FROM koban.fund f LEFT JOIN koban.budget b USING (town, fund)
WHERE f.town = $1 AND f.code = $2;

-- name: open_fund
-- A fund of its own for coupons, with a budget.
WITH opened AS (
    INSERT INTO koban.account (town, account, kind, title, opened_at)
    VALUES ($1, nextval('koban.account_number'), 'fund', $3, $5)
    RETURNING account
), fund AS (
    INSERT INTO koban.fund (town, fund, code) SELECT $1, account, $2 FROM opened
)
INSERT INTO koban.budget (town, fund, ceiling) SELECT $1, account, $4 FROM opened
RETURNING fund;

-- name: unknown_shops
-- Those of some numbers that are no shop's.
SELECT asked.shop FROM unnest($2::bigint[]) AS asked (shop)
WHERE NOT EXISTS (SELECT FROM koban.shop s WHERE s.town = $1 AND s.shop = asked.shop)
ORDER BY asked.shop;

-- name: survey_by_code
-- The survey whose answer a coupon asks for.
SELECT survey FROM koban.survey WHERE town = $1 AND code = $2;

-- name: add_coupon
-- A new coupon; no row where its code is taken.
INSERT INTO koban.coupon (
    town, coupon, code, name, instrument, fund, discount, basis_points, discount_max, minimum,
    starts_at, ends_at, weekdays, month_days, from_minute, to_minute, shop_groups, shops,
    per_person, awarded, survey, mixes
) VALUES (
    $1, nextval('koban.coupon_number'), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
    $15, $16, $17, $18, $19, $20, $21
)
ON CONFLICT (town, code) DO NOTHING
RETURNING coupon;

-- name: coupons
-- Coupons, newest first, with the budget behind them.
SELECT c.coupon, c.code, c.name, f.code AS fund, c.discount, c.basis_points, c.discount_max,
    c.minimum, c.starts_at, c.ends_at, c.weekdays, c.month_days, c.from_minute, c.to_minute,
    c.shop_groups, c.shops, c.per_person, c.awarded, s.code AS survey, c.mixes, i.code AS instrument,
    c.stopped_at, b.ceiling, b.granted, b.reserved
FROM koban.coupon c
JOIN koban.fund f USING (town, fund)
JOIN koban.budget b USING (town, fund)
JOIN LATERAL (
    SELECT n.code FROM koban.instrument n WHERE n.town = c.town AND n.instrument = c.instrument
    ORDER BY n.version DESC LIMIT 1
) i ON true
LEFT JOIN koban.survey s ON s.town = c.town AND s.survey = c.survey
WHERE c.town = :town
    AND c.coupon = ANY (:numbers::bigint[]) -- if numbers
    AND c.code = :code -- if code
    AND c.coupon < :before -- if before
ORDER BY c.coupon DESC LIMIT :limit;

-- name: uses
-- In how many payments coupons paid how much. What was given back whole was no use.
SELECT u.coupon, count(*) AS uses, sum(u.amount)::bigint AS paid
FROM koban.coupon_use u
JOIN koban.decision d ON d.town = u.town AND d.id = u.id
WHERE u.town = $1 AND u.coupon = ANY ($2::bigint[]) AND d.amount > coalesce((
    SELECT sum(e.amount) FROM koban.entry e
    WHERE e.town = u.town AND e.refers = u.id AND e.kind = 'reversal'), 0)
GROUP BY u.coupon;

-- name: stop_coupon
-- From an instant on a coupon pays nothing; no row where it was stopped before, or is over.
UPDATE koban.coupon SET stopped_at = $3
WHERE town = $1 AND coupon = $2 AND stopped_at IS NULL AND ends_at > $3 RETURNING coupon;

-- name: set_ceiling
-- What the budget behind a coupon may give in all; no row where more is given and promised.
UPDATE koban.budget b SET ceiling = $3
FROM koban.coupon c
WHERE c.town = $1 AND c.coupon = $2 AND b.town = c.town AND b.fund = c.fund
    AND b.granted + b.reserved <= $3
RETURNING b.ceiling;
