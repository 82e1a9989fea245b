-- migrate:up

-- Outside civic platforms (A2): clients of OAuth 2.0, whom citizens allow by their consent to know
-- who they are, to see their balance, or to give them points; and what the clients are told.

-- A client is kept as a department's system is (koban.acquirer: its code, name and state; for which
-- programmes it gives, and its grants). `redirect_uris` are taken letter by letter. Of its secret the
-- digest is kept; what webhooks to `webhook_url` are signed with has to be read again, and is kept
-- encrypted (ledger/vault.py) under the key with the number `vault_key`.
CREATE TABLE koban.client (
    town smallint NOT NULL,
    client bigint NOT NULL,
    secret_digest bytea NOT NULL,
    redirect_uris text[] NOT NULL CHECK (cardinality(redirect_uris) BETWEEN 1 AND 10),
    scopes text[] NOT NULL CHECK (cardinality(scopes) > 0),
    webhook_url text,
    webhook_secret bytea,
    vault_key smallint,
    PRIMARY KEY (town, client),
    FOREIGN KEY (town, client) REFERENCES koban.acquirer,
    CHECK (num_nulls(webhook_url, webhook_secret, vault_key) IN (0, 3))
);

-- A citizen's consent. `subject` is what this client, and no other, calls the citizen. `generation`:
-- how often its tokens were made anew; each refresh token works for one step. One that ended stays
-- until the citizen is erased, because its grants are still asked about.
CREATE TABLE people.link (
    town smallint NOT NULL,
    link bigint NOT NULL,
    wallet bigint NOT NULL,
    client bigint NOT NULL,
    subject uuid NOT NULL,
    scopes text[] NOT NULL,
    generation integer NOT NULL,
    linked_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_by text CHECK (ended_by IN ('citizen', 'client', 'reuse', 'erasure')),
    PRIMARY KEY (town, link),
    FOREIGN KEY (town, wallet) REFERENCES people.person ON DELETE CASCADE,
    FOREIGN KEY (town, client) REFERENCES koban.client,
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE SEQUENCE people.link_number START 1;
CREATE INDEX link_by_wallet ON people.link (town, wallet, client, link); -- links: links_of_wallet; koban.tell_of_grant
CREATE UNIQUE INDEX link_is_one ON people.link (town, wallet, client)
    WHERE ended_at IS NULL; -- links: renew_link; one consent at a time

-- What a browser brings back to the client after a consent, for a minute and once. One that was
-- used stays a day: whoever brings it again has stolen it, and `link` ends. `challenge` is PKCE's
-- (RFC 7636), by S256 alone.
CREATE TABLE people.link_code (
    town smallint NOT NULL,
    code_digest bytea NOT NULL,
    client bigint NOT NULL,
    wallet bigint NOT NULL,
    scopes text[] NOT NULL,
    redirect_uri text NOT NULL,
    challenge text NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    link bigint,
    PRIMARY KEY (town, code_digest),
    FOREIGN KEY (town, wallet) REFERENCES people.person ON DELETE CASCADE,
    FOREIGN KEY (town, client) REFERENCES koban.client,
    CHECK ((used_at IS NULL) = (link IS NULL))
);
CREATE INDEX link_code_by_age ON people.link_code (town, expires_at); -- links: sweep_codes

-- Tokens of a link, as digests. `used_at`: when it was first shown; a refresh token whose follower
-- nobody has shown yet may come again, because the answer with the follower was lost.
CREATE TABLE people.link_token (
    town smallint NOT NULL,
    token_digest bytea NOT NULL,
    link bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('access', 'refresh')),
    generation integer NOT NULL,
    scopes text[] NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    revoked_at timestamptz,
    PRIMARY KEY (town, token_digest),
    FOREIGN KEY (town, link) REFERENCES people.link ON DELETE CASCADE
);
CREATE INDEX link_token_by_link ON people.link_token (town, link, generation); -- links: followers_used, revoke_followers
CREATE INDEX link_token_by_age ON people.link_token (town, expires_at); -- links: sweep_tokens

-- The outbox to the clients: what happened, kept in the transaction in which it did. It waits until
-- it is delivered, with growing pauses (`next_at`), or is dead after too many attempts; `problem`
-- tells why the last one failed.
CREATE TABLE koban.webhook (
    town smallint NOT NULL,
    webhook uuid NOT NULL,
    client bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('grant.granted', 'grant.reversed', 'link.ended')),
    subject uuid NOT NULL,
    reference text,
    activity text,
    amount bigint CHECK (amount > 0),
    reason text,
    at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'dead')),
    attempts integer NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL,
    problem text,
    ended_at timestamptz,
    PRIMARY KEY (town, webhook),
    FOREIGN KEY (town, client) REFERENCES koban.client,
    CHECK ((ended_at IS NULL) = (state = 'waiting')),
    CHECK (num_nulls(reference, activity, amount) = CASE kind WHEN 'link.ended' THEN 3 ELSE 0 END),
    CHECK ((reason IS NULL) = (kind <> 'link.ended'))
);
CREATE INDEX webhook_waiting ON koban.webhook (town, client, next_at)
    WHERE state = 'waiting'; -- webhooks: take_webhooks, clients_waiting, give_up
CREATE INDEX webhook_dead ON koban.webhook (town, at)
    WHERE state = 'dead'; -- webhooks: webhooks by state
CREATE INDEX webhook_by_time ON koban.webhook (town, at); -- webhooks: webhooks, sweep_webhooks

-- A grant of a client, and what was taken back of one, is told in the transaction that decides it,
-- whoever asked for that: the client itself, a list that is undone, the office.
CREATE FUNCTION koban.tell_of_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO koban.webhook
        (town, webhook, client, kind, subject, reference, activity, amount, at, next_at)
    SELECT NEW.town, gen_random_uuid(), c.client,
        CASE NEW.kind WHEN 'grant' THEN 'grant.granted' ELSE 'grant.reversed' END,
        l.subject, s.reference, s.activity, NEW.amount, NEW.at, NEW.at
    FROM koban.system_grant s
        JOIN koban.client c ON c.town = s.town AND c.client = s.acquirer
        CROSS JOIN LATERAL (
            SELECT o.subject FROM people.link o
            WHERE o.town = s.town AND o.wallet = s.wallet AND o.client = s.acquirer
            ORDER BY o.link DESC LIMIT 1
        ) l
    WHERE s.town = NEW.town AND c.webhook_url IS NOT NULL
        AND s.id = CASE NEW.kind WHEN 'grant' THEN NEW.id ELSE NEW.refers END;
    RETURN NULL;
END;
$$;
CREATE TRIGGER tell_of_grant AFTER INSERT ON koban.entry
    FOR EACH ROW WHEN (NEW.kind IN ('grant', 'reversal')) EXECUTE FUNCTION koban.tell_of_grant();

-- migrate:down
