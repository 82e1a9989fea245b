-- name: add_survey
-- A new survey; no row where its code is taken.
INSERT INTO koban.survey (town, survey, code, title, audience, questions, opens_at, closes_at)
VALUES ($1, nextval('koban.survey_number'), $2, $3::jsonb, $4, $5::jsonb, $6, $7)
ON CONFLICT (town, code) DO NOTHING
RETURNING survey;

-- name: surveys
-- Surveys, newest first.
SELECT survey, code, title::text AS title, audience, questions::text AS questions, opens_at,
    least(closes_at, closed_at) AS closes_at
FROM koban.survey
WHERE town = :town
    AND survey = :survey -- if survey
    AND audience = :audience -- if audience
    AND opens_at <= :at AND least(closes_at, closed_at) > :at -- if at
ORDER BY survey DESC LIMIT :limit;

-- name: close_survey
-- From an instant on a survey takes no answer; no row where it is over.
UPDATE koban.survey SET closed_at = $3
WHERE town = $1 AND survey = $2 AND least(closes_at, closed_at) > $3 RETURNING survey;

-- name: add_answer
-- One account's answers; no row where it has answered before.
INSERT INTO koban.survey_answer (town, survey, wallet, at, answers) VALUES ($1, $2, $3, $4, $5::jsonb)
ON CONFLICT (town, survey, wallet) DO NOTHING
RETURNING at;

-- name: answered
-- Which of some surveys an account has answered.
SELECT survey FROM koban.survey_answer
WHERE town = $1 AND survey = ANY ($2::bigint[]) AND wallet = $3;

-- name: answer_counts
-- How many have answered each survey.
SELECT survey, count(*) AS count FROM koban.survey_answer
WHERE town = $1 AND survey = ANY ($2::bigint[]) GROUP BY survey;

-- name: given_counts
-- How often each answer was given to each question that is no free text; of several chosen options
-- each counts.
SELECT given.code, one.value, count(*) AS count
FROM koban.survey_answer a,
    jsonb_each(a.answers) AS given (code, answer),
    jsonb_array_elements_text(CASE jsonb_typeof(answer)
        WHEN 'array' THEN answer ELSE jsonb_build_array(answer) END) AS one (value)
WHERE a.town = $1 AND a.survey = $2 AND given.code = ANY ($3::text[])
GROUP BY given.code, one.value ORDER BY given.code, one.value;

-- name: answers
-- Answers behind an account's, in the order of accounts.
SELECT wallet, at, answers::text AS answers FROM koban.survey_answer
WHERE town = $1 AND survey = $2 AND wallet > $3 ORDER BY wallet LIMIT $4;
