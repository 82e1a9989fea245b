-- name: note_verification
-- Keeps what a verification found.
INSERT INTO koban.verification
    (town, started_at, finished_at, entries, problems, first_problems)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (town, started_at) DO UPDATE SET finished_at = excluded.finished_at,
    entries = excluded.entries, problems = excluded.problems,
    first_problems = excluded.first_problems;

-- name: verifications
-- The latest verifications of a town's books.
SELECT started_at, finished_at, entries, problems, first_problems
FROM koban.verification
WHERE town = $1
ORDER BY started_at DESC
LIMIT $2;

-- name: backups
-- The latest backups that hold a town.
SELECT label, started_at, finished_at, bytes
FROM koban.backup
WHERE town = $1
ORDER BY label DESC
LIMIT $2;

-- name: states
-- For each town: when it was verified last and how many things did not hold, how many orders with
-- providers hang since before $1 in a state of $2 or are marked for a person, its newest backup, and
-- how many webhooks nobody sends any more to clients that are still there.
SELECT t.town, v.finished_at AS verified_at, coalesce(v.problems, 0) AS problems,
    coalesce(o.orders, 0) AS hanging, b.finished_at AS backed_up_at,
    coalesce(w.webhooks, 0) AS undelivered
FROM koban.town t
LEFT JOIN LATERAL (
    SELECT finished_at, problems FROM koban.verification
    WHERE town = t.town ORDER BY started_at DESC LIMIT 1
) v ON true
LEFT JOIN LATERAL (
    SELECT
        (SELECT count(*) FROM koban.load_order WHERE town = t.town AND look_at IS NOT NULL
            AND attention = '' AND state = ANY ($2::text[]) AND changed_at < $1)
        + (SELECT count(*) FROM koban.load_order WHERE town = t.town AND attention <> '') AS orders
) o ON true
LEFT JOIN LATERAL (
    SELECT max(finished_at) AS finished_at FROM koban.backup WHERE town = t.town
) b ON true
LEFT JOIN LATERAL (
    SELECT count(*) AS webhooks
    FROM koban.webhook d JOIN koban.acquirer a ON a.town = d.town AND a.acquirer = d.client
    WHERE d.town = t.town AND d.state = 'dead' AND a.state = 'open'
) w ON true;

-- name: archive
-- Whether the log of changes is on its way to the archive: sent to a receiver, or given to a command
-- that did not fail last. Nothing where this server keeps no archive.
SELECT slots.slots > 0 OR archiver.archives AS kept,
    slots.silent > 0 OR (archiver.archives AND archiver.failing) AS stopped
FROM (
    SELECT count(*) AS slots, count(*) FILTER (WHERE NOT active) AS silent
    FROM pg_replication_slots WHERE slot_type = 'physical'
) slots, (
    SELECT current_setting('archive_mode') <> 'off' AS archives,
        coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) AS failing
    FROM pg_stat_archiver
) archiver;

-- name: replayed_until
-- When the last change was made that a restored server has replayed.
SELECT pg_last_xact_replay_timestamp() AS replayed_until;
