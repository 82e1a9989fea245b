-- migrate:up

-- Draws: applications for the places of an offer, the lottery among them, and the purchaser numbers
-- of those who won. What is personal is in the schema people and can be erased; what the lottery
-- goes by names nobody.

-- A code by SMS may also prove that an applicant has the phone they name.
ALTER TABLE people.challenge DROP CONSTRAINT challenge_purpose_check,
    ADD CONSTRAINT challenge_purpose_check CHECK (purpose IN ('register', 'sign_in', 'apply'));

-- Purchaser numbers that are not the wallet's, by the wallet that gave them.
ALTER TABLE people.guard DROP CONSTRAINT guard_kind_check,
    ADD CONSTRAINT guard_kind_check CHECK (kind IN ('pin', 'manager_pin', 'password', 'operator',
        'staff', 'recipient', 'purchaser_number'));

-- How an offer's places are drawn. `remainder`: where a group's own places go that it cannot fill.
-- `units_max`: how many units one may wish for. More than `address_max` applications from one
-- address, or `network_max` from one network or one browser within an hour, wait for an operator.
-- `commitment` is the SHA-256 of the seed, which is kept encrypted until the result is published.
-- `claim_until` is the present round's, `redraw_days` the length of each later one. `round`: 1 is the
-- first draw.
CREATE TABLE koban.draw (
    town smallint NOT NULL,
    offer bigint NOT NULL,
    remainder text NOT NULL CHECK (remainder IN ('general', 'kept')),
    units_max smallint NOT NULL CHECK (units_max BETWEEN 1 AND 100),
    address_max smallint NOT NULL CHECK (address_max > 0),
    network_max smallint NOT NULL CHECK (network_max > 0),
    commitment bytea NOT NULL CHECK (octet_length(commitment) = 32),
    key_id smallint NOT NULL,
    seed_encrypted bytea NOT NULL,
    claim_until timestamptz NOT NULL,
    redraw_days smallint NOT NULL CHECK (redraw_days > 0),
    round smallint NOT NULL DEFAULT 0,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    digest bytea CHECK ((digest IS NULL) = (closed_at IS NULL)),
    drawn_at timestamptz CHECK (drawn_at IS NULL OR closed_at IS NOT NULL),
    published_at timestamptz CHECK (published_at IS NULL OR drawn_at IS NOT NULL),
    PRIMARY KEY (town, offer),
    FOREIGN KEY (town, offer) REFERENCES koban.offer
);

-- Applicants of a kind: places of their own, and tickets for each of them.
CREATE TABLE koban.draw_group (
    town smallint NOT NULL,
    offer bigint NOT NULL,
    code text NOT NULL CHECK (code ~ '^[a-z][a-z0-9_]{0,30}$'),
    name text NOT NULL,
    places integer NOT NULL CHECK (places >= 0),
    weight smallint NOT NULL CHECK (weight BETWEEN 1 AND 100),
    line smallint NOT NULL,
    PRIMARY KEY (town, offer, code),
    FOREIGN KEY (town, offer) REFERENCES koban.draw
);

-- An application. `id` is what the published list calls it. `wallet`: whose it is, where it was made
-- signed in, or whoever has claimed the place. `reasons`: why an operator is to look at it;
-- `likes`: the applications that it is like. States: `review` until an operator decides, `entered` in
-- the lottery; after the draw `won`, `waiting`, `claimed`, and `lapsed` where it was not claimed in
-- time. `listed`: in the list that was frozen, also when it was withdrawn later. `position`: in the
-- order of the draw. `round` and `pool`: when a place was won, and out of which group's own places
-- ("": the general pool). `gone_round`: the redraw that found it gone.
CREATE TABLE koban.application (
    town smallint NOT NULL,
    application bigint NOT NULL,
    offer bigint NOT NULL,
    id uuid NOT NULL,
    group_code text NOT NULL,
    units smallint NOT NULL CHECK (units > 0),
    state text NOT NULL CHECK (state IN ('entered', 'review', 'refused', 'withdrawn', 'won',
        'waiting', 'claimed', 'lapsed')),
    wallet bigint,
    applied_at timestamptz NOT NULL,
    reasons text[] NOT NULL DEFAULT '{}',
    likes bigint[] NOT NULL DEFAULT '{}',
    decided_at timestamptz,
    decided_by text,
    decided_reason text,
    listed boolean NOT NULL DEFAULT false,
    position integer,
    round smallint,
    pool text,
    gone_round smallint,
    PRIMARY KEY (town, application),
    UNIQUE (town, id),
    CHECK ((round IS NULL) = (pool IS NULL)),
    CHECK (state NOT IN ('won', 'claimed', 'lapsed') OR pool IS NOT NULL),
    CHECK (state <> 'claimed' OR wallet IS NOT NULL),
    FOREIGN KEY (town, offer, group_code) REFERENCES koban.draw_group (town, offer, code)
);
CREATE INDEX application_by_offer ON koban.application (town, offer, state, position); -- draws: line
CREATE INDEX application_by_wallet ON koban.application (town, wallet)
    WHERE wallet IS NOT NULL; -- applications_of_wallet
CREATE SEQUENCE koban.application_number START 1;

-- Who applied, encrypted as people.person is. The digests find the same person, those of the birth
-- date and of the reading whom a newcomer is to be compared with. `network` and `device` are where it
-- came from: keyed digests alone. `receipt`: the number that an applicant asks by. `number`: the
-- purchaser number, made when its notice is sent and read no more once it was used.
CREATE TABLE people.applicant (
    town smallint NOT NULL,
    application bigint NOT NULL,
    offer bigint NOT NULL,
    key_id smallint NOT NULL,
    phone_digest bytea NOT NULL,
    phone_encrypted bytea NOT NULL,
    name_encrypted bytea NOT NULL,
    kana_encrypted bytea NOT NULL,
    birth_date_encrypted bytea NOT NULL,
    postal_code_encrypted bytea NOT NULL,
    address_encrypted bytea NOT NULL,
    identity_digest bytea NOT NULL,
    kana_digest bytea NOT NULL,
    birth_date_digest bytea NOT NULL,
    address_digest bytea NOT NULL,
    receipt_digest bytea NOT NULL,
    receipt_encrypted bytea NOT NULL,
    network_digest bytea,
    device_digest bytea,
    number_digest bytea,
    number_key_id smallint,
    number_encrypted bytea CHECK ((number_encrypted IS NULL) = (number_key_id IS NULL)),
    applied_at timestamptz NOT NULL,
    PRIMARY KEY (town, application),
    UNIQUE (town, receipt_digest), -- by_receipt
    UNIQUE (town, number_digest), -- by_number
    FOREIGN KEY (town, application) REFERENCES koban.application
);
CREATE INDEX applicant_by_phone ON people.applicant (town, offer, phone_digest); -- taken
CREATE INDEX applicant_by_phone_alone ON people.applicant (town, phone_digest); -- forget_applicant
CREATE INDEX applicant_by_birth_date ON people.applicant (town, offer, birth_date_digest); -- alike
CREATE INDEX applicant_by_kana ON people.applicant (town, offer, kana_digest); -- alike
CREATE INDEX applicant_by_address ON people.applicant (town, offer, address_digest); -- crowd
CREATE INDEX applicant_by_network ON people.applicant (town, offer, network_digest, applied_at); -- crowd
CREATE INDEX applicant_by_device ON people.applicant (town, offer, device_digest, applied_at)
    WHERE device_digest IS NOT NULL; -- crowd

-- What winners and losers are told by SMS, once. `sending` has been taken by a worker; one that died
-- leaves it so, and after a while it is taken again under the same key, which makes it one message.
CREATE TABLE koban.draw_notice (
    town smallint NOT NULL,
    application bigint NOT NULL,
    round smallint NOT NULL,
    offer bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('won', 'lost')),
    state text NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'sending', 'sent', 'failed', 'void')),
    attempts smallint NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL,
    sent_at timestamptz,
    PRIMARY KEY (town, application, round),
    FOREIGN KEY (town, application) REFERENCES koban.application
);
CREATE INDEX draw_notice_due ON koban.draw_notice (town, next_at)
    WHERE state IN ('waiting', 'sending'); -- take_notices
CREATE INDEX draw_notice_by_offer ON koban.draw_notice (town, offer); -- notices_by_state

-- migrate:down
