-- migrate:up

-- Acquirers (決済代行): companies that stand between shops' POS and the town. What they ask for is
-- decided by koban.decide like everything else; kept here is who they are, and which of their own ids
-- is which payment of ours.

-- `closed`: takes no new payments; asks, cancels and refunds go on.
CREATE TABLE koban.acquirer (
    town smallint NOT NULL REFERENCES koban.town,
    acquirer bigint NOT NULL,
    code text NOT NULL CHECK (code ~ '^[a-z][a-z0-9-]{1,30}$'),
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
    opened_at timestamptz NOT NULL,
    PRIMARY KEY (town, acquirer),
    CONSTRAINT acquirer_code_is_theirs UNIQUE (town, code) -- acquirer_by_code
);
CREATE SEQUENCE koban.acquirer_number START 1;

-- What an acquirer signs with. The secret has to be read again to check a signature, so it is kept
-- encrypted (ledger/vault.py) under the key with the number `vault_key`, which is not in here.
CREATE TABLE koban.acquirer_key (
    town smallint NOT NULL,
    key_id text NOT NULL,
    acquirer bigint NOT NULL,
    secret bytea NOT NULL,
    vault_key smallint NOT NULL,
    made_at timestamptz NOT NULL,
    revoked_at timestamptz,
    PRIMARY KEY (town, key_id),
    FOREIGN KEY (town, acquirer) REFERENCES koban.acquirer
);
CREATE INDEX acquirer_key_by_acquirer ON koban.acquirer_key (town, acquirer); -- live_keys, keys

-- Nonces that were seen, each until its signature is too old anyhow. Unlogged: what is lost in a
-- crash could be played again for minutes, and every act of an acquirer happens once by its own id.
CREATE UNLOGGED TABLE koban.acquirer_nonce (
    town smallint NOT NULL,
    key_id text NOT NULL,
    nonce text NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (town, key_id, nonce)
);
CREATE INDEX acquirer_nonce_by_age ON koban.acquirer_nonce (town, key_id, expires_at); -- see_nonce

-- Which shop an acquirer's own merchant id (加盟店番号) is. One that ended stays, because its payments
-- are still asked about and reconciled.
CREATE TABLE koban.acquirer_merchant (
    town smallint NOT NULL,
    acquirer bigint NOT NULL,
    merchant text NOT NULL,
    mapped_at timestamptz NOT NULL,
    shop bigint NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (town, acquirer, merchant, mapped_at),
    FOREIGN KEY (town, acquirer) REFERENCES koban.acquirer,
    FOREIGN KEY (town, shop) REFERENCES koban.shop
);
CREATE UNIQUE INDEX acquirer_merchant_now ON koban.acquirer_merchant (town, acquirer, merchant)
    WHERE ended_at IS NULL; -- merchant_shop: one shop at a time

-- Every payment id that an acquirer ever named. `payment` is our id for it and `cancel` that of the
-- reversal a cancel would be, for ever. Where a cancel came first there is nothing else to know. `request_digest` is that of the authorisation: a decision
-- with another digest was somebody else's, or the cancel's that took the id.
CREATE TABLE koban.acquirer_payment (
    town smallint NOT NULL,
    acquirer bigint NOT NULL,
    reference text NOT NULL,
    payment uuid NOT NULL,
    cancel uuid NOT NULL,
    seen_at timestamptz NOT NULL,
    merchant text,
    shop bigint,
    amount bigint CHECK (amount > 0),
    request_digest bytea,
    cancelled_at timestamptz,
    PRIMARY KEY (town, acquirer, reference),
    CONSTRAINT acquirer_payment_is_one UNIQUE (town, payment), -- day_of_acquirer; koban.recall
    FOREIGN KEY (town, acquirer) REFERENCES koban.acquirer,
    CHECK (num_nulls(merchant, shop, amount, request_digest) IN (0, 4)),
    CHECK (merchant IS NOT NULL OR cancelled_at IS NOT NULL)
);

-- Every refund id that an acquirer ever named, and the reversal that it is.
CREATE TABLE koban.acquirer_refund (
    town smallint NOT NULL,
    acquirer bigint NOT NULL,
    reference text NOT NULL,
    payment_reference text NOT NULL,
    refund uuid NOT NULL,
    refers uuid NOT NULL,
    shop bigint NOT NULL,
    amount bigint CHECK (amount > 0),
    reason text NOT NULL,
    request_digest bytea NOT NULL,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (town, acquirer, reference),
    CONSTRAINT acquirer_refund_is_one UNIQUE (town, refund), -- day_of_acquirer
    FOREIGN KEY (town, acquirer, payment_reference) REFERENCES koban.acquirer_payment
);

-- migrate:down
