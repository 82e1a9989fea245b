-- name: plain_is_there
-- Whether holders of an earlier database wait to be encrypted. Read as rows are, by a snapshot: what
-- to_regclass knows inside a transaction may be older than another one's DROP.
SELECT EXISTS (
    SELECT FROM pg_tables WHERE schemaname = 'people' AND tablename = 'person_plain');

-- name: lock_plain
-- Of several gateways that start at once, one encrypts and the others wait for it.
SELECT pg_advisory_xact_lock(hashtextextended('people.person_plain', 0));

-- name: take_plain
-- Some of those who wait; they are kept encrypted in the same transaction.
DELETE FROM people.person_plain WHERE (town, wallet) IN (
    SELECT town, wallet FROM people.person_plain ORDER BY town, wallet LIMIT $1
)
RETURNING town, wallet, phone, name, password_hash, pin_hash, registered_at;

-- name: drop_plain
-- Nobody waits: the table goes, and with it the pages where the texts were.
DROP TABLE people.person_plain;

-- name: persons_under_other_keys
-- Some of the holders who are not under this key, held until the end of the transaction.
SELECT town, registered_at, wallet, key_id, phone_encrypted, name_encrypted, password_hash,
    pin_hash, kana_encrypted, birth_date_encrypted
FROM people.person WHERE key_id <> $1 ORDER BY town, wallet LIMIT $2 FOR UPDATE;

-- name: encrypt_person
-- The same person under another key.
UPDATE people.person SET
    key_id = $3, phone_digest = $4, phone_encrypted = $5, name_encrypted = $6, kana_encrypted = $7,
    birth_date_encrypted = $8, identity_digest = $9, kana_digest = $10, birth_date_digest = $11
WHERE town = $1 AND wallet = $2;

-- name: cards_under_other_keys
-- Some of the cards that are not under this key, held until the end of the transaction.
SELECT town, card, key_id, idm_encrypted
FROM people.card WHERE key_id <> $1 ORDER BY town, card LIMIT $2 FOR UPDATE;

-- name: encrypt_card
-- The same card under another key.
UPDATE people.card SET key_id = $3, idm_digest = $4, idm_encrypted = $5
WHERE town = $1 AND card = $2;

-- name: acquirer_keys_under_other_keys
-- Some of the acquirers' keys that are not under this key, held until the end of the transaction;
-- also ended ones, which would keep the old key from being taken away.
SELECT town, key_id, vault_key, secret
FROM koban.acquirer_key WHERE vault_key <> $1 ORDER BY town, key_id LIMIT $2 FOR UPDATE;

-- name: encrypt_acquirer_key
-- The same acquirer's key under another key.
UPDATE koban.acquirer_key SET vault_key = $3, secret = $4 WHERE town = $1 AND key_id = $2;
