"""The bench's generator counts every payment once, whatever becomes of it."""

import httpx

from config.limits import Limits, SessionLimits
from gateway.protocol.messages import Role
from loadtest.bench.loops import Run, payments
from loadtest.bench.screens import Fleet, Seat
from tests.support.house import House, OpenHouse
from tests.support.people import PIN, TOWN, People, Screen

RICH = 100_000  # Yen: about 380 payments of the generator's growing amounts.


async def seat(house: House, screen: Screen) -> Seat:
    """A ticket, got as any screen gets it."""
    async with httpx.AsyncClient(base_url=house.url, trust_env=False) as http:
        answer = await http.post(
            f"/api/{TOWN}/ticket",
            json={"role": screen.role},
            headers={"Authorization": f"Bearer {screen.token}", "Origin": house.url},
        )
    return Seat(Role(screen.role), screen.account, answer.json()["ticket"])


async def connected(house: House, *screens: Screen) -> Fleet:
    """The generator's screens in front of the gateway."""
    fleet = Fleet()
    seats = [await seat(house, screen) for screen in screens]
    url = f"{house.url.replace('http', 'ws', 1)}/ws/{TOWN}"
    await fleet.connect(url, house.url, seats, at_once=10)
    return fleet


async def test_payments_count_when_both_screens_have_them(
    open_house: OpenHouse, people: People
) -> None:
    """Closed loop and arrivals: all are done, the feeds are whole, shown is said."""
    # A few wallets pay here as fast as thousands would, and must not run out of money meanwhile.
    house = await open_house(Limits(session=SessionLimits(commands_per_s=10_000)))
    shop = await people.tablet()
    wallets = [await people.wallet(RICH) for _ in range(6)]
    fleet = await connected(house, shop, *wallets)
    source = payments(fleet, [shop.account], PIN)
    closed = await Run(fleet, source, 10).closed(2, windows=2, window_s=0.2)
    assert closed.outcomes.keys() == {"done"}
    assert closed.tps > 0
    assert 0 < closed.p50_ms <= closed.p99_ms <= closed.worst_ms
    arrivals = await Run(fleet, source, 10).arrivals(20.0, windows=1, window_s=0.5)
    assert arrivals.outcomes == {"done": 16}
    assert (arrivals.gaps, arrivals.repeats, arrivals.closed) == (0, 0, {})
    assert arrivals.acks > 0
    await fleet.leave()


async def test_refused_payments_are_counted_by_their_reason(house: House, people: People) -> None:
    """An empty wallet pays nothing, and no payment is quietly left out."""
    shop = await people.tablet()
    fleet = await connected(house, shop, await people.wallet(value=0))
    source = payments(fleet, [shop.account], PIN)
    run = await Run(fleet, source, 10).arrivals(10.0, windows=1, window_s=0.3)
    assert run.outcomes == {"insufficient_funds": 6}
    assert run.tps == 0
    await fleet.leave()


async def test_a_shop_that_is_not_there_leaves_payments_unanswered(
    house: House, people: People
) -> None:
    """The payer's result alone is not enough: the missing event is named."""
    absent, present = await people.tablet(), await people.tablet()
    fleet = await connected(house, present, await people.wallet())
    source = payments(fleet, [absent.account], PIN)
    fleet.on_end = lambda: None
    for _ in range(3):
        fleet.send(next(source), 0.0)
    await fleet.settled(0.5)
    assert dict(fleet.outcomes) == {"unanswered (event missing)": 3}
    await fleet.leave()
