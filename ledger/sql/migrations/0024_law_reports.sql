-- migrate:up

-- What a town reported of a reference date (基準日, 資金決済法 23), word for word, by whom and when.
-- The journal tells the same figures at any time; here is what was said of them then.
CREATE TABLE koban.law_report (
    town smallint NOT NULL REFERENCES koban.town,
    reference_date date NOT NULL,
    figures text NOT NULL,
    made_by bigint,
    made_name text NOT NULL,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (town, reference_date)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON koban.law_report
    FOR EACH STATEMENT EXECUTE FUNCTION koban.refuse_change();

-- migrate:down
