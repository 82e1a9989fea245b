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

-- migrate:down
