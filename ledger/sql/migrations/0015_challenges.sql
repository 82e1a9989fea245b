-- migrate:up

-- Challenge projects: a goal that the whole town reaches together, and a bonus for all who took part.

-- From `starts_at` to before `ends_at` it counts what shops were paid and gave (`circulation`, yen),
-- how many wallets took part (`participants`), or how often an `activity` was granted. One takes part
-- by an entry of a kind in `takes_part`; what was given back whole does not count. All entries up to
-- `counted_to` are in `progress` and `people`. The entry at which the goal was reached closes the
-- count, so who took part by then stands for ever, and each of them is granted `bonus` yen for
-- `bonus_activity`. `key`: what the ids of those grants are made with, so that nobody takes them by
-- guessing.
CREATE TABLE koban.challenge (
    town smallint NOT NULL,
    challenge bigint NOT NULL,
    key uuid NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('circulation', 'participants', 'activity')),
    goal bigint NOT NULL CHECK (goal > 0),
    activity text CHECK ((activity IS NOT NULL) = (kind = 'activity')),
    takes_part text[] NOT NULL CHECK (takes_part <> '{}'),
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
    bonus bigint NOT NULL CHECK (bonus > 0),
    bonus_activity text NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'reached', 'missed', 'stopped')),
    counted_to bigint NOT NULL,
    progress bigint NOT NULL DEFAULT 0,
    people bigint NOT NULL DEFAULT 0,
    reached_entry bigint,
    reached_at timestamptz,
    granted bigint NOT NULL DEFAULT 0,
    refused bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (town, challenge),
    UNIQUE (town, code),
    FOREIGN KEY (town, activity) REFERENCES koban.activity,
    FOREIGN KEY (town, bonus_activity) REFERENCES koban.activity,
    CHECK ((state = 'reached') = (reached_entry IS NOT NULL)),
    CHECK ((reached_entry IS NULL) = (reached_at IS NULL))
) WITH (fillfactor = 50);
CREATE SEQUENCE koban.challenge_number START 1;

-- How often a wallet took part, less what was given back whole; and what became of its bonus, which
-- was asked for `attempt` times. No `outcome`: it was not asked for yet.
CREATE TABLE koban.challenge_part (
    town smallint NOT NULL,
    challenge bigint NOT NULL,
    wallet bigint NOT NULL,
    acts bigint NOT NULL,
    attempt smallint NOT NULL DEFAULT 1,
    outcome text,
    PRIMARY KEY (town, challenge, wallet)
) WITH (fillfactor = 60);
CREATE INDEX challenge_part_waiting ON koban.challenge_part (town, challenge, wallet)
    WHERE outcome IS NULL AND acts > 0; -- challenges: waiting

-- migrate:down
