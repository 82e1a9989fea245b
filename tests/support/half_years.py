"""A town's half-year held against its books: what could be used is what the lots have."""

from datetime import timedelta

from ledger import reference_dates
from ledger.reports.snapshot import ReportRoom
from tests.support.ledger import Bench

SPENDABLE = """
SELECT i.code, sum(l.remaining)::bigint AS amount
FROM koban.lot l
JOIN koban.account a ON a.town = l.town AND a.account = l.wallet
LEFT JOIN koban.instrument rule ON rule.town = l.town AND rule.instrument = l.instrument
    AND rule.version = (SELECT p.version FROM koban.profile p
        WHERE p.town = l.town AND p.valid_from < $2 ORDER BY p.valid_from DESC LIMIT 1)
JOIN LATERAL (SELECT n.code FROM koban.instrument n
    WHERE n.town = l.town AND n.instrument = l.instrument ORDER BY n.version DESC LIMIT 1) i ON true
WHERE l.town = $1 AND l.remaining > 0 AND l.expires_at > $2 AND coalesce(
    coalesce(a.used_at, a.opened_at) + make_interval(days => rule.idle_days) > $2, true)
GROUP BY i.code
"""


async def half_year_faults(bench: Bench) -> list[str]:
    """What a report up to now would say that the wallets do not hold; the middle of the town's life
    is where the half-year begins, so its opening is put to the proof as well.
    """
    now = bench.clock.now + timedelta(milliseconds=10)
    first = await bench.pool.fetchval(
        "SELECT coalesce(min(at), $2) FROM koban.entry WHERE town = $1", bench.town, now
    )
    async with ReportRoom.beside(bench.pool).snapshot() as connection:
        found = await reference_dates.reckon(
            connection,
            bench.town,
            first + (now - first) / 2,
            now,
            ("user", "exchange"),
            municipal=False,
            time_max_s=30,
        )
    rows = await bench.pool.fetch(SPENDABLE, bench.town, now)
    held = {row["code"]: row["amount"] for row in rows}
    return [
        f"{kind.instrument}: reported {told}, held {held.get(kind.instrument, 0)}"
        for kind in found.kinds
        if (told := kind.paid.unspent + kind.free.unspent) != held.get(kind.instrument, 0)
    ]
