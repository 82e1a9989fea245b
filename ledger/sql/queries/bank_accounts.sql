-- name: hold_shop
-- A shop whose account nobody else changes until the end of the transaction; payments need none of
-- this.
SELECT s.shop, pg_advisory_xact_lock(hashtextextended('koban.bank_account ' || s.town, s.shop))
FROM koban.shop s WHERE s.town = $1::smallint AND s.shop = $2::bigint;

-- name: add
-- A shop's next version of its bank account.
INSERT INTO koban.bank_account (town, shop, version, bank_code, branch_code, account_type,
    number_encrypted, number_tail, holder_encrypted, vault_key, valid_from, set_by, set_name, set_at)
SELECT $1::smallint, $2::bigint, coalesce(max(version), 0) + 1, $3::text, $4::text, $5::smallint,
    $6::bytea, $7::text, $8::bytea, $9::smallint, $10::timestamptz, $11::bigint, $12::text,
    $13::timestamptz
FROM koban.bank_account WHERE town = $1::smallint AND shop = $2::bigint
RETURNING *;

-- name: at
-- The accounts at an instant of some shops, or of all.
SELECT DISTINCT ON (shop) * FROM koban.bank_account
WHERE town = $1 AND ($2::bigint[] IS NULL OR shop = ANY ($2::bigint[])) AND valid_from <= $3
ORDER BY shop, valid_from DESC, version DESC;

-- name: all
-- Every version of a shop's account, newest first.
SELECT * FROM koban.bank_account WHERE town = $1 AND shop = $2 ORDER BY version DESC;

-- name: by_version
-- Some versions of some shops' accounts.
SELECT b.* FROM unnest($2::bigint[], $3::integer[]) w (shop, version)
JOIN koban.bank_account b ON b.town = $1 AND b.shop = w.shop AND b.version = w.version;

-- name: under_other_keys
-- Some of the accounts that are not under this key, held until the end of the transaction.
SELECT town, shop, version, vault_key, number_encrypted, holder_encrypted
FROM koban.bank_account WHERE vault_key <> $1 ORDER BY town, shop, version LIMIT $2 FOR UPDATE;

-- name: encrypt
-- The same account under another key.
UPDATE koban.bank_account SET vault_key = $4, number_encrypted = $5, holder_encrypted = $6
WHERE town = $1 AND shop = $2 AND version = $3;
