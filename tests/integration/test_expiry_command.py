"""``koban expiry``: looking first, carrying out by hand, and what is no day or no town."""

import asyncio
import json
from datetime import timedelta

import pytest

from gateway import expiry as command
from gateway.expiry import Desk, arguments, do
from ledger import expiry
from ledger.audit import Filter, lines
from tests.integration.test_expiry import JAPAN, short_points, until
from tests.integration.test_giving import grant
from tests.support import giving
from tests.support.ledger import Bench


class Console:
    """A shell whose clock is the test's."""

    def __init__(self, bench: Bench) -> None:
        self.said: list[str] = []
        self._desk = Desk(bench.pool, bench.town, JAPAN, bench.clock, self.said.append)

    async def types(self, *words: str) -> list[str]:
        """One command; what it prints."""
        return await do(self._desk, arguments(words))


async def test_look_then_carry_out_then_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dry run writes nothing; the run goes on where it stopped, in slices, with one line in the
    audit; the same again does nothing.
    """
    monkeypatch.setattr(expiry, "SLICE_ROWS", 2)
    monkeypatch.setattr(command, "PAUSE_S", 0)
    boundary, shell = await short_points(bench), Console(bench)
    day = f"{boundary.date()}"
    await giving.activity(bench, "walk", await giving.fund(bench, "health"))
    await bench.decide(*[grant(await bench.wallet(), "walk") for _ in range(5)])
    assert (await shell.types("list", "nagaoka"))[0] == "no midnight was carried out yet"
    assert (await shell.types("preview", "nagaoka"))[0].endswith(": 0 yen of 0 people")
    preview = await shell.types("preview", "nagaoka", "--at", day)
    assert preview[0] == f"{day}: 500 yen of 5 people"
    assert "point of health, back to its fund" in preview[1]
    with pytest.raises(command.ExpiryFault, match="is to come"):
        await shell.types("run", "nagaoka", day)

    until(bench, boundary + timedelta(hours=6))
    dry = json.loads((await shell.types("run", "nagaoka", day, "--dry-run", "--json"))[0])
    assert (dry["amount"], dry["run"]) == (500, None)
    assert await expiry.read_run(bench.pool, bench.town, boundary) is None
    assert await expiry.run_slice(bench.pool, bench.town, boundary, bench.clock)  # A worker's.
    done = json.loads((await shell.types("run", "nagaoka", day, "--json"))[0])
    assert (done["listed"], done["done"], done["amount"]) == (5, 5, 500)
    assert shell.said == ["4 of 5: 400 yen", "5 of 5: 500 yen", "5 of 5: 500 yen"]
    assert await shell.types("list", "nagaoka") == [f"{day}  finished   5 of 5: 500 yen"]
    await shell.types("run", "nagaoka", day)
    assert shell.said[-1] == f"the midnight of {day} was carried out before; nothing was done"
    written = await lines(bench.pool, bench.town, Filter(), None, 10)
    assert [(line.act, line.subject) for line in written] == [("expiry.run", f"expiry:{day}")]
    assert await bench.problems() == []


@pytest.mark.parametrize("day", ["tomorrow", "2026-02-30", "1999-12-31", ""])
def test_what_is_no_day(day: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Told with what is allowed."""
    with pytest.raises(SystemExit) as ended:
        arguments(["run", "nagaoka", day])
    assert ended.value.code == 2
    assert f"found {day!r}; allowed is a day such as" in capsys.readouterr().err


async def test_a_town_that_is_not_there(
    dsn: str, town: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence and 1, and 0 for one that is there, on the database that is named."""
    assert town
    monkeypatch.setenv("KOBAN_POSTGRES_DSN", dsn)
    assert await asyncio.to_thread(command.main, ["list", "atlantis"]) == 1
    assert "no town 'atlantis' has rules now" in capsys.readouterr().err
    assert await asyncio.to_thread(command.main, ["preview", "nagaoka", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["people"] == 0
