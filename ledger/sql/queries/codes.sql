-- name: issue_code
-- The code's life is the one that the rules in force say.
INSERT INTO koban.code (town, code_digest, wallet, purpose, amount, issued_at, expires_at, coupons)
SELECT p.town, $2, $3, $4, $5, $6, $6::timestamptz + p.code_ttl, $7
FROM koban.profile p
WHERE p.town = $1 AND p.valid_from <= $6 ORDER BY p.valid_from DESC LIMIT 1
RETURNING expires_at;

-- name: read_code
-- What a scanned code is for, and whether it was used.
SELECT wallet, purpose, amount, expires_at, used_by IS NOT NULL AS used
FROM koban.code WHERE town = $1 AND code_digest = $2;

-- name: forget_codes
-- Codes that ended long ago; whether one of them was used stays in the journal.
DELETE FROM koban.code WHERE expires_at < $1;
