-- name: counts
-- How many wallets were opened, and how many shops take part.
SELECT count(*) FILTER (WHERE kind = 'wallet') AS wallets,
    count(*) FILTER (WHERE kind = 'shop') AS shops
FROM koban.account WHERE town = $1 AND state = 'open' AND kind IN ('wallet', 'shop');

-- name: holdings
-- What all wallets have of each kind of value, how many have some of it, and how many have any.
WITH held AS MATERIALIZED (
    SELECT wallet, instrument, sum(remaining) AS amount FROM koban.lot
    WHERE town = $1 AND remaining > 0 GROUP BY wallet, instrument
)
SELECT instrument, sum(amount)::bigint AS amount, count(*) AS people,
    (SELECT count(DISTINCT wallet) FROM held) AS holders
FROM held GROUP BY instrument ORDER BY instrument;

-- name: events
-- Activities that are on or to come; those that challenges give their bonuses for are none.
SELECT a.code, a.name, p.department, p.name AS programme, p.instrument, a.amount, a.amount_max,
    a.starts_at, a.ends_at
FROM koban.activity a JOIN koban.programme p USING (town, programme)
WHERE a.town = $1 AND a.ends_at > $2 AND NOT EXISTS (
    SELECT FROM koban.challenge c WHERE c.town = a.town AND c.bonus_activity = a.code)
ORDER BY a.ends_at, a.code LIMIT $3;
