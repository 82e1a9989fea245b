-- Pieces of the receipt's JSON. They are plain text, so that what was frozen stays as it was.

-- Milliseconds since the epoch, or null for never.
CREATE OR REPLACE FUNCTION koban.json_time(_at timestamptz)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN isfinite(_at) THEN (extract(epoch FROM _at) * 1000)::bigint::text ELSE 'null' END
$$;

-- The payer's copy of a receipt: with what concerns nobody else (balance, available).
CREATE OR REPLACE FUNCTION koban.copy_for_payer(_receipt text, _private text)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN _private = '' THEN _receipt ELSE left(_receipt, -1) || _private || '}' END
$$;

-- The head of a receipt, without its closing brace.
CREATE OR REPLACE FUNCTION koban.receipt_head(
    _request koban.request, _kind text, _outcome koban.outcome, _now_ms bigint
) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN '{"id":"' || _request.id || '","kind":"' || _kind || '","outcome":"' || _outcome
        || '","at":' || _now_ms || ',"amount":' || coalesce(_request.amount, 0)
        || coalesce(',"wallet":' || _request.wallet, '')
        || CASE _request.shop_kind
            WHEN 'wallet' THEN ',"recipient":' || _request.shop
            WHEN 'purpose' THEN ',"purpose":' || _request.shop_name
            WHEN 'provider' THEN ''
            WHEN 'fund' THEN ''
            ELSE coalesce(',"shop":' || _request.shop || ',"shop_name":' || _request.shop_name, '')
            END
        || coalesce(',"way":' || to_json(_request.way)::text, '')
        || coalesce(',"terminal":' || _request.terminal, '')
        || coalesce(',"refers":"' || _request.refers || '"', '');
END;
$$;

-- Sums by instrument as a list of parts, [{"instrument":"coin","amount":800}], without the zeros.
CREATE OR REPLACE FUNCTION koban.json_parts(_codes text[], _sums bigint[])
RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    _text text := '';
BEGIN
    FOR _place IN 1 .. cardinality(_codes) LOOP
        IF _sums[_place] > 0 THEN
            _text := _text || ',{"instrument":"' || _codes[_place] || '","amount":'
                || _sums[_place] || '}';
        END IF;
    END LOOP;
    RETURN '[' || substr(_text, 2) || ']';
END;
$$;

-- Sums by instrument as the receipt's last member, which only the payer's copy has.
CREATE OR REPLACE FUNCTION koban.json_balance(_codes text[], _sums bigint[])
RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    _text text := '';
BEGIN
    FOR _place IN 1 .. cardinality(_codes) LOOP
        _text := _text || ',"' || _codes[_place] || '":' || _sums[_place];
    END LOOP;
    RETURN ',"balance":{' || substr(_text, 2) || '}';
END;
$$;
