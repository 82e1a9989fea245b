-- name: overlap_rule
-- What becomes of campaigns that apply to one act, by the rules in force at an instant.
SELECT p.campaign_overlap FROM koban.profile p
WHERE p.town = $1 AND p.valid_from <= $2 ORDER BY p.valid_from DESC LIMIT 1;

-- name: same_places
-- Which of some campaigns apply at a terminal or shop where this one does. Without lists a
-- campaign applies everywhere, also where value comes from a provider and no shop stands.
SELECT o.campaign
FROM koban.campaign c
JOIN koban.campaign o ON o.town = c.town AND o.campaign = ANY ($3::bigint[])
WHERE c.town = $1 AND c.campaign = $2 AND (
    (c.shop_groups = '{}' AND c.shops = '{}' AND c.terminal_groups = '{}')
    OR (o.shop_groups = '{}' AND o.shops = '{}' AND o.terminal_groups = '{}')
    OR EXISTS (
        SELECT FROM koban.account a LEFT JOIN koban.terminal t ON t.town = $1 AND t.shop = a.account
        WHERE a.town = $1 AND a.kind = 'shop'
            AND (c.shop_groups = '{}' OR a.groups && c.shop_groups)
            AND (o.shop_groups = '{}' OR a.groups && o.shop_groups)
            AND (c.shops = '{}' OR a.account = ANY (c.shops))
            AND (o.shops = '{}' OR a.account = ANY (o.shops))
            AND (c.terminal_groups = '{}' OR t.groups && c.terminal_groups)
            AND (o.terminal_groups = '{}' OR t.groups && o.terminal_groups)));
