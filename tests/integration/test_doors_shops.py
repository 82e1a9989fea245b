"""Shops at the doors: bad input as tables, who may tell what of a shop, and joining."""

from typing import Any
from urllib.parse import urlencode

import pytest

from gateway.banking import banks
from gateway.banking.banks import Branch, BranchUnknown
from gateway.jobs import shop_applications as telling
from ledger.ids import uuid7
from ledger.shops import applicants as shop_applicants
from ledger.shops import applications
from ledger.vault import Vault
from tests.support.doors import SETTINGS, Doors
from tests.support.jobs import Jobs
from tests.support.offices import open_office

API = "/api/nagaoka"

WRONG_SEARCHES: tuple[tuple[dict[str, str], str], ...] = (
    ({"text": ""}, "text"),
    ({"text": "・ 。"}, "text"),
    ({"text": "長" * 101}, "text"),
    ({"text": "a\x00b"}, "text"),
    ({"kind": ""}, "kind"),
    ({"accepts": "gold"}, "accepts"),
    ({"near": "Nagaoka"}, "near"),
    ({"near": "37.4"}, "near"),
    ({"near": "37.4,138.8,1"}, "near"),
    ({"near": "91,138.8"}, "near"),
    ({"near": "37.4,181"}, "near"),
    ({"near": "nan,138.8"}, "near"),
    ({"near": "37.4,138.8", "within_m": "0"}, "within_m"),
    ({"near": "37.4,138.8", "within_m": "100001"}, "within_m"),
    ({"within_m": "500"}, "within_m"),
    ({"box": "37.4,138.8"}, "box"),
    ({"box": "37.5,138.8,37.4,138.9"}, "box"),
    ({"box": "37.4,138.9,37.5,138.8"}, "box"),
    ({"open_now": "perhaps"}, "open_now"),
    ({"after": "behind"}, "after"),
    ({"limit": "0"}, "limit"),
    ({"limit": "201"}, "limit"),
    ({"colour": "red"}, "colour"),
)

WRONG_LISTINGS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"kana": "漢字"}, "kana"),
    ({"address": "長" * 201}, "address"),
    ({"about": "\u202egnorw"}, "about"),
    ({"telephone": "call me"}, "telephone"),
    ({"place": {"latitude": 91, "longitude": 0}}, "place.latitude"),
    ({"place": {"latitude": 37}}, "place.longitude"),
    ({"hours": [{"day": 0, "opens": "09:00", "closes": "10:00"}]}, "hours[0].day"),
    ({"hours": [{"day": 1, "opens": "9:00", "closes": "10:00"}]}, "hours[0].opens"),
    ({"hours": [{"day": 1, "opens": "25:00", "closes": "26:00"}]}, "hours[0]"),
    ({"hours": [{"day": 1, "opens": "18:00", "closes": "02:00"}]}, "hours[0]"),
    ({"hours": [{"day": 1, "opens": "18:00", "closes": "30:30"}]}, "hours[0].closes"),
    ({"closed_on": ["new year"]}, "closed_on[0]"),
    ({"languages": ["Japanese"]}, "languages[0]"),
    ({"name": "another"}, "name"),
)


async def test_a_wrong_search_names_the_field(doors: Doors) -> None:
    """What, where and what to do instead; nobody has to sign in to be told."""
    visitor, wrong = doors.visitor(), list[str]()
    for query, field in WRONG_SEARCHES:
        answer = await visitor.get(f"{API}/search/shops?{urlencode(query)}")
        found = (answer.status_code, answer.json().get("code"), answer.json().get("field"))
        if found != (422, "invalid", field):
            wrong.append(f"{query}: {found}")
    assert not wrong, "\n".join(wrong)


async def test_a_wrong_listing_names_the_field_and_changes_nothing(doors: Doors) -> None:
    """At the console; the shop tells what it told before."""
    shop, operator = await doors.shop(), await doors.operator()
    path, wrong = f"{API}/console/shops/{shop.account}/listing", list[str]()
    told = await operator.put(path, json={"address": "殿町 1-2"})
    for body, field in WRONG_LISTINGS:
        answer = await operator.put(path, json=body)
        found = (answer.status_code, answer.json().get("code"), answer.json().get("field"))
        if found != (422, "invalid", field):
            wrong.append(f"{body}: {found}")
    assert not wrong, "\n".join(wrong)
    assert (await operator.get(path)).json() == told.json()


async def test_a_manager_tells_of_the_own_shop_only(doors: Doors) -> None:
    """Managers change it, clerks read it, nobody sees another shop's by this door."""
    office = await open_office(doors)
    near, far = office.near.account, office.far.account
    manager = await office.staff("shop", shop=near)
    clerk = await office.staff("clerk", shop=near)
    ops = await doors.operator("見る人", role="ops")
    body = {"address": "殿町 1-2", "languages": ["ja", "zh-Hant"]}
    for who, site, shop, status in (
        (manager, "staff", near, 200),
        (manager, "staff", far, 404),
        (clerk, "staff", near, 403),
        (ops, "console", near, 403),
        (doors.visitor(), "staff", near, 401),
        (office.operator, "console", 999_999, 404),
    ):
        answer = await who.put(f"{API}/{site}/shops/{shop}/listing", json=body)
        assert answer.status_code == status, (site, shop, answer.text)
    shown = await clerk.get(f"{API}/staff/shops/{near}/listing")
    assert shown.json()["address"] == "殿町 1-2"
    assert (await clerk.get(f"{API}/staff/shops/{far}/listing")).status_code == 404
    found = await doors.visitor().get(f"{API}/search/shops?text=殿町1-2")
    assert [shop["shop"] for shop in found.json()["shops"]] == [near]
    assert found.headers["cache-control"] == "public, max-age=20"
    lines = await office.lines(act="shop.listing_changed")
    assert [(line["actor"], line["after"]["address"]) for line in lines] == [("staff", "殿町 1-2")]


@pytest.mark.parametrize("typed", ["ﾏﾙﾔ", "まるや", "八百屋"])
async def test_a_shop_is_found_by_its_name_from_the_start(doors: Doors, typed: str) -> None:
    """Before it has told anything of itself."""
    shop = await doors.shop("八百屋 まるや")
    found = await doors.visitor().get(f"{API}/search/shops", params={"text": typed})
    assert [each["shop"] for each in found.json()["shops"]] == [shop.account]


# -- joining ---------------------------------------------------------------------------------------

PHONE = "08044445555"
ACCOUNT = {
    "bank_code": "0001",
    "branch_code": "001",
    "account_type": 1,
    "number": "1234567",
    "holder": "ヤマモト マサル",
}
SHOP: dict[str, Any] = {
    "name": "山本サイクル",
    "kind": "自転車",
    "area": "本町",
    "listing": {"address": "本町 1-2"},
}
APPLICANT: dict[str, Any] = {"person": "山本 勝", "bank_account": ACCOUNT}

WRONG_APPLICATIONS: tuple[tuple[dict[str, Any], dict[str, Any], str], ...] = (
    ({"name": ""}, {}, "shop.name"),
    ({"name": " "}, {}, "shop.name"),
    ({"name": "長" * 61}, {}, "shop.name"),
    ({"name": "a\u202eb"}, {}, "shop.name"),
    ({"kind": 5}, {}, "shop.kind"),
    ({"area": " "}, {}, "shop.area"),
    ({"listing": {}}, {}, "shop.listing.address"),
    ({"listing": {"address": "本町", "kana": "漢字"}}, {}, "kana"),
    ({"accepts": ["gold"]}, {}, "shop.accepts"),
    ({"owner": "me"}, {}, "shop.owner"),
    ({}, {"person": ""}, "applicant.person"),
    ({}, {"email": "no address"}, "applicant.email"),
    ({}, {"bank_account": ACCOUNT | {"bank_code": "1"}}, "applicant.bank_account.bank_code"),
    ({}, {"bank_account": ACCOUNT | {"bank_code": "9998"}}, "applicant.bank_account"),
    ({}, {"bank_account": ACCOUNT | {"branch_code": "999"}}, "applicant.bank_account"),
    ({}, {"bank_account": ACCOUNT | {"account_type": 3}}, "applicant.bank_account.account_type"),
    ({}, {"bank_account": ACCOUNT | {"number": "123"}}, "applicant.bank_account.number"),
    ({}, {"bank_account": ACCOUNT | {"holder": "山本"}}, "applicant.bank_account.holder"),
)


async def applied(doors: Doors, phone: str = PHONE, **shop: Any) -> str:
    """The receipt of an application that was taken in."""
    visitor = doors.visitor()
    started = await visitor.post(f"{API}/shop-applications/start", json={"phone": phone})
    assert started.status_code == 200, started.text
    proof = {"challenge": started.json()["challenge"], "code": doors.phones.code(phone)}
    body = {**proof, "shop": SHOP | shop, "applicant": APPLICANT}
    answer = await visitor.post(f"{API}/shop-applications", json=body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["receipt"])


async def test_a_wrong_application_names_the_field_and_keeps_its_code(doors: Doors) -> None:
    """Everything wrong is told before the code is used; then the same code is good."""
    visitor, wrong = doors.visitor(), list[str]()
    started = await visitor.post(f"{API}/shop-applications/start", json={"phone": PHONE})
    proof = {"challenge": started.json()["challenge"], "code": doors.phones.code(PHONE)}
    for shop, applicant, field in WRONG_APPLICATIONS:
        body = {**proof, "shop": SHOP | shop, "applicant": APPLICANT | applicant}
        answer = await visitor.post(f"{API}/shop-applications", json=body)
        found = (answer.status_code, answer.json().get("code"), answer.json().get("field"))
        if found != (422, "invalid", field):
            wrong.append(f"{shop} {applicant}: {found} {answer.json().get('message')}")
    assert not wrong, "\n".join(wrong)
    body = {**proof, "shop": SHOP, "applicant": APPLICANT}
    assert (await visitor.post(f"{API}/shop-applications", json=body)).status_code == 200
    again = await visitor.post(f"{API}/shop-applications", json=body)
    assert again.json()["code"] == "challenge_over"


async def test_nobody_floods_the_desk(doors: Doors) -> None:
    """Five open applications a phone, ten beginnings an address; a receipt alone opens nothing."""
    receipt = await applied(doors)
    for number in range(4):
        await applied(doors, name=f"{number} 号店")
        doors.clock.advance(minutes=20)
    visitor = doors.visitor("198.51.100.9")
    for wrong in (
        {"receipt": receipt, "phone": "08000000000"},
        {"receipt": "000000000000", "phone": PHONE},
        {"receipt": "not a number", "phone": PHONE},
    ):
        answer = await visitor.post(f"{API}/shop-applications/status", json=wrong)
        assert answer.json()["code"] == "application_unknown", wrong
    started = await visitor.post(f"{API}/shop-applications/start", json={"phone": PHONE})
    proof = {"challenge": started.json()["challenge"], "code": doors.phones.code(PHONE)}
    body = {**proof, "shop": SHOP | {"name": "六号店"}, "applicant": APPLICANT}
    answer = await visitor.post(f"{API}/shop-applications", json=body)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_applications")
    codes = [
        (await visitor.post(f"{API}/shop-applications/start", json={"phone": f"0801111{n:04}"}))
        for n in range(10)
    ]
    assert [answer.status_code for answer in codes] == [200] * 9 + [429]


async def test_deciding_twice_changes_nothing_and_each_act_is_written(doors: Doors) -> None:
    """Asked, accepted, declined, erased, a manager invited, a change asked for and decided: each
    leaves its line; what is refused leaves none.
    """
    operator = await doors.operator()
    receipt = await applied(doors)
    await applied(doors, "08055556666", name="二軒目")
    listed = await operator.get(f"{API}/console/shop-applications?limit=1")
    second, first = listed.json()["next"], listed.json()["next"] - 1
    base = f"{API}/console/shop-applications"

    async def does(path: str, body: dict[str, Any] | None, code: str | None = None) -> Any:
        answer = await operator.post(path, json=body)
        if code is None:
            assert answer.status_code == 200, answer.text
        else:
            assert answer.json()["code"] == code, answer.text
        return answer.json()

    text = {"text": "定休日はいつですか。"}
    await does(f"{base}/{first}/ask", text)
    await does(f"{base}/{first}/ask", {"text": ""}, "invalid")
    await does(f"{base}/999999/ask", text, "not_found")
    await does(f"{base}/{first}/erase", None, "application_open")
    other = {"digest": "0" * 16}
    await does(f"{base}/{first}/accept", other | {"groups": ["roads"]}, "invalid")
    await does(f"{base}/{first}/accept", {}, "invalid")
    await does(f"{base}/{first}/accept", other, "review_changed")
    for label in ("レジ\0", "\u202eレジ"):
        await does(f"{base}/{first}/accept", other | {"tablets": [label]}, "invalid")
    mark = {"scheme": "store_code", "mark": "A-0001"}
    near = await doors.shop()
    await does(f"{API}/console/shops/{near.account}/marks", mark)
    seen = {"digest": (await operator.get(f"{base}/{first}")).json()["digest"]}
    shops = len((await operator.get(f"{API}/shops")).json()["shops"])
    terms = seen | {"tablets": ["レジ 1"], "marks": [mark]}
    await does(f"{base}/{first}/accept", terms, "mark_taken")
    assert (
        len((await operator.get(f"{API}/shops")).json()["shops"]) == shops
    )  # Whole or not at all.
    joined = await does(f"{base}/{first}/accept", seen | {"tablets": ["レジ 1"]})
    await does(f"{base}/{first}/accept", seen, "application_settled")
    await does(f"{base}/{first}/decline", text, "application_settled")
    await does(f"{base}/{second}/decline", text)
    await does(f"{base}/{second}/erase", None)
    shown = await operator.get(f"{base}/{second}")
    assert (shown.json()["contact"], shown.json()["notes"]) == (None, [])
    body = {"receipt": receipt, "phone": PHONE}
    gone = await doors.visitor().post(f"{API}/shop-applications/withdraw", json=body)
    assert gone.json()["code"] == "application_settled"

    shop = joined["shop"]["shop"]
    invited = await does(f"{API}/console/shops/{shop}/invitation", None)
    manager = doors.visitor()
    for code, name, refusal in (
        (joined["invitation"]["qr"], "店長", "invitation_over"),
        (invited["qr"], "", "invalid"),
        (invited["qr"], "店長", None),
    ):
        join = {
            "invitation": code.partition("#join=")[2],
            "name": name,
            "password": "correct horse battery",
            "manager_pin": "2580",
        }
        answer = await manager.post(f"{API}/staff/join", json=join)
        assert answer.json().get("code") == refusal, answer.text
    path = f"{API}/staff/shops/{shop}/changes"
    for wish, field in (
        ({}, "name"),
        ({"name": "新", "bank_account": ACCOUNT}, "name"),
        ({"name": " "}, "name"),
        ({"bank_account": ACCOUNT | {"branch_code": "999"}}, "bank_account"),
    ):
        answer = await manager.post(path, json=wish)
        assert (answer.json()["code"], answer.json()["field"]) == ("invalid", field), wish
    asked = await manager.post(path, json={"name": "山本輪店"})
    change = asked.json()["changes"][0]["change"]
    decide = f"{API}/console/shop-changes/{change}/decide"
    await does(decide, {"accepted": False}, "invalid")
    await does(decide, {"accepted": True})
    await does(decide, {"accepted": True}, "change_decided")
    lines = await operator.get(f"{API}/console/audit?limit=200")
    written = [line["act"] for line in reversed(lines.json()["lines"])]
    assert written == [
        "shop_application.asked",
        "shop.mark_added",
        "shop_application.accepted",
        "shop_application.declined",
        "shop_application.erased",
        "shop.manager_invited",
        "staff.joined",
        "shop.change_asked",
        "shop.change_decided",
    ]


async def test_a_newer_key_takes_applications_and_wishes_along(doors: Doors) -> None:
    """The old key can then be taken away."""
    receipt = await applied(doors)
    vault = Vault({7: b"another key, as long as it has to be, 32", 0: SETTINGS.secret})
    await shop_applicants.encrypt_again(doors.pool, vault, 10)
    async with doors.pool.acquire() as connection, connection.transaction():
        alone = Vault({7: b"another key, as long as it has to be, 32"})
        found = await applications.by_receipt(connection, alone, doors.town, receipt, PHONE)
    assert found.contact is not None
    assert found.contact.person == "山本 勝"


async def test_an_application_is_shown_whose_branch_was_merged_since(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The codes are what was said; only the names are not known any more."""
    operator = await doors.operator()
    await applied(doors)

    def merged(*_codes: str) -> Branch:
        raise BranchUnknown("it was merged")

    monkeypatch.setattr(banks, "branch", merged)
    listed = await operator.get(f"{API}/console/shop-applications")
    assert listed.status_code == 200, listed.text
    number = listed.json()["applications"][0]["application"]
    shown = await operator.get(f"{API}/console/shop-applications/{number}")
    contact = shown.json()["contact"]
    assert (contact["bank"], contact["branch"]) == (ACCOUNT["bank_code"], ACCOUNT["branch_code"])


async def test_an_applicant_is_told_that_there_is_something_to_read(
    doors: Doors, jobs: Jobs
) -> None:
    """By SMS to the proved phone, once a word of the office; it says what to do and no more."""
    operator = await doors.operator()
    await applied(doors)
    listed = await operator.get(f"{API}/console/shop-applications")
    number = listed.json()["applications"][0]["application"]
    path = f"{API}/console/shop-applications/{number}"
    await operator.post(f"{path}/ask", json={"text": "定休日はいつですか。"})
    assert [line.name for line in await jobs.lines()] == ["shops.tell_applicant"]
    await telling.tell(jobs.context, doors.phones, doors.town, number, uuid7())
    message = doors.phones.messages[-1]
    assert message.to == PHONE
    assert "質問があります" in message.text
    assert "定休日" not in message.text
    await operator.post(f"{path}/decline", json={"text": "区域の外です。"})
    await operator.post(f"{path}/erase")
    sent = len(doors.phones.messages)
    await telling.tell(jobs.context, doors.phones, doors.town, number, uuid7())
    assert len(doors.phones.messages) == sent
    await jobs.work()  # Without a way to send there is nothing to be done, and nothing fails.
