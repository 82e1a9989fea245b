-- name: lock
-- Makers of one town take turns, so that files are numbered without gaps.
SELECT pg_advisory_xact_lock(hashtext('koban.bank_file'), $1::integer);

-- name: next_file
-- The number of a town's next file.
SELECT coalesce(max(file), 0) + 1 AS file FROM koban.bank_file WHERE town = $1;

-- name: add
-- A file; its lines are held by the caller, so nobody else makes one of them.
INSERT INTO koban.bank_file (town, file, settlement, kind, transfer_on, lines, total,
    content_encrypted, digest, vault_key, made_by, made_name, made_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13);

-- name: add_lines
-- What is in it, in the order of its records.
INSERT INTO koban.bank_file_line (town, file, line, settlement, shop, amount)
SELECT $1, $2, l.line, $3, l.shop, l.amount
FROM unnest($4::bigint[], $5::bigint[]) WITH ORDINALITY l (shop, amount, line);

-- name: files
-- Files, newest first.
SELECT file, settlement, kind, transfer_on, lines, total, digest, state, made_by, made_name, made_at,
    taken_by, taken_name, taken_at, ended_name, ended_at, result_digest
FROM koban.bank_file
WHERE town = :town
    AND file = :number -- if number
    AND settlement = :settlement -- if settlement
    AND file < :before -- if before
ORDER BY file DESC LIMIT :limit;

-- name: hold
-- A file that nobody else changes until the end of the transaction.
SELECT file, settlement, kind, transfer_on, lines, total, digest, state, made_by, made_name, made_at,
    taken_by, taken_name, taken_at, ended_name, ended_at, result_digest
FROM koban.bank_file WHERE town = $1 AND file = $2 FOR UPDATE;

-- name: lines
-- A file's lines with what became of each.
SELECT f.line, f.shop, s.code, a.title, f.amount, l.state, f.result, l.reason, l.carried_to
FROM koban.bank_file_line f
JOIN koban.settlement_line l USING (town, settlement, shop)
JOIN koban.shop s USING (town, shop)
JOIN koban.account a ON a.town = f.town AND a.account = f.shop
WHERE f.town = $1 AND f.file = $2 ORDER BY f.line;

-- name: content
-- A file's bytes, as they are kept.
SELECT content_encrypted, vault_key FROM koban.bank_file WHERE town = $1 AND file = $2;

-- name: take
-- Somebody has it.
UPDATE koban.bank_file SET state = 'taken', taken_by = $3, taken_name = $4, taken_at = $5
WHERE town = $1 AND file = $2;

-- name: discard
-- Nobody had taken it; its lines may be in another one.
WITH freed AS (
    UPDATE koban.bank_file_line SET live = false WHERE town = $1 AND file = $2
)
UPDATE koban.bank_file SET state = 'discarded', ended_name = $3, ended_at = $4
WHERE town = $1 AND file = $2;

-- name: end
-- The bank has done its part.
UPDATE koban.bank_file SET state = 'done', ended_name = $3, ended_at = $4,
    result_encrypted = $5, result_digest = $6, result_key = $7
WHERE town = $1 AND file = $2;

-- name: keep_results
-- What the bank says of each line, in the order of the records.
UPDATE koban.bank_file_line l SET result = r.result
FROM unnest($3::text[]) WITH ORDINALITY r (result, line)
WHERE l.town = $1 AND l.file = $2 AND l.line = r.line;

-- name: by_result
-- Which file this very result was read for.
SELECT file FROM koban.bank_file WHERE town = $1 AND result_digest = $2;

-- name: under_other_keys
-- Some of the files that are not under this key, held until the end of the transaction.
SELECT town, file, vault_key, content_encrypted, result_key, result_encrypted
FROM koban.bank_file WHERE vault_key <> $1 OR result_key <> $1
ORDER BY town, file LIMIT $2 FOR UPDATE;

-- name: encrypt
-- The same file under another key.
UPDATE koban.bank_file SET vault_key = $3, content_encrypted = $4, result_encrypted = $5,
    result_key = CASE WHEN $5::bytea IS NOT NULL THEN $3::smallint END
WHERE town = $1 AND file = $2;
