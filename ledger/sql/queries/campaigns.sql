-- name: programme
-- The fund and the kind of value of a programme, by its code.
SELECT fund, instrument FROM koban.programme WHERE town = $1 AND code = $2;

-- name: fund
-- A fund by its code.
SELECT fund FROM koban.fund WHERE town = $1 AND code = $2;

-- name: open_fund_account
-- The account of a campaign's own fund.
INSERT INTO koban.account (town, account, kind, opened_at)
VALUES ($1, nextval('koban.account_number'), 'fund', $2)
RETURNING account;

-- name: open_fund
-- A campaign's own fund.
INSERT INTO koban.fund (town, fund, code) VALUES ($1, $2, $3);

-- name: set_ceiling
-- What a campaign's own fund may give in all.
INSERT INTO koban.budget AS b (town, fund, ceiling) VALUES ($1, $2, $3)
ON CONFLICT (town, fund) DO UPDATE SET ceiling = excluded.ceiling;

-- name: budget_left
-- What a fund may still give; no row: it has no bound.
SELECT ceiling - granted - reserved AS left FROM koban.budget WHERE town = $1 AND fund = $2;

-- name: unknown_places
-- Those of the named shops that are none, and of the named groups those that no terminal is in.
SELECT
    ARRAY(SELECT s FROM unnest($2::bigint[]) s WHERE NOT EXISTS (
        SELECT FROM koban.shop o WHERE o.town = $1 AND o.shop = s) ORDER BY s) AS shops,
    ARRAY(SELECT g FROM unnest($3::text[]) g WHERE NOT EXISTS (
        SELECT FROM koban.terminal t WHERE t.town = $1 AND g = ANY (t.groups)) ORDER BY g)
        AS terminal_groups,
    ARRAY(SELECT DISTINCT g FROM koban.terminal t, unnest(t.groups) g WHERE t.town = $1 ORDER BY g)
        AS known;

-- name: add
-- A new campaign.
INSERT INTO koban.campaign (town, campaign, code, name, trigger, source, instrument, basis_points,
    rounding, fund, entry_max, person_max, priority, starts_at, ends_at, weekdays, month_days,
    from_minute, to_minute, shop_groups, shops, terminal_groups, face_weights, face_factors, seed)
VALUES ($1, nextval('koban.campaign_number'), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
    $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)
ON CONFLICT (town, code) DO NOTHING
RETURNING campaign;

-- name: change
-- Other terms for a campaign that has not begun.
UPDATE koban.campaign SET name = $3, trigger = $4, source = $5, instrument = $6,
    basis_points = $7, rounding = $8, fund = $9, entry_max = $10, person_max = $11, priority = $12,
    starts_at = $13, ends_at = $14, weekdays = $15, month_days = $16, from_minute = $17,
    to_minute = $18, shop_groups = $19, shops = $20, terminal_groups = $21, face_weights = $22,
    face_factors = $23, seed = CASE WHEN $22::integer[] IS NOT NULL THEN coalesce(seed, $24) END
WHERE town = $1 AND code = $2;

-- name: stop
-- From an instant on a campaign gives nothing; an earlier end stands.
UPDATE koban.campaign SET stopped_at = $3
WHERE town = $1 AND code = $2 AND least(ends_at, stopped_at) > $3;

-- name: lock
-- A campaign for change, by its code.
SELECT campaign FROM koban.campaign WHERE town = $1 AND code = $2 FOR UPDATE;

-- name: campaigns
-- Campaigns of a town, the newest first, with what they gave. The seed of the dice leaves the
-- database here alone, and only when the campaign has been over for some time.
SELECT c.campaign, c.code, c.name, c.trigger, c.source, c.instrument, c.basis_points, c.rounding,
    c.fund, c.entry_max, c.person_max, c.priority, c.starts_at, c.ends_at, c.weekdays,
    c.month_days, c.from_minute, c.to_minute, c.shop_groups, c.shops, c.terminal_groups,
    c.face_weights, c.face_factors, c.stopped_at, f.code AS fund_code,
    sha256(c.seed) AS commitment,
    CASE WHEN least(c.ends_at, c.stopped_at) + :grace <= :now THEN c.seed END AS seed
FROM koban.campaign c
LEFT JOIN koban.fund f ON f.town = c.town AND f.fund = c.fund
WHERE c.town = :town
    AND c.code = :code -- if code
    AND least(c.ends_at, c.stopped_at) > :over_after -- if over_after
    AND c.campaign < :before -- if before
ORDER BY c.campaign DESC LIMIT :limit;

-- name: given
-- What campaigns gave so far, in how many entries.
SELECT g.campaign, count(*) AS grants, sum(g.amount)::bigint AS amount FROM koban.campaign_grant g
WHERE g.town = $1 AND g.campaign = ANY ($2::bigint[]) GROUP BY g.campaign;
