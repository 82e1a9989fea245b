-- name: bound
-- No look at the past takes longer than this, one at a time in a town; false: another is under way.
-- It sorts a month's acts in memory rather than on the disk that payments write to.
SELECT pg_try_advisory_xact_lock(hashtext('koban.campaign_costs'), $2)
FROM set_config('statement_timeout', $1, true) AS bound,
    set_config('work_mem', '64MB', true) AS room;

-- name: cost
-- What a campaign would have given on the acts of a time that has passed: in all, and at the shops
-- where it would have given most. Acts that were given back whole are left out. `$15` and `$16` are
-- the dice's weights and factors, of which the mean is taken (one face that multiplies by one where
-- there are none): `parts` are so many to the yen as the weights are together. `$17` is what the fund
-- may still give, `$18` and `$19` what is given at most at once and to one person.
WITH acts AS MATERIALIZED (
    SELECT e.entry, e.at, e.wallet, e.shop, e.kind, e.amount
    FROM koban.entry e
    JOIN koban.town t ON t.town = e.town
    LEFT JOIN koban.account a ON a.town = e.town AND a.account = e.shop
    LEFT JOIN koban.terminal m ON m.town = e.town AND m.terminal = e.terminal
    WHERE e.town = $1 AND e.at >= $2 AND e.at < $3 AND e.kind = $4
        AND ($8::smallint[] = '{}' AND $9::smallint[] = '{}' AND $10::smallint IS NULL
            OR koban.within_hours(e.at, t.time_zone, $8::smallint[], $9::smallint[],
                $10::smallint, $11::smallint))
        AND ($12::text[] = '{}' OR a.groups && $12::text[])
        AND ($13::bigint[] = '{}' OR e.shop = ANY ($13::bigint[]))
        AND ($14::text[] = '{}' OR m.groups && $14::text[])
        AND NOT EXISTS (
            SELECT FROM koban.entry back
            WHERE back.town = $1 AND back.refers = e.id AND back.kind = 'reversal'
            HAVING sum(back.amount) >= e.amount)
), moved AS (
    -- Of points that a shop issued: without what it gave for other campaigns. Otherwise what moved
    -- between the two of them, in one kind of value or in all that is there beyond one payment.
    SELECT o.entry, o.amount - coalesce(sum(g.amount), 0)::bigint AS base
    FROM acts o
    LEFT JOIN (
        koban.campaign_grant g
        JOIN koban.campaign c ON c.town = g.town AND c.campaign = g.campaign AND c.fund IS NULL
    ) ON g.town = $1 AND g.entry = o.entry
    WHERE o.kind = 'issue' GROUP BY o.entry, o.amount
    UNION ALL
    SELECT o.entry, sum(p.amount)::bigint
    FROM acts o JOIN koban.posting p ON p.town = $1 AND p.entry = o.entry
        AND o.shop IN (p.from_account, p.to_account)
        AND p.entry >= (SELECT min(entry) FROM acts) AND p.entry <= (SELECT max(entry) FROM acts)
    WHERE o.kind <> 'issue' AND coalesce(p.instrument = $5::smallint, p.instrument <> ALL (ARRAY(
        SELECT instrument FROM koban.instrument WHERE town = $1 AND kind = 'coupon')))
    GROUP BY o.entry
), dice AS (
    SELECT sum(w)::bigint AS parts FROM unnest($15::integer[]) w
), shares AS (
    SELECT o.entry, o.at, o.wallet, o.shop, d.parts, CASE cardinality($15::integer[])
        WHEN 1 THEN least(koban.share(m.base, $6::integer, $7), $18::bigint)
        ELSE (
            SELECT sum(f.weight * least(koban.share(m.base, $6::integer * f.factor, $7), $18))
            FROM unnest($15::integer[], $16::integer[]) f (weight, factor))::bigint
        END AS share
    FROM acts o JOIN moved m ON m.entry = o.entry CROSS JOIN dice d
), sums AS (
    SELECT s.*, sum(s.share) OVER (PARTITION BY s.wallet ORDER BY s.entry) AS so_far FROM shares s
    WHERE s.share > 0
), gifts AS (
    SELECT s.*, least(s.so_far, $19::bigint * s.parts)
        - least(s.so_far - s.share, $19::bigint * s.parts) AS amount
    FROM sums s
), spent AS (
    SELECT g.*, sum(g.amount) OVER (ORDER BY g.entry) AS so_much FROM gifts g WHERE g.amount > 0
), totals AS (
    SELECT s.shop, grouping(s.shop) = 1 AS town, count(*) AS acts,
        count(DISTINCT s.wallet) AS people, ceil(sum(s.amount) / min(s.parts))::bigint AS amount,
        min(s.at) FILTER (WHERE s.so_much > $17::bigint * s.parts) AS used_up_at
    FROM spent s
    GROUP BY GROUPING SETS ((), (s.shop))
    ORDER BY town DESC, amount DESC NULLS LAST, s.shop LIMIT $20
)
SELECT t.shop, t.town, t.acts, t.people, coalesce(t.amount, 0) AS amount, t.used_up_at, a.title
FROM totals t LEFT JOIN koban.account a ON a.town = $1 AND a.account = t.shop
ORDER BY t.town DESC, t.amount DESC NULLS LAST, t.shop;
