-- name: movement
-- Where a settlement's line goes and when: the bank account as of the release, of which people are
-- shown the end of its number, and the banks' day of the file that it stands in.
SELECT b.bank_code, b.branch_code, b.account_type, b.number_tail, f.transfer_on
FROM koban.settlement_line l
LEFT JOIN koban.bank_account b ON b.town = l.town AND b.shop = l.shop AND b.version = l.bank_version
LEFT JOIN koban.bank_file_line m ON m.town = l.town AND m.settlement = l.settlement
    AND m.shop = l.shop AND m.live
LEFT JOIN koban.bank_file f ON f.town = m.town AND f.file = m.file
WHERE l.town = $1 AND l.settlement = $2 AND l.shop = $3;
