"""Grants by list at the doors: checked, approved, given by a worker, undone; what is refused."""

import csv
import io
from typing import Any

import pytest

from ledger import accounts, cards
from ledger.authorise import decide
from ledger.ids import uuid7
from ledger.requests import Kind, Request
from ledger.vault import Vault
from tests.support.doors import SETTINGS, Doors, Visitor
from tests.support.jobs import Jobs
from tests.support.ledger import problems
from tests.support.programmes import API, approve, budget, open_giving, send_list, shown, undo

HEADER = "宛先,金額・ポイント,氏名\n"
# The acts that the audit's table (test_doors_audit.py) leaves to this file.
ACTS = ("grants.checked", "grants.approved", "grants.cancelled", "grants.undone")


async def rows(operator: Visitor, run: int) -> list[dict[str, str]]:
    """The file of a run's lines."""
    answer = await operator.get(f"{API}/console/grants/{run}/rows.csv")
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def holds(doors: Doors, wallet: int) -> int:
    """What is in a wallet."""
    return int(
        await doors.pool.fetchval(
            "SELECT coalesce(sum(remaining), 0) FROM koban.lot WHERE town = $1 AND wallet = $2",
            doors.town,
            wallet,
        )
    )


async def acts(doors: Doors) -> list[str]:
    """What the audit says was done about grants, oldest first."""
    found = await doors.pool.fetch(
        "SELECT act FROM people.audit WHERE town = $1 AND act LIKE 'grants.%' ORDER BY number",
        doors.town,
    )
    return [row["act"] for row in found]


async def pay(doors: Doors, wallet: int, amount: int) -> None:
    """Somebody spends something at a shop."""
    shop = await doors.shop()
    request = Request(
        uuid7(doors.clock.now_ms), Kind.PAY, wallet=wallet, shop=shop.account, amount=amount
    )
    batch = await decide(doors.pool, doors.town, [request], doors.clock.now)
    assert batch.decisions[0].outcome == "done", batch.decisions[0].receipt


async def test_a_list_is_checked_approved_given_and_undone(doors: Doors, jobs: Jobs) -> None:
    """Nothing moves before it is approved; the budget says at each step what is promised; undoing
    takes back what was not spent and says what was.
    """
    operator, colleague = await doors.operator(), await doors.operator("同僚")
    await open_giving(operator)
    hanako = await doors.holder()
    wallets = await accounts.open_wallets(doors.pool, doors.town, 3, doors.clock.now)
    text = (
        HEADER
        + "090-1234-5678,５００,ナガオカ ハナコ\n"
        + "".join(f"{wallet},,\n" for wallet in wallets)
        + "08000000000,500,\n"  # Nobody's.
        + f"{wallets[0]},500,\n"  # The second time.
        + f"{wallets[1]},501,\n"
    ).replace("ナガオカ ハナコ", "長岡 花子")
    sent = await send_list(operator, text)
    assert sent.status_code == 200, sent.text
    checked = sent.json()
    run = checked["run"]
    assert (run["lines"], run["rows"], run["refused"], run["total"]) == (7, 4, 3, 2_000)
    assert [(each["line"], each["problem"]) for each in checked["problems"]] == [
        (6, "recipient_unknown"),
        (7, "recipient_twice"),
        (8, "amount_differs"),
    ]
    assert checked["problems"][1]["ja"].endswith("3 行目と同じ人です。")
    assert [(note["line"], note["problem"]) for note in checked["notes"]] == [(2, "full_width")]
    assert {each["why"] for each in checked["sample"]} == {"first", "last", "largest", "drawn"}
    assert (checked["budget"]["left"], checked["left_after"]) == (100_000, 98_000)
    assert "09012345678" not in sent.text
    assert await jobs.work() == []
    assert await holds(doors, hanako.account) == 0

    refused = await approve(operator, checked)
    assert refused.json()["code"] == "same_operator"
    approved = await approve(colleague, checked)
    assert approved.status_code == 200, approved.text
    assert (approved.json()["state"], approved.json()["waiting"]) == ("approved", 4)
    assert await budget(operator) == {
        "ceiling": 100_000,
        "granted": 0,
        "reserved": 2_000,
        "left": 98_000,
    }
    await jobs.work()
    now = await shown(operator, run["run"])
    assert (now["run"]["state"], now["run"]["done"], now["run"]["percent"]) == ("finished", 4, 100)
    assert [await holds(doors, wallet) for wallet in (hanako.account, *wallets)] == [500] * 4
    assert await budget(operator) == {
        "ceiling": 100_000,
        "granted": 2_000,
        "reserved": 0,
        "left": 98_000,
    }

    await pay(doors, wallets[0], 200)
    undone = await undo(operator, run["run"])
    assert (undone.status_code, undone.json()["state"]) == (200, "undoing"), undone.text
    await jobs.work()
    after = (await shown(operator, run["run"]))["run"]
    assert (after["state"], after["given"], after["taken"], after["spent"]) == (
        "undone",
        2_000,
        1_800,
        200,
    )
    table = {row["line"]: row for row in await rows(operator, run["run"])}
    assert (table["3"]["taken"], table["3"]["spent"]) == ("300", "200")
    assert (table["4"]["taken"], table["4"]["spent"]) == ("500", "0")
    assert "3 行目と同じ人" in table["7"]["message"]
    assert table["2"]["recipient"] == "…5678"
    assert (await budget(operator))["left"] == 99_800
    assert await acts(doors) == ["grants.checked", "grants.approved", "grants.undone"]
    assert await problems(doors.pool) == []


async def test_what_was_granted_before_is_told_by_line_and_by_file(
    doors: Doors, jobs: Jobs
) -> None:
    """Whoever has had it is refused; the same file is told as applied, and asks for a yes."""
    operator = await doors.operator()
    await open_giving(operator, per_person="always")
    await operator.post(
        f"{API}/console/activities",
        json={
            "code": "once",
            "programme": "health",
            "name": "健診",
            "amount": 100,
            "starts_at": "2026-01-01T00:00",
            "ends_at": "2027-01-01T00:00",
        },
    )
    wallet = await accounts.open_wallet(doors.pool, doors.town, doors.clock.now)
    text = f"recipient\n{wallet}\n"
    for code in ("walk", "once"):
        first = (await send_list(operator, text, code)).json()
        assert (await approve(operator, first)).status_code == 200
    await jobs.work()
    again = (await send_list(operator, text)).json()
    assert again["applied_before"] is not None
    assert [(run["same_file"], run["state"]) for run in again["earlier"]] == [(True, "finished")]
    assert (await approve(operator, again)).json()["code"] == "list_applied"
    assert (await approve(operator, again, again=True)).status_code == 200
    once = (await send_list(operator, text, "once")).json()
    assert [each["problem"] for each in once["problems"]] == ["already_granted"]
    assert (await approve(operator, {"run": {**once["run"], "rows": 1, "total": 100}})).json()[
        "code"
    ] == "invalid"
    await jobs.work()
    assert await holds(doors, wallet) == 500 + 100 + 500


async def test_a_budget_is_not_overdrawn_by_a_list(doors: Doors, jobs: Jobs) -> None:
    """Neither by one list nor by two that each would fit; undoing one makes room."""
    operator = await doors.operator()
    await open_giving(operator, ceiling=1_000)
    wallets = await accounts.open_wallets(doors.pool, doors.town, 5, doors.clock.now)

    def listed(*which: int) -> str:
        return "recipient\n" + "".join(f"{wallets[each]}\n" for each in which)

    large = (await send_list(operator, listed(0, 1, 2))).json()
    assert large["left_after"] == -500
    assert (await approve(operator, large)).json()["code"] == "over_budget"
    one, other = [(await send_list(operator, listed(*which))).json() for which in ((0, 1), (2,))]
    assert (await approve(operator, one)).status_code == 200
    assert (await approve(operator, other)).json()["code"] == "over_budget"
    too_low = await operator.put(f"{API}/console/programmes/health/budget", json={"ceiling": 999})
    assert too_low.json()["code"] == "over_budget"
    assert (await undo(operator, one["run"]["run"])).status_code == 200
    await jobs.work()
    assert (await budget(operator))["left"] == 1_000
    assert (await shown(operator, one["run"]["run"]))["run"]["state"] == "undone"
    assert (await approve(operator, other)).status_code == 200
    await jobs.work()
    assert (await budget(operator))["granted"] == 500
    assert await problems(doors.pool) == []


async def test_names_and_cards_are_held_against_the_register(doors: Doors) -> None:
    """A name beside a number has to be that person's; a lost card is nobody's."""
    operator = await doors.operator()
    await open_giving(operator)
    await doors.holder()
    anonymous = await accounts.open_wallet(doors.pool, doors.town, doors.clock.now)
    frozen = await accounts.open_wallet(doors.pool, doors.town, doors.clock.now)
    await accounts.set_account_state(doors.pool, doors.town, frozen, "frozen")
    vault = Vault.of(SETTINGS)
    _, lost = [
        await cards.open_card(doors.pool, vault, doors.town, idm, "ours", doors.clock.now)
        for idm in ("0112AABBCCDDEEFF", "0139000000000001")
    ]
    await cards.lose(doors.pool, doors.town, lost.card, doors.clock.now)
    text = HEADER + (
        "09012345678,,長岡 太郎\n"
        "09012345678,,長岡花子\n"  # Without the space it is the same name.
        f"{anonymous},,誰か\n"
        f"{frozen},,\n"
        "9012345678,,\n"  # Without its 0.
        "0112233445566778,,\n"
        "9.01E+09,,\n"
        ",,\n"
        ",500,\n"
        "0112 AABB CCDD EEFF,,\n"
        "0139000000000001,,\n"
    )
    checked = (await send_list(operator, text)).json()
    assert [(each["line"], each["column"], each["problem"]) for each in checked["problems"]] == [
        (2, "氏名", "name_differs"),
        (4, "氏名", "name_not_known"),
        (5, "宛先", "wallet_closed"),
        (6, "宛先", "number_shortened"),
        (7, "宛先", "recipient_unknown"),
        (8, "宛先", "number_shortened"),
        (10, "宛先", "recipient_missing"),
        (12, "宛先", "card_blocked"),
    ]
    assert checked["run"]["rows"] == 2


@pytest.mark.parametrize(
    ("data", "field", "words"),
    [
        (b"", None, "There are no lines"),
        ("宛先\n1001\n".encode("utf-16"), None, "This is UTF-16"),
        (b"PK\x03\x04....", None, "a spreadsheet's workbook"),
        (b"who\n1001\n", None, "The heading 'who' is unknown; allowed are: 宛先(recipient)"),
        (b'"recipient\n1001\n', None, "Line 1: A quotation mark"),
    ],
)
async def test_a_list_that_cannot_be_read_leaves_nothing(
    doors: Doors, data: bytes, field: str | None, words: str
) -> None:
    """It is told in both languages, and no run is there."""
    operator = await doors.operator()
    await open_giving(operator)
    refused = await send_list(operator, data)
    said = refused.json()
    assert (refused.status_code, said["code"], said.get("field")) == (422, "list_refused", field)
    assert words in said["message"]
    assert " / " in said["message"]
    assert (await operator.get(f"{API}/console/grants")).json() == {"runs": [], "next": None}
    assert await doors.pool.fetchval("SELECT count(*) FROM koban.grant_line") == 0
    assert await acts(doors) == []


@pytest.mark.parametrize(
    ("who", "method", "path", "body", "status", "code", "field"),
    [
        ("operator", "GET", "/console/grants/999999", None, 404, "not_found", "run"),
        ("operator", "GET", "/console/grants/x", None, 422, "invalid", "run"),
        ("operator", "GET", "/console/grants/999999/rows.csv", None, 404, "not_found", "run"),
        (
            "operator",
            "POST",
            "/console/grants/999999/approve",
            {"rows": 1, "total": 1},
            404,
            "not_found",
            "run",
        ),
        ("operator", "POST", "/console/grants/{run}/approve", {}, 422, "invalid", "rows"),
        (
            "operator",
            "POST",
            "/console/grants/{run}/approve",
            {"rows": 1, "total": 501},
            422,
            "invalid",
            "total",
        ),
        ("operator", "POST", "/console/grants/{run}/undo", {}, 422, "invalid", "reason"),
        (
            "operator",
            "POST",
            "/console/grants/{run}/undo",
            {"reason": "誤り"},
            409,
            "run_state",
            None,
        ),
        ("operator", "POST", "/console/grants/999999/cancel", None, 404, "not_found", "run"),
        ("operator", "POST", "/console/grants", None, 422, "invalid", "activity"),
        (
            "operator",
            "POST",
            "/console/grants?activity=run",
            None,
            415,
            "media_type",
            None,
        ),
        ("ops", "POST", "/console/grants/{run}/cancel", None, 403, "not_allowed", None),
        (
            "ops",
            "POST",
            "/console/grants/{run}/approve",
            {"rows": 1, "total": 500},
            403,
            "not_allowed",
            None,
        ),
        ("holder", "GET", "/console/grants", None, 401, "signed_out", None),
    ],
)
async def test_bad_input_gets_its_answer(
    doors: Doors,
    who: str,
    method: str,
    path: str,
    body: Any,
    status: int,
    code: str,
    field: str | None,
) -> None:
    """The code, the field, and nothing changed."""
    operator = await doors.operator("名簿係")
    await open_giving(operator)
    wallet = await accounts.open_wallet(doors.pool, doors.town, doors.clock.now)
    run = (await send_list(operator, f"recipient\n{wallet}\n")).json()["run"]["run"]
    if who == "holder":
        visitor = await doors.holder()
    else:
        visitor = await doors.operator(role=who)
    answer = await visitor.request(method, f"{API}{path.format(run=run)}", json=body)
    said = answer.json()
    assert (answer.status_code, said["code"], said.get("field")) == (status, code, field), said
    assert (await shown(operator, run))["run"]["state"] == "checked"
    assert await acts(doors) == ["grants.checked"]


async def test_a_run_goes_one_way(doors: Doors, jobs: Jobs) -> None:
    """Cancelled is over; approved is not cancelled but undone; undone is over; a closed activity
    takes no list.
    """
    operator = await doors.operator()
    await open_giving(operator)
    wallet = await accounts.open_wallet(doors.pool, doors.town, doors.clock.now)
    text = f"recipient\n{wallet}\n"
    one = (await send_list(operator, text)).json()
    path = f"{API}/console/grants/{one['run']['run']}"
    assert (await operator.post(f"{path}/cancel", json={})).status_code == 200
    for attempt in (
        approve(operator, one),
        undo(operator, one["run"]["run"]),
        operator.post(f"{path}/cancel", json={}),
    ):
        assert (await attempt).json()["code"] == "run_state"
    two = (await send_list(operator, text)).json()
    assert (await approve(operator, two)).status_code == 200
    assert (await approve(operator, two)).json()["code"] == "run_state"
    cancelled = await operator.post(f"{API}/console/grants/{two['run']['run']}/cancel", json={})
    assert cancelled.json()["code"] == "run_state"
    await jobs.work()
    assert (await undo(operator, two["run"]["run"])).status_code == 200
    await jobs.work()
    assert (await undo(operator, two["run"]["run"])).json()["code"] == "run_state"
    assert await holds(doors, wallet) == 0
    runs = (await operator.get(f"{API}/console/grants", params={"limit": 1})).json()
    assert [run["run"] for run in runs["runs"]] == [two["run"]["run"]]
    older = await operator.get(f"{API}/console/grants", params={"before": runs["next"]})
    assert [run["run"] for run in older.json()["runs"]] == [one["run"]["run"]]
    await operator.post(f"{API}/console/activities/walk/close", json={})
    assert (await send_list(operator, text)).json()["code"] == "activity_unknown"
    assert await acts(doors) == [
        *("grants.checked", "grants.cancelled", "grants.checked", "grants.approved"),
        "grants.undone",
    ]


async def test_an_activity_that_ends_meanwhile_leaves_nothing_promised(
    doors: Doors, jobs: Jobs
) -> None:
    """What was approved and cannot be granted any more is declined, and its promise let go."""
    operator = await doors.operator()
    await open_giving(operator)
    wallet = await accounts.open_wallet(doors.pool, doors.town, doors.clock.now)
    checked = (await send_list(operator, f"recipient\n{wallet}\n")).json()
    assert (await approve(operator, checked)).status_code == 200
    await operator.post(f"{API}/console/activities/walk/close", json={})
    await jobs.work()
    run = (await shown(operator, checked["run"]["run"]))["run"]
    assert (run["state"], run["done"], run["declined"]) == ("finished", 0, 1)
    assert (await rows(operator, run["run"]))[0]["outcome"] == "activity_unknown"
    assert await budget(operator) == {
        "ceiling": 100_000,
        "granted": 0,
        "reserved": 0,
        "left": 100_000,
    }
    assert await problems(doors.pool) == []
