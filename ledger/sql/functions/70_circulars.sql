-- Whether a circular is for an account at an instant. Asked when somebody looks, so that a circular
-- to 200,000 wallets is one row.
CREATE OR REPLACE FUNCTION koban.circular_reaches(c koban.circular, a koban.account, at timestamptz)
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT a.town = c.town AND a.kind = c.audience
        AND (c.accounts IS NULL OR a.account = ANY (c.accounts))
        AND (c.groups IS NULL OR a.groups && c.groups)
        AND (c.instrument IS NULL OR EXISTS (
            SELECT FROM koban.lot l
            WHERE l.town = a.town AND l.wallet = a.account AND l.instrument = c.instrument
                AND l.remaining > 0 AND l.expires_at > at))
$$;
