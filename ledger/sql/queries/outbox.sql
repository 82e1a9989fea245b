-- name: position
-- Where an account's feed stands.
SELECT t.epoch, koban.feed_position(a) AS seq
FROM koban.account a JOIN koban.town t ON t.town = a.town
WHERE a.town = $1 AND a.account = $2;

-- name: town_position
-- Where a town's events stand.
SELECT epoch, koban.last_event(town) AS number FROM koban.town WHERE town = $1;

-- name: feed_after
-- A shop is only ever a teller; a wallet is one where it was sent something, else a payer.
SELECT e.number, e.account, e.other, e.seq, e.kind, e.subject, e.body FROM (
    SELECT v.number - 1 AS number, v.payer AS account, v.teller AS other, v.payer_seq AS seq, v.kind, v.subject,
        koban.copy_for_payer(d.receipt, d.private) AS body
    FROM koban.event v JOIN koban.decision d ON d.town = $1 AND d.id = v.subject
    WHERE v.town = $1 AND v.payer = $2 AND v.payer_seq > $3
    UNION ALL
    SELECT v.number, v.teller, v.payer, v.teller_seq, v.kind, v.subject, d.receipt
    FROM koban.event v JOIN koban.decision d ON d.town = $1 AND d.id = v.subject
    WHERE v.town = $1 AND v.teller = $2 AND v.teller_seq > $3
) e ORDER BY e.seq LIMIT $4;

-- name: events_after
-- A town's events in order, behind a number; what was told to two is two rows.
SELECT e.number, e.account, e.other, e.seq, v.kind, v.subject, e.body
FROM koban.event v JOIN koban.decision d ON d.town = $1 AND d.id = v.subject,
LATERAL (VALUES
    (v.number - 1, v.payer, v.teller, v.payer_seq, koban.copy_for_payer(d.receipt, d.private)),
    (v.number, v.teller, v.payer, v.teller_seq, d.receipt)
) e (number, account, other, seq, body)
WHERE v.town = $1 AND v.number > $2 AND e.number > $2 AND e.account IS NOT NULL
ORDER BY v.number, e.number LIMIT $3;

-- name: events_before
-- A town's events backwards, for a console that searches back.
SELECT e.number, e.account, e.other, e.seq, v.kind, v.subject, e.body, d.at
FROM koban.event v JOIN koban.decision d ON d.town = $1 AND d.id = v.subject,
LATERAL (VALUES
    (v.number - 1, v.payer, v.teller, v.payer_seq, koban.copy_for_payer(d.receipt, d.private)),
    (v.number, v.teller, v.payer, v.teller_seq, d.receipt)
) e (number, account, other, seq, body)
WHERE v.town = $1 AND ($2::bigint IS NULL OR (v.number <= $2 AND e.number < $2))
    AND ($4::text IS NULL OR v.kind = $4) AND ($5::bigint IS NULL OR e.account = $5)
    AND e.account IS NOT NULL
ORDER BY v.number DESC, e.number DESC LIMIT $3;

-- name: mark_shown
-- Rows in ascending order, as everywhere; a position never goes back.
INSERT INTO koban.shown AS s (town, account, seq, at)
SELECT $1, m.account, m.seq, $4
FROM unnest($2::bigint[], $3::bigint[]) m (account, seq)
ORDER BY m.account
ON CONFLICT (town, account) DO UPDATE SET seq = excluded.seq, at = excluded.at
    WHERE s.seq < excluded.seq;

-- name: unshown
-- What a party's screens have not shown, though it was decided between these two instants. Providers
-- and groups have no screens.
SELECT e.id AS payment, party.account, a.kind, e.at
FROM koban.entry e
CROSS JOIN LATERAL (VALUES (e.wallet, e.wallet_seq), (e.shop, e.shop_seq)) party (account, seq)
JOIN koban.account a
    ON a.town = e.town AND a.account = party.account AND a.kind IN ('wallet', 'shop')
LEFT JOIN koban.shown s ON s.town = e.town AND s.account = party.account
WHERE e.town = $1 AND e.at >= $2 AND e.at < $3 AND party.seq > coalesce(s.seq, 0)
ORDER BY e.entry DESC LIMIT $4;

-- name: still_unshown
-- Which of these payments a party's screens have still not shown.
SELECT d.id AS payment, party.account
FROM koban.decision d
JOIN koban.entry e ON e.town = d.town AND e.entry = d.entry
CROSS JOIN LATERAL (VALUES (e.wallet, e.wallet_seq), (e.shop, e.shop_seq)) party (account, seq)
LEFT JOIN koban.shown s ON s.town = e.town AND s.account = party.account
WHERE d.town = $1 AND d.id = ANY ($2::uuid[]) AND party.seq > coalesce(s.seq, 0);
