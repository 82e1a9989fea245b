"""Value for everybody in a city: a top-up in cash where the town's shops take any, else a grant.

It comes by `ledger.authorise` in batches from two connections, as it does from the counter; nothing
here knows a rule of money.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from zlib import crc32

from config.profile import Profile
from gateway.office import OfficeFault
from ledger import accounts, authorise, cities, programmes
from ledger.accounts import Shop
from ledger.database import Pool, transaction
from ledger.ids import uuid7
from ledger.outcomes import Outcome
from ledger.programmes import NewActivity, NewProgramme
from ledger.requests import Kind, Request

CALL = 1_000  # Requests of one call: larger ones gain nothing more.
CONNECTIONS = 2  # What the counter has in flight; the town's lock lets one write at a time.
CODE_TTL = timedelta(minutes=3)
GRANT_MAX = 5_000  # Yen at most by a grant, where no value is given.
CASH_MAX = 30_000  # Yen at most by a top-up, where no value is given.
YEAR = timedelta(days=365)

Clock = Callable[[], datetime]


async def give(
    pool: Pool,
    profile: Profile,
    wallets: Sequence[int],
    seed: int,
    value: int | None,
    clock: Clock,
    progress: Callable[[int], None],
) -> None:
    """Gives each of these wallets ``value`` yen; without it, an amount by chance.

    Raises:
        OfficeFault: the ledger refused one; those before have theirs.
    """
    till = next((way for way in profile.ways if way.kind == "shop" and not way.needs_right), None)
    if till is not None:
        least, most, step = till.min, min(till.max, CASH_MAX), till.step
        giver: _Tills | _Grants = _Tills(
            pool, profile, await accounts.shops(pool, profile.town.number)
        )
    else:
        least, most, step = 10, min(GRANT_MAX, profile.limits.balance_cap), 10
        giver = await _grants(pool, profile, value or most, len(wallets), clock())
    choice = range(least, most + 1, step)
    amounts = {wallet: value or choice[_chance(seed, wallet) % len(choice)] for wallet in wallets}
    parts = iter(range(0, len(wallets), CALL))
    done = 0

    async def work() -> None:
        nonlocal done
        for first in parts:
            some = wallets[first : first + CALL]
            now = clock()
            requests = await giver.requests(some, amounts, now)
            batch = await authorise.decide(pool, profile.town.number, requests, now)
            for decision in batch.decisions:
                if decision.outcome is not Outcome.DONE:
                    raise OfficeFault(f"value was refused: {decision.outcome.value}")
            done += len(some)
            progress(done)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(CONNECTIONS):
                group.create_task(work())
    except* OfficeFault as faults:
        raise faults.exceptions[0] from None


class _Tills:
    """Cash at the shops, in turn; no tablet stands behind it yet."""

    def __init__(self, pool: Pool, profile: Profile, shops: list[Shop]) -> None:
        self._pool, self._profile, self._shops = pool, profile, shops

    async def requests(
        self, wallets: Sequence[int], amounts: dict[int, int], now: datetime
    ) -> list[Request]:
        """A top-up for each wallet, whose code is shown."""
        prefix = self._profile.payments.code_prefix
        shown = [(wallet, f"{prefix}{wallet:012d}", amounts[wallet]) for wallet in wallets]
        await cities.show_codes(self._pool, self._profile.town.number, shown, now, CODE_TTL)
        return [
            Request(
                id=uuid7(),
                kind=Kind.TOP_UP,
                shop=self._shops[wallet % len(self._shops)].account,
                code=code,
                amount=amount,
            )
            for wallet, code, amount in shown
        ]


class _Grants:
    """Grants of one programme a kind of value, the kinds in turn."""

    def __init__(self, activities: list[str]) -> None:
        self._activities = activities

    async def requests(
        self, wallets: Sequence[int], amounts: dict[int, int], _now: datetime
    ) -> list[Request]:
        """A grant for each wallet."""
        count = len(self._activities)
        return [
            Request(
                id=uuid7(),
                kind=Kind.GRANT,
                wallet=wallet,
                way=self._activities[wallet % count],
                amount=amounts[wallet],
            )
            for wallet in wallets
        ]


async def _grants(pool: Pool, profile: Profile, most: int, wallets: int, now: datetime) -> _Grants:
    """Opens a programme and an activity for each kind of points, unless they are there."""
    town, activities = profile.town.number, list[str]()
    kinds = [kind for kind in profile.instruments if kind.kind == "points"]
    for kind in kinds or [kind for kind in profile.instruments if kind.kind == "voucher"]:
        code = f"city_{kind.code}"
        name = kind.name.get("ja", kind.code)
        new = NewProgramme(code, "市", name, kind.number, most * wallets)
        async with transaction(pool) as connection:
            if await programmes.programme(connection, town, code) is None:
                opened = await programmes.open_programme(connection, town, new, now)
                if opened is None:
                    raise OfficeFault(f"a funder of the profile is called {code}, as we need")
                number, ends_at = opened.programme, now + YEAR
                activity = NewActivity(code, number, name, None, most, "once", now, ends_at)
                await programmes.open_activity(connection, town, activity)
        activities.append(code)
    if not activities:
        raise OfficeFault("the town has neither cash at shops nor a kind of value to be granted")
    return _Grants(activities)


def _chance(seed: int, wallet: int) -> int:
    """A number for a wallet, the same whichever others wait; nobody's secret."""
    return crc32(f"{seed}/{wallet}".encode())
