-- name: ahead
-- The stops of all towns that are planned or under way at $1, the next first.
SELECT town, stop, from_at, until_at, words::text AS words, planned_at, planned_by, ended_at
FROM koban.planned_stop
WHERE ended_at IS NULL AND until_at > $1
ORDER BY from_at, stop;

-- name: stops
-- A town's stops, the latest first.
SELECT town, stop, from_at, until_at, words::text AS words, planned_at, planned_by, ended_at
FROM koban.planned_stop
WHERE town = $1
ORDER BY from_at DESC, stop DESC
LIMIT $2;

-- name: stop
-- One stop; nobody else changes it until the transaction ends.
SELECT town, stop, from_at, until_at, words::text AS words, planned_at, planned_by, ended_at
FROM koban.planned_stop
WHERE town = $1 AND stop = $2
FOR UPDATE;

-- name: plan
-- Plans a stop.
INSERT INTO koban.planned_stop (town, from_at, until_at, words, planned_at, planned_by)
VALUES ($1, $2, $3, $4::jsonb, $5, $6)
RETURNING stop;

-- name: move
-- Puts a stop at another time, with other words.
UPDATE koban.planned_stop SET from_at = $3, until_at = $4, words = $5::jsonb
WHERE town = $1 AND stop = $2;

-- name: end_stop
-- Calls a stop off, or says that it is over.
UPDATE koban.planned_stop SET ended_at = $3 WHERE town = $1 AND stop = $2 AND ended_at IS NULL;
