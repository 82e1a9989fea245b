-- name: next_run
-- The number of a new run; its lines are kept under it before the run itself.
SELECT nextval('koban.grant_run_number');

-- name: refuse_again
-- Whoever has had the activity's grant, by whatever door, is refused in this list: for ever where it
-- is given once a person, for the town's day where it is given daily. As koban.recall_grant.
UPDATE koban.grant_line l SET problem = 'already_granted', id = NULL
WHERE l.town = $1 AND l.run = $2 AND l.problem IS NULL AND EXISTS (
    SELECT FROM koban.entry e JOIN koban.town t ON t.town = e.town
    WHERE e.town = $1 AND e.wallet = l.wallet AND e.kind = 'grant' AND e.way = $3
        AND ($4::text = 'once' OR e.at >= date_trunc('day', $5::timestamptz, t.time_zone))
        AND e.amount > coalesce((
            SELECT sum(back.amount) FROM koban.entry back
            WHERE back.town = $1 AND back.refers = e.id AND back.kind = 'reversal'), 0)
);

-- name: add_run
-- A checked run, with the sums of its lines.
INSERT INTO koban.grant_run (town, run, key, activity, file_name, file_digest, encoding, lines, rows,
    refused, noted, total, made_by, made_name, made_at)
SELECT $1, $2, $3, $4, $5, $6, $7, count(*), count(*) FILTER (WHERE problem IS NULL),
    count(*) FILTER (WHERE problem IS NOT NULL), count(*) FILTER (WHERE notes <> '{}'),
    coalesce(sum(amount) FILTER (WHERE problem IS NULL), 0), $8, $9, $10
FROM koban.grant_line WHERE town = $1 AND run = $2;

-- name: runs
-- Runs, newest first: all, or one, or those of one activity before one of them.
SELECT g.run, g.activity, p.code AS programme, p.fund, g.file_name, g.file_digest, g.encoding,
    g.lines, g.rows, g.refused, g.noted, g.total, g.state,
    g.made_by, g.made_name, g.made_at, g.approved_name, g.approved_at, g.ended_at,
    g.undo_name, g.undo_at, g.undone_at,
    c.waiting, c.done, c.declined, c.given, c.taken
FROM koban.grant_run g
    JOIN koban.activity a ON a.town = g.town AND a.code = g.activity
    JOIN koban.programme p ON p.town = a.town AND p.programme = a.programme
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE r.state = 'waiting') AS waiting,
            count(*) FILTER (WHERE r.state = 'done') AS done,
            count(*) FILTER (WHERE r.state = 'refused') AS declined,
            coalesce(sum(r.amount) FILTER (WHERE r.state = 'done'), 0)::bigint AS given,
            coalesce(sum(r.taken), 0)::bigint AS taken
        FROM koban.grant_row r WHERE r.town = g.town AND r.run = g.run
    ) c
WHERE g.town = :town
    AND g.run = :run -- if run
    AND g.activity = :activity -- if activity
    AND g.run < :before -- if before
ORDER BY g.run DESC LIMIT :limit;

-- name: applied_before
-- The latest other run of an activity that gives or gave this very file.
SELECT run FROM koban.grant_run
WHERE town = $1 AND activity = $2 AND file_digest = $3 AND run <> $4
    AND state IN ('approved', 'running', 'finished')
ORDER BY run DESC LIMIT 1;

-- name: under_way
-- Runs that somebody still has to go on with.
SELECT run FROM koban.grant_run
WHERE town = $1 AND state IN ('approved', 'running', 'undoing') ORDER BY run;

-- name: hold_run
-- A run as it is, which nobody else changes until the end of the transaction.
SELECT g.run, g.key, g.activity, g.state, g.total, g.rows, g.made_by, p.fund
FROM koban.grant_run g
    JOIN koban.activity a ON a.town = g.town AND a.code = g.activity
    JOIN koban.programme p ON p.town = a.town AND p.programme = a.programme
WHERE g.town = $1 AND g.run = $2 FOR UPDATE OF g;

-- name: reserve
-- Promises a sum out of a budget; nothing where that much is not left.
UPDATE koban.budget SET reserved = reserved + $3
WHERE town = $1 AND fund = $2 AND granted + reserved + $3 <= ceiling RETURNING reserved;

-- name: add_rows
-- The lines of a run that can be granted wait from now on.
INSERT INTO koban.grant_row (town, id, run, line, wallet, amount)
SELECT town, id, run, line, wallet, amount FROM koban.grant_line
WHERE town = $1 AND run = $2 AND problem IS NULL;

-- name: set_approved
-- Somebody has approved a run.
UPDATE koban.grant_run
SET state = 'approved', approved_by = $3, approved_name = $4, approved_at = $5
WHERE town = $1 AND run = $2;

-- name: set_state
-- A run goes on: running, finished, cancelled, undone; when it came to an end.
UPDATE koban.grant_run SET state = $3,
    ended_at = CASE WHEN $3 IN ('finished', 'cancelled') THEN $4::timestamptz ELSE ended_at END,
    undone_at = CASE WHEN $3 = 'undone' THEN $4::timestamptz END
WHERE town = $1 AND run = $2;

-- name: set_undoing
-- Somebody undoes a run.
UPDATE koban.grant_run SET state = 'undoing', undo_by = $3, undo_name = $4, undo_at = $5
WHERE town = $1 AND run = $2;

-- name: next_waiting
-- The next rows that are not decided.
SELECT id, wallet, amount FROM koban.grant_row
WHERE town = $1 AND run = $2 AND state = 'waiting' ORDER BY line LIMIT $3;

-- name: withdraw
-- Rows that still wait are not granted, and promised no more: all of a run, or these.
WITH withdrawn AS (
    UPDATE koban.grant_row SET state = 'refused'
    WHERE town = $1 AND run = $2 AND state = 'waiting' AND ($4::uuid[] IS NULL OR id = ANY ($4))
    RETURNING amount
)
UPDATE koban.budget SET reserved = reserved - (SELECT sum(amount) FROM withdrawn)
WHERE town = $1 AND fund = $3 AND EXISTS (SELECT FROM withdrawn);

-- name: next_given
-- The next rows that were granted and not taken back yet.
SELECT line, id FROM koban.grant_row
WHERE town = $1 AND run = $2 AND state = 'done' AND taken IS NULL ORDER BY line LIMIT $3;

-- name: keep_taken
-- What undoing took of each row: the entry's amount, or nothing where all was spent.
UPDATE koban.grant_row r SET undo = u.undo, taken = coalesce(e.amount, 0)
FROM unnest($3::uuid[], $4::uuid[]) u (id, undo)
    LEFT JOIN koban.decision d ON d.town = $1 AND d.id = u.undo
    LEFT JOIN koban.entry e ON e.town = $1 AND e.entry = d.entry
WHERE r.town = $1 AND r.run = $2 AND r.id = u.id;

-- name: could_take
-- What undoing a run would take back now: of each grant what is left in its lots.
SELECT coalesce(sum(least(p.amount, l.remaining)), 0)::bigint AS amount
FROM koban.grant_row r
    JOIN koban.decision d ON d.town = r.town AND d.id = r.id
    JOIN koban.posting p ON p.town = d.town AND p.entry = d.entry AND p.to_account = r.wallet
    JOIN koban.lot l ON l.town = p.town AND l.wallet = r.wallet AND l.instrument = p.instrument
        AND l.expires_at = p.expires_at AND l.funder = p.funder
WHERE r.town = $1 AND r.run = $2 AND r.state = 'done' AND r.taken IS NULL;
