-- name: decide
-- A batch of requests, in one call and one transaction.
SELECT * FROM koban.decide(
    $1::smallint, $2::timestamptz, $3::uuid[], $4::bytea[], $5::text[], $6::bigint[],
    $7::bigint[], $8::bigint[], $9::bytea[], $10::text[], $11::bigint[], $12::uuid[],
    $13::text[], $14::text[], $15::text[]
);
