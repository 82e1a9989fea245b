-- name: add
-- A new challenge; entries up to the present are none of its.
INSERT INTO koban.challenge (town, challenge, key, code, name, kind, goal, activity, takes_part,
    starts_at, ends_at, bonus, bonus_activity, counted_to)
SELECT $1, nextval('koban.challenge_number'), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
    koban.last_entry(t.town)
FROM koban.town t WHERE t.town = $1
ON CONFLICT (town, code) DO NOTHING
RETURNING challenge;

-- name: activity
-- What an activity gives, when, and out of what is left of which budget.
SELECT a.amount, a.amount_max, a.starts_at, a.ends_at,
    b.ceiling - b.granted - b.reserved AS left
FROM koban.activity a
JOIN koban.programme p ON p.town = a.town AND p.programme = a.programme
LEFT JOIN koban.budget b ON b.town = p.town AND b.fund = p.fund
WHERE a.town = $1 AND a.code = $2;

-- name: challenges
-- Challenges of a town, the newest first.
SELECT c.*, p.instrument FROM koban.challenge c
JOIN koban.activity a ON a.town = c.town AND a.code = c.bonus_activity
JOIN koban.programme p ON p.town = a.town AND p.programme = a.programme
WHERE c.town = :town
    AND c.code = :code -- if code
    AND coalesce(c.reached_at, c.ends_at) > :over_after -- if over_after
    AND c.state = 'open' -- if open
    AND c.state = 'reached' AND c.granted + c.refused < c.people -- if owing
ORDER BY c.challenge DESC LIMIT :limit;

-- name: lock
-- A challenge for counting; nothing where somebody else is counting it.
SELECT c.*, p.instrument, koban.last_entry(c.town) AS last_entry FROM koban.challenge c
JOIN koban.town t ON t.town = c.town
JOIN koban.activity a ON a.town = c.town AND a.code = c.bonus_activity
JOIN koban.programme p ON p.town = a.town AND p.programme = a.programme
WHERE c.town = $1 AND c.challenge = $2 AND c.state = 'open' FOR UPDATE OF c SKIP LOCKED;

-- name: acts
-- Entries behind one, with what a reversal gave back, and how much of it is back with this entry.
SELECT e.entry, e.at, e.kind, e.way, e.wallet, e.amount,
    o.kind AS of_kind, o.at AS of_at, o.way AS of_way, o.amount AS of_amount,
    coalesce((
        SELECT sum(b.amount) FROM koban.entry b
        WHERE e.kind = 'reversal' AND b.town = $1 AND b.refers = e.refers AND b.kind = 'reversal'
            AND b.entry <= e.entry), 0)::bigint AS back
FROM koban.entry e
LEFT JOIN LATERAL (
    -- By itself (OFFSET), so that it is an index's look-up for few rows, whatever is planned.
    SELECT r.kind, r.at, r.way, r.amount
    FROM koban.decision d JOIN koban.entry r ON r.town = $1 AND r.entry = d.entry
    WHERE e.kind = 'reversal' AND d.town = $1 AND d.id = e.refers OFFSET 0
) o ON true
WHERE e.town = $1 AND e.entry > $2
ORDER BY e.entry LIMIT $3;

-- name: parts
-- How often some wallets took part so far.
SELECT wallet, acts FROM koban.challenge_part
WHERE town = $1 AND challenge = $2 AND wallet = ANY ($3::bigint[]);

-- name: set_parts
-- How often they took part now.
INSERT INTO koban.challenge_part AS p (town, challenge, wallet, acts)
SELECT $1, $2, w.wallet, w.acts FROM unnest($3::bigint[], $4::bigint[]) w (wallet, acts)
ON CONFLICT (town, challenge, wallet) DO UPDATE SET acts = excluded.acts;

-- name: set_count
-- How far it was counted, and where the goal was reached.
UPDATE koban.challenge SET counted_to = $3, progress = $4, people = $5, reached_entry = $6,
    reached_at = $7, state = $8
WHERE town = $1 AND challenge = $2;

-- name: stop
-- Calls an open challenge off.
UPDATE koban.challenge SET state = 'stopped' WHERE town = $1 AND code = $2 AND state = 'open'
RETURNING challenge;

-- name: waiting
-- Wallets whose bonus was not asked for yet.
SELECT wallet, attempt FROM koban.challenge_part
WHERE town = $1 AND challenge = $2 AND outcome IS NULL AND acts > 0
ORDER BY wallet LIMIT $3;

-- name: set_outcomes
-- What became of bonuses, each once, and how many were granted and refused with these.
WITH decided AS (
    UPDATE koban.challenge_part p SET outcome = w.outcome
    FROM unnest($3::bigint[], $4::text[]) w (wallet, outcome)
    WHERE p.town = $1 AND p.challenge = $2 AND p.wallet = w.wallet AND p.outcome IS NULL
    RETURNING p.outcome
)
UPDATE koban.challenge c SET
    granted = c.granted + (SELECT count(*) FROM decided WHERE outcome = 'done'),
    refused = c.refused + (SELECT count(*) FROM decided WHERE outcome <> 'done')
WHERE c.town = $1 AND c.challenge = $2;

-- name: ask_again
-- Bonuses that were refused wait again, each for an attempt with an id of its own.
WITH again AS (
    UPDATE koban.challenge_part SET outcome = NULL, attempt = attempt + 1
    WHERE town = $1 AND challenge = $2 AND outcome <> 'done'
    RETURNING wallet
)
UPDATE koban.challenge c SET refused = c.refused - (SELECT count(*) FROM again)
WHERE c.town = $1 AND c.challenge = $2
RETURNING (SELECT count(*) FROM again) AS wallets;

-- name: refusals
-- Why bonuses were refused.
SELECT outcome, count(*) AS wallets FROM koban.challenge_part
WHERE town = $1 AND challenge = $2 AND outcome <> 'done' GROUP BY outcome ORDER BY outcome;

-- name: part_of_wallet
-- In which of some challenges a wallet took part, and what became of its bonus.
SELECT challenge, outcome FROM koban.challenge_part
WHERE town = $1 AND challenge = ANY ($2::bigint[]) AND wallet = $3 AND acts > 0;
