-- name: add
-- Notices of one kind to many accounts; those that an account had already are left as they are.
INSERT INTO koban.notice (town, account, kind, subject, body, created_at)
SELECT $1, a.account, $2, a.subject, a.body::jsonb, $6
FROM unnest($3::bigint[], $4::text[], $5::text[]) AS a (account, subject, body)
ORDER BY a.account, a.subject
ON CONFLICT (town, account, kind, subject) DO NOTHING
RETURNING account, notice, subject;

-- name: newest
-- An account's notices before one of them, newest first; the body tells its kind, too.
SELECT notice, kind, (body || jsonb_build_object('kind', kind))::text AS body, created_at, read_at
FROM koban.notice
WHERE town = $1 AND account = $2 AND ($3::bigint IS NULL OR notice < $3)
ORDER BY notice DESC LIMIT $4;

-- name: unread
-- How many of an account's notices nobody has read.
SELECT count(*) AS unread FROM koban.notice WHERE town = $1 AND account = $2 AND read_at IS NULL;

-- name: mark_read
-- All up to this one are read; those that were, since then.
UPDATE koban.notice SET read_at = $4
WHERE town = $1 AND account = $2 AND notice <= $3 AND read_at IS NULL;
