-- The digest that seals the entries from `_first` to `_last` behind the seal before them: SHA-256
-- over that seal's digest and, line by line, all that the journal says of each entry, its postings
-- and its frozen receipt. Instants are written in microseconds, so no setting changes the text.
CREATE OR REPLACE FUNCTION koban.seal_digest(
    _town smallint, _first bigint, _last bigint, _previous bytea
) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(_previous || convert_to(string_agg(
        json_build_array(
            e.entry, e.id, e.kind, (extract(epoch FROM e.at) * 1000000)::bigint, e.version,
            e.wallet, e.wallet_seq, e.shop, e.shop_seq, e.terminal, e.amount, e.refers, e.reason,
            encode(d.request_digest, 'hex'), d.outcome, d.receipt, d.private,
            (SELECT json_agg(json_build_array(
                p.line, p.from_account, p.to_account, p.instrument,
                CASE WHEN isfinite(p.expires_at)
                    THEN (extract(epoch FROM p.expires_at) * 1000000)::bigint END,
                p.funder, p.amount) ORDER BY p.line)
            FROM koban.posting p WHERE p.town = _town AND p.entry = e.entry)
        )::text, E'\n' ORDER BY e.entry), 'UTF8'))
    FROM koban.entry e
    LEFT JOIN koban.decision d ON d.town = _town AND d.id = e.id
    WHERE e.town = _town AND e.entry BETWEEN _first AND _last
$$;

-- Seals at most `_most` entries behind the last seal; returns how many. One sealer a town works at
-- a time, another returns at once. Entry numbers are given under the town's lock and without
-- gaps, so every entry up to the town's last is there to be read.
CREATE OR REPLACE FUNCTION koban.seal_next(_town smallint, _now timestamptz, _most integer)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    _previous koban.seal;
    _first bigint;
    _last bigint;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('koban.seal'), _town) THEN
        RETURN 0;
    END IF;
    SELECT * INTO _previous FROM koban.seal WHERE town = _town ORDER BY seal DESC LIMIT 1;
    _first := coalesce(_previous.last_entry, 0) + 1;
    _last := least(koban.last_entry(_town), _first + _most - 1);
    IF _last < _first THEN
        RETURN 0;
    END IF;
    INSERT INTO koban.seal (town, seal, first_entry, last_entry, at, digest)
    VALUES (_town, coalesce(_previous.seal, 0) + 1, _first, _last, _now,
        koban.seal_digest(_town, _first, _last, coalesce(_previous.digest, '')));
    RETURN _last - _first + 1;
END;
$$;

ALTER FUNCTION koban.seal_next SET enable_seqscan = off;
ALTER FUNCTION koban.seal_next SET enable_hashjoin = off;
ALTER FUNCTION koban.seal_next SET enable_mergejoin = off;
ALTER FUNCTION koban.seal_next SET enable_material = off;
