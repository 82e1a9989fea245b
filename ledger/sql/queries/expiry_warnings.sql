-- name: begin
-- The warnings of a day begin, unless they have.
INSERT INTO koban.expiry_warning (town, day, started_at) VALUES ($1, $2, $3)
ON CONFLICT DO NOTHING;

-- name: take
-- How far they have come; whoever else does them waits here until this slice is committed.
SELECT wallet, finished_at FROM koban.expiry_warning WHERE town = $1 AND day = $2 FOR UPDATE;

-- name: slice_end
-- The last of the next so many wallets.
SELECT max(s.account) AS wallet
FROM (
    SELECT account FROM koban.account
    WHERE town = $1 AND kind = 'wallet' AND account > $2 ORDER BY account LIMIT $3
) s;

-- name: endings
-- What ends for the wallets behind one and up to another on certain days of the town, all of which
-- are after `now`: by wallet, day and kind of value. Value ends with its lot, or earlier where its
-- wallet is not used for too long.
WITH rules AS (
    SELECT i.instrument, i.code, i.spend_order, i.idle_days
    FROM koban.instrument i
    WHERE i.town = $1 AND i.version = (
        SELECT p.version FROM koban.profile p WHERE p.town = $1 AND p.valid_from <= $4
        ORDER BY p.valid_from DESC LIMIT 1)
), ends AS (
    SELECT l.wallet, i.code, i.spend_order, l.remaining,
        least(l.expires_at, coalesce(a.used_at, a.opened_at) + make_interval(days => i.idle_days))
            AS at
    FROM koban.lot l
    JOIN rules i ON i.instrument = l.instrument
    JOIN koban.account a ON a.town = l.town AND a.account = l.wallet
    WHERE l.town = $1 AND l.wallet > $2 AND l.wallet <= $3 AND l.remaining > 0
)
SELECT e.wallet, d.warn_day, min(e.at) AS ends_at, e.code, sum(e.remaining)::bigint AS amount
FROM ends e
JOIN unnest($5::integer[], $6::timestamptz[], $7::timestamptz[]) AS d (warn_day, since, until)
    ON e.at >= d.since AND e.at < d.until
WHERE e.at > $4
GROUP BY e.wallet, d.warn_day, e.spend_order, e.code
ORDER BY e.wallet, d.warn_day, e.spend_order, e.code;

-- name: come_to
-- All wallets up to this one are warned.
UPDATE koban.expiry_warning SET wallet = $3, notices = notices + $4 WHERE town = $1 AND day = $2;

-- name: finish
-- There is no further wallet.
UPDATE koban.expiry_warning SET finished_at = $3 WHERE town = $1 AND day = $2;

-- name: progress
-- The warnings of a day.
SELECT wallet, notices, started_at, finished_at FROM koban.expiry_warning
WHERE town = $1 AND day = $2;
