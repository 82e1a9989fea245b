-- name: add_code
-- A citizen has consented; the browser brings this code to the client.
INSERT INTO people.link_code
    (town, code_digest, client, wallet, scopes, redirect_uri, challenge, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: hold_code
-- A code, held until the end of the transaction: of two who bring it one is the first.
SELECT client, wallet, scopes, redirect_uri, challenge, expires_at, used_at, link
FROM people.link_code WHERE town = $1 AND code_digest = $2 FOR UPDATE;

-- name: use_code
-- It has become tokens of this link.
UPDATE people.link_code SET used_at = $3, link = $4 WHERE town = $1 AND code_digest = $2;

-- name: forget_codes
-- What a wallet has consented to and nobody has brought yet opens nothing any more.
DELETE FROM people.link_code WHERE town = $1 AND wallet = $2 AND used_at IS NULL;

-- name: hold_token
-- A token with its link, both held until the end of the transaction.
SELECT t.link, l.client, l.subject, t.kind, t.generation, t.scopes, t.expires_at, t.revoked_at,
    l.generation AS link_generation, l.expires_at AS link_expires_at, l.ended_at
FROM people.link_token t JOIN people.link l USING (town, link)
WHERE t.town = $1 AND t.token_digest = $2 FOR UPDATE;

-- name: followers_used
-- Whether anybody has shown a token that was made after this generation.
SELECT EXISTS (
    SELECT FROM people.link_token
    WHERE town = $1 AND link = $2 AND generation > $3 AND used_at IS NOT NULL
) AS used;

-- name: revoke_followers
-- What was made after this generation opens nothing any more.
UPDATE people.link_token SET revoked_at = $4
WHERE town = $1 AND link = $2 AND generation > $3 AND revoked_at IS NULL;

-- name: forget_tokens
-- What came of an earlier consent is unknown from now on.
DELETE FROM people.link_token WHERE town = $1 AND link = $2;

-- name: revoke_token
-- One token opens nothing any more.
UPDATE people.link_token SET revoked_at = $3
WHERE town = $1 AND token_digest = $2 AND revoked_at IS NULL;

-- name: renew_link
-- The citizen consents again: the same link, with what is consented to now and tokens of its own.
UPDATE people.link SET scopes = $4, generation = generation + 1, linked_at = $5, expires_at = $6
WHERE town = $1 AND wallet = $2 AND client = $3 AND ended_at IS NULL
RETURNING link, subject, generation;

-- name: open_link
-- A first consent, or one after the last was ended.
INSERT INTO people.link
    (town, link, wallet, client, subject, scopes, generation, linked_at, expires_at)
VALUES ($1, nextval('people.link_number'), $2, $3, $7, $4, 1, $5, $6)
RETURNING link, subject, generation;

-- name: set_generation
-- The tokens of a link were made anew.
UPDATE people.link SET generation = $3 WHERE town = $1 AND link = $2;

-- name: add_token
-- A token of a link.
INSERT INTO people.link_token (town, token_digest, link, kind, generation, scopes, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: mark_used
-- Somebody has shown this token.
UPDATE people.link_token SET used_at = $3
WHERE town = $1 AND token_digest = $2 AND used_at IS NULL;

-- name: end_links
-- Ends the open links of a wallet, or the one of that number, and tells their clients.
WITH ended AS (
    UPDATE people.link SET ended_at = $4, ended_by = $5
    WHERE town = $1 AND wallet = $2 AND ($3::bigint IS NULL OR link = $3) AND ended_at IS NULL
    RETURNING town, link, client, subject
), told AS (
    INSERT INTO koban.webhook (town, webhook, client, kind, subject, reason, at, next_at)
    SELECT e.town, gen_random_uuid(), e.client, 'link.ended', e.subject, $5, $4, $4
    FROM ended e JOIN koban.client c USING (town, client) WHERE c.webhook_url IS NOT NULL
)
SELECT link FROM ended ORDER BY link;

-- name: wallet_of_link
-- Whose link it is.
SELECT wallet FROM people.link WHERE town = $1 AND link = $2;

-- name: linked
-- Who an access token speaks for at this instant, and for whom.
SELECT l.link, l.wallet, l.subject, t.scopes, t.used_at IS NOT NULL AS seen,
    a.acquirer, a.code, a.name, a.state
FROM people.link_token t
    JOIN people.link l USING (town, link)
    JOIN koban.acquirer a ON a.town = l.town AND a.acquirer = l.client
WHERE t.town = $1 AND t.token_digest = $2 AND t.kind = 'access' AND t.revoked_at IS NULL
    AND t.expires_at > $3 AND l.ended_at IS NULL AND l.expires_at > $3;

-- name: links_of_wallet
-- The consents of a citizen that hold, oldest first.
SELECT l.link, a.code, a.name, l.scopes, l.linked_at, l.expires_at
FROM people.link l JOIN koban.acquirer a ON a.town = l.town AND a.acquirer = l.client
WHERE l.town = $1 AND l.wallet = $2 AND l.ended_at IS NULL AND l.expires_at > $3 ORDER BY l.link;

-- name: sweep_codes
-- Codes that are over for a day.
DELETE FROM people.link_code WHERE town = $1 AND expires_at < $2::timestamptz - interval '1 day';

-- name: sweep_tokens
-- Tokens that are over for a day.
DELETE FROM people.link_token WHERE town = $1 AND expires_at < $2::timestamptz - interval '1 day';
