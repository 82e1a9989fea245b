"""A town filled with people who are not there, to measure it by: ``koban city``.

    found TOWN [--wallets N] [--shops N] [--tablets N] [--value YEN] [--seed N] [--around PLACE]
          [--dry-run] [--json]
                    opens shops with listings and tablets, wallets (each with an IC card where the
                    town has cards), and gives everybody value: a top-up in cash at a till where
                    the town's shops take any, else a grant from a programme made for it
    show TOWN [--json]
                    what a town was filled with

    koban city found TOWN --wallets 200000 --shops 400 --around 34.8144,135.6507
    koban city found TOWN --wallets 20000 --shops 40 --tablets 50

The town has to be loaded (``koban towns load``) and empty: where anybody takes part, nothing is
done. Without ``--tablets`` each shop has one; they wait for their enrolment. ``--value``: yen for
everybody; without it the amounts differ. ``--around``: latitude and longitude of the town's middle;
without it the shops do not say where they are. The same ``--seed`` makes the same city. Stopped at
any point, the same command goes on. ``scripts/verify`` proves a city's books like any town's.
"""

import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from gateway.city.founding import check, found
from gateway.office import Office, OfficeFault, done, taught
from gateway.places import place_of
from gateway.progress import Progress
from ledger import cities
from ledger.cities import City
from ledger.database import transaction
from ledger.shops.listings import Place

WALLETS_MAX = 1_000_000
SHOPS_MAX = 20_000
TABLETS_MAX = 50_000
VALUE_MAX = 100_000


class Answer(Struct, frozen=True):
    """What ``--json`` prints. ``resumed``: how many wallets had waited for their value."""

    town: str
    wallets: int
    shops: int
    tablets: int
    seed: int
    finished: bool
    yen: int | None = None
    seconds: float | None = None
    resumed: int | None = None


class Bars:
    """One bar a step, which is left when the next one begins."""

    def __init__(self) -> None:
        self._what = ""
        self._bar: Progress | None = None

    def __call__(self, what: str, reached: int, total: int) -> None:
        if what != self._what:
            self.close()
            self._what, self._bar = what, Progress(what, total).__enter__()
        assert self._bar is not None
        self._bar.at(reached)

    def close(self) -> None:
        """The last bar is full."""
        if self._bar is not None:
            self._bar.__exit__(None, None, None)


async def founded(
    office: Office,
    wanted: City,
    value: int | None,
    *,
    dry_run: bool,
    middle: Place | None = None,
) -> Answer:
    """Fills the town, or says what would be done."""
    code, town = office.profile.town.code, office.town
    sizes = (code, wanted.wallets, wanted.shops, wanted.tablets, wanted.seed)
    if value is not None and value > office.profile.limits.balance_cap:
        cap = office.profile.limits.balance_cap
        raise OfficeFault(f"--value: found {value}; allowed is up to {cap}, the most of a wallet")
    there = await check(office.pool, town, wanted)
    if dry_run:
        waiting = await cities.without_value(office.pool, town) if there else None
        return Answer(*sizes, finished=False, resumed=None if waiting is None else len(waiting))
    bars, began_s = Bars(), time.monotonic()
    made = await found(
        office.pool,
        office.vault,
        office.profile,
        wanted,
        value,
        lambda: datetime.now(UTC),
        bars,
        middle=middle,
    )
    bars.close()
    async with transaction(office.pool) as connection:
        after = {"wallets": wanted.wallets, "shops": wanted.shops, "tablets": wanted.tablets}
        await office.note(connection, "city.founded", f"town:{town}", after=after)
    seconds = round(time.monotonic() - began_s, 1)
    return Answer(*sizes, finished=True, yen=made.yen, seconds=seconds, resumed=made.resumed)


async def shown(office: Office) -> Answer:
    """What the town was filled with."""
    there = await cities.city(office.pool, office.town)
    code = office.profile.town.code
    if there is None:
        raise OfficeFault(f"the town {code!r} was never filled; fill it: koban city found {code}")
    sizes = (code, there.wallets, there.shops, there.tablets, there.seed)
    return Answer(*sizes, finished=there.finished_at is not None)


def told(answer: Answer, *, as_json: bool, dry_run: bool = False) -> str:
    """The answer as it is printed."""
    if as_json:
        return msgspec.json.encode(answer).decode()
    what = f"{answer.wallets} wallets, {answer.shops} shops, {answer.tablets} tablets"
    if dry_run:
        return f"{answer.town}: would have {what}; nothing was done"
    if answer.yen is None:
        return f"{answer.town}: {what}{'' if answer.finished else ', not finished'}"
    return f"{answer.town}: {what}, {answer.yen:,} yen in the wallets, in {answer.seconds} s"


def main(words: Sequence[str] | None = None) -> int:
    """``koban city``; its exit status."""
    reader = taught("city", __doc__)
    reader.add_argument("act", choices=("found", "show"))
    reader.add_argument("town")
    reader.add_argument("--wallets", type=int, default=200_000, metavar="N")
    reader.add_argument("--shops", type=int, default=400, metavar="N")
    reader.add_argument("--tablets", type=int, metavar="N")
    reader.add_argument("--value", type=int, metavar="YEN")
    reader.add_argument("--around", type=place_of, metavar="PLACE")
    reader.add_argument("--seed", type=int, default=1, metavar="N")
    reader.add_argument("--dry-run", action="store_true")
    reader.add_argument("--json", action="store_true")
    options = reader.parse_args(sys.argv[1:] if words is None else list(words))
    tablets = options.shops if options.tablets is None else options.tablets
    for option, number, least, most in (
        ("--wallets", options.wallets, 0, WALLETS_MAX),
        ("--shops", options.shops, 1, SHOPS_MAX),
        ("--tablets", tablets, 0, TABLETS_MAX),
        ("--value", options.value, 1, VALUE_MAX),
        ("--seed", options.seed, 0, 2**31),
    ):
        if number is not None and not least <= number <= most:
            reader.error(f"{option}: found {number}; allowed is {least} to {most}")

    async def act(office: Office) -> str:
        if options.act == "show":
            return told(await shown(office), as_json=options.json)
        wanted = City(options.wallets, options.shops, tablets, options.seed, office.now)
        answer = await founded(
            office, wanted, options.value, dry_run=options.dry_run, middle=options.around
        )
        return told(answer, as_json=options.json, dry_run=options.dry_run)

    return done("city", options.town, act)
