-- name: offered_coupon
-- What opening an offer of a coupon has to know of it, by the coupon's code.
SELECT c.coupon, c.fund, c.awarded, c.ends_at, c.stopped_at,
    coalesce(c.discount, c.discount_max) AS discount_most
FROM koban.coupon c WHERE c.town = $1 AND c.code = $2;

-- name: reserve
-- Promises so much more of a fund's budget; no row where that goes beyond the ceiling.
UPDATE koban.budget SET reserved = reserved + $3
WHERE town = $1 AND fund = $2 AND granted + reserved + $3 <= ceiling
RETURNING fund;

-- name: budget_left
-- What a fund may still give.
SELECT ceiling - granted - reserved AS budget_left FROM koban.budget WHERE town = $1 AND fund = $2;

-- name: add_offer
-- A new offer; no row where its code is taken.
INSERT INTO koban.offer (
    town, offer, code, name, gives, coupon, amount, awarding, places, reserve,
    opens_at, closes_at, use_until
) VALUES ($1, nextval('koban.offer_number'), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (town, code) DO NOTHING
RETURNING offer, code, name, gives, coupon, amount, awarding, places, awarded, reserve,
    opens_at, closes_at, use_until, ended_at;

-- name: offers
-- A town's offers, newest first.
SELECT offer, code, name, gives, coupon, amount, awarding, places, awarded, reserve,
    opens_at, closes_at, use_until, ended_at
FROM koban.offer
WHERE town = :town
    AND offer = ANY (:numbers::bigint[]) -- if numbers
    AND code = :code -- if code
ORDER BY offer DESC LIMIT :limit;

-- name: lock_offer
-- One offer, held until the transaction's end: whoever awards or ends it does so alone. `over_at`:
-- from when on its places are worth nothing.
SELECT o.coupon, o.places, o.awarded, o.reserve, o.ended_at, least(o.use_until, (
    SELECT c.stopped_at FROM koban.coupon c WHERE c.town = o.town AND c.coupon = o.coupon
)) AS over_at
FROM koban.offer o WHERE o.town = $1 AND o.offer = $2 FOR UPDATE;

-- name: award
-- Gives what places are left to those of the wallets who have none, in the order of the list. A
-- wallet that is not open gets none.
WITH asked AS (
    SELECT DISTINCT ON (wallet) wallet, units, turn
    FROM unnest($3::bigint[], $5::smallint[]) WITH ORDINALITY AS asked (wallet, units, turn)
    ORDER BY wallet, turn
), fresh AS (
    SELECT asked.wallet, asked.units, row_number() OVER (ORDER BY asked.turn) AS place
    FROM asked JOIN koban.account a
        ON a.town = $1 AND a.account = asked.wallet AND a.kind = 'wallet' AND a.state = 'open'
    WHERE NOT EXISTS (
        SELECT FROM koban.award w WHERE w.town = $1 AND w.offer = $2 AND w.wallet = asked.wallet)
), given AS (
    INSERT INTO koban.award (town, offer, wallet, place, at, units)
    SELECT o.town, o.offer, fresh.wallet, o.awarded + fresh.place, $4, fresh.units
    FROM fresh JOIN koban.offer o
        ON o.town = $1 AND o.offer = $2 AND o.awarded + fresh.place <= o.places
    RETURNING place
)
UPDATE koban.offer SET awarded = awarded + (SELECT count(*) FROM given)
WHERE town = $1 AND offer = $2 AND EXISTS (SELECT FROM given);

-- name: awards_among
-- The places that these wallets have of an offer, in the order of the list.
SELECT w.offer, w.wallet, w.place, w.at
FROM koban.award w JOIN (
    SELECT wallet, min(turn) AS turn
    FROM unnest($3::bigint[]) WITH ORDINALITY AS asked (wallet, turn) GROUP BY wallet
) AS asked USING (wallet)
WHERE w.town = $1 AND w.offer = $2 ORDER BY asked.turn;

-- name: awards_of
-- The places that a wallet has, newest first.
SELECT offer, wallet, place, at FROM koban.award
WHERE town = $1 AND wallet = $2 ORDER BY at DESC, offer DESC;

-- name: lock_budget
-- The budget that pays for a coupon, held: no payment uses one of its coupons meanwhile.
SELECT b.fund FROM koban.budget b JOIN koban.coupon c USING (town, fund)
WHERE c.town = $1 AND c.coupon = $2 FOR UPDATE OF b;

-- name: unused_places
-- How many of an offer's places paid for nothing. The first use of a place lets go what it kept; it
-- is not kept again where the payment is given back and the place used once more.
SELECT o.places - (
    SELECT count(DISTINCT u.wallet) FROM koban.coupon_use u
    WHERE u.town = o.town AND u.coupon = o.coupon AND u.offer = o.offer
) AS unused
FROM koban.offer o WHERE o.town = $1 AND o.offer = $2;

-- name: release
-- Takes back what was promised of the budget that pays for a coupon.
UPDATE koban.budget b SET reserved = b.reserved - $3
FROM koban.coupon c
WHERE c.town = $1 AND c.coupon = $2 AND b.town = c.town AND b.fund = c.fund;

-- name: mark_ended
-- The offer is over.
UPDATE koban.offer SET ended_at = $3 WHERE town = $1 AND offer = $2;

-- name: offers_over
-- Offers whose places were worth something until this instant or before, and that nobody ended.
SELECT o.offer FROM koban.offer o
LEFT JOIN koban.coupon c ON c.town = o.town AND c.coupon = o.coupon
WHERE o.town = $1 AND least(o.use_until, c.stopped_at) <= $2 AND o.ended_at IS NULL
ORDER BY o.offer LIMIT $3;
