"""The demo's town comes into being once, obeys every rule, and has something to show."""

from datetime import timedelta

import pytest

from config.profile import read_profile
from ledger import accounts, persons
from ledger.database import Pool, open_pool
from ledger.migrate import migrate
from ledger.reading import balance, history
from ledger.vault import Vault
from scripts import demo
from tests.support.clock import Clock
from tests.support.ledger import problems

SECRET = b"the demo's secret, as long as it has to be"


async def _seed(pool: Pool, clock: Clock) -> None:
    await demo.seed(pool, read_profile("nagaoka"), SECRET, clock.now, lambda _step: None)


async def _census(pool: Pool, town: int) -> list[int]:
    return [
        await pool.fetchval(f"SELECT count(*) FROM {table} WHERE town = $1", town)
        for table in ("people.person", "people.operator", "koban.entry", "koban.decision")
    ] + [len(await accounts.shops(pool, town)), len(await accounts.terminals(pool, town))]


async def test_the_demo_has_people_shops_and_a_past(pool: Pool, town: int, clock: Clock) -> None:
    """Everybody can sign in, every tablet is enrolled, and there is money that was spent."""
    clock.advance(days=30)
    await _seed(pool, clock)
    for phone, name in demo.PEOPLE:
        person = await persons.person_by_phone(pool, Vault({0: SECRET}), town, phone)
        assert person is not None
        assert person.name == name
        purse = await balance(pool, town, person.wallet, clock.now)
        assert purse is not None
        assert purse.total > 0
        assert await history(pool, town, person.wallet, None, 10)
    assert [shop.name for shop in await accounts.shops(pool, town)] == [
        name for name, *_ in demo.SHOPS
    ]
    assert {line.state for line in await accounts.terminals(pool, town)} == {"enrolled"}
    assert await problems(pool) == []


async def test_seeding_again_changes_nothing(pool: Pool, town: int, clock: Clock) -> None:
    """Every start seeds; only the first one finds something to do."""
    clock.advance(days=30)
    await _seed(pool, clock)
    before = await _census(pool, town)
    clock.advance(days=3)
    await _seed(pool, clock)
    assert await _census(pool, town) == before


async def test_an_interrupted_seeding_is_finished_by_the_next(
    pool: Pool, town: int, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shops that were there already are not made twice, and people come in the end."""
    clock.advance(days=30)

    async def fail(*_arguments: object) -> int:
        raise InterruptedError

    with monkeypatch.context() as broken:
        broken.setattr(persons, "register", fail)
        with pytest.raises(InterruptedError):
            await _seed(pool, clock)
    clock.advance(minutes=1)
    await _seed(pool, clock)
    census = await _census(pool, town)
    tablets = sum(count for *_, count in demo.SHOPS)
    assert census[:2] == [len(demo.PEOPLE), len(demo.OPERATORS)]
    assert census[4:] == [len(demo.SHOPS), tablets]


async def test_a_new_town_opened_two_weeks_ago(empty_dsn: str, clock: Clock) -> None:
    """The profile of a town that was never loaded holds for its whole past."""
    await migrate(empty_dsn)
    pool = await open_pool(empty_dsn, 2)
    try:
        await _seed(pool, clock)
        since = await pool.fetchval("SELECT min(valid_from) FROM koban.profile")
        assert since <= clock.now - timedelta(days=demo.DAYS - 1)
    finally:
        await pool.close()
