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
-- Lines before a number, newest first; each condition only where it is asked for.
SELECT number, at, actor, who, name, origin, act, subject, before::text AS before,
    after::text AS after
FROM people.audit
WHERE town = :town
    AND number < :before -- if before
    AND actor = :actor -- if actor
    AND who = :who -- if who
    AND (act = :act OR starts_with(act, :act || '.')) -- if act
    AND subject = :subject -- if subject
    AND at >= :since -- if since
    AND at < :until -- if until
ORDER BY number DESC LIMIT :limit;
