"""Asks the gateway, as each party, what is so: after the run, when every screen has caught up."""

import time
from collections.abc import Iterator, Sequence
from uuid import UUID

import gevent
import msgspec
from gevent.pool import Pool
from msgspec import Struct

from gateway.protocol.messages import Role
from gateway.protocol.reading import decode_status
from loadtest.screen import Screen
from loadtest.verdict import Party, Truth

CATCH_UP_MAX_S = 20.0
AT_ONCE = 20
# The HTTP API lets one account make so many calls at once, and then 20 a second.
UNHURRIED = 50
PAUSE_S = 0.06


class _Part(Struct):
    instrument: str
    amount: int


class _Balance(Struct):
    parts: list[_Part]


def ask(screens: Sequence[Screen]) -> dict[Party, Truth]:
    """Lets every screen come back, and asks for the ends, the answers and the balances.

    Raises:
        ScreenFault: the gateway does not say.
    """
    return dict(Pool(AT_ONCE).map(_ask_one, screens))


def _ask_one(screen: Screen) -> tuple[Party, Truth]:
    party = Party(screen.person.role, screen.person.account)
    if not screen.wanted:
        screen.open()
    end = _caught_up(screen)
    answers = {}
    for count, command in enumerate(_ids(screen)):
        answers[command] = _frozen(screen, command)
        if count > UNHURRIED:
            gevent.sleep(PAUSE_S)
    return party, Truth(end, answers, _balance(screen))


def _caught_up(screen: Screen) -> int:
    """Waits until the screen is at the end of its feed and has all its answers; the end."""
    end = screen.end_of_feed()
    give_up_s = time.monotonic() + CATCH_UP_MAX_S
    while time.monotonic() < give_up_s:
        if screen.seen.last >= end and not screen.seen.unanswered:
            break
        gevent.sleep(0.05)
    return end


def _ids(screen: Screen) -> Iterator[UUID]:
    """Every command this party can know of."""
    seen = screen.seen
    yield from seen.answers.keys() | {sighting.subject for sighting in seen.events.values()}


def _frozen(screen: Screen, command: UUID) -> bytes | None:
    answer = screen.http("GET", f"{screen.person.role}/payments/{command}")
    receipt = decode_status(answer).receipt
    return None if receipt is None else bytes(receipt)


def _balance(screen: Screen) -> dict[str, int] | None:
    if screen.person.role is not Role.WALLET:
        return None
    balance = msgspec.json.decode(screen.http("GET", "wallet/balance"), type=_Balance)
    return {part.instrument: part.amount for part in balance.parts if part.amount}
