-- What reports read the journal by.

-- Sleeps so long that since the sleep before only `koban.share` of the time went by in work. Where
-- that is not set (ledger.reports.snapshot), nothing gives way.
CREATE OR REPLACE FUNCTION koban.pace() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    _share double precision := nullif(current_setting('koban.share', true), '');
    _worked_from double precision := nullif(current_setting('koban.worked_from', true), '');
BEGIN
    IF _share IS NOT NULL THEN
        PERFORM pg_sleep(
            (extract(epoch FROM clock_timestamp()) - _worked_from) * (1 / _share - 1));
        PERFORM set_config(
            'koban.worked_from', extract(epoch FROM clock_timestamp())::text, true);
    END IF;
    RETURN true;
END;
$$;

-- True, and keeps a long statement from holding a processor: it sleeps in the midst of its work, each
-- thousandth row by `_number`, which is any number that rows have. It stands wherever many rows come
-- by: in WHERE where they are read, and in an aggregate's FILTER where they come out of a sort.
CREATE OR REPLACE FUNCTION koban.paced(_number bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN _number % 1000 = 0 THEN koban.pace() ELSE true END
$$;

-- The first entry that is not before an instant. Entries are numbered without gaps, and in the
-- order of their instants but for the gateways' clocks, so it is found by halving: some twenty
-- look-ups by the primary key, where an index by instant would cost every payment something.
CREATE OR REPLACE FUNCTION koban.entry_near(_town smallint, _at timestamptz)
RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
    _low bigint := 1;
    _high bigint := 1 + koban.last_entry(_town);
    _middle bigint;
BEGIN
    WHILE _low < _high LOOP
        _middle := (_low + _high) / 2;
        IF (SELECT e.at FROM koban.entry e WHERE e.town = _town AND e.entry = _middle) < _at THEN
            _low := _middle + 1;
        ELSE
            _high := _middle;
        END IF;
    END LOOP;
    RETURN _low;
END;
$$;

-- The entries of a time, a reversal as what it reversed, backwards. `_first` and `_last` are its
-- bounds by number (entry_near, and some minutes for the clocks), so that the journal is read in
-- the order in which it lies. The planner puts it into the query that asks.
CREATE OR REPLACE FUNCTION koban.acts(
    _town smallint, _since timestamptz, _until timestamptz, _first bigint, _last bigint
) RETURNS TABLE (
    entry bigint, at timestamptz, back boolean, kind text, way text, wallet bigint, shop bigint,
    terminal bigint, amount bigint
) LANGUAGE sql STABLE AS $$
    SELECT e.entry, e.at, false, e.kind, e.way, e.wallet, e.shop, e.terminal, e.amount
    FROM koban.entry e
    WHERE e.town = _town AND e.entry >= _first AND e.entry <= _last
        AND e.at >= _since AND e.at < _until AND e.kind <> 'reversal' AND koban.paced(e.entry)
    UNION ALL
    SELECT r.entry, r.at, true, o.kind, o.way, r.wallet, r.shop, r.terminal, r.amount
    FROM koban.entry r
    JOIN koban.decision d ON d.town = _town AND d.id = r.refers
    JOIN koban.entry o ON o.town = _town AND o.entry = d.entry
    WHERE r.town = _town AND r.entry >= _first AND r.entry <= _last
        AND r.at >= _since AND r.at < _until AND r.kind = 'reversal'
$$;
