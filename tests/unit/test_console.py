"""What consoles are sent: the tail, conflated where they are slow, and alerts as they turn."""

from typing import cast

import msgspec
from msgspec import Struct

from gateway.alerts import FLASH_MS, Alerts, Key
from gateway.connection import Connection
from gateway.protocol.messages import Alert, TownEvents
from gateway.tail import EVENTS_MAX, QUEUE_FRAMES_MAX, Tail
from ledger.authorise import FeedEvent
from ledger.ids import uuid7

decode = msgspec.json.Decoder(TownEvents).decode


class Console:
    """A console that reads when a test lets it."""

    def __init__(self) -> None:
        self.queue: list[bytes] = []
        self.skipped = 0

    def send(self, frame: bytes) -> None:
        """Takes a frame into the queue."""
        self.queue.append(frame)

    def read(self) -> list[TownEvents]:
        """Reads everything that is queued."""
        frames, self.queue = self.queue, []
        return [decode(frame) for frame in frames]


def events(first: int, count: int) -> list[FeedEvent]:
    """Events of a town, numbered from ``first``."""
    numbers = range(first, first + count)
    return [FeedEvent(number, 7, None, number, "payment", uuid7(0), "{}") for number in numbers]


def numbers(told: TownEvents) -> list[int]:
    """The events' numbers."""
    return [event.number for event in told.events]


def tail_of(*consoles: Console) -> Tail:
    """A tail that these consoles follow."""
    tail = Tail()
    for console in consoles:
        tail.join(cast("Connection", console))
    return tail


def test_a_moments_events_are_one_frame_for_all() -> None:
    """Made once; both consoles get the very same bytes."""
    one, two = Console(), Console()
    tail = tail_of(one, two)
    tail.take(events(1, 3))
    tail.take(events(4, 2))
    tail.send()
    assert one.queue[0] is two.queue[0]
    [told] = one.read()
    assert (numbers(told), told.skipped) == ([1, 2, 3, 4, 5], 0)
    tail.send()
    assert one.read() == []


def test_of_too_much_the_newest_is_shown() -> None:
    """What was left out is counted."""
    console = Console()
    tail = tail_of(console)
    tail.take(events(1, EVENTS_MAX + 30))
    tail.send()
    [told] = console.read()
    assert numbers(told) == list(range(31, EVENTS_MAX + 31))
    assert told.skipped == 30


def test_a_slow_console_is_spared_and_told() -> None:
    """Its next frame says how many events it was spared; the quick one misses nothing."""
    slow, quick = Console(), Console()
    tail = tail_of(slow, quick)
    seen: list[int] = []
    for moment in range(QUEUE_FRAMES_MAX + 3):
        tail.take(events(1 + 2 * moment, 2))
        tail.send()
        seen += [number for told in quick.read() for number in numbers(told)]
    assert seen == list(range(1, 2 * (QUEUE_FRAMES_MAX + 3) + 1))
    assert len(slow.queue) == QUEUE_FRAMES_MAX
    slow.read()
    tail.take(events(100, 1))
    tail.send()
    [told] = slow.read()
    assert (numbers(told), told.skipped) == ([100], 6)
    tail.take(events(101, 1))
    tail.send()
    assert [told.skipped for told in slow.read()] == [0]


def test_nobody_looks_and_nothing_is_kept() -> None:
    """A town without a console costs nothing."""
    tail = Tail()
    tail.take(events(1, 5))
    console = Console()
    tail.join(cast("Connection", console))
    tail.send()
    assert console.queue == []


class Town(Struct):
    """A town's clock and what its consoles were told."""

    now_ms: int = 0
    told: list[tuple[str, bool]] = []

    def tell(self, frame: bytes) -> None:
        """Takes an alert's frame."""
        alert = msgspec.json.decode(frame, type=Alert)
        self.told.append((alert.kind, alert.active))


def test_a_state_is_told_when_it_turns() -> None:
    """Once as it begins and once as it ends."""
    town = Town()
    alerts = Alerts(town.tell, lambda: town.now_ms)
    for active in (False, True, True, False, False):
        alerts.set("redis_down", "Redis is away", active=active)
    assert town.told == [("redis_down", True), ("redis_down", False)]


def test_unshown_payments_come_and_go() -> None:
    """What is not the case any more ends."""
    town = Town()
    alerts = Alerts(town.tell, lambda: town.now_ms)
    first, second = Key("unshown", 7, uuid7(1)), Key("unshown", 9, uuid7(2))
    alerts.replace("unshown", {first: "not shown"})
    alerts.replace("unshown", {first: "not shown", second: "not shown"})
    assert len(alerts.lines()) == 2
    alerts.replace("unshown", {second: "not shown"})
    assert [(line.account, line.payment) for line in alerts.lines()] == [(9, second.payment)]
    assert town.told == [("unshown", True), ("unshown", True), ("unshown", False)]


def test_a_flash_goes_out_by_itself() -> None:
    """It stands for a minute, and is not repeated while it stands."""
    town = Town()
    alerts = Alerts(town.tell, lambda: town.now_ms)
    alerts.flash("slow_reader", "too slow", 7)
    alerts.flash("slow_reader", "too slow", 7)
    alerts.tick()
    assert len(alerts.lines()) == 1
    town.now_ms = FLASH_MS
    alerts.tick()
    assert alerts.lines() == []
    assert town.told == [("slow_reader", True), ("slow_reader", False)]
