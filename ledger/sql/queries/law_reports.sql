-- name: keep
-- Keeps what is reported of a reference date, unless it was reported before.
INSERT INTO koban.law_report (town, reference_date, figures, made_by, made_name, made_at)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING reference_date;

-- name: report
-- What was reported of a reference date.
SELECT reference_date, figures, made_name, made_at FROM koban.law_report
WHERE town = $1 AND reference_date = $2;
