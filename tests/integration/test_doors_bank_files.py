"""Bank files at the doors: drawn, made, taken by a second person, answered; and what is wrong."""

import asyncio
import csv
import io
import json
import threading
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec import Struct

from config.profile import Profile
from gateway.banking import lookup
from gateway.banking import office as bank_files_office
from gateway.http.tables import table
from gateway.office import Office as CommandLine
from gateway.office import OfficeFault
from ledger import bank_files
from ledger.accounts import Shop
from ledger.authorise import decide
from ledger.codes import issue_code
from ledger.database import load_queries, transaction
from ledger.encryption import encrypt_again
from ledger.grants import By
from ledger.ids import uuid7
from ledger.requests import Kind, Request
from ledger.settlement import settlements
from ledger.settlement.bank_accounts import NewBankAccount, set_account
from ledger.settlement.settlements import NewSettlement, Terms
from ledger.vault import Vault
from tests.support.bank import answered
from tests.support.doors import PASSWORD, SETTINGS, Doors, Visitor
from tests.support.ledger import problems
from tests.support.offices import API, Office, open_office

MAKER, RELEASER = By(None, "作成者"), By(None, "確認者")
FILES = f"{API}/console/bank-files"
# The 1st of April 2026 is a Wednesday; golden week begins on the 29th.
WORKING_DAY = "2026-04-30"
TEXT = {"Content-Type": "text/plain"}


class Town(Struct):
    """Two shops that are to be paid, and three that are to be collected from."""

    doors: Doors
    office: Office
    colleague: Visitor
    settlement: int
    greens: Shop
    books: Shop

    @property
    def vault(self) -> Vault:
        """What the gateway encrypts with."""
        return Vault.of(self.doors.context.settings)

    @property
    def profile(self) -> Profile:
        """The town's rules."""
        return self.doors.context.towns["nagaoka"].profile

    async def posts(self, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        """The operator at the console."""
        return await self.office.operator.post(f"{FILES}{path}", json=body or {})

    async def makes(self, kind: str, **other: Any) -> httpx.Response:
        """Makes a file of the settlement."""
        body = {"settlement": self.settlement, "kind": kind, "transfer_on": WORKING_DAY, **other}
        return await self.posts("", body)

    async def brings(self, file: int, data: bytes) -> httpx.Response:
        """Chooses a file that the bank has sent."""
        path = f"{FILES}/{file}/result"
        return await self.office.operator.post(path, content=data, headers=TEXT)

    async def takes(self, file: int) -> bytes:
        """A colleague takes a file to the bank."""
        answer = await self.colleague.post(f"{FILES}/{file}/take", json={})
        assert answer.status_code == 200, answer.text
        return answer.content

    async def states(self) -> dict[str, str]:
        """What became of the settlement's lines, by the shops' names."""
        found = await self.doors.pool.fetch(
            "SELECT a.title, l.state FROM koban.settlement_line l "
            "JOIN koban.account a ON a.town = l.town AND a.account = l.shop "
            "WHERE l.town = $1 AND l.settlement = $2",
            self.doors.town,
            self.settlement,
        )
        return {row["title"]: row["state"] for row in found}

    async def settles(self) -> int:
        """Settles what is left, by two people."""
        doors = self.doors
        doors.clock.advance(minutes=5)
        async with transaction(doors.pool) as connection:
            new = NewSettlement(doors.clock.now.replace(second=0), Terms(1, 1, "down"))
            doors.clock.advance(minutes=5)
            number = await settlements.make(connection, doors.town, new, MAKER, doors.clock.now)
            await settlements.release(connection, doors.town, number, RELEASER, doors.clock.now)
        self.settlement = number
        return number


async def tops_up(doors: Doors, shop: Shop, amount: int) -> None:
    """Somebody hands over cash there, which the shop owes."""
    wallet = await doors.pool.fetchval(
        "SELECT account FROM koban.account WHERE town = $1 AND kind = 'wallet' LIMIT 1", doors.town
    )
    now = doors.clock.now
    issued = await issue_code(doors.pool, doors.town, wallet, "top_up", amount, now, "8201")
    request = Request(
        uuid7(doors.clock.now_ms), Kind.TOP_UP, shop=shop.account, code=issued.code, amount=amount
    )
    batch = await decide(doors.pool, doors.town, [request], now)
    assert batch.decisions[0].outcome == "done", batch.decisions[0].receipt


async def has_account(town: Town, shop: Shop, holder: str, **other: Any) -> None:
    """A shop says where it is paid."""
    said = {"bank_code": "0140", "branch_code": "021", "account_type": 1, "number": "7654321"}
    new = NewBankAccount(**{**said, "holder": holder, **other})
    async with transaction(town.doors.pool) as connection:
        await set_account(
            connection, town.vault, town.doors.town, shop.account, new, MAKER, town.doors.clock.now
        )


@pytest.fixture
async def town(doors: Doors) -> Town:
    """一号店 took 8,000 and 二号店 5,000; ひとり owes 20,000, 三号店 3,000 and 本屋 2,000."""
    office = await open_office(doors)
    wallet = await office.wallet(50_000)
    await office.payment(wallet, office.near, 8_000)
    await office.payment(wallet, office.next_door, 5_000)
    await office.payment(wallet, office.alone, 30_000)
    books = await doors.shop("本屋")
    await tops_up(doors, office.far, 3_000)
    await tops_up(doors, books, 2_000)
    colleague = await doors.operator("同僚")
    town = Town(doors, office, colleague, 0, office.far, books)
    await has_account(town, office.near, "株式会社イチゴウテン")
    await has_account(town, office.next_door, "ニゴウ　ジロウ", bank_code="0001", branch_code="001")
    await has_account(town, office.far, "サンゴウテン")
    await has_account(town, books, "ホンヤ", account_type=2)
    await has_account(town, office.alone, "ヒトリ")
    await town.settles()
    return town


async def test_a_transfer_is_made_taken_and_done(town: Town) -> None:
    """Looked at, made, taken by a second person, of which each leaves a line; one payment came
    back. A discarded file frees its lines; what the bank has cannot be discarded.
    """
    asked = f"{FILES}/draft?settlement={town.settlement}&kind=transfer&transfer_on={WORKING_DAY}"
    seen = (await town.office.operator.get(asked)).json()
    assert (seen["lines"], seen["total"], seen["first"], seen["left_out"]) == (2, 13_000, 2, [])
    made = (await town.makes("transfer")).json()
    assert made["file"]["state"] == "made"
    assert [line["state"] for line in made["lines"]] == ["in_file", "in_file"]
    assert (await town.makes("transfer")).json()["code"] == "bank_lines_none"

    assert (await town.posts("/1/discard", {"reason": "日付を間違えた"})).status_code == 200
    assert (await town.states())["一号店"] == "released"
    again = (await town.makes("transfer")).json()["file"]
    assert (await town.posts("/2/take")).json()["code"] == "same_operator"
    data = await town.takes(2)
    assert sha256(data).hexdigest() == again["sha256"]
    records = data.decode("cp932").split("\r\n")
    assert [len(record) for record in records] == [120] * 5 + [0]
    assert records[0].startswith("12100000012345ﾅｶﾞｵｶｼ ﾁｲｷﾂｳｶ ")
    assert records[0][54:58] == "0430"
    assert records[1].startswith("20140ﾀﾞｲｼﾎｸｴﾂ       021ﾅｶﾞｵｶｷﾀ        000017654321ｶ)ｲﾁｺﾞｳﾃﾝ ")
    assert records[1][80:112] == f"00000080001{town.office.near.account:010}{town.settlement:010}7"
    assert records[2][50:80] == "ﾆｺﾞｳ ｼﾞﾛｳ".ljust(30)
    assert records[3][:19] == "8000002000000013000"
    assert await town.takes(2) == data
    assert (await town.posts("/2/discard", {"reason": "x"})).json()["code"] == "bank_file_state"

    early = await town.posts("/2/confirm")
    assert early.json()["message"].startswith("Its day has not come")
    town.doors.clock.advance(days=29)
    signed_in = {"name": "係", "password": PASSWORD}
    await town.office.operator.post(f"{API}/console/sign-in", json=signed_in)
    failed = {"shops": [town.office.next_door.account], "reason": "組戻し: 口座番号相違"}
    assert (await town.posts("/2/fail", failed)).status_code == 200
    assert (await town.posts("/2/confirm")).json()["file"]["state"] == "done"
    states = await town.states()
    assert (states["一号店"], states["二号店"]) == ("paid", "failed")
    assert (await town.posts("/2/fail", failed)).json()["code"] == "bank_file_state"

    # One shop has moved banks, and says so before the next settlement is released.
    await has_account(town, town.office.near, "株式会社イチゴウテン", number="1000001")
    await town.office.payment(await town.office.wallet(2_000), town.office.near, 1_000)
    await town.settles()
    second = (await town.makes("transfer")).json()
    assert [(line["shop_name"], line["amount"]) for line in second["lines"]] == [
        ("一号店", 1_000),
        ("二号店", 5_000),
    ]
    kept = await bank_files.content(town.doors.pool, town.vault, town.doors.town, 3)
    assert [record[90:91] for record in kept.split(b"\r\n")[1:3]] == [b"2", b"1"]
    shown = (await town.office.operator.get(f"{FILES}/2")).json()
    assert [line["carried_to"] for line in shown["lines"]] == [None, town.settlement]
    acts = [line["act"] for line in await town.office.lines(limit=200, act="bank_file")]
    assert acts == [
        *("bank_file.made", "bank_file.confirmed", "bank_file.lines_failed", "bank_file.taken"),
        *("bank_file.taken", "bank_file.made", "bank_file.discarded", "bank_file.made"),
    ]
    assert await problems(town.doors.pool) == []


async def test_a_collection_is_answered_once(town: Town) -> None:
    """The result says who could not be collected from; the same file again changes nothing, and
    what failed is in the next settlement. A new key leaves all of it readable.
    """
    made = (await town.makes("collection")).json()
    assert made["file"]["total"] == 25_000
    request = await town.takes(1)
    result = answered(request, {town.books.account: "1"})
    read_back = await town.brings(1, result)
    assert read_back.status_code == 200, read_back.text
    shown = {line["shop_name"]: line for line in read_back.json()["lines"]}
    assert (shown["三号店"]["state"], shown["三号店"]["result"]) == ("collected", "0")
    assert (shown["本屋"]["state"], shown["本屋"]["reason"]) == ("failed", "1 資金不足")
    for same in (result, result.replace(b"\r\n", b"") + b"\x1a"):
        again = (await town.brings(1, same)).json()
        assert again["read_before"] is True
        assert again["lines"] == read_back.json()["lines"]
    other = await town.brings(1, answered(request, {town.greens.account: "1"}))
    assert other.json()["code"] == "bank_result_known"

    keys = {7: b"another key of at least thirty-two characters", 0: SETTINGS.secret}
    await encrypt_again(town.doors.pool, Vault(keys))
    kept = await town.doors.pool.fetchrow("SELECT vault_key, result_key FROM koban.bank_file")
    assert kept is not None
    assert (kept["vault_key"], kept["result_key"]) == (7, 7)
    assert await bank_files.content(town.doors.pool, Vault(keys), town.doors.town, 1) == request

    await town.settles()
    line = await town.doors.pool.fetchrow(
        "SELECT carried_in, net FROM koban.settlement_line WHERE settlement = $1", town.settlement
    )
    assert line is not None
    assert (line["carried_in"], line["net"]) == (-2_000, -2_000)
    acts = [line["act"] for line in await town.office.lines(limit=200, act="bank_file")]
    assert acts[-3:] == ["bank_file.result_read", "bank_file.taken", "bank_file.made"]
    assert await problems(town.doors.pool) == []


async def test_a_collection_that_the_bank_did_not_take(town: Town) -> None:
    """Has no result: its lines are noted all at once, never one alone, and go on."""
    made = (await town.makes("collection")).json()
    request = await town.takes(1)
    shops = [line["shop"] for line in made["lines"]]
    reason = "銀行で受付不可: 委託者コード相違"
    alone = await town.posts("/1/fail", {"shops": shops[:1], "reason": reason})
    assert alone.json()["code"] == "bank_file_state"
    all_of_them = (await town.posts("/1/fail", {"shops": shops, "reason": reason})).json()
    assert all_of_them["file"]["state"] == "done"
    assert {line["state"] for line in all_of_them["lines"]} == {"failed"}
    late = await town.brings(1, answered(request, {}))
    assert late.json()["code"] == "bank_file_state"
    assert await problems(town.doors.pool) == []


Answer = Callable[[bytes], bytes]
WRONG_RESULTS: list[tuple[str, Answer, str]] = [
    ("nothing", lambda _: b"", "the file is empty"),
    ("the request fed back", lambda sent: sent, "this is a request and no result"),
    ("UTF-8", lambda sent: sent.decode("cp932").encode(), "the file is UTF-8"),
    ("a list", lambda _: b"shop,amount\r\n1,100\r\n", "record 1: found 11 bytes"),
    ("cut off", lambda sent: answered(sent, {})[:-160], "a record has 120"),
    ("another client", lambda sent: answered(sent, {}).replace(b"0000012346", b"0000099999"),
     "委託者コード (columns 5–14): found '0000099999', but the request says '0000012346'"),
    ("another day", lambda sent: answered(sent, {}).replace(b"0430", b"0530"), "取組日"),
    ("another sum", lambda sent: answered(sent, {}).replace(b"0000003000", b"0000003001"),
     "合計金額 (columns 8–19): found '25000', but the lines come to 25001"),
    ("another account", lambda sent: answered(sent, {}).replace(b"7654321", b"7654322"),
     "record 2, 口座番号 (columns 44–50)"),
    ("fewer lines", lambda sent: answered(_without_a_line(sent), {}), "the file was altered"),
    ("an unknown code", lambda sent: answered(sent, {}).replace(b"0" + b" " * 8, b"5" + b" " * 8),
     "振替結果コード (columns 112–112): found '5'; allowed is 0/1/2/3/4/8/9"),
]  # fmt: skip


def _without_a_line(request: bytes) -> bytes:
    """The same with its first line gone, and sums that are right."""
    header, first, *lines, _, end = request.removesuffix(b"\r\n").split(b"\r\n")
    assert (first[80:90], len(lines)) == (b"0000003000", 2)
    trailer = b"8000002000000022000" + b"0" * 36 + b" " * 65
    return b"\r\n".join([header, *lines, trailer, end]) + b"\r\n"


TAMPERED: list[tuple[str, str]] = [
    (
        "UPDATE koban.bank_file SET total = total + 1",
        "says 2 lines and 13001 yen; found 2 and 13000",
    ),
    ("UPDATE koban.bank_file_line SET amount = amount + 1", "moves 8001 of the shop"),
    ("UPDATE koban.bank_file_line SET live = false", "stands in no file"),
    ("UPDATE koban.bank_file SET kind = 'collection'", "and moves 8000 of the shop"),
    (
        "UPDATE koban.settlement_line SET state = 'released' WHERE state = 'in_file'",
        "says 8000, released",
    ),
]


async def test_files_that_were_tampered_with_are_found(town: Town) -> None:
    """Another sum, another direction, a line that is not where its file is. Of two people who make
    the same file at once, one does.
    """
    both = await asyncio.gather(town.makes("transfer"), town.makes("transfer"))
    assert sorted(answer.status_code for answer in both) == [200, 409]
    assert await problems(town.doors.pool) == []
    for statement, words in TAMPERED:
        async with town.doors.pool.acquire() as connection:
            change = connection.transaction()
            await change.start()
            await connection.execute(statement)
            found = await connection.fetch(load_queries("verify")["bank_files_follow"], 1)
            await change.rollback()
        assert any(words in row["problem"] for row in found), (statement, found)


async def test_wrong_results_are_named_and_change_nothing(town: Town) -> None:
    """Broken, foreign, altered, fed back: refused by place, and every line is as it was."""
    await town.makes("collection")
    first = await town.brings(1, b"x" * 120)
    assert first.json()["code"] == "bank_file_refused"
    request = await town.takes(1)
    untaken = (await town.makes("transfer")).json()["file"]["file"]
    before = (await town.states(), await town.office.lines(limit=200))
    for what, answer, words in WRONG_RESULTS:
        refused = await town.brings(1, answer(request))
        assert refused.status_code == 422, (what, refused.text)
        assert refused.json()["code"] == "bank_file_refused", what
        assert words in refused.json()["message"], what
    wrong = await town.brings(untaken, answered(request, {}))
    assert (wrong.status_code, wrong.json()["code"]) == (409, "bank_file_state")
    assert (await town.brings(99, answered(request, {}))).status_code == 404
    assert (await town.states(), await town.office.lines(limit=200)) == before
    assert await problems(town.doors.pool) == []


async def test_what_cannot_be_asked_for_is_refused_by_name(town: Town) -> None:
    """Days on which no bank works, a settlement that is not there, shops that no bank finds."""
    wrong: list[tuple[dict[str, Any], str, str]] = [
        ({"transfer_on": "2026-04-29"}, "invalid", "the next working day is 2026-04-30"),
        ({"transfer_on": "2026-05-03"}, "invalid", "the next working day is 2026-05-07"),
        ({"transfer_on": "2026-03-31"}, "invalid", "2026-03-31 is past"),
        ({"transfer_on": "2026-12-01"}, "invalid", "more than 60 days ahead"),
        ({"settlement": 99}, "not_found", "There is no such settlement"),
        ({"kind": "cash"}, "invalid", "kind"),
    ]
    for body, code, words in wrong:
        refused = await town.makes(**{"kind": "transfer", **body})
        assert refused.json()["code"] == code, refused.text
        assert words in refused.json()["message"], refused.text

    office = town.office
    wallet = await office.wallet(20_000)
    await has_account(town, office.near, "青木商店")
    await has_account(town, office.next_door, "ニゴウ", bank_code="9998")
    fresh = await town.doors.shop("新しい店")
    for shop in (office.near, office.next_door, office.far, fresh):
        await office.payment(wallet, shop, 4_000)
    await town.settles()
    refused = await town.makes("transfer")
    assert refused.json()["code"] == "bank_lines_unfit"
    for words in (
        "一号店: holder: found '青'; allowed is how it is read, in kana",
        "二号店: there is no bank '9998'",
        "新しい店: it had no bank account at the release",
    ):
        assert words in refused.json()["message"]
    made = (await town.makes("transfer", leave_out=True)).json()
    assert [line["shop_name"] for line in made["lines"]] == ["三号店"]
    assert len(made["left_out"]) == 3
    # No account counts that was set behind the release, which nobody else has looked at.
    await has_account(town, fresh, "アタラシイミセ")
    await has_account(town, office.near, "アオキ")
    assert (await town.makes("transfer", leave_out=True)).json()["code"] == "bank_lines_none"
    assert await problems(town.doors.pool) == []


async def test_a_shops_account_is_written_down_and_a_line_goes_by_hand(town: Town) -> None:
    """From now on, or from a day on; what no bank would take is refused. A line whose account is
    wrong fails by hand, one that was paid otherwise is said to have moved, and a line that stands
    in a file goes with its file.
    """
    operator, shop = town.office.operator, town.office.near.account
    path = f"{API}/console/shops/{shop}/bank-account"
    account = {
        "bank_code": "0001",
        "branch_code": "001",
        "account_type": 1,
        "number": "1112223",
        "holder": "カ）イチゴウ",
    }
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"account": account | {"bank_code": "9998"}}, "there is no bank '9998'"),
        ({"account": account | {"branch_code": "999"}}, "has no branch '999'"),
        ({"account": account | {"holder": "一号店"}}, "found '一'"),
        ({"account": account | {"number": "123"}}, "number"),
        ({"account": account, "valid_from": "2026-04-01"}, "Say a day that is to come"),
    ]
    for body, words in wrong:
        refused = await operator.put(path, json=body)
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid"), refused.text
        assert words in refused.json()["message"]
    assert (
        await operator.put(f"{API}/console/shops/99/bank-account", json={"account": account})
    ).status_code == 404
    later = await operator.put(path, json={"account": account, "valid_from": "2026-05-01"})
    assert later.status_code == 200, later.text
    assert later.json()["holder_kana"] == "ｶ)ｲﾁｺﾞｳ"
    found = (await operator.get(f"{path}s")).json()["accounts"]
    assert [(each["version"], each["bank_name"], each["tail"]) for each in found] == [
        (2, "みずほ", "223"),
        (1, "第四北越", "321"),
    ]
    [line] = await town.office.lines(act="shop.bank_account_changed")
    assert (line["before"]["tail"], line["after"]["tail"]) == ("321", "223")

    lines = f"{API}/console/settlements/{town.settlement}/lines"
    by_hand = {"became": "failed", "reason": "口座番号の誤り"}
    failed = await operator.post(f"{lines}/{shop}", json=by_hand)
    assert (failed.json()["state"], failed.json()["reason"]) == ("failed", "口座番号の誤り")
    moved = {"became": "moved", "reason": "窓口で支払"}
    paid = await operator.post(f"{lines}/{town.office.next_door.account}", json=moved)
    assert paid.json()["state"] == "paid"
    await town.makes("collection")
    for number in (shop, town.greens.account, 99):
        refused = await operator.post(f"{lines}/{number}", json=moved)
        assert refused.json()["code"] == "bank_file_state", refused.text
    acts = await town.office.lines(act="settlement.line_by_hand")
    assert [each["after"]["state"] for each in acts] == ["paid", "failed"]
    assert await problems(town.doors.pool) == []


async def test_use_is_joined_with_bank_accounts(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By month, shop and kind of value, in UTF-8 and Shift_JIS; it leaves a line each time. A
    city's year is written beside the event loop, where payments are.
    """
    written: list[str] = []

    def seen(*arguments: Any) -> Any:
        written.append(threading.current_thread().name)
        return table(*arguments)

    monkeypatch.setattr("gateway.http.shop_use.table", seen)
    body = {"since": "2026-04", "until": "2026-04"}
    answer = await town.office.operator.post(f"{API}/console/shop-use", json=body)
    assert answer.status_code == 200, answer.text
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    used = {(row["店舗名"], row["区分"], row["種別"]): row for row in rows}
    first = used["一号店", "利用", "コイン"]
    assert (first["月"], first["件数"], first["取消件数"]) == ("2026-04", "1", "0")
    assert (first["金額"], used["一号店", "利用", "ポイント"]["金額"]) == ("7500", "500")
    assert (first["銀行名"], first["支店名"], first["預金種目"]) == ("第四北越", "長岡北", "普通")
    assert (first["口座番号"], first["口座名義"]) == ("7654321", "株式会社イチゴウテン")
    assert used["本屋", "チャージ", "コイン"]["金額"] == "2000"
    windows = await town.office.operator.post(
        f"{API}/console/shop-use", json={**body, "encoding": "shift_jis"}
    )
    assert windows.content.decode("cp932") == answer.content.decode("utf-8-sig")
    for since, until in (("2026-05", "2026-04"), ("2026-13", "2027-01"), ("2020-01", "2026-01")):
        wrong = {"since": since, "until": until}
        refused = await town.office.operator.post(f"{API}/console/shop-use", json=wrong)
        assert refused.json()["code"] == "invalid", refused.text
    acts = [line["act"] for line in await town.office.lines(act="shop_use")]
    assert acts == ["shop_use.exported", "shop_use.exported"]
    assert len(written) == 2
    assert threading.main_thread().name not in written


async def test_the_command_line_does_the_same(
    town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A dry run first; made, taken by an operator's name into a file that only its owner reads,
    answered, and told line by line. What is wrong is said in one sentence, and nothing is done.
    """
    doors, number = town.doors, str(town.settlement)

    async def koban(*words: str) -> str:
        office = CommandLine(doors.pool, town.vault, town.profile, doors.clock.now)
        return await bank_files_office.act(office, bank_files_office.arguments(words))

    async def bank(*words: str) -> str:
        office = CommandLine(doors.pool, town.vault, town.profile, doors.clock.now)
        return await lookup.act(office, lookup.arguments(words))

    make = ("make", "nagaoka", number, "collection", WORKING_DAY)
    would = await koban(*make, "--dry-run")
    assert would.startswith(f"would make a collection for {WORKING_DAY}: 3 lines, 25,000 yen")
    assert await koban("list", "nagaoka") == "There are no bank files."
    made = json.loads(await koban(*make, "--by", "同僚", "--json"))
    assert made["file"]["made_name"] == "同僚"
    other = await doors.pool.fetchval(
        "SELECT name FROM people.operator WHERE name <> '同僚' LIMIT 1"
    )
    assert (made["file"]["file"], made["file"]["total"]) == (1, 25_000)
    sent, back = tmp_path / "request.txt", tmp_path / "result.txt"
    take = ("take", "nagaoka", "1", str(sent))
    wrong: list[tuple[tuple[str, ...], str]] = [
        ((*take, "--by", "誰か"), "--by: there is no operator '誰か'"),
        ((*take, "--by", "同僚"), "Somebody else than who made the file takes it."),
        (("confirm", "nagaoka", "1", "--by", "誰か"), "--by: there is no operator '誰か'"),
        (("make", "nagaoka", "99", "transfer", WORKING_DAY), "There is no such settlement."),
        (("make", "nagaoka", number, "transfer", "2026-04-29"), "banks do not work on 2026-04-29"),
        (make, "No line of this settlement is to move so."),
        (("show", "nagaoka", "9"), "There is no such bank file."),
        (("fail", "nagaoka", "1", "0000000", "--reason", "x"), "there is no shop '0000000'"),
        (("return", "nagaoka", "1", str(back)), "result.txt: No such file or directory"),
        (("confirm", "nagaoka", "1"), "This is for the other kind of file"),
    ]
    for words, told in wrong:
        with pytest.raises(OfficeFault) as refused:
            await koban(*words)
        assert told in str(refused.value), words
    assert f"taken by {other}" in await koban(*take, "--by", other)
    assert sent.stat().st_mode & 0o777 == 0o600
    with pytest.raises(OfficeFault, match="File exists"):
        await koban(*take, "--by", other)
    with pytest.raises(OfficeFault, match="this is a request and no result"):
        await koban("return", "nagaoka", "1", str(sent))
    back.write_bytes(answered(sent.read_bytes(), {town.books.account: "2"}))
    seen = await koban("return", "nagaoka", "1", str(back), "--dry-run")
    assert seen.splitlines()[0] == "2 of 3 lines were collected"
    assert seen.endswith("本屋 2,000 yen: no such account")
    assert "本屋 2,000 yen failed: 2 取引なし" in await koban("return", "nagaoka", "1", str(back))
    assert (await town.states())["本屋"] == "failed"

    assert bank_files_office.main(["read", str(back)]) == 0
    assert "預金口座振替の結果 ﾅｶﾞｵｶｼ ﾁｲｷﾂｳｶ (0000012346) 0430" in capsys.readouterr().out
    assert lookup.main(["check", "0140", "999"]) == 1
    assert "has no branch '999'" in capsys.readouterr().err
    shop = town.books.code
    account = ("set", "nagaoka", shop, "0001", "001", "1", "1112223", "ホンヤ")
    assert "would be paid to みずほ" in await bank(*account, "--dry-run")
    assert "0140 第四北越 021 長岡北 2 …321 ﾎﾝﾔ" in await bank("show", "nagaoka", shop)
    told = await bank(*account)
    assert [line.split()[0] for line in told.splitlines()] == ["2", "1"]
    with pytest.raises(OfficeFault, match="found '本'"):
        await bank(*account[:-1], "本屋")
    assert await problems(doors.pool) == []
