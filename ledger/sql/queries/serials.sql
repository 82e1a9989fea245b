-- name: add_batch
-- A batch of serial cards; its number is the next of the sequence.
INSERT INTO koban.serial_batch (town, batch, way, amount, count, made_by, made_at, expires_at)
VALUES ($1, nextval('koban.serial_batch_number'), $2, $3, $4, $5, $6, $7)
RETURNING batch;

-- name: add_cards
-- The batch's cards: digests of their digits, which are kept nowhere.
INSERT INTO koban.serial_card (town, card_digest, batch, way, amount, expires_at)
SELECT b.town, digest, b.batch, b.way, b.amount, b.expires_at
FROM koban.serial_batch b, unnest($3::bytea[]) AS digest
WHERE b.town = $1 AND b.batch = $2;

-- name: batches
-- Every batch, newest first, and how many of its cards were redeemed.
SELECT b.batch, b.way, b.amount, b.count, b.made_by, b.made_at, b.expires_at,
    (SELECT count(*) FROM koban.serial_card c
     WHERE c.town = b.town AND c.batch = b.batch AND c.used_by IS NOT NULL) AS used
FROM koban.serial_batch b WHERE b.town = $1 ORDER BY b.batch DESC LIMIT $2;
