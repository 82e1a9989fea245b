-- name: entries_of_town
-- The town's entries before an entry, newest first; each condition only where it is asked for.
SELECT e.entry, e.id, e.kind, e.at, e.wallet, e.shop, coalesce(a.title, '') AS shop_name,
    e.terminal, e.amount, e.refers, e.reason,
    coalesce((SELECT sum(back.amount) FROM koban.entry back
        WHERE back.town = :town AND back.refers = e.id AND back.kind = 'reversal'), 0)::bigint
        AS reversed
FROM koban.entry e
LEFT JOIN koban.account a ON a.town = :town AND a.account = e.shop
WHERE e.town = :town
    AND e.entry < :before -- if before
    AND e.kind = :kind -- if kind
    AND e.at >= :since -- if since
    AND e.at < :until -- if until
    AND e.amount >= :amount_min -- if amount_min
    AND e.amount <= :amount_max -- if amount_max
    AND e.wallet = :wallet -- if wallet
    AND e.entry = :entry -- if entry
ORDER BY e.entry DESC LIMIT :limit;

-- name: entries_of_shops
-- The same for some shops. Each shop gives its newest few, found by its own index.
SELECT e.entry, e.id, e.kind, e.at, e.wallet, e.shop, coalesce(a.title, '') AS shop_name,
    e.terminal, e.amount, e.refers, e.reason,
    coalesce((SELECT sum(back.amount) FROM koban.entry back
        WHERE back.town = :town AND back.refers = e.id AND back.kind = 'reversal'), 0)::bigint
        AS reversed
FROM unnest(:shops::bigint[]) over (shop)
CROSS JOIN LATERAL (
    SELECT o.* FROM koban.entry o
    WHERE o.town = :town AND o.shop = over.shop
        AND (o.at, o.entry) < -- if before
            (SELECT b.at, b.entry FROM koban.entry b -- if before
            WHERE b.town = :town AND b.entry = :before) -- if before
        AND o.kind = :kind -- if kind
        AND o.at >= :since -- if since
        AND o.at < :until -- if until
        AND o.amount >= :amount_min -- if amount_min
        AND o.amount <= :amount_max -- if amount_max
        AND o.wallet = :wallet -- if wallet
        AND o.entry = :entry -- if entry
    ORDER BY o.at DESC, o.entry DESC LIMIT :limit
) e
LEFT JOIN koban.account a ON a.town = :town AND a.account = e.shop
ORDER BY e.at DESC, e.entry DESC LIMIT :limit;

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

-- name: shops_called
-- Shops whose name has this in it.
SELECT account FROM koban.account
WHERE town = $1 AND kind = 'shop' AND position(lower($2) IN lower(title)) > 0 ORDER BY account;
