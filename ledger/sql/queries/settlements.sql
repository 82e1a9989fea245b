-- name: settlements
-- Settlements with their totals, newest first.
SELECT s.settlement, s.from_at, s.until_at, s.scope, s.shop_group, s.shops, s.payout_min,
    s.collection_min, s.fee_rounding, s.remark, s.state, s.made_by, s.made_name, s.made_at,
    s.released_by, s.released_name, s.released_at, s.discarded_name, s.discarded_at, t.*
FROM koban.settlement s
CROSS JOIN LATERAL (
    SELECT count(*) AS lines,
        coalesce(sum(l.entries), 0)::bigint AS entries,
        coalesce(sum(l.accepted), 0)::bigint AS accepted,
        coalesce(sum(l.topped_up), 0)::bigint AS topped_up,
        coalesce(sum(l.issued), 0)::bigint AS issued,
        coalesce(sum(l.fees), 0)::bigint AS fees,
        coalesce(sum(l.carried_in), 0)::bigint AS carried_in,
        coalesce(sum(l.net), 0)::bigint AS net,
        count(*) FILTER (WHERE l.net > 0 AND NOT l.carries) AS payouts,
        coalesce(sum(l.net) FILTER (WHERE l.net > 0 AND NOT l.carries), 0)::bigint AS paid_out,
        count(*) FILTER (WHERE l.net < 0 AND NOT l.carries) AS collections,
        coalesce(-sum(l.net) FILTER (WHERE l.net < 0 AND NOT l.carries), 0)::bigint AS collected,
        count(*) FILTER (WHERE l.carries) AS carrying,
        coalesce(sum(l.net) FILTER (WHERE l.carries), 0)::bigint AS carried
    FROM koban.settlement_line l WHERE l.town = s.town AND l.settlement = s.settlement
) t
WHERE s.town = :town
    AND s.settlement = :number -- if number
    AND s.state = :state -- if state
    AND s.settlement < :before -- if before
ORDER BY s.settlement DESC LIMIT :limit;
