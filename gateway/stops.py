"""Planned stops on the screens (N19): every session is told when one is planned, moved, near, over.

Each gateway looks for itself which stops there are, so a stop planned at any of them, or at the
command line, is told by all within a look; what time brings it knows by its own clock, also while
Postgres is away.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from gateway.looking import look_again
from gateway.protocol.messages import PlannedStop, encode
from gateway.signin import milliseconds
from ledger import stops
from ledger.database import Pool
from ledger.errors import LedgerError
from ledger.stops import Phase, Stop

if TYPE_CHECKING:
    from gateway.connection import Connection
    from gateway.hub import Hub

# A stop is planned hours ahead; a second is at once.
LOOK_S = 1.0

log = structlog.get_logger("gateway.stops")


class StopBoard:
    """One town's stops as its screens know them. ``tell`` sends a frame to every session."""

    def __init__(self, tell: Callable[[bytes], None]) -> None:
        self._tell = tell
        self._told: dict[int, PlannedStop] = {}

    def take(self, ahead: Sequence[Stop], now: datetime) -> None:
        """These are planned or under way; whatever differs from what was told is told."""
        news = {each.stop: message(each, now) for each in ahead}
        for number, told in list(self._told.items()):
            if number not in news or news[number].phase == Phase.OVER:
                del self._told[number]
                self._tell(encode(_over(told)))
        for number, said in news.items():
            if said.phase != Phase.OVER and self._told.get(number) != said:
                self._told[number] = said
                self._tell(encode(said))

    def greet(self, connection: "Connection") -> None:
        """Tells somebody who has just come."""
        for said in self._told.values():
            connection.send(encode(said))


class StopWatch:
    """Looks again and again which stops are ahead. ``hubs`` are by their towns' numbers."""

    def __init__(self, pool: Pool, hubs: "Mapping[int, Hub]", now: Callable[[], datetime]) -> None:
        self._pool = pool
        self._hubs = hubs
        self._now = now
        self._ahead: list[Stop] = []

    async def look(self) -> None:
        """Looks once, and tells what is new. Without Postgres time goes on over what is known."""
        now = self._now()
        try:
            self._ahead = await stops.ahead(self._pool, now)
        except LedgerError as error:
            log.warning("stops_not_looked_up", error=str(error))
        for town, hub in list(self._hubs.items()):
            hub.stops.take([each for each in self._ahead if each.town == town], now)

    async def look_forever(self) -> None:
        """Looks every `LOOK_S` seconds, until cancelled."""
        await look_again(self.look, LOOK_S, log, fault="stops_fault")


def message(stop: Stop, now: datetime) -> PlannedStop:
    """A stop as screens are told of it."""
    times = stop.times
    return PlannedStop(
        stop.stop,
        stop.phase(now).value,
        milliseconds(times.from_at),
        milliseconds(times.until_at),
        dict(times.words),
    )


def _over(told: PlannedStop) -> PlannedStop:
    return PlannedStop(told.stop, Phase.OVER.value, told.from_at, told.until_at, told.words)
