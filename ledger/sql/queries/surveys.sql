-- name: add_survey
-- A new survey; no row where its code is taken.
INSERT INTO koban.survey
    (town, survey, code, title, audience, questions, opens_at, closes_at, anonymous)
VALUES ($1, nextval('koban.survey_number'), $2, $3::jsonb, $4, $5::jsonb, $6, $7, $8)
ON CONFLICT (town, code) DO NOTHING
RETURNING survey;

-- name: surveys
-- Surveys, newest first.
SELECT survey, code, title::text AS title, audience, questions::text AS questions, opens_at,
    least(closes_at, closed_at) AS closes_at, anonymous
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
INSERT INTO koban.survey_answer (town, survey, wallet, at, answers, key_id, words_encrypted)
VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7)
ON CONFLICT (town, survey, wallet) DO NOTHING
RETURNING at;

-- name: add_paper
-- Answers that say nothing of whose they are.
INSERT INTO koban.survey_paper (town, survey, paper, answers, key_id, words_encrypted)
VALUES ($1, $2, $3, $4::jsonb, $5, $6);

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
FROM (
        SELECT answers FROM koban.survey_answer WHERE town = $1 AND survey = $2
        UNION ALL SELECT answers FROM koban.survey_paper WHERE town = $1 AND survey = $2
    ) AS a,
    jsonb_each(a.answers) AS given (code, answer),
    jsonb_array_elements_text(CASE jsonb_typeof(answer)
        WHEN 'array' THEN answer ELSE jsonb_build_array(answer) END) AS one (value)
WHERE given.code = ANY ($3::text[])
GROUP BY given.code, one.value ORDER BY given.code, one.value;

-- name: answers
-- Answers behind an account's, in the order of accounts.
SELECT wallet, at, answers::text AS answers, key_id, words_encrypted FROM koban.survey_answer
WHERE town = $1 AND survey = $2 AND wallet > $3 ORDER BY wallet LIMIT $4;

-- name: papers
-- Answers without a name behind one of them, in an order that says nothing.
SELECT paper, answers::text AS answers, key_id, words_encrypted FROM koban.survey_paper
WHERE town = $1 AND survey = $2 AND ($3::uuid IS NULL OR paper > $3) ORDER BY paper LIMIT $4;

-- name: words_under_other_keys
-- Some of the free words that are not under this key, held until the end of the transaction.
SELECT town, survey, wallet, key_id, words_encrypted FROM koban.survey_answer
WHERE key_id <> $1 LIMIT $2 FOR UPDATE;

-- name: papers_under_other_keys
-- The same of those without a name.
SELECT town, survey, paper, key_id, words_encrypted FROM koban.survey_paper
WHERE key_id <> $1 LIMIT $2 FOR UPDATE;

-- name: encrypt_words
-- The same words under another key.
UPDATE koban.survey_answer SET key_id = $4, words_encrypted = $5
WHERE town = $1 AND survey = $2 AND wallet = $3;

-- name: encrypt_paper
-- The same words without a name under another key.
UPDATE koban.survey_paper SET key_id = $4, words_encrypted = $5
WHERE town = $1 AND survey = $2 AND paper = $3;
