-- name: add_attempt
-- A browser goes to a provider.
INSERT INTO people.identity_attempt
    (town, state_digest, browser_digest, provider, purpose, wallet, session, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: take_attempt
-- The browser is back, once: the same state is never taken again, nor by another browser.
DELETE FROM people.identity_attempt
WHERE town = $1 AND state_digest = $2 AND browser_digest = $3 AND provider = $4 AND expires_at > $5
RETURNING purpose, wallet, session;

-- name: sweep_attempts
-- Browsers that did not come back.
DELETE FROM people.identity_attempt WHERE expires_at < $1;

-- name: lock_identities
-- Linkings of a town follow each other until the end of the transaction: a digest under another key
-- is not the same to the database.
SELECT pg_advisory_xact_lock(hashtextextended('people.identity', $1::bigint));

-- name: session_is_open
-- Whether the wallet that went to link is still signed in there.
SELECT true FROM people.session
WHERE town = $1 AND session = $2 AND account = $3 AND role = 'wallet'
    AND expires_at > $4 AND revoked_at IS NULL;

-- name: wallet_of_identity
-- Whose identity it is; its digest with each key.
SELECT wallet FROM people.identity WHERE town = $1 AND subject_digest = ANY ($2::bytea[]);

-- name: link
-- Nothing where the wallet has an identity of this provider.
INSERT INTO people.identity
    (town, wallet, provider, key_id, subject_digest, subject_encrypted, linked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (town, wallet, provider) DO NOTHING
RETURNING true;

-- name: unlink
-- The wallet's identity of a provider opens it no longer.
DELETE FROM people.identity WHERE town = $1 AND wallet = $2 AND provider = $3 RETURNING true;

-- name: identities
-- What a wallet has linked.
SELECT provider, linked_at FROM people.identity WHERE town = $1 AND wallet = $2 ORDER BY provider;

-- name: identities_under_other_keys
-- Some of the identities that are not under this key, held until the end of the transaction.
SELECT town, wallet, provider, key_id, subject_encrypted
FROM people.identity WHERE key_id <> $1 ORDER BY town, wallet, provider LIMIT $2 FOR UPDATE;

-- name: encrypt_identity
-- The same identity under another key.
UPDATE people.identity SET key_id = $4, subject_digest = $5, subject_encrypted = $6
WHERE town = $1 AND wallet = $2 AND provider = $3;
