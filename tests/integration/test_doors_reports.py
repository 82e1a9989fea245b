"""Reports at the doors: what is told, in which files, what is hidden, and bad input as a table."""

import csv
import io
import re
import zipfile
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from gateway.reports.making import CONTENTS
from gateway.reports.workbook import MEDIA
from ledger import accounts, persons
from ledger.authorise import decide
from ledger.database import load_queries
from ledger.errors import LedgerUnavailable
from ledger.ids import uuid7
from ledger.persons import Newcomer
from ledger.reports import snapshot
from ledger.reports.attributes import fill_years, told_year
from ledger.reports.snapshot import ReportBusy, ReportRoom, ReportTooLarge
from ledger.requests import Kind, Request
from ledger.vault import Vault
from tests.support import giving
from tests.support.doors import Doors, Visitor
from tests.support.ledger import Bench
from tests.support.offices import open_office

API = "/api/nagaoka"
REPORTS = f"{API}/console/reports"
USERS = f"{REPORTS}/users"
EXPORT = f"{API}/console/export/transactions"

# Where, with what, which field is refused, and a word of why.
BAD_QUERIES: list[tuple[str, dict[str, Any], int, str | None, str]] = [
    (f"{REPORTS}/nothing", {}, 422, "report", "Invalid enum value"),
    (f"{REPORTS}/issue", {"month": "2026-13"}, 422, "month", "regex"),
    (f"{REPORTS}/issue", {"month": "2300-01"}, 422, "month", "from 2000"),
    (f"{REPORTS}/issue", {"month": "2026-04", "since": "2026-04-01"}, 422, "month", "not both"),
    (f"{REPORTS}/issue", {"since": "2026-04-01"}, 422, "until", "the last"),
    (f"{REPORTS}/issue", {"until": "2026-04-01"}, 422, "since", "first day"),
    (f"{REPORTS}/issue", {"since": "2026-04-02", "until": "2026-04-01"}, 422, "until", "before"),
    (f"{REPORTS}/issue", {"since": "2025-01-01", "until": "2026-04-01"}, 422, "until", "366"),
    (f"{REPORTS}/issue", {"campaign": "spring"}, 422, "campaign", "takes no campaign"),
    (f"{REPORTS}/issue", {"shop": 1}, 422, "shop", "takes no shop"),
    (f"{REPORTS}/campaign", {}, 422, "campaign", "needs a campaign"),
    (f"{REPORTS}/campaign", {"campaign": "Spring!"}, 422, "campaign", "regex"),
    (f"{REPORTS}/campaign", {"campaign": "no", "month": "2026-04"}, 422, "month", "own time"),
    (f"{REPORTS}/campaign", {"campaign": "no"}, 404, "campaign", "no campaign"),
    (f"{REPORTS}/campaign", {"campaign": "spring"}, 422, "campaign", "tomorrow"),
    (f"{REPORTS}/shop", {}, 422, "shop", "needs a shop"),
    (f"{REPORTS}/shop", {"shop": 999_999}, 404, "shop", "no shop"),
    (f"{REPORTS}/issue/csv", {}, 422, "table", "moves, activities"),
    (f"{REPORTS}/issue/csv", {"table": "months"}, 422, "table", "moves, activities"),
    (f"{USERS}/csv", {"encoding": "utf-16"}, 422, "encoding", "Invalid enum"),
    (f"{USERS}/csv", {"language": "fr"}, 422, "language", "Invalid enum"),
    (f"{REPORTS}/issue/xlsx", {"table": "moves"}, 422, "table", "unknown"),
    (f"{EXPORT}.csv", {"since": "2026-04-02", "until": "2026-04-01"}, 422, "until", "before"),
    (f"{EXPORT}.csv", {"search": ""}, 422, "search", "length"),
    (f"{EXPORT}.csv", {"before": 1}, 422, "before", "unknown"),
]


class Crowd:
    """People of the town who have topped up, in what year they were born, and their town's shop."""

    def __init__(self, doors: Doors) -> None:
        self.doors = doors
        self.bench = Bench(
            doors.pool, doors.town, doors.clock, doors.context.towns["nagaoka"].profile
        )
        self.vault = Vault.of(doors.context.settings)
        self.phones = 0

    async def comes(self, born: list[date], shop: int, terminal: int) -> list[int]:
        """Somebody for each birth date, with 10,000 yen of that shop's."""
        found = []
        for birth_date in born:
            self.phones += 1
            newcomer = Newcomer(
                f"0900000{self.phones:04}", f"人{self.phones}", "!", "!",
                "ヒト" + "アイウエオカキクケコサシスセソタチツテト"[self.phones], birth_date,
            )  # fmt: skip
            wallet = await persons.register(
                self.doors.pool, self.vault, self.doors.town, newcomer, self.doors.clock.now
            )
            top_up = await self.bench.top_up(wallet, 10_000, shop=shop, terminal=terminal)
            assert (await self.bench.one(top_up)).outcome == "done"
            found.append(wallet)
        return found

    async def pays(self, wallet: int, shop: int, amount: int) -> UUID:
        """A payment."""
        request = Request(uuid7(), Kind.PAY, wallet=wallet, shop=shop, amount=amount)
        answer = await decide(self.doors.pool, self.doors.town, [request], self.doors.clock.now)
        assert answer.decisions[0].outcome == "done"
        return request.id


def lines(report: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """A table's rows by their columns."""
    (found,) = [table for table in report["tables"] if table["table"] == name]
    keys = [column["key"] for column in found["columns"]]
    return [dict(zip(keys, row, strict=True)) for row in found["rows"]]


async def asked(visitor: Visitor, path: str, **query: Any) -> dict[str, Any]:
    answer = await visitor.get(path, params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_bad_questions_are_told(doors: Doors) -> None:
    """What is wrong, where, and what is allowed; nothing is half made."""
    operator = await doors.operator()
    bench = Bench(doors.pool, doors.town, doors.clock, doors.context.towns["nagaoka"].profile)
    await giving.campaign(
        bench, "spring", fund=await giving.fund(bench, "spring"), starts_at=doors.clock.now
    )
    wrong = []
    for path, query, status, field, word in BAD_QUERIES:
        answer = await operator.get(path, params=query)
        told = answer.json()
        if (answer.status_code, told.get("field")) != (status, field) or word not in answer.text:
            wrong.append(f"{path} {query}: {answer.status_code} {answer.text}")
    assert not wrong, "\n".join(wrong)


async def test_few_people_are_not_told(doors: Doors) -> None:
    """Three in their eighties and two in their seventies are hidden together, five in their forties
    are told; ages are of the report's year. A reader of the database finds a year and nothing more.
    """
    crowd, pool = Crowd(doors), doors.pool
    shop, terminal = await crowd.bench.another_shop()
    born = [date(1986, 12, 31)] * 5 + [date(1944, 1, 1)] * 3 + [date(1951, 5, 5)] * 2
    born = [day + timedelta(days=-n) for n, day in enumerate(born)]
    wallets = await crowd.comes(born, shop, terminal)
    for wallet in wallets:
        await crowd.pays(wallet, shop, 1_000)
    operator = await doors.operator()
    report = await asked(operator, f"{REPORTS}/issue", month="2026-04")
    assert lines(report, "ages") == [
        dict.fromkeys(("people", "count", "amount", "payments", "paid")) | {"group": age}
        if age != "40"
        else {
            "group": "40", "people": 5, "count": 10, "amount": 5 * (10_000 + 100 + 4),
            "payments": 5, "paid": 5_000,
        }
        for age in ("40", "70", "80")
    ]  # fmt: skip
    (home,) = lines(report, "homes")
    assert (home["group"], home["people"], home["paid"]) == ("中央", 10, 10_000)
    flows = await asked(operator, f"{REPORTS}/flows", month="2026-04")
    assert lines(flows, "home_flows") == [
        {"home": "中央", "shop_area": "中央", "people": 10, "count": 10, "amount": 10_000}
    ]
    shown = await operator.get(f"{REPORTS}/issue/csv", params={"month": "2026-04", "table": "ages"})
    assert "80,x,x,x,x,x\r\n" in shown.text

    # People of before there was a year are filled in, and those who leave take theirs with them.
    await pool.execute("UPDATE people.person SET birth_year = NULL")
    steps = [step async for step in fill_years(pool, crowd.vault, doors.town)]
    assert steps == [10]
    assert await asked(operator, f"{REPORTS}/issue", month="2026-04") == report
    assert told_year(date(1901, 1, 1), date(2026, 4, 1)) == 1936


async def test_a_report_as_files(doors: Doors) -> None:
    """CSV in both encodings and a workbook with numbers as numbers, a frozen heading, and no
    formula, whatever a shop is called; what Shift_JIS cannot write is told by its name.
    """
    crowd = Crowd(doors)
    shop, terminal = await crowd.bench.another_shop()
    (wallet,) = await crowd.comes([date(1990, 1, 1)], shop, terminal)
    named = await accounts.open_shop(
        doors.pool, doors.town, "=SUM(A1) 髙橋", "書店", "殿町", doors.clock.now
    )
    paid = await crowd.pays(wallet, named.account, 1_234)
    operator = await doors.operator()
    query = {"month": "2026-04", "table": "shops"}
    answer = await operator.get(f"{REPORTS}/shops/csv", params=query)
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer.headers["content-disposition"] == (
        'attachment; filename="nagaoka-shops-2026-04-01-2026-04-30-shops.csv"'
    )
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["名称"], row["金額・ポイント"], row["順位"]) for row in rows] == [
        ("'=SUM(A1) 髙橋", "1234", "1"), ('八百屋 "まるや"', "0", "2"),
    ]  # fmt: skip
    query["encoding"] = "shift_jis"
    assert "髙橋" in (await operator.get(f"{REPORTS}/shops/csv", params=query)).content.decode(
        "cp932"
    )
    await doors.pool.execute(
        "UPDATE koban.account SET title = '𠮷野家' WHERE account = $1", named.account
    )
    for path in (f"{REPORTS}/shops/csv", f"{EXPORT}.csv"):
        wanted = query if path.startswith(REPORTS) else {"encoding": "shift_jis"}
        doors.context.places = type(doors.context.places)(doors.context.reports)
        refused = await operator.get(path, params=wanted)
        assert (refused.status_code, refused.json()["field"]) == (422, "encoding")
        assert "𠮷" in refused.json()["message"]

    whole = await operator.get(f"{REPORTS}/shops/xlsx", params={"month": "2026-04"})
    assert whole.headers["content-type"] == MEDIA
    sheet = _sheet(whole.content, 1)
    assert re.search(r'<pane ySplit="1" [^>]*state="frozen"', sheet)
    assert "<v>1234</v>" in sheet
    assert "<f>" not in sheet
    # Each column is as wide as what stands in it.
    widths = [
        float(width) for width in re.findall(r'<col min="\d+" max="\d+" width="([^"]+)"', sheet)
    ]
    assert len(widths) > 5
    assert max(widths) > 2 * min(widths)

    exported = await operator.get(f"{EXPORT}.csv", params={"search": "まるや"})
    assert [row["kind"] for row in csv.DictReader(io.StringIO(exported.text))] == ["top_up"]
    exported = await operator.get(f"{EXPORT}.xlsx", params={"search": str(paid)})
    sheet = _sheet(exported.content, 1)
    assert sheet.count("<row ") == 2
    assert "<v>1234</v>" in sheet
    nobody = await operator.get(f"{EXPORT}.csv", params={"search": str(uuid7())})
    assert len(nobody.text.splitlines()) == 1


def _sheet(data: bytes, number: int) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return book.read(f"xl/worksheets/sheet{number}.xml").decode()


async def test_every_report_is_made_of_what_is_listed(doors: Doors) -> None:
    """Each has its tables; a campaign's has its own time."""
    crowd = Crowd(doors)
    shop, terminal = await crowd.bench.another_shop()
    (wallet,) = await crowd.comes([date(1990, 1, 1)], shop, terminal)
    await giving.campaign(
        crowd.bench, "spring", fund=await giving.fund(crowd.bench, "spring"), shops=[shop],
        starts_at=doors.clock.now, ends_at=doors.clock.now + timedelta(days=3),
    )  # fmt: skip
    doors.clock.advance(days=1)
    await crowd.pays(wallet, shop, 500)
    doors.clock.advance(days=1)
    operator = await doors.operator()
    more: dict[str, dict[str, Any]] = {"campaign": {"campaign": "spring"}, "shop": {"shop": shop}}
    for each in (await asked(operator, REPORTS))["reports"]:
        name = each["report"]
        query = more.get(name, {}) | ({} if name == "campaign" else {"month": "2026-04"})
        assert each["needs"] == list(more.get(name, {}))
        report = await asked(operator, f"{REPORTS}/{name}", **query)
        assert [table["table"] for table in report["tables"]] == each["tables"]
        assert each["tables"] == list(CONTENTS[name])
    effect = await asked(operator, f"{REPORTS}/campaign", campaign="spring")
    assert (effect["since"], effect["until"]) == ("2026-04-01", "2026-04-02")
    assert lines(effect, "effect")[0]["gained"] is None


async def test_a_shop_sees_itself_alone(doors: Doors) -> None:
    """On its tablet and at its site; a place only among five who were paid, and nobody's name."""
    office = await open_office(doors)
    wallet = await office.wallet()
    paid = [(office.near, 3_000), (office.next_door, 2_000), (office.far, 900), (office.alone, 500)]
    for shop, amount in paid:
        await office.payment(wallet, shop, amount)
    clerk = await office.staff("clerk", shop=office.near.account)
    head = await office.staff("headquarters", chain=office.chain)
    report = await asked(clerk, f"{API}/staff/report")
    assert [line["payments_amount"] for line in lines(report, "months")] == [3_000]
    assert lines(report, "place") == []
    fifth = await doors.shop("五番目")
    await office.payment(wallet, fifth, 1_500)
    doors.clock.advance(minutes=11)  # What was found is kept for ten.
    report = await asked(clerk, f"{API}/staff/report")
    assert lines(report, "place") == [
        {"among": "kind", "kind": "grocer", "shops": 5, "rank": 1, "amount": 3_000, "median": 1_500}
    ]
    assert "二号店" not in str(report)
    some_days = {"since": "2026-04-01", "until": "2026-04-29"}
    assert lines(await asked(clerk, f"{API}/staff/report", **some_days), "place") == []
    far, alone = office.far.account, office.alone.account
    looks: list[tuple[Visitor, dict[str, Any], int]] = [
        (clerk, {"shop": far}, 404),
        (head, {}, 422),
        (head, {"shop": alone}, 404),
        (head, {"shop": far}, 200),
    ]
    for visitor, wanted, status in looks:
        answer = await visitor.get(f"{API}/staff/report", params=wanted)
        assert answer.status_code == status, answer.text
    tablet = await doors.tablet(office.operator, office.alone)
    own = await asked(tablet, f"{API}/terminal/report", month="2026-04")
    assert [tuple(line.values()) for line in lines(own, "instruments")] == [
        ("coin", "payment", 1, 496), ("point", "payment", 1, 4), ("coin", "top_up", 1, 50_000),
    ]  # fmt: skip
    for visitor, site in ((tablet, "terminal"), (head, "staff")):
        query: dict[str, Any] = {"shop": far} if site == "staff" else {}
        path = f"{API}/{site}/report"
        file = await visitor.get(f"{path}/csv", params={**query, "table": "hours"})
        assert file.text.startswith("\ufeff時期,"), file.text
    book = await tablet.get(f"{API}/terminal/report/xlsx")
    assert book.headers["content-type"] == MEDIA


async def test_a_report_beside_payments_works_for_its_share_of_the_time(doors: Doors) -> None:
    """It sleeps in the midst of a statement, by how long it worked; elsewhere it never does."""
    work = "SELECT set_config('koban.worked_from', (extract(epoch FROM now()) - 0.1)::text, true)"
    rows = "SELECT count(*) FROM generate_series(1, 1000) n WHERE koban.paced(n)"
    sleeps = "SELECT current_setting('koban.worked_from')::float8 - extract(epoch FROM now())"
    for room, least_s in ((ReportRoom.beside(doors.pool, gives_way=True), 0.4), (None, -0.1)):
        async with (room or ReportRoom.beside(doors.pool)).snapshot() as connection:
            await connection.execute(work)
            assert await connection.fetchval(rows) == 1_000
            slept_s = await connection.fetchval(sleeps)
            assert slept_s >= least_s if room else slept_s == pytest.approx(least_s, abs=1e-3)


@pytest.mark.parametrize("name", ["reports", "shop_use", "reference_dates"])
def test_whatever_reads_the_journal_gives_way(name: str) -> None:
    """Each query that walks entries or postings sleeps among them."""
    for query, text in load_queries(name).items():
        walks = re.search(r"FROM koban\.(entry|posting) (?!o\b|original\b)", text)
        assert not walks or "koban.paced(" in text, query


async def test_one_report_at_a_time_with_an_end_to_it(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second one is told to come back, a long one is given up, and neither can write."""
    operator, room = await doors.operator(), doors.context.reports
    other = ReportRoom.beside(doors.pool)
    async with other.snapshot() as connection:
        with pytest.raises(Exception, match="read-only"):
            await connection.execute("DELETE FROM koban.lot")
    async with room.snapshot():
        monkeypatch.setattr(snapshot, "TURN_MAX_S", 0.01)
        answer = await operator.get(f"{REPORTS}/users")
        assert (answer.status_code, answer.json()["code"]) == (503, "busy")
        with pytest.raises(ReportBusy):
            async with other.snapshot():
                pass
    monkeypatch.setattr(room, "time_max_s", 1)
    with pytest.raises(ReportTooLarge, match="given up after 1 s"):
        async with room.snapshot() as connection:
            await connection.execute("SELECT pg_sleep(5)")
    assert (await operator.get(f"{REPORTS}/users")).status_code == 200
    away = ReportRoom("postgresql://koban@127.0.0.1:1/koban")
    for _ in range(2):  # The replica is away; payments are not asked, and the turn is given back.
        with pytest.raises(LedgerUnavailable):
            async with away.snapshot():
                pass
