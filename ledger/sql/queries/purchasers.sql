-- name: by_number
-- Whose place a purchaser number is for: its digest with each key, and whether the phone is theirs.
SELECT p.application, p.offer, p.phone_digest = ANY ($3::bytea[]) AS theirs
FROM people.applicant p WHERE p.town = $1 AND p.number_digest = ANY ($2::bytea[]);

-- name: place_of
-- The place that an application has won.
SELECT state, round, units FROM koban.application WHERE town = $1 AND application = $2;

-- name: claim
-- The place is this wallet's.
UPDATE koban.application SET state = 'claimed', wallet = $3 WHERE town = $1 AND application = $2;

-- name: used_number
-- The number was used: it is read no more.
UPDATE people.applicant SET number_encrypted = NULL, number_key_id = NULL
WHERE town = $1 AND application = $2;

-- name: was_told
-- An application's notices are sent no more.
UPDATE koban.draw_notice SET state = 'sent', sent_at = $3
WHERE town = $1 AND application = $2 AND state IN ('waiting', 'sending');

-- name: number_of
-- What a winner's notice needs; locked, so that a number is made once.
SELECT key_id, phone_encrypted, number_key_id, number_encrypted FROM people.applicant
WHERE town = $1 AND application = $2 FOR UPDATE;

-- name: give_number
-- A winner's purchaser number.
UPDATE people.applicant SET number_digest = $3, number_key_id = $4, number_encrypted = $5
WHERE town = $1 AND application = $2;

-- name: take_notices
-- Takes some notices that are to be sent now. One that is taken and neither sent nor given back is
-- taken again from $3 on: whoever took it has died.
UPDATE koban.draw_notice n SET state = 'sending', attempts = attempts + 1, next_at = $3
FROM (
    SELECT town, application, round FROM koban.draw_notice
    WHERE town = $1 AND state IN ('waiting', 'sending') AND next_at <= $2
    ORDER BY next_at, application LIMIT $4 FOR UPDATE SKIP LOCKED
) AS due
JOIN koban.application a ON a.town = due.town AND a.application = due.application
WHERE n.town = due.town AND n.application = due.application AND n.round = due.round
RETURNING n.application, a.id, n.round, n.offer, n.kind, n.attempts;

-- name: notice_of
-- What a notice is about, now.
SELECT state, round FROM koban.application WHERE town = $1 AND application = $2;

-- name: settle_notice
-- What became of a notice.
UPDATE koban.draw_notice
SET state = $4, next_at = $5, sent_at = CASE WHEN $4 = 'sent' THEN $6::timestamptz END
WHERE town = $1 AND application = $2 AND round = $3 AND state = 'sending';
