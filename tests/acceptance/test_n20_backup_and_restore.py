"""N20: redundancy, backups, a proven restore, personal data protected."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from tests.acceptance.backups import Backups, archived, backups, dsn, opened, place, server
from tests.acceptance.nagaoka import Holder, Nagaoka, Tablet
from tests.support.house import House

__all__ = ["backups", "dsn", "place", "server"]

pytestmark = pytest.mark.faults


async def pay_on(hanako: Holder, maruya: Tablet, until: asyncio.Event) -> int:
    """Pays yen after yen; how many."""
    paid = 0
    while not until.is_set() and paid < 100:
        assert (await hanako.tries_to_pay(maruya.shop, 1 + paid)) is not None
        paid += 1
    return paid


async def test_n20_the_ledger_is_restored_to_any_instant(
    nagaoka: Nagaoka,
    house: House,
    pool: asyncpg.Pool,
    backups: Backups,
    sms_provider: str,
    place: Path,
) -> None:
    """A backup is made while people pay, and they pay on. Into a second server everything comes
    back as it was at an instant between two payments, and the books add up there; what came after
    that instant is not in it.
    """
    hanako, maruya = await nagaoka.registers("花子"), await nagaoka.opens("八百屋 まるや")
    await maruya.takes_cash(await hanako.shows_top_up_code(20_000), 20_000)
    enough = asyncio.Event()
    paying = asyncio.create_task(pay_on(hanako, maruya, enough))
    await backups.now()
    enough.set()
    assert await paying > 0
    await hanako.pays(maruya.shop, 1_234)
    held, lines = await hanako.holds(), len(await hanako.lines())
    await asyncio.sleep(0.01)
    instant = datetime.now(UTC)
    await asyncio.sleep(0.01)
    lost = await hanako.pays(maruya.shop, 2_345)
    await archived(pool)

    names = [word.encode() for word in ("花子", "09012345678")]
    for path in (path for path in backups.folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        assert not [name for name in names if name in content], path

    said = await backups.restored(place / "second", instant)
    assert "Everything holds" in said
    async with (
        opened(place / "second", house, nagaoka.clock) as gateway,
        Nagaoka(gateway, sms_provider, nagaoka.clock) as there,
    ):
        hanako_there = await there.signs_in()
        assert await hanako_there.holds() == held
        history = await hanako_there.history()
        assert len(history) == lines
        assert lost.id not in {receipt.id for receipt in history}
    await refused(pool, backups, place)


async def refused(pool: asyncpg.Pool, backups: Backups, place: Path) -> None:
    """What cannot be restored is refused with a sentence that says why, and nothing is overwritten;
    only the newest backup is kept here.
    """
    newest = await backups.now()
    kept = [path.name for path in (backups.folder / "base").iterdir() if path.is_dir()]
    assert kept == [newest]
    assert await pool.fetchval("SELECT count(*) FROM koban.backup") == 2

    full, empty = place / "full", place / "empty"
    full.mkdir()
    (full / "something").write_text("dear")
    before, later = (datetime.now(UTC) + timedelta(hours=hours) for hours in (-1, 1))
    for words, code, says in (
        ((backups.folder, full), 1, "is not empty"),
        ((place / "nothing", empty), 1, "there is no whole backup"),
        ((backups.folder, empty, "--until", before.isoformat()), 1, "cannot be restored"),
        ((backups.folder, empty, "--until", "noon"), 2, "with its offset"),
        ((backups.folder, empty, "--until", later.isoformat(), "--no-sync"), 1, "ends before that"),
    ):
        status, said = await backups.run("restore", *words)
        assert (status, says in said) == (code, True), said
    assert [path.name for path in full.iterdir()] == ["something"]

    files = (backups.folder / "base" / newest / "base").rglob("*")
    victim = max((path for path in files if path.is_file()), key=lambda path: path.stat().st_size)
    content = bytearray(victim.read_bytes())
    content[100] ^= 1
    victim.write_bytes(content)
    status, said = await backups.run("restore", backups.folder, place / "third")
    assert (status, "is damaged" in said) == (1, True), said
    for act, environ, code, says in (
        ("now", {"KOBAN_BACKUP_KEEP": "0"}, 1, "KOBAN_BACKUP_KEEP"),
        ("now", {"KOBAN_POSTGRES_DSN": ""}, 1, "is not set"),
        ("some", {}, 2, "backup follow FOLDER"),
        ("list", {}, 0, newest),
    ):
        status, said = await backups.run("backup", act, backups.folder, **environ)
        assert (status, says in said) == (code, True), said
