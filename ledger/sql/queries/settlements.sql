-- name: settlements
-- Settlements with their totals, newest first.
SELECT s.settlement, s.from_at, s.until_at, s.scope, s.shop_group, s.shops, s.payout_min,
    s.collection_min, s.fee_rounding, s.remark, s.state, s.made_by, s.made_name, s.made_at,
    s.released_by, s.released_name, s.released_at, s.discarded_name, s.discarded_at, t.*
FROM koban.settlement s
CROSS JOIN LATERAL (
    SELECT count(*) AS lines,
        coalesce(sum(l.entries), 0)::bigint AS entries,
        coalesce(sum(l.accepted), 0)::bigint AS accepted,
        coalesce(sum(l.topped_up), 0)::bigint AS topped_up,
        coalesce(sum(l.issued), 0)::bigint AS issued,
        coalesce(sum(l.fees), 0)::bigint AS fees,
        coalesce(sum(l.carried_in), 0)::bigint AS carried_in,
        coalesce(sum(l.net), 0)::bigint AS net,
        count(*) FILTER (WHERE l.net > 0 AND NOT l.carries) AS payouts,
        coalesce(sum(l.net) FILTER (WHERE l.net > 0 AND NOT l.carries), 0)::bigint AS paid_out,
        count(*) FILTER (WHERE l.net < 0 AND NOT l.carries) AS collections,
        coalesce(-sum(l.net) FILTER (WHERE l.net < 0 AND NOT l.carries), 0)::bigint AS collected,
        count(*) FILTER (WHERE l.carries) AS carrying,
        coalesce(sum(l.net) FILTER (WHERE l.carries), 0)::bigint AS carried
    FROM koban.settlement_line l WHERE l.town = s.town AND l.settlement = s.settlement
) t
WHERE s.town = :town
    AND s.settlement = :number -- if number
    AND s.state = :state -- if state
    AND s.settlement < :before -- if before
ORDER BY s.settlement DESC LIMIT :limit;

-- name: prepare
-- One maker in a town at a time, until the end of the transaction; and room for sorting a month.
SELECT pg_advisory_xact_lock(hashtext('koban.settlement'), $1::integer),
    set_config('work_mem', '128MB', true), set_config('jit', 'off', true);

-- name: first_instant
-- From when on the town has had rules, and so entries.
SELECT min(valid_from) AS at FROM koban.profile WHERE town = $1;

-- name: shops
-- The shops of a scope: all, a group's, or these.
SELECT s.shop
FROM koban.shop s JOIN koban.account a ON a.town = s.town AND a.account = s.shop
WHERE s.town = $1 AND ($2::text IS NULL OR $2 = ANY (a.groups))
    AND ($3::bigint[] IS NULL OR s.shop = ANY ($3::bigint[]))
ORDER BY s.shop;

-- name: open
-- The next settlement of a town; the caller holds `prepare`.
INSERT INTO koban.settlement (town, settlement, from_at, until_at, scope, shop_group, shops,
    payout_min, collection_min, fee_rounding, remark, made_by, made_name, made_at)
SELECT $1::smallint, coalesce(max(settlement), 0) + 1, $2::timestamptz, $3::timestamptz, $4::text,
    $5::text, $6::bigint[], $7::bigint, $8::bigint, $9::text, $10::text, $11::bigint, $12::text,
    $13::timestamptz
FROM koban.settlement WHERE town = $1::smallint
RETURNING settlement;

-- name: carry
-- What earlier settlements carried over, or could not move, is this one's now.
UPDATE koban.settlement_line SET carried_to = $2
WHERE town = $1 AND shop = ANY ($3::bigint[]) AND state IN ('carried', 'failed')
    AND carried_to IS NULL;

-- name: mark
-- Every entry of the period and the shops that no settlement has.
INSERT INTO koban.settled_entry (town, entry, shop, settlement)
SELECT e.town, e.entry, e.shop, $2::bigint
FROM koban.entry e
WHERE e.town = $1 AND e.shop = ANY ($3::bigint[]) AND e.at >= $4 AND e.at < $5
    AND NOT EXISTS (
        SELECT FROM koban.settled_entry s WHERE s.town = e.town AND s.entry = e.entry);

-- name: learn
-- How many marks there are, for the plans of what comes next; they were added a moment ago.
ANALYZE koban.settled_entry;

-- name: settle
-- What the marked entries come to: parts, lines and charges. A reversal is of its original's kind,
-- below zero, at the rate that its original had. A fee is reckoned exactly, rounded once for a shop
-- and a rate, and spread over the days so that they add up. The yen for an entry are for its first
-- posting, and stay where it is given back: the work was done.
WITH head AS (
    SELECT s.*, t.time_zone, ARRAY(
        SELECT DISTINCT f.valid_from FROM koban.fee_rate f WHERE f.town = s.town
        ORDER BY f.valid_from) AS changes
    FROM koban.settlement s JOIN koban.town t USING (town)
    WHERE s.town = $1 AND s.settlement = $2
), marked AS MATERIALIZED (
    SELECT e.entry, e.shop, e.kind, e.at, e.refers
    FROM koban.settled_entry m JOIN koban.entry e ON e.town = m.town AND e.entry = m.entry
    WHERE m.town = $1 AND m.settlement = $2
), meant AS (
    SELECT m.entry, m.shop, m.at, m.kind, false AS reversal, m.at AS rated_at
    FROM marked m WHERE m.kind <> 'reversal'
    UNION ALL
    SELECT m.entry, m.shop, m.at, o.kind, true, o.at
    FROM marked m
    JOIN koban.decision d ON d.town = $1 AND d.id = m.refers
    JOIN koban.entry o ON o.town = $1 AND o.entry = d.entry
    WHERE m.kind = 'reversal'
), moved AS (
    SELECT m.shop, m.at, m.kind, m.reversal, m.rated_at, p.instrument, p.funder, p.amount,
        row_number() OVER (PARTITION BY p.entry ORDER BY p.line) = 1 AS first
    FROM meant m
    JOIN koban.posting p ON p.town = $1 AND p.entry = m.entry
        AND m.shop IN (p.from_account, p.to_account)
), grouped AS MATERIALIZED (
    SELECT m.shop, (m.at AT TIME ZONE h.time_zone)::date AS day, m.kind, m.reversal, m.instrument,
        m.funder, width_bucket(m.rated_at, h.changes) AS era,
        count(*) FILTER (WHERE m.first) AS entries,
        sum(CASE WHEN m.reversal THEN -m.amount ELSE m.amount END) AS amount
    FROM moved m CROSS JOIN head h
    GROUP BY 1, 2, 3, 4, 5, 6, 7
), priced AS (
    SELECT k.*, coalesce(r.rate, 0) AS rate, coalesce(r.basis_points, 0) AS basis_points,
        coalesce(r.yen, 0) AS yen
    FROM (SELECT DISTINCT shop, kind, instrument, era FROM grouped) k
    CROSS JOIN head h
    JOIN koban.account a ON a.town = $1 AND a.account = k.shop
    LEFT JOIN LATERAL koban.fee_at($1,
        CASE k.kind WHEN 'payment' THEN 'redemption' ELSE k.kind END, k.shop, a.groups,
        k.instrument, h.changes[k.era]) r ON true
), exact AS (
    SELECT g.shop, g.day, g.kind, g.reversal, g.instrument, g.funder, p.rate,
        sum(g.entries) AS entries, sum(g.amount) AS amount,
        sum(g.amount * p.basis_points
            + CASE WHEN g.reversal THEN 0 ELSE g.entries * p.yen * 10000 END) AS fee
    FROM grouped g JOIN priced p USING (shop, kind, instrument, era)
    GROUP BY 1, 2, 3, 4, 5, 6, 7
), running AS (
    SELECT x.*, sum(x.fee) OVER (
        PARTITION BY x.shop, x.rate
        ORDER BY x.day, x.kind, x.reversal, x.instrument, x.funder) AS up_to
    FROM exact x
), parts AS (
    INSERT INTO koban.settlement_part (town, settlement, shop, day, kind, reversal, instrument,
        funder, rate, entries, amount, fee)
    SELECT $1::smallint, $2::bigint, r.shop, r.day, r.kind, r.reversal, r.instrument, r.funder, r.rate, r.entries,
        r.amount, koban.whole_yen(r.up_to, h.fee_rounding)
            - koban.whole_yen(r.up_to - r.fee, h.fee_rounding)
    FROM running r CROSS JOIN head h
    RETURNING shop, kind, instrument, funder, amount, fee
), charges AS (
    INSERT INTO koban.settlement_charge (town, settlement, funder, instrument, amount)
    SELECT $1::smallint, $2::bigint, p.funder, p.instrument, sum(p.amount)
    FROM parts p WHERE p.kind = 'payment' GROUP BY 3, 4
), sums AS (
    SELECT p.shop, coalesce(sum(p.amount) FILTER (WHERE p.kind = 'payment'), 0) AS accepted,
        coalesce(sum(p.amount) FILTER (WHERE p.kind = 'top_up'), 0) AS topped_up,
        coalesce(sum(p.amount) FILTER (WHERE p.kind = 'issue'), 0) AS issued,
        sum(p.fee) AS fees
    FROM parts p GROUP BY p.shop
), counts AS (
    SELECT m.shop, count(*) AS entries FROM marked m GROUP BY m.shop
), carried AS (
    SELECT l.shop, sum(l.net) AS amount, bool_or(l.state = 'failed') AS failed
    FROM koban.settlement_line l
    WHERE l.town = $1 AND l.shop = ANY ($3::bigint[]) AND l.carried_to = $2
    GROUP BY l.shop
), gross AS (
    SELECT shop, coalesce(c.entries, 0) AS entries, coalesce(s.accepted, 0) AS accepted,
        coalesce(s.topped_up, 0) AS topped_up, coalesce(s.issued, 0) AS issued,
        coalesce(s.fees, 0) AS fees, coalesce(b.amount, 0) AS carried_in,
        coalesce(b.failed, false) AS failed,
        coalesce(s.accepted - s.topped_up - s.issued - s.fees, 0) + coalesce(b.amount, 0) AS net
    FROM sums s FULL JOIN counts c USING (shop) FULL JOIN carried b USING (shop)
), nets AS (
    SELECT g.*, a.groups, CASE
        WHEN g.net > 0 AND g.net >= h.payout_min AND g.net > coalesce(f.yen, 0)
            THEN coalesce(f.yen, 0)
        WHEN g.net < 0 AND -g.net >= h.collection_min THEN 0
        END AS transfer_fee -- None: it is too little to move.
    FROM gross g
    CROSS JOIN head h
    JOIN koban.account a ON a.town = $1 AND a.account = g.shop
    LEFT JOIN LATERAL koban.fee_at($1, 'transfer', g.shop, a.groups, NULL, h.made_at) f ON true
)
INSERT INTO koban.settlement_line (town, settlement, shop, groups, entries, accepted, topped_up,
    issued, fees, transfer_fee, carried_in, net, carries)
SELECT $1::smallint, $2::bigint, n.shop, coalesce(n.groups, '{}'), n.entries, n.accepted, n.topped_up, n.issued,
    n.fees + coalesce(n.transfer_fee, 0), coalesce(n.transfer_fee, 0), n.carried_in,
    n.net - coalesce(n.transfer_fee, 0), n.transfer_fee IS NULL
FROM nets n
-- What is carried alone waits until it is enough; what failed is tried again.
WHERE n.entries > 0 OR n.failed OR n.transfer_fee IS NOT NULL;

-- name: leave
-- What was carried to this settlement for a shop that has no line in it waits on.
UPDATE koban.settlement_line o SET carried_to = NULL
WHERE o.town = $1 AND o.shop = ANY ($3::bigint[]) AND o.carried_to = $2 AND NOT EXISTS (
    SELECT FROM koban.settlement_line l
    WHERE l.town = o.town AND l.settlement = $2 AND l.shop = o.shop);

-- name: hold
-- A settlement that nobody else changes until the end of the transaction.
SELECT state, made_by, made_name FROM koban.settlement
WHERE town = $1 AND settlement = $2 FOR UPDATE;

-- name: release
-- It was checked by another: what is to move may move.
UPDATE koban.settlement
SET state = 'released', released_by = $3, released_name = $4, released_at = $5
WHERE town = $1 AND settlement = $2;

-- name: release_lines
-- Each with its bank account of this instant.
UPDATE koban.settlement_line l
SET state = CASE WHEN l.carries THEN 'carried' ELSE 'released' END, moved_at = $3,
    bank_version = CASE WHEN NOT l.carries THEN (
        SELECT b.version FROM koban.bank_account b
        WHERE b.town = l.town AND b.shop = l.shop AND b.valid_from <= $3
        ORDER BY b.valid_from DESC, b.version DESC LIMIT 1) END
WHERE l.town = $1 AND l.settlement = $2;

-- name: discard_charges
-- Of one that is being discarded.
DELETE FROM koban.settlement_charge WHERE town = $1 AND settlement = $2;

-- name: discard_parts
-- Of one that is being discarded.
DELETE FROM koban.settlement_part WHERE town = $1 AND settlement = $2;

-- name: discard_lines
-- Of one that is being discarded; what was carried to it waits again.
WITH gone AS (
    DELETE FROM koban.settlement_line WHERE town = $1 AND settlement = $2 RETURNING shop
)
UPDATE koban.settlement_line l SET carried_to = NULL
FROM gone g WHERE l.town = $1 AND l.shop = g.shop AND l.carried_to = $2;

-- name: discard_marks
-- Its entries are free again.
DELETE FROM koban.settled_entry WHERE town = $1 AND settlement = $2;

-- name: discard
-- Its number and who made it are left.
UPDATE koban.settlement SET state = 'discarded', discarded_name = $3, discarded_at = $4
WHERE town = $1 AND settlement = $2;

-- name: fees
-- A settlement's sums by some of day, shop, group, instrument, kind and rate; what is not asked for
-- is none. A shop of several groups counts in each of them, one of none in the group ''.
SELECT day, shop, shop_group, instrument, kind, rate, sum(entries)::bigint, sum(amount)::bigint,
    sum(fee)::bigint
FROM (
    SELECT CASE WHEN 'day' = ANY ($3::text[]) THEN p.day END AS day,
        CASE WHEN 'shop' = ANY ($3::text[]) THEN s.code END AS shop,
        CASE WHEN 'group' = ANY ($3::text[]) THEN g.shop_group END AS shop_group,
        CASE WHEN 'instrument' = ANY ($3::text[]) THEN p.instrument END AS instrument,
        p.kind, CASE WHEN 'rate' = ANY ($3::text[]) THEN p.rate END AS rate,
        p.entries * CASE WHEN p.reversal THEN 0 ELSE 1 END AS entries, p.amount, p.fee
    FROM koban.settlement_part p
    JOIN koban.settlement_line l USING (town, settlement, shop)
    JOIN koban.shop s ON s.town = p.town AND s.shop = p.shop
    CROSS JOIN LATERAL unnest(CASE
        WHEN 'group' <> ALL ($3::text[]) THEN ARRAY[NULL]
        WHEN l.groups = '{}' THEN ARRAY[''] ELSE l.groups END) g (shop_group)
    WHERE p.town = $1 AND p.settlement = $2
) of_parts
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY 1, 2, 3, 4, 5, 6 LIMIT $4;
