"""N19: around the clock; faults reach a person at once, planned stops every screen."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from gateway.protocol import api
from gateway.protocol.api_running import StopPlanned, StopsAhead
from gateway.protocol.messages import PlannedStop
from ledger.database import Pool
from tests.acceptance.nagaoka import Nagaoka, Screen
from tests.support.clock import Clock
from tests.support.house import House
from tests.support.jobs import Jobs
from tests.support.mailbox import Mailbox

JAPAN = ZoneInfo("Asia/Tokyo")
WORDS = {"ja": "サーバーの点検のため、支払いができません。", "en": "No payments: maintenance."}


def local(at: datetime) -> str:
    return at.astimezone(JAPAN).strftime("%Y-%m-%dT%H:%M")


async def told(*screens: Screen) -> PlannedStop:
    """What every one of them is told next, which is the same."""
    first, *others = await asyncio.gather(*(screen.is_told(PlannedStop) for screen in screens))
    assert all(other == first for other in others)
    return first


async def test_n19_a_planned_stop_reaches_every_screen(nagaoka: Nagaoka, clock: Clock) -> None:
    """When it is announced, shortly before, as it begins, and when it is over; who comes later is
    told at the door, and what was put off or called off is told anew.
    """
    hanako, maruya = await nagaoka.registers("花子"), await nagaoka.opens("八百屋 まるや")
    begins = clock.now + timedelta(hours=3)
    body: dict[str, Any] = {
        "from_at": local(begins),
        "until_at": local(begins + timedelta(hours=2)),
    }
    body |= {"words": WORDS}
    planned = await nagaoka.asks("POST", "/console/stops", body, StopPlanned)
    announced = await told(hanako, maruya)
    assert (announced.stop, announced.phase) == (planned.stop, "planned")
    assert announced.words == WORDS
    assert announced.from_at == int(begins.timestamp() * 1000)

    later = body | {"until_at": local(begins + timedelta(hours=3))}
    await nagaoka.asks("PUT", f"/console/stops/{planned.stop}", later, StopPlanned)
    assert (await told(hanako, maruya)).until_at != announced.until_at

    taro = await nagaoka.registers("太郎", "09087654321")
    assert (await told(taro)).phase == "planned"
    clock.advance(minutes=3 * 60 - 9)
    assert (await told(hanako, maruya, taro)).phase == "soon"
    clock.advance(minutes=9)
    assert (await told(hanako, maruya, taro)).phase == "under_way"
    assert [one.stop for one in (await nagaoka.get("/stops", StopsAhead)).stops] == [planned.stop]

    await nagaoka.asks("POST", f"/console/stops/{planned.stop}/cancel", {}, api.Done)
    assert (await told(hanako, maruya, taro)).phase == "over"
    assert (await nagaoka.get("/stops", StopsAhead)).stops == []


async def test_n19_a_fault_reaches_the_person_in_charge_at_once(
    nagaoka: Nagaoka, house: House, pool: Pool, jobs: Jobs, clock: Clock, mailbox: Mailbox
) -> None:
    """Somebody changes a balance behind Koban's back: the night's verification finds it, a mail
    says so, and another when the books add up again. It names nobody.
    """
    hanako, maruya = await nagaoka.registers("花子"), await nagaoka.opens("八百屋 まるや")
    await maruya.takes_cash(await hanako.shows_top_up_code(5_000), 5_000)
    watchman = house.gateway.watchman
    await watchman.look()
    assert mailbox.mails == []

    change = "UPDATE koban.lot SET remaining = remaining + $1 WHERE wallet = $2"
    await pool.execute(change, 1_000, hanako.account)
    clock.advance(days=1)
    await jobs.work()
    await watchman.look()
    [mail] = mailbox.mails
    assert "帳簿の検証で不一致" in mailbox.subjects[0]
    assert "花子" not in mail.get_content()
    assert str(hanako.account) not in mail.get_content()

    await pool.execute(change, -1_000, hanako.account)
    clock.advance(days=1)
    await jobs.work()
    await watchman.look()
    clock.advance(minutes=1)
    await watchman.look()
    assert "復旧" in mailbox.subjects[1]
    assert len(mailbox.mails) == 2
