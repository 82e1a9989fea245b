"""Programmes in a story's words: what a department opens, and what a tablet grants for."""

from typing import Any
from uuid import UUID

from gateway.protocol import api, api_terminals
from gateway.protocol.api_programmes import Activity, Programme
from gateway.protocol.messages import GrantHere, Receipt, ShownCode
from tests.acceptance.nagaoka import Nagaoka, Tablet


async def opens_programme(town: Nagaoka, code: str, instrument: str, ceiling: int) -> Programme:
    """A department opens a programme with so many yen in its budget."""
    body = {
        "code": code,
        "department": "健康づくり課",
        "name": "健康づくり事業",
        "instrument": instrument,
        "ceiling": ceiling,
    }
    return await town.asks("POST", "/console/programmes", body, Programme)


async def opens_activity(
    town: Nagaoka, programme: str, code: str, name: str, amount: int | None, **terms: Any
) -> None:
    """An event of it, in which everybody gets so much once; or as its terms say."""
    body = {
        "code": code,
        "programme": programme,
        "name": name,
        "amount": amount,
        "starts_at": "2026-01-01T00:00",
        "ends_at": "2027-01-01T00:00",
        **terms,
    }
    await town.asks("POST", "/console/activities", body, Activity)


async def left(town: Nagaoka, programme: str) -> tuple[int, int]:
    """What a programme has granted, and what it can still promise."""
    path = f"/console/programmes/{programme}"
    budget = (await town.asks("GET", path, None, Programme)).budget
    return budget.granted, budget.left


async def is_set_for(town: Nagaoka, tablet: Tablet, activity: str | None) -> api.PresetInfo | None:
    """The office sets what a tablet grants for; what the tablet then knows of it."""
    terminal = (await tablet.looks("terminal", api.TerminalInfo)).terminal
    path, body = f"/console/terminals/{terminal}/preset", {"activity": activity}
    assert (await town.asks("PUT", path, body, api_terminals.Preset)).activity == activity
    return (await tablet.looks("terminal", api.TerminalInfo)).preset


async def grants_again(tablet: Tablet, id: UUID, code: ShownCode) -> Receipt | str:  # noqa: A002
    """The same command once more, because its answer was lost."""
    return await tablet._asks(GrantHere(id, code.qr))
