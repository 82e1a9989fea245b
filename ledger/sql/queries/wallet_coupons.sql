-- name: wallet_coupons
-- The coupons that are a wallet's to use, now or later, those over soonest first: for everybody, or
-- by a place that it has. By the rules of `koban.recall_coupons`, as far as they need no payment.
SELECT c.coupon, coalesce(place.use_until, c.ends_at) AS until, CASE
        WHEN $3 < c.starts_at OR NOT koban.within_hours(
            $3, t.time_zone, c.weekdays, c.month_days, c.from_minute, c.to_minute)
            THEN 'coupon_closed'
        WHEN c.survey IS NOT NULL AND NOT EXISTS (
            SELECT FROM koban.survey_answer s
            WHERE s.town = c.town AND s.survey = c.survey AND s.wallet = $2)
            THEN 'coupon_not_yours'
        WHEN least(used.left, place.unused) = 0 THEN 'coupon_used'
        WHEN b.ceiling - b.granted - b.reserved + coalesce(place.reserve, 0)
            < coalesce(c.discount, 1) THEN 'over_budget'
    END AS why_not, least(used.left, place.unused) AS uses_left
FROM koban.coupon c
JOIN koban.town t USING (town)
JOIN koban.budget b USING (town, fund)
CROSS JOIN LATERAL (
    SELECT CASE WHEN c.per_person IS NOT NULL
        THEN greatest(c.per_person - koban.coupon_uses(c.town, c.coupon, $2, NULL), 0) END AS left
) used
LEFT JOIN LATERAL (
    -- The places that are worth something; the end and the promise of the one that is used next.
    SELECT count(*) FILTER (WHERE p.unused) AS unused,
        coalesce(min(p.use_until) FILTER (WHERE p.unused), max(p.use_until)) AS use_until,
        max(p.reserve) FILTER (WHERE p.unused AND p.untouched) AS reserve
    FROM (
        SELECT o.use_until, o.reserve,
            koban.coupon_uses(o.town, o.coupon, $2, o.offer) = 0 AS unused,
            NOT EXISTS (
                SELECT FROM koban.coupon_use u WHERE u.town = o.town AND u.coupon = o.coupon
                    AND u.wallet = $2 AND u.offer = o.offer) AS untouched
        FROM koban.award a JOIN koban.offer o USING (town, offer)
        WHERE a.town = c.town AND a.wallet = $2 AND o.coupon = c.coupon
            AND o.use_until > $3 AND o.ended_at IS NULL
    ) p
) place ON c.awarded
WHERE c.town = $1 AND c.ends_at > $3 AND coalesce(c.stopped_at > $3, true)
    AND (NOT c.awarded OR place.use_until IS NOT NULL)
ORDER BY until, c.coupon;

-- name: wallet_offers
-- The offers that are to come or open, and those of which the wallet has a place that is worth
-- something; those closing soonest first.
SELECT o.offer, w.place
FROM koban.offer o
LEFT JOIN koban.coupon c ON c.town = o.town AND c.coupon = o.coupon
LEFT JOIN koban.award w ON w.town = o.town AND w.offer = o.offer AND w.wallet = $2
WHERE o.town = $1 AND o.ended_at IS NULL AND coalesce(c.stopped_at > $3, true)
    AND (o.closes_at > $3 OR w.place IS NOT NULL AND o.use_until > $3)
ORDER BY o.closes_at, o.offer;
