-- The ledger's one call: a batch of requests goes in, one outcome each comes out, one transaction.
--
-- Order of locks: the wallets in ascending order of their keys, then the budgets, then the town,
-- then the rows of wallets (reached only while holding the town's). So two batches never wait for
-- each other in a circle. The wallets' locks and the town's are advisory ones: they live in memory,
-- where a row's lock would be written to the table and to the log. Two wallets with the same key
-- share a lock, no more.
--
-- Plans: a connection plans these statements once, perhaps while the tables are empty, and uses
-- them for days. A batch is at most some hundred requests and every table may be large, so each
-- look-up has to be a nested loop from the batch into an index. The settings at the foot of
-- koban.decide (they hold for all it calls) leave nothing else; LEFT JOIN keeps the batch outside;
-- and a town that comes out of a MATERIALIZED list is no constant by which the planner could begin
-- at the table's side. Without this the first 100,000 top-ups of a new town took two minutes.

-- The requests of one round, each with what deciding it needs to know. Arrays run in parallel, one
-- place a request; the wallets are locked by then.
CREATE OR REPLACE FUNCTION koban.prepare(
    _town smallint, _now timestamptz, _rules koban.rules, _round integer, _rounds integer[],
    _ids uuid[], _digests bytea[], _kinds text[], _wallets bigint[], _shops bigint[],
    _terminals bigint[], _codes bytea[], _ways text[], _amounts bigint[], _refers uuid[],
    _reasons text[], _ranks text[], _coupons text[]
) RETURNS koban.request[] LANGUAGE sql STABLE AS $$
    SELECT array_agg(ROW(
        r.n, r.id, r.digest, r.kind,
        r.wallet, wallet.state, wallet.feed_seq, wallet.opened_at, wallet.used_at,
        r.shop, other.kind, other.state, other.name, other.groups,
        r.terminal, terminal.state, terminal.groups,
        r.code, code.purpose, code.expires_at, code.used_by, code.amount,
        -- The amount in a code is what its owner would pay, and not what is given for it.
        r.way, CASE WHEN r.kind IN ('grant', 'issue') THEN r.amount
            ELSE coalesce(r.amount, code.amount) END,
        r.refers, r.reason, r.rank::koban.rank,
        NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        earlier.id, earlier.at, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        CASE WHEN r.kind IN ('pay', 'charge') THEN coalesce(r.coupons::bigint[], code.coupons) END,
        NULL, NULL, NULL, NULL, NULL,
        lots.places, lots.expiries, lots.ends, lots.funders, lots.amounts
    )::koban.request ORDER BY r.n)
    FROM unnest(_rounds, _ids, _digests, _kinds, _wallets, _shops, _terminals, _codes, _ways,
        _amounts, _refers, _reasons, _ranks, _coupons) WITH ORDINALITY
        r (round, id, digest, kind, wallet, shop, terminal, code, way, amount, refers, reason, rank,
        coupons, n)
    LEFT JOIN LATERAL (
        SELECT a.state, a.feed_seq, a.opened_at, coalesce(a.used_at, a.opened_at) AS used_at
        FROM koban.account a
        WHERE a.town = _town AND a.account = r.wallet AND a.kind = 'wallet'
    ) wallet ON true
    LEFT JOIN LATERAL (
        SELECT c.purpose, c.amount, c.expires_at, c.used_by, c.coupons FROM koban.code c
        WHERE c.town = _town AND c.code_digest = r.code
    ) code ON true
    LEFT JOIN LATERAL (
        -- The other party, if it is of the kind that such a request is for.
        SELECT a.kind, a.state, to_json(a.title)::text AS name, a.groups
        FROM koban.account a
        WHERE a.town = _town AND a.account = r.shop
            AND a.kind = CASE
                WHEN r.kind IN ('pay', 'charge', 'top_up', 'issue') THEN 'shop'
                WHEN r.kind = 'send' THEN 'wallet'
                WHEN r.kind = 'give' THEN 'group'
                WHEN r.kind = 'reclaim' OR r.kind = 'expire' AND a.kind <> 'purpose' THEN 'fund'
                WHEN r.kind = 'expire' THEN 'purpose'
                WHEN r.kind = 'reverse' AND a.kind <> 'provider' THEN 'shop'
                ELSE 'provider' END
    ) other ON true
    LEFT JOIN LATERAL (
        SELECT t.state, t.groups FROM koban.terminal t WHERE t.town = _town AND t.terminal = r.terminal
    ) terminal ON true
    LEFT JOIN LATERAL (
        -- The newest payment of the same amount in the same shop, unless it was reversed whole. No
        -- end to the time: who waited for the wallet's lock may carry the earlier instant.
        -- A payer has few payments within the window and a shop may have thousands: adding 0 keeps
        -- the shop's index out of it.
        SELECT e.id, e.at FROM koban.entry e
        WHERE r.kind IN ('pay', 'charge') AND e.town = _town AND e.wallet = r.wallet
            AND e.at > _now - _rules.duplicate_window
            AND e.kind = 'payment' AND e.shop + 0 = r.shop
            AND e.amount = coalesce(r.amount, code.amount)
            AND e.amount > coalesce((
                SELECT sum(back.amount) FROM koban.entry back
                WHERE back.town = _town AND back.refers = e.id AND back.kind = 'reversal'), 0)
        ORDER BY e.at DESC LIMIT 1
    ) earlier ON true
    LEFT JOIN LATERAL (
        SELECT coalesce(array_agg(o.place), '{}') AS places, array_agg(o.expires_at) AS expiries,
            array_agg(CASE WHEN _rules.idle_days[o.place] IS NULL THEN o.expires_at ELSE
                least(o.expires_at, wallet.used_at
                    + make_interval(days => _rules.idle_days[o.place])) END) AS ends,
            array_agg(o.funder) AS funders, coalesce(array_agg(o.remaining), '{}') AS amounts
        FROM (
            SELECT array_position(_rules.instruments, l.instrument) AS place, l.expires_at,
                l.funder, l.remaining
            FROM koban.lot l
            WHERE l.town = _town AND l.wallet = r.wallet AND l.remaining > 0
            ORDER BY 1, 2, 3
        ) o
        WHERE o.place IS NOT NULL -- What the rules no longer name lies still.
    ) lots ON true
    WHERE r.round = _round
$$;

-- Adds what a reversal or a confirmation refers to.
CREATE OR REPLACE FUNCTION koban.recall(
    _town smallint, _rules koban.rules, _request koban.request
) RETURNS koban.request LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF _request.kind = 'confirm' THEN
        SELECT d.wallet, d.at, d.shop, d.terminal, d.amount, a.kind, a.state,
            to_json(a.title)::text, a.groups,
            ARRAY(SELECT json_array_elements_text(d.receipt::json -> 'coupons'))
        INTO _request.question_wallet, _request.question_at, _request.shop, _request.terminal,
            _request.amount, _request.shop_kind, _request.shop_state, _request.shop_name,
            _request.shop_groups, _request.coupons
        FROM koban.decision d
        JOIN koban.account a ON a.town = _town AND a.account = d.shop
        WHERE d.town = _town AND d.id = _request.refers AND d.outcome = 'duplicate_suspected';
        -- A shop that called the payment off meanwhile (an acquirer's cancel) has answered it too.
        _request.coupons := nullif(_request.coupons, '{}');
        _request.terminal_groups := (
            SELECT t.groups FROM koban.terminal t
            WHERE t.town = _town AND t.terminal = _request.terminal);
        _request.question_answered := EXISTS (
            SELECT FROM koban.entry e WHERE e.town = _town AND e.refers = _request.refers
        ) OR EXISTS (
            SELECT FROM koban.acquirer_payment p
            WHERE p.town = _town AND p.payment = _request.refers AND p.cancelled_at IS NOT NULL);
        RETURN _request;
    END IF;

    SELECT e.entry, e.shop, e.amount, e.at
    INTO _request.original_entry, _request.original_shop, _request.original_amount,
        _request.original_at
    FROM koban.decision d JOIN koban.entry e ON e.town = _town AND e.entry = d.entry
    WHERE d.town = _town AND d.id = _request.refers
        AND e.kind IN ('payment', 'top_up', 'exchange', 'issue', 'grant')
        AND e.wallet = _request.wallet; -- The one that is locked.
    _request.original_postings := ARRAY(
        SELECT ROW(p.from_account, p.to_account, p.instrument, p.expires_at, p.funder,
            p.amount, NULL)::koban.draft
        FROM koban.posting p WHERE p.town = _town AND p.entry = _request.original_entry
            -- What left with a grant for not having been used stays away.
            AND (_request.kind = 'reverse' OR p.to_account = _request.wallet)
        ORDER BY p.line);
    _request.reversed_amount := coalesce((
        SELECT sum(e.amount) FROM koban.entry e
        WHERE e.town = _town AND e.refers = _request.refers AND e.kind = 'reversal'), 0);
    _request.reclaimed := ARRAY(
        SELECT ROW(p.instrument, p.expires_at, p.funder, p.amount)::koban.value
        FROM koban.entry e JOIN koban.posting p ON p.town = _town AND p.entry = e.entry
        WHERE e.town = _town AND e.refers = _request.refers AND e.kind = 'reversal'
            AND p.from_account = _request.wallet AND p.to_account <> _request.shop
        UNION ALL
        SELECT ROW(o.instrument, o.expires_at, o.funder, o.amount)::koban.value
        FROM koban.entry e JOIN koban.debt o
            ON o.town = _town AND o.wallet = _request.wallet AND o.entry = e.entry
        WHERE e.town = _town AND e.refers = _request.refers AND e.kind = 'reversal'
            AND o.amount > 0);
    _request.withheld := ARRAY(
        SELECT ROW(o.instrument, NULL, o.funder, -o.amount)::koban.value
        FROM koban.debt o
        WHERE o.town = _town AND o.wallet = _request.wallet AND o.entry = _request.original_entry
            AND o.amount < 0);
    _request.amount := coalesce(
        _request.amount, _request.original_amount - _request.reversed_amount);
    IF _request.kind = 'reclaim' THEN
        -- Whatever is still in the grant's lot; what was spent meanwhile stays.
        _request.amount := least(_request.amount, (
            SELECT sum(koban.held(_request.lot_places, _request.lot_expiries, _request.lot_funders,
                _request.lot_amounts, array_position(_rules.instruments, p.instrument),
                p.expires_at, p.funder))
            FROM unnest(_request.original_postings) p WHERE p.to_account = _request.wallet));
    END IF;
    RETURN _request;
END;
$$;

-- What only value that comes in or goes out needs to know: the card it is redeemed from, and how
-- much the wallet has sent, or moved by this way, today and this month.
CREATE OR REPLACE FUNCTION koban.recall_moves(
    _town smallint, _now timestamptz, _rules koban.rules, _request koban.request
) RETURNS koban.request LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF _request.kind = 'redeem' THEN
        SELECT 'redeem', c.expires_at, c.used_by, c.amount, c.amount, c.way
        INTO _request.code_purpose, _request.code_expires_at, _request.code_used_by,
            _request.code_amount, _request.amount, _request.way
        FROM koban.serial_card c
        WHERE c.town = _town AND c.card_digest = _request.code_digest;
        _request.shop_kind := 'provider';
        _request.shop := _rules.way_accounts[array_position(_rules.way_codes, _request.way)];
    ELSIF _request.kind = 'top_up' THEN
        _request.way := coalesce(
            _request.way, _rules.way_codes[array_position(_rules.way_kinds, 'shop')]);
    ELSIF _request.kind = 'send' THEN
        SELECT coalesce(sum(o.remaining) FILTER (WHERE NOT o.disused), 0),
            array_agg(ROW(o.instrument, o.expires_at, o.funder, o.remaining)::koban.value)
                FILTER (WHERE o.disused)
        INTO _request.recipient_has, _request.recipient_disused
        FROM (
            SELECT l.*, coalesce(coalesce(a.used_at, a.opened_at) + make_interval(
                days => _rules.idle_days[array_position(_rules.instruments, l.instrument)])
                <= _now, false) AS disused
            FROM koban.lot l
            LEFT JOIN koban.account a ON a.town = _town AND a.account = _request.shop
            WHERE l.town = _town AND l.wallet = _request.shop AND l.expires_at > _now
                AND l.remaining > 0
        ) o;
    END IF;
    IF _request.kind <> 'unload'
        AND _rules.way_rights[array_position(_rules.way_codes, _request.way)] THEN
        _request := koban.recall_right(_town, _now, _request);
    END IF;
    SELECT coalesce(sum(e.amount) FILTER (WHERE e.at >= _rules.day_start), 0),
        coalesce(sum(e.amount), 0)
    INTO _request.moved_day, _request.moved_month
    FROM koban.entry e
    WHERE e.town = _town AND e.wallet = _request.wallet
        AND e.at >= _rules.month_start
        AND e.kind = CASE _request.kind WHEN 'send' THEN 'send' WHEN 'unload' THEN 'exchange'
            ELSE 'top_up' END
        AND e.way IS NOT DISTINCT FROM _request.way;
    RETURN _request;
END;
$$;

-- What the wallet cannot spend yet, and what it owes.
CREATE OR REPLACE FUNCTION koban.recall_burdens(
    _town smallint, _now timestamptz, _rules koban.rules, _request koban.request
) RETURNS koban.request LANGUAGE plpgsql STABLE AS $$
BEGIN
    SELECT array_agg(array_position(_rules.instruments, h.instrument)), array_agg(h.amount)
    INTO _request.hold_places, _request.hold_amounts
    FROM koban.hold h
    WHERE h.town = _town AND h.wallet = _request.wallet AND h.until > _now
        AND h.instrument = ANY (_rules.instruments);
    SELECT array_agg(array_position(_rules.instruments, o.instrument)), array_agg(o.funder),
        array_agg(o.amount)
    INTO _request.debt_places, _request.debt_funders, _request.debt_amounts
    FROM (
        SELECT d.instrument, d.funder, sum(d.amount) AS amount FROM koban.debt d
        WHERE d.town = _town AND d.wallet = _request.wallet
        GROUP BY d.instrument, d.funder HAVING sum(d.amount) > 0
    ) o;
    RETURN _request;
END;
$$;

-- Writes what was decided in one round, and returns the answers and the events in order. Holds the
-- town's lock from the numbering to the commit.
--
-- An authorised request and a duplicate question are told twice, in the payer's feed and in the
-- shop's; any other refusal once, in the town's own feed (account 0). Who is told besides the payer
-- is the teller.
CREATE OR REPLACE FUNCTION koban.write(
    _town smallint, _now timestamptz, _version integer, _kinds text[],
    _verdicts koban.verdict[], _done integer, _told integer, _burdened boolean, _giving boolean
) RETURNS koban.written LANGUAGE plpgsql AS $$
DECLARE
    _last_entry bigint;
    _last_event bigint;
    _written koban.written;
BEGIN
    -- The wallets' locks guard their lots, so the town's is not needed yet.
    WITH moves AS MATERIALIZED (
        SELECT _town AS town, v.wallet, p.*
        FROM unnest(_verdicts) v, unnest(v.postings) p
        WHERE v.outcome = 'done' AND v.wallet IN (p.from_account, p.to_account)
    ), held_lots AS (
        -- Lots with something in them. A wallet is in one request a round, so each comes once.
        UPDATE koban.lot l SET remaining = l.remaining + m.change
        FROM (
            SELECT town, wallet, instrument, expires_at, funder,
                sum(CASE WHEN to_account = wallet THEN amount ELSE -amount END) AS change
            FROM moves WHERE held GROUP BY 1, 2, 3, 4, 5
        ) m
        WHERE l.town = m.town AND l.wallet = m.wallet AND l.instrument = m.instrument
            AND l.expires_at = m.expires_at AND l.funder = m.funder
    )
    -- Lots that are new, or were empty. To these value is only given.
    INSERT INTO koban.lot AS l (town, wallet, instrument, expires_at, funder, remaining)
    SELECT _town, m.wallet, m.instrument, m.expires_at, m.funder, sum(m.amount)
    FROM moves m WHERE NOT m.held GROUP BY 2, 3, 4, 5
    ON CONFLICT (town, wallet, instrument, expires_at, funder)
        DO UPDATE SET remaining = l.remaining + excluded.remaining;

    IF 'send' = ANY (_kinds) THEN
        -- What the recipient had lost by disuse goes; what is sent keeps its lots' expiry and funder.
        UPDATE koban.lot l SET remaining = l.remaining - p.amount
        FROM unnest(_verdicts) v, unnest(v.postings) p
        WHERE v.outcome = 'done' AND v.kind = 'send' AND p.from_account = v.shop
            AND l.town = _town AND l.wallet = v.shop AND l.instrument = p.instrument
            AND l.expires_at = p.expires_at AND l.funder = p.funder;
        INSERT INTO koban.lot AS l (town, wallet, instrument, expires_at, funder, remaining)
        SELECT _town, p.to_account, p.instrument, p.expires_at, p.funder, sum(p.amount)
        FROM unnest(_verdicts) v, unnest(v.postings) p
        WHERE v.outcome = 'done' AND v.kind = 'send' AND p.to_account = v.shop
        GROUP BY 2, 3, 4, 5
        ON CONFLICT (town, wallet, instrument, expires_at, funder)
            DO UPDATE SET remaining = l.remaining + excluded.remaining;
    END IF;

    PERFORM pg_advisory_xact_lock(hashtext('koban.town'), _town);
    -- As koban.last_entry and koban.last_event say, in one statement.
    SELECT
        coalesce((SELECT e.entry FROM koban.entry e
            WHERE e.town = _town ORDER BY e.entry DESC LIMIT 1), 0),
        coalesce((SELECT e.number FROM koban.event e
            WHERE e.town = _town ORDER BY e.number DESC LIMIT 1), 0)
    INTO _last_entry, _last_event;

    WITH numbered AS MATERIALIZED (
        -- The entry's number, the events' numbers in the town and their places in the feeds.
        SELECT _town AS town, v.*, teller.feed_seq + v.place AS teller_seq,
            v.head || coalesce(',"entry":' || v.entry, '') || '}' AS receipt
        FROM (
            SELECT u.n, u.id, u.request_digest, u.outcome, u.kind, u.wallet, u.shop, u.terminal,
                u.way, u.amount, u.refers, u.reason, u.purchase, u.from_wallet, u.told, u.postings,
                u.hold_until, u.debts, u.head, u.private, u.payer_seq, u.teller,
                CASE WHEN u.outcome = 'done' THEN 'done'
                    WHEN u.told THEN 'duplicate_question' ELSE 'refusal' END AS event_kind,
                CASE WHEN u.outcome = 'done' THEN _last_entry
                    + count(*) FILTER (WHERE u.outcome = 'done') OVER (ORDER BY u.n) END AS entry,
                _last_event
                    + sum(CASE WHEN u.told THEN 2 ELSE 1 END) OVER (ORDER BY u.n) AS event,
                row_number() OVER (PARTITION BY u.teller ORDER BY u.n) AS place
            FROM unnest(_verdicts) u
        ) v
        LEFT JOIN LATERAL (
            -- Value is sent to a wallet; whatever else is told, to no wallet (koban.feed_position).
            SELECT CASE WHEN v.told AND v.kind = 'send' THEN (
                SELECT a.feed_seq FROM koban.account a WHERE a.town = _town AND a.account = v.teller
            ) ELSE coalesce((
                SELECT e.teller_seq FROM koban.event e
                WHERE e.town = _town AND e.teller = v.teller ORDER BY e.teller_seq DESC LIMIT 1
            ), 0) END AS feed_seq
        ) teller ON true
    ), decisions AS (
        INSERT INTO koban.decision (town, id, request_digest, outcome, at, entry, wallet, shop,
            terminal, amount, receipt, private)
        SELECT _town, v.id, v.request_digest, v.outcome, _now, v.entry, v.wallet, v.shop,
            v.terminal, v.amount, v.receipt, v.private
        FROM numbered v
    ), events AS (
        INSERT INTO koban.event
            (town, number, kind, subject, payer, payer_seq, teller, teller_seq)
        SELECT _town, v.event, CASE v.event_kind WHEN 'done' THEN v.kind ELSE v.event_kind END,
            v.id, CASE WHEN v.told THEN v.wallet END, v.payer_seq, v.teller, v.teller_seq
        FROM numbered v
    ), entries AS (
        INSERT INTO koban.entry (town, entry, id, kind, at, version, wallet, wallet_seq, shop,
            shop_seq, terminal, amount, refers, reason, way, purchase)
        SELECT _town, v.entry, v.id, v.kind, _now, _version, v.wallet, v.payer_seq, v.shop,
            v.teller_seq, v.terminal, v.amount, v.refers, v.reason, v.way, v.purchase
        FROM numbered v WHERE v.entry IS NOT NULL
    ), postings AS (
        INSERT INTO koban.posting (town, entry, line, from_account, to_account, instrument,
            expires_at, funder, amount)
        SELECT _town, v.entry, p.line, p.from_account, p.to_account, p.instrument, p.expires_at,
            p.funder, p.amount
        FROM numbered v, unnest(v.postings) WITH ORDINALITY p
            (from_account, to_account, instrument, expires_at, funder, amount, held, line)
        WHERE v.entry IS NOT NULL
    ), feeds AS (
        UPDATE koban.account a SET feed_seq = f.seq, used_at = coalesce(f.used_at, a.used_at)
        FROM (
            SELECT v.town, v.wallet AS account, v.payer_seq AS seq,
                CASE WHEN v.entry IS NOT NULL AND v.kind NOT IN ('reversal', 'expiry')
                    THEN _now END AS used_at
            FROM numbered v WHERE v.told
            UNION ALL
            SELECT v.town, v.teller, max(v.teller_seq),
                max(CASE WHEN v.entry IS NOT NULL THEN _now END)
            FROM numbered v WHERE v.told AND v.kind = 'send' GROUP BY v.town, v.teller
        ) f
        WHERE a.town = f.town AND a.account = f.account
    ), told AS (
        SELECT e.number, e.account, e.other, e.seq,
            CASE v.event_kind WHEN 'done' THEN v.kind ELSE v.event_kind END AS kind,
            v.id, e.body
        FROM numbered v, LATERAL (VALUES
            (v.event - 1, v.wallet, v.teller, v.payer_seq,
                koban.copy_for_payer(v.receipt, v.private)),
            (v.event, v.teller, CASE WHEN v.told THEN v.wallet END, v.teller_seq, v.receipt)
        ) e (number, account, other, seq, body)
        WHERE e.seq IS NOT NULL
    )
    SELECT
        (SELECT array_agg(v.outcome::text ORDER BY v.n) FROM numbered v),
        (SELECT array_agg(CASE WHEN v.from_wallet
            THEN koban.copy_for_payer(v.receipt, v.private) ELSE v.receipt END ORDER BY v.n)
            FROM numbered v),
        array_agg(t.number ORDER BY t.number), array_agg(t.account ORDER BY t.number),
        array_agg(t.other ORDER BY t.number), array_agg(t.seq ORDER BY t.number), array_agg(t.kind ORDER BY t.number),
        array_agg(t.id ORDER BY t.number), array_agg(t.body ORDER BY t.number)
    INTO STRICT _written
    FROM told t;

    IF _burdened THEN
        INSERT INTO koban.hold (town, wallet, entry, instrument, until, amount)
        SELECT _town, v.wallet, d.entry, p.instrument, v.hold_until, sum(p.amount)
        FROM unnest(_verdicts) v
        JOIN koban.decision d ON d.town = _town AND d.id = v.id
        CROSS JOIN unnest(v.postings) p
        WHERE v.hold_until IS NOT NULL AND d.entry IS NOT NULL AND p.to_account = v.wallet
        GROUP BY 2, 3, 4, 5;
        INSERT INTO koban.debt (town, wallet, entry, instrument, funder, line, expires_at, amount)
        SELECT _town, v.wallet, d.entry, o.instrument, o.funder, o.line, o.expires_at, o.amount
        FROM unnest(_verdicts) v
        JOIN koban.decision d ON d.town = _town AND d.id = v.id
        CROSS JOIN unnest(v.debts) WITH ORDINALITY
            o (instrument, expires_at, funder, amount, line)
        WHERE d.entry IS NOT NULL;
    END IF;
    IF _giving THEN
        PERFORM koban.write_giving(_town, _verdicts);
    END IF;
    IF _kinds && '{charge,top_up,issue,grant}' THEN
        WITH used AS MATERIALIZED (
            SELECT _town AS town, v.id, v.code_digest FROM unnest(_verdicts) v WHERE v.told
        )
        UPDATE koban.code c SET used_by = u.id
        FROM used u WHERE c.town = u.town AND c.code_digest = u.code_digest;
    END IF;
    IF 'redeem' = ANY (_kinds) THEN
        WITH used AS MATERIALIZED (
            SELECT _town AS town, v.id, v.code_digest FROM unnest(_verdicts) v
            WHERE v.card AND v.outcome = 'done'
        )
        UPDATE koban.serial_card c SET used_by = u.id
        FROM used u WHERE c.town = u.town AND c.card_digest = u.code_digest;
    END IF;
    IF 'reverse' = ANY (_kinds) THEN
        -- What was taken back no longer keeps other value from being spent.
        WITH undone AS MATERIALIZED (
            SELECT _town AS town, v.wallet, d.entry, p.instrument, sum(p.amount) AS amount
            FROM unnest(_verdicts) v
            JOIN koban.decision d ON d.town = _town AND d.id = v.refers
            CROSS JOIN unnest(v.postings) p
            WHERE v.kind = 'reversal' AND v.outcome = 'done' AND p.from_account = v.wallet
            GROUP BY 2, 3, 4
        ), let_go AS (
            DELETE FROM koban.hold h USING undone u
            WHERE h.town = u.town AND h.wallet = u.wallet AND h.entry = u.entry
                AND h.instrument = u.instrument AND h.amount <= u.amount
        )
        UPDATE koban.hold h SET amount = h.amount - u.amount FROM undone u
        WHERE h.town = u.town AND h.wallet = u.wallet AND h.entry = u.entry
            AND h.instrument = u.instrument AND h.amount > u.amount;
    END IF;
    RETURN _written;
END;
$$;

-- The rounds of a batch in which some requests need something beside their wallet: each wallet and
-- each such thing is in one request a round, and whoever comes first in the batch goes first.
CREATE OR REPLACE FUNCTION koban.rounds_apart(
    _rounds integer[], _payers bigint[], _beside bigint[]
) RETURNS integer[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    _last jsonb := '{}'; -- The last round of each so far.
    _round integer;
BEGIN
    FOR _n IN 1 .. cardinality(_rounds) LOOP
        CONTINUE WHEN _rounds[_n] = 0;
        _round := 1 + greatest(
            (_last ->> _payers[_n]::text)::integer, (_last ->> _beside[_n]::text)::integer, 0);
        _rounds[_n] := _round;
        _last := _last || jsonb_build_object(coalesce(_payers[_n], 0)::text, _round);
        IF _beside[_n] IS NOT NULL THEN
            _last := _last || jsonb_build_object(_beside[_n]::text, _round);
        END IF;
    END LOOP;
    RETURN _rounds;
END;
$$;

-- Decides a batch. Arrays run in parallel, one place a request; requests of the same wallet are
-- decided in the order given. Receipts come back in that order too; `repeated` tells that an
-- outcome had been decided before this call.
CREATE OR REPLACE FUNCTION koban.decide(
    _town smallint, _now timestamptz,
    _ids uuid[], _digests bytea[], _kinds text[], _wallets bigint[], _shops bigint[],
    _terminals bigint[], _codes bytea[], _ways text[], _amounts bigint[], _refers uuid[],
    _reasons text[], _ranks text[], _coupons text[],
    OUT outcomes text[], OUT receipts text[], OUT repeated boolean[],
    OUT event_numbers bigint[], OUT event_accounts bigint[], OUT event_others bigint[],
    OUT event_seqs bigint[], OUT event_kinds text[], OUT event_subjects uuid[], OUT event_bodies text[]
) LANGUAGE plpgsql AS $$
DECLARE
    _now_ms bigint := extract(epoch FROM _now) * 1000;
    _rules koban.rules := koban.rules_at(_town, _now);
    _payers bigint[] := _wallets;
    -- What a request needs for itself beside its wallet: the one that receives, or a card.
    _beside bigint[] := '{}';
    _rounds integer[];
    _last_round integer;
    _requests koban.request[];
    _request koban.request;
    _verdict koban.verdict;
    _verdicts koban.verdict[] := '{}';
    _done integer;
    _told integer;
    _burdened boolean; -- Some value is held from now on, or owed.
    _giving boolean; -- Some budget, campaign, coupon, award or list is concerned.
    _promised boolean; -- Some campaign may give.
    _campaigns koban.campaign[] := '{}';
    _bounded boolean; -- Some fund may come to the end of its budget.
    _written koban.written;
BEGIN
    IF _rules IS NULL THEN
        RAISE EXCEPTION 'town % has no rules at %', _town, _now USING ERRCODE = 'no_data_found';
    END IF;

    IF _kinds && '{top_up,load,redeem,unload}' THEN
        _rules := koban.with_ways(_town, _rules);
    END IF;

    -- Whose wallet a code or an original payment is; neither ever changes hands. What is reversed
    -- may have been asked for earlier in this very batch.
    IF array_position(_wallets, NULL) IS NOT NULL THEN
        SELECT array_agg(
            coalesce(r.wallet, code.wallet, original.wallet, beside.wallet) ORDER BY r.n)
        INTO STRICT _payers
        FROM unnest(_kinds, _wallets, _codes, _refers) WITH ORDINALITY
            r (kind, wallet, code, refers, n)
        LEFT JOIN LATERAL (
            SELECT c.wallet FROM koban.code c WHERE c.town = _town AND c.code_digest = r.code
        ) code ON true
        LEFT JOIN LATERAL (
            SELECT d.wallet FROM koban.decision d
            WHERE r.kind IN ('reverse', 'reclaim') AND d.town = _town AND d.id = r.refers
        ) original ON true
        LEFT JOIN LATERAL (
            SELECT coalesce(b.wallet, c.wallet) AS wallet
            FROM unnest(_ids, _wallets, _codes) b (id, wallet, code)
            LEFT JOIN koban.code c ON c.town = _town AND c.code_digest = b.code
            WHERE r.kind IN ('reverse', 'reclaim') AND original.wallet IS NULL AND b.id = r.refers LIMIT 1
        ) beside ON true;
    END IF;

    IF _kinds && '{send,redeem}' THEN
        _beside := ARRAY(
            SELECT CASE r.kind WHEN 'send' THEN r.shop
                WHEN 'redeem' THEN hashtextextended(encode(r.code, 'hex'), 0) END
            FROM unnest(_kinds, _shops, _codes) WITH ORDINALITY r (kind, shop, code, n)
            ORDER BY r.n);
    END IF;

    PERFORM pg_advisory_xact_lock(_town, w.key)
    FROM (
        SELECT DISTINCT hashint8(wallet) AS key
        FROM unnest(_payers || _beside) p (wallet) WHERE wallet IS NOT NULL ORDER BY key
    ) w;

    -- Only what was never decided is decided (round 0: nothing to do), each id once, each wallet
    -- once a round.
    IF cardinality(_ids) = 1 THEN -- Most batches of a quiet hour.
        _last_round := CASE WHEN EXISTS (
            SELECT FROM koban.decision d WHERE d.town = _town AND d.id = _ids[1]
        ) THEN 0 ELSE 1 END;
        _rounds := ARRAY[_last_round];
        repeated := ARRAY[_last_round = 0];
    ELSE
        SELECT array_agg(CASE WHEN r.fresh THEN r.place ELSE 0 END ORDER BY r.n),
            array_agg(NOT r.fresh ORDER BY r.n), max(CASE WHEN r.fresh THEN r.place ELSE 0 END)
        INTO STRICT _rounds, repeated, _last_round
        FROM (
            SELECT q.n, q.fresh,
                row_number() OVER (PARTITION BY q.wallet, q.fresh ORDER BY q.n) AS place
            FROM (
                SELECT i.wallet, i.n,
                    row_number() OVER (PARTITION BY i.id ORDER BY i.n) = 1 AND d.id IS NULL AS fresh
                FROM unnest(_ids, _payers) WITH ORDINALITY i (id, wallet, n)
                LEFT JOIN LATERAL (
                    SELECT d.id FROM koban.decision d WHERE d.town = _town AND d.id = i.id
                ) d ON true
            ) q
        ) r;
    END IF;

    IF _beside <> '{}' THEN
        _rounds := koban.rounds_apart(_rounds, _payers, _beside);
        _last_round := (SELECT max(round) FROM unnest(_rounds) p (round));
    END IF;

    FOR _round IN 1 .. _last_round LOOP
        _verdicts := '{}';
        _done := 0;
        _told := 0;
        _burdened := false;
        _giving := false;
        _requests := koban.prepare(
            _town, _now, _rules, _round, _rounds, _ids, _digests, _kinds, _payers, _shops,
            _terminals, _codes, _ways, _amounts, _refers, _reasons, _ranks, _coupons);
        -- Behind the locks and round by round: a hold or a debt may have come just before.
        SELECT EXISTS (SELECT FROM koban.hold h WHERE h.town = _town AND h.until > _now),
            EXISTS (SELECT FROM koban.debt d WHERE d.town = _town),
            _kinds && '{pay,charge,confirm,top_up,load,redeem,issue}'
                AND EXISTS (SELECT FROM koban.campaign c WHERE c.town = _town AND c.ends_at > _now)
        INTO _rules.holds, _rules.debts, _promised;
        IF _promised THEN
            _campaigns := koban.campaigns_at(_town, _now);
        END IF;
        _bounded := false;
        IF cardinality(_rules.budget_funds) > 0 THEN
            _bounded :=
                -- A later round may need them, and has the town's lock by then: too late to wait.
                2 = ANY (_rounds)
                OR _kinds && '{confirm,reverse,reclaim,grant,expire,send}'
                OR cardinality(_campaigns) > 0 OR _rules.grant_funders && _rules.budget_funds
                OR EXISTS (
                    -- Coupons, and what was not used for too long and leaves now.
                    SELECT FROM unnest(_requests) r
                    WHERE r.coupons IS NOT NULL OR EXISTS (
                        SELECT FROM unnest(r.lot_ends, r.lot_expiries) l (ends, expires_at)
                        WHERE l.ends <= _now AND l.expires_at > _now));
        END IF;
        IF _bounded THEN
            -- Whoever gives from a budget, or reserves of it, waits here for who does already.
            SELECT array_agg(b.fund ORDER BY b.fund),
                array_agg(b.ceiling - b.granted - b.reserved ORDER BY b.fund)
            INTO _rules.budget_funds, _rules.budget_lefts
            FROM (
                SELECT * FROM koban.budget b WHERE b.town = _town ORDER BY b.fund FOR UPDATE
            ) b;
        END IF;
        FOREACH _request IN ARRAY _requests LOOP
            IF _request.kind IN ('confirm', 'reverse', 'reclaim') THEN
                _request := koban.recall(_town, _rules, _request);
            ELSIF _request.kind = 'grant' THEN
                _request := koban.recall_grant(_town, _now, _rules, _request);
            ELSIF _request.kind = 'issue' THEN
                _request := koban.recall_issue(_rules, _request, _now);
            ELSIF _request.kind NOT IN ('pay', 'charge', 'give', 'expire') THEN
                _request := koban.recall_moves(_town, _now, _rules, _request);
            END IF;
            IF _request.coupons IS NOT NULL THEN
                _request := koban.recall_coupons(_town, _now, _rules, _request);
            END IF;
            IF cardinality(_campaigns) > 0 THEN
                _request := koban.recall_given(_town, _campaigns, _request);
            END IF;
            IF _rules.holds OR _rules.debts THEN
                _request := koban.recall_burdens(_town, _now, _rules, _request);
            END IF;
            _verdict := koban.verdict(_request, _rules, _campaigns, _now, _now_ms);
            _verdicts := _verdicts || _verdict;
            _done := _done + (_verdict.outcome = 'done')::integer;
            _told := _told + _verdict.told::integer;
            _burdened := _burdened OR _verdict.hold_until IS NOT NULL OR _verdict.debts <> '{}';
            _giving := _giving OR _bounded OR coalesce(_verdict.promised, false)
                OR cardinality(_verdict.gifts) > 0
                OR _verdict.right_offer IS NOT NULL OR _verdict.coupon_funds IS NOT NULL;
            IF _bounded THEN
                _rules.budget_lefts := koban.budgets_after(_rules, _verdict);
            END IF;
        END LOOP;
        _written := koban.write(
            _town, _now, _rules.version, _kinds, _verdicts, _done, _told, _burdened, _giving);
        event_numbers := event_numbers || _written.event_numbers;
        event_accounts := event_accounts || _written.event_accounts;
        event_others := event_others || _written.event_others;
        event_seqs := event_seqs || _written.event_seqs;
        event_kinds := event_kinds || _written.event_kinds;
        event_subjects := event_subjects || _written.event_subjects;
        event_bodies := event_bodies || _written.event_bodies;
    END LOOP;

    IF cardinality(_verdicts) = cardinality(_ids) THEN
        -- One round decided everything, in the order of the requests.
        outcomes := _written.outcomes;
        receipts := _written.receipts;
        RETURN;
    END IF;
    -- Every answer, fresh or old, is read from where it is frozen. A payer's own commands are
    -- answered with the payer's copy.
    SELECT
        array_agg(CASE WHEN d.request_digest = r.digest THEN d.outcome::text ELSE 'id_reused' END
            ORDER BY r.n),
        array_agg(CASE
            WHEN d.request_digest <> r.digest THEN
                '{"id":"' || r.id || '","kind":"' || r.kind || '","outcome":"id_reused","at":'
                || _now_ms || ',"amount":' || coalesce(r.amount, 0) || '}'
            WHEN r.kind IN ('pay', 'confirm', 'send', 'give', 'load', 'redeem', 'unload')
                THEN koban.copy_for_payer(d.receipt, d.private)
            ELSE d.receipt END ORDER BY r.n)
    INTO STRICT outcomes, receipts
    FROM unnest(_ids, _digests, _kinds, _amounts) WITH ORDINALITY
        r (id, digest, kind, amount, n)
    LEFT JOIN LATERAL (
        SELECT d.request_digest, d.outcome, d.receipt, d.private FROM koban.decision d
        WHERE d.town = _town AND d.id = r.id
    ) d ON true;
END;
$$;

ALTER FUNCTION koban.decide SET enable_seqscan = off;
ALTER FUNCTION koban.decide SET enable_hashjoin = off;
ALTER FUNCTION koban.decide SET enable_mergejoin = off;
ALTER FUNCTION koban.decide SET enable_bitmapscan = off;
ALTER FUNCTION koban.decide SET enable_material = off;
ALTER FUNCTION koban.decide SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION koban.decide SET jit = off;
