-- name: throws
-- The faces that a campaign's dice showed, behind an entry.
SELECT g.entry, e.id, g.face
FROM koban.campaign_grant g JOIN koban.entry e ON e.town = g.town AND e.entry = g.entry
WHERE g.town = $1 AND g.campaign = $2 AND g.face IS NOT NULL AND g.entry > $3
ORDER BY g.entry LIMIT $4;
