"""``koban fees``: what shops pay the town for what was moved, from an instant on.

    set TOWN KIND --basis-points N --yen N [--shop CODE | --group G] [--instrument I]
        [--from INSTANT] [--by OPERATOR] [--json]
    end TOWN KIND [--shop CODE | --group G] [--instrument I] [--from INSTANT] [--by OPERATOR]
    due TOWN CODE [--at INSTANT] [--json]    what the shop with this code pays at an instant
    list TOWN [--json]                       every rate that was ever set, and which hold now

KIND is redemption (換金手数料: of what was paid at the shop), issue (of points it gave), top_up (of
cash it took) or transfer (a payment into its bank account, in yen alone). 100 basis points are 1 %
of what was moved; the yen are for each entry. A shop's own rate goes before its group's and that
before everybody's; one for a kind of value before one for every kind; a newer one before an older.
``end``: from then on the more general rate holds again. No rate is ever changed: what was settled
keeps its own, and a payment that is given back gives back the fee it paid. CODE is the 7 digits of
a sticker; INSTANT is ISO 8601, without an offset the town's own time, and begins now or later.
"""

import argparse
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from gateway.office import Office, OfficeFault, as_json, taught
from gateway.protocol.api_settlement import FeeRate
from gateway.settlement.desk import acting, known_group, settled, shop_number
from gateway.settlement.views import rate_view
from ledger.database import Executor, transaction
from ledger.settlement import fees
from ledger.settlement.fees import BASIS_POINTS_MAX, KINDS, YEN_MAX, NewFeeRate


async def act(office: Office, options: argparse.Namespace) -> str:
    """Does what the command line says; what to print.

    Raises:
        OfficeFault, LedgerError: it was not done.
    """
    if options.act == "due":
        return await due(office, options)
    if options.act == "list":
        rates = await _rates(office, office.pool)
    else:
        rates = await set_rate(office, options)
    if options.json:
        return as_json(rates)
    return "\n".join(_told(office, each) for each in rates) or "There are no fees."


async def set_rate(office: Office, options: argparse.Namespace) -> list[FeeRate]:
    """Sets a rate, or ends one; every rate."""
    ends = options.act == "end"
    points, yen = (None, None) if ends else (options.basis_points, options.yen)
    if options.kind == "transfer" and (points or options.instrument):
        raise OfficeFault("transfer: a fee for a payment by a bank is in yen alone")
    numbers = {each.code: each.number for each in office.profile.instruments}
    if options.instrument is not None and options.instrument not in numbers:
        allowed = ", ".join(numbers)
        raise OfficeFault(f"--instrument: found {options.instrument!r}; allowed is {allowed}")
    new = NewFeeRate(
        kind=options.kind,
        basis_points=points,
        yen=yen,
        valid_from=office.instant(options.start, "--from") if options.start else office.now,
        shop=await shop_number(office, options.shop) if options.shop else None,
        shop_group=known_group(office, options.group),
        instrument=numbers.get(options.instrument),
    )
    by = await acting(office, options.by)
    async with transaction(office.pool) as connection:
        number = await fees.set_rate(connection, office.town, new, by, office.now)
        after = {
            "kind": new.kind,
            "shop": new.shop,
            "group": new.shop_group,
            "instrument": options.instrument,
            "basis_points": points,
            "yen": yen,
            "valid_from": new.valid_from.isoformat(),
            "by": by.name,
        }
        await office.note(connection, "fee.set", f"fee_rate:{number}", after=after)
        return await _rates(office, connection)


async def due(office: Office, options: argparse.Namespace) -> str:
    """What a shop pays at an instant, kind by kind and for each kind of value."""
    shop = await shop_number(office, options.code)
    at = office.instant(options.at, "--at") if options.at else office.now
    lines = []
    for kind in KINDS:
        values = [None] if kind == "transfer" else office.profile.instruments
        for value in values:
            number = None if value is None else value.number
            found = await fees.due(office.pool, office.town, kind, shop, number, at)
            lines.append(
                {
                    "kind": kind,
                    "instrument": None if value is None else value.code,
                    "rate": 0 if found is None else found.rate,
                    "basis_points": 0 if found is None else found.basis_points,
                    "yen": 0 if found is None else found.yen,
                }
            )
    if options.json:
        return as_json(lines)
    return "\n".join(
        f"{line['kind']:10} {line['instrument'] or '':16} {line['basis_points']:>6} bp"
        f" {line['yen']:>6} yen  (rate {line['rate']})"
        for line in lines
    )


async def _rates(office: Office, pool: Executor) -> list[FeeRate]:
    found = await fees.rates(pool, office.town)
    return [rate_view(office.profile, each, office.now) for each in found]


def _told(office: Office, rate: FeeRate) -> str:
    zone = ZoneInfo(office.profile.town.time_zone)
    begins = datetime.fromtimestamp(rate.valid_from / 1000, UTC).astimezone(zone)
    whose = rate.shop_code or rate.group or "all"
    what = "ended" if rate.basis_points is None else f"{rate.basis_points} bp and {rate.yen} yen"
    return (
        f"{'holds' if rate.in_force else '':5} {rate.rate:>4}  {rate.kind:10} {whose:16} "
        f"{rate.instrument or 'all':14} {what:20} from {begins:%Y-%m-%d %H:%M}  {rate.set_by}"
    )


def _within(most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdecimal() or int(text) > most:
            raise argparse.ArgumentTypeError(f"found {text!r}; allowed is 0 to {most}")
        return int(text)

    return read


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line, read."""
    parser = taught("fees", __doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    for name in ("set", "end"):
        one = acts.add_parser(name)
        one.add_argument("town")
        one.add_argument("kind", choices=KINDS)
        if name == "set":
            one.add_argument("--basis-points", type=_within(BASIS_POINTS_MAX), required=True)
            one.add_argument("--yen", type=_within(YEN_MAX), required=True)
        whose = one.add_mutually_exclusive_group()
        whose.add_argument("--shop", metavar="CODE")
        whose.add_argument("--group")
        one.add_argument("--instrument")
        one.add_argument("--from", dest="start", metavar="INSTANT")
        one.add_argument("--by", metavar="OPERATOR")
        one.add_argument("--json", action="store_true")
    one = acts.add_parser("due")
    one.add_argument("town")
    one.add_argument("code")
    one.add_argument("--at", metavar="INSTANT")
    one.add_argument("--json", action="store_true")
    listing = acts.add_parser("list")
    listing.add_argument("town")
    listing.add_argument("--json", action="store_true")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """The command; its exit status."""
    options = arguments(words)
    return settled("fees", options.town, lambda office: act(office, options))
