"""N2: the wallet shows a code with the amount in it, and the tablet scans it."""

from tests.acceptance.nagaoka import Nagaoka


async def test_n2_a_shown_code_is_scanned_and_paid_with_a_sound_at_both_ends(
    nagaoka: Nagaoka,
) -> None:
    """Hanako enters 700 yen and her PIN; the tablet scans, and both hear that it is paid."""
    hanako = await nagaoka.registers("長岡 花子")
    maruya = await nagaoka.opens("八百屋 まるや")
    await maruya.takes_cash(await hanako.shows_top_up_code(10_000), 10_000)
    await hanako.hears()
    await maruya.hears()

    code = await hanako.shows_code(700)
    assert (await maruya.scans(code)).amount == 700
    paid = await maruya.charges(code)
    assert (paid.kind, paid.amount, paid.shop_name) == ("payment", 700, "八百屋 まるや")
    assert paid.balance is None, "what is left is nobody's business but Hanako's"

    mine = await hanako.hears()
    theirs = await maruya.hears()
    assert (mine.sound, theirs.sound) == ("paid", "paid")
    assert mine.receipt.id == theirs.receipt.id == paid.id
    assert mine.receipt.balance == {"street_point": 0} | await hanako.holds()
    assert await maruya.seen_by_both(paid.id)
    assert await hanako.hears_nothing()
    assert await maruya.hears_nothing()


async def test_n2_a_photographed_code_is_worth_nothing(nagaoka: Nagaoka) -> None:
    """Used once, or left lying for three minutes, it pays for nothing in any shop."""
    hanako = await nagaoka.registers("長岡 花子")
    maruya = await nagaoka.opens("八百屋 まるや")
    elsewhere = await nagaoka.opens("喫茶 こまち", "喫茶", "大手通")
    await maruya.takes_cash(await hanako.shows_top_up_code(10_000), 10_000)
    used = await hanako.shows_code(700)
    await maruya.charges(used)
    left = await hanako.shows_code(800)
    nagaoka.clock.advance(seconds=181)
    assert await elsewhere.tries_to_charge(used) == "code_used"
    assert await elsewhere.tries_to_charge(left) == "code_expired"
    assert (await maruya.day()).payments_amount == 700
    assert (await elsewhere.day()).payments_amount == 0
