-- name: listing
-- What one shop tells about itself.
SELECT kana, address, latitude, longitude, hours, closed_on, languages, telephone, about
FROM koban.listing WHERE town = $1 AND shop = $2;

-- name: keep_listing
-- What a shop tells from now on; a shop that was just opened told nothing yet.
INSERT INTO koban.listing (town, shop, kana, address, latitude, longitude, hours, open_minutes,
    closed_on, languages, telephone, about, words, grams)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (town, shop) DO UPDATE SET
    kana = excluded.kana, address = excluded.address, latitude = excluded.latitude,
    longitude = excluded.longitude, hours = excluded.hours, open_minutes = excluded.open_minutes,
    closed_on = excluded.closed_on, languages = excluded.languages,
    telephone = excluded.telephone, about = excluded.about, words = excluded.words,
    grams = excluded.grams;

-- name: search
-- Shops that take part and fit, nearest first, then oldest first. Distances are great circles'
-- (haversine) on a sphere of 6,371,008.8 m, the mean radius of GRS 80: half a per cent at most.
WITH found AS (
    SELECT s.shop, s.code, a.title, s.kind, s.area, a.groups, l.kana, l.address, l.latitude,
        l.longitude, l.hours, l.closed_on, l.languages, l.telephone, l.about,
        l.open_minutes @> :minute::integer AND (
            NOT l.closed_on && ARRAY[:day::date, :day::date - 1] OR EXISTS (
                -- A night belongs to the day on which it began.
                SELECT FROM generate_subscripts(l.hours, 1) n,
                    (VALUES (:day::date, 0), (:day::date - 1, 1440)) began (day, minutes)
                WHERE l.hours[n][1] = extract(isodow FROM began.day)
                    AND :minute::integer % 1440 + began.minutes >= l.hours[n][2]
                    AND :minute::integer % 1440 + began.minutes < l.hours[n][3]
                    AND began.day <> ALL (l.closed_on))) AS open_now,
        0 AS metres -- if anywhere
        round(2 * 6371008.8 * asin(least(1, sqrt( -- if somewhere
            sin(radians(l.latitude - :latitude::float8) / 2) ^ 2 -- if somewhere
            + cos(radians(:latitude::float8)) * cos(radians(l.latitude)) -- if somewhere
                * sin(radians(l.longitude - :longitude::float8) / 2) ^ 2 -- if somewhere
        ))))::integer AS metres -- if somewhere
    FROM koban.listing l
    JOIN koban.shop s ON s.town = l.town AND s.shop = l.shop
    JOIN koban.account a ON a.town = l.town AND a.account = l.shop
    WHERE l.town = :town AND a.state = 'open'
        AND l.grams @> :grams::text[] -- if grams
        AND (SELECT bool_and(strpos(l.words, n) > 0) FROM unnest(:needles::text[]) n) -- if needles
        AND s.kind = :kind -- if kind
        AND s.area = :area -- if area
        AND a.groups && :groups::text[] -- if groups
        AND l.latitude IS NOT NULL -- if somewhere
        AND l.latitude BETWEEN :south::float8 AND :north::float8 -- if south
        AND l.longitude BETWEEN :west::float8 AND :east::float8 -- if south
)
SELECT * FROM found
WHERE true
    AND metres <= :within_m::integer -- if within_m
    AND open_now -- if open_now
    AND (metres, shop) > (:after_metres::integer, :after_shop::bigint) -- if after_shop
ORDER BY metres, shop LIMIT :most::integer;

-- name: choices
-- The kinds and areas of the shops that take part, with how many there are of each.
SELECT c.what, c.code, count(*) AS shops
FROM koban.shop s
JOIN koban.account a ON a.town = s.town AND a.account = s.shop
CROSS JOIN LATERAL (VALUES ('kind', s.kind), ('area', s.area)) c (what, code)
WHERE s.town = $1 AND a.state = 'open'
GROUP BY c.what, c.code ORDER BY c.what, shops DESC, c.code;

-- name: void_invitations
-- A shop's invitations that nobody used work no longer.
DELETE FROM people.staff_invitation WHERE town = $1 AND shop = $2 AND used_at IS NULL;

-- name: add_invitation
-- Keeps the digest of a one-time invitation.
INSERT INTO people.staff_invitation (town, code_digest, shop, expires_at) VALUES ($1, $2, $3, $4);

-- name: use_invitation
-- The shop that an invitation is for, once.
UPDATE people.staff_invitation SET used_at = $3
WHERE town = $1 AND code_digest = $2 AND used_at IS NULL AND expires_at > $3
RETURNING shop;
