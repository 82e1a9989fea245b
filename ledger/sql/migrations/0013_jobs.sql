-- migrate:up

-- Jobs wait in the schema `jobs`, which belongs to the queue's own library (ledger/job_queue.py). What is
-- here is ours beside it.

-- Every occasion of a town's scheduled job up to `reached` was enqueued. Whoever enqueues the next
-- locks the row, so each is enqueued once.
CREATE TABLE koban.job_schedule (
    town smallint NOT NULL,
    job text NOT NULL,
    reached timestamptz NOT NULL,
    PRIMARY KEY (town, job)
) WITH (fillfactor = 50);

-- What a job raised when it failed last. Swept when the job is there no more.
CREATE TABLE koban.job_fault (
    town smallint NOT NULL,
    job bigint NOT NULL,
    at timestamptz NOT NULL,
    text text NOT NULL,
    PRIMARY KEY (town, job)
);

-- migrate:down
