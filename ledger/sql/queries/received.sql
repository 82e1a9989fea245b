-- name: accounts
-- The open accounts of a kind, and the town's newest entry.
SELECT a.account, p.code, a.title,
    coalesce((SELECT max(entry) FROM koban.entry WHERE town = $1), 0) AS newest
FROM koban.account a
LEFT JOIN koban.purpose p ON p.town = a.town AND p.purpose = a.account
WHERE a.town = $1 AND a.kind = $2 AND a.state = 'open' ORDER BY a.account;

-- name: received
-- What these accounts were given up to an entry, each found by its own index.
SELECT e.shop, sum(e.amount)::bigint AS amount, count(*) AS entries
FROM unnest($2::bigint[]) over (shop)
JOIN koban.entry e ON e.town = $1 AND e.shop = over.shop AND e.kind = $3 AND e.entry <= $4
GROUP BY e.shop;

-- name: newer
-- What anybody was given by entries of a kind behind one and up to another.
SELECT shop, sum(amount)::bigint AS amount, count(*) AS entries
FROM koban.entry WHERE town = $1 AND kind = $2 AND entry > $3 AND entry <= $4
GROUP BY shop;
