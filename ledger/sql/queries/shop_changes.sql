-- name: replace
-- A wish that waits gives way to a newer one of its kind.
UPDATE people.shop_change SET state = 'replaced', decided_at = $4
WHERE town = $1 AND shop = $2 AND kind = $3 AND state = 'waiting';

-- name: next_number
-- The number of the next wish.
SELECT nextval('people.shop_change_number') AS change;

-- name: add
-- A wish that waits for an operator.
INSERT INTO people.shop_change (town, change, shop, kind, key_id, wish_encrypted, staff, asked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: changes
-- Wishes of a shop or of all, newest first.
SELECT c.change, c.shop, a.title AS shop_name, c.kind, c.key_id, c.wish_encrypted, c.state, c.staff,
    s.name AS staff_name, c.asked_at, c.decided_at, c.decided_by, c.reason
FROM people.shop_change c
JOIN koban.account a ON a.town = c.town AND a.account = c.shop
JOIN people.staff s ON s.town = c.town AND s.staff = c.staff
WHERE c.town = :town
    AND c.shop = :shop -- if shop
    AND c.state = 'waiting' -- if waiting
ORDER BY c.change DESC LIMIT :most;

-- name: change
-- One wish, held until the end of the transaction.
SELECT c.change, c.shop, a.title AS shop_name, c.kind, c.key_id, c.wish_encrypted, c.state, c.staff,
    s.name AS staff_name, c.asked_at, c.decided_at, c.decided_by, c.reason
FROM people.shop_change c
JOIN koban.account a ON a.town = c.town AND a.account = c.shop
JOIN people.staff s ON s.town = c.town AND s.staff = c.staff
WHERE c.town = $1 AND c.change = $2 FOR UPDATE OF c;

-- name: decide
-- An operator has decided.
UPDATE people.shop_change SET state = $3, decided_at = $4, decided_by = $5, reason = $6
WHERE town = $1 AND change = $2;

-- name: rename
-- What receipts call the shop from now on; those that were given stay as they are.
UPDATE koban.account SET title = $3 WHERE town = $1 AND account = $2;

-- name: under_other_keys
-- Some wishes that are not under this key, held until the end of the transaction.
SELECT town, change, key_id, wish_encrypted FROM people.shop_change
WHERE key_id <> $1 ORDER BY town, change LIMIT $2 FOR UPDATE;

-- name: encrypt
-- The same wish under another key.
UPDATE people.shop_change SET key_id = $3, wish_encrypted = $4 WHERE town = $1 AND change = $2;
