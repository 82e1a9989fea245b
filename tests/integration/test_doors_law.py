"""The law at the doors and at the command line: figures, lists of names, what is shown."""

import csv
import io
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from config.profile import Expiry, read_profile, towns_folder
from gateway.law.display import display, notice, period
from gateway.refused import Refused
from ledger.authorise import decide
from ledger.codes import issue_code
from ledger.ids import uuid7
from ledger.requests import Kind, Request
from tests.integration.test_giving_commands import Koban, koban
from tests.support.doors import Doors
from tests.support.offices import Office, open_office

__all__ = ["koban"]

API = "/api/nagaoka"
LAW = f"{API}/console/law"
JAPAN = ZoneInfo("Asia/Tokyo")

# Where an operator looks, with what, how it is refused and which field is named.
BAD_QUESTIONS: list[tuple[str, dict[str, Any], int, str, str]] = [
    (f"{LAW}/reference-dates/2026-09-29", {}, 422, "invalid", "date"),
    (f"{LAW}/reference-dates/2026-13-31", {}, 422, "invalid", "date"),
    (f"{LAW}/reference-dates/1999-09-30", {}, 422, "invalid", "date"),
    (f"{LAW}/reference-dates/2027-09-30", {}, 422, "invalid", "date"),
    (f"{LAW}/reference-dates/2026-09-30/file", {"encoding": "latin-1"}, 422, "invalid", "encoding"),
    (f"{LAW}/refunds/gold/file", {}, 404, "not_found", "instrument"),
    (f"{LAW}/refunds/COIN/file", {}, 422, "invalid", "instrument"),
    (f"{LAW}/refunds/coin/file", {"at": "2026-10-01"}, 422, "invalid", "at"),
    (f"{LAW}/refunds/coin/file", {"at": "2200-10-01"}, 422, "invalid", "at"),
    (f"{LAW}/refunds/coin/notice", {}, 422, "invalid", "begins"),
    (f"{LAW}/refunds/coin/notice", {"begins": "2027-01-31", "days": 59}, 422, "invalid", "days"),
    (f"{LAW}/refunds/coin/notice", {"begins": "31 January"}, 422, "invalid", "begins"),
]


def until(doors: Doors, at: datetime) -> None:
    """Lets time pass up to an instant."""
    doors.clock.advance(seconds=(at - doors.clock.now).total_seconds())


async def tops_up(office: Office, wallet: int, amount: int) -> None:
    """Cash into somebody's wallet."""
    doors = office.doors
    now = doors.clock.now
    code = await issue_code(doors.pool, doors.town, wallet, "top_up", amount, now, "8201")
    request = Request(
        uuid7(), Kind.TOP_UP, shop=office.alone.account, code=code.code, amount=amount
    )
    batch = await decide(doors.pool, doors.town, [request], now)
    assert batch.decisions[0].outcome == "done", batch.decisions[0].receipt


def cells(data: bytes, encoding: str = "utf-8-sig") -> list[list[str]]:
    """A CSV file, read."""
    return list(csv.reader(io.StringIO(data.decode(encoding), newline="")))


async def test_a_reference_date_from_the_journal_to_the_files(doors: Doors) -> None:
    """Before midnight the figures are so far, after it they stand; the deposit is owed above ten
    million yen of all wallets together; whoever is owed a refund is listed by name, and that
    somebody looked is in the audit.
    """
    office = await open_office(doors)
    holder = await doors.holder()
    await tops_up(office, holder.account, 100_000)
    for _ in range(3):
        await office.wallet(100_000)
    wallet = await office.wallet(80_000)
    await office.payment(wallet, office.near, 30_800)
    path = f"{LAW}/reference-dates/2026-09-30"
    so_far = (await office.operator.get(path)).json()
    assert (so_far["final"], so_far["counted"]["unspent"]) == (False, 450_000)
    until(doors, datetime(2026, 10, 1, 0, 1, tzinfo=JAPAN))
    operator = await doors.operator("財務係")
    found = (await operator.get(path)).json()
    assert found["final"] is True
    assert (found["since"], found["report_due"]) == ("2026-04-01", "2026-11-30")
    assert found["counted"] == {
        "opening": 0,
        "issued": 480_000,
        "recovered": 30_000,
        "expired": 0,
        "refunded": 0,
        "unspent": 450_000,
    }
    assert found["deposit"] == {"unspent": 450_000, "above": 10_000_000, "owed": 0}
    coin, point, street = found["kinds"]
    assert (coin["standing"], coin["doubts"]) == ("counted", ["long_life"])
    assert (point["standing"], street["standing"]) == ("free", "free")
    assert point["free"]["issued"] == 4_800 + 150

    # What is reported is kept, once, and can be held against the journal.
    again = [(await operator.post(f"{path}/report", json={})).json() for _ in range(2)]
    assert again[0]["reported"] == again[1]["reported"] | {"same": True}
    assert again[1]["reported"]["by"] == "財務係"
    assert {**again[1], "reported": None} == found
    await office.payment(wallet, office.near, 5_000)
    assert (await operator.get(path)).json() == again[1]

    header, *lines = cells((await operator.get(f"{path}/file")).content)
    assert header[:7] == [
        *("reference_date", "final", "instrument", "name", "standing", "doubts", "part"),
    ]
    assert [line[6] for line in lines] == [*("paid", "free", "counted") * 3, "total"]
    assert lines[-1][-3:] == ["10000000", "0", "2026-11-30"]
    windows = await operator.get(f"{path}/file", params={"encoding": "shift_jis"})
    assert cells(windows.content, "cp932")[1:] == lines

    answer = await operator.get(f"{LAW}/refunds/coin/file", params={"at": "2026-09-30"})
    _, *owed = cells(answer.content)
    assert sum(int(line[4]) for line in owed) == 450_000
    assert [str(holder.account), "長岡 花子", "09012345678", "coin", "100000"] in owed
    said = (await operator.get(f"{API}/console/audit", params={"act": "law"})).json()["lines"]
    assert [(line["act"], line["name"], line["after"]) for line in said] == [
        ("law.refunds_listed", "財務係", {"lines": 5, "amount": 450_000}),
        ("law.reported", "財務係", {"unspent": 450_000, "deposit": 0}),
    ]


async def test_bad_questions_are_told(doors: Doors) -> None:
    """What is wrong, and where; and who may not look at all."""
    operator, ops = await doors.operator(), await doors.operator("当直", role="ops")
    wrong = []
    for path, query, status, code, field in BAD_QUESTIONS:
        answer = await operator.get(path, params=query)
        told = answer.json()
        if (answer.status_code, told.get("code"), told.get("field")) != (status, code, field):
            wrong.append(f"{path} {query}: {answer.status_code} {answer.text}")
    assert not wrong, "\n".join(wrong)
    assert (await ops.get(f"{LAW}/refunds/coin/file")).json()["code"] == "not_allowed"
    report = f"{LAW}/reference-dates/2026-09-30/report"
    assert (await ops.post(report, json={})).json()["code"] == "not_allowed"
    assert (await operator.post(report, json={})).json()["message"].endswith("is not over.")
    assert (await ops.get(f"{LAW}/reference-dates/2026-03-31")).status_code == 200
    assert (await doors.visitor().get(f"{LAW}/reference-dates/2026-03-31")).status_code == 401


async def test_everybody_is_shown_what_the_law_wants_shown(doors: Doors) -> None:
    """Without signing in, from the profile that holds; a town that says nothing has nothing."""
    shown = (await doors.visitor().get(f"{API}/law/display")).json()
    assert (shown["issuer"], shown["balance_cap"]) == ("長岡市デジタル地域通貨検討協議会", 300_000)
    assert [(each["name"], each["paid"], each["shops"]) for each in shown["values"]] == [
        ("コイン", True, []),
        ("ポイント", False, []),
        ("商店街ポイント", False, ["商店街の店"]),
    ]


@pytest.mark.parametrize("town", sorted(path.stem for path in towns_folder().glob("*.toml")))
def test_every_town_says_all_of_it(town: str) -> None:
    """Nothing is empty, and whatever can be held has a period."""
    profile = read_profile(town)
    shown = display(profile)
    texts = [value for value in _texts(shown) if isinstance(value, str)]
    assert all(text.strip() for text in texts)
    assert len(shown.values) == sum(one.kind != "coupon" for one in profile.instruments)


def _texts(shown: Any) -> list[Any]:
    return [getattr(shown, name) for name in shown.__struct_fields__]


def test_a_period_is_told_in_words() -> None:
    table = {
        "2029年2月28日まで": Expiry(date=date(2029, 2, 28)),
        "受け取った日から6か月後の月の末日まで": Expiry(months=6, at="month_end"),
        "受け取った月の末日まで": Expiry(months=0, at="month_end"),
        "受け取った日から60日後の日まで": Expiry(days=60),
        "受け取った日から1か月と10日後の同じ時刻まで": Expiry(months=1, days=10, at="instant"),
        "受け取った日のうち": Expiry(days=0),
        "最後に使った日から365日間": Expiry(idle_days=365),
        "期限はありません": Expiry(),
    }
    assert [period(expires) for expires in table.values()] == list(table)


def test_a_refund_is_made_public_for_sixty_days() -> None:
    """Who, of what, until when, to whom; and what becomes of those who do not come."""
    profile = read_profile("region-ring")
    found = notice(profile, profile.instruments[0], date(2029, 3, 1), 60)
    assert (found.first_day, found.last_day) == (date(2029, 3, 1), date(2029, 4, 30))
    for part in (
        "商品券運営事務局",
        "プレミアム商品券",
        "2029年4月30日まで",
        "0120-00-0002",
        "除かれ",
    ):
        assert part in found.text, part
    with pytest.raises(Refused) as caught:
        notice(profile, profile.instruments[0], date(2029, 3, 1), 59)
    assert caught.value.body.field == "days"


def test_koban_law(koban: Koban) -> None:
    """For people, for programs and for spreadsheets; a wrong word says what is allowed."""
    day = ("law", "reference-date", "nagaoka", "2026-09-30")
    assert koban(*day, "--json").json["counted"]["unspent"] == 0
    assert "Deposit: none, 0 is not more than 10,000,000." in koban(*day).out
    assert cells(koban(*day, "--csv").out.encode())[-1][6] == "total"
    assert koban("law", "report", "nagaoka", "2026-09-30").status == 0
    assert "Reported by" in koban(*day).out
    assert "was reported before" in koban("law", "report", "nagaoka", "2026-09-30").error
    listed = koban("law", "refund-list", "nagaoka", "coin", "--at", "2026-09-30")
    assert listed.out == "\ufeffwallet,name,phone,instrument,paid_yen"
    told = koban("law", "refund-notice", "nagaoka", "coin", "--begins", "2027-04-01", "--json")
    assert told.json["last_day"] == "2027-05-31"
    assert "限度額　1回 100,000円、残高 300,000円" in koban("law", "display", "nagaoka").out
    for words, status, said in (
        (("reference-date", "nagaoka", "2026-09-29"), 1, "31 March and 30 September"),
        (("refund-list", "nagaoka", "gold"), 1, "allowed is coin, point, street_point"),
        (("display", "edo"), 1, "no town 'edo' is in force"),
    ):
        refused = koban("law", *words)
        assert (refused.status, said in refused.error) == (status, True), refused.error
    with pytest.raises(SystemExit):
        koban("law", "reference-date", "nagaoka", "soon")
