"""N13 一人一アカウント: one account a person; a second is refused, a doubtful one looked at."""

from pathlib import Path

import msgspec

from config.profile import towns_folder
from gateway import towns
from gateway.protocol import api, api_people
from ledger.database import Pool
from tests.acceptance.nagaoka import Nagaoka
from tests.support.clock import Clock

HANAKO = {"name": "髙橋 花子", "kana": "タカハシ ハナコ", "birth_date": "1980-02-01"}


async def test_n13_a_second_account_is_refused(nagaoka: Nagaoka) -> None:
    """Hanako registers, and comes again with another phone and her name typed in another way."""
    first = await nagaoka.registers_as(HANAKO, "09012345678")
    assert first.name == "髙橋 花子"
    typed = {"name": "高橋　花子", "kana": "ﾀｶﾊｼ ﾊﾅｺ", "birth_date": "1980-02-01"}
    refused = await nagaoka.tries_to_register(typed, "08012345678")
    assert refused.status_code == 409
    reason = msgspec.json.decode(refused.content, type=api.ApiError)
    assert reason.code == "identity_taken"
    assert "sign in to that one" in reason.message
    # She signs in with the account that she has.
    assert (await nagaoka.signs_in("09012345678")).account == first.account


async def test_n13_the_town_says_from_when_on_a_phone_is_not_enough(
    nagaoka: Nagaoka, pool: Pool, clock: Clock, tmp_path: Path
) -> None:
    """The profile is loaded changed: who comes by phone alone is asked for more, and told what."""
    await nagaoka.registers("長岡 太郎", "07012345678")
    text = (towns_folder() / "nagaoka.toml").read_text(encoding="utf-8")
    file = tmp_path / "nagaoka.toml"
    asked = '[people]\nidentity = "name_and_birth_date"\n\n'
    file.write_text(text.replace("[payments]", f"{asked}[payments]"), encoding="utf-8")
    clock.advance(minutes=1)
    await towns.load(pool, file, None, clock.now)
    await nagaoka.goes_by("name_and_birth_date")
    refused = await nagaoka.tries_to_register({"name": "長岡 次郎"}, "08012345678")
    reason = msgspec.json.decode(refused.content, type=api.ApiError)
    assert (refused.status_code, reason.code, reason.field) == (422, "invalid", "kana")
    await nagaoka.registers_as(HANAKO, "09012345678")
    assert (await nagaoka.signs_in("07012345678")).name == "長岡 太郎", "who was there stays"


async def test_n13_a_doubtful_one_opens_and_an_operator_decides(nagaoka: Nagaoka) -> None:
    """Same reading and birth date, another kanji: both pay until the operator finds them one."""
    shop = await nagaoka.opens("八百屋 まるや")
    first = await nagaoka.registers_as(HANAKO, "09012345678")
    second = await nagaoka.registers_as({**HANAKO, "name": "高橋 華子"}, "08012345678")
    for holder in (first, second):
        await shop.takes_cash(await holder.shows_top_up_code(5_000), 5_000)
        assert (await holder.pays(shop.shop, 500)).outcome == "done"
    (review,) = (await nagaoka.asks("GET", "/console/reviews", None, api_people.Reviews)).reviews
    assert (review.wallet, review.other) == (second.account, first.account)
    assert review.person is not None
    assert review.person.name == "高橋 華子"
    assert review.likeness == "born_the_same_day"
    path = f"/console/reviews/{review.review}/decide"
    decided = await nagaoka.asks("POST", path, {"same_person": True}, api_people.Review)
    assert decided.same_person is True
    _, refusal = await second.tries_to_pay(shop.shop, 700)
    assert refusal == "wallet_frozen"
    assert (await first.pays(shop.shop, 700)).outcome == "done"
    # What is in the frozen wallet is there, and comes back when the decision is taken back.
    held = await second.holds()
    await nagaoka.asks("POST", path, {"same_person": False}, api_people.Review)
    assert await second.holds() == held
    assert (await second.pays(shop.shop, 700)).outcome == "done"
    assert (await nagaoka.asks("GET", "/console/reviews", None, api_people.Reviews)).reviews == []


async def test_n13_somebody_who_is_forgotten_leaves_the_money_as_it_was(nagaoka: Nagaoka) -> None:
    """The shop keeps its day, the wallet its entries; the person cannot sign in, but come anew."""
    shop = await nagaoka.opens("八百屋 まるや")
    holder = await nagaoka.registers_as(HANAKO, "09012345678")
    await shop.takes_cash(await holder.shows_top_up_code(5_000), 5_000)
    paid = await holder.pays(shop.shop, 500)
    day = await shop.day()
    history = await shop.history()
    erased = await nagaoka.asks(
        "POST",
        f"/console/wallets/{holder.account}/erase",
        {"wallet": holder.account, "reason": "本人の申し出"},
        api_people.Erased,
    )
    assert erased.sessions == 1
    assert await shop.day() == day
    assert await shop.history() == history
    assert [receipt.id for receipt in history if receipt.kind == "payment"] == [paid.id]
    again = await nagaoka.registers_as(HANAKO, "09012345678")
    assert again.account != holder.account
    assert (await again.holds()) == {}
