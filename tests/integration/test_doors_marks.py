"""Shops by their marks: attached at the console, read by wallets, refused with the reason."""

from typing import Any

import pytest

from gateway.qr.sticker import write_sticker
from ledger import accounts
from tests.support.codes import EMVCO_EXAMPLE, JPQR_EXAMPLE, JPQR_EXAMPLE_ID, jpqr_sticker
from tests.support.doors import Doors, Visitor

API = "/api/nagaoka"
NOBODY = accounts.shop_code(999_998)


async def reads(holder: Visitor, text: str, by: str = "code") -> str | int:
    """What a wallet is told of a text: the shop's number, or the word for why not."""
    answer = await holder.post(f"{API}/shops/read", json={"text": text, "by": by})
    told = answer.json()
    return int(told["shop"]) if answer.status_code == 200 else str(told["code"])


async def attach(operator: Visitor, shop: int, scheme: str, mark: str) -> Any:
    """The answer to giving a shop a mark."""
    address = f"{API}/console/shops/{shop}/marks"
    return await operator.post(address, json={"scheme": scheme, "mark": mark})


async def detach(operator: Visitor, shop: int, scheme: str, mark: str) -> Any:
    """The answer to taking a mark off."""
    address = f"{API}/console/shops/{shop}/marks/remove"
    return await operator.post(address, json={"scheme": scheme, "mark": mark})


@pytest.mark.parametrize(
    ("scheme", "mark", "kept", "text", "by"),
    [
        ("jpqr", JPQR_EXAMPLE, JPQR_EXAMPLE_ID, JPQR_EXAMPLE, "code"),
        ("jpqr", JPQR_EXAMPLE_ID, JPQR_EXAMPLE_ID, JPQR_EXAMPLE, "code"),
        ("store_code", "A-017", "A017", "ａ０１７", "code"),
        ("store_code", "1234567", "1234567", "1234567", "code"),
        ("device", "04:a2:24:5b", "04A2245B", "04A2245B", "device"),
        ("stamp", "st-9f3c", "ST9F3C", "ST9F3C", "stamp"),
    ],
)
async def test_a_mark_identifies_its_shop_until_it_is_taken_off(
    doors: Doors, scheme: str, mark: str, kept: str, text: str, by: str
) -> None:
    """Attached, read, listed, detached, unknown."""
    holder, operator, shop = await doors.holder(), await doors.operator(), await doors.shop()
    assert await reads(holder, text, by) == "scan_unknown"
    added = (await attach(operator, shop.account, scheme, mark)).json()
    assert (added["scheme"], added["mark"]) == (scheme, kept)
    assert added["added_at"] == int(doors.clock.now.timestamp() * 1000)
    assert await reads(holder, text, by) == shop.account
    listed = (await operator.get(f"{API}/console/shops/{shop.account}/marks")).json()
    assert listed["marks"] == [added]
    assert (await detach(operator, shop.account, scheme, text)).json() == {}
    assert await reads(holder, text, by) == "scan_unknown"
    gone = await detach(operator, shop.account, scheme, text)
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")
    listed = (await operator.get(f"{API}/console/shops/{shop.account}/marks")).json()
    assert listed["marks"] == []


async def test_our_own_stickers_need_no_mark(doors: Doors) -> None:
    """The address, the EMV form that the console prints, and the number typed."""
    holder, operator, shop = await doors.holder(), await doors.operator(), await doors.shop()
    listed = (await operator.get(f"{API}/console/shops/{shop.account}/marks")).json()
    for text in (
        f"https://koban.example/nagaoka/s/{shop.code}",
        listed["sticker"],
        f"{shop.code[:3]} {shop.code[3:]}",
    ):
        answer = await holder.post(f"{API}/shops/read", json={"text": text})
        assert answer.json() == {
            "shop": shop.account,
            "code": shop.code,
            "name": "八百屋 まるや",
            "kind": "grocer",
            "area": "殿町",
        }
    picture = await operator.get(f"{API}/console/shops/{shop.account}/unified-sticker.svg")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert picture.text.startswith("<svg ")


async def test_one_mark_is_one_shops(doors: Doors) -> None:
    """Twice the same is once; another shop gets it only when the first has given it up."""
    holder, operator = await doors.holder(), await doors.operator()
    shop, other = await doors.shop(), await doors.shop("喫茶 しなの川")
    first = await attach(operator, shop.account, "store_code", "A-017")
    doors.clock.advance(minutes=5)
    again = await attach(operator, shop.account, "store_code", "a017")
    assert again.json() == first.json()
    taken = await attach(operator, other.account, "store_code", "A017")
    assert (taken.status_code, taken.json()["code"]) == (409, "mark_taken")
    assert str(shop.account) in taken.json()["message"]
    not_theirs = await detach(operator, other.account, "store_code", "A017")
    assert not_theirs.status_code == 404
    assert await reads(holder, "A017") == shop.account
    await detach(operator, shop.account, "store_code", "A017")
    assert (await attach(operator, other.account, "store_code", "A017")).status_code == 200
    assert await reads(holder, "A017") == other.account
    kept = await doors.pool.fetch(
        "SELECT shop, removed_at IS NULL AS now FROM koban.shop_mark WHERE town = $1 ORDER BY 2",
        doors.town,
    )
    assert [(row["shop"], row["now"]) for row in kept] == [
        (shop.account, False),
        (other.account, True),
    ]


async def test_the_same_text_means_different_things_by_how_it_was_read(doors: Doors) -> None:
    """A device's id is no store code, though it may look like one."""
    holder, operator, shop = await doors.holder(), await doors.operator(), await doors.shop()
    await attach(operator, shop.account, "device", "04A2245B")
    assert await reads(holder, "04A2245B", "device") == shop.account
    assert await reads(holder, "04A2245B", "stamp") == "scan_unknown"
    assert await reads(holder, "04A2245B", "code") == "scan_unknown"


async def test_each_text_that_is_no_shops_has_its_answer(doors: Doors) -> None:
    """The reason for the wallet's words; a wrong line does not hide the others."""
    holder, wrong = await doors.holder(), []
    table: list[tuple[str, str, int, str]] = [
        ("https://koban.example/nagaoka/s/" + NOBODY, "code", 404, "scan_unknown"),
        (NOBODY, "code", 404, "scan_unknown"),
        (jpqr_sticker(), "code", 404, "scan_unknown"),
        (write_sticker("nagaoka", {"en": "Nagaoka"}, NOBODY, "誰も"), "code", 404, "scan_unknown"),
        ("04A2245B", "device", 404, "scan_unknown"),
        (JPQR_EXAMPLE[:-1] + "8", "code", 422, "scan_altered"),
        (JPQR_EXAMPLE[:-9], "code", 422, "scan_broken"),
        ("https://koban.example/nagaoka/s/1234567", "code", 422, "scan_broken"),
        ("04A", "device", 422, "scan_broken"),
        (JPQR_EXAMPLE, "stamp", 422, "scan_broken"),
        (EMVCO_EXAMPLE, "code", 422, "scan_foreign"),
        ("https://qr.example.ne.jp/28180104abc", "code", 422, "scan_foreign"),
        ("99010000000000000000", "code", 422, "scan_foreign"),
        ("hQVDUFYwMWETTwegAAAAVVVV", "code", 422, "scan_card"),
        ("https://koban.example/hirakata/s/1234566", "code", 422, "scan_other_town"),
        ("8201 0000 0000 0000 0000", "code", 422, "scan_not_shop"),
    ]
    for text, by, status, code in table:
        answer = await holder.post(f"{API}/shops/read", json={"text": text, "by": by})
        told = answer.json()
        got = (answer.status_code, told["code"], told["field"])
        if got != (status, code, "text") or not told["message"].endswith("."):
            wrong.append(f"{text}: {told}")
    assert not wrong, "\n".join(wrong)


async def test_each_bad_input_has_its_answer(doors: Doors) -> None:
    """Bodies that are no question, marks that are none, and shops that are not there."""
    holder, operator, shop = await doors.holder(), await doors.operator(), await doors.shop()
    watcher = await doors.operator("見る人", "ops")
    read, marks = "/shops/read", f"/console/shops/{shop.account}/marks"
    table: list[tuple[Visitor, str, Any, int, str, str | None]] = [
        (holder, read, {}, 422, "invalid", "text"),
        (holder, read, {"text": ""}, 422, "invalid", "text"),
        (holder, read, {"text": 1234566}, 422, "invalid", "text"),
        (holder, read, {"text": "x" * 4_297}, 422, "invalid", "text"),
        (holder, read, {"text": "a\x00b"}, 422, "invalid", "text"),
        (holder, read, {"text": "a", "by": "smell"}, 422, "invalid", "by"),
        (holder, read, {"text": "a", "shop": 1}, 422, "invalid", "shop"),
        (operator, read, {"text": "a"}, 401, "signed_out", None),
        (doors.visitor(), read, {"text": "a"}, 401, "signed_out", None),
        (holder, marks, {"scheme": "stamp", "mark": "ST9F"}, 401, "signed_out", None),
        (watcher, marks, {"scheme": "stamp", "mark": "ST9F"}, 403, "not_allowed", None),
        (
            watcher,
            f"{marks}/remove",
            {"scheme": "stamp", "mark": "ST9F"},
            *(403, "not_allowed", None),
        ),
        (operator, marks, {"scheme": "smell", "mark": "ST9F"}, 422, "invalid", "scheme"),
        (operator, marks, {"scheme": "stamp"}, 422, "invalid", "mark"),
        (operator, marks, {"scheme": "stamp", "mark": "S"}, 422, "scan_broken", "mark"),
        (operator, marks, {"scheme": "store_code", "mark": "店"}, 422, "scan_broken", "mark"),
        (operator, marks, {"scheme": "store_code", "mark": NOBODY}, 422, "scan_broken", "mark"),
        (operator, marks, {"scheme": "store_code", "mark": "1" * 16}, 422, "scan_broken", "mark"),
        (operator, marks, {"scheme": "jpqr", "mark": EMVCO_EXAMPLE}, 422, "scan_broken", "mark"),
        (
            operator,
            marks,
            {"scheme": "jpqr", "mark": JPQR_EXAMPLE[:-1] + "8"},
            *(422, "scan_altered", "mark"),
        ),
        (
            operator,
            "/console/shops/999999/marks",
            {"scheme": "stamp", "mark": "ST9F"},
            *(404, "not_found", "shop"),
        ),
        (
            operator,
            f"{marks}/remove",
            {"scheme": "stamp", "mark": "ST9F"},
            *(404, "not_found", "mark"),
        ),
    ]
    wrong = []
    for visitor, path, body, status, code, field in table:
        answer = await visitor.post(f"{API}{path}", json=body)
        told = answer.json()
        if (answer.status_code, told.get("code"), told.get("field")) != (status, code, field):
            wrong.append(f"{path} {body}: {answer.status_code} {told}")
    assert not wrong, "\n".join(wrong)
    assert await doors.pool.fetchval("SELECT count(*) FROM koban.shop_mark") == 0


async def test_a_till_is_told_whose_a_payers_code_is(doors: Doors) -> None:
    """This town's own is read; anybody else's has its reason; a wallet may not ask."""
    operator, shop = await doors.operator(), await doors.shop()
    tablet, holder = await doors.tablet(operator, shop), await doors.holder()
    address = f"{API}/terminal/codes/read"
    ours = await tablet.post(address, json={"text": "8201 0000 0000 0000 0000"})
    assert ours.json() == {"code": "82010000000000000000"}
    table = {
        "99010000000000000000": "scan_foreign",
        "hQVKUFFSMWEMTwIxMlcGMTIzNDU2": "scan_foreign",
        "hQVDUFYwMWETTwegAAAAVVVV": "scan_card",
        "hQVKUFFSMWEMTwIxMlcGMTIzNDU": "scan_broken",
        JPQR_EXAMPLE: "scan_not_payer",
    }
    told = {}
    for text in table:
        answer = await tablet.post(address, json={"text": text})
        assert (answer.status_code, answer.json()["field"]) == (422, "text")
        told[text] = answer.json()["code"]
    assert told == table
    assert (await holder.post(address, json={"text": "8201"})).status_code == 401
    assert (await tablet.post(address, json={})).json()["code"] == "invalid"
