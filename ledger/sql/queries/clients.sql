-- name: add_client
-- A system becomes a client; nothing where it is one.
INSERT INTO koban.client (town, client, secret_digest, redirect_uris, scopes)
VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING client;

-- name: clients
-- The clients of a town, oldest first, or the one with a code.
SELECT c.client, a.code, a.name, a.state, c.redirect_uris, c.scopes, c.webhook_url
FROM koban.client c JOIN koban.acquirer a ON a.town = c.town AND a.acquirer = c.client
WHERE c.town = $1 AND ($2::text IS NULL OR a.code = $2) ORDER BY c.client;

-- name: secret_digest
-- What is kept of a client's secret.
SELECT secret_digest FROM koban.client WHERE town = $1 AND client = $2;

-- name: set_secret
-- Another secret; the one before opens nothing any more.
UPDATE koban.client SET secret_digest = $3 WHERE town = $1 AND client = $2 RETURNING client;

-- name: set_redirect_uris
-- Where browsers may be sent back to from now on.
UPDATE koban.client SET redirect_uris = $3 WHERE town = $1 AND client = $2 RETURNING client;

-- name: set_webhook
-- Where a client is told, and what that is signed with; nowhere where there is no address.
UPDATE koban.client SET webhook_url = $3, webhook_secret = $4, vault_key = $5
WHERE town = $1 AND client = $2 RETURNING client;

-- name: webhook_secret
-- What a client's webhooks are signed with, and where they go.
SELECT a.code, c.webhook_url, c.webhook_secret, c.vault_key
FROM koban.client c JOIN koban.acquirer a ON a.town = c.town AND a.acquirer = c.client
WHERE c.town = $1 AND c.client = $2 AND c.webhook_url IS NOT NULL;

-- name: clients_under_other_keys
-- Some of the webhooks' secrets that are not under this key, held until the end of the transaction.
SELECT town, client, vault_key, webhook_secret FROM koban.client
WHERE vault_key <> $1 ORDER BY town, client LIMIT $2 FOR UPDATE;

-- name: encrypt_client
-- The same secret under another key.
UPDATE koban.client SET vault_key = $3, webhook_secret = $4 WHERE town = $1 AND client = $2;
