-- name: lock_requests
-- Who asks for shops follow each other until the end of the transaction: of two who ask for the same
-- one at the same instant, one finds the other's.
SELECT pg_advisory_xact_lock(hashtextextended('people.shop_request', $1::bigint));

-- name: request_of
-- The request for a shop, by its digest with each key; the one that it was found to be the same as.
SELECT coalesce(into_request, request) AS request FROM people.shop_request
WHERE town = $1 AND digest = ANY ($2::bytea[]);

-- name: asked_since
-- How many shops a wallet has asked for since an instant, and when the first of them.
SELECT count(*) AS count, min(asked_at) AS first FROM people.shop_request_asker
WHERE town = $1 AND wallet = $2 AND asked_at > $3;

-- name: next_request
-- The number of a new request.
SELECT nextval('people.shop_request_number') AS request;

-- name: add_request
-- A shop that nobody has asked for before.
INSERT INTO people.shop_request
    (town, request, digest, key_id, name_encrypted, place_encrypted, asked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: add_asker
-- A wallet asks for it too; no row where it has before.
INSERT INTO people.shop_request_asker (town, request, wallet, asked_at) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING RETURNING wallet;

-- name: requests
-- Shops that are asked for, those that most ask for first.
SELECT r.request, r.key_id, r.name_encrypted, r.place_encrypted, r.answer_encrypted, r.asked_at,
    r.closed_at, r.closed_by, (
        SELECT count(*) FROM people.shop_request_asker k
        WHERE k.town = r.town AND k.request = r.request) AS askers
FROM people.shop_request r
WHERE r.town = :town AND r.into_request IS NULL
    AND r.request = :request -- if request
    AND r.closed_at IS NULL -- if only_open
ORDER BY askers DESC, r.request LIMIT :limit;

-- name: asked_by
-- The shops that a wallet asks for, the newest first.
SELECT r.request, r.key_id, r.name_encrypted, r.place_encrypted, r.answer_encrypted, k.asked_at,
    r.closed_at, r.closed_by, (
        SELECT count(*) FROM people.shop_request_asker o
        WHERE o.town = r.town AND o.request = r.request) AS askers
FROM people.shop_request_asker k
JOIN people.shop_request r ON r.town = k.town AND r.request = k.request
WHERE k.town = $1 AND k.wallet = $2
ORDER BY k.asked_at DESC, r.request DESC LIMIT $3;

-- name: take_request
-- One of them that was not found to be another, held until the end of the transaction.
SELECT request, key_id, name_encrypted, place_encrypted, answer_encrypted, closed_at
FROM people.shop_request
WHERE town = $1 AND request = $2 AND into_request IS NULL FOR UPDATE;

-- name: write_request
-- All of its texts under one key.
UPDATE people.shop_request SET digest = $3, key_id = $4, name_encrypted = $5, place_encrypted = $6,
    answer_encrypted = $7
WHERE town = $1 AND request = $2;

-- name: close_request
-- The operator has answered.
UPDATE people.shop_request SET closed_at = $3, closed_by = $4, answer_encrypted = $5, key_id = $6,
    name_encrypted = $7, place_encrypted = $8, digest = $9
WHERE town = $1 AND request = $2;

-- name: askers
-- Who asks for it.
SELECT wallet FROM people.shop_request_asker WHERE town = $1 AND request = $2 ORDER BY wallet;

-- name: merge_askers
-- Whoever asks for the one asks for the other.
WITH moved AS (
    DELETE FROM people.shop_request_asker WHERE town = $1 AND request = $2
    RETURNING town, wallet, asked_at
)
INSERT INTO people.shop_request_asker (town, request, wallet, asked_at)
SELECT town, $3, wallet, asked_at FROM moved ON CONFLICT DO NOTHING;

-- name: merge_request
-- The one, and whatever was the same as it, is found to be the other.
UPDATE people.shop_request SET into_request = $3
WHERE town = $1 AND (request = $2 OR into_request = $2);

-- name: answers_to_requests
-- What was asked for and answered.
SELECT request, key_id, name_encrypted, answer_encrypted FROM people.shop_request
WHERE town = $1 AND request = ANY ($2::bigint[]) AND answer_encrypted IS NOT NULL;

-- name: requests_under_other_keys
-- Some of the requests that are not under this key, held until the end of the transaction.
SELECT town, request, key_id, name_encrypted, place_encrypted, answer_encrypted
FROM people.shop_request WHERE key_id <> $1 ORDER BY town, request LIMIT $2 FOR UPDATE;

-- name: forget_asker
-- A wallet asks for nothing any more; what nobody else asks for goes, unless others were found to be
-- the same as it.
WITH askers AS (
    DELETE FROM people.shop_request_asker WHERE town = $1 AND wallet = $2 RETURNING request
)
DELETE FROM people.shop_request r USING askers
WHERE r.town = $1 AND r.request = askers.request
    AND NOT EXISTS (
        SELECT FROM people.shop_request_asker k
        WHERE k.town = r.town AND k.request = r.request AND k.wallet <> $2)
    AND NOT EXISTS (
        SELECT FROM people.shop_request s WHERE s.town = r.town AND s.into_request = r.request);

-- name: sweep_askers
-- Who asked for what was answered before an instant is forgotten, and the notice of the answer goes.
WITH gone AS (
    DELETE FROM people.shop_request_asker k USING people.shop_request r
    WHERE r.town = $1 AND r.closed_at < $2 AND k.town = r.town AND k.request = r.request
    RETURNING k.wallet, k.request
)
DELETE FROM koban.notice n USING gone
WHERE n.town = $1 AND n.account = gone.wallet AND n.kind = 'answer'
    AND n.subject = 'shop_request:' || gone.request;

-- name: sweep_requests
-- What was answered before an instant goes, with what was found to be the same.
WITH old AS (
    SELECT request FROM people.shop_request WHERE town = $1 AND closed_at < $2
), same AS (
    DELETE FROM people.shop_request s USING old
    WHERE s.town = $1 AND s.into_request = old.request RETURNING s.request
), gone AS (
    DELETE FROM people.shop_request r USING old
    WHERE r.town = $1 AND r.request = old.request RETURNING r.request
)
SELECT count(*) AS count FROM gone;
