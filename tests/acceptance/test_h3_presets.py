"""H3: a fixed grant set per terminal."""

from gateway.protocol import api
from gateway.protocol.api_programmes import Activity, Programme
from gateway.protocol.api_terminals import Preset
from gateway.protocol.messages import Receipt
from ledger.database import Pool
from tests.acceptance.conftest import Visit
from tests.support.ledger import problems

YOSHI = {"name": "五十嵐 ヨシ", "kana": "イガラシ ヨシ", "birth_date": "1941-03-09"}


async def test_h3_a_fixed_grant_is_set_for_a_terminal(visit: Visit, pool: Pool) -> None:
    """The tablet at the gymnasium gives 50 health points to whoever shows a code, once a day; no
    amount is entered. The bookshop's tablet, for which nothing is set, gives nothing.
    """
    hirakata = await visit("hirakata")
    yoshi = await hirakata.registers_as(YOSHI, "09012345678")
    programme = {
        "code": "health",
        "department": "健康づくり課",
        "name": "健康づくり事業",
        "instrument": "health",
        "ceiling": 10_000,
    }
    await hirakata.asks("POST", "/console/programmes", programme, Programme)
    activity = {
        "code": "gym",
        "programme": "health",
        "name": "体育館に来た",
        "amount": 50,
        "per_person": "daily",
        "starts_at": "2026-04-01T00:00",
        "ends_at": "2027-04-01T00:00",
    }
    await hirakata.asks("POST", "/console/activities", activity, Activity)
    gym, books = await hirakata.opens("総合体育館"), await hirakata.opens("くずは書房")
    terminal = (await gym.looks("terminal", api.TerminalInfo)).terminal
    path = f"/console/terminals/{terminal}/preset"
    await hirakata.asks("PUT", path, {"activity": "gym"}, Preset)

    granted = await gym.grants(await yoshi.shows_code(None))
    assert isinstance(granted, Receipt)
    assert (granted.kind, granted.amount) == ("grant", 50)
    assert await gym.grants(await yoshi.shows_code(None)) == "already_granted"
    assert await books.grants(await yoshi.shows_code(None)) == "no_preset"
    assert await yoshi.holds() == {"health": 50}
    assert await problems(pool) == []
