"""H5: what nobody spent in time goes back to its fund, to publicity or to a donation, as set."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest

from gateway.protocol.api_expiry import ExpiryPreview, ExpiryRuns, PurposeSums
from gateway.protocol.messages import Receipt
from ledger.database import Pool
from tests.acceptance.conftest import Visit
from tests.acceptance.granting import is_set_for, left, opens_activity, opens_programme
from tests.acceptance.nagaoka import JAPAN, Holder, Nagaoka
from tests.support.clock import Clock
from tests.support.jobs import Jobs, worker_of
from tests.support.ledger import problems

PHONE = "09012345678"
YOSHI = {"name": "五十嵐 ヨシ", "kana": "イガラシ ヨシ", "birth_date": "1941-03-09"}


@pytest.fixture
async def night(dsn: str, clock: Clock) -> AsyncIterator[Jobs]:
    """The worker that is awake when the town sleeps."""
    async with worker_of(dsn, clock) as worker:
        yield Jobs(worker, clock)


async def passes(town: Nagaoka, night: Jobs, at: datetime) -> None:
    """Time goes by; the worker does what became due, and an operator is there again."""
    town.clock.advance(seconds=(at - town.clock.now).total_seconds())
    await night.worker.enqueue_due()
    await night.work()
    await town.opens_console()


async def takes_part(town: Nagaoka, yoshi: Holder, instrument: str, amount: int) -> None:
    """A programme of one kind of points, and its event, at which Yoshi was."""
    await opens_programme(town, instrument, instrument, 10_000)
    await opens_activity(town, instrument, f"{instrument}-day", "行事", amount)
    tablet = await town.opens(f"会場 {instrument}")
    await is_set_for(town, tablet, f"{instrument}-day")
    assert isinstance(await tablet.grants(await yoshi.shows_code(None)), Receipt)


async def purposes(town: Nagaoka) -> dict[str, int]:
    """What everybody sees of the purposes."""
    sums = await town.get("/purposes", PurposeSums)
    return {each.code: each.amount for each in sums.purposes}


async def endings(town: Nagaoka, day: str) -> list[tuple[str, str, str | None, int]]:
    """What the office sees of a midnight to come."""
    found = await town.asks("GET", f"/console/expiry?at={day}", None, ExpiryPreview)
    return [(one.instrument, one.funder, one.purpose, one.amount) for one in found.endings]


async def test_h5_each_programmes_points_go_where_the_profile_says(
    visit: Visit, night: Jobs, pool: Pool
) -> None:
    """Yoshi walks, helps and builds, and spends little of it. Her health points go back to the
    department, which can give them again; her volunteer points become a donation, those for
    town-making publicity. The office knew before, she can read it, and the sums are public.
    """
    town = await visit("hirakata")
    await night.worker.enqueue_due()
    yoshi = await town.registers_as(YOSHI, PHONE)
    for instrument, amount in (("health", 500), ("volunteer", 300), ("making", 200)):
        await takes_part(town, yoshi, instrument, amount)
    books = await town.opens("くずは書房")
    await yoshi.pays(books.shop, 100)
    assert await yoshi.holds() == {"health": 400, "volunteer": 300, "making": 200}
    assert await left(town, "health") == (500, 9_500)
    assert await purposes(town) == {"donation": 0, "publicity": 0}

    await passes(town, night, datetime(2027, 4, 30, 23, 59, tzinfo=JAPAN))
    assert await endings(town, "2027-05-01") == [("health", "health", None, 400)]
    assert await left(town, "health") == (500, 9_500)
    await passes(town, night, datetime(2027, 5, 1, 0, 5, tzinfo=JAPAN))
    assert await left(town, "health") == (100, 9_900), "given again to somebody else"
    assert await endings(town, "2027-05-01") == []
    runs = await town.asks("GET", "/console/expiry/runs?limit=1", None, ExpiryRuns)
    assert [(f"{run.day}", run.amount) for run in runs.runs] == [("2027-05-01", 400)]
    yoshi = await town.signs_in(PHONE)
    assert await yoshi.holds() == {"volunteer": 300, "making": 200}
    [gone, *_] = await yoshi.history()
    assert (gone.kind, gone.amount) == ("expiry", 400)

    await passes(town, night, datetime(2028, 5, 1, 0, 5, tzinfo=JAPAN))
    assert await purposes(town) == {"donation": 300, "publicity": 0}
    await passes(town, night, datetime(2029, 3, 31, 23, 59, tzinfo=JAPAN))
    yoshi = await town.signs_in(PHONE)
    assert await yoshi.holds() == {"making": 200}
    await passes(town, night, datetime(2029, 4, 1, 0, 5, tzinfo=JAPAN))
    assert await yoshi.holds() == {}
    assert await purposes(town) == {"donation": 300, "publicity": 200}
    assert await left(town, "volunteer") == (300, 9_700), "what was donated was given for good"
    assert await problems(pool) == []


async def test_h5_a_card_that_is_used_keeps_its_points(
    visit: Visit, night: Jobs, pool: Pool
) -> None:
    """Common points end a year after the card was last used: Yoshi comes to a shop once in time,
    and loses nothing; then not for a year, and what is left becomes publicity.
    """
    town = await visit("hirakata")
    await night.worker.enqueue_due()
    yoshi = await town.registers_as(YOSHI, PHONE)
    books = await town.opens("くずは書房")
    await books.issues(await yoshi.shows_code(None), 50_000)
    await passes(town, night, datetime(2027, 3, 1, 12, 0, tzinfo=JAPAN))
    yoshi = await town.signs_in(PHONE)
    await yoshi.pays(books.shop, 100)
    await passes(town, night, datetime(2027, 6, 1, 0, 5, tzinfo=JAPAN))
    yoshi = await town.signs_in(PHONE)
    assert await yoshi.holds() == {"common": 400}
    await passes(town, night, datetime(2028, 3, 1, 0, 5, tzinfo=JAPAN))
    assert await purposes(town) == {"donation": 0, "publicity": 400}
    assert await problems(pool) == []
