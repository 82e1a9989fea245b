-- name: lock_town
-- The town's row, made if it is new; whoever loads a town holds it.
INSERT INTO koban.town AS t (town, code, time_zone, epoch) VALUES ($1, $2, $3, $4)
ON CONFLICT (town) DO UPDATE SET time_zone = excluded.time_zone
RETURNING code;

-- name: profile_at
-- The rules that would hold at an instant, and the last version's number; 0 where there is none.
SELECT coalesce(max(version), 0) AS last_version, (
    SELECT p.source FROM koban.profile p WHERE p.town = $1 AND p.valid_from <= $2
    ORDER BY p.valid_from DESC LIMIT 1
) AS source
FROM koban.profile WHERE town = $1;

-- name: add_town_account
-- Account 0: the town's own feed.
INSERT INTO koban.account (town, account, kind, opened_at) VALUES ($1, 0, 'town', $2)
ON CONFLICT DO NOTHING;

-- name: funds
-- The accounts of those who pay for value.
SELECT code, fund FROM koban.fund WHERE town = $1;

-- name: add_fund_account
-- An account for a new funder.
INSERT INTO koban.account (town, account, kind, opened_at)
VALUES ($1, nextval('koban.account_number'), 'fund', $2)
RETURNING account;

-- name: add_fund
-- Names the new funder's account.
INSERT INTO koban.fund (town, fund, code) VALUES ($1, $2, $3);

-- name: add_profile
-- A new version of the rules, valid from an instant on.
INSERT INTO koban.profile (
    town, version, valid_from, source, payment_max, top_up_min, top_up_max, top_up_step,
    top_up_instrument, balance_cap, reversal_maxes, duplicate_window, question_ttl, code_ttl,
    reversal_window
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);

-- name: add_instrument
-- A kind of value under a version of the rules.
INSERT INTO koban.instrument (
    town, version, instrument, code, kind, spend_order, expiry_months, expiry_days, expiry_at
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: add_grant_rule
-- What is granted under a version of the rules.
INSERT INTO koban.grant_rule (
    town, version, line, trigger, source, instrument, basis_points, rounding, funder
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: town_number
-- The number of the town with a code.
SELECT town FROM koban.town WHERE code = $1;

-- name: move_epoch
-- After a restore: positions that screens kept from before are not to be believed.
UPDATE koban.town SET epoch = $2 WHERE town = $1;
