-- migrate:up

-- Planned stops (計画停止, N19): from when until when the service is not there, and what is told about
-- it, by language. One that was called off, or was over before its time, has `ended_at`.
CREATE TABLE koban.planned_stop (
    town smallint NOT NULL,
    stop bigint GENERATED ALWAYS AS IDENTITY,
    from_at timestamptz NOT NULL,
    until_at timestamptz NOT NULL,
    words jsonb NOT NULL,
    planned_at timestamptz NOT NULL,
    planned_by text NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (town, stop),
    CHECK (from_at < until_at)
);
CREATE INDEX planned_stop_ahead ON koban.planned_stop (until_at) WHERE ended_at IS NULL; -- ahead

-- What the person in charge is told (`gateway.watching`): a kind of trouble while it lasts. Town 0 is
-- the whole service. `seen_at`: some gateway saw it then; `told_at`: somebody was told then; whoever
-- is telling it has claimed that until `claimed_until`, and others leave it to them.
CREATE TABLE koban.alert (
    town smallint NOT NULL,
    kind text NOT NULL,
    began_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    told_at timestamptz,
    claimed_until timestamptz,
    PRIMARY KEY (town, kind)
);

-- Each time that the books of a town were verified as a job: what was read and what did not hold.
CREATE TABLE koban.verification (
    town smallint NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    entries bigint NOT NULL,
    problems integer NOT NULL,
    first_problems text[] NOT NULL,
    PRIMARY KEY (town, started_at)
);

-- Backups that were made and found whole (`scripts/backup`). One holds every town.
CREATE TABLE koban.backup (
    town smallint NOT NULL,
    label text NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    bytes bigint NOT NULL,
    PRIMARY KEY (town, label)
);

-- Called by `scripts/backup`, which has psql and nothing else of ours.
CREATE FUNCTION koban.note_backup(p_label text, p_started_at timestamptz, p_bytes bigint)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO koban.backup (town, label, started_at, finished_at, bytes)
    SELECT town, p_label, p_started_at, now(), p_bytes FROM koban.town
    ON CONFLICT DO NOTHING
$$;

-- When a revoked tablet came back to be told, and had wiped itself (H10).
ALTER TABLE koban.terminal ADD COLUMN wiped_at timestamptz;

-- migrate:down
