-- name: taken
-- Whether this phone or this wallet has applied already; the phone's digest with each key.
SELECT a.application FROM koban.application a
LEFT JOIN people.applicant p ON p.town = a.town AND p.application = a.application
WHERE a.town = $1 AND a.offer = $2 AND a.state <> 'withdrawn'
    AND (p.phone_digest = ANY ($3::bytea[]) OR a.wallet = $4::bigint)
LIMIT 1;

-- name: alike
-- Who has applied with the same name and birth date, the same birth date, or the same reading.
SELECT p.application, p.key_id, p.name_encrypted, p.kana_encrypted, p.birth_date_encrypted
FROM people.applicant p
JOIN koban.application a ON a.town = p.town AND a.application = p.application
WHERE p.town = $1 AND p.offer = $2 AND a.state <> 'withdrawn'
    AND (p.birth_date_digest = ANY ($3::bytea[]) OR p.kana_digest = ANY ($4::bytea[]))
ORDER BY p.application;

-- name: crowd
-- How many have applied from the same address; since $6, from the same network and by the same
-- browser. Digests with each key.
SELECT
    (SELECT count(*) FROM people.applicant WHERE town = $1 AND offer = $2
        AND address_digest = ANY ($3::bytea[])) AS address,
    (SELECT count(*) FROM people.applicant WHERE town = $1 AND offer = $2
        AND network_digest = ANY ($4::bytea[]) AND applied_at > $6) AS network,
    (SELECT count(*) FROM people.applicant WHERE town = $1 AND offer = $2
        AND device_digest = ANY ($5::bytea[]) AND applied_at > $6) AS device;

-- name: add_application
-- An application, as the lottery sees it.
INSERT INTO koban.application (town, application, offer, id, group_code, units, state, wallet,
    applied_at, reasons, likes)
VALUES ($1, nextval('koban.application_number'), $2, $3, $4, $5, $6, $7, $8, $9, $10)
RETURNING application;

-- name: add_applicant
-- Who it is.
INSERT INTO people.applicant (town, application, offer, key_id, phone_digest, phone_encrypted,
    name_encrypted, kana_encrypted, birth_date_encrypted, postal_code_encrypted, address_encrypted,
    identity_digest, kana_digest, birth_date_digest, address_digest, receipt_digest,
    receipt_encrypted, network_digest, device_digest, applied_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20);

-- name: by_receipt
-- The application of a receipt number and a phone; their digests with each key.
SELECT a.application, a.id, a.offer, a.group_code, a.units, a.state, a.wallet, a.applied_at,
    a.reasons, a.likes, a.decided_at, a.decided_by, a.decided_reason, a.round
FROM people.applicant p
JOIN koban.application a ON a.town = p.town AND a.application = p.application
WHERE p.town = $1 AND p.receipt_digest = ANY ($2::bytea[]) AND p.phone_digest = ANY ($3::bytea[]);

-- name: applications_of_wallet
-- What a wallet applied for, and where it has claimed a place, newest first.
SELECT application, id, offer, group_code, units, state, wallet, applied_at, reasons, likes,
    decided_at, decided_by, decided_reason, round
FROM koban.application WHERE town = $1 AND wallet = $2 ORDER BY application DESC LIMIT $3;

-- name: offer_of
-- What an application is for.
SELECT offer FROM koban.application WHERE town = $1 AND application = $2;

-- name: application
-- One application.
SELECT application, id, offer, group_code, units, state, wallet, applied_at, reasons, likes,
    decided_at, decided_by, decided_reason, round
FROM koban.application WHERE town = $1 AND application = $2;

-- name: in_review
-- Applications of an offer that wait for an operator, oldest first.
SELECT application, id, offer, group_code, units, state, wallet, applied_at, reasons, likes,
    decided_at, decided_by, decided_reason, round
FROM koban.application WHERE town = $1 AND offer = $2 AND state = 'review'
ORDER BY application LIMIT $3;

-- name: set_state
-- What became of an application.
UPDATE koban.application SET state = $3 WHERE town = $1 AND application = $2;

-- name: decide_application
-- What an operator found.
UPDATE koban.application
SET state = $3, decided_at = $4, decided_by = $5, decided_reason = $6
WHERE town = $1 AND application = $2;

-- name: applicant
-- Who applied.
SELECT key_id, phone_encrypted, name_encrypted, kana_encrypted, birth_date_encrypted,
    postal_code_encrypted, address_encrypted
FROM people.applicant WHERE town = $1 AND application = $2;

-- name: forget_applicant
-- Who made this application is forgotten.
DELETE FROM people.applicant WHERE town = $1 AND application = $2 RETURNING true;

-- name: sweep_applicants
-- Some of those who applied for what could be used until an instant are forgotten; how many.
WITH old AS (
    SELECT p.town, p.application FROM people.applicant p
    JOIN koban.offer o ON o.town = p.town AND o.offer = p.offer
    WHERE p.town = $1 AND o.use_until < $2 LIMIT $3
), gone AS (
    DELETE FROM people.applicant p USING old
    WHERE p.town = old.town AND p.application = old.application RETURNING 1
)
SELECT count(*) AS count FROM gone;

-- name: offers_of_phone
-- What somebody with this phone applied for; its digest with each key.
SELECT DISTINCT offer FROM people.applicant
WHERE town = $1 AND phone_digest = ANY ($2::bytea[]) ORDER BY offer;

-- name: forget_by_phone
-- Who applied with this phone number is forgotten, whatever for; its digest with each key. What is
-- not decided yet is withdrawn.
WITH gone AS (
    DELETE FROM people.applicant WHERE town = $1 AND phone_digest = ANY ($2::bytea[])
    RETURNING application
)
UPDATE koban.application a SET state = 'withdrawn' FROM gone
WHERE a.town = $1 AND a.application = gone.application
    AND a.state IN ('entered', 'review', 'waiting', 'won');

-- name: applicants_under_other_keys
-- Some of the applicants who are not under this key, held until the end of the transaction.
SELECT town, application, key_id, phone_encrypted, name_encrypted, kana_encrypted,
    birth_date_encrypted, postal_code_encrypted, address_encrypted, receipt_encrypted,
    number_key_id, number_encrypted
FROM people.applicant WHERE key_id <> $1 OR number_key_id <> $1 ORDER BY town, application LIMIT $2 FOR UPDATE;

-- name: encrypt_applicant
-- The same applicant under another key. Where somebody came from cannot be found again: it is only
-- looked at for an hour.
UPDATE people.applicant SET key_id = $3, phone_digest = $4, phone_encrypted = $5,
    name_encrypted = $6, kana_encrypted = $7, birth_date_encrypted = $8,
    postal_code_encrypted = $9, address_encrypted = $10, identity_digest = $11, kana_digest = $12,
    birth_date_digest = $13, address_digest = $14, receipt_digest = $15, receipt_encrypted = $16,
    number_digest = coalesce($17, number_digest), number_key_id = $18, number_encrypted = $19
WHERE town = $1 AND application = $2;
