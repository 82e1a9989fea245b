"""A4: coins come in at Seven Bank ATMs and at the town's own cash machines."""

import re

import httpx
import pytest

from gateway.protocol.ids import new_id
from gateway.protocol.messages import Purpose, ShowCode, ShownCode
from tests.acceptance.conftest import Visit
from tests.acceptance.nagaoka import Holder
from tests.acceptance.topping_up import ends, orders, seen
from tests.support.machine import Machine
from tests.support.providers import ProviderProcess

TOWN = "higashimurayama"


async def test_a4_a_seven_bank_atm_takes_the_cash(visit: Visit, providers: ProviderProcess) -> None:
    """The wallet shows a number, the ATM takes 10,000 yen, and 1 % in points comes with it."""
    town = await visit(TOWN)
    sayuri = await town.registers("東村山 小百合")
    order = await orders(sayuri, "seven_bank", 10_000)
    async with httpx.AsyncClient(base_url=providers.url, trust_env=False) as atm:
        asked = await atm.get("/seven_bank/number", params={"number": order.number})
        page = asked.headers["Location"]
        assert "支払う" in (await atm.get(page)).text
        await atm.post(page, content="act=pay")
    assert (await sayuri.hears()).receipt.id == order.id
    await ends(sayuri, order.id, "arrived")
    assert await sayuri.holds() == {"coin": 10_000, "point": 100}


async def test_a4_a_cash_machine_reads_the_wallets_code_and_takes_the_cash(
    visit: Visit, providers: ProviderProcess
) -> None:
    """At the town's own machine, played by its page: the code, the notes, and the sound."""
    town = await visit(TOWN)
    sayuri = await town.registers("東村山 小百合")
    code = await shows(sayuri, 5_000)
    machine = Machine(town.url, TOWN)
    announced = await machine.announces(code.code)
    assert (announced["state"], announced["amount"]) == ("accepted", 5_000)
    assert await sayuri.hears_nothing()
    confirmed = await machine.confirms(announced["id"], 5_000)
    assert confirmed["state"] == "arrived"
    heard = await sayuri.hears()
    assert (heard.sound, str(heard.receipt.id)) == ("topped_up", announced["id"])
    assert await sayuri.holds() == {"coin": 5_000, "point": 50}
    # The machine heard no answer and says it again.
    assert await machine.confirms(announced["id"], 5_000) == confirmed
    assert await sayuri.hears_nothing()
    assert (await sayuri.balance()).total == 5_050


async def test_a4_a_machine_gives_the_cash_back_when_the_value_is_refused(
    visit: Visit, providers: ProviderProcess
) -> None:
    """Too much in the wallet, or not the notes that were announced: the cash comes out again."""
    town = await visit(TOWN)
    sayuri = await town.registers("東村山 小百合")
    machine = Machine(town.url, TOWN)
    for _ in range(2):
        done = await machine.announces((await shows(sayuri, 50_000)).code)
        assert (await machine.confirms(done["id"], 50_000))["state"] == "arrived"
    over = await machine.announces((await shows(sayuri, 1_000)).code)
    refused = await machine.confirms(over["id"], 1_000)
    assert (refused["state"], refused["reason"]) == ("refunding", "over_day_limit")
    assert (await machine.cancels(over["id"]))["state"] == "refunded"

    other = await machine.announces((await shows(sayuri, 2_000)).code)
    refused = await machine.confirms(other["id"], 3_000)
    assert (refused["state"], refused["reason"]) == ("refunding", "paid 3000")
    assert [line.load.state for line in await seen(town, "?state=hanging")] == ["refunding"]
    assert (await machine.cancels(other["id"]))["state"] == "refunded"
    assert (await sayuri.balance()).total == 101_000


async def test_a4_a_machine_that_was_cut_off_is_still_heard(
    visit: Visit, providers: ProviderProcess
) -> None:
    """Announced, cash taken, the line cut for an hour: confirmed late, and the value is there. A
    deposit of which nothing was heard ends by itself.
    """
    town = await visit(TOWN)
    sayuri = await town.registers("東村山 小百合")
    machine = Machine(town.url, TOWN)
    taken = await machine.announces((await shows(sayuri, 5_000)).code)
    left = await machine.announces((await shows(sayuri, 1_000)).code)
    town.clock.advance(minutes=60)
    await ends(sayuri, left["id"], "expired")
    await ends(sayuri, taken["id"], "expired")
    assert (await machine.confirms(taken["id"], 5_000))["state"] == "arrived"
    assert (await machine.cancels(left["id"]))["state"] == "expired"
    assert (await sayuri.holds())["coin"] == 5_000


@pytest.mark.usefixtures("providers")
async def test_a4_nobody_else_speaks_for_a_machine(visit: Visit) -> None:
    """Another machine's deposit is not found, a code works once, a stranger is refused."""
    town = await visit(TOWN)
    sayuri = await town.registers("東村山 小百合")
    machine, other = Machine(town.url, TOWN), Machine(town.url, TOWN, "M-02")
    code = (await shows(sayuri, 5_000)).code
    announced = await machine.announces(code)
    assert (await other.tries(f"deposits/{announced['id']}/confirm", {"amount": 5_000})) == (
        404,
        "not_found",
    )
    assert await other.tries("deposits", {"id": str(new_id()), "code": code}) == (402, "code_used")
    stranger = Machine(town.url, TOWN, secret="a key that nobody gave them, thirty-two characters")
    assert await stranger.tries("deposits", {"id": str(new_id()), "code": code}) == (
        401,
        "signature_wrong",
    )
    assert (await sayuri.balance()).total == 0


async def test_a4_the_machines_page_can_be_tried_by_hand(
    visit: Visit, providers: ProviderProcess
) -> None:
    """The simulator's machine, touched as a person does."""
    town = await visit(TOWN)
    await providers.restart(town.url)
    sayuri = await town.registers("東村山 小百合")
    code = await shows(sayuri, 5_000)
    async with httpx.AsyncClient(base_url=providers.url, trust_env=False) as http:
        shown = await http.post("/machine/machine", content=f"town={TOWN}&code={code.code}")
        deposit = re.search(r'name="deposit" value="([^"]+)"', shown.text)
        assert deposit, shown.text
        form = f"town={TOWN}&deposit={deposit[1]}&amount=5000&act=confirm"
        assert "arrived" in (await http.post("/machine/machine", content=form)).text
    assert (await sayuri.holds())["coin"] == 5_000


async def shows(holder: Holder, amount: int) -> ShownCode:
    """The wallet shows a code to top up with."""
    return await holder._does(ShowCode(new_id(), Purpose.TOP_UP, amount), ShownCode)
