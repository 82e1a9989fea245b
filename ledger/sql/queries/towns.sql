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

-- name: providers
-- The accounts of the ways that are no shop's.
SELECT code, provider FROM koban.provider WHERE town = $1;

-- name: add_provider_account
-- An account for a new provider.
INSERT INTO koban.account (town, account, kind, title, opened_at)
VALUES ($1, nextval('koban.account_number'), 'provider', $2, $3)
RETURNING account;

-- name: add_provider
-- Names the new provider's account by its way.
INSERT INTO koban.provider (town, provider, code) VALUES ($1, $2, $3);

-- name: provider_account
-- The account of one way.
SELECT provider FROM koban.provider WHERE town = $1 AND code = $2;

-- name: purposes
-- The accounts of what expired value is for.
SELECT code, purpose FROM koban.purpose WHERE town = $1;

-- name: add_purpose_account
-- An account for a new purpose.
INSERT INTO koban.account (town, account, kind, title, opened_at)
VALUES ($1, nextval('koban.account_number'), 'purpose', $2, $3)
RETURNING account;

-- name: add_purpose
-- Names the new purpose's account.
INSERT INTO koban.purpose (town, purpose, code) VALUES ($1, $2, $3);

-- name: add_profile
-- A new version of the rules, valid from an instant on.
INSERT INTO koban.profile (
    town, version, valid_from, source, payment_max, balance_cap, reversal_maxes, duplicate_window,
    question_ttl, code_ttl, reversal_window, spent_grants, extend_days,
    send_act_max, send_day_max, send_month_max, campaign_overlap,
    issue_instrument, issue_yen, issue_points, issue_max, issue_funder
) VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
    $18, $19, $20, $21, $22
);

-- name: add_instrument
-- A kind of value under a version of the rules. A last day ends with the town's midnight.
INSERT INTO koban.instrument (
    town, version, instrument, code, kind, spend_order, unit_yen, groups, mixes, sendable,
    expiry_months, expiry_days, expiry_at, expiry_date, idle_days, expired_to
)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
    ($14::date + 1)::timestamp AT TIME ZONE t.time_zone, $15, $16
FROM koban.town t WHERE t.town = $1;

-- name: add_grant_rule
-- What is granted under a version of the rules.
INSERT INTO koban.grant_rule (
    town, version, line, trigger, source, instrument, basis_points, rounding, funder, ways
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: add_way
-- A way of topping up under a version of the rules.
INSERT INTO koban.way (
    town, version, line, code, kind, account, instrument, least, most, step, day_max, month_max,
    hold, young_age, young_day_max, outward, funder, needs_right
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18);

-- name: town_number
-- The number of the town with a code.
SELECT town FROM koban.town WHERE code = $1;

-- name: move_epoch
-- After a restore: positions that screens kept from before are not to be believed.
UPDATE koban.town SET epoch = $2 WHERE town = $1;
