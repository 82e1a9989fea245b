-- name: changes
-- The lines that differ most from what the shop's last three released settlements came to, without
-- what was carried; new shops count from nothing.
SELECT s.code, a.title, l.shop, l.net - l.carried_in AS now, coalesce(u.usual, 0) AS usual,
    coalesce(u.settlements, 0) AS settlements
FROM koban.settlement_line l
JOIN koban.shop s ON s.town = l.town AND s.shop = l.shop
JOIN koban.account a ON a.town = l.town AND a.account = l.shop
CROSS JOIN LATERAL (
    SELECT round(avg(o.net - o.carried_in))::bigint AS usual, count(*) AS settlements
    FROM (
        SELECT o.net, o.carried_in FROM koban.settlement_line o
        WHERE o.town = l.town AND o.shop = l.shop AND o.settlement < l.settlement
            AND o.state <> 'made'
        ORDER BY o.settlement DESC LIMIT 3
    ) o
) u
WHERE l.town = $1 AND l.settlement = $2
ORDER BY abs(l.net - l.carried_in - coalesce(u.usual, 0)) DESC, s.code LIMIT $3;

-- name: accounts
-- The lines that move, whose bank account is not the one of the shop's last line that moved: its
-- first, another, or none at all. As of the release, or, before it, of this instant.
SELECT s.code, a.title, l.shop, l.net, old.bank_code AS old_bank, old.branch_code AS old_branch,
    old.number_tail AS old_tail, b.version, b.bank_code, b.branch_code, b.number_tail, b.set_name,
    b.set_at
FROM koban.settlement_line l
JOIN koban.shop s ON s.town = l.town AND s.shop = l.shop
JOIN koban.account a ON a.town = l.town AND a.account = l.shop
LEFT JOIN LATERAL (
    SELECT b.* FROM koban.bank_account b
    WHERE b.town = l.town AND b.shop = l.shop
        AND CASE WHEN l.state = 'made' THEN b.valid_from <= $3 ELSE b.version = l.bank_version END
    ORDER BY b.valid_from DESC, b.version DESC LIMIT 1
) b ON true
LEFT JOIN LATERAL (
    SELECT o.bank_version FROM koban.settlement_line o
    WHERE o.town = l.town AND o.shop = l.shop AND o.settlement < l.settlement
        AND o.state IN ('in_file', 'paid', 'collected') AND o.bank_version IS NOT NULL
    ORDER BY o.settlement DESC LIMIT 1
) last ON true
LEFT JOIN koban.bank_account old ON old.town = l.town AND old.shop = l.shop
    AND old.version = last.bank_version
WHERE l.town = $1 AND l.settlement = $2 AND NOT l.carries
    AND (b.version IS NULL OR last.bank_version IS DISTINCT FROM b.version)
ORDER BY last.bank_version IS NULL, s.code;
