-- name: see_grant
-- A system has named a grant; nothing where its id was named before.
INSERT INTO koban.system_grant
    (town, acquirer, reference, id, activity, wallet, amount, request_digest, seen_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (town, acquirer, reference) DO NOTHING RETURNING reference;

-- name: grant_standing
-- What a system's grant id is, and what was decided about it.
SELECT s.id, s.activity, s.wallet, s.amount, s.request_digest, d.outcome::text AS outcome, d.at,
    e.amount AS granted, d.entry
FROM koban.system_grant s
    LEFT JOIN koban.decision d ON d.town = s.town AND d.id = s.id
        AND d.request_digest = s.request_digest
    LEFT JOIN koban.entry e ON e.town = d.town AND e.entry = d.entry
WHERE s.town = $1 AND s.acquirer = $2 AND s.reference = $3;

-- name: grant_taken_back
-- How much of a grant went back to its fund since.
SELECT coalesce(sum(amount), 0)::bigint AS amount FROM koban.entry
WHERE town = $1 AND refers = $2 AND kind = 'reversal';
