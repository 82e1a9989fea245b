-- name: bound_time
-- No look at the past takes longer than this, whatever else the town is doing.
SELECT set_config('statement_timeout', $1, true);

-- name: cost
-- What a campaign would have given on the acts of a time that has passed: in all, and at the shops
-- where it would have given most. Acts that were given back whole are left out. `$15` and `$16` are
-- the dice's weights and factors (one face that multiplies by one where there are none), of which
-- the mean is taken; `$17` is what the fund may still give.
WITH coupons AS (
    -- Kinds of value that are there within one payment only; what they pay gives nothing.
    SELECT coalesce(array_agg(DISTINCT instrument), '{}') AS instruments FROM koban.instrument
    WHERE town = $1 AND kind = 'coupon'
), acts AS (
    SELECT e.entry, e.at, e.wallet, e.shop,
        CASE WHEN e.kind = 'issue' THEN e.amount - (
            -- What the shop gave for other campaigns is in the amount.
            SELECT coalesce(sum(g.amount), 0) FROM koban.campaign_grant g
            JOIN koban.campaign c ON c.town = g.town AND c.campaign = g.campaign AND c.fund IS NULL
            WHERE g.town = $1 AND g.entry = e.entry AND g.campaign = ANY (
                SELECT campaign FROM koban.campaign WHERE town = $1))
        ELSE (
            SELECT coalesce(sum(p.amount), 0) FROM koban.posting p
            WHERE p.town = $1 AND p.entry = e.entry AND e.shop IN (p.from_account, p.to_account)
                AND CASE WHEN $5::smallint IS NULL THEN p.instrument <> ALL (coupons.instruments)
                    ELSE p.instrument = $5 END) END::bigint AS base
    FROM koban.entry e
    JOIN koban.town t ON t.town = e.town
    CROSS JOIN coupons
    LEFT JOIN koban.account a ON a.town = e.town AND a.account = e.shop
    LEFT JOIN koban.terminal m ON m.town = e.town AND m.terminal = e.terminal
    WHERE e.town = $1 AND e.at >= $2 AND e.at < $3 AND e.kind = $4
        AND koban.within_hours(e.at, t.time_zone, $8::smallint[], $9::smallint[], $10::smallint,
            $11::smallint)
        AND ($12::text[] = '{}' OR a.groups && $12::text[])
        AND ($13::bigint[] = '{}' OR e.shop = ANY ($13::bigint[]))
        AND ($14::text[] = '{}' OR m.groups && $14::text[])
        AND e.amount > coalesce((
            SELECT sum(back.amount) FROM koban.entry back
            WHERE back.town = $1 AND back.refers = e.id AND back.kind = 'reversal'), 0)
), shares AS (
    SELECT o.*, (
        SELECT sum(f.weight * least(koban.share(o.base, $6::integer * f.factor, $7), $18::bigint))
            / sum(f.weight)
        FROM unnest($15::integer[], $16::integer[]) f (weight, factor)) AS share
    FROM acts o
), sums AS (
    SELECT s.*, sum(s.share) OVER (PARTITION BY s.wallet ORDER BY s.entry) AS so_far FROM shares s
), gifts AS (
    -- Up to what one person gets at most.
    SELECT s.*, least(s.so_far, $19::bigint) - least(s.so_far - s.share, $19::bigint) AS amount
    FROM sums s
), spent AS (
    SELECT g.*, sum(g.amount) OVER (ORDER BY g.entry) AS so_much FROM gifts g
), totals AS (
    SELECT s.shop, grouping(s.shop) = 1 AS town, count(*) AS acts,
        count(DISTINCT s.wallet) AS people, ceil(sum(s.amount))::bigint AS amount,
        min(s.at) FILTER (WHERE s.so_much > $17::bigint) AS used_up_at
    FROM spent s WHERE s.amount > 0
    GROUP BY GROUPING SETS ((), (s.shop))
    ORDER BY town DESC, amount DESC NULLS LAST, s.shop LIMIT $20
)
SELECT t.shop, t.town, t.acts, t.people, coalesce(t.amount, 0) AS amount, t.used_up_at, a.title
FROM totals t LEFT JOIN koban.account a ON a.town = $1 AND a.account = t.shop
ORDER BY t.town DESC, t.amount DESC NULLS LAST, t.shop;
