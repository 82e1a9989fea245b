"""A5: points that the city hands out, and premium vouchers, on the same rails."""

from ledger.database import Pool
from tests.acceptance.conftest import Visit
from tests.acceptance.granting import opens_activity, opens_programme
from tests.acceptance.lists import Colleague, brings, budget, shown
from tests.acceptance.topping_up import ends, orders
from tests.support.clock import Clock
from tests.support.jobs import Jobs, worker_of
from tests.support.ledger import problems
from tests.support.providers import ProviderProcess


async def test_a5_points_by_list_and_a_voucher_pay_side_by_side(
    visit: Visit, providers: ProviderProcess, dsn: str, clock: Clock, pool: Pool
) -> None:
    """The city gives 3,000 points to each household on its list; Sayuri has bought a voucher with
    its premium at the ATM, too. One wallet, one code at the till, one payment; each kind of value
    keeps whose money it is: the city's fund has given 3,000, and no more is left to give.
    """
    town = await visit("higashimurayama")
    sayuri = await town.registers("東村山 小百合")
    order = await orders(sayuri, "seven_bank_voucher", 5_000)
    await providers.act("seven_bank", order.id, "pay")
    await ends(sayuri, order.id, "arrived")
    await sayuri.hears()

    await opens_programme(town, "relief", "point", 3_000)
    await opens_activity(town, "relief", "household", "生活応援", 3_000)
    colleague = await Colleague.comes(town)
    checked = await brings(town, "household", "宛先,氏名\n09012345678,東村山小百合\n".encode())
    assert (checked.run.rows, checked.left_after) == (1, 0)
    assert (await colleague.approves(checked)).status_code == 200
    async with worker_of(dsn, clock) as worker:
        await Jobs(worker, clock).work()
    assert (await shown(town, checked.run.run)).state == "finished"
    heard = await sayuri.hears()
    assert (heard.kind, heard.receipt.amount) == ("grant", 3_000)
    assert await sayuri.holds() == {"point": 3_000, "voucher": 6_000}

    daruma = await town.opens("だるま堂")
    paid = await sayuri.pays(daruma.shop, 4_000)
    parts = {part.instrument: part.amount for part in paid.parts}
    assert sum(parts.values()) == 4_000
    assert set(parts) == {"point", "voucher"}
    assert sum((await sayuri.holds()).values()) == 5_000
    assert (await budget(town, "relief")).granted == 3_000
    assert await problems(pool) == []
