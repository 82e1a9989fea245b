-- migrate:up

-- What goes to the bank and what comes back from it: 総合振込 pays a settlement's lines out,
-- 預金口座振替 collects them (gateway/banking has their form).

-- A file for the bank. Its bytes hold account numbers and names, so they are encrypted under the key
-- `vault_key`; `digest` is their SHA-256. `transfer_on`: the banks' working day on which it is done.
-- `made`: it lies here; `taken`: somebody else than its maker has it, and the bank may; `done`: the
-- bank has answered; `discarded`: nobody had taken it, and its lines are free again. `result` and
-- `result_digest` (of its records alone): what the bank sent back for a collection.
CREATE TABLE koban.bank_file (
    town smallint NOT NULL,
    file bigint NOT NULL,
    settlement bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('transfer', 'collection')),
    transfer_on date NOT NULL,
    lines integer NOT NULL CHECK (lines BETWEEN 1 AND 999999),
    total bigint NOT NULL CHECK (total > 0),
    content_encrypted bytea NOT NULL,
    digest bytea NOT NULL,
    vault_key smallint NOT NULL,
    state text NOT NULL DEFAULT 'made' CHECK (state IN ('made', 'taken', 'done', 'discarded')),
    made_by bigint,
    made_name text NOT NULL,
    made_at timestamptz NOT NULL,
    taken_by bigint,
    taken_name text,
    taken_at timestamptz,
    result_encrypted bytea,
    result_digest bytea,
    result_key smallint,
    ended_name text,
    ended_at timestamptz,
    PRIMARY KEY (town, file),
    UNIQUE (town, result_digest), -- bank_files: by_result
    FOREIGN KEY (town, settlement) REFERENCES koban.settlement,
    CHECK (taken_by <> made_by),
    CHECK (taken_name <> made_name),
    CHECK ((taken_at IS NULL) = (state IN ('made', 'discarded'))),
    CHECK ((ended_at IS NULL) = (state IN ('made', 'taken'))),
    CHECK (num_nonnulls(result_encrypted, result_digest, result_key) IN (0, 3)),
    CHECK (result_digest IS NULL OR kind = 'collection' AND state = 'done')
);
CREATE INDEX bank_file_by_settlement ON koban.bank_file (town, settlement, file); -- bank_files: files

-- A file's lines, in the order of its records: `amount` yen to a shop, or from it. `live`: the file was
-- not discarded. `result`: the bank's code (振替結果コード), once it has come.
CREATE TABLE koban.bank_file_line (
    town smallint NOT NULL,
    file bigint NOT NULL,
    line integer NOT NULL CHECK (line > 0),
    settlement bigint NOT NULL,
    shop bigint NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    live boolean NOT NULL DEFAULT true,
    result text CHECK (result ~ '^[0-9]$'),
    PRIMARY KEY (town, file, line),
    UNIQUE (town, file, shop),
    FOREIGN KEY (town, file) REFERENCES koban.bank_file,
    FOREIGN KEY (town, settlement, shop) REFERENCES koban.settlement_line
);
-- bank_files: add; nobody is paid twice by two files.
CREATE UNIQUE INDEX bank_file_line_once ON koban.bank_file_line (town, settlement, shop) WHERE live;

-- migrate:down
