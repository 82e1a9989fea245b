"""``koban fees`` and ``koban settlements``: a whole settlement at the command line."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from gateway import command
from ledger import operators
from tests.support.gateways import SECRET
from tests.support.ledger import Bench, problems

Koban = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def koban(dsn: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Koban:
    """The command, in this process: its exit status, the JSON or text it printed, its errors."""
    for name, text in (("POSTGRES_DSN", dsn), ("REDIS_URL", "redis://x"), ("SECRET", SECRET)):
        monkeypatch.setenv(f"KOBAN_{name}", text)

    def run(*words: str) -> tuple[int, Any, str]:
        status = command.main(words)
        printed = capsys.readouterr()
        out = printed.out.strip()
        return status, json.loads(out) if out.startswith(("{", "[")) else out, printed.err

    return run


async def in_thread(koban: Koban, *words: str) -> tuple[int, Any, str]:
    """The command beside the test's own loop."""
    return await asyncio.to_thread(koban, *words)


async def test_a_settlement_is_made_by_one_and_released_by_another(
    bench: Bench, pool: asyncpg.Pool, koban: Koban
) -> None:
    """A fee, a dry run that keeps nothing, a settlement, its lines, a release in another's name, a
    second run that finds nothing; and what is refused says why and changes nothing.
    """
    now = datetime.now(UTC)
    bench.clock.advance(seconds=(now - bench.clock.now).total_seconds() - 1800)
    code = await pool.fetchval("SELECT code FROM koban.shop WHERE shop = $1", bench.shop)
    for name in ("佐藤", "鈴木"):
        await operators.add_operator(pool, bench.town, name, "x", "operator", now)
    await operators.add_operator(pool, bench.town, "当直", "x", "ops", now)
    wallet = await bench.wallet(20_000)
    assert (await bench.one(bench.pay(wallet, 7_000))).outcome == "done"
    until = (now - timedelta(minutes=5)).isoformat()
    made = ("settlements", "make", "nagaoka", "--until", until)

    status, rates, _ = await in_thread(
        koban, *("fees", "set", "nagaoka", "top_up"), *("--basis-points", "0", "--yen", "5"),
        *("--shop", code, "--json"),
    )  # fmt: skip
    assert (status, [rate["in_force"] for rate in rates]) == (0, [True])
    status, due, _ = await in_thread(koban, "fees", "due", "nagaoka", code, "--json")
    assert [line["yen"] for line in due if line["kind"] == "top_up"] == [5, 5, 5]

    status, seen, _ = await in_thread(koban, *made, "--dry-run", "--json")
    assert (status, seen["settlement"]["net"], seen["digest"]) == (0, -13_000, "")
    assert (await in_thread(koban, "settlements", "list", "nagaoka", "--json"))[:2] == (0, [])
    status, one, _ = await in_thread(koban, *made, "--by", "佐藤", "--json")
    assert (status, one["settlement"]["collected"]) == (0, 13_000)
    status, lines, _ = await in_thread(
        koban, "settlements", "show", "nagaoka", "1", "--lines", "--json"
    )
    assert [(line["shop_code"], line["net"]) for line in lines] == [(code, -13_000)]
    status, text, _ = await in_thread(koban, "settlements", "show", "nagaoka", "1")
    assert f"--reviewed {one['digest']}" in text
    assert "missing" in text

    release = ("settlements", "release", "nagaoka", "1", "--reviewed", one["digest"])
    for words, status, why in (
        ((*made, "--by", "だれか"), 1, "no operator"),
        ((*made, "--by", "当直"), 1, "no operator"),
        (made, 1, "nothing of this period"),
        (("settlements", "make", "nagaoka", "--until", now.isoformat()), 1, "a minute ago"),
        (("settlements", "make", "nagaoka", "--until", "soon"), 1, "--until"),
        ((*made, "--group", "moon"), 1, "--group"),
        ((*made, "--shop", "0000000"), 1, "--shop"),
        ((*release, "--by", "佐藤"), 1, "somebody else"),
        ((*release[:-1], "0" * 16, "--by", "鈴木"), 1, "look again"),
        (("settlements", "discard", "nagaoka", "9"), 1, "no such settlement"),
        (
            ("fees", "end", "nagaoka", "issue", "--from", "2026-01-01T00:00"), 1, "now or later",
        ),
    ):  # fmt: skip
        told = await in_thread(koban, *words)
        assert told[0] == status, words
        assert why in told[2], (words, told)
    status, _, _ = await in_thread(koban, *release, "--by", "鈴木", "--dry-run", "--json")
    states = ("settlements", "list", "nagaoka", "--json")
    assert (await in_thread(koban, *states))[1][0]["state"] == "made"
    status, done, error = await in_thread(koban, *release, "--by", "鈴木", "--json")
    assert (status, done["settlement"]["state"]) == (0, "released"), error
    assert done["settlement"]["released_by"] == "鈴木"
    acts = await pool.fetch("SELECT act FROM people.audit ORDER BY number")
    assert [row["act"] for row in acts] == ["fee.set", "settlement.made", "settlement.released"]
    assert await problems(pool) == []
