-- name: wallets_by_phone
-- Whose phone numbers these are; their digests with each key.
SELECT phone_digest AS digest, wallet FROM people.person
WHERE town = $1 AND phone_digest = ANY ($2::bytea[]);

-- name: wallets_by_card
-- Which wallets these cards open, or opened; their digests with each key.
SELECT idm_digest AS digest, wallet, state FROM people.card
WHERE town = $1 AND idm_digest = ANY ($2::bytea[]);

-- name: wallet_states
-- Which of these accounts are wallets, and whether they are open.
SELECT account, state FROM koban.account
WHERE town = $1 AND account = ANY ($2::bigint[]) AND kind = 'wallet';

-- name: names_of_wallets
-- What the holders of these wallets are called.
SELECT wallet, key_id, name_encrypted, kana_encrypted FROM people.person
WHERE town = $1 AND wallet = ANY ($2::bigint[]);
