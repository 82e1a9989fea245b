"""Shops from the command line: found, and who wants to join: ``koban shops``.

    find TOWN [TEXT] [--kind KIND] [--area AREA] [--near PLACE] [--within-m N] [--open]
                    shops as everybody finds them: by words of name, reading and address, or parts
                    of them; PLACE is "latitude,longitude"
    applications TOWN [--state STATE]
                    applications to join, newest first; STATE is waiting, asked, accepted, declined
                    or withdrawn
    forget TOWN [--days N] [--dry-run]
                    forgets who applied with what was decided N days ago or longer (365), and what
                    was written about it; shops that joined stay as they are

Applications are decided at the console. With ``--json`` each command prints JSON.
"""

import sys
from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct
from msgspec.structs import astuple

from gateway.office import Office, OfficeFault, done, number, taught
from gateway.places import place_of
from gateway.progress import Progress
from ledger.database import transaction
from ledger.shops import applications, search
from ledger.shops.applications import State
from ledger.shops.hours import minute_of_week
from ledger.shops.search import Moment, Wanted
from ledger.shops.words import needles_of

LINES_MAX = 1_000
WITHIN_M_MAX = 100_000  # As everybody may ask.


class ShopLine(Struct, frozen=True):
    """A shop that was found."""

    shop: int
    code: str
    name: str
    kind: str
    area: str
    address: str
    open_now: bool
    metres: int | None


class ApplicationLine(Struct, frozen=True):
    """An application; nothing personal."""

    application: int
    state: str
    name: str
    kind: str
    area: str
    applied_at: str
    shop: int | None


class Forgotten(Struct, frozen=True):
    """Whose applicants were forgotten, or would be."""

    applications: list[int]


async def found(office: Office, wanted: Wanted) -> list[ShopLine]:
    """Shops that fit now."""
    local = office.now.astimezone(ZoneInfo(office.profile.town.time_zone))
    moment = Moment(minute_of_week(local), local.date())
    lines = await search.search(office.pool, office.town, wanted, moment, LINES_MAX)
    return [
        ShopLine(
            each.shop.account,
            each.shop.code,
            each.shop.name,
            each.shop.kind,
            each.shop.area,
            each.listing.address,
            each.open_now,
            each.metres,
        )
        for each in lines
    ]


async def applied(office: Office, state: str | None) -> list[ApplicationLine]:
    """Applications, newest first."""
    zone = ZoneInfo(office.profile.town.time_zone)
    lines = await applications.applications(
        office.pool, office.vault, office.town, state, None, LINES_MAX
    )
    return [
        ApplicationLine(
            each.application,
            each.state.value,
            each.details.name,
            each.details.kind,
            each.details.area,
            each.applied_at.astimezone(zone).isoformat(timespec="minutes"),
            each.shop,
        )
        for each in lines
    ]


async def forget(office: Office, days: int, *, dry_run: bool) -> Forgotten:
    """Forgets who applied with what was decided so long ago."""
    until = office.now - timedelta(days=days)
    numbers = await applications.decided_before(office.pool, office.town, until)
    if dry_run:
        return Forgotten(numbers)
    with Progress("forgetting", len(numbers)) as bar:
        for count, number in enumerate(numbers):
            async with transaction(office.pool) as connection:
                each = await applications.application(connection, office.vault, office.town, number)
                if each is not None and each.contact is not None:
                    await applications.erase(connection, office.town, each)
                    subject = f"shop_application:{number}"
                    await office.note(connection, "shop_application.erased", subject)
            bar.at(count + 1)
    return Forgotten(numbers)


def main(words: Sequence[str] | None = None) -> int:
    """``koban shops``; its exit status."""
    reader = taught("shops", __doc__)
    acts = reader.add_subparsers(dest="act", required=True)
    finding = acts.add_parser("find")
    finding.add_argument("town")
    finding.add_argument("text", nargs="?")
    finding.add_argument("--kind")
    finding.add_argument("--area")
    finding.add_argument("--near", type=place_of, metavar="PLACE")
    finding.add_argument("--within-m", type=number, metavar="N")
    finding.add_argument("--open", action="store_true")
    listing = acts.add_parser("applications")
    listing.add_argument("town")
    listing.add_argument("--state", choices=[state.value for state in State])
    forgetting = acts.add_parser("forget")
    forgetting.add_argument("town")
    forgetting.add_argument("--days", type=int, default=365, metavar="N")
    forgetting.add_argument("--dry-run", action="store_true")
    for each in (finding, listing, forgetting):
        each.add_argument("--json", action="store_true")
    options = reader.parse_args(sys.argv[1:] if words is None else list(words))
    if options.act == "find" and not 1 <= (options.within_m or 1) <= WITHIN_M_MAX:
        reader.error(f"--within-m: found {options.within_m}; allowed is 1 to {WITHIN_M_MAX}")
    if options.act == "forget" and not 0 <= options.days <= 36_500:
        reader.error(f"--days: found {options.days}; allowed is 0 to 36500")
    if options.act == "find" and options.within_m is not None and options.near is None:
        reader.error("--within-m: needs --near")

    async def act(office: Office) -> str:
        if options.act == "find":
            needles = needles_of(options.text) if options.text is not None else None
            if needles == []:
                raise OfficeFault(f"TEXT: found {options.text!r}; allowed are letters or digits")
            wanted = Wanted(
                needles=needles,
                kind=options.kind,
                area=options.area,
                near=options.near,
                within_m=options.within_m,
                open_now=options.open,
            )
            return _told(await found(office, wanted), as_json=options.json)
        if options.act == "applications":
            return _told(await applied(office, options.state), as_json=options.json)
        forgotten = await forget(office, options.days, dry_run=options.dry_run)
        if options.json:
            return msgspec.json.encode(forgotten).decode()
        count = len(forgotten.applications)
        return f"{count} applicants {'would be' if options.dry_run else 'were'} forgotten"

    return done("shops", options.town, act)


def _told(lines: Sequence[Struct], *, as_json: bool) -> str:
    if as_json:
        return msgspec.json.encode(lines).decode()
    rows = [
        "\t".join("" if cell is None else str(cell) for cell in astuple(line)) for line in lines
    ]
    return "\n".join(rows) if rows else "nothing was found"
