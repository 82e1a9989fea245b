-- name: add_draw
-- How an offer's places are drawn, with the seed that is committed to.
INSERT INTO koban.draw (town, offer, remainder, units_max, address_max, network_max, commitment,
    key_id, seed_encrypted, claim_until, redraw_days, opened_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- name: add_groups
-- The groups of a draw, in their order.
INSERT INTO koban.draw_group (town, offer, code, name, places, weight, line)
SELECT $1, $2, g.code, g.name, g.places, g.weight, g.line
FROM unnest($3::text[], $4::text[], $5::integer[], $6::smallint[])
    WITH ORDINALITY AS g (code, name, places, weight, line);

-- name: draw
-- One draw by its offer.
SELECT remainder, units_max, address_max, network_max, commitment, claim_until, redraw_days, round,
    opened_at, closed_at, digest, drawn_at, published_at, key_id, seed_encrypted
FROM koban.draw WHERE town = $1 AND offer = $2;

-- name: lock_draw
-- The same, held until the end of the transaction: applications, claims and rounds of a draw follow
-- each other.
SELECT remainder, units_max, address_max, network_max, commitment, claim_until, redraw_days, round,
    opened_at, closed_at, digest, drawn_at, published_at, key_id, seed_encrypted
FROM koban.draw WHERE town = $1 AND offer = $2 FOR UPDATE;

-- name: groups
-- The groups of a draw.
SELECT code, name, places, weight FROM koban.draw_group
WHERE town = $1 AND offer = $2 ORDER BY line;

-- name: draw_codes
-- The town's draws, newest first.
SELECT o.code FROM koban.draw d JOIN koban.offer o ON o.town = d.town AND o.offer = d.offer
WHERE d.town = $1 ORDER BY d.offer DESC LIMIT $2;

-- name: waiting_reviews
-- How many applications wait for an operator.
SELECT count(*) AS reviews FROM koban.application
WHERE town = $1 AND offer = $2 AND state = 'review';

-- name: freeze
-- Whoever is in the lottery is in the list from now on.
UPDATE koban.application SET listed = true WHERE town = $1 AND offer = $2 AND state = 'entered';

-- name: closed
-- The list is frozen.
UPDATE koban.draw SET closed_at = $3, digest = $4 WHERE town = $1 AND offer = $2;

-- name: list
-- The frozen list, with what came of each, in the order of the draw.
SELECT id, group_code, position, round, pool, gone_round FROM koban.application
WHERE town = $1 AND offer = $2 AND listed ORDER BY position, id;

-- name: line
-- Who waits for a place, in the order of the draw.
SELECT id, group_code FROM koban.application
WHERE town = $1 AND offer = $2 AND state = 'waiting' ORDER BY position;

-- name: place
-- The order of the draw, and the places: who withdrew after the list was frozen is in it too.
UPDATE koban.application a SET position = p.position, pool = p.pool,
    round = CASE WHEN p.pool IS NOT NULL THEN 1 END,
    state = CASE WHEN a.state <> 'entered' THEN a.state WHEN p.pool IS NULL THEN 'waiting'
        ELSE 'won' END
FROM unnest($3::uuid[], $4::text[]) WITH ORDINALITY AS p (id, pool, position)
WHERE a.town = $1 AND a.id = p.id AND a.offer = $2;

-- name: drawn
-- The order is worked out.
UPDATE koban.draw SET drawn_at = $3, round = 1 WHERE town = $1 AND offer = $2;

-- name: published
-- Seed and result are everybody's from now on.
UPDATE koban.draw SET published_at = $3 WHERE town = $1 AND offer = $2;

-- name: add_notices
-- Whoever won in a round is told so; after the first draw, whoever waits is told that, too.
INSERT INTO koban.draw_notice (town, application, round, offer, kind, next_at)
SELECT a.town, a.application, $3, a.offer, CASE WHEN a.pool IS NULL THEN 'lost' ELSE 'won' END, $4
FROM koban.application a
WHERE a.town = $1 AND a.offer = $2
    AND (a.state IN ('won', 'claimed') AND a.round = $3 OR a.state = 'waiting' AND $3::smallint = 1);

-- name: winners_with_wallet
-- Whoever won in a round and applied with a wallet, in the order of the draw.
SELECT wallet, units FROM koban.application
WHERE town = $1 AND offer = $2 AND round = $3 AND state = 'won' AND wallet IS NOT NULL
ORDER BY position;

-- name: claim_by_wallet
-- These wallets have their places.
UPDATE koban.application SET state = 'claimed'
WHERE town = $1 AND offer = $2 AND state = 'won' AND wallet = ANY ($3::bigint[]);

-- name: leave
-- Whoever did not claim a place in time, or withdrew since the round before; the pools that places
-- are free in again.
WITH gone AS (
    UPDATE koban.application SET gone_round = $3,
        state = CASE WHEN state = 'won' THEN 'lapsed' ELSE state END
    WHERE town = $1 AND offer = $2 AND gone_round IS NULL
        AND (state = 'won' OR state = 'withdrawn' AND listed)
    RETURNING pool, position
)
SELECT pool FROM gone WHERE pool IS NOT NULL ORDER BY position;

-- name: win
-- Who waited has a place.
UPDATE koban.application a SET state = 'won', round = $3, pool = w.pool
FROM unnest($4::uuid[], $5::text[]) AS w (id, pool)
WHERE a.town = $1 AND a.id = w.id AND a.offer = $2;

-- name: next_round
-- A round later, with its own time to claim.
UPDATE koban.draw SET round = $3, claim_until = $4 WHERE town = $1 AND offer = $2;

-- name: unclaimed
-- How many places are won and not claimed, or were won by who has withdrawn; how many wait.
SELECT count(*) FILTER (WHERE state = 'won' OR state = 'withdrawn' AND listed
        AND pool IS NOT NULL AND gone_round IS NULL) AS free,
    count(*) FILTER (WHERE state = 'waiting') AS waiting
FROM koban.application WHERE town = $1 AND offer = $2;

-- name: counts
-- How many applications of each group are in each state, and how many units they wish for.
SELECT group_code, state, count(*) AS applications, sum(units) AS units
FROM koban.application WHERE town = $1 AND offer = $2 GROUP BY group_code, state;

-- name: notices_by_state
-- How far the notices are.
SELECT state, count(*) AS notices FROM koban.draw_notice
WHERE town = $1 AND offer = $2 GROUP BY state;

-- name: draws_to_close
-- Draws whose time for applications is over, of which none waits for an operator.
SELECT o.code FROM koban.draw d JOIN koban.offer o ON o.town = d.town AND o.offer = d.offer
WHERE d.town = $1 AND d.closed_at IS NULL AND o.ended_at IS NULL AND o.closes_at <= $2
    AND NOT EXISTS (SELECT FROM koban.application a
        WHERE a.town = d.town AND a.offer = d.offer AND a.state = 'review');

-- name: draws_to_redraw
-- Draws whose time to claim is over, with places that were not claimed.
SELECT o.code FROM koban.draw d JOIN koban.offer o ON o.town = d.town AND o.offer = d.offer
WHERE d.town = $1 AND d.published_at IS NOT NULL AND d.claim_until <= $2 AND o.ended_at IS NULL
    AND EXISTS (SELECT FROM koban.application a
        WHERE a.town = d.town AND a.offer = d.offer AND a.gone_round IS NULL
            AND (a.state = 'won' OR a.state = 'withdrawn' AND a.listed AND a.pool IS NOT NULL));

-- name: seeds_under_other_keys
-- Some of the draws whose seeds are not under this key, held until the end of the transaction.
SELECT town, offer, key_id, seed_encrypted FROM koban.draw
WHERE key_id <> $1 ORDER BY town, offer LIMIT $2 FOR UPDATE;

-- name: encrypt_seed
-- The same seed under another key.
UPDATE koban.draw SET key_id = $3, seed_encrypted = $4 WHERE town = $1 AND offer = $2;
