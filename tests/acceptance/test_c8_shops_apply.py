"""C8: a shop applies to take part online, the operator asks back and accepts, and what it told then
feeds everything: its tablet, its manager, the search, and where its money goes.
"""

from typing import Any

import asyncpg
from msgspec import Struct
from msgspec.json import decode

from config.profile import read_profile
from config.settings import load
from gateway import shops
from gateway.office import Office
from gateway.protocol import api, api_joining
from gateway.protocol.api_joining import (
    JoinApplication,
    JoinApplied,
    JoinLines,
    JoinStatus,
    ShopJoined,
)
from ledger.settlement import bank_accounts
from ledger.shops.search import Wanted
from ledger.vault import Vault
from tests.acceptance.conftest import Visit
from tests.acceptance.nagaoka import PASSWORD, Nagaoka, Tablet
from tests.acceptance.shop_search import finds, names

PHONE = "08044445555"
ACCOUNT = {
    "bank_code": "0001",
    "branch_code": "001",
    "account_type": 1,
    "number": "1234567",
    "holder": "ヤマモト　マサル",
}
LISTING: dict[str, Any] = {
    "kana": "やまもと さいくる",
    "address": "大村市本町 1-2",
    "place": {"latitude": 32.9001, "longitude": 129.9583},
    "hours": [{"day": 2, "opens": "09:00", "closes": "18:00"}],
    "languages": ["ja", "en"],
    "telephone": "0957-00-0000",
}
SHOP: dict[str, Any] = {
    "name": "山本サイクル",
    "kind": "自転車",
    "area": "本町",
    "listing": LISTING,
    "accepts": ["voucher", "small_ticket"],
}
APPLICANT: dict[str, Any] = {
    "person": "山本 勝",
    "email": "info@example.jp",
    "bank_account": ACCOUNT,
}


class Form(Struct):
    """The public form in a browser without any session."""

    town: Nagaoka

    async def applies(self, shop: dict[str, Any], phone: str = PHONE) -> tuple[int, bytes]:
        """Proves the phone and sends the form: status and answer."""
        started = await self.town.posts("/shop-applications/start", {"phone": phone}, "")
        body = {
            "challenge": started.json()["challenge"],
            "code": await self.town.sms_code(phone),
            "shop": shop,
            "applicant": APPLICANT,
        }
        answer = await self.town.posts("/shop-applications", body, "")
        return answer.status_code, answer.content

    async def status(self, receipt: str, phone: str = PHONE) -> JoinStatus:
        """How far it is."""
        body = {"receipt": receipt, "phone": phone}
        answer = await self.town.posts("/shop-applications/status", body, "")
        assert answer.status_code == 200, answer.text
        return decode(answer.content, type=JoinStatus)


async def test_c8_a_shop_applies_is_asked_and_accepted(visit: Visit, pool: asyncpg.Pool) -> None:
    """Forgotten hours are asked for; accepting makes account, groups, mark, tablet, invitation and
    bank account at once; the same shop again is recognised; nothing personal lies open.
    """
    town = await visit("digital-coupon")
    form = Form(town)
    status, answer = await form.applies(SHOP)
    assert status == 200, answer
    receipt = decode(answer, type=JoinApplied).receipt
    assert (await form.status(receipt)).state == "waiting"
    assert (await form.applies(SHOP))[0] == 409  # It is open; the receipt asks for it.

    [line] = (await town.asks("GET", "/console/shop-applications", None, JoinLines)).applications
    path = f"/console/shop-applications/{line.application}"
    question = {"text": "日曜日も開いていますか。"}
    shown = await town.asks("POST", f"{path}/ask", question, JoinApplication)
    assert shown.contact is not None
    assert (shown.contact.person, shown.contact.number_tail) == ("山本 勝", "567")
    asked = await form.status(receipt)
    assert (asked.state, [note.text for note in asked.notes]) == ("asked", [question["text"]])
    sunday = {"day": 7, "opens": "10:00", "closes": "15:00"}
    corrected = SHOP | {"listing": LISTING | {"hours": [*LISTING["hours"], sunday]}}
    replied = {
        "receipt": receipt,
        "phone": PHONE,
        "text": "日曜も開けています。",
        "corrected": {"shop": corrected, "applicant": APPLICANT},
    }
    assert (await town.posts("/shop-applications/answer", replied, "")).status_code == 200

    stale = await town.tries("POST", f"{path}/accept", {"digest": shown.digest})
    assert stale.json()["code"] == "review_changed"  # Nobody accepts what was not looked at.
    terms = {
        "digest": (await town.asks("GET", path, None, JoinApplication)).digest,
        "groups": ["small"],
        "tablets": ["レジ 1"],
        "marks": [{"scheme": "store_code", "mark": "S-0042"}],
    }
    joined = await town.asks("POST", f"{path}/accept", terms, ShopJoined)
    assert (await form.status(receipt)).state == "accepted"
    scanned = {"code": joined.tablets[0].qr.partition("#enrol=")[2]}
    enrolled = await town.posts("/terminal/enrol", scanned, "")
    tablet = Tablet(town, decode(enrolled.content, type=api.SignedIn))
    assert (tablet.account, tablet.name) == (joined.shop.shop, "山本サイクル")
    invited = {
        "invitation": joined.invitation.qr.partition("#join=")[2],
        "name": "山本",
        "password": PASSWORD,
        "manager_pin": "2580",
    }
    manager = (await town.posts("/staff/join", invited, "")).json()
    assert manager["role"] == "staff"
    assert (await town.posts("/staff/join", invited, "")).json()["code"] == "invitation_over"
    [found] = await finds(town, text="ヤマモト", near="32.9,129.958", accepts="small_ticket")
    assert (found.shop, len(found.listing.hours)) == (joined.shop.shop, 2)
    vault = Vault.of(load())
    account = await bank_accounts.account_at(pool, vault, 4, joined.shop.shop, town.clock.now)
    assert account is not None
    assert (account.bank_code, account.number) == ("0001", "1234567")

    # Somebody applies for it again by another phone: it is taken in, and recognised.
    again, _ = await form.applies(SHOP | {"name": "山本ｻｲｸﾙ"}, "08066667777")
    assert again == 200
    [newest, _] = (
        await town.asks("GET", "/console/shop-applications", None, JoinLines)
    ).applications
    path = f"/console/shop-applications/{newest.application}"
    shown = await town.asks("GET", path, None, JoinApplication)
    assert [(each.why, each.shop) for each in shown.alike] == [
        ("name_and_address", joined.shop.shop)
    ]
    refused = await town.tries("POST", f"{path}/accept", {"digest": shown.digest})
    assert refused.json()["code"] == "shop_known"
    reason = {"text": "すでに参加しています。"}
    declined = await town.asks("POST", f"{path}/decline", reason, JoinApplication)
    assert (declined.line.state, declined.notes[-1].text) == ("declined", reason["text"])
    assert await names(town) == ["山本サイクル"]

    # At the command line both are listed; the declined one's applicant is forgotten in time.
    office = Office(pool, vault, read_profile("digital-coupon"), town.clock.now)
    assert [each.name for each in await shops.found(office, Wanted())] == ["山本サイクル"]
    states = [each.state for each in await shops.applied(office, None)]
    assert states == ["declined", "accepted"]
    assert (await shops.forget(office, 1, dry_run=False)).applications == []
    rehearsed = await shops.forget(office, 0, dry_run=True)
    assert rehearsed == await shops.forget(office, 0, dry_run=False)
    assert len(rehearsed.applications) == 2
    shown = await town.asks("GET", path, None, JoinApplication)
    assert (shown.contact, shown.notes) == (None, [])

    # What is personal is nowhere in the database as it is.
    rows = await pool.fetch("SELECT a::text AS row FROM people.shop_application a")
    rows += await pool.fetch("SELECT a::text AS row FROM people.shop_application_note a")
    rows += await pool.fetch("SELECT a::text AS row FROM people.audit a")
    kept = "\n".join(row["row"] for row in rows)
    for text in ("山本 勝", PHONE, "1234567", "ヤマモト　マサル", "example.jp", "日曜日も"):
        assert text not in kept, text


async def test_c8_a_manager_asks_for_another_name_and_account(
    visit: Visit, pool: asyncpg.Pool
) -> None:
    """What reaches money waits for an operator; a newer wish takes the place of an older."""
    town = await visit("digital-coupon")
    tablet = await town.opens("山本サイクル")
    shop = tablet.shop.shop
    invitation = await town.asks(
        "POST", f"/console/shops/{shop}/invitation", None, api_joining.ShopInvitation
    )
    invited = {
        "invitation": invitation.qr.partition("#join=")[2],
        "name": "山本",
        "password": PASSWORD,
        "manager_pin": "2580",
    }
    token = (await town.posts("/staff/join", invited, "")).json()["token"]
    path = f"/staff/shops/{shop}/changes"
    for wish in ({"name": "山本輪店"}, {"name": "山本自転車店"}, {"bank_account": ACCOUNT}):
        asked = await town.posts(path, wish, token)
        assert asked.status_code == 200, asked.text
    assert await names(town) == ["山本サイクル"]
    found = await town.asks(
        "GET", "/console/shop-changes?waiting=true", None, api_joining.ShopChanges
    )
    assert [(each.kind, each.wish[-3:]) for each in found.changes] == [
        ("bank_account", "マサル"),
        ("name", "転車店"),
    ]
    for each in found.changes:
        accepted = each.kind == "name"
        body = {"accepted": accepted, "reason": None if accepted else "通帳をお見せください。"}
        decision = f"/console/shop-changes/{each.change}/decide"
        await town.asks("POST", decision, body, api.Done)
    assert await names(town, text="自転車店") == ["山本自転車店"]
    own = await town.get(path, api_joining.ShopChanges, token)
    assert [(each.kind, each.state) for each in own.changes] == [
        ("bank_account", "declined"),
        ("name", "accepted"),
        ("name", "replaced"),
    ]
    versions = await pool.fetchval("SELECT count(*) FROM koban.bank_account")
    assert versions == 0
