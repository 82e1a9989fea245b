-- name: open_run
-- A run for this midnight, unless there is one.
INSERT INTO koban.expiry_run (town, boundary, started_at) VALUES ($1, $2, $3)
ON CONFLICT DO NOTHING RETURNING boundary;

-- name: list_rows
-- Who loses something at this midnight, and to whom: lots that ended since the last run that came to
-- its end (or at any time, where a reversal gave them back since), and lots of wallets that were not
-- used for too long.
WITH rules AS (
    SELECT i.instrument, i.expired_to, i.idle_days
    FROM koban.instrument i
    WHERE i.town = $1 AND i.version = (
        SELECT p.version FROM koban.profile p WHERE p.town = $1 AND p.valid_from <= $2
        ORDER BY p.valid_from DESC LIMIT 1)
), last_run AS (
    SELECT coalesce(max(r.boundary), '-infinity') AS boundary
    FROM koban.expiry_run r
    WHERE r.town = $1 AND r.boundary < $2 AND r.finished_at IS NOT NULL
), due AS (
    SELECT l.wallet, l.instrument, l.funder
    FROM koban.lot l
    WHERE l.town = $1 AND l.expires_at <= $2 AND l.remaining > 0
        AND l.expires_at > (SELECT boundary FROM last_run)
    UNION ALL
    SELECT l.wallet, l.instrument, l.funder
    FROM (
        SELECT DISTINCT e.wallet FROM koban.entry e
        WHERE e.town = $1 AND e.kind = 'reversal'
            AND e.at > (SELECT boundary FROM last_run) - interval '1 day'
    ) back
    JOIN koban.lot l ON l.town = $1 AND l.wallet = back.wallet AND l.remaining > 0
        AND l.expires_at <= (SELECT boundary FROM last_run)
    UNION ALL
    SELECT l.wallet, l.instrument, l.funder
    FROM rules i
    JOIN koban.account a ON a.town = $1 AND a.kind = 'wallet'
        AND coalesce(a.used_at, a.opened_at) + make_interval(days => i.idle_days) <= $2
    JOIN koban.lot l ON l.town = $1 AND l.wallet = a.account AND l.instrument = i.instrument
        AND l.remaining > 0 AND l.expires_at > $2
    WHERE i.idle_days IS NOT NULL
), listed AS (
    INSERT INTO koban.expiry_row (town, boundary, wallet, destination)
    SELECT DISTINCT $1::smallint, $2::timestamptz, d.wallet, coalesce(i.expired_to, d.funder)
    FROM due d JOIN rules i ON i.instrument = d.instrument
    RETURNING 1
)
UPDATE koban.expiry_run r SET listed = (SELECT count(*) FROM listed)
WHERE r.town = $1 AND r.boundary = $2;

-- name: run
-- How far a run is.
SELECT boundary, listed, done, amount, wallet, destination, started_at, finished_at
FROM koban.expiry_run WHERE town = $1 AND boundary = $2;

-- name: runs
-- The runs of a town before a midnight, newest first.
SELECT boundary, listed, done, amount, wallet, destination, started_at, finished_at
FROM koban.expiry_run WHERE town = $1 AND ($2::timestamptz IS NULL OR boundary < $2)
ORDER BY boundary DESC LIMIT $3;

-- name: next_rows
-- The rows behind the last one that was carried out.
SELECT wallet, destination FROM koban.expiry_row
WHERE town = $1 AND boundary = $2 AND (wallet, destination) > ($3, $4)
ORDER BY wallet, destination LIMIT $5;

-- name: come_to
-- A slice is carried out. Who did the same slice meanwhile is not counted twice.
UPDATE koban.expiry_run
SET wallet = $3, destination = $4, done = done + $5, amount = amount + $6
WHERE town = $1 AND boundary = $2 AND (wallet, destination) = ($7, $8);

-- name: finish
-- Nothing is left to do; the list is needed no more.
WITH dropped AS (
    DELETE FROM koban.expiry_row WHERE town = $1 AND boundary = $2
)
UPDATE koban.expiry_run SET finished_at = $3
WHERE town = $1 AND boundary = $2 AND finished_at IS NULL;

-- name: preview
-- What would have expired at an instant if nobody used anything until then: by kind of value, funder
-- and destination (none named: back to the fund).
WITH rules AS (
    SELECT i.instrument, i.code, i.expired_to, i.idle_days
    FROM koban.instrument i
    WHERE i.town = $1 AND i.version = (
        SELECT p.version FROM koban.profile p WHERE p.town = $1 AND p.valid_from <= $2
        ORDER BY p.valid_from DESC LIMIT 1)
)
SELECT i.code AS instrument, f.code AS funder, p.code AS purpose,
    count(DISTINCT l.wallet) AS people, sum(l.remaining)::bigint AS amount,
    max(l.remaining) AS largest
FROM koban.lot l
JOIN rules i ON i.instrument = l.instrument
JOIN koban.account a ON a.town = $1 AND a.account = l.wallet
JOIN koban.fund f ON f.town = $1 AND f.fund = l.funder
LEFT JOIN koban.purpose p ON p.town = $1 AND p.purpose = i.expired_to
WHERE l.town = $1 AND l.remaining > 0 AND (l.expires_at <= $2
    OR coalesce(a.used_at, a.opened_at) + make_interval(days => i.idle_days) <= $2)
GROUP BY 1, 2, 3 ORDER BY 5 DESC, 1, 2, 3;

-- name: people
-- How many wallets that concerns in all, and the largest five sums.
WITH rules AS (
    SELECT i.instrument, i.idle_days
    FROM koban.instrument i
    WHERE i.town = $1 AND i.version = (
        SELECT p.version FROM koban.profile p WHERE p.town = $1 AND p.valid_from <= $2
        ORDER BY p.valid_from DESC LIMIT 1)
), sums AS (
    SELECT l.wallet, sum(l.remaining)::bigint AS amount
    FROM koban.lot l
    JOIN rules i ON i.instrument = l.instrument
    JOIN koban.account a ON a.town = $1 AND a.account = l.wallet
    WHERE l.town = $1 AND l.remaining > 0 AND (l.expires_at <= $2
        OR coalesce(a.used_at, a.opened_at) + make_interval(days => i.idle_days) <= $2)
    GROUP BY l.wallet
)
SELECT (SELECT count(*) FROM sums) AS people, wallet, amount
FROM sums ORDER BY amount DESC, wallet LIMIT 5;
