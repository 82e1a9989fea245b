-- name: lots
-- What the wallet has now, in order of spending, with the feed's position it follows from; each lot
-- tells how much of its whole instrument cannot be spent yet, and until when.
SELECT i.code AS instrument, f.code AS funder,
    least(l.expires_at, coalesce(a.used_at, a.opened_at) + make_interval(days => i.idle_days))
        AS expires_at,
    l.remaining, a.feed_seq,
    held.amount AS held, held.until AS held_until
FROM koban.account a
LEFT JOIN (
    koban.lot l
    JOIN koban.instrument i ON i.town = $1 AND i.instrument = l.instrument
        AND i.version = (SELECT version FROM koban.profile
            WHERE town = $1 AND valid_from <= $3 ORDER BY valid_from DESC LIMIT 1)
) ON l.town = a.town AND l.wallet = a.account AND l.remaining > 0 AND l.expires_at > $3
    AND (i.idle_days IS NULL
        OR coalesce(a.used_at, a.opened_at) + make_interval(days => i.idle_days) > $3)
LEFT JOIN koban.fund f ON f.town = l.town AND f.fund = l.funder
LEFT JOIN LATERAL (
    SELECT coalesce(sum(h.amount), 0)::bigint AS amount, max(h.until) AS until FROM koban.hold h
    WHERE h.town = $1 AND h.wallet = $2 AND h.instrument = l.instrument AND h.until > $3
) held ON true
WHERE a.town = $1 AND a.account = $2 AND a.kind = 'wallet'
ORDER BY i.spend_order, i.instrument, l.expires_at, l.funder;

-- name: account_kind
-- Whether an account is a wallet or a shop.
SELECT kind FROM koban.account WHERE town = $1 AND account = $2;

-- name: history_of_wallet
-- The wallet's entries before an entry, newest first: its own, and what others sent it.
SELECT e.entry,
    CASE WHEN e.wallet = $2 THEN koban.copy_for_payer(d.receipt, d.private) ELSE d.receipt END
        AS receipt,
    coalesce((SELECT sum(back.amount) FROM koban.entry back
        WHERE back.town = $1 AND back.refers = e.id AND back.kind = 'reversal'), 0)::bigint
        AS reversed,
    coalesce(by_wallet.seq >= e.wallet_seq, false) AS shown_to_wallet,
    coalesce(by_shop.seq >= e.shop_seq, false) AS shown_to_shop
FROM koban.entry e
JOIN koban.decision d ON d.town = $1 AND d.id = e.id
LEFT JOIN koban.shown by_wallet ON by_wallet.town = $1 AND by_wallet.account = e.wallet
LEFT JOIN koban.shown by_shop ON by_shop.town = $1 AND by_shop.account = e.shop
WHERE e.town = $1 AND (e.wallet = $2 OR e.shop = $2) AND ($3::bigint IS NULL OR (e.at, e.entry) <
    ((SELECT b.at FROM koban.entry b WHERE b.town = $1 AND b.entry = $3), $3))
ORDER BY e.at DESC, e.entry DESC LIMIT $4;

-- name: history_of_shop
-- The shop's entries before an entry, newest first.
SELECT e.entry, d.receipt,
    coalesce((SELECT sum(back.amount) FROM koban.entry back
        WHERE back.town = $1 AND back.refers = e.id AND back.kind = 'reversal'), 0)::bigint
        AS reversed,
    coalesce(by_wallet.seq >= e.wallet_seq, false) AS shown_to_wallet,
    coalesce(by_shop.seq >= e.shop_seq, false) AS shown_to_shop
FROM koban.entry e
JOIN koban.decision d ON d.town = $1 AND d.id = e.id
LEFT JOIN koban.shown by_wallet ON by_wallet.town = $1 AND by_wallet.account = e.wallet
LEFT JOIN koban.shown by_shop ON by_shop.town = $1 AND by_shop.account = e.shop
WHERE e.town = $1 AND e.shop = $2 AND ($3::bigint IS NULL OR (e.at, e.entry) <
    ((SELECT b.at FROM koban.entry b WHERE b.town = $1 AND b.entry = $3), $3))
ORDER BY e.at DESC, e.entry DESC LIMIT $4;

-- name: shop_day
-- From midnight to midnight in the town's time zone. A reversal counts on the day it was made, and
-- is told apart by what it reversed.
WITH bounds AS (
    SELECT ($3::date)::timestamp AT TIME ZONE t.time_zone AS since,
        ($3::date + 1)::timestamp AT TIME ZONE t.time_zone AS until
    FROM koban.town t WHERE t.town = $1
), day AS (
    SELECT e.kind, e.amount, e.purchase, e.shop_seq, original.kind AS original_kind
    FROM bounds, koban.entry e
    LEFT JOIN koban.decision d ON e.kind = 'reversal' AND d.town = $1 AND d.id = e.refers
    LEFT JOIN koban.entry original ON original.town = $1 AND original.entry = d.entry
    WHERE e.town = $1 AND e.shop = $2 AND e.at >= bounds.since AND e.at < bounds.until
)
SELECT
    count(*) FILTER (WHERE kind = 'payment') AS payments,
    coalesce(sum(amount) FILTER (WHERE kind = 'payment'), 0)::bigint AS payments_amount,
    count(*) FILTER (WHERE kind = 'top_up') AS top_ups,
    coalesce(sum(amount) FILTER (WHERE kind = 'top_up'), 0)::bigint AS top_ups_amount,
    count(*) FILTER (WHERE kind = 'issue') AS issues,
    coalesce(sum(amount) FILTER (WHERE kind = 'issue'), 0)::bigint AS issues_amount,
    coalesce(sum(purchase) FILTER (WHERE kind = 'issue'), 0)::bigint AS issues_purchases,
    count(*) FILTER (WHERE kind = 'reversal') AS reversals,
    coalesce(sum(amount) FILTER (WHERE kind = 'reversal'), 0)::bigint AS reversals_amount,
    coalesce(sum(CASE
        WHEN kind = 'payment' OR original_kind IN ('top_up', 'issue') THEN amount
        ELSE -amount END), 0)::bigint AS net,
    count(*) FILTER (WHERE shop_seq > coalesce((SELECT shown.seq FROM koban.shown
        WHERE shown.town = $1 AND shown.account = $2), 0)) AS unshown
FROM day;

-- name: status
-- The frozen receipt, for a party to it, in that party's copy; also for the shop whose tablet asked.
SELECT CASE WHEN wallet = $3 THEN koban.copy_for_payer(receipt, private) ELSE receipt END AS receipt
FROM koban.decision d
WHERE town = $1 AND id = $2 AND (wallet = $3 OR shop = $3 OR EXISTS (
    SELECT FROM koban.terminal t
    WHERE t.town = $1 AND t.terminal = d.terminal AND t.shop = $3));
