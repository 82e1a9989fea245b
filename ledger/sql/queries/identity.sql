-- name: change_wallet_password
-- The holder's new password.
UPDATE people.person SET password_hash = $3 WHERE town = $1 AND wallet = $2;

-- name: change_wallet_pin
-- The wallet's new PIN.
UPDATE people.person SET pin_hash = $3 WHERE town = $1 AND wallet = $2;

-- name: attempt
-- Counts a guess as wrong before it is checked, so that guesses made at the same instant cannot
-- slip past the limit; a right one then clears the count. Every $5th failure locks, for longer each
-- time ($6: lock lengths in seconds; the last one repeats). Failures older than $7 are forgotten.
-- No row: the subject was locked already, and nothing was counted.
INSERT INTO people.guard AS guard (town, kind, subject, failures, failed_at)
VALUES ($1, $2, $3, 1, $4::timestamptz)
ON CONFLICT (town, kind, subject) DO UPDATE SET
    (failures, failed_at, locked_until) = (
        SELECT counted.failures, $4::timestamptz, CASE
            WHEN counted.failures % $5::integer = 0 THEN $4::timestamptz + make_interval(
                secs => ($6::integer[])[
                    least(counted.failures / $5::integer, cardinality($6::integer[]))
                ])
        END
        FROM (SELECT CASE
            WHEN guard.failed_at < $4::timestamptz - $7::interval THEN 1 ELSE guard.failures + 1
        END AS failures) AS counted
    )
WHERE guard.locked_until IS NULL OR guard.locked_until <= $4::timestamptz
RETURNING guard.failures, guard.locked_until;

-- name: locked_until
-- Until when guesses at a subject are refused; nothing where they are not.
SELECT locked_until FROM people.guard
WHERE town = $1 AND kind = $2 AND subject = $3 AND locked_until > $4;

-- name: clear_guard
-- The guess was right.
DELETE FROM people.guard WHERE town = $1 AND kind = $2 AND subject = $3;

-- name: open_session
-- Signs a screen in.
INSERT INTO people.session
    (town, token_digest, session, role, account, terminal, operator, staff, name, opened_at,
    expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: session_by_token
-- The session, if it is open at $3; a console's with its operator's present role.
SELECT session.session, session.role, session.account, session.terminal, session.name,
    session.expires_at, operator.role AS operator_role, session.operator, session.staff,
    person.key_id, person.name_encrypted
FROM people.session
LEFT JOIN people.operator USING (town, operator)
LEFT JOIN people.person ON session.role = 'wallet'
    AND person.town = session.town AND person.wallet = session.account
WHERE session.town = $1 AND session.token_digest = $2
    AND session.expires_at > $3 AND session.revoked_at IS NULL;

-- name: end_session
-- Signs a screen out; nothing where it was out already.
UPDATE people.session SET revoked_at = $3
WHERE town = $1 AND session = $2 AND revoked_at IS NULL
RETURNING session;

-- name: end_terminal_sessions
-- Ends every device key of a tablet, and tells which there were.
UPDATE people.session SET revoked_at = $3
WHERE town = $1 AND terminal = $2 AND revoked_at IS NULL
RETURNING session;

-- name: end_wallet_sessions
-- Signs a wallet out everywhere but at $4.
UPDATE people.session SET revoked_at = $3
WHERE town = $1 AND role = 'wallet' AND account = $2 AND revoked_at IS NULL
    AND ($4::uuid IS NULL OR session <> $4)
RETURNING session;

-- name: end_operator_sessions
-- Signs an operator out everywhere but at $4.
UPDATE people.session SET revoked_at = $3
WHERE town = $1 AND operator = $2 AND revoked_at IS NULL
    AND ($4::uuid IS NULL OR session <> $4)
RETURNING session;

-- name: end_staff_sessions
-- Signs somebody of a shop's staff out everywhere but at $4.
UPDATE people.session SET revoked_at = $3
WHERE town = $1 AND staff = $2 AND revoked_at IS NULL
    AND ($4::uuid IS NULL OR session <> $4)
RETURNING session;

-- name: ended_sessions
-- Which of these sessions are no longer open.
SELECT session FROM unnest($2::uuid[]) AS asked (session)
WHERE NOT EXISTS (
    SELECT FROM people.session AS known
    WHERE known.town = $1 AND known.session = asked.session
        AND known.revoked_at IS NULL AND known.expires_at > $3
);

-- name: add_ticket
-- Keeps the digest of a ticket for one websocket.
INSERT INTO people.ticket (town, ticket_digest, session, expires_at) VALUES ($1, $2, $3, $4);

-- name: redeem_ticket
-- Deleting is redeeming: of two who bring the same ticket, one finds it gone.
WITH redeemed AS (
    DELETE FROM people.ticket WHERE town = $1 AND ticket_digest = $2
    RETURNING session, expires_at
)
SELECT session.session, session.role, session.account, session.terminal, session.name,
    session.expires_at, operator.role AS operator_role, session.operator, session.staff,
    person.key_id, person.name_encrypted
FROM redeemed
JOIN people.session ON session.town = $1 AND session.session = redeemed.session
LEFT JOIN people.operator USING (town, operator)
LEFT JOIN people.person ON session.role = 'wallet'
    AND person.town = session.town AND person.wallet = session.account
WHERE redeemed.expires_at > $3 AND session.expires_at > $3 AND session.revoked_at IS NULL;

-- name: void_enrolments
-- A terminal's enrolment codes that nobody used work no longer.
DELETE FROM people.enrolment WHERE town = $1 AND terminal = $2 AND used_at IS NULL;

-- name: add_enrolment
-- Keeps the digest of a one-time enrolment code.
INSERT INTO people.enrolment (town, code_digest, terminal, expires_at) VALUES ($1, $2, $3, $4);

-- name: use_enrolment
-- The code's terminal, once; nothing where the code was used, is too old, or the terminal revoked.
WITH used AS (
    UPDATE people.enrolment SET used_at = $3
    WHERE town = $1 AND code_digest = $2 AND used_at IS NULL AND expires_at > $3
    RETURNING terminal
), enrolled AS (
    UPDATE koban.terminal SET state = 'enrolled', enrolled_at = $3
    FROM used
    WHERE terminal.town = $1 AND terminal.terminal = used.terminal AND terminal.state <> 'revoked'
    RETURNING terminal.terminal, terminal.shop
)
SELECT enrolled.terminal, enrolled.shop, account.title AS name
FROM enrolled JOIN koban.account ON account.town = $1 AND account.account = enrolled.shop;

-- name: set_manager_pin
-- Sets or changes the PIN of a shop's manager.
INSERT INTO people.manager (town, shop, pin_hash) VALUES ($1, $2, $3)
ON CONFLICT (town, shop) DO UPDATE SET pin_hash = excluded.pin_hash;

-- name: manager_pin_hash
-- The hash of the PIN of a shop's manager.
SELECT pin_hash FROM people.manager WHERE town = $1 AND shop = $2;

-- name: leave_endpoint
-- A browser has one address: whoever signed in there last is reached by it.
DELETE FROM people.push WHERE town = $1 AND endpoint = $3 AND session <> $2;

-- name: save_push
-- Keeps where a session's browser can be reached, in place of what was known.
INSERT INTO people.push (town, session, wallet, endpoint, p256dh, auth, saved_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (town, session) DO UPDATE SET
    endpoint = excluded.endpoint, p256dh = excluded.p256dh, auth = excluded.auth,
    saved_at = excluded.saved_at;

-- name: forget_push
-- The session's browser wants no more pushes.
DELETE FROM people.push WHERE town = $1 AND session = $2;

-- name: forget_endpoint
-- The push service said that nobody is there any more.
DELETE FROM people.push WHERE town = $1 AND endpoint = $2;

-- name: pushes
-- Where a wallet's browsers can be reached.
SELECT push.endpoint, push.p256dh, push.auth
FROM people.push
JOIN people.session USING (town, session)
WHERE push.town = $1 AND push.wallet = $2
    AND session.revoked_at IS NULL AND session.expires_at > $3;

-- name: pushes_of_many
-- Where the browsers of many wallets can be reached.
SELECT push.wallet, push.endpoint, push.p256dh, push.auth
FROM people.push
JOIN people.session USING (town, session)
WHERE push.town = $1 AND push.wallet = ANY ($2::bigint[])
    AND session.revoked_at IS NULL AND session.expires_at > $3
ORDER BY push.wallet;

-- name: away_pushes
-- Where those wallets can be reached whose screens have not shown their feed as far as this.
SELECT away.wallet, away.seq, push.endpoint, push.p256dh, push.auth
FROM unnest($2::bigint[], $3::bigint[]) away (wallet, seq)
JOIN people.push ON push.town = $1 AND push.wallet = away.wallet
JOIN people.session ON session.town = push.town AND session.session = push.session
LEFT JOIN koban.shown ON shown.town = $1 AND shown.account = away.wallet
WHERE session.revoked_at IS NULL AND session.expires_at > $4
    AND away.seq > coalesce(shown.seq, 0)
ORDER BY away.wallet, away.seq;

-- name: sweep_tickets
-- Tickets that are too old to open anything.
DELETE FROM people.ticket WHERE expires_at < $1;

-- name: sweep_challenges
-- Codes that were sent long ago.
DELETE FROM people.challenge WHERE sent_at < $1;

-- name: sweep_guards
-- Guesses so old that they count no more.
DELETE FROM people.guard WHERE failed_at < $1 AND (locked_until IS NULL OR locked_until < $1);

-- name: sweep_sessions
-- Sessions that ran out long ago.
DELETE FROM people.session WHERE expires_at < $1;
