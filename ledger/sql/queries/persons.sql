-- name: lock_people
-- Registrations of a town follow each other until the end of the transaction: of two alike who come
-- at the same instant, one sees the other.
SELECT pg_advisory_xact_lock(hashtextextended('people.person', $1::bigint));

-- name: phone_taken
-- Whether somebody has this phone number; its digest with each key.
SELECT true FROM people.person WHERE town = $1 AND phone_digest = ANY ($2::bytea[]);

-- name: alike
-- Who has the same name and birth date, the same birth date, or the same reading of the name.
SELECT wallet, key_id, phone_encrypted, name_encrypted, password_hash, pin_hash, kana_encrypted,
    birth_date_encrypted
FROM people.person
WHERE town = $1 AND (
    identity_digest = ANY ($2::bytea[]) OR birth_date_digest = ANY ($3::bytea[])
    OR kana_digest = ANY ($4::bytea[]))
ORDER BY wallet;

-- name: add_person
-- A wallet's holder.
INSERT INTO people.person
    (town, wallet, key_id, phone_digest, phone_encrypted, name_encrypted, kana_encrypted,
    birth_date_encrypted, identity_digest, kana_digest, birth_date_digest, password_hash, pin_hash,
    registered_at, birth_year)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15);

-- name: person_by_phone
-- The holder who registered with a phone number; its digest with each key.
SELECT wallet, key_id, phone_encrypted, name_encrypted, password_hash, pin_hash, kana_encrypted,
    birth_date_encrypted
FROM people.person WHERE town = $1 AND phone_digest = ANY ($2::bytea[]);

-- name: person_by_wallet
-- A wallet's holder.
SELECT wallet, key_id, phone_encrypted, name_encrypted, password_hash, pin_hash, kana_encrypted,
    birth_date_encrypted
FROM people.person WHERE town = $1 AND wallet = $2;

-- name: first_person
-- Whom the demo signs in.
SELECT wallet, key_id, phone_encrypted, name_encrypted, password_hash, pin_hash, kana_encrypted,
    birth_date_encrypted
FROM people.person WHERE town = $1 ORDER BY wallet LIMIT 1;

-- name: pin_hash
-- What a wallet's PIN is checked against.
SELECT pin_hash FROM people.person WHERE town = $1 AND wallet = $2;

-- name: forget_person
-- Everything about a wallet's holder except what is found by the phone number; the sessions that
-- were open. Web Push addresses go with their sessions; that a survey was answered is known still.
WITH person AS (
    DELETE FROM people.person WHERE town = $1 AND wallet = $2 RETURNING wallet
), tickets AS (
    DELETE FROM people.ticket USING people.session
    WHERE ticket.town = $1 AND session.town = $1 AND session.session = ticket.session
        AND session.role = 'wallet' AND session.account = $2
), sessions AS (
    DELETE FROM people.session WHERE town = $1 AND role = 'wallet' AND account = $2
    RETURNING session
), guards AS (
    DELETE FROM people.guard WHERE town = $1 AND kind = 'pin' AND subject = $2::bigint::text
), members AS (
    DELETE FROM people.member WHERE town = $1 AND wallet = $2
), answers AS (
    UPDATE koban.survey_answer SET answers = '{}', key_id = NULL, words_encrypted = NULL
    WHERE town = $1 AND wallet = $2
), proposals AS (
    DELETE FROM people.proposal WHERE town = $1 AND account = $2
), told AS (
    DELETE FROM koban.notice WHERE town = $1 AND account = $2 AND kind = 'answer'
), reviews AS (
    DELETE FROM people.review
    WHERE town = $1 AND (wallet = $2 OR other = $2) AND decided_at IS NULL
)
SELECT session FROM sessions;

-- name: forget_challenges
-- Codes that were sent to a phone number.
DELETE FROM people.challenge WHERE town = $1 AND phone_digest = ANY ($2::bytea[]);

-- name: lock_phone
-- Two requests for the same phone follow each other until the end of the transaction.
SELECT pg_advisory_xact_lock(hashtextextended('people.challenge ' || encode($2, 'hex'), $1::bigint));

-- name: open_challenge
-- Nothing where the phone was sent $10 codes since $11: no one is to be flooded, nor a code guessed
-- by asking for new ones. The caller holds `lock_phone`. $12: the phone's digest with each key.
INSERT INTO people.challenge
    (town, challenge_digest, purpose, key_id, phone_digest, phone_encrypted, wallet, code_digest,
    sent_at, expires_at)
SELECT $1, $2, $3, $4, ($12::bytea[])[1], $5, $6, $7, $8, $9
WHERE (
    SELECT count(*) FROM people.challenge
    WHERE town = $1 AND phone_digest = ANY ($12) AND sent_at > $11
) < $10::bigint
RETURNING true;

-- name: try_challenge
-- One attempt, counted and judged in the same statement: a code is right at most once, and never
-- after $6 attempts. No row: there is no such open challenge.
UPDATE people.challenge SET
    attempts = attempts + 1,
    used_at = CASE WHEN code_digest = $4 THEN $5::timestamptz END
WHERE town = $1 AND challenge_digest = $2 AND purpose = $3
    AND used_at IS NULL AND expires_at > $5 AND attempts < $6
RETURNING used_at IS NOT NULL AS matched, attempts, key_id, phone_encrypted, wallet;
