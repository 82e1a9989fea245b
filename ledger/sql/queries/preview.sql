-- name: preview
-- What a payment would come to; writes nothing.
SELECT outcome, asks, receipt, instruments, funders, ends, amounts
FROM koban.preview($1, $2, $3, $4, $5, $6);
