-- name: open_review
-- Two wallets that may be one person's; a pair is put down once.
INSERT INTO people.review (town, review, wallet, other, likeness, opened_at)
VALUES ($1, nextval('people.review_number'), $2, $3, $4, $5)
ON CONFLICT (town, wallet, other) DO NOTHING;

-- name: reviews
-- What waits for a decision, or everything, newest first.
SELECT review, wallet, other, likeness, opened_at, decided_at, decided_by, same_person, froze
FROM people.review
WHERE town = :town
    AND decided_at IS NULL -- if waiting
    AND review < :before -- if before
ORDER BY review DESC LIMIT :limit;

-- name: lock_review
-- One pair, held until the end of the transaction.
SELECT review, wallet, other, likeness, opened_at, decided_at, decided_by, same_person, froze
FROM people.review WHERE town = $1 AND review = $2 FOR UPDATE;

-- name: decide_review
-- What an operator found.
UPDATE people.review SET decided_at = $3, decided_by = $4, same_person = $5, froze = $6
WHERE town = $1 AND review = $2;

-- name: freeze_wallet
-- No more payments from a wallet that was open; nothing where it was not.
UPDATE koban.account SET state = 'frozen'
WHERE town = $1 AND account = $2 AND kind = 'wallet' AND state = 'open'
RETURNING account;

-- name: thaw_wallet
-- Opens a wallet again that this review froze, unless another one found it to be a second account.
UPDATE koban.account SET state = 'open'
WHERE town = $1 AND account = $2 AND state = 'frozen'
    AND NOT EXISTS (
        SELECT FROM people.review
        WHERE town = $1 AND wallet = $2 AND review <> $3 AND same_person
    )
RETURNING account;
