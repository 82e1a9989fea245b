"""Lanes and Redis end in the middle of a sale: nobody twice, not one over, all hear the truth."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx
import pytest
from redis.asyncio import Redis

from ledger.sales import early_score, find_sale
from scripts.embedded import Servers
from tests.support.gateways import GatewayProcess, StartGateway
from tests.support.ledger import problems
from tests.support.sales import Applicant, awards, crowd, open_sale, states
from tests.support.stores import TOWN

pytestmark = pytest.mark.faults

APPLICANTS, PLACES = 340, 300
# The lanes find the sale and the crowd joins within this, on a busy machine too.
OPENS_IN_S = 20.0
EARLY_S = (
    600.0  # Where the test opens the sale itself: within the waiting room's quarter of an hour.
)
WITHIN_S = 60.0


@pytest.fixture
async def mended(servers: Servers) -> AsyncIterator[Servers]:
    """The servers, which run again after the test whatever happened in it."""
    yield servers
    if not servers.valkey.running():
        await asyncio.to_thread(servers.valkey.start)


class Rush:
    """A sale that opens in a moment, with everybody waiting for it at some lanes."""

    def __init__(self, pool: asyncpg.Pool, town: int, start: StartGateway) -> None:
        self.pool = pool
        self.town = town
        self._start = start
        self.people: list[Applicant] = []
        self.offer = 0
        self._due: dict[int, float] = {}  # By wallet: until when it was told to ask again.
        self._late: set[int] = set()  # Who came back later than that, on a machine this busy.
        self.lanes: list[GatewayProcess] = []

    async def lane(self) -> GatewayProcess:
        """One more lane process."""
        lane = await self._start(module="gateway.sales", DEMO="0")
        self.lanes.append(lane)
        return lane

    async def gather(self, opens_in_s: float = OPENS_IN_S) -> None:
        """Everybody joins before the opening, each at one of the lanes."""
        now = datetime.now(UTC)
        self.people = await crowd(self.pool, self.town, APPLICANTS, now)
        self.offer = await open_sale(
            self.pool, self.town, PLACES, datetime.now(UTC), opens_in_s=opens_in_s
        )
        async with asyncio.timeout(WITHIN_S):
            for lane in self.lanes:
                while await self._posted(lane) is None:
                    await asyncio.sleep(0.05)
        told = await self.ask("join")
        assert states(told) == {"waiting": APPLICANTS}

    async def opens(self) -> None:
        """The sale opens now."""
        now = datetime.now(UTC)
        await self.pool.execute(
            "UPDATE koban.offer SET opens_at = $2 WHERE offer = $1", self.offer, now
        )

    async def ask(
        self, act: str, *lanes: GatewayProcess, people: list[Applicant] | None = None
    ) -> list[dict[str, Any]]:
        """What each hears who asks at one of the lanes, in turn."""
        chosen = lanes or tuple(self.lanes)
        asking = self.people if people is None else people
        gate = asyncio.Semaphore(40)
        async with httpx.AsyncClient(verify=False, trust_env=False, timeout=20) as http:

            async def one(place: int, who: Applicant) -> dict[str, Any]:
                url = f"{chosen[place % len(chosen)].url}/api/{TOWN}/sales/{self.offer}/{act}"
                ticket = {} if who.ticket is None else {"ticket": who.ticket}
                headers = {"Authorization": f"Bearer {who.token}"}
                async with gate:
                    if act == "join":
                        answer = await http.post(url, json=ticket, headers=headers)
                    else:
                        answer = await http.get(url, params=ticket, headers=headers)
                told: dict[str, Any] = answer.json()
                who.ticket = told.get("ticket") or who.ticket
                self._told(who.wallet, told)
                return told

            return await asyncio.gather(*(one(*each) for each in enumerate(asking)))

    def _told(self, wallet: int, told: dict[str, Any]) -> None:
        now = asyncio.get_running_loop().time()
        if told.get("before") is not None and now > self._due.get(wallet, now):
            self._late.add(wallet)
        if told.get("ask_again_s") is not None:
            self._due[wallet] = now + told["ask_again_s"]

    async def all_stand_again(self) -> None:
        """Everybody asks until they know where they stand, or what they have."""
        left = self.people
        async with asyncio.timeout(WITHIN_S):
            while left:
                told = await self.ask("place", people=left)
                assert set(states(told)) <= {"waiting", "served", "sold_out", "too_fast"}
                left = [
                    who
                    for who, one in zip(left, told, strict=True)
                    if one.get("state") == "waiting" and one["before"] is None
                ]

    async def _posted(self, lane: GatewayProcess) -> dict[str, Any] | None:
        async with httpx.AsyncClient(verify=False, trust_env=False) as http:
            answer = await http.get(f"{lane.url}/api/{TOWN}/sales/{self.offer}")
        told: dict[str, Any] = answer.json()
        return told if answer.status_code == 200 else None

    async def have_redis(self) -> None:
        """Waits until every lane says that it can ask Redis."""
        async with (
            asyncio.timeout(WITHIN_S),
            httpx.AsyncClient(verify=False, trust_env=False) as http,
        ):
            for lane in self.lanes:
                while not (await http.get(f"{lane.url}/healthz")).json()["redis"]:
                    await asyncio.sleep(0.05)

    async def sold(self, count: int) -> None:
        """Waits until so many places are sold, by what Postgres says."""
        async with asyncio.timeout(WITHIN_S):
            while len(await awards(self.pool, self.town, self.offer)) < count:
                await asyncio.sleep(0.01)

    async def final(self, *lanes: GatewayProcess) -> list[dict[str, Any]]:
        """What everybody hears in the end, when the lanes have seen in Postgres what was sold.

        Who is told to ask again, or has asked too fast, asks again.
        """
        heard: dict[int, dict[str, Any]] = {}
        async with asyncio.timeout(WITHIN_S):
            while left := [who for who in self.people if who.wallet not in heard]:
                told = await self.ask("place", *lanes, people=left)
                heard |= {
                    who.wallet: one
                    for who, one in zip(left, told, strict=True)
                    if one.get("state") is not None and one["ask_again_s"] is None
                }
                if len(heard) < len(self.people):
                    await asyncio.sleep(0.5)
        return [heard[who.wallet] for who in self.people]

    async def reckon(self, *lanes: GatewayProcess) -> None:
        """What must hold in the end: the first by the draw have a place each, and all know it."""
        await self.sold(PLACES)
        told = await self.final(*lanes)
        served = await awards(self.pool, self.town, self.offer)
        assert sorted(served) == list(range(1, PLACES + 1))
        assert states(told) == {"served": PLACES, "sold_out": APPLICANTS - PLACES}
        heard = {
            one["place"]: who.wallet
            for one, who in zip(told, self.people, strict=True)
            if one["state"] == "served"
        }
        assert heard == served
        sale = await find_sale(self.pool, self.town, self.offer)
        assert sale is not None
        assert sale.seed is not None
        seed = sale.seed
        drawn = sorted((who.wallet for who in self.people), key=lambda one: early_score(seed, one))
        # Who was not late stands where they stood.
        in_time = [served[place] for place in range(1, PLACES + 1)]
        in_time = [wallet for wallet in in_time if wallet not in self._late]
        assert in_time == [one for one in drawn if one not in self._late][: len(in_time)]
        assert await problems(self.pool) == []


@pytest.fixture
async def rush(pool: asyncpg.Pool, town: int, start_gateway: StartGateway) -> Rush:
    """A sale at two lanes."""
    made = Rush(pool, town, start_gateway)
    await asyncio.gather(made.lane(), made.lane())
    return made


async def test_redis_ends_in_the_middle(rush: Rush, mended: Servers) -> None:
    """The queue is lost; everybody asks again with their ticket and stands where they stood."""
    await rush.gather()
    await rush.sold(100)
    await asyncio.to_thread(mended.valkey.stop)
    for _ in range(2):  # Who asks meanwhile is told when to come again, and is waited for.
        told = await rush.ask("place")
        assert set(states(told)) <= {"waiting", "served", "sold_out"}
    await asyncio.to_thread(mended.valkey.start)
    await rush.have_redis()
    await rush.all_stand_again()
    await rush.reckon()


async def test_a_lane_is_killed_in_the_middle(rush: Rush) -> None:
    """The other goes on selling, and answers those who were at the first."""
    await rush.gather(opens_in_s=EARLY_S)
    await rush.opens()
    await rush.sold(100)
    killed, other = rush.lanes
    await killed.kill()
    await rush.reckon(other)


async def test_the_seller_is_killed_between_commit_and_answer(
    pool: asyncpg.Pool, town: int, start_gateway: StartGateway, redis_url: str
) -> None:
    """A hundred are sold to, and still stand in the queue: nobody is sold to twice."""
    rush = Rush(pool, town, start_gateway)
    seller = await rush.lane()
    await rush.gather(opens_in_s=EARLY_S)
    redis = Redis.from_url(redis_url)
    async with pool.acquire() as connection, connection.transaction():
        # The seller has read who is first, and waits for the offer's row; Redis then hears no more.
        await rush.opens()
        await connection.execute("SELECT FROM koban.offer WHERE offer = $1 FOR UPDATE", rush.offer)
        async with asyncio.timeout(WITHIN_S):
            while not await pool.fetchval(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE application_name = 'koban sales' AND wait_event_type = 'Lock'"
            ):
                await asyncio.sleep(0.01)
        await redis.client_pause(10_000, all=False)
    await rush.sold(100)
    await seller.kill()
    await redis.client_unpause()
    first = await awards(pool, town, rush.offer)
    assert len(first) == 100
    queued = await redis.zcard(f"koban:{{{town}}}:sale:{rush.offer}:queue")
    await redis.aclose()
    assert queued == APPLICANTS, "nobody had left the queue yet"
    rush.lanes.clear()
    other = await rush.lane()
    await rush.reckon(other)
    served = await awards(pool, town, rush.offer)
    assert {place: served[place] for place in first} == first
