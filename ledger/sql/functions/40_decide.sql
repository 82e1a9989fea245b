-- The ledger's one call: a batch of requests goes in, one outcome each comes out, one transaction.
--
-- Order of locks: the wallets in ascending order of their keys, then the town's row, then the rows
-- of accounts (reached only while holding the town's). So two batches never wait for each other in
-- a circle. A wallet's lock is an advisory one: it lives in memory, where a row's lock would be
-- written to the table and to the log. Two wallets with the same key share a lock, no more.
--
-- Plans: the settings at the foot of koban.decide (they hold for all it calls) keep every look-up a nested loop over an index,
-- whatever the tables held when the connection first planned it. A batch is at most some hundred
-- requests and every table is large, so nothing else is ever right, and a plan made while a table
-- was empty would be ruinous an hour later.

-- The requests of one round, each with what deciding it needs to know. Arrays run in parallel, one
-- place a request; the wallets are locked by then.
CREATE OR REPLACE FUNCTION koban.prepare(
    _town smallint, _now timestamptz, _rules koban.rules, _round integer, _rounds integer[],
    _ids uuid[], _digests bytea[], _kinds text[], _wallets bigint[], _shops bigint[],
    _terminals bigint[], _codes bytea[], _amounts bigint[], _refers uuid[], _reasons text[],
    _managers boolean[]
) RETURNS koban.request[] LANGUAGE sql STABLE AS $$
    SELECT array_agg(ROW(
        r.n, r.id, r.digest, r.kind,
        r.wallet, wallet.state, wallet.feed_seq,
        r.shop, shop.state, shop.name, r.terminal, terminal.state,
        r.code, code.purpose, code.expires_at, code.used_by, code.amount,
        coalesce(r.amount, code.amount),
        r.refers, r.reason, r.manager,
        NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        earlier.id, earlier.at,
        coalesce(lots.values, '{}')
    )::koban.request ORDER BY r.n)
    FROM unnest(_rounds, _ids, _digests, _kinds, _wallets, _shops, _terminals, _codes, _amounts,
        _refers, _reasons, _managers) WITH ORDINALITY
        r (round, id, digest, kind, wallet, shop, terminal, code, amount, refers, reason, manager,
        n)
    LEFT JOIN LATERAL (
        SELECT a.state, a.feed_seq FROM koban.account a
        WHERE a.town = _town AND a.account = r.wallet AND a.kind = 'wallet'
    ) wallet ON true
    LEFT JOIN LATERAL (
        SELECT a.state, to_json(s.name)::text AS name
        FROM koban.shop s JOIN koban.account a ON a.town = _town AND a.account = s.shop
        WHERE s.town = _town AND s.shop = r.shop
    ) shop ON true
    LEFT JOIN LATERAL (
        SELECT t.state FROM koban.terminal t WHERE t.town = _town AND t.terminal = r.terminal
    ) terminal ON true
    LEFT JOIN LATERAL (
        SELECT c.purpose, c.amount, c.expires_at, c.used_by FROM koban.code c
        WHERE c.town = _town AND c.code_digest = r.code
    ) code ON true
    LEFT JOIN LATERAL (
        -- The newest payment of the same amount in the same shop, unless it was reversed whole.
        -- A payer has few payments within the window and a shop may have thousands: adding 0 keeps
        -- the shop's index out of it.
        SELECT e.id, e.at FROM koban.entry e
        WHERE r.kind IN ('pay', 'charge') AND e.town = _town AND e.wallet = r.wallet
            AND e.at > _now - _rules.duplicate_window AND e.at <= _now
            AND e.kind = 'payment' AND e.shop + 0 = r.shop
            AND e.amount = coalesce(r.amount, code.amount)
            AND e.amount > coalesce((
                SELECT sum(back.amount) FROM koban.entry back
                WHERE back.town = _town AND back.refers = e.id AND back.kind = 'reversal'), 0)
        ORDER BY e.at DESC LIMIT 1
    ) earlier ON true
    LEFT JOIN LATERAL (
        SELECT array_agg(ROW(l.instrument, l.expires_at, l.funder, l.remaining)::koban.value
            ORDER BY i.spend_order, l.expires_at, l.instrument, l.funder) AS values
        FROM koban.lot l
        JOIN koban.instrument i ON i.town = _town AND i.version = _rules.version
            AND i.instrument = l.instrument
        WHERE l.town = _town AND l.wallet = r.wallet AND l.remaining > 0
    ) lots ON true
    WHERE r.round = _round
$$;

-- Adds what a reversal or a confirmation refers to.
CREATE OR REPLACE FUNCTION koban.recall(_town smallint, _request koban.request)
RETURNS koban.request LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF _request.kind = 'confirm' THEN
        SELECT d.wallet, d.at, d.shop, d.terminal, d.amount, a.state, to_json(s.name)::text
        INTO _request.question_wallet, _request.question_at, _request.shop, _request.terminal,
            _request.amount, _request.shop_state, _request.shop_name
        FROM koban.decision d
        JOIN koban.shop s ON s.town = _town AND s.shop = d.shop
        JOIN koban.account a ON a.town = _town AND a.account = d.shop
        WHERE d.town = _town AND d.id = _request.refers AND d.outcome = 'duplicate_suspected';
        _request.question_answered := EXISTS (
            SELECT FROM koban.entry e WHERE e.town = _town AND e.refers = _request.refers);
        RETURN _request;
    END IF;

    SELECT e.entry, e.kind, e.shop, e.amount, e.at
    INTO _request.original_entry, _request.original_kind, _request.original_shop,
        _request.original_amount, _request.original_at
    FROM koban.decision d JOIN koban.entry e ON e.town = _town AND e.entry = d.entry
    WHERE d.town = _town AND d.id = _request.refers AND e.kind IN ('payment', 'top_up');
    _request.original_postings := ARRAY(
        SELECT ROW(p.from_account, p.to_account, p.instrument, p.expires_at, p.funder,
            p.amount)::koban.draft
        FROM koban.posting p WHERE p.town = _town AND p.entry = _request.original_entry
        ORDER BY p.line);
    _request.reversed_amount := coalesce((
        SELECT sum(e.amount) FROM koban.entry e
        WHERE e.town = _town AND e.refers = _request.refers AND e.kind = 'reversal'), 0);
    _request.reclaimed := ARRAY(
        SELECT ROW(p.instrument, p.expires_at, p.funder, p.amount)::koban.value
        FROM koban.entry e JOIN koban.posting p ON p.town = _town AND p.entry = e.entry
        WHERE e.town = _town AND e.refers = _request.refers AND e.kind = 'reversal'
            AND p.from_account = _request.wallet AND p.to_account <> _request.shop);
    _request.amount := coalesce(
        _request.amount, _request.original_amount - _request.reversed_amount);
    RETURN _request;
END;
$$;

-- Writes what was decided. Called once a round; holds the town's row until the commit.
--
-- An authorised request and a duplicate question are told twice, in the payer's feed and in the
-- shop's; any other refusal once, in the town's own feed (account 0). Who is told besides the payer
-- is the teller.
CREATE OR REPLACE FUNCTION koban.write(
    _town smallint, _now timestamptz, _version integer, _verdicts koban.verdict[]
) RETURNS koban.numbered_event[] LANGUAGE plpgsql AS $$
DECLARE
    _last_entry bigint;
    _last_event bigint;
    _events koban.numbered_event[];
BEGIN
    SELECT t.last_entry, t.last_event INTO STRICT _last_entry, _last_event
    FROM koban.town t WHERE t.town = _town FOR NO KEY UPDATE;

    -- Numbers: of the entry, of the events in the town, and of each event in its feed.
    SELECT array_agg(ROW(
        v.n, v.id, v.request_digest, v.outcome, v.kind, v.wallet, v.shop, v.terminal, v.amount,
        v.refers, v.reason, v.code_digest, v.postings,
        v.receipt || coalesce(',"entry":' || v.entry, ''), v.private,
        v.entry, v.told, v.event, v.payer_seq, v.teller, teller.feed_seq + v.place
    )::koban.verdict ORDER BY v.n)
    INTO STRICT _verdicts
    FROM (
        SELECT t.*,
            CASE WHEN t.outcome = 'done' THEN
                _last_entry + count(*) FILTER (WHERE t.outcome = 'done') OVER (ORDER BY t.n)
            END AS entry,
            _last_event + sum(CASE WHEN t.told THEN 2 ELSE 1 END) OVER (ORDER BY t.n) AS event,
            row_number() OVER (PARTITION BY t.teller ORDER BY t.n) AS place
        FROM (
            SELECT u.n, u.id, u.request_digest, u.outcome, u.kind, u.wallet, u.shop, u.terminal,
                u.amount, u.refers, u.reason, u.code_digest, u.postings, u.receipt,
                u.private, u.told, CASE WHEN u.told THEN u.payer_seq END AS payer_seq,
                CASE WHEN u.told THEN u.shop ELSE 0 END AS teller
            FROM unnest(_verdicts) u
        ) t
    ) v
    JOIN LATERAL (
        SELECT a.feed_seq FROM koban.account a WHERE a.town = _town AND a.account = v.teller
    ) teller ON true;

    SELECT array_agg(ROW(
        e.number, e.account, e.seq,
        CASE WHEN v.outcome = 'done' THEN v.kind
            WHEN v.told THEN 'duplicate_question' ELSE 'refusal' END,
        v.id, v.receipt || e.tail)::koban.numbered_event ORDER BY e.number)
    INTO STRICT _events
    FROM unnest(_verdicts) v, LATERAL (VALUES
        (v.event - 1, v.wallet, v.payer_seq, v.private || '}'),
        (v.event, v.teller, v.teller_seq, '}')
    ) e (number, account, seq, tail)
    WHERE e.seq IS NOT NULL;

    UPDATE koban.town
    SET last_entry = _last_entry + (SELECT count(*) FROM unnest(_verdicts) v WHERE v.entry > 0),
        last_event = _last_event + cardinality(_events)
    WHERE town = _town;
    UPDATE koban.account a SET feed_seq = e.seq
    FROM (SELECT account, max(seq) AS seq FROM unnest(_events) GROUP BY account) e
    WHERE a.town = _town AND a.account = e.account;

    INSERT INTO koban.event
        (town, number, kind, subject, payer, payer_seq, teller, teller_seq)
    SELECT _town, v.event,
        CASE WHEN v.outcome = 'done' THEN v.kind
            WHEN v.told THEN 'duplicate_question' ELSE 'refusal' END,
        v.id, CASE WHEN v.told THEN v.wallet END, v.payer_seq, v.teller, v.teller_seq
    FROM unnest(_verdicts) v;
    INSERT INTO koban.decision
        (town, id, request_digest, outcome, at, entry, wallet, shop, terminal, amount, receipt,
        private)
    SELECT _town, v.id, v.request_digest, v.outcome, _now, v.entry, v.wallet, v.shop, v.terminal,
        v.amount, v.receipt || '}', v.private
    FROM unnest(_verdicts) v;
    UPDATE koban.code c SET used_by = v.id
    FROM unnest(_verdicts) v
    WHERE v.told AND v.code_digest IS NOT NULL
        AND c.town = _town AND c.code_digest = v.code_digest;

    INSERT INTO koban.entry
        (town, entry, id, kind, at, version, wallet, wallet_seq, shop, shop_seq, terminal, amount,
        refers, reason)
    SELECT _town, v.entry, v.id, v.kind, _now, _version, v.wallet, v.payer_seq, v.shop,
        v.teller_seq, v.terminal, v.amount, v.refers, v.reason
    FROM unnest(_verdicts) v WHERE v.entry IS NOT NULL;
    INSERT INTO koban.posting
        (town, entry, line, from_account, to_account, instrument, expires_at, funder, amount)
    SELECT _town, v.entry, p.line, p.from_account, p.to_account, p.instrument, p.expires_at,
        p.funder, p.amount
    FROM unnest(_verdicts) v,
        unnest(v.postings) WITH ORDINALITY p
            (from_account, to_account, instrument, expires_at, funder, amount, line)
    WHERE v.entry IS NOT NULL;

    -- A wallet is in one request a round, so a lot is taken from at most once here.
    UPDATE koban.lot l SET remaining = l.remaining - p.amount
    FROM (
        SELECT v.wallet, p.instrument, p.expires_at, p.funder, sum(p.amount) AS amount
        FROM unnest(_verdicts) v, unnest(v.postings) p
        WHERE v.entry IS NOT NULL AND p.from_account = v.wallet
        GROUP BY 1, 2, 3, 4
    ) p
    WHERE l.town = _town AND l.wallet = p.wallet AND l.instrument = p.instrument
        AND l.expires_at = p.expires_at AND l.funder = p.funder;
    INSERT INTO koban.lot AS l (town, wallet, instrument, expires_at, funder, remaining)
    SELECT _town, v.wallet, p.instrument, p.expires_at, p.funder, sum(p.amount)
    FROM unnest(_verdicts) v, unnest(v.postings) p
    WHERE v.entry IS NOT NULL AND p.to_account = v.wallet
    GROUP BY 2, 3, 4, 5
    ON CONFLICT (town, wallet, instrument, expires_at, funder)
        DO UPDATE SET remaining = l.remaining + excluded.remaining;

    RETURN _events;
END;
$$;

-- Decides a batch. Arrays run in parallel, one place a request; requests of the same wallet are
-- decided in the order given. Receipts come back in that order too; `repeated` tells that an
-- outcome had been decided before this call.
CREATE OR REPLACE FUNCTION koban.decide(
    _town smallint, _now timestamptz,
    _ids uuid[], _digests bytea[], _kinds text[], _wallets bigint[], _shops bigint[],
    _terminals bigint[], _codes bytea[], _amounts bigint[], _refers uuid[], _reasons text[],
    _managers boolean[],
    OUT outcomes text[], OUT receipts text[], OUT repeated boolean[],
    OUT event_numbers bigint[], OUT event_accounts bigint[], OUT event_seqs bigint[],
    OUT event_kinds text[], OUT event_subjects uuid[], OUT event_bodies text[]
) LANGUAGE plpgsql AS $$
DECLARE
    _now_ms bigint := extract(epoch FROM _now) * 1000;
    _rules koban.rules := koban.rules_at(_town, _now);
    _payers bigint[] := _wallets;
    _rounds integer[];
    _request koban.request;
    _verdicts koban.verdict[];
    _events koban.numbered_event[] := '{}';
BEGIN
    IF _rules IS NULL THEN
        RAISE EXCEPTION 'town % has no rules at %', _town, _now USING ERRCODE = 'no_data_found';
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
            WHERE r.kind = 'reverse' AND d.town = _town AND d.id = r.refers
        ) original ON true
        LEFT JOIN LATERAL (
            SELECT coalesce(b.wallet, c.wallet) AS wallet
            FROM unnest(_ids, _wallets, _codes) b (id, wallet, code)
            LEFT JOIN koban.code c ON c.town = _town AND c.code_digest = b.code
            WHERE r.kind = 'reverse' AND original.wallet IS NULL AND b.id = r.refers LIMIT 1
        ) beside ON true;
    END IF;

    PERFORM pg_advisory_xact_lock(_town, w.key)
    FROM (
        SELECT DISTINCT hashint8(wallet) AS key FROM unnest(_payers) p (wallet)
        WHERE wallet IS NOT NULL ORDER BY key
    ) w;

    -- Only what was never decided is decided (round 0: nothing to do), each id once, each wallet
    -- once a round.
    SELECT array_agg(CASE WHEN r.fresh THEN r.place ELSE 0 END ORDER BY r.n)
    INTO STRICT _rounds
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

    FOR _round IN 1 .. (SELECT max(round) FROM unnest(_rounds) p (round)) LOOP
        _verdicts := '{}';
        FOREACH _request IN ARRAY koban.prepare(
            _town, _now, _rules, _round, _rounds, _ids, _digests, _kinds, _payers, _shops,
            _terminals, _codes, _amounts, _refers, _reasons, _managers)
        LOOP
            IF _request.kind IN ('confirm', 'reverse') THEN
                _request := koban.recall(_town, _request);
            END IF;
            _verdicts := _verdicts || koban.verdict(_request, _rules, _now, _now_ms);
        END LOOP;
        _events := _events || koban.write(_town, _now, _rules.version, _verdicts);
    END LOOP;

    -- Every answer, fresh or old, is read from where it is frozen. A payer's own commands are
    -- answered with the payer's copy.
    SELECT
        array_agg(CASE WHEN d.request_digest = r.digest THEN d.outcome::text ELSE 'id_reused' END
            ORDER BY r.n),
        array_agg(CASE
            WHEN d.request_digest <> r.digest THEN
                '{"id":"' || r.id || '","kind":"' || r.kind || '","outcome":"id_reused","at":'
                || _now_ms || ',"amount":' || coalesce(r.amount, 0) || '}'
            WHEN r.kind IN ('pay', 'confirm') THEN koban.copy_for_payer(d.receipt, d.private)
            ELSE d.receipt END ORDER BY r.n),
        array_agg(r.round = 0 ORDER BY r.n)
    INTO STRICT outcomes, receipts, repeated
    FROM unnest(_ids, _digests, _kinds, _amounts, _rounds) WITH ORDINALITY
        r (id, digest, kind, amount, round, n)
    JOIN LATERAL (
        SELECT d.request_digest, d.outcome, d.receipt, d.private FROM koban.decision d
        WHERE d.town = _town AND d.id = r.id
    ) d ON true;
    SELECT array_agg(e.number ORDER BY e.number), array_agg(e.account ORDER BY e.number),
        array_agg(e.seq ORDER BY e.number), array_agg(e.kind ORDER BY e.number),
        array_agg(e.subject ORDER BY e.number), array_agg(e.body ORDER BY e.number)
    INTO event_numbers, event_accounts, event_seqs, event_kinds, event_subjects, event_bodies
    FROM unnest(_events) e;
END;
$$;

ALTER FUNCTION koban.decide SET enable_seqscan = off;
ALTER FUNCTION koban.decide SET enable_hashjoin = off;
ALTER FUNCTION koban.decide SET enable_mergejoin = off;
ALTER FUNCTION koban.decide SET enable_bitmapscan = off;
ALTER FUNCTION koban.decide SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION koban.decide SET jit = off;
