-- name: add_mark
-- Nothing is inserted where the shop is not the town's, or where a shop has the mark already.
INSERT INTO koban.shop_mark (town, attachment, scheme, mark, shop, added_at)
SELECT s.town, nextval('koban.attachment_number'), $3, $4, s.shop, $5
FROM koban.shop s WHERE s.town = $1 AND s.shop = $2
ON CONFLICT (town, scheme, mark) WHERE removed_at IS NULL DO NOTHING
RETURNING shop, scheme, mark, added_at;

-- name: mark_in_use
-- Who has a mark now.
SELECT shop, scheme, mark, added_at FROM koban.shop_mark
WHERE town = $1 AND scheme = $2 AND mark = $3 AND removed_at IS NULL;

-- name: remove_mark
-- Takes a mark off its shop, and off no other. It was never there before it was put there.
UPDATE koban.shop_mark SET removed_at = greatest(added_at, $5)
WHERE town = $1 AND shop = $2 AND scheme = $3 AND mark = $4 AND removed_at IS NULL
RETURNING attachment;

-- name: marks
-- A shop's marks, oldest first.
SELECT shop, scheme, mark, added_at FROM koban.shop_mark
WHERE town = $1 AND shop = $2 AND removed_at IS NULL ORDER BY attachment;

-- name: shop_by_mark
-- The shop that has this mark now.
SELECT s.shop, s.code, a.title, s.kind, s.area
FROM koban.shop_mark m
    JOIN koban.shop s ON s.town = m.town AND s.shop = m.shop
    JOIN koban.account a ON a.town = s.town AND a.account = s.shop
WHERE m.town = $1 AND m.scheme = $2 AND m.mark = $3 AND m.removed_at IS NULL;
