"""C4: a serial-code card, typed or as a QR, is worth a sum to who first redeems it."""

import csv
import io
from typing import Any

from gateway.protocol.ids import new_id
from tests.acceptance.conftest import Visit
from tests.acceptance.nagaoka import Holder, Nagaoka

TOWN = "digital-coupon"
BATCH = {"way": "serial", "amount": 5_000, "count": 3, "expires_on": "2026-09-30"}


async def makes(town: Nagaoka, **changes: Any) -> list[dict[str, str]]:
    """The operator has a batch made, and gets the file with its digits."""
    answer = await town.tries("POST", "/console/serial-cards", {**BATCH, **changes})
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def redeems(holder: Holder, digits: str) -> str:
    """The wallet redeems a card: done, or the word for why not."""
    answer = await holder.sends("/wallet/cards/redeem", {"id": str(new_id()), "digits": digits})
    if answer.status_code == 200:
        return str(answer.json()["receipt"]["outcome"])
    return str(answer.json()["code"])


async def test_c4_a_card_of_digits_becomes_tickets(visit: Visit) -> None:
    """A card from the letter box: 20 digits, and ten tickets that the city pays for."""
    town = await visit(TOWN)
    midori = await town.registers("緑川 みどり")
    card, *_ = await makes(town)
    assert (card["amount"], card["funder"], card["expires_on"]) == ("5000", "city", "2026-09-30")
    assert await redeems(midori, card["digits"]) == "done"
    heard = await midori.hears()
    assert (heard.kind, heard.receipt.amount) == ("top_up", 5_000)
    balance = await midori.balance()
    assert balance.total == 5_000
    assert {lot.funder for part in balance.parts for lot in part.lots} == {"city"}


async def test_c4_the_same_card_as_a_qr(visit: Visit) -> None:
    """What the camera reads instead of what the fingers type."""
    town = await visit(TOWN)
    midori = await town.registers("緑川 みどり")
    card, *_ = await makes(town)
    assert card["qr"].startswith(f"{town.url}/{TOWN}/wallet#serial=")
    assert await redeems(midori, card["qr"]) == "done"


async def test_c4_a_card_is_redeemed_once_by_anybody(visit: Visit) -> None:
    """A second wallet comes too late, and so does the first."""
    town = await visit(TOWN)
    midori = await town.registers("緑川 みどり")
    taro = await town.registers("青山 太郎", "09087654321")
    card, other, _ = await makes(town)
    id_ = str(new_id())
    first = await midori.sends("/wallet/cards/redeem", {"id": id_, "digits": card["digits"]})
    again = await midori.sends("/wallet/cards/redeem", {"id": id_, "digits": card["digits"]})
    assert again.content == first.content, "the same command is the same receipt"
    assert await redeems(taro, card["digits"]) == "code_used"
    assert await redeems(midori, card["digits"]) == "code_used"
    late = {"id": str(new_id()), "digits": card["digits"]}
    told = (await taro.sends("/wallet/cards/redeem", late)).json()["message"]
    assert told == "This card was redeemed before; ask whoever gave it to you."
    assert await redeems(taro, other["digits"]) == "done"
    listed = await town.asks("GET", "/console/serial-cards", None, dict[str, Any])
    assert [(batch["count"], batch["used"]) for batch in listed["batches"]] == [(3, 2)]


async def test_c4_cards_end_with_their_day(visit: Visit) -> None:
    """On the last day yes, at midnight no longer."""
    town = await visit(TOWN)
    midori = await town.registers("緑川 みどり")
    first, second, _ = await makes(town, expires_on="2026-04-02")
    town.clock.advance(days=1, minutes=11 * 60 + 59)
    assert await redeems(midori, first["digits"]) == "done"
    town.clock.advance(minutes=1)
    assert await redeems(midori, second["digits"]) == "code_expired"


async def test_c4_nobody_guesses_a_card(visit: Visit) -> None:
    """Mistyped digits are told at once, unknown ones cost patience; no file tells them again."""
    town = await visit(TOWN)
    midori = await town.registers("緑川 みどり")
    card, *_ = await makes(town)
    digits = card["digits"].replace("-", "")
    wrong = digits[:-1] + str((int(digits[-1]) + 1) % 10)
    assert await redeems(midori, wrong) == "invalid"
    for _ in range(9):
        assert await redeems(midori, "00000-00000-00000-00000") == "code_unknown"
    assert await redeems(midori, card["digits"]) == "too_fast"
    listed = await town.tries("POST", "/console/serial-cards", {**BATCH, "way": "card"})
    assert (listed.status_code, listed.json()["code"]) == (404, "way_unknown")
