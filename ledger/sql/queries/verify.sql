-- name: towns
-- What there is to verify.
SELECT town, code, last_entry, last_event FROM koban.town ORDER BY town;

-- name: entries_without_gaps
-- Every number from 1 to the town's last is there once.
SELECT 'entries 1 to ' || t.last_entry || ' should be there; found ' || count(e.entry)
    || ' up to ' || coalesce(max(e.entry), 0) AS problem
FROM koban.town t LEFT JOIN koban.entry e ON e.town = t.town
WHERE t.town = $1
GROUP BY t.last_entry
HAVING count(e.entry) <> t.last_entry OR coalesce(max(e.entry), 0) <> t.last_entry;

-- name: entries_balance
-- What moved between the wallet and the shop is the entry's amount, in the entry's direction; every
-- other posting is between the wallet and a fund.
SELECT 'entry ' || e.entry || ': the postings move ' || coalesce(sum(p.amount) FILTER (
        WHERE e.shop IN (p.from_account, p.to_account)), 0) || ', the entry says ' || e.amount
    AS problem
FROM koban.entry e LEFT JOIN koban.posting p ON p.town = e.town AND p.entry = e.entry
WHERE e.town = $1 AND e.entry BETWEEN $2 AND $3
GROUP BY e.entry, e.amount
HAVING coalesce(sum(p.amount) FILTER (WHERE e.shop IN (p.from_account, p.to_account)), 0)
        <> e.amount
    OR coalesce(bool_or(e.wallet NOT IN (p.from_account, p.to_account)), true)
ORDER BY e.entry;

-- name: postings_have_entries
-- No posting stands alone.
SELECT 'posting ' || p.entry || '/' || p.line || ' belongs to no entry' AS problem
FROM koban.posting p LEFT JOIN koban.entry e ON e.town = p.town AND e.entry = p.entry
WHERE p.town = $1 AND e.entry IS NULL ORDER BY p.entry, p.line;

-- name: lots_follow
-- Every lot is the sum of its postings.
WITH moved AS (
    SELECT a.account AS wallet, p.instrument, p.expires_at, p.funder,
        sum(CASE WHEN p.to_account = a.account THEN p.amount ELSE -p.amount END) AS amount
    FROM koban.posting p
    JOIN koban.account a ON a.town = p.town AND a.kind = 'wallet'
        AND a.account IN (p.from_account, p.to_account)
    WHERE p.town = $1
    GROUP BY 1, 2, 3, 4
)
SELECT 'wallet ' || coalesce(l.wallet, m.wallet) || ': lot of instrument '
    || coalesce(l.instrument, m.instrument) || ' has ' || coalesce(l.remaining, 0)
    || ', its postings make ' || coalesce(m.amount, 0) AS problem
FROM (SELECT * FROM koban.lot WHERE town = $1) l
FULL JOIN moved m ON m.wallet = l.wallet AND m.instrument = l.instrument
    AND m.expires_at = l.expires_at AND m.funder = l.funder
WHERE coalesce(l.remaining, 0) <> coalesce(m.amount, 0)
ORDER BY coalesce(l.wallet, m.wallet);

-- name: lots_never_negative
-- At no entry did a lot go below zero.
SELECT 'wallet ' || wallet || ': a lot of instrument ' || instrument || ' fell to '
    || min(running) || ' at entry ' || (array_agg(entry ORDER BY running))[1] AS problem
FROM (
    SELECT a.account AS wallet, p.instrument, p.expires_at, p.funder, p.entry,
        sum(CASE WHEN p.to_account = a.account THEN p.amount ELSE -p.amount END) OVER (
            PARTITION BY a.account, p.instrument, p.expires_at, p.funder
            ORDER BY p.entry, p.line) AS running
    FROM koban.posting p
    JOIN koban.account a ON a.town = p.town AND a.kind = 'wallet'
        AND a.account IN (p.from_account, p.to_account)
    WHERE p.town = $1
) p WHERE running < 0 GROUP BY wallet, instrument ORDER BY wallet;

-- name: decisions_match
-- Every entry was decided, by the command with its id, for the same parties and amount, and the
-- receipt says so; and nothing else was decided as done.
SELECT CASE WHEN e.entry IS NULL THEN 'decision ' || d.id || ' is done but has no entry'
    WHEN d.id IS NULL THEN 'entry ' || e.entry || ' was never decided'
    ELSE 'entry ' || e.entry || ' and its decision say different things' END AS problem
FROM (SELECT * FROM koban.entry WHERE town = $1) e
FULL JOIN (SELECT * FROM koban.decision WHERE town = $1 AND outcome = 'done') d ON d.id = e.id
WHERE e.entry IS NULL OR d.id IS NULL OR d.entry <> e.entry OR d.wallet <> e.wallet
    OR d.shop <> e.shop OR d.amount <> e.amount OR d.at <> e.at
    OR (d.receipt::json ->> 'amount')::bigint <> e.amount
    OR (d.receipt::json ->> 'entry')::bigint <> e.entry
    OR (d.receipt::json ->> 'id')::uuid <> e.id
ORDER BY e.entry;

-- name: reversals_within
-- No payment or top-up was reversed beyond its amount.
SELECT 'entry ' || e.entry || ': ' || sum(back.amount) || ' was reversed of ' || e.amount
    AS problem
FROM koban.entry back
JOIN koban.decision d ON d.town = back.town AND d.id = back.refers
JOIN koban.entry e ON e.town = d.town AND e.entry = d.entry
WHERE back.town = $1 AND back.kind = 'reversal'
GROUP BY e.entry, e.amount HAVING sum(back.amount) > e.amount ORDER BY e.entry;

-- name: events_without_gaps
-- Numbers of events in the town, and places in each feed, have no gaps and end where they should.
WITH told AS (
    SELECT payer AS account, payer_seq AS seq FROM koban.event
    WHERE town = $1 AND payer IS NOT NULL
    UNION ALL
    SELECT teller, teller_seq FROM koban.event WHERE town = $1
)
SELECT 'feed of account ' || a.account || ' should have ' || a.feed_seq || ' events; found '
    || count(told.seq) AS problem
FROM koban.account a LEFT JOIN told USING (account)
WHERE a.town = $1
GROUP BY a.account, a.feed_seq
HAVING count(told.seq) <> a.feed_seq OR coalesce(max(told.seq), 0) <> a.feed_seq
UNION ALL
SELECT 'the town should have ' || t.last_event || ' events; found '
    || coalesce(sum(CASE WHEN v.number IS NULL THEN 0 WHEN v.payer IS NULL THEN 1 ELSE 2 END), 0)
FROM koban.town t LEFT JOIN koban.event v ON v.town = t.town
WHERE t.town = $1 GROUP BY t.last_event
HAVING coalesce(sum(CASE WHEN v.number IS NULL THEN 0 WHEN v.payer IS NULL THEN 1 ELSE 2 END), 0) <> t.last_event;

-- name: entries_told
-- Every entry was told to both of its parties, at the places it names.
SELECT 'entry ' || e.entry || ' was not told to its parties' AS problem
FROM koban.entry e
LEFT JOIN koban.event v ON v.town = e.town AND v.teller = e.shop AND v.teller_seq = e.shop_seq
WHERE e.town = $1 AND e.entry BETWEEN $2 AND $3
    AND (v.subject IS DISTINCT FROM e.id OR v.payer IS DISTINCT FROM e.wallet
        OR v.payer_seq IS DISTINCT FROM e.wallet_seq)
ORDER BY e.entry;

-- name: codes_used_once
-- A code that was used was used by a command that was decided.
SELECT 'a code of wallet ' || c.wallet || ' was used by ' || c.used_by
    || ', which was never decided' AS problem
FROM koban.code c LEFT JOIN koban.decision d ON d.town = c.town AND d.id = c.used_by
WHERE c.town = $1 AND c.used_by IS NOT NULL AND d.id IS NULL;

-- name: seals
-- The chain, each link with the one before.
SELECT seal, first_entry, last_entry, digest,
    lag(digest, 1, ''::bytea) OVER (ORDER BY seal) AS previous,
    lag(last_entry, 1, 0::bigint) OVER (ORDER BY seal) AS previous_entry
FROM koban.seal WHERE town = $1 ORDER BY seal;

-- name: seal_digest
-- What a seal's digest should be.
SELECT koban.seal_digest($1, $2, $3, $4) AS digest;
