-- name: add
-- Notices of one kind to many accounts; those that an account had already are left as they are.
INSERT INTO koban.notice (town, account, kind, subject, body, created_at)
SELECT $1, a.account, $2, a.subject, a.body::jsonb, $6
FROM unnest($3::bigint[], $4::text[], $5::text[]) AS a (account, subject, body)
ORDER BY a.account, a.subject
ON CONFLICT (town, account, kind, subject) DO NOTHING
RETURNING account, notice, subject;

-- name: newest
-- An account's notices before one of them, newest first: its own, and the circulars that are for it
-- or that it has read while they were. The body tells its kind, too.
(
    SELECT notice, kind, (body || jsonb_build_object('kind', kind))::text AS body, created_at, read_at
    FROM koban.notice
    WHERE town = $1 AND account = $2 AND ($3::bigint IS NULL OR notice < $3)
    ORDER BY notice DESC LIMIT $4
)
UNION ALL
(
    SELECT c.notice, 'circular', jsonb_build_object('kind', 'circular', 'title', c.title,
        'text', c.text, 'pictures', c.pictures)::text, c.published_at, r.read_at
    FROM koban.circular c
    JOIN koban.account a ON a.town = c.town AND a.account = $2
    LEFT JOIN koban.circular_reader r
        ON r.town = c.town AND r.circular = c.circular AND r.account = a.account
    WHERE c.town = $1 AND c.notice IS NOT NULL AND c.withdrawn_at IS NULL AND c.shown_until > $5
        AND ($3::bigint IS NULL OR c.notice < $3)
        AND (koban.circular_reaches(c, a, $5) OR r.read_at IS NOT NULL)
    ORDER BY c.notice DESC LIMIT $4
)
ORDER BY notice DESC LIMIT $4;

-- name: unread
-- How many of an account's notices nobody has read, the circulars for it among them.
SELECT (SELECT count(*) FROM koban.notice WHERE town = $1 AND account = $2 AND read_at IS NULL) + (
    SELECT count(*) FROM koban.circular c
    JOIN koban.account a ON a.town = c.town AND a.account = $2
    WHERE c.town = $1 AND c.notice IS NOT NULL AND c.withdrawn_at IS NULL AND c.shown_until > $3
        AND koban.circular_reaches(c, a, $3) AND NOT EXISTS (
            SELECT FROM koban.circular_reader r
            WHERE r.town = c.town AND r.circular = c.circular AND r.account = a.account)
) AS unread;

-- name: mark_read
-- All up to this one are read; those that were, since then.
WITH own AS (
    UPDATE koban.notice SET read_at = $4
    WHERE town = $1 AND account = $2 AND notice <= $3 AND read_at IS NULL
)
INSERT INTO koban.circular_reader (town, circular, account, read_at)
SELECT c.town, c.circular, a.account, $4 FROM koban.circular c
JOIN koban.account a ON a.town = c.town AND a.account = $2
WHERE c.town = $1 AND c.notice <= $3 AND c.withdrawn_at IS NULL AND c.shown_until > $4
    AND koban.circular_reaches(c, a, $4)
ON CONFLICT DO NOTHING;

-- name: sweep_notices
-- Some of the read notices from before an instant go; how many.
WITH old AS (
    SELECT town, account, notice FROM koban.notice
    WHERE town = $1 AND created_at < $2 AND read_at IS NOT NULL ORDER BY created_at LIMIT $3
), gone AS (
    DELETE FROM koban.notice n USING old
    WHERE n.town = old.town AND n.account = old.account AND n.notice = old.notice RETURNING 1
)
SELECT count(*) AS count FROM gone;
