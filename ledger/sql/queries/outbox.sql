-- name: position
SELECT t.epoch, a.feed_seq AS seq
FROM koban.account a JOIN koban.town t ON t.town = a.town
WHERE a.town = $1 AND a.account = $2;

-- name: town_position
SELECT epoch, last_event AS number FROM koban.town WHERE town = $1;

-- name: feed_after
SELECT number, account, seq, kind, subject, body FROM koban.event
WHERE town = $1 AND account = $2 AND seq > $3 ORDER BY seq LIMIT $4;

-- name: events_after
SELECT number, account, seq, kind, subject, body FROM koban.event
WHERE town = $1 AND number > $2 ORDER BY number LIMIT $3;

-- name: events_before
SELECT number, account, seq, kind, subject, body, at FROM koban.event
WHERE town = $1 AND ($2::bigint IS NULL OR number < $2)
    AND ($4::text IS NULL OR kind = $4) AND ($5::bigint IS NULL OR account = $5)
ORDER BY number DESC LIMIT $3;

-- name: mark_shown
-- Rows in ascending order, as everywhere; a position never goes back.
INSERT INTO koban.shown AS s (town, account, seq, at)
SELECT $1, m.account, m.seq, $4
FROM unnest($2::bigint[], $3::bigint[]) m (account, seq)
ORDER BY m.account
ON CONFLICT (town, account) DO UPDATE SET seq = excluded.seq, at = excluded.at
    WHERE s.seq < excluded.seq;

-- name: unshown
-- What a party's screens have not shown, though it was decided between these two instants.
SELECT e.id AS payment, party.account, party.kind, e.at
FROM koban.entry e
CROSS JOIN LATERAL (VALUES ('wallet', e.wallet, e.wallet_seq), ('shop', e.shop, e.shop_seq))
    party (kind, account, seq)
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
