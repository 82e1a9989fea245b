"""``koban coupons``: coupons and rounds made from files, rehearsed, stopped and ended."""

import asyncio
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Struct

from gateway import command, coupons
from tests.support.coupons import CouponBench

TOWN = "digital-coupon"
COUPON: dict[str, Any] = {
    "code": "bread",
    "name": "パンのクーポン",
    "fund": "city_coupons",
    "budget": 10_000,
    "discount": 500,
    "starts_at": "2026-04-01T00:00",
    "ends_at": "2099-05-01T00:00",
    "awarded": True,
}
ROUND: dict[str, Any] = {
    "code": "first",
    "name": "第1回",
    "places": 4,
    "coupon": "bread",
    "opens_at": "2026-04-01T00:00",
    "closes_at": "2099-04-01T00:00",
    "use_until": "2099-04-01T00:00",
}


class Desk(Struct):
    """The command line of the town of coupons, as whoever types there sees it."""

    city: CouponBench
    folder: Path

    def file(self, body: object) -> str:
        """A file with this in it."""
        path = self.folder / "body.json"
        path.write_text(body if isinstance(body, str) else json.dumps(body), encoding="utf-8")
        return str(path)

    async def types(self, *words: str) -> Any:
        """What is printed at this instant of the test's clock."""
        told = await coupons.run(coupons.arguments(words), self.city.clock.now)
        return msgspec.to_builtins(told)


@pytest.fixture
def desk(city: CouponBench, dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Somebody who types there."""
    monkeypatch.setenv("KOBAN_POSTGRES_DSN", dsn)
    return Desk(city, tmp_path)


async def test_a_rehearsal_tells_all_and_changes_nothing(desk: Desk) -> None:
    """The same is told with and without the dry run; only without it is it so."""
    add = ("add", TOWN, desk.file(COUPON))
    rehearsed = await desk.types(*add, "--dry-run")
    assert (rehearsed["fund"], rehearsed["ceiling"]) == ("city_coupons", 10_000)
    assert await desk.types("list", TOWN) == {"coupons": [], "next": None}
    done = await desk.types(*add)
    assert done["terms"] | {"coupon": 0} == rehearsed["terms"] | {"coupon": 0}
    assert (await desk.types("list", TOWN))["coupons"] == [done]

    opening = ("open", TOWN, desk.file(ROUND))
    assert (await desk.types(*opening, "--dry-run"))["reserve"] == 500
    assert await desk.city.budget() == (0, 0)
    opened = await desk.types(*opening)
    assert await desk.city.budget() == (0, 2_000)
    assert (await desk.types("rounds", TOWN))["offers"] == [opened]

    assert (await desk.types("stop", TOWN, "bread", "--dry-run"))["stopped_at"] is not None
    assert (await desk.types("list", TOWN))["coupons"][0]["stopped_at"] is None
    assert (await desk.types("stop", TOWN, "bread"))["stopped_at"] is not None
    assert await desk.types("end", TOWN) == {"ended": []}
    desk.city.clock.advance(minutes=3)
    given_back = [{"offer": opened["offer"], "released": 2_000}]
    assert await desk.types("end", TOWN) == {"ended": given_back}
    rows = await desk.city.pool.fetch("SELECT act, actor FROM people.audit ORDER BY number")
    assert [tuple(row) for row in rows] == [
        ("coupon.made", "command"),
        ("offer.opened", "command"),
        ("coupon.stopped", "command"),
    ]


REFUSED: list[tuple[tuple[str, ...], object, str]] = [
    (("add", TOWN), COUPON | {"discount": 0}, "field discount"),
    (("add", TOWN), COUPON | {"discount": None}, "discount: give discount"),
    (("add", TOWN), COUPON | {"budget": None}, "give a budget"),
    (("add", TOWN), "{", "not JSON"),
    (("add", TOWN), "", "not JSON"),
    (("add", "nowhere"), COUPON, "no town 'nowhere'"),
    (("open", TOWN), ROUND, "There is no coupon of this code"),
    (("stop", TOWN, "bread"), None, "there is no coupon 'bread'"),
    (("add", TOWN, "/nowhere/body.json"), None, "/nowhere/body.json: No such file"),
]


async def test_what_cannot_be_done_is_said_in_a_sentence(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    """And the status is 1; nothing is printed as if it were done."""
    wrong = []
    for words, body, said in REFUSED:
        files = () if body is None else (desk.file(body),)
        status = await asyncio.to_thread(command.main, ["coupons", *words, *files])
        printed = capsys.readouterr()
        if status != 1 or said not in printed.err or printed.out:
            wrong.append(f"{words} {body}: {status} {printed}")
    assert not wrong, "\n".join(wrong)
    assert await desk.types("list", TOWN) == {"coupons": [], "next": None}
