-- name: lines
-- A settlement's lines, or a shop's alone, by the shops' codes.
SELECT l.settlement, l.shop, s.code, a.title, l.groups, l.entries, l.accepted, l.topped_up, l.issued,
    l.fees, l.transfer_fee, l.carried_in, l.net, l.carries, l.state, l.bank_version, l.moved_at,
    l.reason, l.carried_to
FROM koban.settlement_line l
JOIN koban.shop s ON s.town = l.town AND s.shop = l.shop
JOIN koban.account a ON a.town = l.town AND a.account = l.shop
WHERE l.town = $1 AND l.settlement = $2 AND ($3::bigint IS NULL OR l.shop = $3) ORDER BY s.code;

-- name: lines_of_shop
-- A shop's lines in settlements that were released, newest first.
SELECT l.settlement, l.shop, s.code, a.title, l.groups, l.entries, l.accepted, l.topped_up, l.issued,
    l.fees, l.transfer_fee, l.carried_in, l.net, l.carries, l.state, l.bank_version, l.moved_at,
    l.reason, l.carried_to
FROM koban.settlement_line l
JOIN koban.shop s ON s.town = l.town AND s.shop = l.shop
JOIN koban.account a ON a.town = l.town AND a.account = l.shop
WHERE l.town = $1 AND l.shop = $2 AND l.state <> 'made'
    AND l.settlement < coalesce($3, 9223372036854775807)
ORDER BY l.settlement DESC LIMIT $4;

-- name: parts
-- A settlement's parts, or a shop's alone.
SELECT p.shop, p.day, p.kind, p.reversal, p.instrument, p.funder, f.code, p.rate,
    coalesce(r.basis_points, 0), coalesce(r.yen, 0), p.entries, p.amount, p.fee
FROM koban.settlement_part p
JOIN koban.fund f ON f.town = p.town AND f.fund = p.funder
LEFT JOIN koban.fee_rate r ON r.town = p.town AND r.rate = p.rate
WHERE p.town = $1 AND p.settlement = $2 AND ($3::bigint IS NULL OR p.shop = $3)
ORDER BY p.shop, p.day, p.kind, p.reversal, p.instrument, p.funder, p.rate;

-- name: charges
-- What each funder owes for a settlement.
SELECT c.funder, f.code, c.instrument, c.amount
FROM koban.settlement_charge c JOIN koban.fund f ON f.town = c.town AND f.fund = c.funder
WHERE c.town = $1 AND c.settlement = $2 ORDER BY f.code, c.instrument;

-- name: transfers
-- The lines that move, each with its account's version and that of the shop's last one that moved.
SELECT l.shop, s.code AS shop_code, a.title AS shop_name, l.net, l.state,
    l.bank_version AS version,
    (SELECT o.bank_version FROM koban.settlement_line o
        WHERE o.town = l.town AND o.shop = l.shop AND o.settlement < l.settlement
            AND o.state IN ('in_file', 'paid', 'collected') AND o.bank_version IS NOT NULL
        ORDER BY o.settlement DESC LIMIT 1) AS before
FROM koban.settlement_line l
JOIN koban.shop s ON s.town = l.town AND s.shop = l.shop
JOIN koban.account a ON a.town = l.town AND a.account = l.shop
WHERE l.town = $1 AND l.settlement = $2 AND l.state IN ('released', 'in_file') ORDER BY s.code;

-- name: hold
-- Lines that nobody else changes until the end of the transaction, in the order of their shops.
SELECT shop, state, carried_to FROM koban.settlement_line
WHERE town = $1 AND settlement = $2 AND shop = ANY ($3::bigint[]) ORDER BY shop FOR UPDATE;

-- name: in_file
-- They stand in a file for the bank, with the account that it names.
UPDATE koban.settlement_line SET state = 'in_file', moved_at = $4
WHERE town = $1 AND settlement = $2 AND shop = ANY ($3::bigint[]);

-- name: released
-- They stand in no file any more.
UPDATE koban.settlement_line SET state = 'released', moved_at = $4
WHERE town = $1 AND settlement = $2 AND shop = ANY ($3::bigint[]);

-- name: paid
-- They were moved.
UPDATE koban.settlement_line
SET state = CASE WHEN net > 0 THEN 'paid' ELSE 'collected' END, moved_at = $4
WHERE town = $1 AND settlement = $2 AND shop = ANY ($3::bigint[]);

-- name: failed
-- They were not, or came back.
UPDATE koban.settlement_line SET state = 'failed', moved_at = $4, reason = $5
WHERE town = $1 AND settlement = $2 AND shop = ANY ($3::bigint[]);

-- name: close
-- A released settlement of which nothing is to move any more is over.
UPDATE koban.settlement s SET state = 'closed'
WHERE s.town = $1 AND s.settlement = $2 AND s.state = 'released' AND NOT EXISTS (
    SELECT FROM koban.settlement_line l
    WHERE l.town = s.town AND l.settlement = s.settlement AND l.state IN ('released', 'in_file'));
