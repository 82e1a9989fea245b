"""``koban programmes``, ``activities`` and ``grants``: a whole grant at the command line."""

import asyncio
import json
import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from gateway import command
from gateway.lists.reader import LINES_MAX
from ledger import accounts
from tests.support.gateways import SECRET
from tests.support.ledger import problems

YEAR = ("--from", "2026-01-01T00:00", "--until", "2099-01-01T00:00")
CHECK_MAX_S = 120  # A tenth of it on a quiet machine.
CHECK_MAX_BYTES = 400 * 1024 * 1024

Koban = Callable[..., "Said"]


class Said:
    """What a command printed, and its exit status."""

    def __init__(self, status: int, out: str, error: str) -> None:
        self.status = status
        self.out = out
        self.error = error

    @property
    def json(self) -> Any:
        """What it printed, read."""
        assert self.status == 0, self.error
        return json.loads(self.out)


@pytest.fixture
def koban(
    dsn: str, town: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Koban:
    """The command, in this process."""
    assert town
    for name, text in (("POSTGRES_DSN", dsn), ("REDIS_URL", "redis://x"), ("SECRET", SECRET)):
        monkeypatch.setenv(f"KOBAN_{name}", text)

    def run(*words: str) -> Said:
        status = command.main(words)
        printed = capsys.readouterr()
        return Said(status, printed.out.strip(), printed.err.strip())

    return run


@pytest.fixture
def opened(koban: Koban) -> Koban:
    """A programme of 10,000 yen with a walk worth 500 once."""
    terms = ("--department", "健康課", "--name", "健康", "--instrument", "point")
    said = koban("programmes", "open", "nagaoka", "health", *terms, "--ceiling", "10000")
    assert said.status == 0, said.error
    said = koban(
        *("activities", "open", "nagaoka", "walk", "--programme", "health"),
        *("--name", "歩こう会", "--amount", "500", *YEAR),
    )
    assert said.status == 0, said.error
    return koban


@pytest.fixture
async def wallets(pool: asyncpg.Pool, town: int) -> list[int]:
    """Three people."""
    return await accounts.open_wallets(pool, town, 3, datetime.now(UTC))


async def test_a_grant_is_checked_applied_and_undone(
    opened: Koban, wallets: list[int], pool: asyncpg.Pool, tmp_path: Path
) -> None:
    """Each step says what it did, and what it would do where it is asked for that alone."""
    file = tmp_path / "walkers.csv"
    file.write_text("宛先\n" + "".join(f"{wallet}\n" for wallet in wallets) + "9\n")

    def grants(*words: str) -> Said:
        return opened("grants", *words)

    checked = await asyncio.to_thread(
        grants, "check", "nagaoka", str(file), "--activity", "walk", "--json"
    )
    view = checked.json
    number = str(view["run"]["run"])
    assert (view["run"]["rows"], view["run"]["refused"], view["left_after"]) == (3, 1, 8_500)
    told = await asyncio.to_thread(grants, "check", "nagaoka", str(file), "--activity", "walk")
    assert "5 行目「宛先」: この番号の人はこの町にいません。" in told.out
    assert "Line 5, column '宛先'" in told.out
    dry = await asyncio.to_thread(grants, "apply", "nagaoka", number, "--dry-run", "--json")
    assert dry.json["state"] == "checked"
    done = await asyncio.to_thread(grants, "apply", "nagaoka", number, "--json")
    assert (done.json["state"], done.json["given"]) == ("finished", 1_500)
    again = await asyncio.to_thread(grants, "apply", "nagaoka", number, "--json")
    assert again.json["given"] == 1_500

    other = str(int(number) + 1)
    refused = await asyncio.to_thread(grants, "apply", "nagaoka", other)
    assert (refused.status, "--again" in refused.error) == (1, True)
    listed = await asyncio.to_thread(opened, "programmes", "list", "nagaoka", "--json")
    assert (listed.json[0]["granted"], listed.json[0]["left"]) == (1_500, 8_500)

    why = ("--reason", "別の名簿")
    dry = await asyncio.to_thread(grants, "undo", "nagaoka", number, "--dry-run", *why)
    assert "would take back 1500 yen of 1500" in dry.error
    undone = await asyncio.to_thread(grants, "undo", "nagaoka", number, "--json", *why)
    assert (undone.json["state"], undone.json["taken"], undone.json["spent"]) == (
        "undone",
        1_500,
        0,
    )
    runs = await asyncio.to_thread(grants, "list", "nagaoka", "--json")
    assert [run["state"] for run in runs.json] == ["checked", "undone"]
    acts = await pool.fetch("SELECT act FROM people.audit ORDER BY number")
    assert [row["act"] for row in acts] == [
        *("programme.opened", "activity.opened", "grants.checked", "grants.checked"),
        *("grants.approved", "grants.undone"),
    ]
    assert await problems(pool) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("programmes", "list", "nowhere"), "no town 'nowhere' is in force"),
        (
            (
                *("programmes", "open", "nagaoka", "Health", "--department", "d", "--name", "n"),
                *("--instrument", "point", "--ceiling", "1"),
            ),
            "found 'Health'",
        ),
        (
            (
                *("programmes", "open", "nagaoka", "health", "--department", "d", "--name", "n"),
                *("--instrument", "point", "--ceiling", "1"),
            ),
            "has the code 'health'",
        ),
        (
            (
                *("programmes", "open", "nagaoka", "p", "--department", "d", "--name", "n"),
                *("--instrument", "gold", "--ceiling", "1"),
            ),
            "--instrument: found 'gold'; allowed is coin, point",
        ),
        (("programmes", "ceiling", "nagaoka", "none", "5"), "there is no programme 'none'"),
        (("programmes", "allow", "nagaoka", "health", "app"), "there is no system 'app'"),
        (
            (
                *("activities", "open", "nagaoka", "a", "--programme", "none", "--name", "n"),
                *("--amount", "5", *YEAR),
            ),
            "--programme: there is no programme 'none'",
        ),
        (
            (
                *("activities", "open", "nagaoka", "a", "--programme", "health", "--name", "n"),
                *YEAR,
            ),
            "--amount or --amount-max",
        ),
        (
            (
                *("activities", "open", "nagaoka", "a", "--programme", "health", "--name", "n"),
                *("--amount", "5", "--from", "soon", "--until", "2099-01-01"),
            ),
            "--from: found 'soon'",
        ),
        (
            (
                *("activities", "open", "nagaoka", "a", "--programme", "health", "--name", "n"),
                *("--amount", "5", "--from", "2020-01-01", "--until", "2021-01-01"),
            ),
            "--until: it has to end after",
        ),
        (("activities", "close", "nagaoka", "none"), "there is no activity 'none'"),
        (("grants", "check", "nagaoka", "/nowhere.csv", "--activity", "walk"), "No such file"),
        (("grants", "check", "nagaoka", "/", "--activity", "none"), "no activity 'none'"),
        (("grants", "apply", "nagaoka", "999"), "there is no grant by list 999"),
        (("grants", "undo", "nagaoka", "999", "--reason", "x"), "there is no grant by list 999"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(
    opened: Koban, words: tuple[str, ...], said: str
) -> None:
    """And the exit status is 1."""
    answer = opened(*words)
    assert (answer.status, answer.out) == (1, "")
    assert said in answer.error


def test_programmes_and_activities_are_changed_and_listed(opened: Koban) -> None:
    """A budget, a system that may grant and then no more, an activity that ends; each said."""
    assert opened("acquirers", "open", "nagaoka", "app", "アプリ").status == 0
    for words, said in (
        (("programmes", "ceiling", "nagaoka", "health", "20000"), "20000 yen in all; 20000 left"),
        (("programmes", "allow", "nagaoka", "health", "app"), "app may grant for health."),
        (("programmes", "allow", "nagaoka", "health", "app"), "nothing has changed"),
        (("programmes", "disallow", "nagaoka", "health", "app"), "app may not grant for health."),
        (("programmes", "list", "nagaoka"), "20000 left of"),
        (("activities", "list", "nagaoka", "--programme", "health"), "歩こう会"),
        (("activities", "close", "nagaoka", "walk"), "walk is over"),
    ):
        answer = opened(*words)
        assert (answer.status, said in answer.out) == (0, True), (words, answer.out, answer.error)
    (walk,) = opened("activities", "list", "nagaoka", "--json").json
    assert (walk["amount"], walk["per_person"], walk["open"]) == (500, "once", False)
    (health,) = opened("programmes", "list", "nagaoka", "--json").json
    assert (health["instrument"], health["ceiling"], health["systems"]) == ("point", 20_000, [])


def test_a_list_that_cannot_be_read_is_told_in_both_languages(
    opened: Koban, tmp_path: Path
) -> None:
    """Nothing of it is kept."""
    file = tmp_path / "list.csv"
    file.write_bytes("宛先\n1001\n".encode("utf-16"))
    answer = opened("grants", "check", "nagaoka", str(file), "--activity", "walk")
    assert answer.status == 1
    assert "UTF-16 で書かれています" in answer.error
    assert "This is UTF-16" in answer.error
    assert opened("grants", "list", "nagaoka", "--json").json == []


async def test_200_000_lines_are_checked_in_bounded_time_and_memory(
    opened: Koban, wallets: list[int], pool: asyncpg.Pool, tmp_path: Path
) -> None:
    """Nearly all of them wrong, each in its own way; all are told, and nothing is promised."""
    kinds = ("0901234{:04},500", "99{:06},500", "{},-5", "{},1.5", '"{},500', "{},700", "{}", ",1")
    lines = [kinds[n % len(kinds)].format(n % 10_000) for n in range(LINES_MAX - len(wallets))]
    lines += [f"{wallet},500" for wallet in wallets]
    file = tmp_path / "everybody.csv"
    file.write_text("宛先,金額\n" + "\n".join(lines) + "\n")
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    checked = await asyncio.to_thread(
        opened, "grants", "check", "nagaoka", str(file), "--activity", "walk", "--json"
    )
    took_s = time.monotonic() - began
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    run = checked.json["run"]
    assert (run["lines"], run["rows"]) == (LINES_MAX, len(wallets))
    assert run["refused"] == LINES_MAX - len(wallets)
    assert len(checked.json["problems"]) == 100
    assert took_s < CHECK_MAX_S
    assert grown < CHECK_MAX_BYTES
    counts = await pool.fetch(
        "SELECT problem, count(*) AS lines FROM koban.grant_line GROUP BY problem"
    )
    assert sum(row["lines"] for row in counts) == LINES_MAX
    assert await pool.fetchval("SELECT reserved FROM koban.budget") == 0
    assert await pool.fetchval("SELECT count(*) FROM koban.grant_row") == 0
