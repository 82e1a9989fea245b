"""The reckoning itself: it finds what was planted, so that its silence means something."""

from collections.abc import Callable

import pytest
from msgspec import Raw

from gateway.protocol.ids import new_id
from gateway.protocol.messages import Result
from tests.support.house import House
from tests.support.load import Asked, Load
from tests.support.people import People


def _any(load: Load) -> Asked:
    return next(iter(load.asked.values()))


def _lose_an_event(load: Load) -> None:
    watcher = max(load.watchers, key=lambda one: len(one.events))
    del watcher.events[1]


def _show_an_event_twice(load: Load) -> None:
    watcher = max(load.watchers, key=lambda one: len(one.events))
    watcher.events.append(watcher.events[-1])


def _repeat_on_the_wire(load: Load) -> None:
    load.watchers[0].client.repeats += 1


def _pay_what_nobody_asked(load: Load) -> None:
    load.asked.popitem()


def _answer_what_was_not_paid(load: Load) -> None:
    asked = _any(load)
    load.asked[new_id()] = asked


def _answer_otherwise(load: Load) -> None:
    asked = _any(load)
    assert isinstance(asked.reply, Result)
    asked.reply = Result(asked.reply.id, Raw(bytes(asked.reply.result).replace(b"1", b"2", 1)))


def _leave_without_an_answer(load: Load) -> None:
    _any(load).reply = None


PLANTED = [
    _lose_an_event,
    _show_an_event_twice,
    _repeat_on_the_wire,
    _pay_what_nobody_asked,
    _answer_what_was_not_paid,
    _answer_otherwise,
    _leave_without_an_answer,
]


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__.strip("_"))
async def test_a_planted_fault_is_found(
    house: House, people: People, plant: Callable[[Load], None]
) -> None:
    """All is well before it, and not after."""
    async with Load(people, [house], wallets=4, shops=1, per_s=200) as load:
        await load.paid(12)
        await load.reckon()
        plant(load)
        with pytest.raises(AssertionError):
            await load.reckon()
