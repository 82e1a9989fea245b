-- name: prepare
-- How long a statement may take; and all of the past is joined with all of it: by hashes, whatever the
-- planner expects, and not compiled for two runs a year. A replica has what was written before an
-- instant once it has replayed something from behind it.
SELECT NOT pg_is_in_recovery() OR coalesce(pg_last_xact_replay_timestamp() > $2, false)
FROM set_config('statement_timeout', $1, true) patience,
    set_config('enable_nestloop', 'off', true) nested,
    set_config('enable_memoize', 'off', true) remembered,
    set_config('jit', 'off', true) compiled;

-- name: held
-- What lay in wallets at an instant, by kind of value and funder: what could be used then, and what
-- had ended and was not carried away yet.
SELECT instrument, funder,
    coalesce(sum(amount) FILTER (WHERE NOT ended), 0)::bigint AS usable,
    coalesce(sum(amount) FILTER (WHERE ended), 0)::bigint AS ended
FROM koban.held_at($1, $2) GROUP BY instrument, funder;

-- name: flows
-- What came into wallets and went out of them between two instants, by kind of value and funder. What
-- was reversed counts where its original did, the other way round; a top-up that was taken back is a
-- refund. To a fund or purpose goes what has expired, or what a reversal takes back of a grant.
-- `ever`: how much came in at all, since the town began.
WITH moved AS (
    SELECT p.instrument, p.funder, e.at, -side.amount AS in_,
        CASE
            WHEN outside.kind = 'purpose' THEN 'expired'
            WHEN outside.kind = 'fund' AND side.amount > 0 AND e.kind <> 'reversal' THEN 'expired'
            WHEN outside.kind = 'fund' THEN 'issued'
            WHEN coalesce(original.kind, e.kind) IN ('payment', 'gift', 'exchange')
                THEN 'recovered'
            WHEN e.kind = 'reversal' AND original.kind = 'top_up' THEN 'refunded'
            ELSE 'issued'
        END AS flow
    FROM koban.entry e
    JOIN koban.posting p ON p.town = e.town AND p.entry = e.entry
    CROSS JOIN LATERAL (VALUES (p.to_account, p.amount), (p.from_account, -p.amount))
        side (account, amount)
    JOIN koban.account outside ON outside.town = $1 AND outside.account = side.account
        AND outside.kind <> 'wallet'
    LEFT JOIN koban.decision d ON e.kind = 'reversal' AND d.town = e.town AND d.id = e.refers
    LEFT JOIN koban.entry original ON original.town = d.town AND original.entry = d.entry
    WHERE e.town = $1 AND e.at < $3 AND koban.paced(e.entry)
)
SELECT instrument, funder,
    coalesce(sum(in_) FILTER (WHERE flow = 'issued' AND at >= $2), 0)::bigint AS issued,
    coalesce(sum(-in_) FILTER (WHERE flow = 'recovered' AND at >= $2), 0)::bigint AS recovered,
    coalesce(sum(-in_) FILTER (WHERE flow = 'expired' AND at >= $2), 0)::bigint AS expired,
    coalesce(sum(-in_) FILTER (WHERE flow = 'refunded' AND at >= $2), 0)::bigint AS refunded,
    coalesce(sum(in_) FILTER (WHERE flow = 'issued' AND in_ > 0), 0)::bigint AS ever
FROM moved GROUP BY instrument, funder;

-- name: lives
-- How long value of each kind could be used that was ever issued before an instant. Six months are
-- counted from the day after the issue (民法 140, 143): where the sixth month has no such day, to its
-- end.
WITH received AS (
    SELECT p.instrument, (e.at AT TIME ZONE t.time_zone)::date AS day,
        p.expires_at AT TIME ZONE t.time_zone AS ends, count(*) AS times
    FROM koban.entry e
    JOIN koban.town t ON t.town = e.town
    JOIN koban.posting p ON p.town = e.town AND p.entry = e.entry
    JOIN koban.account giver ON giver.town = $1 AND giver.account = p.from_account
        AND giver.kind <> 'wallet'
    JOIN koban.account taker ON taker.town = $1 AND taker.account = p.to_account
        AND taker.kind = 'wallet'
    WHERE e.town = $1 AND e.at < $2 AND e.kind <> 'reversal' AND koban.paced(e.entry)
    GROUP BY 1, 2, 3
), months AS (
    SELECT r.*, r.day + 1 + interval '6 months' AS last FROM received r
)
SELECT instrument, sum(times)::bigint AS issues,
    coalesce(sum(times) FILTER (WHERE ends > last + CASE
        WHEN extract(day FROM last) <> extract(day FROM day + 1) THEN interval '1 day'
        ELSE interval '0' END), 0)::bigint AS long,
    CASE WHEN bool_and(isfinite(ends)) THEN max(CASE
        WHEN isfinite(ends) THEN (ends - interval '1 second')::date - day END) END AS longest_days
FROM months GROUP BY instrument;

-- name: extended
-- How often value came back to a wallet into another lot than it had left: with a later end.
SELECT p.instrument, count(*) AS times
FROM koban.entry e
JOIN koban.posting p ON p.town = e.town AND p.entry = e.entry AND p.to_account = e.wallet
JOIN koban.decision d ON d.town = e.town AND d.id = e.refers
WHERE e.town = $1 AND e.at < $2 AND e.kind = 'reversal' AND koban.paced(e.entry)
    AND NOT EXISTS (
    SELECT FROM koban.posting o
    WHERE o.town = d.town AND o.entry = d.entry AND o.from_account = p.to_account
        AND o.instrument = p.instrument AND o.expires_at = p.expires_at AND o.funder = p.funder)
GROUP BY p.instrument;

-- name: spent_late
-- How often value was used at or after its end. Of a coupon no lot is left to use.
SELECT p.instrument, count(*) AS times
FROM koban.entry e
JOIN koban.posting p ON p.town = e.town AND p.entry = e.entry
JOIN koban.account taker ON taker.town = $1 AND taker.account = p.to_account
    AND taker.kind NOT IN ('fund', 'purpose')
JOIN koban.account giver ON giver.town = $1 AND giver.account = p.from_account
    AND giver.kind = 'wallet'
WHERE e.town = $1 AND e.at < $2 AND e.kind IN ('payment', 'gift', 'exchange', 'send')
    AND p.expires_at <= e.at AND koban.paced(e.entry)
GROUP BY p.instrument;

-- name: names
-- What kinds of value and funders are called, and the last entry before an instant.
SELECT coalesce((
        SELECT json_object_agg(i.instrument, i.code) FROM (
            SELECT DISTINCT ON (i.instrument) i.instrument, i.code FROM koban.instrument i
            WHERE i.town = $1 ORDER BY i.instrument, i.version DESC) i), '{}')::text AS instruments,
    coalesce((SELECT json_object_agg(f.fund, f.code) FROM koban.fund f WHERE f.town = $1),
        '{}')::text AS funders,
    coalesce((SELECT max(e.entry) FROM koban.entry e WHERE e.town = $1 AND e.at < $2
        AND koban.paced(e.entry)), 0) AS entry;

-- name: refunds
-- Who could use how much of a kind of value at an instant that these funders paid for, a wallet after
-- another: what a refund procedure owes them. Who holds the wallet is encrypted; nobody may.
SELECT l.wallet, sum(l.amount)::bigint AS amount, h.key_id, h.name_encrypted, h.phone_encrypted
FROM koban.held_at($1, $2) l
JOIN koban.fund f ON f.town = $1 AND f.fund = l.funder AND f.code = ANY ($4::text[])
LEFT JOIN people.person h ON h.town = $1 AND h.wallet = l.wallet
WHERE l.instrument = $3 AND NOT l.ended
GROUP BY l.wallet, h.key_id, h.name_encrypted, h.phone_encrypted
ORDER BY l.wallet;
