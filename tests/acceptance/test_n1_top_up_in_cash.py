"""N1: cash becomes value at a shop's till, with no device but the shop's tablet."""

from gateway.protocol.messages import Purpose
from tests.acceptance.nagaoka import Nagaoka


async def test_n1_cash_becomes_value_at_once_with_a_sound_at_both_ends(nagaoka: Nagaoka) -> None:
    """Hanako enters an amount, the shop scans her code, takes the cash and confirms."""
    hanako = await nagaoka.registers("長岡 花子")
    maruya = await nagaoka.opens("八百屋 まるや")
    assert (await hanako.balance()).total == 0

    code = await hanako.shows_top_up_code(5_000)
    asked = await maruya.scans(code)
    assert (asked.purpose, asked.amount) == (Purpose.TOP_UP, 5_000)
    assert (await hanako.balance()).total == 0, "scanning alone moves nothing"

    done = await maruya.takes_cash(code, 5_000)
    assert (done.kind, done.outcome, done.amount) == ("top_up", "done", 5_000)
    for screen in (hanako, maruya):
        heard = await screen.hears()
        assert (heard.kind, heard.sound, heard.receipt.id) == ("top_up", "topped_up", done.id)

    assert await hanako.holds() == {"coin": 5_000, "point": 50}
    assert (await maruya.day()).top_ups_amount == 5_000
    assert await maruya.seen_by_both(done.id)


async def test_n1_a_top_up_code_is_good_for_one_top_up(nagaoka: Nagaoka) -> None:
    """It pays for nothing, and the same cash is not counted twice."""
    hanako = await nagaoka.registers("長岡 花子")
    maruya = await nagaoka.opens("八百屋 まるや")
    code = await hanako.shows_top_up_code(3_000)
    assert await maruya.tries_to_charge(code) == "code_wrong_purpose"
    await maruya.takes_cash(code, 3_000)
    assert await maruya.tries_to_charge(code) == "code_used"
    assert (await hanako.holds())["coin"] == 3_000
