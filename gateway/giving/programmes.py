"""``koban programmes``: opens programmes, changes their budgets, lets systems grant for them.

    open TOWN CODE --department D --name N --instrument I --ceiling YEN
    ceiling TOWN CODE YEN        what it may give in all; no lower than what it gave and promised
    allow TOWN CODE SYSTEM       SYSTEM may grant for it by API: a department's (koban acquirers
                                 open, key), or an outside platform (koban clients open)
    disallow TOWN CODE SYSTEM    and no more
    list TOWN [--json]           each with what is left of its budget

Set up by the same ``KOBAN_*`` as the gateway. Ends with 0, or with 1 and one sentence why not.
"""

import argparse
import json
import re
from collections.abc import Sequence

from gateway.http.campaign_terms import GIVEN_KINDS
from gateway.office import Office, OfficeFault, done, number, taught
from ledger import acquirers, programmes
from ledger.database import Connection, transaction
from ledger.programmes import NewProgramme, Programme

CODE = re.compile(r"[a-z][a-z0-9_-]{0,30}")


def check_code(code: str) -> str:
    """A code of the form that all have.

    Raises:
        OfficeFault: it is none.
    """
    if not CODE.fullmatch(code):
        raise OfficeFault(f"found {code!r}; a code is small letters, digits, - and _, 31 at most")
    return code


async def act(office: Office, options: argparse.Namespace) -> str:
    """Does what the command line says; what to print.

    Raises:
        OfficeFault, LedgerError: it was not done.
    """
    if options.act == "list":
        return await listed(office, as_json=options.json)
    async with transaction(office.pool) as connection:
        if options.act == "open":
            return await open_programme(office, connection, options)
        found = await programmes.programme(connection, office.town, options.code)
        if found is None:
            raise OfficeFault(f"there is no programme {options.code!r}; use open")
        if options.act == "ceiling":
            return await set_ceiling(office, connection, found, options.yen)
        return await turn(office, connection, found, options.system, allowed=options.act == "allow")


async def open_programme(
    office: Office, connection: Connection, options: argparse.Namespace
) -> str:
    """Opens a programme."""
    numbers = {
        each.code: each.number for each in office.profile.instruments if each.kind in GIVEN_KINDS
    }
    if options.instrument not in numbers:
        raise OfficeFault(
            f"--instrument: found {options.instrument!r}; allowed is {', '.join(numbers)}"
        )
    if options.ceiling < 0:
        raise OfficeFault(f"--ceiling: found {options.ceiling}; allowed is 0 or more yen")
    new = NewProgramme(
        check_code(options.code),
        options.department,
        options.name,
        numbers[options.instrument],
        options.ceiling,
    )
    opened = await programmes.open_programme(connection, office.town, new, office.now)
    if opened is None:
        raise OfficeFault(f"a programme or a funder of the profile has the code {new.code!r}")
    after = {"title": new.name, "instrument": options.instrument, "ceiling": new.ceiling}
    await office.note(connection, "programme.opened", f"programme:{new.code}", after=after)
    return f"{new.name} is {new.code}. Next: koban activities open."


async def set_ceiling(office: Office, connection: Connection, found: Programme, yen: int) -> str:
    """Changes a budget."""
    if yen < 0 or not await programmes.set_ceiling(connection, office.town, found.fund, yen):
        least = found.granted + found.reserved
        raise OfficeFault(f"found {yen}; {least} yen are granted or promised, which is the least")
    await office.note(
        connection,
        "programme.ceiling_changed",
        f"programme:{found.code}",
        before={"ceiling": found.ceiling},
        after={"ceiling": yen},
    )
    return f"{found.code} may give {yen} yen in all; {yen - found.granted - found.reserved} left."


async def turn(
    office: Office, connection: Connection, found: Programme, system: str, *, allowed: bool
) -> str:
    """Lets a system grant for a programme, or no more."""
    known = await acquirers.acquirer_by_code(connection, office.town, system)
    if known is None:
        raise OfficeFault(f"there is no system {system!r}; open it: koban acquirers open")
    if allowed:
        changed = await programmes.allow_system(
            connection, office.town, known.acquirer, found.programme, office.now
        )
    else:
        changed = await programmes.disallow_system(
            connection, office.town, known.acquirer, found.programme
        )
    said = f"{system} {'may' if allowed else 'may not'} grant for {found.code}"
    if not changed:
        return f"{said}: nothing has changed."
    deed = "programme.system_allowed" if allowed else "programme.system_disallowed"
    await office.note(connection, deed, f"programme:{found.code}", after={"system": system})
    return f"{said}."


async def listed(office: Office, *, as_json: bool) -> str:
    """Every programme."""
    found = await programmes.programmes(office.pool, office.town)
    codes = {each.number: each.code for each in office.profile.instruments}
    if as_json:
        return json.dumps(
            [
                {
                    "code": each.code,
                    "department": each.department,
                    "name": each.name,
                    "instrument": codes.get(each.instrument),
                    "ceiling": each.ceiling,
                    "granted": each.granted,
                    "reserved": each.reserved,
                    "left": each.left,
                    "systems": await programmes.systems(office.pool, office.town, each.programme),
                }
                for each in found
            ],
            ensure_ascii=False,
        )
    lines = [
        f"{each.code:16} {each.granted:>12} granted {each.reserved:>10} promised "
        f"{each.left:>12} left of {each.ceiling:>12}  {each.department} {each.name}"
        for each in found
    ]
    return "\n".join(lines) or "There are no programmes."


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line, read."""
    parser = taught("programmes", __doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    made = acts.add_parser("open")
    made.add_argument("town")
    made.add_argument("code")
    for option in ("--department", "--name", "--instrument"):
        made.add_argument(option, required=True)
    made.add_argument("--ceiling", type=number, required=True, metavar="YEN")
    ceiling = acts.add_parser("ceiling")
    ceiling.add_argument("town")
    ceiling.add_argument("code")
    ceiling.add_argument("yen", type=number)
    for name in ("allow", "disallow"):
        system = acts.add_parser(name)
        for word in ("town", "code", "system"):
            system.add_argument(word)
    listing = acts.add_parser("list")
    listing.add_argument("town")
    listing.add_argument("--json", action="store_true")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """The command; its exit status."""
    options = arguments(words)
    return done("programmes", options.town, lambda office: act(office, options))
