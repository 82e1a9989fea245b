-- migrate:up

-- Giving by a list that a department made, by a code that a venue shows, and by a department's own
-- system. What is given is decided by koban.decide as everything else.

-- -- by list ------------------------------------------------------------------------------------------

-- A grant by list. `checked`: read and looked at, nothing is promised; `approved`: its sum is
-- reserved and its rows wait (koban.grant_row); `running` and `undoing`: some of them are decided.
-- `lines` were read; `rows` of them, worth `total`, can be granted, `refused` cannot, and in `noted`
-- something was written otherwise than asked. `made_by` and the like are operators' numbers, none
-- for who stood at the machine's command line. `key`: what the ids of its requests are made with, so
-- that nobody takes them by guessing.
CREATE TABLE koban.grant_run (
    town smallint NOT NULL,
    run bigint NOT NULL,
    key uuid NOT NULL,
    activity text NOT NULL,
    file_name text NOT NULL CHECK (char_length(file_name) BETWEEN 1 AND 200),
    file_digest bytea NOT NULL,
    encoding text NOT NULL,
    lines integer NOT NULL,
    rows integer NOT NULL,
    refused integer NOT NULL,
    noted integer NOT NULL,
    total bigint NOT NULL CHECK (total >= 0),
    state text NOT NULL DEFAULT 'checked' CHECK (state IN ('checked', 'approved', 'running',
        'finished', 'undoing', 'undone', 'cancelled')),
    made_by bigint,
    made_name text NOT NULL,
    made_at timestamptz NOT NULL,
    approved_by bigint,
    approved_name text,
    approved_at timestamptz,
    ended_at timestamptz,
    undo_by bigint,
    undo_name text,
    undo_at timestamptz,
    undone_at timestamptz,
    PRIMARY KEY (town, run),
    FOREIGN KEY (town, activity) REFERENCES koban.activity,
    CHECK (rows + refused = lines),
    CHECK ((approved_at IS NULL) = (state IN ('checked', 'cancelled')))
);
CREATE INDEX grant_run_by_activity ON koban.grant_run (town, activity, run); -- grants: earlier_runs
CREATE INDEX grant_run_under_way ON koban.grant_run (town, run)
    WHERE state IN ('approved', 'running', 'undoing'); -- grants: under_way
CREATE SEQUENCE koban.grant_run_number START 1;

-- A line of a list as it was checked: what it would grant to whom (`id` is then that of the request),
-- or why not: the `problem`, in which column, what was found there, and the `other` line or run that
-- it clashes with. `tail`: the end of what named the person. Written with its run, in one
-- transaction, before the run's sums are known: so it has no foreign key.
CREATE TABLE koban.grant_line (
    town smallint NOT NULL,
    run bigint NOT NULL,
    line integer NOT NULL,
    id uuid,
    wallet bigint,
    amount bigint,
    tail text NOT NULL,
    problem text,
    field text,
    found text,
    other bigint,
    notes text[] NOT NULL,
    PRIMARY KEY (town, run, line),
    CHECK (num_nulls(id, wallet, amount) = 0 OR problem IS NOT NULL)
);
CREATE INDEX grant_line_refused ON koban.grant_line (town, run, line)
    WHERE problem IS NOT NULL; -- grants: refused_lines

-- `taken`: what undoing its run took back of it, under the id `undo`; the rest was spent meanwhile.
ALTER TABLE koban.grant_row
    ADD COLUMN undo uuid,
    ADD COLUMN taken bigint CHECK (taken BETWEEN 0 AND amount),
    ADD CHECK ((undo IS NULL) = (taken IS NULL));
CREATE INDEX grant_row_given ON koban.grant_row (town, run, line)
    WHERE state = 'done' AND taken IS NULL; -- grants: next_given

-- -- by code ------------------------------------------------------------------------------------------

-- What a venue shows to those who take part: digits, for a while. Their keyed digest alone is kept.
CREATE TABLE koban.activity_code (
    town smallint NOT NULL,
    number bigint NOT NULL,
    activity text NOT NULL,
    code_digest bytea NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_until timestamptz NOT NULL CHECK (valid_until > valid_from),
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (town, number),
    UNIQUE (town, code_digest), -- activity_codes: code
    FOREIGN KEY (town, activity) REFERENCES koban.activity
);
CREATE SEQUENCE koban.activity_code_number START 1;

-- -- by a department's system -------------------------------------------------------------------------

-- Which programmes a system gives for. It signs its requests as acquirers do, and is kept as one.
CREATE TABLE koban.acquirer_programme (
    town smallint NOT NULL,
    acquirer bigint NOT NULL,
    programme bigint NOT NULL,
    allowed_at timestamptz NOT NULL,
    PRIMARY KEY (town, acquirer, programme),
    FOREIGN KEY (town, acquirer) REFERENCES koban.acquirer,
    FOREIGN KEY (town, programme) REFERENCES koban.programme
);

-- Every grant id that a system ever named, and the request that it is.
CREATE TABLE koban.system_grant (
    town smallint NOT NULL,
    acquirer bigint NOT NULL,
    reference text NOT NULL,
    id uuid NOT NULL,
    activity text NOT NULL,
    wallet bigint NOT NULL,
    amount bigint CHECK (amount > 0),
    request_digest bytea NOT NULL,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (town, acquirer, reference),
    CONSTRAINT system_grant_is_one UNIQUE (town, id),
    FOREIGN KEY (town, acquirer) REFERENCES koban.acquirer
);

-- migrate:down
