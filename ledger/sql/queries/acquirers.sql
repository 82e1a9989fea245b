-- name: open_acquirer
-- A new acquirer; nothing where the code is taken.
INSERT INTO koban.acquirer (town, acquirer, code, name, opened_at)
VALUES ($1, nextval('koban.acquirer_number'), $2, $3, $4)
ON CONFLICT (town, code) DO NOTHING
RETURNING acquirer, code, name, state;

-- name: acquirers
-- All acquirers of a town, oldest first.
SELECT acquirer, code, name, state FROM koban.acquirer WHERE town = $1 ORDER BY acquirer;

-- name: acquirer_by_code
-- One acquirer.
SELECT acquirer, code, name, state FROM koban.acquirer WHERE town = $1 AND code = $2;

-- name: set_acquirer_state
-- Opens or closes an acquirer for new payments.
UPDATE koban.acquirer SET state = $3 WHERE town = $1 AND acquirer = $2 RETURNING acquirer;

-- name: lock_acquirer
-- Its keys are made one after another.
SELECT acquirer FROM koban.acquirer WHERE town = $1 AND acquirer = $2 FOR UPDATE;

-- name: live_keys
-- How many keys an acquirer can sign with.
SELECT count(*) AS live FROM koban.acquirer_key
WHERE town = $1 AND acquirer = $2 AND revoked_at IS NULL;

-- name: add_key
-- A new key.
INSERT INTO koban.acquirer_key (town, key_id, acquirer, secret, vault_key, made_at)
VALUES ($1, $2, $3, $4, $5, $6);

-- name: keys
-- An acquirer's keys, oldest first.
SELECT key_id, made_at, revoked_at FROM koban.acquirer_key
WHERE town = $1 AND acquirer = $2 ORDER BY made_at, key_id;

-- name: key
-- The live key with this id, and whose it is.
SELECT k.secret, k.vault_key, a.acquirer, a.code, a.name, a.state
FROM koban.acquirer_key k
JOIN koban.acquirer a ON a.town = k.town AND a.acquirer = k.acquirer
WHERE k.town = $1 AND k.key_id = $2 AND k.revoked_at IS NULL;

-- name: revoke_key
-- Nothing signed with this key is taken any more.
UPDATE koban.acquirer_key SET revoked_at = $3
WHERE town = $1 AND key_id = $2 AND revoked_at IS NULL RETURNING key_id;

-- name: see_nonce
-- Nothing where this key has used the nonce before. Some that are over go with each that comes.
WITH swept AS (
    DELETE FROM koban.acquirer_nonce n USING (
        SELECT o.nonce FROM koban.acquirer_nonce o
        WHERE o.town = $1 AND o.key_id = $2 AND o.expires_at < $5
        ORDER BY o.expires_at LIMIT 4 FOR UPDATE SKIP LOCKED
    ) gone
    WHERE n.town = $1 AND n.key_id = $2 AND n.nonce = gone.nonce AND n.nonce <> $3
)
INSERT INTO koban.acquirer_nonce (town, key_id, nonce, expires_at) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING RETURNING nonce;

-- name: map_merchant
-- From now on this merchant id is this shop; nothing where it is one already.
INSERT INTO koban.acquirer_merchant (town, acquirer, merchant, mapped_at, shop)
VALUES ($1, $2, $3, $5, $4)
ON CONFLICT (town, acquirer, merchant) WHERE ended_at IS NULL DO NOTHING
RETURNING merchant;

-- name: end_merchant
-- From now on this merchant id is no shop.
UPDATE koban.acquirer_merchant SET ended_at = $4
WHERE town = $1 AND acquirer = $2 AND merchant = $3 AND ended_at IS NULL RETURNING merchant;

-- name: merchants
-- Every merchant id of an acquirer that is a shop now.
SELECT m.merchant, m.shop, s.code, a.title, m.mapped_at
FROM koban.acquirer_merchant m
JOIN koban.shop s ON s.town = m.town AND s.shop = m.shop
JOIN koban.account a ON a.town = m.town AND a.account = m.shop
WHERE m.town = $1 AND m.acquirer = $2 AND m.ended_at IS NULL ORDER BY m.merchant;

-- name: merchant_shop
-- Which shop a merchant id is now.
SELECT shop FROM koban.acquirer_merchant
WHERE town = $1 AND acquirer = $2 AND merchant = $3 AND ended_at IS NULL;

-- name: see_payment
-- An authorisation has come; nothing where its id was named before.
INSERT INTO koban.acquirer_payment (town, acquirer, reference, payment, cancel, merchant, shop,
    amount, request_digest, seen_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (town, acquirer, reference) DO NOTHING
RETURNING reference;

-- name: cancel_payment
-- A cancel has come, perhaps before its authorisation. The first one's instant stays.
INSERT INTO koban.acquirer_payment AS p (town, acquirer, reference, payment, cancel, seen_at,
    cancelled_at)
VALUES ($1, $2, $3, $4, $5, $6, $6)
ON CONFLICT (town, acquirer, reference)
    DO UPDATE SET cancelled_at = coalesce(p.cancelled_at, excluded.cancelled_at)
RETURNING payment;

-- name: payment_standing
-- What an acquirer's payment id is, what was decided about it, and what came of it since. A payer
-- who says yes to the duplicate question pays under another id, which refers to this one.
SELECT p.payment, p.cancel, p.merchant, p.shop, p.amount, p.request_digest, p.cancelled_at,
    d.outcome::text AS outcome, d.at AS decided_at, d.wallet,
    d.request_digest IS NOT DISTINCT FROM p.request_digest AS is_ours,
    coalesce(confirmed.id, p.payment) AS paid_as, coalesce(confirmed.entry, d.entry) AS entry,
    coalesce(confirmed.at, d.at) AS at, coalesce(back.amount, 0)::bigint AS reversed
FROM koban.acquirer_payment p
LEFT JOIN koban.decision d ON d.town = $1 AND d.id = p.payment
LEFT JOIN LATERAL (
    SELECT e.id, e.entry, e.at FROM koban.entry e
    WHERE d.outcome = 'duplicate_suspected' AND e.town = $1 AND e.refers = p.payment
        AND e.kind = 'payment'
) confirmed ON true
LEFT JOIN LATERAL (
    SELECT sum(e.amount) AS amount FROM koban.entry e
    WHERE e.town = $1 AND e.refers = coalesce(confirmed.id, p.payment) AND e.kind = 'reversal'
) back ON true
WHERE p.town = $1 AND p.acquirer = $2 AND p.reference = $3;

-- name: lock_wallet
-- Waits for whoever decides about this wallet at the moment, as koban.decide does.
SELECT pg_advisory_xact_lock($1::smallint, hashint8($2::bigint));

-- name: see_refund
-- A refund has come; nothing where its id was named before.
INSERT INTO koban.acquirer_refund (town, acquirer, reference, payment_reference, refund, refers,
    shop, amount, reason, request_digest, seen_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (town, acquirer, reference) DO NOTHING
RETURNING reference;

-- name: refund_standing
-- What an acquirer's refund id is, and what was decided about it.
SELECT r.payment_reference, r.refund, r.refers, r.shop, r.amount, r.reason, r.request_digest,
    d.outcome::text AS outcome, d.at, d.amount AS decided_amount, d.entry,
    d.request_digest IS NOT DISTINCT FROM r.request_digest AS is_ours
FROM koban.acquirer_refund r
LEFT JOIN koban.decision d ON d.town = $1 AND d.id = r.refund
WHERE r.town = $1 AND r.acquirer = $2 AND r.reference = $3;

-- name: day_of_acquirer
-- Every entry of a day that belongs to an acquirer's payments, by number: the payments, what the
-- acquirer cancelled or refunded, and what the shop or the town reversed of them by itself. From
-- midnight to midnight in the town's time zone. A shop's day is read by its own index, and what is
-- not the acquirer's is left out.
WITH bounds AS (
    SELECT ($3::date)::timestamp AT TIME ZONE t.time_zone AS since,
        ($3::date + 1)::timestamp AT TIME ZONE t.time_zone AS until
    FROM koban.town t WHERE t.town = $1
), shops AS (
    SELECT DISTINCT shop FROM koban.acquirer_merchant WHERE town = $1 AND acquirer = $2
), day AS (
    SELECT e.* FROM bounds, shops
    JOIN koban.entry e ON e.town = $1 AND e.shop = shops.shop
    WHERE e.at >= bounds.since AND e.at < bounds.until AND e.kind IN ('payment', 'reversal')
)
SELECT e.entry, e.at, e.kind, e.amount, p.reference, p.merchant, e.shop,
    r.reference AS refund_reference, e.id = p.cancel AS is_cancel
FROM day e
LEFT JOIN koban.decision d ON e.kind = 'reversal' AND d.town = $1 AND d.id = e.refers
LEFT JOIN koban.entry original ON original.town = $1 AND original.entry = d.entry
JOIN koban.acquirer_payment p ON p.town = $1 AND p.acquirer = $2
    AND p.payment = CASE e.kind
        WHEN 'payment' THEN coalesce(e.refers, e.id)
        ELSE coalesce(original.refers, original.id) END
    AND (original.entry IS NULL OR original.kind = 'payment')
JOIN koban.decision ours ON ours.town = $1 AND ours.id = p.payment
    AND ours.request_digest = p.request_digest
LEFT JOIN koban.acquirer_refund r ON r.town = $1 AND r.refund = e.id AND r.acquirer = $2
ORDER BY e.entry;
