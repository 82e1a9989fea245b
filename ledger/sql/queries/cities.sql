-- name: city
-- What a town was filled with.
SELECT wallets, shops, tablets, seed, founded_at, finished_at FROM koban.city WHERE town = $1;

-- name: holds_anybody
-- Whether anybody takes part in a town already.
SELECT EXISTS (SELECT FROM koban.account WHERE town = $1 AND kind IN ('wallet', 'shop', 'group'))
    AS somebody;

-- name: found
-- A town begins to be filled; two cannot fill it at once.
INSERT INTO koban.city (town, wallets, shops, tablets, seed, founded_at)
VALUES ($1, $2, $3, $4, $5, $6);

-- name: numbers
-- The next numbers of accounts.
SELECT nextval('koban.account_number') AS number FROM generate_series(1, $1::integer);

-- name: shop_numbers
-- The next numbers on stickers.
SELECT nextval('koban.shop_number') AS number FROM generate_series(1, $1::integer);

-- name: terminal_numbers
-- The next numbers of tablets.
SELECT nextval('koban.terminal_number') AS number FROM generate_series(1, $1::integer);

-- name: card_numbers
-- The next numbers of cards.
SELECT nextval('people.card_number') AS number FROM generate_series(1, $1::integer);

-- name: without_value
-- The wallets in which nothing has been yet.
SELECT a.account FROM koban.account a
WHERE a.town = $1 AND a.kind = 'wallet'
    AND NOT EXISTS (SELECT FROM koban.lot l WHERE l.town = a.town AND l.wallet = a.account)
ORDER BY a.account;

-- name: finish
-- Everybody has their value.
UPDATE koban.city SET finished_at = $2 WHERE town = $1;

-- name: analyse
-- So many rows came so fast that the planner still thinks of empty tables.
ANALYZE koban.account, koban.shop, koban.listing, koban.terminal, koban.code, koban.lot,
    koban.entry, koban.posting, koban.decision, koban.event, people.card;

-- name: value
-- What lies in the town's wallets, in yen.
SELECT coalesce(sum(remaining), 0)::bigint AS yen FROM koban.lot WHERE town = $1;
