"""H11: a city by one command, small here; its shops are found, and its books are right."""

from datetime import UTC, datetime

import pytest

from config.profile import read_profile
from gateway.city import value
from gateway.city.founding import found
from gateway.city.office import founded
from gateway.command import main
from gateway.office import Office, OfficeFault
from gateway.protocol import api
from gateway.protocol.api_figures import TownFigures
from gateway.protocol.api_shops import ShopChoices
from ledger import accounts, cities
from ledger.cities import City, CityRefused
from ledger.database import Pool
from ledger.shops.listings import Place
from ledger.vault import Vault
from tests.acceptance.conftest import Visit
from tests.acceptance.shop_search import finds
from tests.support.gateways import SECRET
from tests.support.ledger import problems

VAULT = Vault({0: SECRET.encode()})


async def test_h11_hirakata_is_filled_by_one_command(
    visit: Visit, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every wallet has a card and value, every shop a tablet and a place on the map; filled once,
    it is not filled again; stopped on the way, it goes on and gives nobody twice.
    """
    town = await visit("hirakata")
    office = Office(pool, VAULT, read_profile("hirakata"), datetime.now(UTC))
    wanted = City(60, 12, 14, 7, office.now)
    rehearsed = await founded(office, wanted, None, dry_run=True)
    assert (rehearsed.finished, rehearsed.yen) == (False, None)
    assert not await cities.somebody(pool, 3)

    middle = Place(34.8144, 135.6507)

    # It is stopped when a third of the wallets have their value.
    steps = list[str]()

    def stopped(what: str, _reached: int, _total: int) -> None:
        steps.append(what)
        if what == "value in the wallets":
            raise RuntimeError("the plug was pulled")

    monkeypatch.setattr(value, "CALL", 20)
    with pytest.raises(ExceptionGroup):
        await found(
            pool, VAULT, office.profile, wanted, None, lambda: office.now, stopped, middle=middle
        )
    assert steps[-1] == "value in the wallets"
    waiting = await cities.without_value(pool, 3)
    assert 0 < len(waiting) <= 40
    with pytest.raises(CityRefused, match="--wallets 60 --shops 12"):
        await founded(office, City(61, 12, 14, 7, office.now), None, dry_run=False)
    made = await founded(office, wanted, None, dry_run=False, middle=middle)
    assert (made.resumed, await cities.without_value(pool, 3)) == (len(waiting), [])
    lots = await pool.fetchrow("SELECT count(*) AS lots, sum(remaining) AS yen FROM koban.lot")
    assert lots is not None
    assert (lots["lots"], lots["yen"]) == (60, made.yen)
    assert await pool.fetchval("SELECT count(DISTINCT wallet) FROM people.card") == 60
    with pytest.raises(CityRefused, match="already"):
        await founded(office, wanted, None, dry_run=False)

    assert len(await finds(town, near="34.8144,135.6507")) == 12
    choices = await town.get("/search/choices", ShopChoices)
    assert sum(each.shops for each in choices.kinds) == 12
    figures = await town.get("/figures", TownFigures)
    assert (figures.wallets, figures.shops, figures.people) == (60, 12, 60)
    assert sum(each.amount or 0 for each in figures.circulation) <= (made.yen or 0)
    terminals = await town.asks("GET", "/console/terminals", None, api.Terminals)
    assert max(each.label for each in terminals.terminals) == "レジ 2"
    assert {each.state for each in terminals.terminals} == {"waiting"}
    assert await problems(pool) == []


async def test_h11_nagaoka_has_fifty_tablets_and_cash(visit: Visit, pool: Pool) -> None:
    """Where shops take cash, value comes by it, the same for everybody if that is asked for; a town
    in which somebody takes part is left alone.
    """
    await visit("nagaoka")
    office = Office(pool, VAULT, read_profile("nagaoka"), datetime.now(UTC))
    with pytest.raises(OfficeFault, match="--value"):
        await founded(office, City(5, 5, 50, 1, office.now), 10_000_000, dry_run=False)
    await founded(office, City(5, 5, 50, 1, office.now), 10_000, dry_run=False)
    coins = "SELECT sum(remaining) FROM koban.lot WHERE instrument = 1"
    assert await pool.fetchval(coins) == 50_000
    assert len(await accounts.terminals(pool, 1)) == 50
    assert await problems(pool) == []
    region = await visit("region-ring")
    await accounts.open_wallet(pool, 2, region.clock.now)
    office = Office(pool, VAULT, read_profile("region-ring"), datetime.now(UTC))
    with pytest.raises(CityRefused, match="somebody takes part"):
        await founded(office, City(5, 5, 5, 1, office.now), None, dry_run=True)


@pytest.mark.parametrize(
    "words",
    [
        ["found"],
        ["raze", "hirakata"],
        ["found", "hirakata", "--wallets", "-1"],
        ["found", "hirakata", "--wallets", "many"],
        ["found", "hirakata", "--wallets", "1000001"],
        ["found", "hirakata", "--shops", "0"],
        ["found", "hirakata", "--tablets", "50001"],
        ["found", "hirakata", "--value", "0"],
        ["found", "hirakata", "--seed", "-1"],
        ["found", "hirakata", "--around", "Hirakata"],
        ["found", "hirakata", "--around", "91,135"],
    ],
    ids=" ".join,
)
def test_h11_wrong_words_are_said_so(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """What was found and what is allowed; 2, and nothing is asked of any database."""
    with pytest.raises(SystemExit) as ended:
        main(["city", *words])
    assert ended.value.code == 2
    assert "error:" in capsys.readouterr().err
