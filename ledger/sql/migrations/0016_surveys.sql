-- migrate:up

-- Surveys: questions to everybody with a wallet, or to every shop, for a time. `questions` are what
-- `ledger.questions` reads; they never change. A shop's answer stands in `survey_answer` by the
-- shop's account.
CREATE TABLE koban.survey (
    town smallint NOT NULL REFERENCES koban.town,
    survey bigint NOT NULL,
    code text NOT NULL,
    title jsonb NOT NULL,
    audience text NOT NULL CHECK (audience IN ('wallets', 'shops')),
    questions jsonb NOT NULL,
    opens_at timestamptz NOT NULL,
    closes_at timestamptz NOT NULL CHECK (closes_at > opens_at),
    closed_at timestamptz,
    PRIMARY KEY (town, survey),
    UNIQUE (town, code)
);
CREATE SEQUENCE koban.survey_number START 1;

-- migrate:down
