-- name: next_card
-- The number of a new card; what is kept of it is bound to the number.
SELECT nextval('people.card_number');

-- name: add_card
-- A card that opens a wallet from now on.
INSERT INTO people.card
    (town, card, key_id, idm_digest, idm_encrypted, tail, issuer, wallet, opened_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: idm_known
-- Whether this card was ever let in here; its digest with each key.
SELECT true FROM people.card WHERE town = $1 AND idm_digest = ANY ($2::bytea[]);

-- name: lock_cards
-- New cards of a town follow each other until the end of the transaction, so that one card does not
-- get two wallets while keys are being changed and its digest is not one.
SELECT pg_advisory_xact_lock(hashtextextended('people.card', $1::bigint));

-- name: lock_wallets
-- What `koban.decide` holds while it decides about these wallets, in the order it takes them in.
SELECT pg_advisory_xact_lock($1::integer, w.key)
FROM (
    SELECT DISTINCT hashint8(wallet) AS key FROM unnest($2::bigint[]) p (wallet) ORDER BY key
) w;

-- name: card_by_idm
-- The card that was tapped; its digest with each key.
SELECT card.card, card.wallet, card.issuer, card.tail, card.state, card.opened_at, card.closed_at,
    person.wallet IS NOT NULL AS registered
FROM people.card LEFT JOIN people.person USING (town, wallet)
WHERE card.town = $1 AND card.idm_digest = ANY ($2::bytea[]);

-- name: card
-- One card by its number.
SELECT card.card, card.wallet, card.issuer, card.tail, card.state, card.opened_at, card.closed_at,
    person.wallet IS NOT NULL AS registered
FROM people.card LEFT JOIN people.person USING (town, wallet)
WHERE card.town = $1 AND card.card = $2;

-- name: cards_of_wallet
-- All cards that a wallet has or had, newest first.
SELECT card.card, card.wallet, card.issuer, card.tail, card.state, card.opened_at, card.closed_at,
    person.wallet IS NOT NULL AS registered
FROM people.card LEFT JOIN people.person USING (town, wallet)
WHERE card.town = $1 AND card.wallet = $2 ORDER BY card.card DESC;

-- name: hold_card
-- Nobody else changes this card until the transaction ends.
SELECT card FROM people.card WHERE town = $1 AND card = $2 FOR UPDATE;

-- name: close_card
-- A card opens nothing any more; nothing where it opened nothing already.
UPDATE people.card SET state = 'lost', closed_at = $3
WHERE town = $1 AND card = $2 AND state = 'open'
RETURNING card;

-- name: replace_card
-- Another card stands in this one's place.
UPDATE people.card SET state = 'replaced', closed_at = coalesce(closed_at, $4), replaced_by = $3
WHERE town = $1 AND card = $2 AND state <> 'replaced'
RETURNING card;

-- name: void_codes
-- Codes that taps of a wallet's cards got and nobody used work no longer.
UPDATE koban.code SET expires_at = $3 FROM people.card
WHERE card.town = $1 AND card.wallet = $2 AND code.town = $1
    AND code.code_digest = card.code_digest AND code.used_by IS NULL AND code.expires_at > $3;

-- name: keep_code
-- The newest code that a tap of this card got.
UPDATE people.card SET code_digest = $3 WHERE town = $1 AND card = $2;

-- name: paid_since
-- What a wallet has paid since an instant. What was given back of it is not taken off: a limit that
-- a shop can stretch by cancelling is none.
SELECT coalesce(sum(amount), 0)::bigint AS amount FROM koban.entry
WHERE town = $1 AND wallet = $2 AND at >= $3 AND kind = 'payment';

-- name: move_cards
-- The cards of one wallet are another one's from now on.
UPDATE people.card SET wallet = $3 WHERE town = $1 AND wallet = $2;

-- name: void_claims
-- A card's older claims work no longer.
DELETE FROM people.claim WHERE town = $1 AND card = $2;

-- name: add_claim
-- Keeps the digest of a claim; the caller has voided the card's older ones.
INSERT INTO people.claim (town, token_digest, card, expires_at) VALUES ($1, $2, $3, $4);

-- name: use_claim
-- The claim's card, once.
DELETE FROM people.claim WHERE town = $1 AND token_digest = $2 AND expires_at > $3 RETURNING card;

-- name: sweep_claims
-- Claims that are too old to open anything.
DELETE FROM people.claim WHERE expires_at < $1;
