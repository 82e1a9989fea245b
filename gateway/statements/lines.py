"""A statement for spreadsheets: a line a day, kind and rate, then how the amount comes about."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from config.profile import Profile
from gateway.http.days import local_time
from gateway.statements import words
from gateway.statements.figures import tax
from ledger.statements import Statement

HEADINGS = (
    *("settlement", "from", "until", "shop_code", "shop_name", "what", "day", "reversal"),
    *("instrument", "rate_basis_points", "rate_yen", "entries", "amount", "fee"),
)


def rows(profile: Profile, statement: Statement) -> Iterator[tuple[object, ...]]:
    """The lines, in yen. What is taken off the amount has a minus; ``net`` is the sum."""
    line, settled = statement.line, statement.settlement
    zone = ZoneInfo(profile.town.time_zone)
    whose = (
        settled.settlement,
        *(local_time(settled.from_at, zone), local_time(settled.until_at, zone)),
        *(line.shop_code, line.shop_name),
    )
    for part in statement.parts:
        yield (
            *whose,
            *(part.kind, part.day, "yes" if part.reversal else None),
            words.instrument(profile, part.instrument),
            *((part.basis_points, part.yen) if part.rate else (None, None)),
            *(part.entries, part.amount, part.fee),
        )
    sums = {
        "accepted": line.accepted,
        "topped_up": -line.topped_up,
        "issued": -line.issued,
        "fees": -line.fees,
        "carried_in": line.carried_in,
        "net": line.net,
    }
    for what, amount in sums.items():
        yield (*whose, what, *(None,) * 6, amount, None)
    if profile.invoice is not None:
        found = tax(line.fees, profile.invoice)
        yield (*whose, "tax_in_fees", *(None,) * 2, profile.invoice.number, found.basis_points,
               None, None, found.tax, None)  # fmt: skip
