-- name: sample
-- Lines to look at before approving: first, last, the five largest, and five drawn by the run's
-- number, the same each time.
WITH good AS (
    SELECT line, wallet, amount, tail FROM koban.grant_line
    WHERE town = $1 AND run = $2 AND problem IS NULL
)
(SELECT 'first' AS why, g.* FROM good g ORDER BY line LIMIT 1)
UNION ALL (SELECT 'last', g.* FROM good g ORDER BY line DESC LIMIT 1)
UNION ALL (SELECT 'largest', g.* FROM good g ORDER BY amount DESC, line LIMIT $3)
UNION ALL (SELECT 'drawn', g.* FROM good g
    ORDER BY hashint8extended(line, $2::bigint), line LIMIT $3);

-- name: refused_lines
-- The first lines of a run that cannot be granted.
SELECT line, tail, problem, field, found, other FROM koban.grant_line
WHERE town = $1 AND run = $2 AND problem IS NOT NULL ORDER BY line LIMIT $3;

-- name: noted_lines
-- The first lines in which something was read otherwise than it was written.
SELECT line, notes FROM koban.grant_line
WHERE town = $1 AND run = $2 AND notes <> '{}' ORDER BY line LIMIT $3;

-- name: lines
-- The lines of a run with what became of each, so many behind a line.
SELECT l.line, l.tail, l.wallet, l.amount, l.problem, l.field, l.found, l.other,
    r.state, d.outcome::text AS outcome, d.entry, r.taken
FROM koban.grant_line l
    LEFT JOIN koban.grant_row r ON r.town = l.town AND r.run = l.run AND r.line = l.line
    LEFT JOIN koban.decision d ON d.town = r.town AND d.id = r.id
WHERE l.town = $1 AND l.run = $2 AND l.line > $3 ORDER BY l.line LIMIT $4;
