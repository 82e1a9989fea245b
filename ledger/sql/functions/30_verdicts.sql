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

-- What a wallet has at an instant, by instrument (so many of them); what has expired it no longer
-- has.
CREATE OR REPLACE FUNCTION koban.unexpired(
    _count integer, _places integer[], _ends timestamptz[], _amounts bigint[], _now timestamptz
) RETURNS bigint[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    _sums bigint[] := array_fill(0::bigint, ARRAY[_count]);
BEGIN
    FOR _i IN 1 .. cardinality(_amounts) LOOP
        IF _ends[_i] > _now THEN
            _sums[_places[_i]] := _sums[_places[_i]] + _amounts[_i];
        END IF;
    END LOOP;
    RETURN _sums;
END;
$$;

-- How much of each instrument may be used for this request, of the `_has` that the wallet has. What
-- keeps some from use is told where not enough is left.
CREATE OR REPLACE FUNCTION koban.usable(
    _request koban.request, _rules koban.rules, _has bigint[],
    OUT sums bigint[], OUT hindrance koban.outcome
) LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    _way integer := array_position(_rules.way_codes, _request.way);
    _only integer;
BEGIN
    sums := _has;
    _request.amount := _request.amount - koban.total(_request.coupon_amounts);
    FOR _i IN 1 .. coalesce(cardinality(_request.hold_amounts), 0) LOOP
        sums[_request.hold_places[_i]] :=
            greatest(sums[_request.hold_places[_i]] - _request.hold_amounts[_i], 0);
        hindrance := 'value_held';
    END LOOP;
    FOR _place IN 1 .. cardinality(sums) LOOP
        CONTINUE WHEN sums[_place] = 0;
        IF _request.kind = 'send' THEN
            IF NOT _rules.sendable[_place] THEN
                sums[_place] := 0;
            END IF;
        ELSIF _request.kind = 'unload' THEN
            IF _place <> _rules.way_places[_way] THEN
                sums[_place] := 0;
            END IF;
        ELSIF _rules.groups[_place] IS NOT NULL
            AND NOT _rules.groups[_place]::text[] && coalesce(_request.shop_groups, '{}') THEN
            sums[_place] := 0;
            hindrance := 'not_accepted_here';
        ELSE
            -- No change is given: as many whole tickets as fit into the amount.
            IF least(sums[_place], _request.amount) % _rules.units[_place] <> 0 THEN
                hindrance := coalesce(hindrance, 'ticket_remainder');
            END IF;
            IF NOT _rules.mixes[_place] THEN
                IF _only IS NULL AND sums[_place] >= _request.amount
                    AND _request.amount % _rules.units[_place] = 0 THEN
                    _only := _place;
                ELSE
                    sums[_place] := 0;
                    hindrance := coalesce(hindrance, 'ticket_remainder');
                END IF;
            END IF;
        END IF;
    END LOOP;
    IF _only IS NOT NULL THEN
        FOR _place IN 1 .. cardinality(sums) LOOP
            IF _place <> _only THEN
                sums[_place] := 0;
            END IF;
        END LOOP;
    ELSIF (SELECT sum(s) FROM unnest(sums) s) >= _request.amount THEN
        hindrance := 'ticket_remainder'; -- Enough may be used; only tickets can keep it from fitting.
    END IF;
END;
$$;

-- What a wallet has in one lot.
CREATE OR REPLACE FUNCTION koban.held(
    _places integer[], _expiries timestamptz[], _funders bigint[], _amounts bigint[],
    _place integer, _expires_at timestamptz, _funder bigint
) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    FOR _i IN 1 .. cardinality(_amounts) LOOP
        IF _places[_i] = _place AND _expiries[_i] = _expires_at AND _funders[_i] = _funder THEN
            RETURN _amounts[_i];
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

-- The sum of a list; 0 of none.
CREATE OR REPLACE FUNCTION koban.total(_amounts bigint[])
RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(sum(a), 0)::bigint FROM unnest(_amounts) a
$$;

-- The first reason, in order of precedence, not to carry out a request; 'done' when there is none.
-- What keeps its own activity or coupons from it is known before (`hindrance`); funds and duplicates,
-- which only payments know, come after all of these.
CREATE OR REPLACE FUNCTION koban.refusal(
    _request koban.request, _rules koban.rules, _now timestamptz
) RETURNS koban.outcome LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    _left bigint;
BEGIN
    IF _request.wallet_state IS NULL
        AND _request.kind NOT IN ('charge', 'top_up', 'issue', 'reverse', 'reclaim')
        AND (_request.kind <> 'grant' OR _request.code_digest IS NULL) THEN
        RETURN 'wallet_unknown';
    ELSIF _request.wallet_state <> 'open'
        AND _request.kind NOT IN ('reverse', 'reclaim', 'expire') THEN
        RETURN 'wallet_frozen';
    END IF;

    IF _request.kind IN ('charge', 'top_up', 'redeem', 'issue')
        OR _request.kind = 'grant' AND _request.code_digest IS NOT NULL THEN
        IF _request.code_purpose IS NULL THEN
            RETURN 'code_unknown';
        ELSIF _request.code_used_by IS NOT NULL THEN
            RETURN 'code_used';
        ELSIF _request.code_expires_at <= _now THEN
            RETURN 'code_expired';
        ELSIF _request.code_purpose <> (CASE WHEN _request.kind IN ('top_up', 'redeem')
            THEN _request.kind ELSE 'pay' END) THEN
            RETURN 'code_wrong_purpose';
        END IF;
    END IF;

    IF _request.kind = 'confirm' AND _request.question_wallet IS DISTINCT FROM _request.wallet THEN
        RETURN 'payment_unknown';
    ELSIF _request.kind IN ('reverse', 'reclaim')
        AND _request.original_shop IS DISTINCT FROM _request.shop THEN
        RETURN 'payment_unknown';
    ELSIF _request.kind = 'expire' THEN
        RETURN 'done';
    END IF;

    IF _request.kind IN ('load', 'redeem', 'unload') THEN
        RETURN koban.refusal_of_way(_request, _rules, _now);
    ELSIF _request.shop_state IS NULL THEN
        RETURN CASE WHEN _request.kind IN ('send', 'give') THEN 'recipient_unknown'
            ELSE 'shop_unknown' END;
    ELSIF _request.shop_state <> 'open' AND _request.kind <> 'reverse' THEN
        RETURN CASE WHEN _request.kind IN ('send', 'give') THEN 'recipient_unknown'
            ELSE 'shop_closed' END;
    ELSIF _request.kind = 'send' AND _request.shop = _request.wallet THEN
        RETURN 'recipient_unknown';
    ELSIF _request.kind = 'send' AND _rules.send_act_max IS NULL THEN
        RETURN 'not_sendable';
    ELSIF _request.terminal IS NOT NULL AND _request.kind <> 'confirm'
        AND _request.terminal_state IS DISTINCT FROM 'enrolled' THEN
        RETURN 'terminal_revoked';
    ELSIF _request.kind IN ('grant', 'issue') THEN
        RETURN 'done';
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
    ELSIF _request.kind = 'reclaim' THEN
        RETURN CASE WHEN _request.original_amount = _request.reversed_amount
            THEN 'already_reversed' WHEN _request.amount = 0 THEN 'value_spent' ELSE 'done' END;
    END IF;

    IF _request.amount IS NULL OR _request.amount < 1 THEN
        RETURN 'amount_required';
    ELSIF _request.kind IN ('charge', 'top_up') AND _request.amount <> _request.code_amount THEN
        RETURN 'amount_mismatch';
    END IF;

    IF _request.kind = 'top_up' THEN
        RETURN koban.refusal_of_way(_request, _rules, _now);
    ELSIF _request.kind = 'send' THEN
        RETURN koban.refusal_of_sending(_request, _rules);
    ELSIF _request.kind <> 'reverse' AND _request.amount > _rules.payment_max THEN
        RETURN 'over_limit';
    END IF;
    RETURN 'done';
END;
$$;

-- The same for value that comes in or goes out by one of the town's ways.
CREATE OR REPLACE FUNCTION koban.refusal_of_way(
    _request koban.request, _rules koban.rules, _now timestamptz
) RETURNS koban.outcome LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    _way integer := array_position(_rules.way_codes, _request.way);
BEGIN
    IF _way IS NULL OR (_request.kind = 'unload' AND NOT _rules.way_outwards[_way])
        OR (_rules.way_kinds[_way] = 'shop') <> (_request.kind = 'top_up')
        OR (_rules.way_kinds[_way] = 'serial') <> (_request.kind = 'redeem')
        OR (_request.kind IN ('load', 'unload')
            AND _request.shop IS DISTINCT FROM _rules.way_accounts[_way]) THEN
        RETURN 'way_unknown';
    ELSIF _request.kind <> 'unload' AND _rules.expiries[_rules.way_places[_way]] <= _now THEN
        RETURN 'way_unknown'; -- What it sells has had its last day.
    ELSIF _request.amount IS NULL OR _request.amount < 1 THEN
        RETURN 'amount_required';
    ELSIF _request.amount > _rules.way_mosts[_way] THEN
        RETURN 'over_limit';
    ELSIF _request.amount < _rules.way_leasts[_way] THEN
        RETURN 'under_limit';
    ELSIF _request.amount % _rules.way_steps[_way] <> 0 THEN
        RETURN 'off_step';
    ELSIF _request.moved_day + _request.amount > _rules.way_day_maxes[_way] THEN
        RETURN 'over_day_limit';
    ELSIF _request.moved_month + _request.amount > _rules.way_month_maxes[_way] THEN
        RETURN 'over_month_limit';
    ELSIF _request.opened_at + _rules.way_young_ages[_way] > _now
        AND _request.moved_day + _request.amount > _rules.way_young_day_maxes[_way] THEN
        RETURN 'account_too_new';
    ELSIF _request.kind <> 'unload' AND _rules.way_rights[_way]
        AND _request.right_offer IS NULL THEN
        RETURN 'right_required';
    ELSIF _request.kind <> 'unload' AND _rules.way_rights[_way]
        AND _request.amount > _request.right_left THEN
        RETURN 'over_right';
    ELSIF _request.kind <> 'unload' AND _request.amount + (
        SELECT sum(s) FROM unnest(koban.unexpired(cardinality(_rules.codes), _request.lot_places,
            _request.lot_ends, _request.lot_amounts, _now)) s
    ) > _rules.balance_cap THEN
        RETURN 'over_balance_cap';
    END IF;
    RETURN 'done';
END;
$$;

-- The same between people (資金決済法 sets the bounds within which a town sets its own).
CREATE OR REPLACE FUNCTION koban.refusal_of_sending(_request koban.request, _rules koban.rules)
RETURNS koban.outcome LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF _request.amount > _rules.send_act_max THEN
        RETURN 'over_limit';
    ELSIF _request.moved_day + _request.amount > _rules.send_day_max THEN
        RETURN 'over_day_limit';
    ELSIF _request.moved_month + _request.amount > _rules.send_month_max THEN
        RETURN 'over_month_limit';
    END IF;
    RETURN 'done';
END;
$$;

-- The whole units of an amount that belong to a part of the whole.
CREATE OR REPLACE FUNCTION koban.proportion(
    _amount bigint, _part bigint, _whole bigint, _unit bigint
) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT _amount * _part / _whole - _amount * _part / _whole % coalesce(_unit, 1)
$$;

-- What a reversal gives back: of the principal the last `amount` not yet given back, line by line
-- from the last (so what was spent last comes back first), to the same lots. Points granted with
-- the original go back to their fund in proportion, as far as they are still in their lot.
-- Points already spent are their fund's loss, block the reversal, or are owed from then on, as the
-- profile says; points that were withheld for a debt are owed again. Value that has expired
-- meanwhile comes back as it was, or for some days more.
-- No drafts but a hindrance when the wallet no longer has what would have to be taken from it, or
-- when a ticket would have to be torn.
-- A coupon's value only passes through: what goes back of it goes through the wallet to its fund.
CREATE OR REPLACE FUNCTION koban.give_back(
    _request koban.request, _rules koban.rules, _now timestamptz,
    OUT drafts koban.draft[], OUT debts koban.value[], OUT hindrance koban.outcome
) LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    _draft koban.draft;
    _lot koban.value;
    _reversed bigint := _request.reversed_amount + _request.amount;
    _place integer;
    _unit bigint;
    _skip bigint := _request.reversed_amount;
    _needed bigint := _request.amount;
    _part bigint;
    _due bigint;
    _has bigint;
    _held bigint;
    _expires_at timestamptz;
BEGIN
    drafts := '{}';
    FOR _line IN REVERSE cardinality(_request.original_postings) .. 1 LOOP
        _draft := _request.original_postings[_line];
        _place := array_position(_rules.instruments, _draft.instrument);
        _unit := _rules.units[_place];
        IF _draft.from_account = _request.shop OR _draft.to_account = _request.shop THEN
            _part := _draft.amount - least(_draft.amount, _skip);
            _skip := _skip - least(_draft.amount, _skip);
            _part := least(_part, _needed);
            _needed := _needed - _part;
            IF _part % _unit <> 0 THEN
                drafts := NULL;
                hindrance := 'ticket_remainder';
                RETURN;
            END IF;
        ELSIF _draft.from_account = _request.wallet THEN
            _part := 0; -- What had expired by disuse stays expired.
        ELSIF _rules.transient[_place] THEN
            NULL; -- As much as the line before, by which the coupon paid the shop.
        ELSE
            -- Two rules may have granted into one lot: what went back before counts once.
            _part := koban.proportion(_draft.amount, _reversed, _request.original_amount, _unit);
            FOR _i IN 1 .. cardinality(_request.reclaimed) LOOP
                _lot := _request.reclaimed[_i];
                IF (_lot.instrument, _lot.expires_at, _lot.funder)
                    = (_draft.instrument, _draft.expires_at, _draft.funder) THEN
                    _due := least(_part, _lot.amount);
                    _part := _part - _due;
                    _request.reclaimed[_i].amount := _lot.amount - _due;
                END IF;
            END LOOP;
        END IF;
        CONTINUE WHEN _part = 0;
        IF _rules.transient[_place] THEN
            drafts := drafts || ROW(
                _draft.to_account, _draft.from_account, _draft.instrument, _draft.expires_at,
                _draft.funder, _part, NULL)::koban.draft;
            CONTINUE;
        END IF;
        _expires_at := _draft.expires_at;
        IF _draft.from_account = _request.wallet AND _expires_at <= _now THEN
            _expires_at := coalesce(_rules.extended_expiry, _expires_at);
        END IF;
        _has := koban.held(_request.lot_places, _request.lot_expiries, _request.lot_funders,
            _request.lot_amounts, _place, _expires_at, _draft.funder);
        _held := _has - coalesce((
            SELECT sum(d.amount) FROM unnest(drafts) d
            WHERE d.from_account = _request.wallet AND (d.instrument, d.expires_at, d.funder)
                = (_draft.instrument, _expires_at, _draft.funder)), 0);
        IF _draft.to_account = _request.wallet AND _held < _part THEN
            IF _draft.from_account = _request.shop OR _rules.spent_grants = 'block' THEN
                drafts := NULL;
                hindrance := 'value_spent';
                RETURN;
            ELSIF _rules.spent_grants = 'debt' THEN
                debts := debts || ROW(_draft.instrument, _draft.expires_at, _draft.funder,
                    _part - _held)::koban.value;
            END IF;
            _part := _held;
            CONTINUE WHEN _part = 0;
        END IF;
        drafts := drafts || ROW(
            _draft.to_account, _draft.from_account, _draft.instrument, _expires_at,
            _draft.funder, _part, _has > 0)::koban.draft;
    END LOOP;
    FOREACH _lot IN ARRAY _request.withheld LOOP
        _unit := _rules.units[array_position(_rules.instruments, _lot.instrument)];
        _lot.amount := koban.proportion(_lot.amount, _reversed, _request.original_amount, _unit)
            - koban.proportion(
                _lot.amount, _request.reversed_amount, _request.original_amount, _unit);
        IF _lot.amount > 0 THEN
            debts := debts || _lot;
        END IF;
    END LOOP;
END;
$$;

-- Decides one request. The receipt lacks its end (entry number, closing brace), which is known only
-- when the journal is written.
CREATE OR REPLACE FUNCTION koban.verdict(
    _request koban.request, _rules koban.rules, _campaigns koban.campaign[], _now timestamptz,
    _now_ms bigint
) RETURNS koban.verdict LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    _outcome koban.outcome := coalesce(
        least(nullif(koban.refusal(_request, _rules, _now), 'done'), _request.hindrance), 'done');
    _kind text := CASE WHEN _request.kind IN ('pay', 'charge', 'confirm') THEN 'payment'
        WHEN _request.kind IN ('top_up', 'load', 'redeem') THEN 'top_up'
        WHEN _request.kind IN ('reverse', 'reclaim') THEN 'reversal'
        WHEN _request.kind = 'give' THEN 'gift' WHEN _request.kind = 'unload' THEN 'exchange'
        WHEN _request.kind = 'expire' THEN 'expiry' ELSE _request.kind END;
    _way integer;
    _postings koban.draft[] := '{}';
    _debts koban.value[] := '{}';
    _draft koban.draft;
    -- By instrument: what goes between wallet and the other party, what goes back to the funds, what
    -- may be used, what is left.
    _moved bigint[];
    _reclaimed bigint[];
    _usable bigint[];
    _left bigint[];
    _hindrance koban.outcome;
    _gifts koban.gift[] := '{}';
    _gift koban.gift;
    _plain boolean; -- Everything the wallet has is spent just like money.
    _granted text := '';
    _rule integer := 0; -- The town's grant rules are counted first, then what campaigns give.
    _fund bigint;
    _needed bigint := _request.amount;
    _part bigint;
    _place integer;
    _hold_until timestamptz;
    _detail text := '';
    _private text := ''; -- What a wallet holds is its owner's business, not the shop's.
    _told boolean;
BEGIN
    IF _outcome = 'done' AND _request.earlier IS NOT NULL AND _request.kind IN ('pay', 'charge') THEN
        _outcome := 'duplicate_suspected';
        _detail := coalesce(',"coupons":' || array_to_json(_request.coupons)::text, '')
            || ',"earlier":"' || _request.earlier || '","earlier_at":'
            || koban.json_time(_request.earlier_at);
    ELSIF _outcome = 'done' THEN
        _left := koban.unexpired(cardinality(_rules.codes), _request.lot_places,
            _request.lot_ends, _request.lot_amounts, _now);
        _moved := array_fill(0::bigint, ARRAY[cardinality(_left)]);
        IF _kind = 'top_up' THEN
            _way := array_position(_rules.way_codes, _request.way);
            _place := _rules.way_places[_way];
            _moved[_place] := _request.amount;
            _left[_place] := _left[_place] + _request.amount;
            _postings := ARRAY[ROW(
                _request.shop, _request.wallet, _rules.instruments[_place],
                _rules.expiries[_place], _rules.way_funders[_way], _request.amount,
                koban.held(_request.lot_places, _request.lot_expiries, _request.lot_funders,
                    _request.lot_amounts, _place, _rules.expiries[_place],
                    _rules.way_funders[_way]) > 0
            )::koban.draft];
            IF _rules.way_holds[_way] > '0' THEN
                _hold_until := _now + _rules.way_holds[_way];
            END IF;
        ELSIF _kind = 'reversal' THEN
            SELECT g.drafts, g.debts, coalesce(g.hindrance, 'done')
            INTO _postings, _debts, _outcome
            FROM koban.give_back(_request, _rules, _now) g;
        ELSIF _kind IN ('grant', 'issue') THEN
            _place := coalesce(_request.grant_place, _rules.issue_place);
            _moved[_place] := _request.amount;
            IF _kind = 'issue' AND cardinality(_campaigns) > 0 THEN
                _gifts := koban.gifts(_request, _rules, _campaigns, _kind, _moved, _now);
                FOREACH _gift IN ARRAY _gifts LOOP
                    CONTINUE WHEN _gift.fund IS NOT NULL;
                    _request.amount := _request.amount + _gift.amount; -- The shop's own.
                END LOOP;
                _moved[_place] := _request.amount;
            END IF;
            _left[_place] := _left[_place] + _request.amount;
            _fund := CASE _kind WHEN 'issue' THEN _rules.issue_funder ELSE _request.shop END;
            _postings := ARRAY[ROW(
                _request.shop, _request.wallet, _rules.instruments[_place],
                _rules.expiries[_place], _fund, _request.amount,
                koban.held(_request.lot_places, _request.lot_expiries, _request.lot_funders,
                    _request.lot_amounts, _place, _rules.expiries[_place], _fund) > 0
            )::koban.draft];
        ELSIF _kind = 'expiry' THEN
            _postings := koban.expired(_request, _rules, _now);
            _request.amount := 0;
            FOREACH _draft IN ARRAY _postings LOOP
                _place := array_position(_rules.instruments, _draft.instrument);
                _moved[_place] := _moved[_place] + _draft.amount;
                _request.amount := _request.amount + _draft.amount;
            END LOOP;
            IF _request.amount = 0 THEN
                _outcome := 'nothing_expired';
            END IF;
        ELSE
            FOR _i IN 1 .. coalesce(cardinality(_request.coupon_amounts), 0) LOOP
                _part := _request.coupon_amounts[_i];
                _place := _request.coupon_places[_i];
                _needed := _needed - _part;
                _moved[_place] := _moved[_place] + _part;
                _rules.budget_lefts := koban.budgets_less(
                    _rules, _request.coupon_funds[_i], _part - _request.coupon_reserves[_i]);
                _postings := _postings || ROW(
                    _request.coupon_funds[_i], _request.wallet, _rules.instruments[_place],
                    'infinity', _request.coupon_funds[_i], _part, NULL)::koban.draft || ROW(
                    _request.wallet, _request.shop, _rules.instruments[_place],
                    'infinity', _request.coupon_funds[_i], _part, NULL)::koban.draft;
            END LOOP;
            _usable := _left;
            _plain := _kind = 'payment' AND _request.hold_amounts IS NULL;
            IF true = ANY (_rules.bounded) THEN
                FOR _i IN 1 .. cardinality(_left) LOOP
                    EXIT WHEN NOT _plain;
                    _plain := _left[_i] = 0 OR NOT _rules.bounded[_i];
                END LOOP;
            END IF;
            IF NOT _plain THEN
                SELECT u.sums, u.hindrance INTO _usable, _hindrance
                FROM koban.usable(_request, _rules, _left) u;
            END IF;
            -- Lots come in the order of spending; within an instrument the soonest expiry first.
            FOR _i IN 1 .. cardinality(_request.lot_amounts) LOOP
                EXIT WHEN _needed = 0;
                _place := _request.lot_places[_i];
                CONTINUE WHEN _usable[_place] = 0 OR _request.lot_ends[_i] <= _now;
                _part := least(_request.lot_amounts[_i], _usable[_place], _needed);
                IF _rules.units[_place] > 1 THEN
                    _part := _part - _part % _rules.units[_place];
                    CONTINUE WHEN _part = 0;
                END IF;
                _needed := _needed - _part;
                _moved[_place] := _moved[_place] + _part;
                _usable[_place] := _usable[_place] - _part;
                _left[_place] := _left[_place] - _part;
                _postings := _postings || ROW(
                    _request.wallet, _request.shop, _rules.instruments[_place],
                    _request.lot_expiries[_i], _request.lot_funders[_i], _part, true)::koban.draft;
            END LOOP;
            IF _needed > 0 THEN
                _outcome := CASE WHEN (SELECT sum(s) FROM unnest(_left) s) >= _needed
                    THEN coalesce(_hindrance, 'insufficient_funds') ELSE 'insufficient_funds' END;
                _private := ',"available":' || _request.amount - _needed;
            ELSIF _request.recipient_has + _request.amount > _rules.balance_cap THEN
                _outcome := 'recipient_full';
            END IF;
        END IF;
    ELSE
        _detail := koban.detail_of_refusal(_request, _rules, _outcome);
    END IF;

    IF _outcome = 'done' AND _kind = 'reversal' THEN
        _reclaimed := array_fill(0::bigint, ARRAY[cardinality(_left)]);
        FOREACH _draft IN ARRAY _postings LOOP
            _place := array_position(_rules.instruments, _draft.instrument);
            CONTINUE WHEN _place IS NULL; -- Value that the rules no longer name.
            IF _request.shop IN (_draft.from_account, _draft.to_account) THEN
                _moved[_place] := _moved[_place] + _draft.amount;
            ELSE
                _reclaimed[_place] := _reclaimed[_place] + _draft.amount;
            END IF;
            IF least(_draft.expires_at, _request.used_at
                + make_interval(days => _rules.idle_days[_place])) > _now THEN
                _left[_place] := _left[_place] + CASE WHEN _draft.to_account = _request.wallet
                    THEN _draft.amount ELSE -_draft.amount END;
            END IF;
        END LOOP;
        _detail := ',"reclaimed":' || koban.json_parts(_rules.codes, _reclaimed) || ',"left":'
            || _request.original_amount - _request.reversed_amount - _request.amount;
    ELSIF _outcome = 'done' THEN
        LOOP
            _rule := _rule + 1;
            IF _rule = cardinality(_rules.grant_triggers) + 1 AND _kind <> 'issue'
                AND cardinality(_campaigns) > 0 THEN
                -- Campaigns give of what the rules have left of the budgets.
                _gifts := koban.gifts(_request, _rules, _campaigns, _kind, _moved, _now);
            END IF;
            EXIT WHEN _rule > cardinality(_rules.grant_triggers) + cardinality(_gifts);
            IF _rule > cardinality(_rules.grant_triggers) THEN
                _gift := _gifts[_rule - cardinality(_rules.grant_triggers)];
                _part := _gift.amount;
                _place := _gift.place;
                _fund := _gift.fund;
                _detail := ',"campaign":' || to_json(_gift.code)::text
                    || coalesce(',"face":' || _gift.face, '');
            ELSE
                CONTINUE WHEN _rules.grant_triggers[_rule] <> _kind
                    OR NOT coalesce(_request.way = ANY (_rules.grant_ways[_rule]::text[]), true);
                _part := koban.share(_moved[_rules.grant_sources[_rule]],
                    _rules.grant_basis_points[_rule], _rules.grant_roundings[_rule]);
                _place := _rules.grant_places[_rule];
                _fund := _rules.grant_funders[_rule];
                _detail := '';
            END IF;
            CONTINUE WHEN _rules.expiries[_place] <= _now;
            -- A ticket is given whole or not at all; what the wallet owes is withheld.
            _part := _part - _part % _rules.units[_place];
            IF _fund = ANY (_rules.budget_funds) THEN
                IF koban.budget_left(_rules, _fund) < _part THEN
                    -- A premium was promised with the price; points on a payment were not.
                    IF _kind = 'top_up' THEN
                        _outcome := 'over_budget';
                        EXIT;
                    END IF;
                    _part := 0;
                END IF;
                _rules.budget_lefts := koban.budgets_less(_rules, _fund, _part);
            END IF;
            FOR _i IN 1 .. coalesce(cardinality(_request.debt_amounts), 0) LOOP
                IF _request.debt_places[_i] = _place AND _request.debt_funders[_i] = _fund
                    AND least(_part, _request.debt_amounts[_i]) > 0 THEN
                    _debts := _debts || ROW(_rules.instruments[_place], NULL,
                        _request.debt_funders[_i], -least(_part, _request.debt_amounts[_i])
                        )::koban.value;
                    _part := _part - least(_part, _request.debt_amounts[_i]);
                    _request.debt_amounts[_i] := _request.debt_amounts[_i]
                        + (_debts[cardinality(_debts)]).amount;
                END IF;
            END LOOP;
            CONTINUE WHEN _part = 0 AND _detail = '';
            _granted := _granted || ',{"instrument":"' || _rules.codes[_place]
                || '","amount":' || _part
                || ',"expires_at":' || koban.json_time(_rules.expiries[_place]) || _detail || '}';
            CONTINUE WHEN _part = 0 OR _fund IS NULL; -- What the shop itself gives is posted.
            _left[_place] := _left[_place] + _part;
            _postings := _postings || ROW(
                _fund, _request.wallet, _rules.instruments[_place], _rules.expiries[_place], _fund,
                _part, koban.held(_request.lot_places, _request.lot_expiries, _request.lot_funders,
                    _request.lot_amounts, _place, _rules.expiries[_place], _fund) > 0
                )::koban.draft;
        END LOOP;
        _detail := ',"granted":[' || substr(_granted, 2) || ']'
            || coalesce(',"purchase":' || _request.purchase, '')
            || coalesce(',"activity":' || _request.activity, '')
            || coalesce(',"coupons":' || array_to_json(_request.coupons)::text, '');
    END IF;
    IF _outcome = 'over_budget' THEN
        _detail := '';
    END IF;
    IF _outcome = 'done' AND _now >= ANY (_request.lot_ends)
        AND _kind NOT IN ('reversal', 'expiry') THEN
        -- What has expired by disuse leaves with the first use after; else it would come back.
        FOR _i IN 1 .. cardinality(_request.lot_amounts) LOOP
            IF _request.lot_ends[_i] <= _now AND _request.lot_expiries[_i] > _now THEN
                _postings := _postings || ROW(
                    _request.wallet, coalesce(_rules.expired_tos[_request.lot_places[_i]],
                        _request.lot_funders[_i]),
                    _rules.instruments[_request.lot_places[_i]], _request.lot_expiries[_i],
                    _request.lot_funders[_i], _request.lot_amounts[_i], true)::koban.draft;
            END IF;
        END LOOP;
    END IF;
    IF _outcome = 'done' AND _kind = 'send' THEN
        -- Receiving is a use too, or what arrives would be lost at once.
        FOR _i IN 1 .. coalesce(cardinality(_request.recipient_disused), 0) LOOP
            _postings := _postings || ROW(
                _request.shop, coalesce(_rules.expired_tos[array_position(_rules.instruments,
                    _request.recipient_disused[_i].instrument)],
                    _request.recipient_disused[_i].funder),
                _request.recipient_disused[_i].instrument,
                _request.recipient_disused[_i].expires_at, _request.recipient_disused[_i].funder,
                _request.recipient_disused[_i].amount, true)::koban.draft;
        END LOOP;
    END IF;
    IF _outcome = 'done' THEN
        _detail := ',"parts":' || koban.json_parts(_rules.codes, _moved) || _detail;
        _private := koban.json_balance(_rules.codes, _left);
    END IF;

    _told := _outcome IN ('done', 'duplicate_suspected');
    RETURN ROW(
        _request.n, _request.id, _request.request_digest, _outcome, _kind,
        _request.wallet, _request.shop, _request.terminal, _request.way, _request.amount,
        _request.refers, _request.reason, _request.code_digest, _request.kind = 'redeem',
        _request.kind IN ('pay', 'confirm', 'send', 'give', 'load', 'redeem', 'unload'), _told,
        CASE WHEN _outcome = 'done' THEN _postings END,
        _hold_until, CASE WHEN _outcome = 'done' THEN _debts END,
        _request.purchase, _request.promised,
        CASE WHEN _rules.way_rights[_way] THEN _request.right_offer END, _gifts,
        _request.coupons, _request.coupon_funds, _request.coupon_amounts, _request.coupon_offers,
        _request.coupon_reserves,
        koban.receipt_head(_request, _kind, _outcome, _now_ms) || _detail, _private,
        CASE WHEN _told THEN _request.wallet_seq + 1 END,
        CASE WHEN _told THEN _request.shop ELSE 0 END
    )::koban.verdict;
END;
$$;

-- The bound that a refused request went beyond, as the receipt tells it.
CREATE OR REPLACE FUNCTION koban.detail_of_refusal(
    _request koban.request, _rules koban.rules, _outcome koban.outcome
) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    _way integer := array_position(_rules.way_codes, _request.way);
BEGIN
    RETURN CASE _outcome
        WHEN 'over_limit' THEN ',"limit":' || coalesce(_request.bound, _rules.way_mosts[_way],
            CASE _request.kind WHEN 'send' THEN _rules.send_act_max ELSE _rules.payment_max END)
        WHEN 'under_limit' THEN ',"limit":' || coalesce(_request.bound, _rules.way_leasts[_way])
        WHEN 'coupon_under_minimum' THEN ',"limit":' || _request.bound
        WHEN 'over_right' THEN ',"limit":' || _request.right_left
        WHEN 'off_step' THEN ',"limit":' || _rules.way_steps[_way]
        WHEN 'over_day_limit' THEN ',"limit":'
            || coalesce(_rules.way_day_maxes[_way], _rules.send_day_max)
        WHEN 'over_month_limit' THEN ',"limit":'
            || coalesce(_rules.way_month_maxes[_way], _rules.send_month_max)
        WHEN 'account_too_new' THEN ',"limit":' || _rules.way_young_day_maxes[_way]
        WHEN 'over_balance_cap' THEN ',"limit":' || _rules.balance_cap
        WHEN 'over_clerk_limit' THEN ',"limit":' || koban.reversal_max(_rules, _request.rank)
        WHEN 'over_reversible' THEN
            ',"left":' || _request.original_amount - _request.reversed_amount
        ELSE '' END;
END;
$$;
