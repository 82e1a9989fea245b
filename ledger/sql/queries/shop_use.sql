-- name: use
-- What was done at each shop by the town's month, kind of act and kind of value: how often, how much,
-- and how much was given back in that month, whenever it had been done. By `entry_by_time`.
WITH bounds AS (
    SELECT t.time_zone, ($2::date)::timestamp AT TIME ZONE t.time_zone AS since,
        ($3::date)::timestamp AT TIME ZONE t.time_zone AS until
    FROM koban.town t WHERE t.town = $1
), meant AS (
    SELECT to_char(e.at AT TIME ZONE b.time_zone, 'YYYY-MM') AS month, e.shop, e.entry,
        coalesce(o.kind, e.kind) AS kind, o.kind IS NOT NULL AS back
    FROM bounds b
    JOIN koban.entry e ON e.town = $1 AND e.at >= b.since AND e.at < b.until
        AND koban.paced(e.entry)
    LEFT JOIN koban.decision d ON e.kind = 'reversal' AND d.town = $1 AND d.id = e.refers
    LEFT JOIN koban.entry o ON o.town = $1 AND o.entry = d.entry
), moved AS (
    SELECT m.month, m.shop, m.kind, m.back, m.entry, p.instrument,
        sum(p.amount) FILTER (WHERE koban.paced(m.entry)) AS amount
    FROM meant m
    JOIN koban.posting p ON p.town = $1 AND p.entry = m.entry
        AND m.shop IN (p.from_account, p.to_account)
    GROUP BY 1, 2, 3, 4, 5, 6
)
SELECT m.month, m.shop, s.code, a.title, m.kind, m.instrument,
    count(*) FILTER (WHERE NOT m.back) AS count,
    coalesce(sum(m.amount) FILTER (WHERE NOT m.back), 0)::bigint AS amount,
    count(*) FILTER (WHERE m.back) AS refunds,
    coalesce(sum(m.amount) FILTER (WHERE m.back), 0)::bigint AS refunded
FROM moved m
JOIN koban.shop s ON s.town = $1 AND s.shop = m.shop
JOIN koban.account a ON a.town = $1 AND a.account = m.shop
GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 3, 5, 6;
