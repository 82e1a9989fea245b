"""Notices in the ledger: once a subject, newest first, read up to a number."""

from datetime import timedelta

from ledger import notices
from ledger.notices import NewNotice
from tests.support.ledger import Bench


async def add(bench: Bench, account: int, *subjects: str, kind: str = "expiry_warning") -> int:
    """Adds notices; how many were new."""
    new = [NewNotice(account, subject, '{"days": 7}') for subject in subjects]
    return len(await notices.add(bench.pool, bench.town, kind, new, bench.clock.now))


async def test_once_a_subject_and_kind(bench: Bench) -> None:
    """The same again is left out, whether it comes later or twice at once."""
    wallet, other = await bench.wallet(), await bench.wallet()
    assert await add(bench, wallet, "a", "b") == 2
    assert await add(bench, wallet, "b", "c", "c") == 1
    assert await add(bench, wallet, "a", kind="written") == 1
    assert await add(bench, other, "a") == 1
    assert await notices.unread(bench.pool, bench.town, wallet, bench.clock.now) == 4


async def test_newest_first_a_page_at_a_time(bench: Bench) -> None:
    """By number; the next page begins behind the last; the body tells its kind."""
    wallet = await bench.wallet()
    for subject in "abcde":
        await add(bench, wallet, subject)
    first = await notices.newest(bench.pool, bench.town, wallet, None, 3, bench.clock.now)
    assert [each.notice for each in first] == sorted((each.notice for each in first), reverse=True)
    rest = await notices.newest(
        bench.pool, bench.town, wallet, first[-1].notice, 3, bench.clock.now
    )
    assert len(rest) == 2
    assert rest[0].notice < first[-1].notice
    assert first[0].body == '{"days": 7, "kind": "expiry_warning"}'
    assert await notices.newest(bench.pool, bench.town + 1, wallet, None, 3, bench.clock.now) == []


async def test_read_up_to_a_number_once(bench: Bench) -> None:
    """What came behind it stays unread; when it was read stays as it was."""
    wallet = await bench.wallet()
    for subject in "abc":
        await add(bench, wallet, subject)
    newest = await notices.newest(bench.pool, bench.town, wallet, None, 3, bench.clock.now)
    for _ in range(2):
        await notices.mark_read(bench.pool, bench.town, wallet, newest[1].notice, bench.clock.now)
        bench.clock.advance(minutes=5)
    assert await notices.unread(bench.pool, bench.town, wallet, bench.clock.now) == 1
    found = await notices.newest(bench.pool, bench.town, wallet, None, 3, bench.clock.now)
    first_read = bench.clock.now - timedelta(minutes=10)
    assert [each.read_at for each in found] == [None, first_read, first_read]
