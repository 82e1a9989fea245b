-- migrate:up

-- Pictures that operators show with what they write: checked and drawn anew, each kept once, under
-- the SHA-256 of its bytes.
CREATE TABLE koban.picture (
    town smallint NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    media text NOT NULL CHECK (media IN ('image/jpeg', 'image/png')),
    width integer NOT NULL CHECK (width > 0),
    height integer NOT NULL CHECK (height > 0),
    content bytea NOT NULL,
    saved_at timestamptz NOT NULL,
    PRIMARY KEY (town, digest)
);
ALTER TABLE koban.picture ALTER COLUMN content SET STORAGE EXTERNAL; -- It cannot be made smaller.

-- Circulars (回覧): notices that operators write to many. One row each, however many it is for; who it
-- is for is asked when an account looks (koban.circular_reaches). At most one of `instrument`
-- (wallets that hold this kind of value), `groups` (shops of one of them) and `accounts` (these
-- alone) narrows its audience. `notice`: its number among the notices, which it gets when it is
-- published. Phones of all wallets up to `pushed_to` were told; `pushed_at`: all were.
CREATE TABLE koban.circular (
    town smallint NOT NULL,
    circular bigint GENERATED ALWAYS AS IDENTITY,
    audience text NOT NULL CHECK (audience IN ('wallet', 'shop')),
    instrument smallint CHECK (instrument IS NULL OR audience = 'wallet'),
    groups text[] CHECK (groups IS NULL OR audience = 'shop'),
    accounts bigint[],
    title jsonb NOT NULL,
    text jsonb NOT NULL,
    pictures jsonb NOT NULL DEFAULT '[]',
    shown_from timestamptz NOT NULL,
    shown_until timestamptz NOT NULL CHECK (shown_until > shown_from),
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    notice bigint,
    published_at timestamptz CHECK ((published_at IS NULL) = (notice IS NULL)),
    recipients integer,
    pushed_to bigint NOT NULL DEFAULT 0,
    pushed_at timestamptz,
    withdrawn_at timestamptz,
    PRIMARY KEY (town, circular),
    CHECK (num_nonnulls(instrument, groups, accounts) <= 1)
);
CREATE INDEX circular_due ON koban.circular (town, shown_from)
    WHERE notice IS NULL AND withdrawn_at IS NULL; -- circulars: due
CREATE INDEX circular_shown ON koban.circular (town, shown_until)
    WHERE notice IS NOT NULL AND withdrawn_at IS NULL; -- notices: newest, unread, mark_read
CREATE INDEX circular_by_publication ON koban.circular (town, published_at)
    WHERE published_at IS NOT NULL; -- circulars: fresh

-- Who has read a circular: a row a reader.
CREATE TABLE koban.circular_reader (
    town smallint NOT NULL,
    circular bigint NOT NULL,
    account bigint NOT NULL,
    read_at timestamptz NOT NULL,
    PRIMARY KEY (town, circular, account),
    FOREIGN KEY (town, circular) REFERENCES koban.circular ON DELETE CASCADE
);

CREATE INDEX notice_by_age ON koban.notice (town, created_at); -- circulars: fresh; sweep_notices

-- Surveys that are answered without a name: `survey_answer` then says only that somebody has
-- answered, and what they said is a paper that says nothing of whose it is. Free words are
-- encrypted, here and there, for people write who they are in them.
ALTER TABLE koban.survey ADD COLUMN anonymous boolean NOT NULL DEFAULT false;
ALTER TABLE koban.survey_answer
    ADD COLUMN key_id smallint,
    ADD COLUMN words_encrypted bytea,
    ADD CHECK ((key_id IS NULL) = (words_encrypted IS NULL));
CREATE TABLE koban.survey_paper (
    town smallint NOT NULL,
    survey bigint NOT NULL,
    paper uuid NOT NULL,
    answers jsonb NOT NULL,
    key_id smallint,
    words_encrypted bytea,
    PRIMARY KEY (town, survey, paper),
    CHECK ((key_id IS NULL) = (words_encrypted IS NULL)),
    FOREIGN KEY (town, survey) REFERENCES koban.survey
);

-- What wallets and shops tell the operator. `id` is made by the screen, so that what is sent again
-- is not there twice. What was written, shown and answered is encrypted.
CREATE TABLE people.proposal (
    town smallint NOT NULL,
    proposal bigint GENERATED ALWAYS AS IDENTITY,
    account bigint NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('proposal', 'report')),
    key_id smallint NOT NULL,
    text_encrypted bytea NOT NULL,
    place_encrypted bytea,
    picture_encrypted bytea,
    answer_encrypted bytea,
    sent_at timestamptz NOT NULL,
    closed_at timestamptz,
    closed_by text CHECK ((closed_by IS NULL) = (closed_at IS NULL)),
    PRIMARY KEY (town, proposal),
    UNIQUE (town, account, id),
    CHECK (answer_encrypted IS NULL OR closed_at IS NOT NULL),
    FOREIGN KEY (town, account) REFERENCES koban.account
);
CREATE INDEX proposal_by_account ON people.proposal (town, account, sent_at); -- proposals, sent_since
CREATE INDEX proposal_open ON people.proposal (town, proposal) WHERE closed_at IS NULL; -- proposals
CREATE INDEX proposal_by_close ON people.proposal (town, closed_at)
    WHERE closed_at IS NOT NULL; -- sweep_proposals

-- Shops that people ask for. `digest` finds the same shop in other words; `into`: the request that
-- this one was found to be the same as.
CREATE TABLE people.shop_request (
    town smallint NOT NULL,
    request bigint NOT NULL,
    digest bytea NOT NULL,
    key_id smallint NOT NULL,
    name_encrypted bytea NOT NULL,
    place_encrypted bytea NOT NULL,
    answer_encrypted bytea,
    into_request bigint CHECK (into_request <> request),
    asked_at timestamptz NOT NULL,
    closed_at timestamptz,
    closed_by text CHECK ((closed_by IS NULL) = (closed_at IS NULL)),
    PRIMARY KEY (town, request),
    UNIQUE (town, digest), -- request_of
    CHECK ((answer_encrypted IS NULL) = (closed_at IS NULL)),
    FOREIGN KEY (town, into_request) REFERENCES people.shop_request
);
CREATE SEQUENCE people.shop_request_number START 1;
CREATE INDEX shop_request_into ON people.shop_request (town, into_request)
    WHERE into_request IS NOT NULL; -- sweep_requests

-- Who asks for a shop, once.
CREATE TABLE people.shop_request_asker (
    town smallint NOT NULL,
    request bigint NOT NULL,
    wallet bigint NOT NULL,
    asked_at timestamptz NOT NULL,
    PRIMARY KEY (town, request, wallet),
    FOREIGN KEY (town, request) REFERENCES people.shop_request,
    FOREIGN KEY (town, wallet) REFERENCES koban.account
);
CREATE INDEX asker_by_wallet ON people.shop_request_asker (town, wallet, asked_at); -- asked_by, asked_since

-- migrate:down
