"""Towns on the command line and in running gateways."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import msgspec
import pytest

from config.limits import Limits
from config.profile import read_profile, towns_folder
from config.settings import Settings
from gateway import towns
from ledger.profiles import versions_in_force
from ledger.towns import load_town
from tests.support.clock import START
from tests.support.gateways import ROOT, SECRET
from tests.support.house import House, OpenHouse

LATER = timedelta(days=30)


def koban(dsn: str, *words: str) -> tuple[int, str, str]:
    """What the command line ends with, and what it prints to either side."""
    done = subprocess.run(
        [sys.executable, "-m", "gateway.command", "towns", *words],
        cwd=ROOT,
        env={"KOBAN_POSTGRES_DSN": dsn, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def mitsuke(folder: Path) -> Path:
    """Another town's file."""
    text = (towns_folder() / "nagaoka.toml").read_text(encoding="utf-8")
    for old, new in (
        ("number = 1  ", "number = 77"),
        ('code = "nagaoka"', 'code = "mitsuke"'),
        ('code_prefix = "8201"', 'code_prefix = "8277"'),
    ):
        assert old in text
        text = text.replace(old, new)
    file = folder / "mitsuke.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_command_checks_loads_and_lists(dsn: str, tmp_path: Path) -> None:
    """A town goes from a file to the list; the same file again changes nothing, and rules to come
    are listed beside those in force.
    """
    file = mitsuke(tmp_path)
    assert koban(dsn, "check", str(file)) == (0, "mitsuke.toml: right\n", "")
    status, said, _ = koban(dsn, "load", str(file))
    assert (status, said.partition(" from ")[0]) == (0, "mitsuke: these rules hold")
    assert koban(dsn, "load", str(file)) == (0, "mitsuke: nothing has changed\n", "")

    file.write_text(file.read_text().replace("300_000", "400_000"), encoding="utf-8")
    start = (datetime.now(UTC) + LATER).isoformat(timespec="seconds")
    status, said, _ = koban(dsn, "load", str(file), "--from", start)
    assert status == 0
    assert "caution: limits.balance_cap: found 400,000" in said
    status, said, _ = koban(dsn, "list")
    states = [(line.split()[1], line.split()[3], line.split()[7]) for line in said.splitlines()]
    assert (status, states) == (
        0,
        [("nagaoka", "1", "in"), ("mitsuke", "1", "in"), ("mitsuke", "2", "to")],
    )
    assert asyncio.run(_acts(dsn, 77)) == ["town.rules_loaded"] * 2


async def _acts(dsn: str, town: int) -> list[str]:
    """What the audit says was done to a town."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch("SELECT act FROM people.audit WHERE town = $1", town)
    finally:
        await connection.close()
    return [row["act"] for row in rows]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["check", "no.toml"], "no.toml: cannot be read"),
        (["load", "no.toml"], "no.toml: cannot be read"),
        (["load", "{good}", "--from", "soon"], "--from: found 'soon'; allowed is such as"),
        (["load", "{good}", "--from", "2020-01-01T00:00"], "which has passed"),
        (["load", "{bad}"], "town.number: found 1; allowed is a number that the loaded town"),
        (["load", "{wrong}"], "nagaoka.toml: town.colour: found"),
    ],
)
def test_bad_words_get_their_answer(dsn: str, tmp_path: Path, words: list[str], said: str) -> None:
    """Each ends with 1 and says why; nothing is loaded."""
    good = mitsuke(tmp_path)
    bad = tmp_path / "bad.toml"
    bad.write_text(good.read_text().replace("number = 77", "number = 1"), encoding="utf-8")
    wrong = tmp_path / "nagaoka.toml"
    wrong.write_text(good.read_text().replace("#a4262c", "#ffffff"), encoding="utf-8")
    paths = {"good": good, "bad": bad, "wrong": wrong}
    status, out, error = koban(dsn, *(word.format(**paths) for word in words))
    assert (status, out) == (1, "")
    assert said in error
    _, listed, _ = koban(dsn, "list")
    assert len(listed.splitlines()) == 1


def test_without_a_database_the_setting_is_named() -> None:
    """One sentence, not a trace."""
    status, _, error = koban("", "list")
    assert status == 3
    assert error.startswith("towns: KOBAN_POSTGRES_DSN is not set")


@pytest.fixture
async def alone(dsn: str, redis_url: str) -> AsyncIterator[House]:
    """A gateway that is told to serve a town that comes with Koban and was never loaded."""
    settings = Settings(
        postgres_dsn=dsn, redis_url=redis_url, secret=SECRET.encode(), towns=("higashimurayama",)
    )
    opened = House(settings, Limits())
    await opened.open()
    yield opened
    await opened.close()


async def test_a_named_town_is_loaded_once_and_served_alone(
    alone: House, pool: asyncpg.Pool
) -> None:
    """The first start loads what comes with Koban; other towns are others' to serve."""
    assert list(alone.gateway.hubs) == ["higashimurayama"]
    number = read_profile("higashimurayama").town.number
    assert (await versions_in_force(pool, datetime.now(UTC)))[number] == 1


async def test_starting_changes_no_rules(pool: asyncpg.Pool, open_house: OpenHouse) -> None:
    """What was loaded stays, whatever the file beside the code says."""
    own = read_profile("nagaoka")
    own = msgspec.structs.replace(own, limits=msgspec.structs.replace(own.limits, payment_max=7))
    await load_town(pool, own, datetime.now(UTC))
    house = await open_house()
    assert house.gateway.hubs["nagaoka"].profile == own


async def test_a_town_that_cannot_be_read_stops_no_other(
    pool: asyncpg.Pool, open_house: OpenHouse, tmp_path: Path
) -> None:
    """What another version of Koban stored is left alone and named in the list; loaded again, it is
    served by the gateway that already runs.
    """
    file = mitsuke(tmp_path)
    now = datetime.now(UTC)
    await towns.load(pool, file, None, START)
    await pool.execute("UPDATE koban.profile SET source = '{\"top_up\": {}}' WHERE town = 77")
    house = await open_house()
    assert list(house.gateway.hubs) == ["nagaoka"]
    lines = await towns.towns(pool, now)
    assert "mitsuke" in lines[1]
    assert lines[1].endswith("load its file again")
    await towns.load(pool, file, None, now)
    async with asyncio.timeout(10):
        while "mitsuke" not in house.gateway.hubs:
            await asyncio.sleep(0.05)
