-- migrate:up

-- What reports need to know about people without reading anybody: the year of birth, kept beside
-- the encrypted date because Postgres cannot read that. A year is shared by about a hundredth of a
-- town; who is ninety or more when registering is counted as ninety, where a year alone would name
-- somebody. It goes with the person. Null: no birth date was asked for, or it is not filled in yet
-- (`koban reports attributes`).
ALTER TABLE people.person ADD COLUMN birth_year smallint CHECK (birth_year BETWEEN 1900 AND 2200);
CREATE INDEX person_without_year ON people.person (town, wallet)
    WHERE birth_year IS NULL AND birth_date_encrypted IS NOT NULL; -- reports: people_without_year

-- Where somebody is at home. No payment is in it, so none pays for it.
CREATE INDEX entry_by_home ON koban.entry (town, wallet, at)
    WHERE kind IN ('top_up', 'issue'); -- reports: attributes, home_flows

-- Reports have no other index of their own: each would be paid for by every payment. A time is
-- found among the entries' numbers by halving (koban.entry_near), a shop's entries by
-- entry_by_shop, somebody's first act by entry_by_wallet, and the postings of a time lie together
-- under their primary key.

-- migrate:down
