-- migrate:up

-- Notices (お知らせ): what waits at a wallet or a shop until somebody has read it. `body` has what its
-- kind tells of; the words are the screens'. About one `subject` there is one notice of a kind.
CREATE TABLE koban.notice (
    town smallint NOT NULL,
    notice bigint GENERATED ALWAYS AS IDENTITY,
    account bigint NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    body jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    read_at timestamptz,
    PRIMARY KEY (town, account, notice),
    UNIQUE (town, account, kind, subject)
);
CREATE INDEX notice_unread ON koban.notice (town, account, notice) WHERE read_at IS NULL; -- unread, mark_read

-- How far the warnings of a day of the town have come: all wallets up to `wallet` were looked at, and
-- so many notices made.
CREATE TABLE koban.expiry_warning (
    town smallint NOT NULL,
    day date NOT NULL,
    wallet bigint NOT NULL DEFAULT 0,
    notices bigint NOT NULL DEFAULT 0,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    PRIMARY KEY (town, day)
);

-- migrate:down
