-- name: touch
-- Notes what is the case, or was told while this database was away; what is there already keeps its
-- beginning and what was told of it.
INSERT INTO koban.alert (town, kind, began_at, seen_at, told_at)
SELECT * FROM unnest($1::smallint[], $2::text[], $3::timestamptz[], $4::timestamptz[],
    $5::timestamptz[])
ON CONFLICT (town, kind) DO UPDATE SET
    began_at = least(alert.began_at, excluded.began_at),
    seen_at = greatest(alert.seen_at, excluded.seen_at),
    told_at = greatest(alert.told_at, excluded.told_at);

-- name: alerts
-- Everything that is the case, or was a moment ago.
SELECT town, kind, began_at, seen_at, told_at FROM koban.alert;

-- name: claim
-- Keeps others from telling what has not been told since $3, until $5.
UPDATE koban.alert SET claimed_until = $5
WHERE town = $1 AND kind = $2 AND told_at IS NOT DISTINCT FROM $3
    AND (claimed_until IS NULL OR claimed_until <= $4)
RETURNING true AS claimed;

-- name: tell
-- Somebody was told.
UPDATE koban.alert SET told_at = $3, claimed_until = NULL WHERE town = $1 AND kind = $2;

-- name: forget
-- It is over, unless somebody has seen it since.
DELETE FROM koban.alert WHERE town = $1 AND kind = $2 AND seen_at = $3;
