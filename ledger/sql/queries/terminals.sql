-- name: preset
-- The activity for which a terminal grants, and whether it can now.
SELECT a.code AS activity, a.name, a.amount, a.starts_at <= $3 AND a.ends_at > $3 AS open
FROM koban.terminal t JOIN koban.activity a ON a.town = t.town AND a.code = t.preset
WHERE t.town = $1 AND t.terminal = $2;

-- name: activity_for
-- What a terminal grants for under an id: as it was decided, else as it is set.
SELECT a.code AS activity, a.amount
FROM koban.terminal t
JOIN koban.activity a ON a.town = t.town AND a.code = coalesce((
    SELECT d.receipt::json ->> 'way' FROM koban.decision d WHERE d.town = $1 AND d.id = $3
), t.preset)
WHERE t.town = $1 AND t.terminal = $2;

-- name: set_preset
-- What a terminal grants for; no row where there is no such terminal or activity of a fixed amount.
UPDATE koban.terminal SET preset = $3
WHERE town = $1 AND terminal = $2 AND ($3::text IS NULL OR EXISTS (
    SELECT FROM koban.activity a WHERE a.town = $1 AND a.code = $3 AND a.amount IS NOT NULL))
RETURNING terminal;

-- name: set_groups
-- The groups of terminals that a terminal belongs to.
UPDATE koban.terminal SET groups = $3 WHERE town = $1 AND terminal = $2 RETURNING terminal;
