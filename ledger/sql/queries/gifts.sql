-- name: groups
-- The citizens' groups, and the town's newest entry.
SELECT a.account, a.title,
    coalesce((SELECT max(entry) FROM koban.entry WHERE town = $1), 0) AS newest
FROM koban.account a
WHERE a.town = $1 AND a.kind = 'group' AND a.state = 'open' ORDER BY a.account;

-- name: gifts
-- What these groups were given up to an entry, each found by its own index.
SELECT e.shop, sum(e.amount)::bigint AS given, count(*) AS gifts
FROM unnest($2::bigint[]) over (shop)
JOIN koban.entry e ON e.town = $1 AND e.shop = over.shop AND e.kind = 'gift' AND e.entry <= $3
GROUP BY e.shop;

-- name: newer_gifts
-- What anybody was given behind an entry and up to another.
SELECT shop, sum(amount)::bigint AS given, count(*) AS gifts
FROM koban.entry WHERE town = $1 AND kind = 'gift' AND entry > $2 AND entry <= $3
GROUP BY shop;
