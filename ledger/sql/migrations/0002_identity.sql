-- migrate:up

-- Who people are and how they sign in: personal data, apart from the money. Every key begins with
-- the town. Nothing that opens a door is kept as it is: tokens, tickets and codes are digests,
-- passwords and PINs argon2id hashes; those of PINs are keyed with what is not in this database.

CREATE SCHEMA people;

-- A wallet's holder. One phone number is one person in a town.
CREATE TABLE people.person (
    town smallint NOT NULL,
    wallet bigint NOT NULL,
    phone text NOT NULL CONSTRAINT person_phone_is_digits CHECK (phone ~ '^0[0-9]{9,10}$'),
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
    password_hash text NOT NULL,
    pin_hash text NOT NULL,
    registered_at timestamptz NOT NULL,
    PRIMARY KEY (town, wallet),
    CONSTRAINT person_phone_is_theirs UNIQUE (town, phone), -- person_by_phone
    FOREIGN KEY (town, wallet) REFERENCES koban.account
);

-- Wrong guesses, by what was guessed at: a wallet's PIN, a shop's manager PIN, a phone number's or
-- an operator's password. `subject` is a keyed digest where it would be personal data. Numbers that
-- belong to nobody are counted too, so a lockout does not tell which numbers are registered.
CREATE TABLE people.guard (
    town smallint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('pin', 'manager_pin', 'password', 'operator')),
    subject text NOT NULL,
    failures integer NOT NULL CHECK (failures >= 0),
    failed_at timestamptz NOT NULL,
    locked_until timestamptz,
    PRIMARY KEY (town, kind, subject)
) WITH (fillfactor = 70);
CREATE INDEX guard_by_age ON people.guard (failed_at); -- sweep_guards

-- A one-time code sent by SMS. `code_digest` is keyed; null where no code can be right.
CREATE TABLE people.challenge (
    town smallint NOT NULL,
    challenge_digest bytea NOT NULL,
    purpose text NOT NULL CHECK (purpose IN ('register', 'sign_in')),
    phone text NOT NULL,
    wallet bigint CHECK ((wallet IS NOT NULL) = (purpose = 'sign_in')),
    code_digest bytea,
    attempts integer NOT NULL DEFAULT 0,
    sent_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (town, challenge_digest)
);
CREATE INDEX challenge_by_phone ON people.challenge (town, phone, sent_at); -- open_challenge
CREATE INDEX challenge_by_age ON people.challenge (sent_at); -- sweep_challenges

-- Someone who signs in at the console. `ops` reads everything; `operator` also changes things.
CREATE TABLE people.operator (
    town smallint NOT NULL,
    operator bigint NOT NULL,
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
    password_hash text NOT NULL,
    role text NOT NULL CHECK (role IN ('operator', 'ops')),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (town, operator),
    CONSTRAINT operator_name_is_theirs UNIQUE (town, name) -- operator_by_name
);
CREATE SEQUENCE people.operator_number START 1;

-- A signed-in screen. A tablet's session is its device key. `account` is the wallet's or shop's
-- account, 0 at the console; `name` is what the screen calls itself.
CREATE TABLE people.session (
    town smallint NOT NULL,
    token_digest bytea NOT NULL,
    session uuid NOT NULL,
    role text NOT NULL CHECK (role IN ('wallet', 'terminal', 'console')),
    account bigint NOT NULL,
    terminal bigint CHECK ((terminal IS NOT NULL) = (role = 'terminal')),
    operator bigint CHECK ((operator IS NOT NULL) = (role = 'console')),
    name text NOT NULL,
    opened_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    PRIMARY KEY (town, token_digest),
    UNIQUE (town, session), -- redeem_ticket, ended_sessions
    FOREIGN KEY (town, operator) REFERENCES people.operator
);
CREATE INDEX session_by_terminal ON people.session (town, terminal)
    WHERE terminal IS NOT NULL; -- end_terminal_sessions
CREATE INDEX session_by_expiry ON people.session (expires_at); -- sweep_sessions

-- Opens one websocket, once, within seconds. Unlogged: tickets lost in a crash are got again.
CREATE UNLOGGED TABLE people.ticket (
    town smallint NOT NULL,
    ticket_digest bytea NOT NULL,
    session uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (town, ticket_digest)
);
CREATE INDEX ticket_by_expiry ON people.ticket (expires_at); -- sweep_tickets

-- What an enrolment QR carries. A terminal's newer code voids its older ones.
CREATE TABLE people.enrolment (
    town smallint NOT NULL,
    code_digest bytea NOT NULL,
    terminal bigint NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (town, code_digest),
    FOREIGN KEY (town, terminal) REFERENCES koban.terminal
);
CREATE INDEX enrolment_by_terminal ON people.enrolment (town, terminal); -- void_enrolments

-- The PIN of a shop's manager, for reversals above the clerk's limit.
CREATE TABLE people.manager (
    town smallint NOT NULL,
    shop bigint NOT NULL,
    pin_hash text NOT NULL,
    PRIMARY KEY (town, shop),
    FOREIGN KEY (town, shop) REFERENCES koban.shop
);

-- Where a wallet's browser can be reached by Web Push. It belongs to the session, and ends with it.
CREATE TABLE people.push (
    town smallint NOT NULL,
    session uuid NOT NULL,
    wallet bigint NOT NULL,
    endpoint text NOT NULL,
    p256dh text NOT NULL,
    auth text NOT NULL,
    saved_at timestamptz NOT NULL,
    PRIMARY KEY (town, session),
    UNIQUE (town, endpoint), -- leave_endpoint, forget_endpoint
    FOREIGN KEY (town, session) REFERENCES people.session (town, session) ON DELETE CASCADE
);
CREATE INDEX push_by_wallet ON people.push (town, wallet); -- pushes

-- migrate:down
