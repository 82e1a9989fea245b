"""N16: users send topped-up value to one another."""

from uuid import UUID

import msgspec

from gateway.protocol import api
from gateway.protocol.api_sending import ReceiveCode, Recipient
from gateway.protocol.ids import new_id
from gateway.protocol.messages import Receipt, Send
from tests.acceptance.nagaoka import PIN, Holder, Nagaoka

HANAKO, TARO = "09012345678", "09087654321"


async def finds(sender: Holder, phone: str) -> Recipient | str:
    """Types a phone number: who has it, or the word for why not."""
    answer = await sender.sends("/wallet/recipients", {"phone": phone})
    if answer.status_code == 200:
        return msgspec.json.decode(answer.content, type=Recipient)
    return msgspec.json.decode(answer.content, type=api.ApiError).code


async def sends(
    sender: Holder,
    recipient: int,
    amount: int,
    command: UUID | None = None,
    pin: str = PIN,
) -> Receipt | str:
    """Enters the amount and the PIN, and sends."""
    return await sender._asks(Send(command or new_id(), recipient, amount, pin))


async def hanako_and_taro(town: Nagaoka, cash: int) -> tuple[Holder, Holder, Recipient]:
    """Hanako has topped up in cash, and has found Taro."""
    hanako = await town.registers("長岡 花子", HANAKO)
    taro = await town.registers("山田 太郎", TARO)
    maruya = await town.opens("八百屋 まるや")
    await maruya.takes_cash(await hanako.shows_top_up_code(cash), cash)
    assert (await hanako.hears()).kind == "top_up"
    found = await finds(hanako, TARO)
    assert isinstance(found, Recipient)
    return hanako, taro, found


async def test_n16_value_goes_from_wallet_to_wallet(nagaoka: Nagaoka) -> None:
    """Hanako types Taro's number, sees that it is his, and sends 1,500 of her coins; both hear it,
    and it keeps its end. Her points stay.
    """
    hanako, taro, found = await hanako_and_taro(nagaoka, 10_000)
    assert found.name == "山○ 太○"
    receipt = await sends(hanako, found.recipient, 1_500)
    assert isinstance(receipt, Receipt)
    assert (receipt.kind, receipt.amount, receipt.recipient) == ("send", 1_500, taro.account)
    sent, arrived = await hanako.hears(), await taro.hears()
    assert (sent.kind, sent.sound, sent.receipt.id) == ("send", "paid", receipt.id)
    assert (arrived.kind, arrived.sound, arrived.receipt.id) == ("send", "paid", receipt.id)
    assert arrived.receipt.balance is None, "what Hanako has left is her own business"
    assert await hanako.holds() == {"coin": 8_500, "point": 100}
    assert await taro.holds() == {"coin": 1_500}
    (lots,) = [part.lots for part in (await hanako.balance()).parts if part.instrument == "coin"]
    ((theirs,),) = [part.lots for part in (await taro.balance()).parts]
    assert (theirs.expires_at, theirs.funder) == (lots[0].expires_at, "user")

    maruya = await nagaoka.opens("いとや")
    assert isinstance(await taro.pays(maruya.shop, 1_500), Receipt)


async def test_n16_by_the_code_on_the_others_screen(nagaoka: Nagaoka) -> None:
    """Taro shows a code instead of saying his number; Hanako scans it and sends. Tomorrow a picture
    of that code finds nobody.
    """
    hanako, taro, by_phone = await hanako_and_taro(nagaoka, 1_000)
    shown = await taro.sends("/wallet/receive", {})
    text = msgspec.json.decode(shown.content, type=ReceiveCode).text
    scanned = await hanako.sends("/wallet/recipients", {"text": text})
    assert msgspec.json.decode(scanned.content, type=Recipient) == by_phone
    assert isinstance(await sends(hanako, by_phone.recipient, 300), Receipt)
    assert await taro.holds() == {"coin": 300}
    nagaoka.clock.advance(minutes=13 * 60)
    hanako = await nagaoka.signs_in(HANAKO)
    late = await hanako.sends("/wallet/recipients", {"text": text})
    assert msgspec.json.decode(late.content, type=api.ApiError).code == "recipient_unknown"


async def test_n16_the_same_again_is_the_same(nagaoka: Nagaoka) -> None:
    """Sent twice under one id, it arrives once."""
    hanako, taro, found = await hanako_and_taro(nagaoka, 10_000)
    command = new_id()
    first = await sends(hanako, found.recipient, 700, command)
    assert await sends(hanako, found.recipient, 700, command) == first
    assert await taro.holds() == {"coin": 700}


async def test_n16_limits_by_act_and_by_day(nagaoka: Nagaoka) -> None:
    """At most 30,000 at once and 50,000 a day, as the profile says; tomorrow again."""
    hanako, taro, found = await hanako_and_taro(nagaoka, 90_000)
    assert await sends(hanako, found.recipient, 30_001) == "over_limit"
    assert isinstance(await sends(hanako, found.recipient, 30_000), Receipt)
    assert await sends(hanako, found.recipient, 20_001) == "over_day_limit"
    assert isinstance(await sends(hanako, found.recipient, 20_000), Receipt)
    assert await taro.holds() == {"coin": 50_000}
    nagaoka.clock.advance(minutes=13 * 60)
    hanako = await nagaoka.signs_in(HANAKO)
    assert isinstance(await sends(hanako, found.recipient, 30_000), Receipt)


async def test_n16_what_is_not_sent(nagaoka: Nagaoka) -> None:
    """Points, more than there is, to oneself or to nobody, with a wrong PIN: nothing has moved."""
    hanako, taro, found = await hanako_and_taro(nagaoka, 1_000)
    assert await sends(hanako, found.recipient, 1_010) == "insufficient_funds"
    assert await sends(hanako, hanako.account, 100) == "recipient_unknown"
    assert await sends(hanako, 999_999, 100) == "recipient_unknown"
    assert await sends(hanako, found.recipient, 100, pin="0000") == "pin_wrong"
    assert await finds(hanako, HANAKO) == "recipient_unknown"
    assert await finds(hanako, "09000000000") == "recipient_unknown"
    assert await hanako.holds() == {"coin": 1_000, "point": 10}
    assert await taro.hears_nothing()


async def test_n16_numbers_are_not_collected(nagaoka: Nagaoka) -> None:
    """Whoever tries one number after another is slowed down."""
    hanako = await nagaoka.registers("長岡 花子", HANAKO)
    words = [await finds(hanako, f"0901111{number:04}") for number in range(12)]
    assert words[:10] == ["recipient_unknown"] * 10
    assert words[10:] == ["too_fast"] * 2
