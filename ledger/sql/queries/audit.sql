-- name: lock_audit
-- Acts of one town are numbered one after the other, until the end of the transaction.
SELECT pg_advisory_xact_lock(hashtext('people.audit'), $1::integer);

-- name: record
-- One more line; the caller holds `lock_audit`.
INSERT INTO people.audit
    (town, number, at, actor, who, name, origin, act, subject, before, after)
SELECT $1::smallint, coalesce(max(number), 0) + 1, $2::timestamptz, $3::text, $4::bigint, $5::text,
    $6::text, $7::text, $8::text, $9::jsonb, $10::jsonb
FROM people.audit WHERE town = $1::smallint
RETURNING number;

-- name: recorded
-- Whether an act upon a subject has its line.
SELECT EXISTS (SELECT FROM people.audit WHERE town = $1 AND subject = $2 AND act = $3) AS recorded;

-- name: lines
-- Lines before a number, newest first; every filter that is null lets everything through.
SELECT number, at, actor, who, name, origin, act, subject, before::text AS before,
    after::text AS after
FROM people.audit
WHERE town = $1 AND ($2::bigint IS NULL OR number < $2)
    AND ($4::text IS NULL OR actor = $4) AND ($5::bigint IS NULL OR who = $5)
    AND ($6::text IS NULL OR act = $6 OR starts_with(act, $6 || '.'))
    AND ($7::text IS NULL OR subject = $7)
    AND ($8::timestamptz IS NULL OR at >= $8) AND ($9::timestamptz IS NULL OR at < $9)
ORDER BY number DESC LIMIT $3;
