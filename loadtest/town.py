"""The town of one run: its screens, the codes that are held up to be scanned, and the figures.

Everything that is measured or goes wrong is told to Locust as requests, so that it stands in its
statistics: ``push`` for latencies, ``feed`` and ``screen`` for what must not happen.
"""

import random
import time
from collections.abc import Sequence

from gevent.event import Event as Flag
from gevent.queue import Queue
from locust.env import Environment

from gateway.protocol.messages import Purpose, Receipt, Role
from loadtest.latency import Latencies, wall_offset_s
from loadtest.roster import Person, Roster
from loadtest.screen import Screen
from loadtest.seen import Place


class TroubleError(Exception):
    """Something that must not happen; Locust counts it as a failure."""


class Town:
    """Shared by all users of the process."""

    def __init__(self, environment: Environment, host: str, roster: Roster) -> None:
        self.roster = roster
        self.latencies = Latencies(wall_offset_s())
        self.screens: dict[tuple[Role, int], Screen] = {}
        self.open_for_business = Flag()  # Every tablet is connected.
        self.lull_s = 1.0  # How long people wait between two things; the shape sets it.
        self.counters: dict[int, Queue] = {person.account: Queue() for person in roster.tablets}
        self.chance = random.Random()  # noqa: S311 - no secret.
        self._environment = environment
        self._host = host
        self._at_home = list(roster.wallets)
        self._closed_shops = list(roster.tablets)

    def shops(self) -> Sequence[int]:
        """Where one can pay."""
        return list(self.counters)

    def leave_home(self) -> Screen | None:
        """A wallet that nobody is using; None when all are about."""
        return self._screen(self._at_home.pop(0)) if self._at_home else None

    def go_home(self, screen: Screen) -> None:
        """The wallet's holder stops for now."""
        self._at_home.append(screen.person)

    def open_shop(self) -> Screen | None:
        """The next shop's tablet; with the last one the town is open for business."""
        return self._screen(self._closed_shops.pop(0)) if self._closed_shops else None

    def shop_opened(self) -> None:
        """A tablet is connected."""
        tablets = [screen for (role, _), screen in self.screens.items() if role is Role.TERMINAL]
        if len(tablets) == len(self.roster.tablets) and all(t.ready.is_set() for t in tablets):
            self.open_for_business.set()

    def console(self) -> Screen:
        """The operator's screen."""
        return self._screen(self.roster.consoles[0])

    def hold_up(self, shop: int, purpose: Purpose, code: str, amount: int) -> None:
        """A customer holds a code before the shop's tablet."""
        self.counters[shop].put((purpose, code, amount))

    def _screen(self, person: Person) -> Screen:
        key = (person.role, person.account)
        if key not in self.screens:
            self.screens[key] = Screen(self._host, self.roster.town, person, self)
        return self.screens[key]

    # -- what the screens tell ---------------------------------------------------------------------

    def told(self, role: Role, receipt: Receipt, at_s: float, connected_s: float) -> None:
        """An event is on a screen."""
        for measured in self.latencies.shown(receipt.id, role, at_s, receipt.at, connected_s):
            self.record("push", measured.series, measured.milliseconds)

    def trouble(self, what: str, detail: str) -> None:
        """Something happened that must not."""
        feed = what in {place.value for place in Place}
        self.record("feed" if feed else "screen", what, 0, TroubleError(detail))

    def record(
        self, request_type: str, name: str, milliseconds: float, fault: Exception | None = None
    ) -> None:
        """One line for Locust's statistics."""
        self._environment.events.request.fire(  # type: ignore[no-untyped-call]
            request_type=request_type,
            name=name,
            response_time=milliseconds,
            response_length=0,
            exception=fault,
            context={},
            start_time=time.time(),
            url=None,
            response=None,
        )

    def storm(self) -> None:
        """Every connection is torn at the same moment."""
        for screen in list(self.screens.values()):
            screen.drop()
