"""R4: the same shop and the same amount within a set time: the payer must answer."""

from gateway.protocol.messages import Receipt
from tests.acceptance.nagaoka import Holder, Nagaoka, Tablet


async def after_a_coffee(nagaoka: Nagaoka) -> tuple[Holder, Tablet, Receipt]:
    """Hanako has just paid 480 yen for a coffee."""
    hanako = await nagaoka.registers("長岡 花子")
    komachi = await nagaoka.opens("喫茶 こまち", "喫茶", "大手通")
    await komachi.takes_cash(await hanako.shows_top_up_code(5_000), 5_000)
    paid = await hanako.pays(komachi.shop, 480)
    for screen in (hanako, komachi):
        assert [(await screen.hears()).kind for _ in range(2)] == ["top_up", "payment"]
    return hanako, komachi, paid


async def test_r4_a_second_payment_that_looks_like_the_first_is_asked_about(
    nagaoka: Nagaoka,
) -> None:
    """It is not paid; both screens call for attention, and the question names the first payment."""
    hanako, komachi, first = await after_a_coffee(nagaoka)
    nagaoka.clock.advance(minutes=4)
    attempt, refused = await hanako.tries_to_pay(komachi.shop, 480)
    assert refused == "duplicate_suspected"
    for screen in (hanako, komachi):
        asked = await screen.hears()
        assert (asked.kind, asked.sound) == ("duplicate_question", "attention")
        assert (asked.receipt.id, asked.receipt.earlier) == (attempt, first.id)
        assert asked.receipt.earlier_at == first.at
    assert (await komachi.day()).payments == 1


async def test_r4_two_coffees_are_paid_when_the_payer_says_so(nagaoka: Nagaoka) -> None:
    """Yes, with the PIN, pays it once; yes again pays no third."""
    hanako, komachi, _ = await after_a_coffee(nagaoka)
    attempt, _ = await hanako.tries_to_pay(komachi.shop, 480)
    await hanako.hears()
    await komachi.hears()
    paid = await hanako.says_yes(attempt)
    assert isinstance(paid, Receipt)
    assert (paid.kind, paid.amount, paid.refers) == ("payment", 480, attempt)
    for screen in (hanako, komachi):
        heard = await screen.hears()
        assert (heard.sound, heard.receipt.id) == ("paid", paid.id)
    assert await hanako.says_yes(attempt) == "question_answered"
    assert (await komachi.day()).payments_amount == 960


async def test_r4_without_an_answer_nothing_is_paid(nagaoka: Nagaoka) -> None:
    """After three minutes the question is over, and a late yes pays nothing."""
    hanako, komachi, _ = await after_a_coffee(nagaoka)
    attempt, _ = await hanako.tries_to_pay(komachi.shop, 480)
    nagaoka.clock.advance(minutes=3)
    assert await hanako.says_yes(attempt) == "question_expired"
    assert (await komachi.day()).payments_amount == 480


async def test_r4_another_amount_shop_or_hour_is_nothing_to_ask_about(nagaoka: Nagaoka) -> None:
    """Nor is a payment that was cancelled: only what looks like a slip is."""
    hanako, komachi, first = await after_a_coffee(nagaoka)
    maruya = await nagaoka.opens("八百屋 まるや")
    await hanako.pays(komachi.shop, 481)
    await hanako.pays(maruya.shop, 480)
    nagaoka.clock.advance(minutes=5)
    second = await hanako.pays(komachi.shop, 480)
    await komachi.cancels(second.id, "打ち間違い")
    await komachi.cancels(first.id, "打ち間違い")
    await hanako.pays(komachi.shop, 480)
