-- name: seal_next
-- Seals the next entries of a town.
SELECT koban.seal_next($1, $2, $3) AS sealed;
