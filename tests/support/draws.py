"""Draws in a test's hands: one that is open, and people who apply for it."""

from datetime import timedelta
from typing import Any

import httpx
from msgspec import Struct

from tests.support.doors import PASSWORD, Doors, Visitor

API = "/api/nagaoka"
CODE = "spring"
CLAIM_DAYS = 10


def applicant(number: int, **other: Any) -> dict[str, Any]:
    """Somebody, unlike every other number's."""
    kana = "".join("アイウエオカキクケコ"[int(digit)] * 2 for digit in f"{number:03}")
    return {
        "name": f"応募 {kana}",
        "kana": kana,
        "birth_date": f"{1950 + number % 50}-{1 + number // 50 % 12:02}-{1 + number % 28:02}",
        "postal_code": f"940{number:04}",
        "address": f"大手通{number}丁目1番地",
        "group": "resident",
        **other,
    }


def phone(number: int) -> str:
    """The phone of an applicant."""
    return f"0801111{number:04}"


def new_draw(doors: Doors, **other: Any) -> dict[str, Any]:
    """A draw as an operator describes it: open for a week from now on, two groups."""
    now = doors.clock.now
    return {
        "code": CODE,
        "name": "春の商品券",
        "places": 4,
        "amount": 50_000,
        "opens_at": now.isoformat(),
        "closes_at": (now + timedelta(days=7)).isoformat(),
        "claim_until": (now + timedelta(days=7 + CLAIM_DAYS)).isoformat(),
        "use_until": (now + timedelta(days=100)).isoformat(),
        "groups": [
            {"code": "resident", "name": "市内在住", "places": 2, "weight": 2},
            {"code": "visitor", "name": "市外", "places": 0},
        ],
        "redraw_days": 10,
        "units_max": 3,
        **other,
    }


class DrawOffice(Struct):
    """An operator and an open draw."""

    doors: Doors
    operator: Visitor
    code: str

    async def does(self, act: str, code: int = 200) -> dict[str, Any]:
        """The operator does one of close, draw, publish, redraw."""
        answer = await self.operator.post(f"{API}/console/draws/{self.code}/{act}", json={})
        assert answer.status_code == code, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def progress(self) -> dict[str, Any]:
        """How far the draw is."""
        answer = await self.operator.get(f"{API}/console/draws/{self.code}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def count(self, state: str) -> int:
        """How many applications are in a state."""
        counts = (await self.progress())["counts"]
        return sum(each["applications"] for each in counts if each["state"] == state)

    async def tries_to_apply(
        self, number: int, network: str = "", said_phone: str = "", **said: Any
    ) -> httpx.Response:
        """Somebody applies from an address of their own, by the code on their phone."""
        doors, own = self.doors, said_phone or phone(number)
        visitor = doors.visitor(network or f"198.51.{number // 250}.{1 + number % 250}")
        started = await visitor.post(f"{API}/draws/{self.code}/start", json={"phone": own})
        if started.is_error:
            return started
        body = {
            "challenge": started.json()["challenge"],
            "code": doors.phones.code(own),
            **applicant(number, **said),
        }
        return await visitor.post(f"{API}/draws/{self.code}/applications", json=body)

    async def applies(self, number: int, network: str = "", **said: Any) -> dict[str, Any]:
        """The same, and is taken in."""
        answer = await self.tries_to_apply(number, network, **said)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def state(self, number: int, receipt: str) -> str:
        """What an applicant is told of their application."""
        answer = await self.doors.visitor().post(
            f"{API}/applications/find", json={"receipt": receipt, "phone": phone(number)}
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["state"])

    async def passes(self, days: int) -> None:
        """Days go by; the operator signs in again."""
        self.doors.clock.advance(days=days)
        body = {"name": "係", "password": PASSWORD}
        assert (await self.operator.post(f"{API}/console/sign-in", json=body)).status_code == 200

    async def publishes(self) -> None:
        """Applications are over; the list is frozen, drawn and published."""
        await self.passes(7)
        for act in ("close", "draw", "publish"):
            await self.does(act)


async def open_draw(doors: Doors, **other: Any) -> DrawOffice:
    """An operator opens a draw."""
    operator = await doors.operator()
    answer = await operator.post(f"{API}/console/draws", json=new_draw(doors, **other))
    assert answer.status_code == 200, answer.text
    return DrawOffice(doors, operator, answer.json()["draw"]["code"])
