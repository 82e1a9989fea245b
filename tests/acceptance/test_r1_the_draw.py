"""R1: apply, be drawn, be told a purchaser number, sign up, top up with the premium on it."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway import command
from gateway.jobs.table import JOBS
from gateway.jobs.worker import Worker
from gateway.protocol import api_draws
from gateway.protocol.ids import new_id
from tests.acceptance.conftest import Visit
from tests.acceptance.nagaoka import Holder, Nagaoka
from tests.acceptance.topping_up import ends, orders
from tests.support.clock import Clock
from tests.support.house import House
from tests.support.providers import ProviderProcess

CODE = "premium-2026"
NUMBER = re.compile(r"[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]")
PEOPLE = {
    "07011110001": ("大町 花子", "オオマチ ハナコ", "1980-02-01"),
    "07011110002": ("青木 次郎", "アオキ ジロウ", "1975-06-15"),
    "07011110003": ("石川 三奈", "イシカワ ミナ", "1991-11-30"),
    "07011110004": ("上田 史郎", "ウエダ シロウ", "1968-08-08"),
}


class Draw:
    """The office's draw: two places of up to two books of 50,000 yen; one of the places is for who
    lives in the town.
    """

    def __init__(self, town: Nagaoka, house: House, clock: Clock) -> None:
        self.town, self._house, self._clock = town, house, clock

    async def opens(self) -> api_draws.DrawProgress:
        """The operator opens it: an hour to apply, three to claim, a day after a redraw."""
        now = self._clock.now
        body = {
            "code": CODE,
            "name": "プレミアム商品券",
            "places": 2,
            "amount": 50_000,
            "units_max": 2,
            "opens_at": now.isoformat(),
            "closes_at": (now + timedelta(hours=1)).isoformat(),
            "claim_until": (now + timedelta(hours=4)).isoformat(),
            "use_until": (now + timedelta(days=90)).isoformat(),
            "groups": [
                {"code": "resident", "name": "市内在住", "places": 1, "weight": 2},
                {"code": "visitor", "name": "市外"},
            ],
            "redraw_days": 1,
        }
        return await self.town.asks("POST", "/console/draws", body, api_draws.DrawProgress)

    async def applies(self, phone: str, own: str = "", group: str = "resident") -> httpx.Response:
        """Somebody applies with a phone; ``own``: as whoever has that phone in the table above."""
        name, kana, birth_date = PEOPLE[own or phone]
        path = f"/draws/{CODE}"
        started = await self.town.posts(f"{path}/start", {"phone": phone}, "")
        assert started.status_code == 200, started.text
        body = {
            "challenge": started.json()["challenge"],
            "code": await self.town.sms_code(phone),
            "name": name,
            "kana": kana,
            "birth_date": birth_date,
            "postal_code": "940-0062",
            "address": f"大手通 {phone[-1]}丁目1番地",
            "group": group,
            "units": 2,
        }
        return await self.town.posts(f"{path}/applications", body, "")

    async def is_held(self) -> None:
        """An hour later the list is frozen, drawn and published, and the notices go out."""
        self._clock.advance(minutes=61)
        for act in ("close", "draw", "publish"):
            path = f"/console/draws/{CODE}/{act}"
            await self.town.asks("POST", path, {}, api_draws.DrawProgress)
        await self.a_worker_looks()

    async def a_worker_looks(self) -> None:
        """A minute later, as every minute."""
        self._clock.advance(minutes=1)
        async with Worker(self._house.settings, JOBS, now=self._clock) as worker:
            await worker.enqueue_due()
            self._clock.advance(minutes=1)
            await worker.work_off()

    async def numbers(self) -> dict[str, str]:
        """The purchaser numbers that are on people's phones, the newest message of each."""
        found = {}
        for phone in PEOPLE:
            read = NUMBER.search(await self.town.sms(phone))
            if read:
                found[phone] = read[0]
        return found

    async def file(self, folder: Path) -> Path:
        """The published file, as anybody downloads it."""
        path = folder / f"{CODE}.json"
        answer = await self.town.sends("GET", f"/draws/{CODE}/file")
        assert answer.status_code == 200, answer.text
        path.write_bytes(answer.content)
        return path


@pytest.fixture
async def draw(visit: Visit, house: House, clock: Clock) -> Draw:
    """A draw in Region Ring's town."""
    return Draw(await visit("region-ring"), house, clock)


async def gives(holder: Holder, number: str) -> tuple[int, str]:
    """Enters a purchaser number in the wallet; the status, and the word for why not."""
    answer = await holder.sends("/wallet/purchaser-number", {"number": number})
    told: dict[str, Any] = answer.json()
    return answer.status_code, told.get("code", "") if answer.is_error else ""


async def test_r1_from_the_application_to_the_premium(
    draw: Draw,
    providers: ProviderProcess,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Four apply for two places, one of them tries twice. A winner's number works once, and for
    nobody else; what she tops up by card has its premium at once. Anybody draws it again.
    """
    opened = await draw.opens()
    receipts = {}
    for phone in PEOPLE:
        applied = await draw.applies(phone)
        assert (applied.status_code, applied.json()["state"]) == (200, "entered"), applied.text
        receipts[phone] = applied.json()["receipt"]
    for phone, own in (("07011110001", ""), ("07011110009", "07011110001")):
        twice = await draw.applies(phone, own)
        assert (twice.status_code, twice.json()["code"]) == (409, "already_applied")
    asked = {"receipt": receipts["07011110004"], "phone": "07011110004"}
    assert (await draw.town.posts("/applications/find", asked, "")).json()["state"] == "entered"

    await draw.is_held()
    numbers = await draw.numbers()
    assert len(numbers) == 2
    losers = [phone for phone in PEOPLE if phone not in numbers]
    for phone in losers:
        assert "落選" in await draw.town.sms(phone)
    own, other = list(numbers)
    winner = await draw.town.registers("当選 花子", own)
    loser = await draw.town.registers("落選 太郎", losers[0])
    way = {"id": str(new_id()), "way": "card", "amount": 10_000}
    refused = await winner.sends("/wallet/loads", way)
    assert (refused.status_code, refused.json()["code"]) == (402, "right_required")

    assert await gives(loser, numbers[own]) == (403, "number_wrong")
    assert await gives(winner, numbers[other]) == (403, "number_wrong")
    assert await gives(winner, numbers[own]) == (200, "")
    assert await gives(winner, numbers[own]) == (409, "number_used")
    order = await orders(winner, "card", 10_000)
    await providers.act("card", order.id, "pay")
    heard = await winner.hears()
    assert (heard.kind, heard.receipt.amount) == ("top_up", 10_000)
    await ends(winner, order.id, "arrived")
    (right,) = (await winner.looks("wallet/rights", api_draws.Rights)).rights
    assert (right.amount, right.left) == (100_000, 90_000)
    assert await winner.holds() == {"voucher": 13_000}

    file = await draw.file(tmp_path)
    assert opened.draw.commitment in file.read_text(encoding="utf-8")
    assert command.main(["draws", "replay", str(file)]) == 0
    assert "the same winners" in capsys.readouterr().out
    file.write_text(file.read_text(encoding="utf-8").replace('"weight":2', '"weight":3'))
    assert command.main(["draws", "replay", str(file)]) == 1
    assert "not the one that was frozen" in capsys.readouterr().err


async def test_r1_what_is_not_claimed_is_drawn_again(
    draw: Draw, clock: Clock, tmp_path: Path
) -> None:
    """Nobody comes in time: the next in line are told, the old numbers are worth nothing, and the
    published file says all of it.
    """
    await draw.opens()
    for phone in PEOPLE:
        assert (await draw.applies(phone)).status_code == 200
    await draw.is_held()
    first = await draw.numbers()
    clock.advance(minutes=180)
    await draw.a_worker_looks()
    second = {
        phone: number for phone, number in (await draw.numbers()).items() if phone not in first
    }
    assert len(second) == 2
    late, old = next(iter(first.items()))
    assert await gives(await draw.town.registers("遅刻 者", late), old) == (410, "number_over")
    phone, number = next(iter(second.items()))
    assert await gives(await draw.town.registers("繰上 者", phone), number) == (200, "")
    assert command.main(["draws", "replay", str(await draw.file(tmp_path))]) == 0
    clock.advance(days=1)
    await draw.a_worker_looks()
    info = await draw.town.get(f"/draws/{CODE}", api_draws.DrawInfo)
    assert info.stage == "published"
    assert command.main(["draws", "replay", str(await draw.file(tmp_path))]) == 0
