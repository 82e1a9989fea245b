-- name: add_code
-- A code for those who take part in an activity.
INSERT INTO koban.activity_code
    (town, number, activity, code_digest, valid_from, valid_until, made_by, made_at)
VALUES ($1, nextval('koban.activity_code_number'), $2, $3, $4, $5, $6, $7)
RETURNING number, activity, valid_from, valid_until, made_by, made_at, ended_at;

-- name: code
-- The code that somebody has entered; its digest with each key.
SELECT number, activity, valid_from, valid_until, made_by, made_at, ended_at
FROM koban.activity_code WHERE town = $1 AND code_digest = ANY ($2::bytea[]);

-- name: codes
-- An activity's codes, newest first.
SELECT number, activity, valid_from, valid_until, made_by, made_at, ended_at
FROM koban.activity_code WHERE town = $1 AND activity = $2 ORDER BY number DESC LIMIT $3;

-- name: end_code
-- A code grants nothing from now on.
UPDATE koban.activity_code SET ended_at = $3
WHERE town = $1 AND number = $2 AND ended_at IS NULL AND valid_until > $3
RETURNING number;

-- name: outcomes
-- What was decided under these ids.
SELECT id, outcome::text AS outcome FROM koban.decision WHERE town = $1 AND id = ANY ($2::uuid[]);
