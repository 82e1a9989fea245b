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

-- What a wallet can spend at an instant.
CREATE OR REPLACE FUNCTION koban.spendable(_lots koban.value[], _now timestamptz)
RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    _lot koban.value;
    _sum bigint := 0;
BEGIN
    FOREACH _lot IN ARRAY _lots LOOP
        IF _lot.expires_at > _now THEN
            _sum := _sum + _lot.amount;
        END IF;
    END LOOP;
    RETURN _sum;
END;
$$;

-- What a wallet has in one lot.
CREATE OR REPLACE FUNCTION koban.held(
    _lots koban.value[], _instrument smallint, _expires_at timestamptz, _funder bigint
) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    _lot koban.value;
BEGIN
    FOREACH _lot IN ARRAY _lots LOOP
        IF _lot.instrument = _instrument AND _lot.expires_at = _expires_at
            AND _lot.funder = _funder THEN
            RETURN _lot.amount;
        END IF;
    END LOOP;
    RETURN 0;
END;
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
        ELSIF _request.amount > _rules.clerk_reversal_max AND NOT _request.manager THEN
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
        ELSIF koban.spendable(_request.lots, _now) + _request.amount > _rules.balance_cap THEN
            RETURN 'over_balance_cap';
        END IF;
    ELSIF _request.kind <> 'reverse' AND _request.amount > _rules.payment_max THEN
        RETURN 'over_limit';
    END IF;
    RETURN 'done';
END;
$$;

-- The value taken from the wallet's lots for a payment: lots are in order of spending, and within an
-- instrument the soonest expiry goes first. Null when there is not enough.
CREATE OR REPLACE FUNCTION koban.take(_request koban.request, _now timestamptz)
RETURNS koban.draft[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    _lot koban.value;
    _needed bigint := _request.amount;
    _drafts koban.draft[] := '{}';
BEGIN
    FOREACH _lot IN ARRAY _request.lots LOOP
        EXIT WHEN _needed = 0;
        CONTINUE WHEN _lot.expires_at <= _now;
        _drafts := _drafts || ROW(
            _request.wallet, _request.shop, _lot.instrument, _lot.expires_at, _lot.funder,
            least(_lot.amount, _needed), true)::koban.draft;
        _needed := _needed - least(_lot.amount, _needed);
    END LOOP;
    RETURN CASE WHEN _needed = 0 THEN _drafts END;
END;
$$;

-- The points granted for what the drafts moved.
CREATE OR REPLACE FUNCTION koban.grants(
    _trigger text, _request koban.request, _drafts koban.draft[], _rules koban.rules
) RETURNS koban.draft[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    _term koban.grant_term;
    _draft koban.draft;
    _instrument koban.instrument_rule;
    _sum bigint;
    _granted koban.draft[] := '{}';
BEGIN
    IF _rules.grants IS NULL THEN
        RETURN _granted;
    END IF;
    FOREACH _term IN ARRAY _rules.grants LOOP
        CONTINUE WHEN _term.trigger <> _trigger;
        _sum := 0;
        FOREACH _draft IN ARRAY _drafts LOOP
            IF _draft.instrument = _term.source THEN
                _sum := _sum + _draft.amount;
            END IF;
        END LOOP;
        _sum := koban.share(_sum, _term.basis_points, _term.rounding);
        CONTINUE WHEN _sum = 0;
        FOREACH _instrument IN ARRAY _rules.instruments LOOP
            IF _instrument.instrument = _term.instrument THEN
                _granted := _granted || ROW(
                    _term.funder, _request.wallet, _term.instrument, _instrument.expires_at,
                    _term.funder, _sum,
                    koban.held(_request.lots, _term.instrument, _instrument.expires_at,
                        _term.funder) > 0)::koban.draft;
            END IF;
        END LOOP;
    END LOOP;
    RETURN _granted;
END;
$$;

-- What a reversal gives back: of the principal the last `amount` not yet given back, line by line
-- from the last (so what was spent last comes back first), to the same lots. Points granted with
-- the original go back to their fund in proportion, as far as they are still in their lot.
-- Null when the wallet no longer has what would have to be taken from it.
CREATE OR REPLACE FUNCTION koban.give_back(_request koban.request)
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
        _held := koban.held(
            _request.lots, _draft.instrument, _draft.expires_at, _draft.funder);
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
    _principal koban.draft[];
    _granted koban.draft[] := '{}';
    _instrument koban.instrument_rule;
    _detail text := '';
    _told boolean;
    _private text := ''; -- What a wallet holds is its owner's business, not the shop's.
BEGIN
    IF _outcome <> 'done' THEN
        _detail := CASE _outcome
            WHEN 'over_limit' THEN ',"limit":' || CASE _kind
                WHEN 'top_up' THEN _rules.top_up_max ELSE _rules.payment_max END
            WHEN 'under_limit' THEN ',"limit":' || _rules.top_up_min
            WHEN 'off_step' THEN ',"limit":' || _rules.top_up_step
            WHEN 'over_balance_cap' THEN ',"limit":' || _rules.balance_cap
            WHEN 'over_clerk_limit' THEN ',"limit":' || _rules.clerk_reversal_max
            WHEN 'over_reversible' THEN
                ',"left":' || _request.original_amount - _request.reversed_amount
            ELSE '' END;
    ELSIF _kind = 'payment' THEN
        IF _request.earlier IS NOT NULL AND _request.kind <> 'confirm' THEN
            _outcome := 'duplicate_suspected';
            _detail := ',"earlier":"' || _request.earlier || '","earlier_at":'
                || koban.json_time(_request.earlier_at);
        ELSE
            _principal := koban.take(_request, _now);
            IF _principal IS NULL THEN
                _outcome := 'insufficient_funds';
                _private := ',"available":' || koban.spendable(_request.lots, _now);
            ELSE
                _granted := koban.grants('payment', _request, _principal, _rules);
            END IF;
        END IF;
    ELSIF _kind = 'top_up' THEN
        FOREACH _instrument IN ARRAY _rules.instruments LOOP
            IF _instrument.instrument = _rules.top_up_instrument THEN
                _principal := ARRAY[ROW(
                    _request.shop, _request.wallet, _instrument.instrument, _instrument.expires_at,
                    _rules.user_fund, _request.amount,
                    koban.held(_request.lots, _instrument.instrument, _instrument.expires_at,
                        _rules.user_fund) > 0)::koban.draft];
            END IF;
        END LOOP;
        _granted := koban.grants('top_up', _request, _principal, _rules);
    ELSE
        _principal := koban.give_back(_request);
        IF _principal IS NULL THEN
            _outcome := 'value_spent';
        ELSE
            _detail := ',"left":'
                || _request.original_amount - _request.reversed_amount - _request.amount;
        END IF;
    END IF;

    IF _outcome = 'done' THEN
        _detail := ',"parts":' || koban.json_parts(_principal, _rules, _request.shop, true)
            || CASE WHEN _kind = 'reversal'
                THEN ',"reclaimed":' || koban.json_parts(_principal, _rules, _request.shop, false)
                ELSE ',"granted":' || koban.json_granted(_granted, _rules) END
            || _detail;
        _granted := _principal || _granted;
        _private := koban.json_balance(_request.wallet, _request.lots, _granted, _rules, _now);
    END IF;
    _told := _outcome IN ('done', 'duplicate_suspected');
    RETURN ROW(
        _request.n, _request.id, _request.request_digest, _outcome, _kind,
        _request.wallet, _request.shop, _request.terminal, _request.amount, _request.refers,
        _request.reason, _request.code_digest, _request.kind IN ('pay', 'confirm'), _told,
        _granted,
        koban.receipt_head(_request, _kind, _outcome, _now_ms) || _detail, _private,
        CASE WHEN _told THEN _request.wallet_seq + 1 END,
        CASE WHEN _told THEN _request.shop ELSE 0 END
    )::koban.verdict;
END;
$$;
