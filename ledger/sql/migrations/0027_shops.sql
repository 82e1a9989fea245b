-- migrate:up

-- What shops tell everybody about themselves, how they come to take part, and a town that was
-- generated.

-- -- listings -----------------------------------------------------------------------------------------

-- What a shop tells about itself (掲載). Its name, kind and area stand with its account. `hours` are
-- triples: weekday (1 is Monday), first minute and last minute of the day, which may be the next
-- one's; `open_minutes` the same in minutes of the week. `words` is what it is searched by, in one
-- form (`ledger.shops.words`), and `grams` every one or two characters in a row of it.
CREATE TABLE koban.listing (
    town smallint NOT NULL,
    shop bigint NOT NULL,
    kana text NOT NULL DEFAULT '',
    address text NOT NULL DEFAULT '',
    latitude double precision CHECK (latitude BETWEEN -90 AND 90),
    longitude double precision CHECK (longitude BETWEEN -180 AND 180),
    hours smallint[] NOT NULL DEFAULT '{}',
    open_minutes int4multirange NOT NULL DEFAULT '{}',
    closed_on date[] NOT NULL DEFAULT '{}',
    languages text[] NOT NULL DEFAULT '{}',
    telephone text NOT NULL DEFAULT '',
    about text NOT NULL DEFAULT '',
    words text NOT NULL,
    grams text[] NOT NULL,
    PRIMARY KEY (town, shop),
    FOREIGN KEY (town, shop) REFERENCES koban.shop,
    CHECK ((latitude IS NULL) = (longitude IS NULL))
);
CREATE INDEX listing_by_place ON koban.listing (town, latitude, longitude)
    WHERE latitude IS NOT NULL; -- shops: search
CREATE INDEX listing_by_grams ON koban.listing USING gin (grams); -- shops: search

-- Shops that are there already are found by their names; the whole form comes with the first change.
INSERT INTO koban.listing (town, shop, words, grams)
SELECT s.town, s.shop, name.words, ARRAY(
    SELECT DISTINCT substr(name.words, place, size)
    FROM generate_series(1, char_length(name.words)) place, generate_series(1, 2) size)
FROM koban.shop s
JOIN koban.account a ON a.town = s.town AND a.account = s.shop
CROSS JOIN LATERAL (
    SELECT translate(regexp_replace(lower(normalize(a.title, NFKC)), '\s', '', 'g'),
        'ぁあぃいぅうぇえぉおかがきぎくぐけげこごさざしじすずせぜそぞただちぢっつづてでとど'
        'なにぬねのはばぱひびぴふぶぷへべぺほぼぽまみむめもゃやゅゆょよらりるれろわをん'
        'ァィゥェォッャュョ',
        'アアイイウウエエオオカガキギクグケゲコゴサザシジスズセゼソゾタダチジツツズテデトド'
        'ナニヌネノハバパヒビピフブプヘベペホボポマミムメモヤヤユユヨヨラリルレロワオン'
        'アイウエオツヤユヨ') AS words
) name;

-- -- applications to join ------------------------------------------------------------------------------

-- A shop's application to take part (加盟申込). `listing` is what it would tell everybody, `accepts`
-- the kinds of value it wants to take. Who applied, how they are reached, their bank account and the
-- receipt number that asks for the application are encrypted together; they are gone where somebody
-- erased them. `asked`: the operator waits for an answer.
CREATE TABLE people.shop_application (
    town smallint NOT NULL,
    application bigint NOT NULL,
    state text NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'asked', 'accepted', 'declined', 'withdrawn')),
    name text NOT NULL,
    kind text NOT NULL,
    area text NOT NULL,
    listing jsonb NOT NULL,
    accepts text[] NOT NULL,
    key_id smallint,
    contact_encrypted bytea,
    phone_digest bytea,
    receipt_digest bytea,
    applied_at timestamptz NOT NULL,
    decided_at timestamptz,
    decided_by text,
    shop bigint,
    PRIMARY KEY (town, application),
    CONSTRAINT shop_application_receipt_is_theirs UNIQUE (town, receipt_digest), -- by_receipt
    FOREIGN KEY (town, shop) REFERENCES koban.shop,
    CHECK ((state = 'accepted') = (shop IS NOT NULL)),
    CHECK ((state IN ('accepted', 'declined', 'withdrawn')) = (decided_at IS NOT NULL)),
    CHECK (num_nulls(key_id, contact_encrypted, phone_digest, receipt_digest) IN (0, 4))
);
CREATE INDEX shop_application_by_phone ON people.shop_application (town, phone_digest)
    WHERE phone_digest IS NOT NULL; -- applications: alike, open_of_phone
CREATE INDEX shop_application_open ON people.shop_application (town, application)
    WHERE state IN ('waiting', 'asked'); -- applications: waiting, alike
CREATE SEQUENCE people.shop_application_number START 1;

-- What operator and applicant wrote to each other about an application, the reason of a refusal
-- being the last; free text may name people, so it is encrypted.
CREATE TABLE people.shop_application_note (
    town smallint NOT NULL,
    application bigint NOT NULL,
    note smallint NOT NULL,
    by_applicant boolean NOT NULL,
    at timestamptz NOT NULL,
    key_id smallint NOT NULL,
    text_encrypted bytea NOT NULL,
    PRIMARY KEY (town, application, note),
    FOREIGN KEY (town, application) REFERENCES people.shop_application
);

-- Lets somebody in at the shop site as a shop's manager, once. A shop's newer one voids its older.
CREATE TABLE people.staff_invitation (
    town smallint NOT NULL,
    code_digest bytea NOT NULL,
    shop bigint NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (town, code_digest),
    FOREIGN KEY (town, shop) REFERENCES koban.shop
);
CREATE INDEX staff_invitation_by_shop ON people.staff_invitation (town, shop); -- invitations: void

-- What a shop's manager wants to be changed and an operator has to look at: the name, which stands
-- on receipts, or the bank account. A newer wish takes the place of one that waits.
CREATE TABLE people.shop_change (
    town smallint NOT NULL,
    change bigint NOT NULL,
    shop bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('name', 'bank_account')),
    key_id smallint NOT NULL,
    wish_encrypted bytea NOT NULL,
    state text NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'accepted', 'declined', 'replaced')),
    staff bigint NOT NULL,
    asked_at timestamptz NOT NULL,
    decided_at timestamptz,
    decided_by text,
    reason text,
    PRIMARY KEY (town, change),
    FOREIGN KEY (town, shop) REFERENCES koban.shop,
    FOREIGN KEY (town, staff) REFERENCES people.staff,
    CHECK ((state = 'waiting') = (decided_at IS NULL))
);
CREATE UNIQUE INDEX shop_change_waiting ON people.shop_change (town, shop, kind)
    WHERE state = 'waiting'; -- changes: replace
CREATE INDEX shop_change_by_shop ON people.shop_change (town, shop, change); -- changes: of_shop
CREATE SEQUENCE people.shop_change_number START 1;

-- -- cities ---------------------------------------------------------------------------------------------

-- A town that `koban city` has filled, or is about to: how large, and with what chance.
CREATE TABLE koban.city (
    town smallint PRIMARY KEY REFERENCES koban.town,
    wallets integer NOT NULL CHECK (wallets >= 0),
    shops integer NOT NULL CHECK (shops > 0),
    tablets integer NOT NULL CHECK (tablets >= 0),
    seed bigint NOT NULL,
    founded_at timestamptz NOT NULL,
    finished_at timestamptz
);

-- migrate:down
