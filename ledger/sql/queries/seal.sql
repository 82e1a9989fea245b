-- name: seal_next
SELECT koban.seal_next($1, $2, $3) AS sealed;
