-- name: towns
-- What there is to verify.
SELECT town, code, koban.last_entry(town) AS last_entry, koban.last_event(town) AS last_event
FROM koban.town ORDER BY town;

-- name: entries_without_gaps
-- Every number from 1 to the last is there once: the newest entry's, or the last that was sealed.
SELECT 'entries 1 to ' || t.last || ' should be there; found ' || count(e.entry)
    || ' up to ' || coalesce(max(e.entry), 0) AS problem
FROM (
    SELECT greatest(koban.last_entry($1), max(s.last_entry)) AS last
    FROM koban.seal s WHERE s.town = $1
) t LEFT JOIN koban.entry e ON e.town = $1
GROUP BY t.last HAVING count(e.entry) <> t.last;

-- name: entries_balance
-- What moved between the entry's two parties is its amount, in its direction (a reversal's is the
-- other way round than its original's); every other posting is between a wallet of the entry's and a
-- fund or purpose. To the fund that grants, what was not used for too long may go with the grant.
SELECT 'entry ' || e.entry || ': the postings move ' || coalesce(sum(p.amount) FILTER (
        WHERE e.wallet = p.from_account AND e.shop = p.to_account AND e.kind <> 'grant'
            OR e.wallet = p.to_account AND e.shop = p.from_account), 0)
    || ', the entry says ' || e.amount AS problem
FROM koban.entry e LEFT JOIN koban.posting p ON p.town = e.town AND p.entry = e.entry
WHERE e.town = $1 AND e.entry BETWEEN $2 AND $3
GROUP BY e.entry, e.amount
HAVING coalesce(sum(p.amount) FILTER (
        WHERE e.wallet = p.from_account AND e.shop = p.to_account AND e.kind <> 'grant'
            OR e.wallet = p.to_account AND e.shop = p.from_account), 0) <> e.amount
    OR bool_or(e.shop = p.to_account AND e.kind IN ('top_up', 'issue'))
    OR bool_or(e.shop = p.from_account AND e.kind IN ('payment', 'gift', 'exchange', 'expiry'))
    OR coalesce(bool_or(e.wallet NOT IN (p.from_account, p.to_account)
        AND (e.kind <> 'send' OR e.shop <> p.from_account)), true)
ORDER BY e.entry;

-- name: parties_fit
-- Each entry is between a wallet and a party of the kind that such an entry is for.
SELECT 'entry ' || e.entry || ' is a ' || e.kind || ' between a ' || coalesce(payer.kind, 'nobody')
    || ' and a ' || coalesce(other.kind, 'nobody') AS problem
FROM koban.entry e
LEFT JOIN koban.account payer ON payer.town = e.town AND payer.account = e.wallet
LEFT JOIN koban.account other ON other.town = e.town AND other.account = e.shop
WHERE e.town = $1 AND e.entry BETWEEN $2 AND $3
    AND (coalesce(payer.kind, '') <> 'wallet' OR coalesce(other.kind, '') <> ALL (CASE e.kind
        WHEN 'payment' THEN '{shop}' WHEN 'send' THEN '{wallet}' WHEN 'gift' THEN '{group}'
        WHEN 'exchange' THEN '{provider}' WHEN 'grant' THEN '{fund}' WHEN 'issue' THEN '{shop}'
        WHEN 'expiry' THEN '{fund,purpose}' WHEN 'top_up' THEN '{shop,provider}'
        ELSE '{shop,provider,fund}' END::text[]))
ORDER BY e.entry;

-- name: tickets_whole
-- Tickets move whole, each by what it was worth when it moved.
SELECT 'entry ' || e.entry || ' tears a ticket: ' || p.amount || ' of ' || i.unit_yen AS problem
FROM koban.entry e
JOIN koban.posting p ON p.town = e.town AND p.entry = e.entry
JOIN koban.instrument i ON i.town = e.town AND i.version = e.version
    AND i.instrument = p.instrument
WHERE e.town = $1 AND e.entry BETWEEN $2 AND $3 AND p.amount % i.unit_yen <> 0
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

-- name: colours_kept
-- Each funder's money, to the yen: what was put in (topped up or issued less what was paid back,
-- granted) is unspent (also where it has expired and lies there still), was spent at shops, given to
-- groups, gone to providers or purposes, or has gone back to the fund. And a fund gives and takes its
-- own alone.
WITH flows AS (
    SELECT p.funder, outside.kind AS party, coalesce(original.kind, e.kind) AS kind,
        p.to_account = outside.account AS away, p.amount
    FROM koban.posting p
    JOIN koban.entry e ON e.town = p.town AND e.entry = p.entry
    JOIN koban.account outside ON outside.town = p.town AND outside.kind <> 'wallet'
        AND outside.account IN (p.from_account, p.to_account)
    LEFT JOIN koban.decision d ON e.kind = 'reversal' AND d.town = e.town AND d.id = e.refers
    LEFT JOIN koban.entry original ON original.town = d.town AND original.entry = d.entry
    WHERE p.town = $1
), sums AS (
    SELECT funder,
        coalesce(sum(CASE WHEN away THEN -amount ELSE amount END) FILTER (
            WHERE kind IN ('top_up', 'issue') AND party NOT IN ('fund', 'purpose')
                OR party = 'fund' AND NOT away), 0) AS put_in,
        coalesce(sum(CASE WHEN away THEN amount ELSE -amount END) FILTER (
            WHERE kind = 'payment' AND party = 'shop'), 0) AS spent,
        coalesce(sum(CASE WHEN away THEN amount ELSE -amount END) FILTER (
            WHERE kind = 'gift' AND party = 'group'), 0) AS given,
        coalesce(sum(CASE WHEN away THEN amount ELSE -amount END) FILTER (
            WHERE kind = 'exchange' AND party = 'provider'), 0) AS gone,
        coalesce(sum(amount) FILTER (WHERE party = 'fund' AND away), 0) AS returned,
        coalesce(sum(amount) FILTER (WHERE party = 'purpose' AND away), 0) AS expired
    FROM flows GROUP BY funder
), lots AS (
    SELECT funder, sum(remaining) AS unspent FROM koban.lot WHERE town = $1 GROUP BY funder
)
SELECT 'funder ' || coalesce(f.code, funder::text) || ' put in ' || coalesce(put_in, 0) || ', but '
    || coalesce(unspent, 0) || ' is unspent, ' || coalesce(spent, 0) || ' spent, '
    || coalesce(given, 0) || ' given, ' || coalesce(gone, 0) || ' gone, ' || coalesce(expired, 0)
    || ' expired and ' || coalesce(returned, 0) || ' returned' AS problem
FROM sums FULL JOIN lots USING (funder)
LEFT JOIN koban.fund f ON f.town = $1 AND f.fund = funder
WHERE f.fund IS NULL OR coalesce(put_in, 0) <> coalesce(unspent, 0) + coalesce(spent, 0)
    + coalesce(given, 0) + coalesce(gone, 0) + coalesce(returned, 0) + coalesce(expired, 0)
UNION ALL
SELECT 'posting ' || p.entry || '/' || p.line || ' moves another''s money by the fund ' || f.code
FROM koban.posting p
JOIN koban.fund f ON f.town = p.town AND f.fund IN (p.from_account, p.to_account)
WHERE p.town = $1 AND f.fund <> p.funder;

-- name: holds_follow
-- Each hold is what a top-up by a way that holds brought to the wallet, less what was taken back of
-- it; and each such top-up has its hold.
WITH held AS (
    SELECT e.entry, e.id, e.wallet, p.instrument, e.at + w.hold AS until, sum(p.amount) AS amount
    FROM koban.entry e
    JOIN koban.way w ON w.town = e.town AND w.version = e.version AND w.code = e.way
    JOIN koban.posting p ON p.town = e.town AND p.entry = e.entry AND p.to_account = e.wallet
    WHERE e.town = $1 AND e.kind = 'top_up' AND w.hold > '0'
    GROUP BY 1, 2, 3, 4, 5
), due AS (
    SELECT h.entry, h.wallet, h.instrument, h.until, h.amount - coalesce((
        SELECT sum(p.amount) FROM koban.entry back
        JOIN koban.posting p ON p.town = $1 AND p.entry = back.entry
        WHERE back.town = $1 AND back.refers = h.id AND back.kind = 'reversal'
            AND p.from_account = h.wallet AND p.instrument = h.instrument), 0) AS amount
    FROM held h
)
SELECT 'wallet ' || coalesce(h.wallet, d.wallet) || ': of entry ' || coalesce(h.entry, d.entry)
    || ' ' || coalesce(h.amount, 0) || ' is held, should be ' || coalesce(d.amount, 0) AS problem
FROM (SELECT * FROM koban.hold WHERE town = $1) h
FULL JOIN (SELECT * FROM due WHERE amount > 0) d ON d.entry = h.entry AND d.wallet = h.wallet
    AND d.instrument = h.instrument AND d.until = h.until
WHERE coalesce(h.amount, 0) <> coalesce(d.amount, 0)
ORDER BY coalesce(h.entry, d.entry);

-- name: debts_never_negative
-- A wallet begins to owe by a reversal, pays by what is withheld from it, and never more than it
-- owes.
SELECT 'wallet ' || o.wallet || ': owes ' || o.running || ' of instrument ' || o.instrument
    || ' after entry ' || o.entry AS problem
FROM (
    SELECT d.*, sum(d.amount) OVER (
        PARTITION BY d.wallet, d.instrument, d.funder ORDER BY d.entry, d.line) AS running
    FROM koban.debt d WHERE d.town = $1
) o
LEFT JOIN koban.entry e ON e.town = o.town AND e.entry = o.entry AND e.wallet = o.wallet
WHERE o.running < 0 OR (e.kind = 'reversal') IS DISTINCT FROM (o.amount > 0)
ORDER BY o.entry;

-- name: cards_used_once
-- A card that was used topped a wallet up by its amount and its way; whatever came by cards, came by
-- one.
SELECT 'a card of batch ' || c.batch || ' was used by ' || c.used_by
    || ', which is no top-up of its ' || c.amount AS problem
FROM koban.serial_card c
LEFT JOIN koban.decision d ON d.town = c.town AND d.id = c.used_by
LEFT JOIN koban.entry e ON e.town = d.town AND e.entry = d.entry AND e.kind = 'top_up'
WHERE c.town = $1 AND c.used_by IS NOT NULL
    AND (e.entry IS NULL OR e.amount <> c.amount OR e.way IS DISTINCT FROM c.way)
UNION ALL
SELECT 'entry ' || e.entry || ' came by ' || count(c.used_by) || ' cards'
FROM koban.entry e
JOIN koban.way w ON w.town = e.town AND w.version = e.version AND w.code = e.way
    AND w.kind = 'serial'
LEFT JOIN koban.serial_card c ON c.town = e.town AND c.used_by = e.id
WHERE e.town = $1 AND e.kind = 'top_up'
GROUP BY e.entry HAVING count(c.used_by) <> 1;

-- name: budgets_follow
-- A budget's granted sum is what its fund gave less what came back to it; reserved is what waits in
-- lists, and what each place of a round of coupons keeps until its first use or the round's end; and
-- both are within its ceiling.
SELECT 'the budget of ' || f.code || ' says that ' || b.granted || ' of ' || b.ceiling
    || ' is granted and ' || b.reserved || ' reserved; its postings make '
    || coalesce(given.amount, 0) - coalesce(back.amount, 0) || ', lists and places '
    || coalesce(listed.amount, 0) + coalesce(offered.amount, 0) AS problem
FROM koban.budget b
JOIN koban.fund f ON f.town = b.town AND f.fund = b.fund
LEFT JOIN (
    SELECT p.from_account AS fund, sum(p.amount) AS amount FROM koban.posting p
    WHERE p.town = $1 GROUP BY 1
) given ON given.fund = b.fund
LEFT JOIN (
    SELECT p.to_account AS fund, sum(p.amount) AS amount FROM koban.posting p
    WHERE p.town = $1 GROUP BY 1
) back ON back.fund = b.fund
LEFT JOIN (
    SELECT p.fund, sum(r.amount) AS amount
    FROM koban.grant_row r
    JOIN koban.grant_run g ON g.town = r.town AND g.run = r.run
    JOIN koban.activity a ON a.town = g.town AND a.code = g.activity
    JOIN koban.programme p ON p.town = a.town AND p.programme = a.programme
    WHERE r.town = $1 AND r.state = 'waiting' GROUP BY 1
) listed ON listed.fund = b.fund
LEFT JOIN (
    SELECT c.fund, sum(o.reserve * (o.places - (
        SELECT count(DISTINCT u.wallet) FROM koban.coupon_use u
        WHERE u.town = o.town AND u.coupon = o.coupon AND u.offer = o.offer))) AS amount
    FROM koban.offer o
    JOIN koban.coupon c ON c.town = o.town AND c.coupon = o.coupon
    WHERE o.town = $1 AND o.ended_at IS NULL GROUP BY 1
) offered ON offered.fund = b.fund
WHERE b.town = $1
    AND (b.granted <> coalesce(given.amount, 0) - coalesce(back.amount, 0)
        OR b.reserved <> coalesce(listed.amount, 0) + coalesce(offered.amount, 0)
        OR b.granted + b.reserved > b.ceiling)
ORDER BY f.code;

-- name: rounds_follow
-- A coupons' fund promises what the places keep that were not used, of offers that were not ended. A
-- programme's fund is left out: it may promise lists beside them.
SELECT 'the budget of ' || f.code || ' has ' || b.reserved || ' reserved; its rounds keep '
    || kept.amount AS problem
FROM koban.budget b
JOIN koban.fund f ON f.town = b.town AND f.fund = b.fund
CROSS JOIN LATERAL (
    SELECT coalesce(sum(o.reserve * (o.places - (
        SELECT count(DISTINCT u.wallet) FROM koban.coupon_use u
        WHERE u.town = o.town AND u.coupon = o.coupon AND u.offer = o.offer))), 0) AS amount
    FROM koban.offer o JOIN koban.coupon c ON c.town = o.town AND c.coupon = o.coupon
    WHERE o.town = b.town AND c.fund = b.fund AND o.ended_at IS NULL
) kept
WHERE b.town = $1 AND b.reserved <> kept.amount
    AND EXISTS (SELECT FROM koban.coupon c WHERE c.town = b.town AND c.fund = b.fund)
    AND NOT EXISTS (SELECT FROM koban.programme p WHERE p.town = b.town AND p.fund = b.fund);

-- name: lists_follow
-- A row of a list is done where its grant was made, refused where it was refused, and waits else.
SELECT 'row ' || r.line || ' of list ' || r.run || ' is ' || r.state || ', but its request '
    || CASE WHEN d.id IS NULL THEN 'was never decided' ELSE 'came to ' || d.outcome END AS problem
FROM koban.grant_row r
LEFT JOIN koban.decision d ON d.town = r.town AND d.id = r.id
WHERE r.town = $1 AND (
    (r.state = 'done') <> coalesce(
        d.outcome = 'done' AND d.wallet = r.wallet AND d.amount = r.amount, false)
    OR r.state = 'waiting' AND d.id IS NOT NULL)
ORDER BY r.run, r.line;

-- name: campaigns_follow
-- What a campaign gave, it gave on an act of its kind, in its time and within its bounds; and its
-- dice show the same face when they are thrown again.
SELECT 'campaign ' || c.code || ' gave ' || g.amount || ' with entry ' || g.entry || ', '
    || CASE WHEN e.entry IS NULL OR e.wallet <> g.wallet OR e.kind <> c.trigger
        THEN 'which is no ' || c.trigger || ' of that wallet'
        WHEN e.at < c.starts_at OR e.at >= c.ends_at OR e.at >= c.stopped_at
        THEN 'when it was not in force'
        WHEN g.amount > c.entry_max THEN 'more than ' || c.entry_max
        ELSE 'and its dice did not show ' || coalesce(g.face::text, 'that') END AS problem
FROM koban.campaign_grant g
JOIN koban.campaign c ON c.town = g.town AND c.campaign = g.campaign
LEFT JOIN koban.entry e ON e.town = g.town AND e.entry = g.entry
WHERE g.town = $1 AND (e.entry IS NULL OR e.wallet <> g.wallet OR e.kind <> c.trigger
    OR e.at < c.starts_at OR e.at >= c.ends_at OR e.at >= c.stopped_at
    OR g.amount > c.entry_max
    OR g.face IS DISTINCT FROM CASE WHEN c.seed IS NOT NULL
        THEN koban.face(c.seed, e.id, c.face_weights) END)
UNION ALL
SELECT 'campaign ' || c.code || ' gave wallet ' || g.wallet || ' ' || sum(g.amount)
    || ', more than ' || c.person_max
FROM koban.campaign_grant g
JOIN koban.campaign c ON c.town = g.town AND c.campaign = g.campaign
WHERE g.town = $1
GROUP BY c.code, c.person_max, g.wallet HAVING sum(g.amount) > c.person_max;

-- name: coupons_follow
-- What coupons paid of a payment passed through its wallet, from their funds to the shop; nothing
-- else did, and nothing of it stayed.
WITH used AS (
    SELECT d.entry, c.fund, c.instrument, sum(u.amount) AS amount
    FROM koban.coupon_use u
    JOIN koban.coupon c ON c.town = u.town AND c.coupon = u.coupon
    LEFT JOIN koban.decision d ON d.town = u.town AND d.id = u.id AND d.wallet = u.wallet
    WHERE u.town = $1 GROUP BY 1, 2, 3
), passed AS (
    SELECT e.entry, p.funder AS fund, p.instrument,
        sum(p.amount) FILTER (WHERE p.to_account = e.wallet) AS amount,
        sum(p.amount) FILTER (WHERE p.to_account = e.shop) AS paid
    FROM koban.posting p
    JOIN koban.entry e ON e.town = p.town AND e.entry = p.entry AND e.kind = 'payment'
    JOIN koban.instrument i ON i.town = e.town AND i.version = e.version
        AND i.instrument = p.instrument AND i.kind = 'coupon'
    WHERE p.town = $1 GROUP BY 1, 2, 3
)
SELECT 'entry ' || coalesce(u.entry, p.entry, 0) || ': coupons say ' || coalesce(u.amount, 0)
    || ', their funds gave ' || coalesce(p.amount, 0) || ' and the shop got '
    || coalesce(p.paid, 0) AS problem
FROM used u FULL JOIN passed p USING (entry, fund, instrument)
WHERE u.amount IS DISTINCT FROM p.amount OR p.amount IS DISTINCT FROM p.paid
UNION ALL
SELECT 'wallet ' || l.wallet || ' keeps ' || l.remaining || ' of a coupon'
FROM koban.lot l
WHERE l.town = $1 AND l.remaining > 0 AND EXISTS (
    SELECT FROM koban.instrument i
    WHERE i.town = $1 AND i.instrument = l.instrument AND i.kind = 'coupon');

-- name: coupons_within
-- Nobody uses a coupon more often than it allows, or one place twice; a payment given back whole is
-- no use.
WITH uses AS (
    SELECT u.* FROM koban.coupon_use u
    JOIN koban.decision d ON d.town = u.town AND d.id = u.id
    WHERE u.town = $1 AND d.amount > coalesce((
        SELECT sum(back.amount) FROM koban.entry back
        WHERE back.town = $1 AND back.refers = u.id AND back.kind = 'reversal'), 0)
)
SELECT 'wallet ' || u.wallet || ' used the coupon ' || c.code || ' ' || count(*) || ' times'
    AS problem
FROM uses u JOIN koban.coupon c ON c.town = u.town AND c.coupon = u.coupon
GROUP BY u.wallet, c.code, c.per_person HAVING count(*) > c.per_person
UNION ALL
SELECT 'wallet ' || u.wallet || ' used its place of the offer ' || u.offer || ' ' || count(*)
    || ' times' || CASE WHEN count(a.wallet) = 0 THEN ' and has none' ELSE '' END
FROM uses u
LEFT JOIN koban.award a ON a.town = u.town AND a.offer = u.offer AND a.wallet = u.wallet
WHERE u.offer IS NOT NULL
GROUP BY u.wallet, u.offer HAVING count(*) > 1 OR count(a.wallet) = 0;

-- name: rights_within
-- Who topped up by a way that needs a right had a place, and no more than it is worth.
SELECT 'wallet ' || u.wallet || ' bought ' || sum(e.amount - coalesce(back.amount, 0))
    || ' by its place of the offer ' || u.offer || ', worth '
    || coalesce(o.amount * a.units, 0) AS problem
FROM koban.right_use u
LEFT JOIN koban.decision d ON d.town = u.town AND d.id = u.id AND d.wallet = u.wallet
LEFT JOIN koban.entry e ON e.town = d.town AND e.entry = d.entry AND e.kind = 'top_up'
LEFT JOIN LATERAL (
    SELECT sum(b.amount) AS amount FROM koban.entry b
    WHERE b.town = u.town AND b.refers = u.id AND b.kind = 'reversal'
) back ON true
LEFT JOIN koban.award a ON a.town = u.town AND a.offer = u.offer AND a.wallet = u.wallet
LEFT JOIN koban.offer o ON o.town = a.town AND o.offer = a.offer AND o.gives = 'right'
WHERE u.town = $1
GROUP BY u.wallet, u.offer, o.amount, a.units
HAVING bool_or(e.entry IS NULL OR e.amount <> u.amount)
    OR sum(e.amount - coalesce(back.amount, 0)) > coalesce(o.amount * a.units, 0)
UNION ALL
SELECT 'entry ' || e.entry || ' came by the way ' || e.way || ' without a right'
FROM koban.entry e
JOIN koban.way w ON w.town = e.town AND w.version = e.version AND w.code = e.way AND w.needs_right
WHERE e.town = $1 AND e.kind = 'top_up' AND NOT EXISTS (
    SELECT FROM koban.right_use u WHERE u.town = e.town AND u.wallet = e.wallet AND u.id = e.id);

-- name: places_awarded
-- An offer's places were awarded as often as it says, each within their number.
SELECT 'the offer ' || o.code || ' says that ' || o.awarded || ' of ' || o.places
    || ' places are awarded; found ' || count(a.wallet) || ' up to ' || coalesce(max(a.place), 0)
    AS problem
FROM koban.offer o LEFT JOIN koban.award a ON a.town = o.town AND a.offer = o.offer
WHERE o.town = $1
GROUP BY o.code, o.awarded, o.places
HAVING count(a.wallet) <> o.awarded OR coalesce(max(a.place), 0) > o.places;

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
    OR d.receipt::json ->> 'kind' <> e.kind
    OR d.receipt::json ->> 'way' IS DISTINCT FROM e.way
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
-- Numbers of events in the town, and places in each feed, have no gaps; and a wallet's feed ends where
-- its row says.
WITH told AS (
    SELECT payer AS account, payer_seq AS seq FROM koban.event
    WHERE town = $1 AND payer IS NOT NULL
    UNION ALL
    SELECT teller, teller_seq FROM koban.event WHERE town = $1
), feed AS (
    SELECT a.account, count(told.seq) AS found, coalesce(max(told.seq), 0) AS last,
        CASE a.kind WHEN 'wallet' THEN a.feed_seq END AS kept
    FROM koban.account a LEFT JOIN told USING (account)
    WHERE a.town = $1
    GROUP BY a.account, a.kind, a.feed_seq
)
SELECT 'feed of account ' || account || ' should have ' || coalesce(kept, last) || ' events; found '
    || found AS problem
FROM feed WHERE found <> last OR kept <> last
UNION ALL
SELECT 'the town should have ' || koban.last_event($1) || ' events; found '
    || coalesce(sum(CASE WHEN v.payer IS NULL THEN 1 ELSE 2 END), 0)
FROM koban.event v WHERE v.town = $1
HAVING coalesce(sum(CASE WHEN v.payer IS NULL THEN 1 ELSE 2 END), 0) <> koban.last_event($1);

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

-- name: load_orders_follow
-- An order with a provider says of its value what the journal says: it moved by the entry with the
-- order's own id, it never did, or it was given back whole.
SELECT 'load order ' || id || ' is ' || state || ', and of ' || amount || ' yen ' || moved
    || ' moved and ' || back || ' came back' AS problem
FROM (
    SELECT o.id, o.direction, o.state, o.amount, coalesce(e.amount, 0) AS moved,
        coalesce((SELECT sum(b.amount) FROM koban.entry b
            WHERE b.town = e.town AND b.refers = e.id AND b.kind = 'reversal'), 0) AS back
    FROM koban.load_order o
    LEFT JOIN koban.decision d ON d.town = o.town AND d.id = o.id
    -- Another entry under this id is another payment's, and the order was refused for it.
    LEFT JOIN koban.entry e ON e.town = d.town AND e.entry = d.entry
        AND e.wallet = o.wallet AND e.way = o.way AND e.amount = o.amount
    WHERE o.town = $1
) o
WHERE CASE
    WHEN direction = 'in' AND state = 'paid' THEN false
    WHEN direction = 'in' AND state = 'arrived' THEN moved <> amount
    WHEN direction = 'in' THEN moved > 0
    WHEN state = 'requested' THEN false
    WHEN state = 'failed' THEN moved > 0
    WHEN state = 'returned' THEN moved <> amount OR back <> amount
    WHEN state = 'returning' THEN moved <> amount
    ELSE moved <> amount OR back > 0
    END
ORDER BY id;

-- name: seals
-- The chain, each link with the one before.
SELECT seal, first_entry, last_entry, digest,
    lag(digest, 1, ''::bytea) OVER (ORDER BY seal) AS previous,
    lag(last_entry, 1, 0::bigint) OVER (ORDER BY seal) AS previous_entry
FROM koban.seal WHERE town = $1 ORDER BY seal;

-- name: seal_digest
-- What a seal's digest should be.
SELECT koban.seal_digest($1, $2, $3, $4) AS digest;

-- name: audit_without_gaps
-- Every number from 1 to the last is there once: no act's line was taken out.
SELECT 'audit lines 1 to ' || max(a.number) || ' should be there; found ' || count(*) AS problem
FROM people.audit a
WHERE a.town = $1
HAVING count(*) <> max(a.number);

-- name: settled_once
-- Each mark is of an entry of that shop, within a settlement that stands, of its period; a line says
-- how many there are.
SELECT 'entry ' || m.entry || ' is settled by ' || m.settlement || ' for the shop ' || m.shop
    || ', but ' || CASE WHEN e.entry IS NULL THEN 'is not there'
        WHEN e.shop <> m.shop THEN 'is of the shop ' || e.shop
        WHEN s.state IS NULL OR s.state = 'discarded' THEN 'there is no such settlement'
        ELSE 'is not of its period' END AS problem
FROM koban.settled_entry m
LEFT JOIN koban.entry e ON e.town = m.town AND e.entry = m.entry
LEFT JOIN koban.settlement s ON s.town = m.town AND s.settlement = m.settlement
WHERE m.town = $1 AND (e.entry IS NULL OR e.shop <> m.shop OR s.state IS NULL
    OR s.state = 'discarded' OR e.at < s.from_at OR e.at >= s.until_at)
UNION ALL
SELECT 'settlement ' || coalesce(l.settlement, m.settlement) || ' says ' || coalesce(l.entries, 0)
    || ' entries of the shop ' || coalesce(l.shop, m.shop) || '; found ' || coalesce(m.entries, 0)
FROM (SELECT * FROM koban.settlement_line WHERE town = $1) l
FULL JOIN (
    SELECT settlement, shop, count(*) AS entries FROM koban.settled_entry
    WHERE town = $1 GROUP BY 1, 2
) m USING (settlement, shop)
WHERE l.entries IS DISTINCT FROM coalesce(m.entries, 0);

-- name: settlement_parts_follow
-- The parts of a settlement are what its entries moved between shops and wallets, reversals below
-- zero, day by day; and its charges are what was spent of each funder's.
WITH moved AS (
    SELECT m.settlement, m.shop, (e.at AT TIME ZONE t.time_zone)::date AS day,
        coalesce(o.kind, e.kind) AS kind, e.kind = 'reversal' AS reversal, p.instrument, p.funder,
        sum(CASE WHEN e.kind = 'reversal' THEN -p.amount ELSE p.amount END) AS amount
    FROM koban.settled_entry m
    JOIN koban.town t ON t.town = m.town
    JOIN koban.entry e ON e.town = m.town AND e.entry = m.entry
    JOIN koban.posting p ON p.town = m.town AND p.entry = m.entry
        AND e.shop IN (p.from_account, p.to_account)
    LEFT JOIN koban.decision d ON e.kind = 'reversal' AND d.town = e.town AND d.id = e.refers
    LEFT JOIN koban.entry o ON o.town = d.town AND o.entry = d.entry
    WHERE m.town = $1 GROUP BY 1, 2, 3, 4, 5, 6, 7
), parts AS (
    SELECT settlement, shop, day, kind, reversal, instrument, funder, sum(amount) AS amount
    FROM koban.settlement_part WHERE town = $1 GROUP BY 1, 2, 3, 4, 5, 6, 7
)
SELECT 'settlement ' || settlement || ': the shop ' || shop || ' on ' || day || ': ' || kind
    || CASE WHEN reversal THEN ' given back' ELSE '' END || ' says ' || coalesce(p.amount, 0)
    || ', the journal ' || coalesce(m.amount, 0) AS problem
FROM parts p FULL JOIN moved m
    USING (settlement, shop, day, kind, reversal, instrument, funder)
WHERE p.amount IS DISTINCT FROM m.amount
UNION ALL
SELECT 'settlement ' || settlement || ' charges the funder ' || funder || ' ' || coalesce(c.amount, 0)
    || '; of its value ' || coalesce(s.amount, 0) || ' was spent'
FROM (SELECT * FROM koban.settlement_charge WHERE town = $1) c
FULL JOIN (
    SELECT settlement, funder, instrument, sum(amount) AS amount FROM moved
    WHERE kind = 'payment' GROUP BY 1, 2, 3
) s USING (settlement, funder, instrument)
WHERE c.amount IS DISTINCT FROM s.amount;

-- name: settlement_fees_follow
-- What a shop pays by a rate is the rate of what moved, rounded once, and the yen for each entry; by
-- a rate that is for it, that had begun, and was set before the settlement was made.
SELECT 'settlement ' || p.settlement || ': the shop ' || p.shop || ' pays ' || sum(p.fee)
    || ' by the rate ' || p.rate || CASE WHEN bool_or(p.misfits) THEN ', which is not for it'
        ELSE ', which makes ' || koban.whole_yen(sum(p.exact), p.fee_rounding) END AS problem
FROM (
    SELECT o.settlement, o.shop, o.rate, o.fee, s.fee_rounding,
        o.amount * coalesce(r.basis_points, 0)
            + CASE WHEN o.reversal THEN 0 ELSE o.entries * coalesce(r.yen, 0) * 10000 END AS exact,
        o.rate <> 0 AND (r.rate IS NULL OR r.basis_points IS NULL
            OR r.kind <> CASE o.kind WHEN 'payment' THEN 'redemption' ELSE o.kind END
            OR r.shop <> o.shop OR r.instrument <> o.instrument
            OR r.shop_group IS NOT NULL AND r.shop_group <> ALL (l.groups)
            OR r.set_at > s.made_at
            OR (r.valid_from AT TIME ZONE t.time_zone)::date > o.day) IS TRUE AS misfits
    FROM koban.settlement_part o
    JOIN koban.settlement s ON s.town = o.town AND s.settlement = o.settlement
    JOIN koban.settlement_line l
        ON l.town = o.town AND l.settlement = o.settlement AND l.shop = o.shop
    JOIN koban.town t ON t.town = o.town
    LEFT JOIN koban.fee_rate r ON r.town = o.town AND r.rate = o.rate
    WHERE o.town = $1
) p
GROUP BY p.settlement, p.shop, p.rate, p.fee_rounding
HAVING bool_or(p.misfits) OR sum(p.fee) <> koban.whole_yen(sum(p.exact), p.fee_rounding);

-- name: settlement_lines_follow
-- A line is the sum of its parts, its fees, and what was carried to it; and it moves, or is carried,
-- as the settlement's minimums say.
SELECT 'settlement ' || l.settlement || ' tells the shop ' || l.shop || ' '
    || l.accepted || ' - ' || l.topped_up || ' - ' || l.issued || ' - ' || l.fees || ' + '
    || l.carried_in || ' = ' || l.net || CASE WHEN l.carries THEN ', carried' ELSE '' END
    || '; its parts make ' || coalesce(p.accepted, 0) || ' - ' || coalesce(p.topped_up, 0) || ' - '
    || coalesce(p.issued, 0) || ' - ' || coalesce(p.fees, 0) + l.transfer_fee || ' + '
    || coalesce(b.amount, 0) AS problem
FROM koban.settlement_line l
JOIN koban.settlement s ON s.town = l.town AND s.settlement = l.settlement
LEFT JOIN (
    SELECT settlement, shop, coalesce(sum(amount) FILTER (WHERE kind = 'payment'), 0) AS accepted,
        coalesce(sum(amount) FILTER (WHERE kind = 'top_up'), 0) AS topped_up,
        coalesce(sum(amount) FILTER (WHERE kind = 'issue'), 0) AS issued, sum(fee) AS fees
    FROM koban.settlement_part WHERE town = $1 GROUP BY 1, 2
) p ON p.settlement = l.settlement AND p.shop = l.shop
LEFT JOIN (
    SELECT carried_to AS settlement, shop, sum(net) AS amount
    FROM koban.settlement_line WHERE town = $1 AND carried_to IS NOT NULL GROUP BY 1, 2
) b ON b.settlement = l.settlement AND b.shop = l.shop
WHERE l.town = $1 AND (l.accepted <> coalesce(p.accepted, 0)
    OR l.topped_up <> coalesce(p.topped_up, 0) OR l.issued <> coalesce(p.issued, 0)
    OR l.fees <> coalesce(p.fees, 0) + l.transfer_fee OR l.carried_in <> coalesce(b.amount, 0)
    OR l.net <> l.accepted - l.topped_up - l.issued - l.fees + l.carried_in
    OR NOT l.carries AND l.net + l.transfer_fee < s.payout_min AND -l.net < s.collection_min);

-- name: settlement_carried_once
-- What was too little or failed stands in one later settlement of its shop: in the one that it
-- names, and there is none after it that should have taken it on. And lines are where their
-- settlement is.
SELECT 'settlement ' || l.settlement || ': the ' || l.state || ' ' || l.net || ' of the shop '
    || l.shop || CASE WHEN l.carried_to IS NULL
        THEN ' should be in settlement ' || later.settlement
        ELSE ' is said to be in settlement ' || l.carried_to || ', which has no line of it' END
    AS problem
FROM koban.settlement_line l
LEFT JOIN koban.settlement_line taken ON taken.town = l.town AND taken.settlement = l.carried_to
    AND taken.shop = l.shop
LEFT JOIN LATERAL (
    SELECT o.settlement FROM koban.settlement_line o
    JOIN koban.settlement s ON s.town = o.town AND s.settlement = o.settlement
    WHERE o.town = l.town AND o.shop = l.shop AND o.settlement > l.settlement
        AND s.made_at > l.moved_at
    ORDER BY o.settlement LIMIT 1
) later ON l.carried_to IS NULL AND l.state IN ('carried', 'failed')
WHERE l.town = $1
    AND (l.carried_to IS NOT NULL AND taken.settlement IS NULL OR later.settlement IS NOT NULL)
UNION ALL
SELECT 'settlement ' || l.settlement || ' is ' || s.state || ', but its line of the shop ' || l.shop
    || ' is ' || l.state
FROM koban.settlement_line l
JOIN koban.settlement s ON s.town = l.town AND s.settlement = l.settlement
WHERE l.town = $1 AND CASE s.state WHEN 'made' THEN l.state <> 'made'
    WHEN 'released' THEN l.state = 'made'
    WHEN 'closed' THEN l.state IN ('made', 'released', 'in_file') ELSE true END
UNION ALL
SELECT 'settlement ' || s.settlement || ' was made and released by ' || s.released_name
FROM koban.settlement s
WHERE s.town = $1 AND (s.released_name = s.made_name OR s.released_by = s.made_by);

-- name: bank_files_follow
-- A bank file is the sum of its lines, and each is a settlement's line: of that amount, in that
-- direction, and where the file is. A line stands in no file but where one has it.
SELECT 'bank file ' || f.file || ' says ' || f.lines || ' lines and ' || f.total || ' yen; found '
    || count(l.line) || ' and ' || coalesce(sum(l.amount), 0) AS problem
FROM koban.bank_file f
LEFT JOIN koban.bank_file_line l ON l.town = f.town AND l.file = f.file
    AND l.settlement = f.settlement AND l.live = (f.state <> 'discarded')
WHERE f.town = $1
GROUP BY f.file, f.lines, f.total
HAVING count(l.line) <> f.lines OR coalesce(sum(l.amount), 0) <> f.total
UNION ALL
SELECT 'bank file ' || f.file || ' is ' || f.state || ' and moves ' || b.amount || ' of the shop '
    || b.shop || '; settlement ' || l.settlement || ' says ' || l.net || ', ' || l.state
FROM koban.bank_file f
JOIN koban.bank_file_line b ON b.town = f.town AND b.file = f.file AND b.live
JOIN koban.settlement_line l ON l.town = b.town AND l.settlement = b.settlement AND l.shop = b.shop
WHERE f.town = $1 AND (b.amount <> CASE f.kind WHEN 'transfer' THEN l.net ELSE -l.net END
    OR l.state <> ALL (CASE f.state
        WHEN 'made' THEN ARRAY['in_file'] WHEN 'taken' THEN ARRAY['in_file', 'failed']
        ELSE ARRAY['paid', 'collected', 'failed'] END)
    OR b.result IS NOT NULL AND (b.result = '0') <> (l.state = 'collected') AND l.state <> 'failed')
UNION ALL
SELECT 'settlement ' || l.settlement || ': the line of the shop ' || l.shop || ' stands in no file'
FROM koban.settlement_line l
WHERE l.town = $1 AND l.state = 'in_file' AND NOT EXISTS (
    SELECT FROM koban.bank_file_line b WHERE b.town = l.town AND b.settlement = l.settlement
        AND b.shop = l.shop AND b.live);
