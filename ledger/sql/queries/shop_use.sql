-- name: span
-- Between which entries some months of the town lie, and their instants; ten minutes more at either
-- end for the gateways' clocks.
SELECT b.since, b.until, koban.entry_near($1, b.since - interval '10 minutes') AS first,
    koban.entry_near($1, b.until + interval '10 minutes') AS last
FROM (
    SELECT ($2::date)::timestamp AT TIME ZONE t.time_zone AS since,
        ($3::date)::timestamp AT TIME ZONE t.time_zone AS until
    FROM koban.town t WHERE t.town = $1
) b;

-- name: use
-- What was done at each shop by the town's month, kind of act and kind of value: how often, how much,
-- and how much was given back in that month, whenever it had been done.
WITH moved AS (
    SELECT to_char(m.at AT TIME ZONE t.time_zone, 'YYYY-MM') AS month, m.shop, m.kind, m.back,
        m.entry, p.instrument, sum(p.amount) AS amount
    FROM koban.acts($1, $2, $3, $4, $5) m
    JOIN koban.town t ON t.town = $1
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
