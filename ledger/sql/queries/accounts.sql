-- name: open_wallet
-- A new wallet's account; its number is the next of the sequence.
INSERT INTO koban.account (town, account, kind, opened_at)
VALUES ($1, nextval('koban.account_number'), 'wallet', $2)
RETURNING account;

-- name: open_wallets
-- Many new wallets at once, for a town that moves here with its people.
INSERT INTO koban.account (town, account, kind, opened_at)
SELECT $1, nextval('koban.account_number'), 'wallet', $2 FROM generate_series(1, $3::integer)
RETURNING account;

-- name: wallets
-- All wallets of a town, oldest first.
SELECT account FROM koban.account WHERE town = $1 AND kind = 'wallet' ORDER BY account;

-- name: open_shop_account
-- A new shop's account, and the number on its sticker.
INSERT INTO koban.account (town, account, kind, title, opened_at)
VALUES ($1, nextval('koban.account_number'), 'shop', $2, $3)
RETURNING account, nextval('koban.shop_number') AS number;

-- name: open_shop
-- Where the shop is, what it sells, and what its sticker carries.
INSERT INTO koban.shop (town, shop, code, kind, area) VALUES ($1, $2, $3, $4, $5);

-- name: open_listing
-- A new shop is found by its name; it tells nothing else yet.
INSERT INTO koban.listing (town, shop, words, grams) VALUES ($1, $2, $3, $4);

-- name: open_group
-- A citizens' group.
INSERT INTO koban.account (town, account, kind, title, opened_at)
VALUES ($1, nextval('koban.account_number'), 'group', $2, $3)
RETURNING account;

-- name: shop_groups
-- The groups of shops that a shop belongs to.
SELECT coalesce(groups, '{}') AS groups FROM koban.account
WHERE town = $1 AND account = $2 AND kind = 'shop';

-- name: set_shop_groups
-- Puts a shop into groups of shops.
UPDATE koban.account SET groups = $3 WHERE town = $1 AND account = $2 AND kind = 'shop'
RETURNING account;

-- name: shop_by_code
-- The shop whose sticker was scanned.
SELECT s.shop, s.code, a.title, s.kind, s.area
FROM koban.shop s JOIN koban.account a ON a.town = s.town AND a.account = s.shop
WHERE s.town = $1 AND s.code = $2;

-- name: shop
-- One shop by its account.
SELECT s.shop, s.code, a.title, s.kind, s.area
FROM koban.shop s JOIN koban.account a ON a.town = s.town AND a.account = s.shop
WHERE s.town = $1 AND s.shop = $2;

-- name: shops
-- All shops of a town, oldest first.
SELECT s.shop, s.code, a.title, s.kind, s.area
FROM koban.shop s JOIN koban.account a ON a.town = s.town AND a.account = s.shop
WHERE s.town = $1 ORDER BY s.shop;

-- name: open_terminal
-- Nothing is inserted where the shop is not the town's.
INSERT INTO koban.terminal (town, terminal, shop, label, opened_at)
SELECT s.town, nextval('koban.terminal_number'), s.shop, $3, $4
FROM koban.shop s WHERE s.town = $1 AND s.shop = $2
RETURNING terminal;

-- name: terminals
-- The tablets of one shop, or of all.
SELECT terminal, shop, label, state, enrolled_at, revoked_at, groups, preset,
    wiped_at
FROM koban.terminal WHERE town = $1 AND ($2::bigint IS NULL OR shop = $2) ORDER BY terminal;

-- name: terminal
-- One tablet.
SELECT terminal, shop, label, state, enrolled_at, revoked_at, groups, preset,
    wiped_at
FROM koban.terminal WHERE town = $1 AND terminal = $2;

-- name: wiped
-- A tablet says with its ended key that it has wiped itself: whether it was taken out of use.
UPDATE koban.terminal t SET wiped_at = coalesce(t.wiped_at, $3)
FROM people.session s
WHERE s.town = $1 AND s.token_digest = $2 AND s.role = 'terminal' AND s.revoked_at IS NOT NULL
    AND t.town = s.town AND t.terminal = s.terminal AND t.state = 'revoked'
RETURNING t.terminal;

-- name: revoke_terminal
-- From now on every request of this tablet is refused.
UPDATE koban.terminal SET state = 'revoked', revoked_at = $3
WHERE town = $1 AND terminal = $2 AND state <> 'revoked'
RETURNING terminal;

-- name: set_account_state
-- Opens, freezes or closes an account.
UPDATE koban.account SET state = $3 WHERE town = $1 AND account = $2 RETURNING account;
