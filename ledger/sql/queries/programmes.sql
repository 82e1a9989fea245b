-- name: code_taken
-- Whether a programme, or a fund of the town's profile, has this code.
SELECT EXISTS (SELECT FROM koban.programme WHERE town = $1 AND code = $2)
    OR EXISTS (SELECT FROM koban.fund WHERE town = $1 AND code = $2) AS taken;

-- name: open_programme
-- A programme, with the fund that it gives out of and the fund's ceiling.
WITH opened AS (
    INSERT INTO koban.account (town, account, kind, title, opened_at)
    VALUES ($1, nextval('koban.account_number'), 'fund', $4, $7)
    RETURNING account
), fund AS (
    INSERT INTO koban.fund (town, fund, code) SELECT $1, account, $2 FROM opened
), budget AS (
    INSERT INTO koban.budget (town, fund, ceiling) SELECT $1, account, $6 FROM opened
)
INSERT INTO koban.programme (town, programme, code, department, name, fund, instrument)
SELECT $1, nextval('koban.programme_number'), $2, $3, $4, account, $5 FROM opened
RETURNING programme;

-- name: programmes
-- The programmes of a town, oldest first, or the one with a code; with what is left of each budget.
SELECT p.programme, p.code, p.department, p.name, p.fund, p.instrument,
    b.ceiling, b.granted, b.reserved
FROM koban.programme p JOIN koban.budget b USING (town, fund)
WHERE p.town = $1 AND ($2::text IS NULL OR p.code = $2) ORDER BY p.programme;

-- name: set_ceiling
-- Nothing where more is granted and reserved than the new ceiling.
UPDATE koban.budget SET ceiling = $3
WHERE town = $1 AND fund = $2 AND granted + reserved <= $3 RETURNING ceiling;

-- name: open_activity
-- An activity; nothing where the town has one with this code.
INSERT INTO koban.activity
    (town, code, programme, name, amount, amount_max, per_person, starts_at, ends_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (town, code) DO NOTHING RETURNING code;

-- name: activities
-- The activities of a town, of one programme, or the one with a code; those that begin last first.
SELECT a.code, p.code AS programme, a.name, a.amount, a.amount_max, a.per_person, a.starts_at,
    a.ends_at, p.fund
FROM koban.activity a JOIN koban.programme p USING (town, programme)
WHERE a.town = $1 AND ($2::text IS NULL OR p.code = $2) AND ($3::text IS NULL OR a.code = $3)
ORDER BY a.starts_at DESC, a.code;

-- name: close_activity
-- Over from now on. One that had not begun has been over since a moment ago.
UPDATE koban.activity
SET starts_at = least(starts_at, $3::timestamptz - interval '1 second'), ends_at = $3
WHERE town = $1 AND code = $2 AND ends_at > $3 RETURNING code;

-- name: extend_activity
-- Ends at another instant to come, also where it was over.
UPDATE koban.activity SET ends_at = $3
WHERE town = $1 AND code = $2 AND $3 > greatest(starts_at, $4::timestamptz) RETURNING code;

-- name: allow_system
-- A system may give for a programme from now on.
INSERT INTO koban.acquirer_programme (town, acquirer, programme, allowed_at)
VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING programme;

-- name: disallow_system
-- A system may not give for a programme any more.
DELETE FROM koban.acquirer_programme WHERE town = $1 AND acquirer = $2 AND programme = $3
RETURNING programme;

-- name: systems
-- Which systems may give for a programme.
SELECT a.code FROM koban.acquirer_programme s JOIN koban.acquirer a USING (town, acquirer)
WHERE s.town = $1 AND s.programme = $2 ORDER BY a.code;

-- name: activity_of_system
-- Whether a system may give for an activity: it does so by the activity's programme.
SELECT EXISTS (
    SELECT FROM koban.activity a JOIN koban.acquirer_programme s USING (town, programme)
    WHERE a.town = $1 AND a.code = $3 AND s.acquirer = $2
) AS allowed;
