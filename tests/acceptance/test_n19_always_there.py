"""N19: around the clock; faults reach a person at once, planned stops every screen."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from gateway.protocol import api
from gateway.protocol.api_running import StopPlanned, StopsAhead
from gateway.protocol.messages import PlannedStop
from tests.acceptance.nagaoka import Nagaoka, Screen
from tests.support.clock import Clock

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
