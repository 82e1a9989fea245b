"""First-come sales in a test's hands: a crowd that is signed in, and lanes to ask."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import date, datetime, timedelta
from time import monotonic
from types import TracebackType
from typing import Any, Self

import asyncpg
import httpx
from msgspec import Struct

from config.limits import SaleLimits
from config.profile import read_profile
from config.settings import Settings
from gateway.http.context import Town
from gateway.sales.office import SalesOffice
from gateway.tickets import new_token
from ledger import accounts, identity, offers, persons
from ledger.identity import NewSession
from ledger.ids import uuid7
from ledger.offers import Awarding, NewOffer
from ledger.vault import Vault
from tests.support.gateways import SECRET
from tests.support.stores import TOWN

ORIGIN = "http://127.0.0.1:8000"
SIGNED_IN_FOR = timedelta(days=90)
# Everything in a moment instead of seconds; a person may ask as often as the test wants to know.
QUICK = SaleLimits(
    slice=10, pause_s=0.01, look_s=0.01, gather_s=0.001, polls_per_s=1_000, held_max_s=60.0
)

_numbers = itertools.count(1)


class Applicant(Struct):
    """Somebody who wants a place. ``ticket``: the last that they were given."""

    wallet: int
    token: str
    ticket: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """As a program signs in."""
        return {"Authorization": f"Bearer {self.token}", "Origin": ORIGIN}


async def crowd(
    pool: asyncpg.Pool,
    town: int,
    count: int,
    now: datetime,
    *,
    known: bool = True,
    birth_date: date | None = None,
) -> list[Applicant]:
    """So many wallets that are signed in; ``known``: with a holder, whose phone is known."""
    wallets = await accounts.open_wallets(pool, town, count, now)
    if known:
        kana = None if birth_date is None else "ナガオカ ハナコ"
        people = [
            persons.Person(
                wallet,
                f"080{next(_numbers):08d}",
                f"利用者 {wallet}",
                "!",
                "!",
                kana=kana,
                birth_date=birth_date,
            )
            for wallet in wallets
        ]
        await persons.add_people(pool, Vault({0: SECRET.encode()}), town, people, now)
    made = [Applicant(wallet, new_token()) for wallet in wallets]
    async with pool.acquire() as connection, connection.transaction():
        for one in made:
            new = NewSession(uuid7(), one.token, "wallet", one.wallet, "", now, now + SIGNED_IN_FOR)
            await identity.open_session(connection, town, new)
    return made


async def open_sale(
    pool: asyncpg.Pool,
    town: int,
    places: int,
    now: datetime,
    *,
    opens_in_s: float = 0.0,
    lasts_s: float = 3_600.0,
) -> int:
    """An offer of so many rights that go to whoever comes first; its number."""
    opens_at = now + timedelta(seconds=opens_in_s)
    closes_at = opens_at + timedelta(seconds=lasts_s)
    new = NewOffer(
        code=f"sale-{next(_numbers)}",
        name="プレミアム付商品券 先着",
        awarding=Awarding.FIRST_COME,
        places=places,
        opens_at=opens_at,
        closes_at=closes_at,
        use_until=closes_at + timedelta(days=30),
        amount=10_000,
    )
    return (await offers.open_offer(pool, town, new, now)).offer


async def awards(pool: asyncpg.Pool, town: int, offer: int) -> dict[int, int]:
    """The truth: wallets by their place."""
    rows = await pool.fetch(
        "SELECT place, wallet FROM koban.award WHERE town = $1 AND offer = $2", town, offer
    )
    return {row["place"]: row["wallet"] for row in rows}


class Lane:
    """One lane of a town, in the test's process."""

    def __init__(
        self,
        dsn: str,
        redis_url: str,
        limits: SaleLimits = QUICK,
        *,
        now: Callable[[], datetime],
        code: str = TOWN,
    ) -> None:
        settings = Settings(postgres_dsn=dsn, redis_url=redis_url, secret=SECRET.encode())
        town = Town(read_profile(code))
        self.office = SalesOffice(settings, limits, {code: town}, now=now, monotonic=monotonic)
        self.api = f"/api/{code}"
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self.office.open()
        self.http = await self._stack.enter_async_context(self.visitor())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()
        await self.office.close()

    def visitor(self, address: str = "203.0.113.7") -> httpx.AsyncClient:
        """A browser somewhere."""
        transport = httpx.ASGITransport(self.office.lane, client=(address, 50_000))
        return httpx.AsyncClient(transport=transport, base_url=ORIGIN)

    async def join(self, offer: int, who: Applicant) -> dict[str, Any]:
        """Takes a place, or the one on the ticket."""
        body = {} if who.ticket is None else {"ticket": who.ticket}
        path = f"{self.api}/sales/{offer}/join"
        return self._told(who, await self.http.post(path, json=body, headers=who.headers))

    async def place(self, offer: int, who: Applicant) -> dict[str, Any]:
        """Asks where one stands."""
        query = {} if who.ticket is None else {"ticket": who.ticket}
        path = f"{self.api}/sales/{offer}/place"
        return self._told(who, await self.http.get(path, params=query, headers=who.headers))

    async def all_join(self, offer: int, people: Sequence[Applicant]) -> list[dict[str, Any]]:
        """All at once."""
        return await asyncio.gather(*(self.join(offer, who) for who in people))

    async def sold(self, offer: int, count: int) -> None:
        """Waits until the lane knows of so many places sold."""
        async with asyncio.timeout(20):
            while (await self.info(offer))["sold"] < count:
                await asyncio.sleep(0.02)

    async def info(self, offer: int) -> dict[str, Any]:
        """The sale as everybody sees it, soon after it was made."""
        answer = await self.http.get(f"{self.api}/sales/{offer}")
        for _ in range(200):
            if answer.status_code != 404:
                break
            await asyncio.sleep(0.02)
            answer = await self.http.get(f"{self.api}/sales/{offer}")
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    @staticmethod
    def _told(who: Applicant, answer: httpx.Response) -> dict[str, Any]:
        told: dict[str, Any] = answer.json()
        if answer.status_code == 200:
            who.ticket = told["ticket"] or who.ticket
        return told


def states(answers: Sequence[dict[str, Any]]) -> Counter[str]:
    """How many heard what: a state, or the code of an error."""
    return Counter(answer.get("state") or answer["code"] for answer in answers)
