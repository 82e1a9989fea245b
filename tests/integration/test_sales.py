"""First-come sales on real stores: everybody hears the truth, and nothing is sold twice or over."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

import asyncpg
import pytest
from msgspec.structs import replace
from redis.asyncio import Redis

from config.limits import SaleLimits
from gateway.sales.places import Places
from ledger import offers
from ledger.database import transaction
from ledger.sales import early_score, find_sale, sales, set_age_min
from tests.support.clock import Clock
from tests.support.gateways import SECRET
from tests.support.ledger import problems
from tests.support.sales import (
    QUICK,
    Applicant,
    Lane,
    awards,
    crowd,
    open_sale,
    states,
)


@pytest.fixture
async def lane(dsn: str, redis_url: str, town: int, clock: Clock) -> AsyncIterator[Lane]:
    """One lane, whose clock stands still until it is moved."""
    async with Lane(dsn, redis_url, now=clock) as opened:
        yield opened


async def test_everybody_is_told_where_they_stand_and_then_served(
    lane: Lane, pool: asyncpg.Pool, town: int, clock: Clock
) -> None:
    """Twenty come for thirty places: each has one, and hears so as often as they ask."""
    offer = await open_sale(pool, town, 30, clock.now, opens_in_s=60)
    people = await crowd(pool, town, 20, clock.now)
    await lane.info(offer)
    told = await lane.all_join(offer, people)
    assert states(told) == {"waiting": 20}
    assert all(one["place"] is None and one["ask_again_s"] >= 60 for one in told)
    clock.advance(seconds=61)
    await lane.sold(offer, 20)
    told = [await lane.place(offer, who) for who in people]
    assert states(told) == {"served": 20}
    assert sorted(one["place"] for one in told) == list(range(1, 21))
    assert {one["place"]: who.wallet for one, who in zip(told, people, strict=True)} == (
        await awards(pool, town, offer)
    )


async def test_nobody_gains_by_coming_early(
    lane: Lane, pool: asyncpg.Pool, town: int, clock: Clock
) -> None:
    """The early are served as the published seed says; its digest was public before."""
    offer = await open_sale(pool, town, 12, clock.now, opens_in_s=60)
    commitment = (await lane.info(offer))["commitment"]
    early = await crowd(pool, town, 10, clock.now)
    for who in early:
        await lane.join(offer, who)
        clock.advance(seconds=1)
    assert (await lane.info(offer))["seed"] is None
    clock.advance(seconds=60)
    late = await crowd(pool, town, 5, clock.now)
    for who in late:
        await lane.join(offer, who)
    await lane.sold(offer, 12)
    seed = bytes.fromhex((await lane.info(offer))["seed"])
    assert sha256(seed).hexdigest() == commitment
    drawn = sorted((who.wallet for who in early), key=lambda wallet: early_score(seed, wallet))
    served = await awards(pool, town, offer)
    assert [served[place] for place in range(1, 13)] == [
        *drawn,
        *(who.wallet for who in late[:2]),
    ]
    assert states([await lane.place(offer, who) for who in late]) == {"served": 2, "sold_out": 3}


async def test_who_cannot_get_one_hears_so_before_the_last_is_sold(
    dsn: str, redis_url: str, pool: asyncpg.Pool, town: int, clock: Clock
) -> None:
    """Those who stand before take all that are left: sold out, unless somebody drops out."""
    slow = replace(QUICK, pause_s=3_600.0)  # The seller looks once, before anybody is there.
    async with Lane(dsn, redis_url, slow, now=clock) as lane:
        offer = await open_sale(pool, town, 3, clock.now)
        await lane.info(offer)
        people = await crowd(pool, town, 5, clock.now)
        told = [await lane.join(offer, who) for who in people]
        assert [one["state"] for one in told] == ["waiting"] * 3 + ["sold_out"] * 2
        assert [one["place"] for one in told] == [1, 2, 3, None, None]
        assert [one["before"] for one in told[:3]] == [0, 1, 2]
        assert all(one["ask_again_s"] is not None for one in told)
    await pool.execute(
        "UPDATE koban.account SET state = 'frozen' WHERE account = $1", people[0].wallet
    )
    async with Lane(dsn, redis_url, now=clock) as lane:
        await lane.sold(offer, 3)
        told = [await lane.place(offer, who) for who in people]
        assert [one["state"] for one in told] == ["sold_out", "served", "served", "served"] + [
            "sold_out"
        ]
        assert all(one["ask_again_s"] is None for one in told)
        assert (await lane.join(offer, people[4]))["state"] == "sold_out"


async def test_a_thousand_questions_are_one_place(
    lane: Lane, pool: asyncpg.Pool, town: int, clock: Clock
) -> None:
    """Whoever asks without pause is told to wait, and has one place like everybody."""
    offer = await open_sale(pool, town, 30, clock.now, opens_in_s=60)
    await lane.info(offer)
    who, other = await crowd(pool, town, 2, clock.now)
    answers = await asyncio.gather(*(lane.join(offer, who) for _ in range(100)))
    assert states(answers) == {"waiting": 6, "too_fast": 94}
    path = f"{lane.api}/sales/{offer}/join"
    refused = await lane.http.post(path, json={}, headers=who.headers)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    assert (await lane.join(offer, other))["state"] == "waiting"
    clock.advance(seconds=61)
    await lane.sold(offer, 2)
    assert sorted((await awards(pool, town, offer)).values()) == sorted([who.wallet, other.wallet])


async def test_questions_are_spread(
    dsn: str, redis_url: str, pool: asyncpg.Pool, town: int, clock: Clock
) -> None:
    """However many wait: so many a second are told to ask again, and not more."""
    limits = replace(QUICK, polls_per_s=10)
    async with Lane(dsn, redis_url, limits, now=clock) as lane:
        offer = await open_sale(pool, town, 200, clock.now, opens_in_s=60)
        await lane.info(offer)
        told = await lane.all_join(offer, await crowd(pool, town, 100, clock.now))
        again = sorted(one["ask_again_s"] for one in told)
        assert again[0] >= 60
        for second in range(60, 80):
            assert sum(second < wait <= second + 1 for wait in again) <= 10
        assert again[-1] <= 72


async def test_an_emptied_redis_costs_nobody_their_turn(
    lane: Lane, pool: asyncpg.Pool, town: int, clock: Clock, redis_url: str
) -> None:
    """The sale waits for those who waited; they come back in another order and stand as before."""
    offer = await open_sale(pool, town, 5, clock.now, opens_in_s=60)
    await lane.info(offer)
    waiting = await crowd(pool, town, 8, clock.now)
    told = await lane.all_join(offer, waiting)
    assert states(told) == {"waiting": 8}
    last_s = max(one["ask_again_s"] for one in told)
    async with asyncio.timeout(10):  # The seller takes note of the room, and of what was told.
        told_until = clock.now + timedelta(seconds=last_s - 1)  # It was told in whole seconds.
        while not await pool.fetchval(
            "SELECT room <> 0 AND told_until >= $2 FROM koban.sale WHERE offer = $1",
            offer,
            told_until,
        ):
            await asyncio.sleep(0.01)
    redis = Redis.from_url(redis_url)
    await redis.flushdb()
    await redis.aclose()
    clock.advance(seconds=60)
    newcomers = await crowd(pool, town, 5, clock.now)
    assert "served" not in states(await lane.all_join(offer, newcomers))
    await asyncio.sleep(0.3)
    assert await awards(pool, town, offer) == {}, "the sale waits for those who waited before"
    for who in reversed(waiting):
        await lane.place(offer, who)
    assert await awards(pool, town, offer) == {}
    clock.advance(seconds=last_s)
    await lane.sold(offer, 5)
    sale = await find_sale(pool, town, offer)
    assert sale is not None
    assert sale.seed is not None
    seed = sale.seed
    drawn = sorted(waiting, key=lambda who: early_score(seed, who.wallet))
    served = await awards(pool, town, offer)
    assert [served[place] for place in range(1, 6)] == [who.wallet for who in drawn[:5]]


async def test_people_come_while_redis_is_away(
    dsn: str, redis_url: str, pool: asyncpg.Pool, town: int, clock: Clock
) -> None:
    """Their ticket says when they came, and counts as soon as there is a queue again."""
    offer = await open_sale(pool, town, 3, clock.now)
    people = await crowd(pool, town, 3, clock.now)
    async with Lane(dsn, "redis://127.0.0.1:1/0", now=clock) as away:
        await away.info(offer)
        told = [await away.join(offer, who) for who in people]
        assert states(told) == {"waiting": 3}
        assert all(one["ticket"] and one["ask_again_s"] for one in told)
        for who in people:
            assert (await away.place(offer, Applicant(who.wallet, who.token)))["code"] == (
                "unavailable"
            )
    slow = replace(QUICK, pause_s=0.3)
    async with Lane(dsn, redis_url, slow, now=clock) as lane:
        await lane.info(offer)
        for who in reversed(people):
            await lane.place(offer, who)
        await lane.sold(offer, 3)
    served = await awards(pool, town, offer)
    assert [served[place] for place in (1, 2, 3)] == [who.wallet for who in people]


async def test_several_lanes_are_one_queue(
    dsn: str, redis_url: str, pool: asyncpg.Pool, town: int, clock: Clock
) -> None:
    """Three processes' worth of lanes and sellers: each wallet once, not one place over."""
    async with AsyncExitStack() as stack:
        lanes = [await stack.enter_async_context(Lane(dsn, redis_url, now=clock)) for _ in range(3)]
        offer = await open_sale(pool, town, 60, clock.now)
        people = await crowd(pool, town, 100, clock.now)
        for lane in lanes:
            await lane.info(offer)
        joined = [lanes[at % 3].join(offer, who) for at, who in enumerate(people)]
        again = [lanes[(at + 1) % 3].join(offer, who) for at, who in enumerate(people)]
        await asyncio.gather(*joined, *again)
        await lanes[0].sold(offer, 60)
        await lanes[1].sold(offer, 60)
        told = [await lanes[1].place(offer, who) for who in people]
    served = await awards(pool, town, offer)
    assert sorted(served) == list(range(1, 61))
    assert len(set(served.values())) == 60
    assert states(told) == {"served": 60, "sold_out": 40}
    assert await problems(pool) == []


async def test_a_seller_that_dies_after_the_commit_sells_nothing_twice(
    lane: Lane, pool: asyncpg.Pool, town: int, clock: Clock
) -> None:
    """Who is served and still stands in the queue has the same place, and the next go on."""
    offer = await open_sale(pool, town, 6, clock.now, opens_in_s=60)
    await lane.info(offer)
    people = await crowd(pool, town, 8, clock.now)
    await lane.all_join(offer, people)
    head = await lane.office._rooms.head(town, offer, 4)  # type: ignore[union-attr]
    assert head is not None
    async with transaction(pool) as connection:  # What the one that died had done.
        await offers.award(connection, town, offer, head.wallets, clock.now)
    first = await awards(pool, town, offer)
    clock.advance(seconds=61)
    await lane.sold(offer, 6)
    served = await awards(pool, town, offer)
    assert {place: served[place] for place in first} == first
    assert len(set(served.values())) == 6


async def test_only_who_may_buy_gets_in_line(
    lane: Lane, pool: asyncpg.Pool, town: int, clock: Clock
) -> None:
    """A verified phone, an open wallet, and the age: each refusal with its reason."""
    offer = await open_sale(pool, town, 10, clock.now, opens_in_s=60)
    await lane.info(offer)
    assert await set_age_min(pool, town, offer, 18, clock.now)
    async with asyncio.timeout(5):
        while (await lane.info(offer))["age_min"] != 18:
            await asyncio.sleep(0.01)
    today = date(2026, 4, 1)
    cases: list[tuple[str | None, dict[str, Any]]] = [
        ("phone_needed", {"known": False}),
        ("age_unknown", {}),
        ("too_young", {"birth_date": date(2008, 4, 2)}),
        (None, {"birth_date": date(2008, 4, 1)}),
    ]
    for reason, about in cases:
        (who,) = await crowd(pool, town, 1, clock.now, **about)
        told = await lane.join(offer, who)
        assert (told["state"], told["reason"]) == ("refused" if reason else "waiting", reason)
        assert (await lane.place(offer, who))["reason"] == reason
    assert clock.now.date() == today
    (frozen,) = await crowd(pool, town, 1, clock.now, birth_date=date(1950, 1, 1))
    await pool.execute(
        "UPDATE koban.account SET state = 'frozen' WHERE account = $1", frozen.wallet
    )
    assert (await lane.join(offer, frozen))["reason"] == "wallet_frozen"
    clock.advance(seconds=61)
    assert not await set_age_min(pool, town, offer, None, clock.now), "the terms stand"


async def test_a_sale_has_its_times(
    lane: Lane, pool: asyncpg.Pool, town: int, clock: Clock
) -> None:
    """Before its waiting room opens, and after its end: told so, and when to come."""
    early_s = SaleLimits().early_s
    offer = await open_sale(pool, town, 10, clock.now, opens_in_s=early_s + 100, lasts_s=600)
    await lane.info(offer)
    who, other = await crowd(pool, town, 2, clock.now)
    told = await lane.join(offer, who)
    assert (told["state"], told["ask_again_s"], told["ticket"]) == ("not_open", 100, None)
    clock.advance(seconds=100)
    assert (await lane.join(offer, who))["state"] == "waiting"
    clock.advance(seconds=early_s + 1)
    await lane.sold(offer, 1)
    clock.advance(seconds=600)
    assert (await lane.place(offer, who))["state"] == "served"
    assert (await lane.join(offer, other))["state"] == "closed"
    assert (await lane.info(offer))["seed"] is not None
    assert len(await awards(pool, town, offer)) == 1


@pytest.mark.parametrize(
    ("how", "path", "send", "status", "code"),
    [
        ("GET", "sales/{offer}/join", {}, 405, "method_not_allowed"),
        ("POST", "sales/{offer}/place", {"json": {}}, 405, "method_not_allowed"),
        ("POST", "sales/{offer}", {"json": {}}, 405, "method_not_allowed"),
        ("POST", "sales/999999/join", {"json": {}}, 404, "not_found"),
        ("GET", "sales/999999/place", {}, 404, "not_found"),
        ("GET", "sales/0/place", {}, 422, "invalid"),
        ("GET", "sales/ten/place", {}, 422, "invalid"),
        ("POST", "sales/-1/join", {"json": {}}, 422, "invalid"),
        ("GET", "sales/99999999999999999999", {}, 422, "invalid"),
        ("POST", "sales/{offer}/join", {"content": b"{"}, 400, "malformed"),
        ("POST", "sales/{offer}/join", {"content": b"\xff"}, 400, "malformed"),
        ("POST", "sales/{offer}/join", {"json": []}, 422, "invalid"),
        ("POST", "sales/{offer}/join", {"json": {"wallet": 1}}, 422, "invalid"),
        ("POST", "sales/{offer}/join", {"json": {"ticket": 7}}, 422, "invalid"),
        ("POST", "sales/{offer}/join", {"json": {"ticket": ""}}, 422, "invalid"),
        ("POST", "sales/{offer}/join", {"json": {"ticket": "x" * 65}}, 422, "invalid"),
        ("POST", "sales/{offer}/join", {"json": {"ticket": "not one"}}, 422, "invalid"),
        ("POST", "sales/{offer}/join", {"content": b" " * 20_000}, 413, "too_large"),
        ("POST", "sales/{offer}/join", {"content": b"a=b"}, 400, "malformed"),
        ("GET", "sales/{offer}/place", {"params": {"ticket": "x" * 65}}, 422, "invalid"),
        ("GET", "sales/{offer}/place", {"params": {"place": "1"}}, 422, "invalid"),
        ("GET", "sales/{offer}/place?ticket=a&ticket=b", {}, 422, "invalid"),
        ("GET", "sales/{offer}/place", {}, 404, "not_waiting"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    lane: Lane,
    pool: asyncpg.Pool,
    town: int,
    clock: Clock,
    how: str,
    path: str,
    send: dict[str, Any],
    status: int,
    code: str,
) -> None:
    """With what was wrong and where, and nobody gets a place by it."""
    offer = await open_sale(pool, town, 5, clock.now)
    await lane.info(offer)
    (who,) = await crowd(pool, town, 1, clock.now)
    headers = who.headers | ({"Content-Type": "application/json"} if how == "POST" else {})
    answer = await lane.http.request(
        how, f"{lane.api}/{path.format(offer=offer)}", headers=headers, **send
    )
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.json()["message"]
    assert (await lane.place(offer, who))["code"] == "not_waiting"


async def test_the_doors_look_at_who_comes(
    lane: Lane, pool: asyncpg.Pool, town: int, clock: Clock
) -> None:
    """A session, from our own pages; another media type, another town and tickets of others."""
    offer = await open_sale(pool, town, 5, clock.now, opens_in_s=60)
    await lane.info(offer)
    who, other = await crowd(pool, town, 2, clock.now)
    path = f"{lane.api}/sales/{offer}/join"

    async def code(**sent: Any) -> str:
        answer = await lane.http.post(sent.pop("path", path), **sent)
        return str(answer.json().get("code") or answer.json()["state"])

    wrong = {"Authorization": "Bearer nobody", "Origin": "http://127.0.0.1:8000"}
    foreign = who.headers | {"Origin": "https://elsewhere.example"}
    cookie = {"Cookie": f"a=b; koban_wallet={who.token}"}
    assert await code(json={}) == "signed_out"
    assert await code(json={}, headers=wrong) == "signed_out"
    assert await code(json={}, headers=foreign) == "origin_refused"
    assert await code(json={}, headers=cookie) == "origin_refused"
    assert await code(content=b"{}", headers=who.headers) == "media_type"
    nowhere = f"/api/nowhere/sales/{offer}/join"
    assert await code(json={}, headers=who.headers, path=nowhere) == "not_found"
    ours = cookie | {"Origin": "http://127.0.0.1:8000"}
    assert await code(json={}, headers=ours) == "waiting"
    await lane.join(offer, other)
    stolen = Applicant(who.wallet, who.token, other.ticket)
    assert (await lane.place(offer, stolen))["field"] == "ticket"
    await pool.execute("UPDATE people.session SET revoked_at = $1", clock.now)
    fresh = (await crowd(pool, town, 1, clock.now))[0]
    await pool.execute("UPDATE people.session SET revoked_at = $1", clock.now)
    assert (await lane.join(offer, fresh))["code"] == "signed_out"


def test_a_ticket_is_one_wallets_in_one_sale() -> None:
    """Another wallet, sale, town or secret, a changed letter, a cut one: no ticket."""
    places = Places(SECRET.encode())
    for score in (-(2**52), -1, 0, 1_780_000_000_000_000):
        ticket = places.write(7, 12, 100, score)
        assert places.read(7, 12, 100, ticket) == score
        for town, offer, wallet in ((8, 12, 100), (7, 13, 100), (7, 12, 101)):
            assert places.read(town, offer, wallet, ticket) is None
        assert Places(b"another secret, as long as needed").read(7, 12, 100, ticket) is None
        for wrong in (ticket[:-4], "A" + ticket[1:] if ticket[0] != "A" else "B" + ticket[1:], "é"):
            assert places.read(7, 12, 100, wrong) is None


async def test_a_sale_gets_one_seed(pool: asyncpg.Pool, town: int, clock: Clock) -> None:
    """However many look at it first."""
    offer = await open_sale(pool, town, 5, clock.now, opens_in_s=3_600)
    found = await asyncio.gather(*(sales(pool, clock.now, timedelta(days=1)) for _ in range(5)))
    seeds = {sale.seed for some in found for sale in some if sale.offer == offer}
    assert len(seeds) == 1
    assert all(sale.opens_at > datetime(2026, 4, 1, tzinfo=clock.now.tzinfo) for sale in found[0])
