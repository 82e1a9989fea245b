-- name: lock
-- Applications of a town come one after the other, so that two of the same do not pass each other.
SELECT pg_advisory_xact_lock(hashtextextended('people.shop_application/' || $1::smallint, 0));

-- name: open_of_phone
-- What somebody with this phone has applied with and is not decided yet.
SELECT application, name, listing->>'address' AS address FROM people.shop_application
WHERE town = $1 AND phone_digest = ANY ($2) AND state IN ('waiting', 'asked');

-- name: waiting
-- How many applications of a town wait for somebody.
SELECT count(*) AS applications FROM people.shop_application
WHERE town = $1 AND state IN ('waiting', 'asked');

-- name: add
-- A new application.
INSERT INTO people.shop_application (town, application, name, kind, area, listing, accepts, key_id,
    contact_encrypted, phone_digest, receipt_digest, applied_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);

-- name: next_number
-- The number of the next application.
SELECT nextval('people.shop_application_number') AS application;

-- name: correct
-- What an applicant has corrected. Who it is stays.
UPDATE people.shop_application SET name = $3, kind = $4, area = $5, listing = $6, accepts = $7,
    key_id = $8, contact_encrypted = $9, phone_digest = $10, receipt_digest = $11
WHERE town = $1 AND application = $2;

-- name: by_receipt
-- The application that a receipt number asks for, held until the end of the transaction.
SELECT application, state, name, kind, area, listing, accepts, key_id, contact_encrypted, applied_at,
    decided_at, decided_by, shop
FROM people.shop_application
WHERE town = $1 AND receipt_digest = ANY ($2) AND phone_digest = ANY ($3) FOR UPDATE;

-- name: application
-- One application, held until the end of the transaction.
SELECT application, state, name, kind, area, listing, accepts, key_id, contact_encrypted, applied_at,
    decided_at, decided_by, shop
FROM people.shop_application WHERE town = $1 AND application = $2 FOR UPDATE;

-- name: applications
-- A page of applications, newest first.
SELECT application, state, name, kind, area, listing, accepts, key_id, contact_encrypted, applied_at,
    decided_at, decided_by, shop
FROM people.shop_application
WHERE town = :town
    AND state = :state -- if state
    AND application < :before -- if before
ORDER BY application DESC LIMIT :most;

-- name: set_state
-- An application waits for somebody else, or is decided.
UPDATE people.shop_application SET state = $3, decided_at = $4, decided_by = $5, shop = $6
WHERE town = $1 AND application = $2;

-- name: alike
-- Other applications from the same phone, and those that are open, to be compared.
SELECT application, name, listing->>'address' AS address, phone_digest = ANY ($3) AS same_phone, shop
FROM people.shop_application
WHERE town = $1 AND application <> $2
    AND (phone_digest = ANY ($3) OR state IN ('waiting', 'asked'));

-- name: shops_with_telephone
-- Shops that tell everybody this number.
SELECT shop FROM koban.listing
WHERE town = $1 AND telephone <> '' AND regexp_replace(telephone, '[^0-9]', '', 'g') = $2
ORDER BY shop;

-- name: add_note
-- Something written about an application.
INSERT INTO people.shop_application_note (town, application, note, by_applicant, at, key_id,
    text_encrypted)
SELECT $1, $2, coalesce(max(note), 0) + 1, $3, $4, $5, $6
FROM people.shop_application_note WHERE town = $1 AND application = $2;

-- name: notes
-- What was written about an application, oldest first.
SELECT by_applicant, at, key_id, text_encrypted FROM people.shop_application_note
WHERE town = $1 AND application = $2 ORDER BY note;

-- name: decided_before
-- Applications that were decided long ago and whose applicants are still known.
SELECT application FROM people.shop_application
WHERE town = $1 AND decided_at <= $2 AND contact_encrypted IS NOT NULL ORDER BY application;

-- name: erase
-- Who applied is forgotten; that there was an application stays.
UPDATE people.shop_application SET key_id = NULL, contact_encrypted = NULL, phone_digest = NULL,
    receipt_digest = NULL
WHERE town = $1 AND application = $2;

-- name: erase_notes
-- And so is what was written about it.
DELETE FROM people.shop_application_note WHERE town = $1 AND application = $2;

-- name: under_other_keys
-- Some applicants who are not under this key, held until the end of the transaction.
SELECT town, application, key_id, contact_encrypted FROM people.shop_application
WHERE key_id <> $1 ORDER BY town, application LIMIT $2 FOR UPDATE;

-- name: encrypt_contact
-- The same applicant under another key.
UPDATE people.shop_application SET key_id = $3, contact_encrypted = $4, phone_digest = $5,
    receipt_digest = $6
WHERE town = $1 AND application = $2;

-- name: notes_under_other_keys
-- Some notes that are not under this key, held until the end of the transaction.
SELECT town, application, note, key_id, text_encrypted FROM people.shop_application_note
WHERE key_id <> $1 ORDER BY town, application, note LIMIT $2 FOR UPDATE;

-- name: encrypt_note
-- The same note under another key.
UPDATE people.shop_application_note SET key_id = $4, text_encrypted = $5
WHERE town = $1 AND application = $2 AND note = $3;
