"""``koban activities``: opens and closes the events and activities of programmes.

    open TOWN CODE --programme P --name N --from INSTANT --until INSTANT
         [--amount YEN] [--amount-max YEN] [--per-person once|daily|always]
    close TOWN CODE                          ends now; what it granted stays granted
    extend TOWN CODE --until INSTANT         ends at another instant, also where it was over
    list TOWN [--programme P] [--json]       those that begin last first

Without ``--amount`` each grant says its own, up to ``--amount-max``. INSTANT is ISO 8601; without
an offset it is the town's own time. Ends with 0, or with 1 and one sentence why not.
"""

import argparse
import json
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from gateway.giving.programmes import check_code
from gateway.office import Office, OfficeFault, done, number, taught
from ledger import programmes
from ledger.database import Connection, transaction
from ledger.programmes import NewActivity


async def act(office: Office, options: argparse.Namespace) -> str:
    """Does what the command line says; what to print.

    Raises:
        OfficeFault, LedgerError: it was not done.
    """
    if options.act == "list":
        return await listed(office, options.programme, as_json=options.json)
    async with transaction(office.pool) as connection:
        if options.act == "open":
            return await open_activity(office, connection, options)
        code = options.code
        if options.act == "extend":
            ends_at = office.instant(options.until, "--until")
            if not await programmes.extend_activity(
                connection, office.town, code, ends_at, office.now
            ):
                raise OfficeFault(
                    f"--until: {code!r} has to end after it starts, and not before now"
                )
            after = {"ends_at": ends_at.isoformat()}
            await office.note(connection, "activity.extended", f"activity:{code}", after=after)
            return f"{code} ends {ends_at.astimezone(ZoneInfo(office.profile.town.time_zone))}."
        if not await programmes.close_activity(connection, office.town, code, office.now):
            raise OfficeFault(f"there is no activity {code!r} that is not over")
        await office.note(connection, "activity.closed", f"activity:{code}")
        return f"{code} is over."


async def open_activity(office: Office, connection: Connection, options: argparse.Namespace) -> str:
    """Opens an activity."""
    programme = await programmes.programme(connection, office.town, options.programme)
    if programme is None:
        raise OfficeFault(f"--programme: there is no programme {options.programme!r}")
    amount, most = options.amount, options.amount_max or options.amount
    if most is None or most < 1 or (amount is not None and not 0 < amount <= most):
        raise OfficeFault("--amount or --amount-max: say at least 1 yen, and no more than the most")
    starts_at = office.instant(options.start, "--from")
    ends_at = office.instant(options.until, "--until")
    if ends_at <= max(starts_at, office.now):
        raise OfficeFault("--until: it has to end after it starts, and not before now")
    new = NewActivity(
        check_code(options.code),
        programme.programme,
        options.name,
        amount,
        most,
        options.per_person,
        starts_at,
        ends_at,
    )
    if not await programmes.open_activity(connection, office.town, new):
        raise OfficeFault(f"there is an activity {new.code!r} already")
    after = {
        "programme": programme.code,
        "title": new.name,
        "amount": amount,
        "amount_max": most,
        "per_person": new.per_person,
        "starts_at": starts_at.isoformat(),
        "ends_at": ends_at.isoformat(),
    }
    await office.note(connection, "activity.opened", f"activity:{new.code}", after=after)
    return f"{new.name} is {new.code}."


async def listed(office: Office, programme: str | None, *, as_json: bool) -> str:
    """Every activity."""
    zone = ZoneInfo(office.profile.town.time_zone)
    found = await programmes.activities(office.pool, office.town, programme)
    if as_json:
        return json.dumps(
            [
                {
                    "code": each.code,
                    "programme": each.programme,
                    "name": each.name,
                    "amount": each.amount,
                    "amount_max": each.amount_max,
                    "per_person": each.per_person,
                    "starts_at": each.starts_at.astimezone(zone).isoformat(),
                    "ends_at": each.ends_at.astimezone(zone).isoformat(),
                    "open": each.starts_at <= office.now < each.ends_at,
                }
                for each in found
            ],
            ensure_ascii=False,
        )
    lines = [
        f"{each.code:16} {each.programme:16} "
        f"{each.amount or f'up to {each.amount_max}':>12} yen {each.per_person:6} "
        f"{each.starts_at.astimezone(zone):%Y-%m-%d %H:%M} to "
        f"{each.ends_at.astimezone(zone):%Y-%m-%d %H:%M}  {each.name}"
        for each in found
    ]
    return "\n".join(lines) or "There are no activities."


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line, read."""
    parser = taught("activities", __doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    made = acts.add_parser("open")
    made.add_argument("town")
    made.add_argument("code")
    made.add_argument("--programme", required=True)
    made.add_argument("--name", required=True)
    made.add_argument("--from", dest="start", required=True, metavar="INSTANT")
    made.add_argument("--until", required=True, metavar="INSTANT")
    made.add_argument("--amount", type=number, metavar="YEN")
    made.add_argument("--amount-max", type=number, metavar="YEN")
    made.add_argument("--per-person", choices=("once", "daily", "always"), default="once")
    closing = acts.add_parser("close")
    closing.add_argument("town")
    closing.add_argument("code")
    extending = acts.add_parser("extend")
    extending.add_argument("town")
    extending.add_argument("code")
    extending.add_argument("--until", required=True, metavar="INSTANT")
    listing = acts.add_parser("list")
    listing.add_argument("town")
    listing.add_argument("--programme")
    listing.add_argument("--json", action="store_true")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """The command; its exit status."""
    options = arguments(words)
    return done("activities", options.town, lambda office: act(office, options))
