-- name: lock_voice
-- What one account sends follows each other until the end of the transaction, so that it is counted.
SELECT pg_advisory_xact_lock(hashtextextended('people.proposal', $1::bigint << 48 | $2::bigint));

-- name: sent_before
-- What this account has sent under this id.
SELECT proposal FROM people.proposal WHERE town = $1 AND account = $2 AND id = $3;

-- name: sent_since
-- When this account has sent something since an instant, the oldest first.
SELECT sent_at FROM people.proposal WHERE town = $1 AND account = $2 AND sent_at > $3
ORDER BY sent_at;

-- name: add_proposal
-- What an account tells the operator.
INSERT INTO people.proposal
    (town, account, id, kind, key_id, text_encrypted, place_encrypted, sent_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING proposal;

-- name: proposals
-- What was sent, newest first.
SELECT p.proposal, p.account, a.kind = 'shop' AS from_shop, p.id, p.kind, p.key_id,
    p.text_encrypted, p.place_encrypted, p.answer_encrypted,
    p.picture_encrypted IS NOT NULL AS pictured, p.sent_at, p.closed_at, p.closed_by
FROM people.proposal p
JOIN koban.account a ON a.town = p.town AND a.account = p.account
WHERE p.town = :town
    AND p.proposal = :proposal -- if proposal
    AND p.account = :account -- if account
    AND p.closed_at IS NULL -- if only_open
    AND p.kind = :kind -- if kind
    AND p.proposal < :before -- if before
ORDER BY p.proposal DESC LIMIT :limit;

-- name: take_proposal
-- One of them, held until the end of the transaction.
SELECT proposal, account, id, key_id, text_encrypted, place_encrypted, picture_encrypted,
    answer_encrypted, closed_at
FROM people.proposal WHERE town = $1 AND proposal = $2 FOR UPDATE;

-- name: picture_of_proposal
-- What was shown with it.
SELECT account, id, key_id, picture_encrypted FROM people.proposal
WHERE town = $1 AND proposal = $2 AND picture_encrypted IS NOT NULL;

-- name: write_proposal
-- All of its texts under one key.
UPDATE people.proposal SET key_id = $3, text_encrypted = $4, place_encrypted = $5,
    picture_encrypted = $6, answer_encrypted = $7
WHERE town = $1 AND proposal = $2;

-- name: close_proposal
-- The operator has seen to it.
UPDATE people.proposal SET closed_at = $3, closed_by = $4 WHERE town = $1 AND proposal = $2;

-- name: answers_to_proposals
-- What was sent and answered.
SELECT proposal, account, id, key_id, text_encrypted, answer_encrypted FROM people.proposal
WHERE town = $1 AND proposal = ANY ($2::bigint[]) AND answer_encrypted IS NOT NULL;

-- name: proposals_under_other_keys
-- Some of what is not under this key, held until the end of the transaction.
SELECT town, proposal, account, id, key_id, text_encrypted, place_encrypted, picture_encrypted,
    answer_encrypted
FROM people.proposal WHERE key_id <> $1 ORDER BY town, proposal LIMIT $2 FOR UPDATE;

-- name: sweep_proposals
-- What was seen to before an instant goes, and the notice of its answer.
WITH gone AS (
    DELETE FROM people.proposal WHERE town = $1 AND closed_at < $2 RETURNING account, proposal
), told AS (
    DELETE FROM koban.notice n USING gone
    WHERE n.town = $1 AND n.account = gone.account AND n.kind = 'answer'
        AND n.subject = 'proposal:' || gone.proposal
)
SELECT count(*) AS count FROM gone;
