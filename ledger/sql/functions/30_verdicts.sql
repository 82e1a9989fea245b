-- Deciding one request. Everything here is a function of its arguments: koban.decide reads what a
-- decision needs before, and writes what follows from it after.

-- So many basis points of an amount, in whole units.
CREATE OR REPLACE FUNCTION koban.share(_amount bigint, _basis_points integer, _rounding text)
RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE _rounding
        WHEN 'down' THEN _amount * _basis_points / 10000
        WHEN 'up' THEN (_amount * _basis_points + 9999) / 10000
        ELSE (_amount * _basis_points + 5000) / 10000
    END
$$;

-- What a wallet can spend at an instant, by instrument.
CREATE OR REPLACE FUNCTION koban.spendable(
    _request koban.request, _rules koban.rules, _now timestamptz
) RETURNS bigint[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    _sums bigint[] := array_fill(0::bigint, ARRAY[cardinality(_rules.instruments)]);
    _place integer;
BEGIN
    FOR _i IN 1 .. cardinality(_request.lot_amounts) LOOP
        IF _request.lot_expiries[_i] > _now THEN
            _place := _request.lot_places[_i];
            _sums[_place] := _sums[_place] + _request.lot_amounts[_i];
        END IF;
    END LOOP;
    RETURN _sums;
END;
$$;

-- What a wallet has in one lot.
CREATE OR REPLACE FUNCTION koban.held(
    _request koban.request, _place integer, _expires_at timestamptz, _funder bigint
) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    FOR _i IN 1 .. cardinality(_request.lot_amounts) LOOP
        IF _request.lot_places[_i] = _place AND _request.lot_expiries[_i] = _expires_at
            AND _request.lot_funders[_i] = _funder THEN
            RETURN _request.lot_amounts[_i];
        END IF;
    END LOOP;
    RETURN 0;
END;
$$;

-- The most that somebody of a rank may give back at once; nothing without a rank.
CREATE OR REPLACE FUNCTION koban.reversal_max(_rules koban.rules, _rank koban.rank)
RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(
        _rules.reversal_maxes[array_position(enum_range(NULL::koban.rank), _rank)], 0)
$$;

-- The first reason, in order of precedence, not to carry out a request; 'done' when there is none.
-- Funds and duplicates, which only payments know, come after all of these.
CREATE OR REPLACE FUNCTION koban.refusal(
    _request koban.request, _rules koban.rules, _now timestamptz
) RETURNS koban.outcome LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    _by_code boolean := _request.kind IN ('charge', 'top_up');
    _left bigint;
BEGIN
    IF _request.kind IN ('pay', 'confirm') AND _request.wallet_state IS NULL THEN
        RETURN 'wallet_unknown';
    ELSIF _request.wallet_state <> 'open' AND _request.kind <> 'reverse' THEN
        RETURN 'wallet_frozen';
    END IF;

    IF _by_code THEN
        IF _request.code_purpose IS NULL THEN
            RETURN 'code_unknown';
        ELSIF _request.code_used_by IS NOT NULL THEN
            RETURN 'code_used';
        ELSIF _request.code_expires_at <= _now THEN
            RETURN 'code_expired';
        ELSIF (_request.code_purpose = 'pay') <> (_request.kind = 'charge') THEN
            RETURN 'code_wrong_purpose';
        END IF;
    END IF;

    IF _request.kind = 'confirm' AND _request.question_wallet IS DISTINCT FROM _request.wallet THEN
        RETURN 'payment_unknown';
    ELSIF _request.kind = 'reverse' AND _request.original_shop IS DISTINCT FROM _request.shop THEN
        RETURN 'payment_unknown';
    END IF;

    IF _request.shop_state IS NULL THEN
        RETURN 'shop_unknown';
    ELSIF _request.shop_state <> 'open' AND _request.kind <> 'reverse' THEN
        RETURN 'shop_closed';
    ELSIF _request.terminal IS NOT NULL AND _request.kind <> 'confirm'
        AND _request.terminal_state IS DISTINCT FROM 'enrolled' THEN
        RETURN 'terminal_revoked';
    END IF;

    IF _request.kind = 'confirm' THEN
        IF _request.question_answered THEN
            RETURN 'question_answered';
        ELSIF _request.question_at + _rules.question_ttl <= _now THEN
            RETURN 'question_expired';
        END IF;
    ELSIF _request.kind = 'reverse' THEN
        _left := _request.original_amount - _request.reversed_amount;
        IF _left = 0 THEN
            RETURN 'already_reversed';
        ELSIF _request.original_at + _rules.reversal_window <= _now THEN
            RETURN 'reversal_too_late';
        ELSIF _request.amount > _left THEN
            RETURN 'over_reversible';
        ELSIF _request.amount > koban.reversal_max(_rules, _request.rank) THEN
            RETURN 'over_clerk_limit';
        END IF;
    END IF;

    IF _request.amount IS NULL OR _request.amount < 1 THEN
        RETURN 'amount_required';
    ELSIF _by_code AND _request.amount <> _request.code_amount THEN
        RETURN 'amount_mismatch';
    END IF;

    IF _request.kind = 'top_up' THEN
        IF _request.amount > _rules.top_up_max THEN
            RETURN 'over_limit';
        ELSIF _request.amount < _rules.top_up_min THEN
            RETURN 'under_limit';
        ELSIF _request.amount % _rules.top_up_step <> 0 THEN
            RETURN 'off_step';
        ELSIF _request.amount + (
            SELECT sum(s) FROM unnest(koban.spendable(_request, _rules, _now)) s
        ) > _rules.balance_cap THEN
            RETURN 'over_balance_cap';
        END IF;
    ELSIF _request.kind <> 'reverse' AND _request.amount > _rules.payment_max THEN
        RETURN 'over_limit';
    END IF;
    RETURN 'done';
END;
$$;

-- What a reversal gives back: of the principal the last `amount` not yet given back, line by line
-- from the last (so what was spent last comes back first), to the same lots. Points granted with
-- the original go back to their fund in proportion, as far as they are still in their lot.
-- Null when the wallet no longer has what would have to be taken from it.
CREATE OR REPLACE FUNCTION koban.give_back(_request koban.request, _rules koban.rules)
RETURNS koban.draft[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    _draft koban.draft;
    _lot koban.value;
    _skip bigint := _request.reversed_amount;
    _needed bigint := _request.amount;
    _part bigint;
    _due bigint;
    _held bigint;
    _drafts koban.draft[] := '{}';
BEGIN
    FOR _line IN REVERSE cardinality(_request.original_postings) .. 1 LOOP
        _draft := _request.original_postings[_line];
        IF _draft.from_account = _request.shop OR _draft.to_account = _request.shop THEN
            _part := _draft.amount - least(_draft.amount, _skip);
            _skip := _skip - least(_draft.amount, _skip);
            _part := least(_part, _needed);
            _needed := _needed - _part;
        ELSE
            _due := _draft.amount * (_request.reversed_amount + _request.amount)
                / _request.original_amount;
            IF _request.reclaimed IS NOT NULL THEN
                FOREACH _lot IN ARRAY _request.reclaimed LOOP
                    IF (_lot.instrument, _lot.expires_at, _lot.funder)
                        = (_draft.instrument, _draft.expires_at, _draft.funder) THEN
                        _due := _due - _lot.amount;
                    END IF;
                END LOOP;
            END IF;
            _part := greatest(_due, 0);
        END IF;
        _held := koban.held(_request, array_position(_rules.instruments, _draft.instrument),
            _draft.expires_at, _draft.funder);
        IF _draft.to_account = _request.wallet AND _part > 0 THEN
            IF _draft.from_account = _request.shop AND _held < _part THEN
                RETURN NULL;
            END IF;
            _part := least(_part, _held);
        END IF;
        IF _part > 0 THEN
            _drafts := _drafts || ROW(
                _draft.to_account, _draft.from_account, _draft.instrument, _draft.expires_at,
                _draft.funder, _part, _held > 0)::koban.draft;
        END IF;
    END LOOP;
    RETURN _drafts;
END;
$$;

-- Decides one request. The receipt lacks its end (entry number, closing brace), which is known only
-- when the journal is written.
CREATE OR REPLACE FUNCTION koban.verdict(
    _request koban.request, _rules koban.rules, _now timestamptz, _now_ms bigint
) RETURNS koban.verdict LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    _outcome koban.outcome := koban.refusal(_request, _rules, _now);
    _kind text := CASE _request.kind
        WHEN 'top_up' THEN 'top_up' WHEN 'reverse' THEN 'reversal' ELSE 'payment' END;
    _postings koban.draft[] := '{}';
    _draft koban.draft;
    -- By instrument: what goes between wallet and shop, what goes back to the funds, what is left.
    _moved bigint[];
    _reclaimed bigint[];
    _left bigint[];
    _granted text := '';
    _needed bigint := _request.amount;
    _part bigint;
    _place integer;
    _detail text := '';
    _private text := ''; -- What a wallet holds is its owner's business, not the shop's.
    _told boolean;
BEGIN
    IF _outcome <> 'done' THEN
        _detail := CASE _outcome
            WHEN 'over_limit' THEN ',"limit":' || CASE _kind
                WHEN 'top_up' THEN _rules.top_up_max ELSE _rules.payment_max END
            WHEN 'under_limit' THEN ',"limit":' || _rules.top_up_min
            WHEN 'off_step' THEN ',"limit":' || _rules.top_up_step
            WHEN 'over_balance_cap' THEN ',"limit":' || _rules.balance_cap
            WHEN 'over_clerk_limit' THEN ',"limit":'
                || koban.reversal_max(_rules, _request.rank)
            WHEN 'over_reversible' THEN
                ',"left":' || _request.original_amount - _request.reversed_amount
            ELSE '' END;
    ELSIF _request.earlier IS NOT NULL AND _request.kind IN ('pay', 'charge') THEN
        _outcome := 'duplicate_suspected';
        _detail := ',"earlier":"' || _request.earlier || '","earlier_at":'
            || koban.json_time(_request.earlier_at);
    ELSE
        _left := koban.spendable(_request, _rules, _now);
        _moved := array_fill(0::bigint, ARRAY[cardinality(_left)]);
        IF _kind = 'payment' THEN
            -- Lots come in the order of spending; within an instrument the soonest expiry first.
            FOR _i IN 1 .. cardinality(_request.lot_amounts) LOOP
                EXIT WHEN _needed = 0;
                CONTINUE WHEN _request.lot_expiries[_i] <= _now;
                _place := _request.lot_places[_i];
                _part := least(_request.lot_amounts[_i], _needed);
                _needed := _needed - _part;
                _moved[_place] := _moved[_place] + _part;
                _left[_place] := _left[_place] - _part;
                _postings := _postings || ROW(
                    _request.wallet, _request.shop, _rules.instruments[_place],
                    _request.lot_expiries[_i], _request.lot_funders[_i], _part, true)::koban.draft;
            END LOOP;
            IF _needed > 0 THEN
                _outcome := 'insufficient_funds';
                _private := ',"available":' || _request.amount - _needed;
            END IF;
        ELSIF _kind = 'top_up' THEN
            _place := _rules.top_up_place;
            _moved[_place] := _request.amount;
            _left[_place] := _left[_place] + _request.amount;
            _postings := ARRAY[ROW(
                _request.shop, _request.wallet, _rules.instruments[_place],
                _rules.expiries[_place], _rules.user_fund, _request.amount,
                koban.held(_request, _place, _rules.expiries[_place], _rules.user_fund) > 0
            )::koban.draft];
        ELSE
            _postings := koban.give_back(_request, _rules);
            IF _postings IS NULL THEN
                _outcome := 'value_spent';
            END IF;
        END IF;
    END IF;

    IF _outcome = 'done' AND _kind = 'reversal' THEN
        _reclaimed := array_fill(0::bigint, ARRAY[cardinality(_left)]);
        FOREACH _draft IN ARRAY _postings LOOP
            _place := array_position(_rules.instruments, _draft.instrument);
            IF _request.shop IN (_draft.from_account, _draft.to_account) THEN
                _moved[_place] := _moved[_place] + _draft.amount;
            ELSE
                _reclaimed[_place] := _reclaimed[_place] + _draft.amount;
            END IF;
            IF _draft.expires_at > _now THEN
                _left[_place] := _left[_place] + CASE WHEN _draft.to_account = _request.wallet
                    THEN _draft.amount ELSE -_draft.amount END;
            END IF;
        END LOOP;
        _detail := ',"reclaimed":' || koban.json_parts(_rules.codes, _reclaimed) || ',"left":'
            || _request.original_amount - _request.reversed_amount - _request.amount;
    ELSIF _outcome = 'done' THEN
        FOR _rule IN 1 .. cardinality(_rules.grant_triggers) LOOP
            CONTINUE WHEN _rules.grant_triggers[_rule] <> _kind;
            _part := koban.share(_moved[_rules.grant_sources[_rule]],
                _rules.grant_basis_points[_rule], _rules.grant_roundings[_rule]);
            CONTINUE WHEN _part = 0;
            _place := _rules.grant_places[_rule];
            _left[_place] := _left[_place] + _part;
            _postings := _postings || ROW(
                _rules.grant_funders[_rule], _request.wallet, _rules.instruments[_place],
                _rules.expiries[_place], _rules.grant_funders[_rule], _part,
                koban.held(_request, _place, _rules.expiries[_place],
                    _rules.grant_funders[_rule]) > 0)::koban.draft;
            _granted := _granted || ',{"instrument":"' || _rules.codes[_place]
                || '","amount":' || _part
                || ',"expires_at":' || koban.json_time(_rules.expiries[_place]) || '}';
        END LOOP;
        _detail := ',"granted":[' || substr(_granted, 2) || ']';
    END IF;
    IF _outcome = 'done' THEN
        _detail := ',"parts":' || koban.json_parts(_rules.codes, _moved) || _detail;
        _private := koban.json_balance(_rules.codes, _left);
    END IF;

    _told := _outcome IN ('done', 'duplicate_suspected');
    RETURN ROW(
        _request.n, _request.id, _request.request_digest, _outcome, _kind,
        _request.wallet, _request.shop, _request.terminal, _request.amount, _request.refers,
        _request.reason, _request.code_digest, _request.kind IN ('pay', 'confirm'), _told,
        CASE WHEN _outcome = 'done' THEN _postings END,
        koban.receipt_head(_request, _kind, _outcome, _now_ms) || _detail, _private,
        CASE WHEN _told THEN _request.wallet_seq + 1 END,
        CASE WHEN _told THEN _request.shop ELSE 0 END
    )::koban.verdict;
END;
$$;
