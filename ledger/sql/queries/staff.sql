-- name: add_staff
-- Lets somebody in at the shop site.
INSERT INTO people.staff (town, staff, name, password_hash, rank, chain, area, shop, added_at)
VALUES ($1, nextval('people.staff_number'), $2, $3, $4, $5, $6, $7, $8)
RETURNING staff;

-- name: staff_by_name
-- Whoever signs in with this name; nobody who left.
SELECT staff, name, password_hash, rank::text AS rank, chain, area, shop, added_at, closed_at
FROM people.staff WHERE town = $1 AND name = $2 AND closed_at IS NULL;

-- name: staff_by_number
-- One of the staff, also one who left.
SELECT staff, name, password_hash, rank::text AS rank, chain, area, shop, added_at, closed_at
FROM people.staff WHERE town = $1 AND staff = $2;

-- name: staff
-- Everybody who may sign in at the shop site, or might; oldest first.
SELECT staff, name, password_hash, rank::text AS rank, chain, area, shop, added_at, closed_at
FROM people.staff WHERE town = $1 ORDER BY staff;

-- name: set_staff_post
-- What somebody stands over from now on, and in which rank.
UPDATE people.staff SET rank = $3, chain = $4, area = $5, shop = $6
WHERE town = $1 AND staff = $2;

-- name: set_staff_password
-- Somebody's new password at the shop site.
UPDATE people.staff SET password_hash = $3 WHERE town = $1 AND staff = $2;

-- name: close_staff
-- Somebody leaves.
UPDATE people.staff SET closed_at = $3
WHERE town = $1 AND staff = $2 AND closed_at IS NULL
RETURNING staff;

-- name: shops_under
-- The shops that a post stands over: one, or a chain's, or those of a chain in one area.
SELECT s.shop, s.code, a.title, s.kind, s.area
FROM koban.shop s JOIN koban.account a ON a.town = s.town AND a.account = s.shop
WHERE s.town = $1 AND (s.shop = $4 OR (s.chain = $2 AND ($3::text IS NULL OR s.area = $3)))
ORDER BY s.shop;

-- name: add_chain
-- Shops that belong together get a name.
INSERT INTO koban.chain (town, chain, name, opened_at)
VALUES ($1, nextval('koban.chain_number'), $2, $3)
RETURNING chain;

-- name: chains
-- The town's chains, and which shops belong to each.
SELECT c.chain, c.name,
    ARRAY(SELECT s.shop FROM koban.shop s WHERE s.town = $1 AND s.chain = c.chain ORDER BY s.shop)
        AS shops
FROM koban.chain c WHERE c.town = $1 ORDER BY c.chain;

-- name: chain
-- One chain, and which shops belong to it.
SELECT c.chain, c.name,
    ARRAY(SELECT s.shop FROM koban.shop s WHERE s.town = $1 AND s.chain = c.chain ORDER BY s.shop)
        AS shops
FROM koban.chain c WHERE c.town = $1 AND c.chain = $2;

-- name: shop_chain
-- Which chain a shop belongs to. The row is held, so nobody else changes it meanwhile.
SELECT chain FROM koban.shop WHERE town = $1 AND shop = $2 FOR UPDATE;

-- name: set_shop_chain
-- Puts a shop into a chain, or into none.
UPDATE koban.shop SET chain = $3 WHERE town = $1 AND shop = $2;
