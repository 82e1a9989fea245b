-- name: add_circular
-- A circular, not published yet.
INSERT INTO koban.circular (town, audience, instrument, groups, accounts, title, text, pictures,
    shown_from, shown_until, made_by, made_at)
VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7::jsonb, $8::jsonb, $9, $10, $11, $12)
RETURNING circular;

-- name: unknown_accounts
-- Those of some accounts that are none of this kind.
SELECT given.account FROM unnest($3::bigint[]) AS given (account)
WHERE NOT EXISTS (
    SELECT FROM koban.account a
    WHERE a.town = $1 AND a.account = given.account AND a.kind = $2)
ORDER BY given.account;

-- name: circulars
-- Circulars, newest first, with how many have read each.
SELECT circular, audience, instrument, groups, accounts, title::text AS title, text::text AS text,
    pictures::text AS pictures, shown_from, shown_until, made_by, made_at, notice, published_at,
    recipients, pushed_at, withdrawn_at,
    (SELECT count(*) FROM koban.circular_reader r
     WHERE r.town = c.town AND r.circular = c.circular) AS readers
FROM koban.circular c
WHERE town = :town
    AND circular = :circular -- if circular
    AND circular < :before -- if before
ORDER BY circular DESC LIMIT :limit;

-- name: withdraw
-- A circular is shown no more; no row where it was withdrawn or is over.
UPDATE koban.circular SET withdrawn_at = $3
WHERE town = $1 AND circular = $2 AND withdrawn_at IS NULL AND shown_until > $3
RETURNING circular;

-- name: due
-- Circulars whose time has come and is not over, and which are not published.
SELECT circular FROM koban.circular
WHERE town = $1 AND notice IS NULL AND withdrawn_at IS NULL AND shown_from <= $2
    AND shown_until > $2
ORDER BY shown_from, circular;

-- name: publish
-- A circular whose time has come gets its number among the notices; no row where it has one, or
-- where it was withdrawn or its time is over by now.
UPDATE koban.circular SET notice = nextval('koban.notice_notice_seq'), published_at = $3
WHERE town = $1 AND circular = $2 AND notice IS NULL AND withdrawn_at IS NULL
    AND shown_from <= $3 AND shown_until > $3
RETURNING notice;

-- name: count_recipients
-- How many a circular is for at this instant.
UPDATE koban.circular c SET recipients = (
    SELECT count(*) FROM koban.account a
    WHERE a.town = c.town AND a.kind = c.audience AND koban.circular_reaches(c, a, $3))
WHERE c.town = $1 AND c.circular = $2;

-- name: take_pushing
-- How far the phones were told of a circular that is shown; whoever else tells them waits here, but
-- nobody who reads it.
SELECT notice, pushed_to, recipients, audience, title::text AS title, text::text AS text
FROM koban.circular
WHERE town = $1 AND circular = $2 AND notice IS NOT NULL AND pushed_at IS NULL
    AND withdrawn_at IS NULL AND shown_until > $3
FOR NO KEY UPDATE;

-- name: next_phones
-- The phones of the next wallets that a circular is for, all of a wallet's together.
SELECT p.wallet, p.endpoint, p.p256dh, p.auth
FROM koban.circular c
JOIN people.push p ON p.town = c.town AND p.wallet > c.pushed_to
JOIN people.session s ON s.town = p.town AND s.session = p.session
JOIN koban.account a ON a.town = p.town AND a.account = p.wallet
WHERE c.town = $1 AND c.circular = $2 AND s.revoked_at IS NULL AND s.expires_at > $3
    AND koban.circular_reaches(c, a, $3)
ORDER BY p.wallet FETCH FIRST $4 ROWS WITH TIES;

-- name: pushed_to
-- The phones of all wallets up to this one were told.
UPDATE koban.circular SET pushed_to = $3 WHERE town = $1 AND circular = $2;

-- name: all_pushed
-- There is no further phone.
UPDATE koban.circular SET pushed_at = $3 WHERE town = $1 AND circular = $2;

-- name: fresh
-- What was published since an instant: circulars with whom they are for, and notices to one account.
-- Warnings of expiry are left out: they come by the hundred thousand, and need no open screen.
SELECT c.notice, c.audience, c.accounts
FROM koban.circular c
WHERE c.town = $1 AND c.published_at > $2 AND c.withdrawn_at IS NULL
UNION ALL
SELECT n.notice, NULL, ARRAY[n.account]
FROM koban.notice n
WHERE n.town = $1 AND n.created_at > $2 AND n.kind <> 'expiry_warning'
LIMIT $3;

-- name: sweep_circulars
-- Circulars that were over before an instant go, with who has read them.
WITH gone AS (
    DELETE FROM koban.circular WHERE town = $1 AND least(shown_until, withdrawn_at) < $2 RETURNING 1
)
SELECT count(*) AS count FROM gone;

-- name: save_picture
-- A picture, unless it is there.
INSERT INTO koban.picture (town, digest, media, width, height, content, saved_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (town, digest) DO UPDATE SET saved_at = excluded.saved_at;

-- name: picture
-- A picture by its digest.
SELECT media, content FROM koban.picture WHERE town = $1 AND digest = $2;

-- name: picture_sizes
-- How large some pictures are.
SELECT encode(digest, 'hex') AS picture, width, height FROM koban.picture
WHERE town = $1 AND digest = ANY ($2::bytea[]);

-- name: sweep_pictures
-- Pictures from before an instant that no circular shows or will show go.
WITH gone AS (
    DELETE FROM koban.picture p
    WHERE p.town = $1 AND p.saved_at < $2 AND NOT EXISTS (
        SELECT FROM koban.circular c, jsonb_array_elements(c.pictures) AS shown
        WHERE c.town = p.town AND c.withdrawn_at IS NULL AND c.shown_until > $3
            AND shown ->> 'picture' = encode(p.digest, 'hex'))
    RETURNING 1
)
SELECT count(*) AS count FROM gone;
