-- name: add_order
-- A new order; nothing where its id, or its one-time code, has one already.
INSERT INTO koban.load_order (town, id, direction, way, provider, wallet, amount, their_amount,
    machine, code_digest, state, opened_at, expires_at, changed_at, look_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $12, $14)
ON CONFLICT DO NOTHING
RETURNING id;

-- name: order
-- One order.
SELECT id, direction, way, provider, wallet, amount, their_amount, machine, state, reference, url,
    number, reason, attention, opened_at, expires_at, changed_at, paid_at, looks, look_at
FROM koban.load_order WHERE town = $1 AND id = $2;

-- name: order_to_move
-- The same, held until the transaction ends.
SELECT id, direction, way, provider, wallet, amount, their_amount, machine, state, reference, url,
    number, reason, attention, opened_at, expires_at, changed_at, paid_at, looks, look_at
FROM koban.load_order WHERE town = $1 AND id = $2 FOR UPDATE;

-- name: move_order
-- Writes down what a word did.
UPDATE koban.load_order SET state = $3, reference = $4, url = $5, number = $6, reason = $7,
    attention = $8, changed_at = $9, paid_at = $10, looks = $11, look_at = $12
WHERE town = $1 AND id = $2;

-- name: add_step
-- The next line of an order's log; the order's row is held.
INSERT INTO koban.load_step (town, id, line, at, source, word, from_state, to_state, detail)
SELECT $1, $2, coalesce(max(line), 0) + 1, $3, $4, $5, $6, $7, $8
FROM koban.load_step WHERE town = $1 AND id = $2;

-- name: steps
-- An order's log.
SELECT line, at, source, word, from_state, to_state, detail
FROM koban.load_step WHERE town = $1 AND id = $2 ORDER BY line;

-- name: claim
-- Orders that are due, each to one gateway at a time; each is due again later, should it do nothing.
UPDATE koban.load_order o SET look_at = $2::timestamptz + $4::interval, looks = o.looks + 1
FROM (
    SELECT id FROM koban.load_order WHERE town = $1 AND look_at <= $2
    ORDER BY look_at LIMIT $3 FOR UPDATE SKIP LOCKED
) due
WHERE o.town = $1 AND o.id = due.id
RETURNING o.id, o.direction, o.way, o.provider, o.wallet, o.amount, o.their_amount, o.machine,
    o.state, o.reference, o.url, o.number, o.reason, o.attention, o.opened_at, o.expires_at,
    o.changed_at, o.paid_at, o.looks, o.look_at;

-- name: put_off
-- When an order that did not move is due again, unless it has moved meanwhile.
UPDATE koban.load_order SET look_at = $4
WHERE town = $1 AND id = $2 AND state = $3 AND look_at IS NOT NULL;

-- name: orders_of
-- A wallet's orders, newest first.
SELECT id, direction, way, provider, wallet, amount, their_amount, machine, state, reference, url,
    number, reason, attention, opened_at, expires_at, changed_at, paid_at, looks, look_at
FROM koban.load_order
WHERE town = :town AND wallet = :wallet
    AND (opened_at, id) < (:before_at, :before) -- if before
ORDER BY opened_at DESC, id DESC LIMIT :limit;

-- name: orders
-- The town's orders, newest first: those in some states, those that somebody still has to go on with,
-- or those that a person has to look at.
SELECT id, direction, way, provider, wallet, amount, their_amount, machine, state, reference, url,
    number, reason, attention, opened_at, expires_at, changed_at, paid_at, looks, look_at
FROM koban.load_order
WHERE town = :town
    AND state = ANY (:states::text[]) -- if states
    AND attention <> '' -- if attention
    AND look_at IS NOT NULL -- if hanging
    AND (opened_at, id) < (:before_at, :before) -- if before
ORDER BY opened_at DESC, id DESC LIMIT :limit;

-- name: orders_by_id
-- Those of a provider's orders that have these ids.
SELECT id, direction, way, provider, wallet, amount, their_amount, machine, state, reference, url,
    number, reason, attention, opened_at, expires_at, changed_at, paid_at, looks, look_at
FROM koban.load_order WHERE town = $1 AND provider = $2 AND id = ANY ($3::uuid[]);

-- name: paid_between
-- A provider's orders that were paid, or credited there, in between.
SELECT id, direction, way, provider, wallet, amount, their_amount, machine, state, reference, url,
    number, reason, attention, opened_at, expires_at, changed_at, paid_at, looks, look_at
FROM koban.load_order
WHERE town = $1 AND provider = $2 AND paid_at >= $3 AND paid_at < $4 ORDER BY paid_at;

-- name: settle_attention
-- A person has looked at it; nothing where something else contradicts by now.
UPDATE koban.load_order SET attention = '' WHERE town = $1 AND id = $2 AND attention = $3;
