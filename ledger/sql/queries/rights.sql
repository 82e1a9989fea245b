-- name: rights
-- What a wallet may still top up by its places, the one that ends soonest first; what was taken back
-- of a top-up may be bought again.
SELECT o.code, o.name, o.amount * w.units AS amount, o.amount * w.units - coalesce((
        SELECT sum(u.amount - coalesce((
            SELECT sum(back.amount) FROM koban.entry back
            WHERE back.town = u.town AND back.refers = u.id AND back.kind = 'reversal'), 0))
        FROM koban.right_use u
        WHERE u.town = w.town AND u.offer = w.offer AND u.wallet = w.wallet), 0) AS amount_left,
    o.use_until
FROM koban.award w
JOIN koban.offer o ON o.town = w.town AND o.offer = w.offer
WHERE w.town = $1 AND w.wallet = $2 AND o.gives = 'right' AND o.use_until > $3
ORDER BY o.use_until, o.offer;
