"""A programme with an activity at the doors of a test, and lists for it."""

from typing import Any

import httpx

from tests.support.doors import Visitor

API = "/api/nagaoka"
INSTRUMENT = "point"


def programme(code: str = "health", **other: Any) -> dict[str, Any]:
    """What opening a programme asks for."""
    return {
        "code": code,
        "department": "健康づくり課",
        "name": "健康づくり事業",
        "instrument": INSTRUMENT,
        "ceiling": 100_000,
        **other,
    }


def activity(code: str = "walk", **other: Any) -> dict[str, Any]:
    """What opening an activity asks for: one of 2026 in which everybody gets 500 once."""
    return {
        "code": code,
        "programme": "health",
        "name": "歩こう会",
        "amount": 500,
        "starts_at": "2026-01-01T00:00",
        "ends_at": "2027-01-01T00:00",
        **other,
    }


async def open_giving(operator: Visitor, *, ceiling: int = 100_000, **other: Any) -> dict[str, Any]:
    """Opens the programme and the activity; the activity as it was answered."""
    made = await operator.post(f"{API}/console/programmes", json=programme(ceiling=ceiling))
    assert made.status_code == 200, made.text
    opened = await operator.post(f"{API}/console/activities", json=activity(**other))
    assert opened.status_code == 200, opened.text
    answer: dict[str, Any] = opened.json()
    return answer


async def budget(operator: Visitor, code: str = "health") -> dict[str, int]:
    """What is left of it."""
    answer = await operator.get(f"{API}/console/programmes/{code}")
    assert answer.status_code == 200, answer.text
    found: dict[str, int] = answer.json()["budget"]
    return found


async def send_list(
    operator: Visitor, text: str | bytes, activity: str = "walk", **other: str
) -> httpx.Response:
    """Sends a list to be checked."""
    data = text.encode() if isinstance(text, str) else text
    return await operator.post(
        f"{API}/console/grants",
        params={"activity": activity, "file": "名簿.csv"},
        content=data,
        headers={"Content-Type": "text/csv", **other},
    )


async def approve(operator: Visitor, checked: dict[str, Any], **other: Any) -> httpx.Response:
    """Approves what a check has told."""
    run = checked["run"]
    body = {"rows": run["rows"], "total": run["total"], **other}
    return await operator.post(f"{API}/console/grants/{run['run']}/approve", json=body)


async def undo(operator: Visitor, run: int) -> httpx.Response:
    """Undoes a run."""
    return await operator.post(
        f"{API}/console/grants/{run}/undo", json={"reason": "名簿を取り違えた"}
    )


async def shown(operator: Visitor, run: int) -> dict[str, Any]:
    """A run as the console shows it."""
    answer = await operator.get(f"{API}/console/grants/{run}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
