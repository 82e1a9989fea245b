-- name: clients_waiting
-- The clients for whom something is due.
SELECT DISTINCT client FROM koban.webhook
WHERE town = $1 AND state = 'waiting' AND next_at <= $2 ORDER BY client;

-- name: take_webhooks
-- The next that are due to a client, oldest first. Each counts as attempted, and waits for its
-- pause, before it is sent: who dies meanwhile leaves it waiting.
UPDATE koban.webhook w SET attempts = w.attempts + 1, next_at = $3::timestamptz
    + make_interval(secs => ($5::double precision[])[least(w.attempts + 1, cardinality($5))])
FROM (
    SELECT d.webhook FROM koban.webhook d
    WHERE d.town = $1 AND d.client = $2 AND d.state = 'waiting' AND d.next_at <= $3
    ORDER BY d.next_at LIMIT $4 FOR UPDATE SKIP LOCKED
) due
WHERE w.town = $1 AND w.webhook = due.webhook
RETURNING w.webhook, w.kind, w.subject, w.reference, w.activity, w.amount, w.reason, w.at,
    w.attempts;

-- name: keep_delivery
-- What came of an attempt: delivered, dead, or waiting for the next.
UPDATE koban.webhook
SET state = $3, problem = $4, ended_at = CASE $3 WHEN 'waiting' THEN NULL ELSE $5::timestamptz END
WHERE town = $1 AND webhook = $2 AND state = 'waiting';

-- name: give_up
-- There is nowhere to send these any more.
UPDATE koban.webhook SET state = 'dead', problem = $3, ended_at = $4
WHERE town = $1 AND client = $2 AND state = 'waiting';

-- name: webhooks
-- Webhooks of a town, newest first; of all states or one.
SELECT w.webhook, a.code AS client, w.kind, w.subject, w.reference, w.at, w.state, w.attempts,
    w.next_at, w.problem, w.ended_at
FROM koban.webhook w JOIN koban.acquirer a ON a.town = w.town AND a.acquirer = w.client
WHERE w.town = :town
    AND w.state = :state -- if state
ORDER BY w.at DESC, w.webhook LIMIT :limit;

-- name: retry_webhook
-- A dead one waits again, with as many attempts as at first.
UPDATE koban.webhook SET state = 'waiting', attempts = 0, next_at = $3, ended_at = NULL
WHERE town = $1 AND webhook = $2 AND state = 'dead' RETURNING kind;

-- name: dead_webhooks
-- Those that nobody sends any more.
SELECT webhook FROM koban.webhook WHERE town = $1 AND state = 'dead' ORDER BY at, webhook;

-- name: sweep_webhooks
-- Those that were delivered, or given up, long ago.
DELETE FROM koban.webhook WHERE town = $1 AND at < $2 AND state <> 'waiting';
