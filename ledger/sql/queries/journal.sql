-- name: entries_of_town
-- The town's entries before an entry, newest first; every filter that is null lets all through.
SELECT e.entry, e.id, e.kind, e.at, e.wallet, e.shop, coalesce(a.title, '') AS shop_name,
    e.terminal, e.amount, e.refers, e.reason,
    coalesce((SELECT sum(back.amount) FROM koban.entry back
        WHERE back.town = $1 AND back.refers = e.id AND back.kind = 'reversal'), 0)::bigint
        AS reversed
FROM koban.entry e
LEFT JOIN koban.account a ON a.town = $1 AND a.account = e.shop
WHERE e.town = $1 AND ($2::bigint IS NULL OR e.entry < $2)
    AND ($4::text IS NULL OR e.kind = $4)
    AND ($5::timestamptz IS NULL OR e.at >= $5) AND ($6::timestamptz IS NULL OR e.at < $6)
    AND ($7::bigint IS NULL OR e.amount >= $7) AND ($8::bigint IS NULL OR e.amount <= $8)
    AND ($9::bigint IS NULL OR e.wallet = $9)
ORDER BY e.entry DESC LIMIT $3;

-- name: entries_of_shops
-- The same for some shops ($10). Each shop gives its newest few, found by its own index.
SELECT e.entry, e.id, e.kind, e.at, e.wallet, e.shop, coalesce(a.title, '') AS shop_name,
    e.terminal, e.amount, e.refers, e.reason,
    coalesce((SELECT sum(back.amount) FROM koban.entry back
        WHERE back.town = $1 AND back.refers = e.id AND back.kind = 'reversal'), 0)::bigint
        AS reversed
FROM unnest($10::bigint[]) over (shop)
CROSS JOIN LATERAL (
    SELECT o.* FROM koban.entry o
    WHERE o.town = $1 AND o.shop = over.shop
        AND ($2::bigint IS NULL OR (o.at, o.entry) <
            ((SELECT b.at FROM koban.entry b WHERE b.town = $1 AND b.entry = $2), $2))
        AND ($4::text IS NULL OR o.kind = $4)
        AND ($5::timestamptz IS NULL OR o.at >= $5) AND ($6::timestamptz IS NULL OR o.at < $6)
        AND ($7::bigint IS NULL OR o.amount >= $7) AND ($8::bigint IS NULL OR o.amount <= $8)
        AND ($9::bigint IS NULL OR o.wallet = $9)
    ORDER BY o.at DESC, o.entry DESC LIMIT $3
) e
LEFT JOIN koban.account a ON a.town = $1 AND a.account = e.shop
ORDER BY e.at DESC, e.entry DESC LIMIT $3;

-- name: entry_by_id
-- The entry that a command brought about.
SELECT e.entry, e.id, e.kind, e.at, e.wallet, e.shop, coalesce(a.title, '') AS shop_name,
    e.terminal, e.amount, e.refers, e.reason,
    coalesce((SELECT sum(back.amount) FROM koban.entry back
        WHERE back.town = $1 AND back.refers = e.id AND back.kind = 'reversal'), 0)::bigint
        AS reversed
FROM koban.decision d
JOIN koban.entry e ON e.town = $1 AND e.entry = d.entry
LEFT JOIN koban.account a ON a.town = $1 AND a.account = e.shop
WHERE d.town = $1 AND d.id = $2;
