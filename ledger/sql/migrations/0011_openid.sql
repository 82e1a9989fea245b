-- migrate:up

-- Identities at providers (OpenID Connect) that a wallet's holder has linked. What is kept of one is
-- its issuer and subject, encrypted, and a keyed digest to find it by. In a town an identity is one
-- person's, and a person has one of a provider; both go when the person is erased.
CREATE TABLE people.identity (
    town smallint NOT NULL,
    wallet bigint NOT NULL,
    provider text NOT NULL CHECK (provider ~ '^[a-z][a-z0-9_]{0,30}$'),
    key_id smallint NOT NULL,
    subject_digest bytea NOT NULL,
    subject_encrypted bytea NOT NULL,
    linked_at timestamptz NOT NULL,
    PRIMARY KEY (town, wallet, provider),
    CONSTRAINT identity_is_theirs UNIQUE (town, subject_digest), -- wallet_of_identity
    FOREIGN KEY (town, wallet) REFERENCES people.person ON DELETE CASCADE
);

-- A browser that was sent to a provider and is to come back. `wallet` and its `session` where it
-- went to link. State and cookie are digests; nonce and verifier follow from the state by a key.
CREATE TABLE people.identity_attempt (
    town smallint NOT NULL,
    state_digest bytea NOT NULL,
    browser_digest bytea NOT NULL,
    provider text NOT NULL,
    purpose text NOT NULL CHECK (purpose IN ('link', 'sign_in')),
    wallet bigint CHECK ((wallet IS NOT NULL) = (purpose = 'link')),
    session uuid CHECK ((session IS NOT NULL) = (purpose = 'link')),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (town, state_digest)
);
CREATE INDEX identity_attempt_by_expiry ON people.identity_attempt (expires_at); -- sweep_attempts

-- migrate:down
