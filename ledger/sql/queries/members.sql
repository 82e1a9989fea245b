-- name: keep_member
-- Whom an order credits; in the transaction that opens the order.
INSERT INTO people.member (town, id, wallet, key_id, member_encrypted)
VALUES ($1, $2, $3, $4, $5);

-- name: members
-- Whom these orders credit.
SELECT id, key_id, member_encrypted FROM people.member WHERE town = $1 AND id = ANY ($2::uuid[]);

-- name: plain_members_are_there
-- Whether numbers of an earlier database wait to be encrypted; read by a snapshot, as rows are.
SELECT EXISTS (
    SELECT FROM pg_tables WHERE schemaname = 'people' AND tablename = 'member_plain');

-- name: lock_plain_members
-- Of several gateways that start at once, one encrypts and the others wait for it.
SELECT pg_advisory_xact_lock(hashtextextended('people.member_plain', 0));

-- name: take_plain_members
-- Some of those that wait; they are kept encrypted in the same transaction.
DELETE FROM people.member_plain WHERE (town, id) IN (
    SELECT town, id FROM people.member_plain ORDER BY town, id LIMIT $1
)
RETURNING town, id, wallet, member;

-- name: drop_plain_members
-- None waits: the table goes, and with it the pages where the numbers were.
DROP TABLE people.member_plain;

-- name: members_under_other_keys
-- Some of the numbers that are not under this key, held until the end of the transaction.
SELECT town, id, key_id, member_encrypted
FROM people.member WHERE key_id <> $1 ORDER BY town, id LIMIT $2 FOR UPDATE;

-- name: encrypt_member
-- The same number under another key.
UPDATE people.member SET key_id = $3, member_encrypted = $4 WHERE town = $1 AND id = $2;
