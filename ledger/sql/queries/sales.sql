-- name: sales
-- The sales of all towns that closed after $1, soonest opening first: rights that go to whoever comes
-- first, and the rounds of coupons that were said to go by the queue.
SELECT o.town, o.offer, o.code, o.name, o.places, o.awarded, o.opens_at, o.closes_at, o.ended_at,
    s.seed, s.age_min, s.room, s.held_until
FROM koban.offer o LEFT JOIN koban.sale s USING (town, offer)
WHERE o.awarding = 'first_come' AND o.closes_at > $1
    AND (o.gives = 'right' OR s.seed IS NOT NULL)
ORDER BY o.opens_at, o.town, o.offer;

-- name: add_sale
-- The part of a first-come offer that makes it a sale; whoever is first makes it.
INSERT INTO koban.sale (town, offer, seed) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;

-- name: set_age_min
-- Who may buy, by age; no row where there is no such sale, or where it is open already.
UPDATE koban.sale s SET age_min = $3
FROM koban.offer o
WHERE s.town = $1 AND s.offer = $2 AND o.town = s.town AND o.offer = s.offer AND o.opens_at > $4
RETURNING s.offer;

-- name: sale
-- One first-come offer, whether it goes by the queue (then it has a seed) or not.
SELECT o.town, o.offer, o.code, o.name, o.places, o.awarded, o.opens_at, o.closes_at, o.ended_at,
    s.seed, s.age_min, s.room, s.held_until
FROM koban.offer o LEFT JOIN koban.sale s USING (town, offer)
WHERE o.town = $1 AND o.offer = $2 AND o.awarding = 'first_come';

-- name: sold
-- The places that were given behind $3, in their order.
SELECT place, wallet FROM koban.award
WHERE town = $1 AND offer = $2 AND place > $3 ORDER BY place LIMIT $4;

-- name: take_turn
-- Whether the caller is the one who sells this offer until its transaction ends.
SELECT pg_try_advisory_xact_lock(hashtextextended('koban.sale' || $1::bigint, $2::bigint)) AS taken;

-- name: note_room
-- Takes note of the waiting room, and holds the sale where it is another than the one before: until
-- everybody was told to ask again, at most until $5.
UPDATE koban.sale SET
    held_until = CASE
        WHEN room IN (0, $3) THEN held_until
        ELSE greatest(held_until, least(greatest(told_until, $4), $5))
    END,
    told_until = greatest(told_until, $4),
    room = $3
WHERE town = $1 AND offer = $2
RETURNING held_until;

-- name: note_told
-- Takes note of what was told while there was no waiting room to keep it.
UPDATE koban.sale SET told_until = greatest(told_until, $3) WHERE town = $1 AND offer = $2;

-- name: visitors
-- The wallets that are signed in with these tokens, and what a sale asks of their holders.
SELECT s.token_digest, s.account AS wallet, s.expires_at, a.state = 'open' AS open,
    p.wallet IS NOT NULL AS known, p.key_id, p.birth_date_encrypted
FROM people.session s
    JOIN koban.account a ON a.town = s.town AND a.account = s.account
    LEFT JOIN people.person p ON p.town = s.town AND p.wallet = s.account
WHERE s.town = $1 AND s.token_digest = ANY ($2::bytea[]) AND s.role = 'wallet'
    AND s.expires_at > $3 AND s.revoked_at IS NULL;
