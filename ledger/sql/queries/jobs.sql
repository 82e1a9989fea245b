-- name: defer
-- Enqueues a job.
SELECT koban.defer_job($1, $2, $3, $4::jsonb) AS job

-- name: defer_unless_waiting
-- Enqueues a job unless the very same waits already.
SELECT koban.defer_job($1, $2, $3, $4::jsonb) AS job
WHERE NOT EXISTS (
    SELECT FROM jobs.procrastinate_jobs
    WHERE status = 'todo' AND lock = $3 AND task_name = $2 AND args = $4::jsonb
)

-- name: schedules
-- How far every schedule was enqueued.
SELECT town, job, reached FROM koban.job_schedule

-- name: begin_schedule
-- A schedule that was not known: what is due from now on.
INSERT INTO koban.job_schedule (town, job, reached) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING

-- name: end_schedule
-- A town has a schedule no more.
DELETE FROM koban.job_schedule WHERE town = $1 AND job = $2

-- name: lock_schedule
-- How far a schedule was enqueued, and nobody else goes on with it until the transaction ends.
SELECT reached FROM koban.job_schedule WHERE town = $1 AND job = $2 FOR UPDATE

-- name: reach
-- Notes how far a schedule was enqueued.
UPDATE koban.job_schedule SET reached = $3 WHERE town = $1 AND job = $2

-- name: waits
-- Whether such a job waits.
SELECT EXISTS (
    SELECT FROM jobs.procrastinate_jobs WHERE status = 'todo' AND lock = $2 AND task_name = $1
) AS waits

-- name: take_up_stalled
-- Puts jobs of workers that fell silent back into the queue.
SELECT job, town, name, failed FROM koban.take_up_stalled_jobs($1, $2)

-- name: take_up_unknown
-- Puts jobs back that an older worker did not know.
SELECT job FROM koban.take_up_unknown_jobs($1) AS job

-- name: note_fault
-- Why a job failed last.
INSERT INTO koban.job_fault (town, job, at, text) VALUES ($1, $2, $3, $4)
ON CONFLICT (town, job) DO UPDATE SET at = excluded.at, text = excluded.text

-- name: sweep_faults
-- Forgets why jobs failed that are there no more.
DELETE FROM koban.job_fault f
WHERE town = $1 AND NOT EXISTS (SELECT FROM jobs.procrastinate_jobs j WHERE j.id = f.job)

-- name: jobs
-- Jobs that wait, run or have failed, newest first.
SELECT j.id AS job, (j.args ->> 'town')::smallint AS town, j.task_name AS name,
    CASE j.status WHEN 'todo' THEN 'waiting' WHEN 'doing' THEN 'running' ELSE 'failed' END AS state,
    j.attempts, (j.args - 'town')::text AS arguments, j.scheduled_at AS not_before,
    f.at AS fault_at, f.text AS fault
FROM jobs.procrastinate_jobs j
LEFT JOIN koban.job_fault f ON f.town = (j.args ->> 'town')::smallint AND f.job = j.id
WHERE j.status NOT IN ('succeeded', 'cancelled')
    AND (j.args ->> 'town')::smallint = :town -- if town
    AND j.status NOT IN ('todo', 'doing') -- if failed
    AND j.id < :before -- if before
ORDER BY j.id DESC
LIMIT :limit

-- name: counts
-- How many jobs of each town wait, run and have failed.
SELECT (args ->> 'town')::smallint AS town,
    count(*) FILTER (WHERE status = 'todo') AS waiting,
    count(*) FILTER (WHERE status = 'doing') AS running,
    count(*) FILTER (WHERE status IN ('failed', 'aborted', 'aborting')) AS failed
FROM jobs.procrastinate_jobs
WHERE status NOT IN ('succeeded', 'cancelled')
GROUP BY 1

-- name: workers
-- How many workers were heard of lately, and whether there ever was one.
SELECT
    (SELECT count(*) FROM jobs.procrastinate_workers
        WHERE last_heartbeat >= now() - make_interval(secs => $1)) AS alive,
    EXISTS (SELECT FROM koban.job_schedule) AS known

-- name: town_of
-- Whose job it is.
SELECT (args ->> 'town')::smallint AS town FROM jobs.procrastinate_jobs WHERE id = $1

-- name: retry
-- Lets a failed job be tried again.
SELECT koban.retry_job($1, $2) AS name
