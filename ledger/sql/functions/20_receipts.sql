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
        || CASE WHEN _request.shop_name IS NULL THEN ''
            ELSE ',"shop":' || _request.shop || ',"shop_name":' || _request.shop_name END
        || coalesce(',"terminal":' || _request.terminal, '')
        || coalesce(',"refers":"' || _request.refers || '"', '');
END;
$$;

-- What the drafts moved between the wallet and the shop (`_of_shop`), or between the wallet and the
-- funds, as a list of parts by instrument: [{"instrument":"coin","amount":800}].
CREATE OR REPLACE FUNCTION koban.json_parts(
    _drafts koban.draft[], _rules koban.rules, _shop bigint, _of_shop boolean
) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    _instrument koban.instrument_rule;
    _draft koban.draft;
    _sum bigint;
    _text text := '';
BEGIN
    FOREACH _instrument IN ARRAY _rules.instruments LOOP
        _sum := 0;
        FOREACH _draft IN ARRAY _drafts LOOP
            IF _draft.instrument = _instrument.instrument
                AND (_shop IN (_draft.from_account, _draft.to_account)) = _of_shop THEN
                _sum := _sum + _draft.amount;
            END IF;
        END LOOP;
        IF _sum > 0 THEN
            _text := _text || ',{"instrument":"' || _instrument.code || '","amount":' || _sum || '}';
        END IF;
    END LOOP;
    RETURN '[' || substr(_text, 2) || ']';
END;
$$;

-- The points that came with a payment or a top-up, with the instant each of them ends.
CREATE OR REPLACE FUNCTION koban.json_granted(_granted koban.draft[], _rules koban.rules)
RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    _draft koban.draft;
    _instrument koban.instrument_rule;
    _text text := '';
BEGIN
    FOREACH _draft IN ARRAY _granted LOOP
        FOREACH _instrument IN ARRAY _rules.instruments LOOP
            IF _instrument.instrument = _draft.instrument THEN
                _text := _text || ',{"instrument":"' || _instrument.code
                    || '","amount":' || _draft.amount
                    || ',"expires_at":' || koban.json_time(_draft.expires_at) || '}';
            END IF;
        END LOOP;
    END LOOP;
    RETURN '[' || substr(_text, 2) || ']';
END;
$$;

-- The balance by instrument after the drafts, as the last member of the wallet's copy of a receipt.
CREATE OR REPLACE FUNCTION koban.json_balance(
    _wallet bigint, _lots koban.value[], _drafts koban.draft[], _rules koban.rules, _now timestamptz
) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    _instrument koban.instrument_rule;
    _lot koban.value;
    _draft koban.draft;
    _sum bigint;
    _text text := '';
BEGIN
    FOREACH _instrument IN ARRAY _rules.instruments LOOP
        _sum := 0;
        FOREACH _lot IN ARRAY _lots LOOP
            IF _lot.instrument = _instrument.instrument AND _lot.expires_at > _now THEN
                _sum := _sum + _lot.amount;
            END IF;
        END LOOP;
        FOREACH _draft IN ARRAY _drafts LOOP
            IF _draft.instrument = _instrument.instrument AND _draft.expires_at > _now THEN
                _sum := _sum + CASE WHEN _draft.to_account = _wallet
                    THEN _draft.amount ELSE -_draft.amount END;
            END IF;
        END LOOP;
        _text := _text || ',"' || _instrument.code || '":' || _sum;
    END LOOP;
    RETURN ',"balance":{' || substr(_text, 2) || '}';
END;
$$;
