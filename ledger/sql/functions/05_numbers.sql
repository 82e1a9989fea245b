-- The newest numbers, read from the rows that have them: the tables only grow, so each is a look at
-- an index's end. A counter beside them would be one more row that every batch updates, and while
-- anybody reads an old snapshot all its versions stay and every look-up walks past them.

CREATE OR REPLACE FUNCTION koban.last_entry(_town smallint) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce((
        SELECT e.entry FROM koban.entry e WHERE e.town = _town ORDER BY e.entry DESC LIMIT 1
    ), 0)
$$;

CREATE OR REPLACE FUNCTION koban.last_event(_town smallint) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce((
        SELECT e.number FROM koban.event e WHERE e.town = _town ORDER BY e.number DESC LIMIT 1
    ), 0)
$$;

-- Where the feed of an account that is only ever told as teller stands: any but a wallet's, which is
-- in its row (koban.account).
CREATE OR REPLACE FUNCTION koban.teller_position(_town smallint, _teller bigint)
RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce((
        SELECT e.teller_seq FROM koban.event e
        WHERE e.town = _town AND e.teller = _teller ORDER BY e.teller_seq DESC LIMIT 1
    ), 0)
$$;

-- Where any account's feed stands.
CREATE OR REPLACE FUNCTION koban.feed_position(_account koban.account)
RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT CASE _account.kind WHEN 'wallet' THEN _account.feed_seq
        ELSE koban.teller_position(_account.town, _account.account) END
$$;
