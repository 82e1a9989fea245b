-- What lay in wallets at an instant, lot by lot, from the journal alone: whatever came and went since
-- changes nothing. `ended`: it had come to its end by then, or its wallet was not used for too long,
-- and it was not carried away yet.
CREATE OR REPLACE FUNCTION koban.held_at(_town smallint, _at timestamptz) RETURNS TABLE (
    wallet bigint, instrument smallint, expires_at timestamptz, funder bigint, amount bigint,
    ended boolean
) LANGUAGE sql STABLE AS $$
    WITH lots AS (
        SELECT side.account AS wallet, p.instrument, p.expires_at, p.funder,
            sum(side.amount)::bigint AS amount
        FROM koban.entry e
        JOIN koban.posting p ON p.town = e.town AND p.entry = e.entry
        CROSS JOIN LATERAL (VALUES (p.to_account, p.amount), (p.from_account, -p.amount))
            side (account, amount)
        JOIN koban.account a ON a.town = _town AND a.account = side.account AND a.kind = 'wallet'
        WHERE e.town = _town AND e.at < _at
        GROUP BY 1, 2, 3, 4
        HAVING sum(side.amount) <> 0
    ), idle AS (
        SELECT i.instrument, i.idle_days
        FROM koban.instrument i
        WHERE i.town = _town AND i.idle_days IS NOT NULL AND i.version = (
            SELECT p.version FROM koban.profile p WHERE p.town = _town AND p.valid_from < _at
            ORDER BY p.valid_from DESC LIMIT 1)
    ), used AS (
        -- When a wallet was last used is read from the journal too: as koban.decide keeps it.
        SELECT u.wallet, max(u.at) AS at FROM (
            SELECT e.wallet, e.at FROM koban.entry e
            WHERE e.town = _town AND e.at < _at AND e.kind NOT IN ('reversal', 'expiry')
            UNION ALL
            SELECT e.shop, e.at FROM koban.entry e
            WHERE e.town = _town AND e.at < _at AND e.kind = 'send'
        ) u WHERE EXISTS (SELECT FROM idle) GROUP BY u.wallet
    )
    SELECT l.wallet, l.instrument, l.expires_at, l.funder, l.amount,
        l.expires_at <= _at OR coalesce(
            greatest(a.opened_at, u.at) + make_interval(days => i.idle_days) <= _at, false)
    FROM lots l
    JOIN koban.account a ON a.town = _town AND a.account = l.wallet
    LEFT JOIN idle i ON i.instrument = l.instrument
    LEFT JOIN used u ON u.wallet = l.wallet AND i.instrument IS NOT NULL
$$;
