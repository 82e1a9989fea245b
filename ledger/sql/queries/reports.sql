-- name: bound
-- No statement of a report takes longer than this, with one processor and so little memory that no
-- sort holds it for long, and of the time with this share (null: all of it; koban.pace); false:
-- another report is under way on this server.
SELECT pg_try_advisory_xact_lock(hashtext('koban.reports'))
FROM set_config('statement_timeout', $1, true) AS bound,
    set_config('koban.share', $2, true) AS share,
    set_config('koban.worked_from', extract(epoch FROM clock_timestamp())::text, true) AS pace,
    set_config('work_mem', '4MB', true) AS room,
    set_config('max_parallel_workers_per_gather', '0', true) AS processors,
    set_config('jit', 'off', true) AS compiler;

-- name: span
-- Between which entries a time lies, with ten minutes at either end for the gateways' clocks.
SELECT koban.entry_near($1, $2::timestamptz - interval '10 minutes') AS first,
    koban.entry_near($1, $3::timestamptz + interval '10 minutes') AS last;

-- name: moves
-- What came into wallets and went out of them, by where from, where to and kind of value. A
-- reversal is what it reverses, backwards, at its own instant. Coupons only pass through wallets
-- and are left out, and so is what one wallet sends to another. `people`: wallets that had any of
-- it.
WITH sides AS (
    SELECT a.entry, a.wallet, a.shop, a.back, a.kind, p.instrument, p.amount,
        CASE WHEN a.back THEN p.to_account ELSE p.from_account END AS source,
        CASE WHEN a.back THEN p.from_account ELSE p.to_account END AS target
    FROM koban.acts($1, $2, $3, $4, $5) a
    JOIN koban.posting p ON p.town = $1 AND p.entry = a.entry AND p.entry >= $4 AND p.entry <= $5
    WHERE koban.paced(p.entry) AND p.instrument <> ALL (ARRAY(
        SELECT instrument FROM koban.instrument WHERE town = $1 AND kind = 'coupon'))
), moves AS (
    SELECT entry, wallet, back, instrument,
        sum(amount) FILTER (WHERE koban.paced(entry)) AS amount,
        CASE WHEN target = wallet THEN 'in' ELSE 'out' END COLLATE "C" AS direction,
        CASE
            WHEN target = wallet AND (source = shop OR kind = 'grant') THEN kind
            WHEN target = wallet THEN 'with_' || kind
            WHEN kind IN ('payment', 'gift', 'exchange') AND target = shop THEN kind
            ELSE 'expiry' END COLLATE "C" AS what
    FROM sides
    WHERE NOT (kind = 'send' AND target IN (wallet, shop))
    GROUP BY entry, wallet, back, instrument, direction, what
), people AS (
    SELECT direction, what, instrument, wallet,
        count(*) FILTER (WHERE koban.paced(wallet) AND NOT back) AS count,
        coalesce(sum(amount) FILTER (WHERE NOT back), 0) AS amount,
        count(*) FILTER (WHERE back) AS back_count,
        coalesce(sum(amount) FILTER (WHERE back), 0) AS back_amount
    FROM moves GROUP BY wallet, instrument, direction, what -- By wallet first: it sorts fastest.
)
SELECT direction, what, i.code AS instrument, sum(count)::bigint AS count,
    sum(amount)::bigint AS amount, sum(back_count)::bigint AS back_count,
    sum(back_amount)::bigint AS back_amount, (sum(amount) - sum(back_amount))::bigint AS net,
    count(*) FILTER (WHERE koban.paced(wallet)) AS people
FROM people
JOIN (
    SELECT DISTINCT ON (instrument) instrument, code FROM koban.instrument
    WHERE town = $1 ORDER BY instrument, version DESC
) i USING (instrument)
GROUP BY direction, what, i.code
ORDER BY direction, what, i.code;

-- name: activities
-- What each activity of each programme granted, and what was taken back of any of its grants.
SELECT p.code AS programme, p.name AS programme_name, p.department, v.code AS activity,
    v.name AS activity_name, count(*) FILTER (WHERE NOT a.back) AS count,
    coalesce(sum(a.amount) FILTER (WHERE NOT a.back), 0)::bigint AS amount,
    count(*) FILTER (WHERE a.back) AS back_count,
    coalesce(sum(a.amount) FILTER (WHERE a.back), 0)::bigint AS back_amount,
    coalesce(sum(CASE WHEN a.back THEN -a.amount ELSE a.amount END), 0)::bigint AS net,
    count(DISTINCT a.wallet) AS people
FROM koban.acts($1, $2, $3, $4, $5) a
JOIN koban.activity v ON v.town = $1 AND v.code = a.way
JOIN koban.programme p ON p.town = $1 AND p.programme = v.programme
WHERE a.kind = 'grant'
GROUP BY p.programme, p.code, p.name, p.department, v.code, v.name
ORDER BY p.programme, v.code;

-- name: campaigns
-- What each campaign gave, as it was given: what went back with a reversal later is not taken off.
SELECT c.code AS campaign, c.name AS campaign_name, count(*) AS count,
    sum(g.amount)::bigint AS amount, count(DISTINCT g.wallet) AS people
FROM koban.entry e
JOIN koban.campaign_grant g ON g.town = $1 AND g.entry = e.entry
JOIN koban.campaign c ON c.town = $1 AND c.campaign = g.campaign
WHERE e.town = $1 AND e.entry >= $4 AND e.entry <= $5 AND e.at >= $2 AND e.at < $3
    AND koban.paced(e.entry)
GROUP BY c.campaign, c.code, c.name ORDER BY c.campaign;

-- name: attributes
-- Who had value come in and who paid, by age and by home. `$6` is the year in which ages are told;
-- `age` is in whole decades. Home is the area of the shop at which a wallet first topped up in cash
-- or got the shop's points.
WITH incoming AS (
    SELECT wallet, count(*) FILTER (WHERE koban.paced(wallet) AND NOT back) AS count,
        sum(CASE WHEN back THEN -amount ELSE amount END) AS amount
    FROM (
        SELECT a.entry, a.wallet, a.back,
            sum(p.amount) FILTER (WHERE koban.paced(a.entry)) AS amount
        FROM koban.acts($1, $2, $3, $4, $5) a
        JOIN koban.posting p ON p.town = $1 AND p.entry = a.entry
            AND p.entry >= $4 AND p.entry <= $5 AND koban.paced(p.entry)
        WHERE CASE WHEN a.back THEN p.from_account ELSE p.to_account END = a.wallet
            AND a.kind IN ('payment', 'top_up', 'grant', 'issue')
            AND p.instrument <> ALL (ARRAY(
                SELECT instrument FROM koban.instrument WHERE town = $1 AND kind = 'coupon'))
        GROUP BY a.entry, a.wallet, a.back
    ) gifts
    GROUP BY wallet
), paying AS (
    SELECT wallet, count(*) FILTER (WHERE NOT back) AS count,
        sum(CASE WHEN back THEN -amount ELSE amount END) AS amount
    FROM koban.acts($1, $2, $3, $4, $5) WHERE kind = 'payment' GROUP BY wallet
), people AS (
    SELECT coalesce(i.wallet, y.wallet) AS wallet, i.count AS issues, i.amount AS issued, y.count AS payments,
        y.amount AS paid, ($6::integer - n.birth_year) / 10 * 10 AS age, home.area
    FROM incoming i
    FULL JOIN paying y ON y.wallet = i.wallet
    LEFT JOIN people.person n ON n.town = $1 AND n.wallet = coalesce(i.wallet, y.wallet)
    LEFT JOIN LATERAL (
        SELECT s.area FROM koban.entry f
        JOIN koban.shop s ON s.town = $1 AND s.shop = f.shop
        WHERE f.town = $1 AND f.wallet = coalesce(i.wallet, y.wallet)
            AND f.kind IN ('top_up', 'issue') AND koban.paced(f.wallet)
        ORDER BY f.at LIMIT 1
    ) home ON true
)
SELECT CASE WHEN grouping(age) = 0 THEN 'age' ELSE 'area' END AS attribute, age, area,
    count(*) FILTER (WHERE koban.paced(wallet)) AS people, coalesce(sum(issues), 0)::bigint AS count,
    coalesce(sum(issued), 0)::bigint AS amount, coalesce(sum(payments), 0)::bigint AS payments,
    coalesce(sum(paid), 0)::bigint AS paid
FROM people
GROUP BY GROUPING SETS ((age), (area))
ORDER BY attribute, age, area;

-- name: users
-- By month of the town's calendar: who acted, and who of them did so for the first time. Acting is
-- to pay, top up, send, give, exchange, get a shop's points, or get a grant at a tablet; what a
-- list or a midnight does to a wallet is nobody's act.
WITH acts AS (
    SELECT date_trunc('month', e.at AT TIME ZONE $6)::date AS month, e.wallet
    FROM koban.entry e
    WHERE e.town = $1 AND e.entry >= $4 AND e.entry <= $5 AND e.at >= $2 AND e.at < $3
        AND (e.kind IN ('payment', 'top_up', 'send', 'gift', 'exchange', 'issue')
            OR e.kind = 'grant' AND e.terminal IS NOT NULL)
        AND koban.paced(e.entry)
    GROUP BY 1, 2
), firsts AS (
    SELECT w.wallet, date_trunc('month', f.at AT TIME ZONE $6)::date AS month
    FROM (SELECT DISTINCT wallet FROM acts) w
    CROSS JOIN LATERAL (
        SELECT e.at FROM koban.entry e
        WHERE e.town = $1 AND e.wallet = w.wallet AND koban.paced(e.wallet)
            AND (e.kind IN ('payment', 'top_up', 'send', 'gift', 'exchange', 'issue')
                OR e.kind = 'grant' AND e.terminal IS NOT NULL)
        ORDER BY e.at LIMIT 1
    ) f
), active AS (
    SELECT a.month, count(*) FILTER (WHERE koban.paced(wallet)) AS active, count(*) FILTER (WHERE f.month = a.month) AS newcomers
    FROM acts a JOIN firsts f USING (wallet) GROUP BY a.month
), opened AS (
    SELECT date_trunc('month', opened_at AT TIME ZONE $6)::date AS month, count(*) AS opened
    FROM koban.account
    WHERE town = $1 AND kind = 'wallet' AND opened_at >= $2 AND opened_at < $3
        AND koban.paced(account)
    GROUP BY 1
), months AS (
    SELECT month::date FROM generate_series(date_trunc('month', $2 AT TIME ZONE $6),
        $3 AT TIME ZONE $6 - interval '1 microsecond', interval '1 month') month
)
SELECT to_char(month, 'YYYY-MM') AS month, coalesce(a.active, 0) AS active,
    coalesce(a.newcomers, 0) AS newcomers, coalesce(a.active - a.newcomers, 0) AS returning,
    coalesce(o.opened, 0) AS opened
FROM months LEFT JOIN active a USING (month) LEFT JOIN opened o USING (month)
ORDER BY month;

-- name: home_flows
-- Payments by where the payer is at home (see `attributes`) and where the shop is. What was given
-- back in the time is taken off.
WITH paid AS MATERIALIZED (
    SELECT wallet, shop, count(*) FILTER (WHERE NOT back) AS count,
        sum(CASE WHEN back THEN -amount ELSE amount END) AS amount
    FROM koban.acts($1, $2, $3, $4, $5) WHERE kind = 'payment' GROUP BY wallet, shop
), homes AS (
    SELECT w.wallet, home.area
    FROM (SELECT DISTINCT wallet FROM paid) w
    LEFT JOIN LATERAL (
        SELECT s.area FROM koban.entry f
        JOIN koban.shop s ON s.town = $1 AND s.shop = f.shop
        WHERE f.town = $1 AND f.wallet = w.wallet AND f.kind IN ('top_up', 'issue')
            AND koban.paced(f.wallet)
        ORDER BY f.at LIMIT 1
    ) home ON true
)
SELECT h.area AS home, s.area AS shop_area,
    count(DISTINCT p.wallet) FILTER (WHERE koban.paced(p.wallet)) AS people,
    sum(p.count)::bigint AS count, sum(p.amount)::bigint AS amount
FROM paid p
JOIN homes h USING (wallet)
JOIN koban.shop s ON s.town = $1 AND s.shop = p.shop
GROUP BY h.area, s.area ORDER BY h.area, s.area;

-- name: shop_flows
-- From one shop to the next that the same payer paid at on the same day of the town, by their
-- areas.
SELECT from_area, to_area, count(DISTINCT wallet) FILTER (WHERE koban.paced(wallet)) AS people,
    count(*) AS count
FROM (
    SELECT e.entry, e.wallet, s.area AS to_area, lag(s.area) OVER (
        PARTITION BY e.wallet, (e.at AT TIME ZONE $6)::date ORDER BY e.at, e.entry) AS from_area
    FROM koban.entry e
    JOIN koban.shop s ON s.town = $1 AND s.shop = e.shop
    WHERE e.town = $1 AND e.entry >= $4 AND e.entry <= $5 AND e.at >= $2 AND e.at < $3
        AND e.kind = 'payment' AND koban.paced(e.entry)
) steps
WHERE from_area IS NOT NULL AND koban.paced(entry)
GROUP BY from_area, to_area ORDER BY from_area, to_area;

-- name: campaign
-- A campaign's time and which shops are in it; tablets' groups stand for the shops they are in.
SELECT c.code, c.name, c.starts_at, least(c.ends_at, c.stopped_at) AS ends_at, c.weekdays,
    c.month_days, ARRAY(
        SELECT s.shop FROM koban.shop s
        JOIN koban.account a ON a.town = $1 AND a.account = s.shop
        WHERE s.town = $1 AND (c.shop_groups = '{}' OR a.groups && c.shop_groups)
            AND (c.shops = '{}' OR s.shop = ANY (c.shops))
            AND (c.terminal_groups = '{}' OR EXISTS (
                SELECT FROM koban.terminal t
                WHERE t.town = $1 AND t.shop = s.shop AND t.groups && c.terminal_groups))
    ) AS shops
FROM koban.campaign c WHERE c.town = $1 AND c.code = $2;

-- name: payments_by_day
-- Payments of each day of the town, at some shops and at all others. What was given back is taken
-- off on the day of the payment, so that a day means the same before and after.
SELECT (e.at AT TIME ZONE $6)::date AS day, e.shop = ANY ($7::bigint[]) AS inside,
    count(*) AS count, coalesce(sum(e.amount - coalesce(b.back, 0)), 0)::bigint AS amount,
    count(DISTINCT e.wallet) FILTER (WHERE koban.paced(e.wallet)) AS people
FROM koban.entry e
LEFT JOIN (
    SELECT r.refers, sum(r.amount) AS back FROM koban.entry r
    WHERE r.town = $1 AND r.entry >= $4 AND r.kind = 'reversal' GROUP BY r.refers
) b ON b.refers = e.id
WHERE e.town = $1 AND e.entry >= $4 AND e.entry <= $5 AND e.at >= $2 AND e.at < $3
    AND e.kind = 'payment' AND koban.paced(e.entry)
GROUP BY 1, 2 ORDER BY 1, 2;

-- name: shop_sums
-- A shop's sums by month, day, weekday (1 is Monday) or hour of the town's clocks. A reversal
-- counts when it was made. `net`: payments less top-ups in cash less issued points, in yen, without
-- fees.
WITH acts AS (
    SELECT e.wallet, e.amount, e.kind, coalesce(o.kind, e.kind) AS what,
        CASE $5::text WHEN 'month' THEN to_char(e.at AT TIME ZONE $6, 'YYYY-MM')
            WHEN 'day' THEN to_char(e.at AT TIME ZONE $6, 'YYYY-MM-DD')
            WHEN 'weekday' THEN to_char(e.at AT TIME ZONE $6, 'ID')
            ELSE to_char(e.at AT TIME ZONE $6, 'HH24') END AS slot
    FROM koban.entry e
    LEFT JOIN koban.decision d ON e.kind = 'reversal' AND d.town = $1 AND d.id = e.refers
    LEFT JOIN koban.entry o ON o.town = $1 AND o.entry = d.entry
    WHERE e.town = $1 AND e.shop = $2 AND e.at >= $3 AND e.at < $4 AND koban.paced(e.entry)
)
SELECT slot, count(*) FILTER (WHERE kind = 'payment') AS payments,
    coalesce(sum(amount) FILTER (WHERE kind = 'payment'), 0)::bigint AS payments_amount,
    count(*) FILTER (WHERE kind = 'top_up') AS top_ups,
    coalesce(sum(amount) FILTER (WHERE kind = 'top_up'), 0)::bigint AS top_ups_amount,
    count(*) FILTER (WHERE kind = 'issue') AS issues,
    coalesce(sum(amount) FILTER (WHERE kind = 'issue'), 0)::bigint AS issues_amount,
    count(*) FILTER (WHERE kind = 'reversal') AS reversals,
    coalesce(sum(amount) FILTER (WHERE kind = 'reversal'), 0)::bigint AS reversals_amount,
    coalesce(sum(CASE WHEN (kind = 'reversal') = (what = 'payment') THEN -amount ELSE amount END),
        0)::bigint AS net,
    count(DISTINCT wallet) AS people
FROM acts GROUP BY slot ORDER BY slot;

-- name: shop_instruments
-- What a shop took in payment and gave out, by kind of value; what went back is taken off.
WITH acts AS (
    SELECT e.entry, e.wallet, e.kind = 'reversal' AS back, coalesce(o.kind, e.kind) AS kind
    FROM koban.entry e
    LEFT JOIN koban.decision d ON e.kind = 'reversal' AND d.town = $1 AND d.id = e.refers
    LEFT JOIN koban.entry o ON o.town = $1 AND o.entry = d.entry
    WHERE e.town = $1 AND e.shop = $2 AND e.at >= $3 AND e.at < $4 AND koban.paced(e.entry)
), parts AS (
    SELECT a.entry, a.kind, a.back, p.instrument, sum(p.amount) AS amount
    FROM acts a JOIN koban.posting p ON p.town = $1 AND p.entry = a.entry
    WHERE $2 IN (p.from_account, p.to_account)
    GROUP BY a.entry, a.kind, a.back, p.instrument
)
SELECT i.code AS instrument, t.kind AS what, count(*) FILTER (WHERE NOT back) AS count,
    coalesce(sum(CASE WHEN back THEN -amount ELSE amount END), 0)::bigint AS amount
FROM parts t
JOIN (
    SELECT DISTINCT ON (instrument) instrument, code FROM koban.instrument
    WHERE town = $1 ORDER BY instrument, version DESC
) i USING (instrument)
GROUP BY i.code, t.kind ORDER BY t.kind, i.code;

-- name: standings
-- Every shop that was open before the end, and its sums; what went back is taken off.
SELECT s.shop, s.code, a.title AS name, s.kind, s.area, coalesce(t.payments, 0) AS payments,
    coalesce(t.amount, 0)::bigint AS amount, coalesce(t.top_ups, 0) AS top_ups,
    coalesce(t.top_ups_amount, 0)::bigint AS top_ups_amount, coalesce(t.people, 0) AS people
FROM koban.shop s
JOIN koban.account a ON a.town = $1 AND a.account = s.shop
LEFT JOIN (
    SELECT shop, count(*) FILTER (WHERE kind = 'payment' AND NOT back) AS payments,
        sum(CASE WHEN back THEN -amount ELSE amount END) FILTER (WHERE kind = 'payment') AS amount,
        count(*) FILTER (WHERE kind = 'top_up' AND NOT back) AS top_ups,
        sum(CASE WHEN back THEN -amount ELSE amount END) FILTER (WHERE kind = 'top_up')
            AS top_ups_amount,
        count(DISTINCT wallet) FILTER (WHERE koban.paced(wallet)) AS people
    FROM koban.acts($1, $2, $3, $4, $5) WHERE kind IN ('payment', 'top_up')
    GROUP BY shop
) t ON t.shop = s.shop
WHERE s.town = $1 AND a.opened_at < $3
ORDER BY s.shop;

-- name: people_without_year
-- Some of the people whose year of birth is not filled in, held until the end of the transaction.
SELECT wallet, key_id, birth_date_encrypted, registered_at
FROM people.person
WHERE town = $1 AND birth_year IS NULL AND birth_date_encrypted IS NOT NULL
ORDER BY wallet LIMIT $2 FOR UPDATE;

-- name: fill_year
-- Somebody's year of birth.
UPDATE people.person SET birth_year = $3 WHERE town = $1 AND wallet = $2;

-- name: count_without_year
-- How many people's year of birth is not filled in.
SELECT count(*) FROM people.person
WHERE town = $1 AND birth_year IS NULL AND birth_date_encrypted IS NOT NULL;
