-- What is changed in the queue from here: its tables and triggers know each other by bare names, so
-- each function looks in their schema alone. It comes with its library (ledger/job_queue.py).

-- Enqueues a job, in the transaction that is open.
CREATE OR REPLACE FUNCTION koban.defer_job(queue text, name text, lock text, arguments jsonb)
RETURNS bigint LANGUAGE sql SET search_path = jobs, pg_temp AS $$
    SELECT (procrastinate_defer_jobs_v1(
        ARRAY[ROW(queue, name, 0, lock, NULL, arguments, NULL)]::procrastinate_job_to_defer_v1[]
    ))[1]
$$;

-- Puts jobs back whose worker has been silent for so long; one that ended so often with its worker
-- has failed. Of several who look at once, one finds it.
CREATE OR REPLACE FUNCTION koban.take_up_stalled_jobs(silent_s double precision, attempts_max int)
RETURNS TABLE (job bigint, town smallint, name text, failed boolean)
LANGUAGE sql SET search_path = jobs, pg_temp AS $$
    UPDATE procrastinate_jobs j
    SET status = (CASE WHEN j.attempts + 1 < attempts_max THEN 'todo' ELSE 'failed' END)
            ::procrastinate_job_status,
        attempts = j.attempts + 1,
        worker_id = NULL,
        scheduled_at = NULL
    WHERE j.status = 'doing' AND NOT EXISTS (
        SELECT FROM procrastinate_workers w
        WHERE w.id = j.worker_id AND w.last_heartbeat >= now() - make_interval(secs => silent_s)
    )
    RETURNING j.id, (j.args ->> 'town')::smallint, j.task_name, j.status = 'failed'
$$;

-- Lets a failed job be tried again, as often as at first; its name, or null where a town has no such.
CREATE OR REPLACE FUNCTION koban.retry_job(of_town smallint, job bigint)
RETURNS text LANGUAGE sql SET search_path = jobs, pg_temp AS $$
    UPDATE procrastinate_jobs j SET status = 'todo', attempts = 0, scheduled_at = NULL
    WHERE j.id = job AND j.status IN ('failed', 'aborted')
        AND (j.args ->> 'town')::smallint = of_town
    RETURNING j.task_name
$$;

-- Puts jobs of these names back that failed without a word: a worker of an older version took them
-- up and did not know them.
CREATE OR REPLACE FUNCTION koban.take_up_unknown_jobs(names text[])
RETURNS SETOF bigint LANGUAGE sql SET search_path = jobs, pg_temp AS $$
    UPDATE procrastinate_jobs j SET status = 'todo', attempts = 0, scheduled_at = NULL
    WHERE j.status = 'failed' AND j.task_name = ANY (names) AND NOT EXISTS (
        SELECT FROM koban.job_fault f
        WHERE f.town = (j.args ->> 'town')::smallint AND f.job = j.id
    )
    RETURNING j.id
$$;
