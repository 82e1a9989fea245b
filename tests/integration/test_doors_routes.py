"""Every row of the table of routes answers what it says, to whom it says."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from gateway.protocol import api
from gateway.protocol.messages import Role
from gateway.routes.table import ENDPOINTS
from ledger import identity
from ledger.authorise import decide
from ledger.codes import issue_code
from ledger.ids import uuid7
from ledger.requests import Kind, Request
from tests.support.doors import MANAGER_PIN, Doors, Visitor

API = "/api/nagaoka"
PUSH = {
    "endpoint": "https://push.example.com/send/abc",
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcx"
    "aOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
}


async def top_up(doors: Doors, wallet: int, shop: int, amount: int) -> UUID:
    """Cash over the counter, decided by the ledger."""
    id_ = uuid7(doors.clock.now_ms)
    terminal = await doors.pool.fetchval("SELECT min(terminal) FROM koban.terminal")
    issued = await issue_code(
        doors.pool, doors.town, wallet, "top_up", amount, doors.clock.now, "8201"
    )
    request = Request(
        id=id_, kind=Kind.TOP_UP, shop=shop, terminal=terminal, code=issued.code, amount=amount
    )
    batch = await decide(doors.pool, doors.town, [request], doors.clock.now)
    assert batch.decisions[0].outcome == "done", batch.decisions[0]
    return id_


async def test_the_town_and_its_shops_are_for_everybody(doors: Doors) -> None:
    """Names, limits and the push key; a shop by the code on its sticker."""
    visitor, shop = doors.visitor(), await doors.shop()
    told = msgspec.convert((await visitor.get(f"{API}/town")).json(), api.TownInfo)
    assert (told.code, told.name["ja"], told.payment_max) == ("nagaoka", "長岡市", 100_000)
    assert (told.push_key, told.demo) == ("a push key", False)
    assert [kind.code for kind in told.instruments] == ["coin", "point", "street_point"]
    assert [kind.shops for kind in told.instruments] == [[], [], ["street"]]
    assert list(told.groups) == ["street"]
    assert (told.roles["shop"]["ja"], told.send_max) == ("店長", 30_000)
    listed = (await visitor.get(f"{API}/shops")).json()["shops"]
    assert listed == [
        {
            "shop": shop.account,
            "code": shop.code,
            "name": "八百屋 まるや",
            "kind": "grocer",
            "area": "殿町",
        }
    ]
    assert (await visitor.get(f"{API}/shops/{shop.code}")).json() == listed[0]
    unknown = await visitor.get(f"{API}/shops/9999999")
    assert (unknown.status_code, unknown.json()["field"]) == (404, "code")


async def test_a_wallet_reads_its_money(doors: Doors) -> None:
    """Balance with lots and expiries, history by pages, and what became of a command."""
    holder, operator, shop = await doors.holder(), await doors.operator(), await doors.shop()
    await doors.tablet(operator, shop)
    ids = []
    for amount in (1_000, 2_000, 3_000):
        ids.append(await top_up(doors, holder.account, shop.account, amount))
        doors.clock.advance(minutes=1)
    balance = msgspec.convert((await holder.get(f"{API}/wallet/balance")).json(), api.Balance)
    assert {part.instrument: part.amount for part in balance.parts} == {"coin": 6_000, "point": 60}
    assert balance.total == 6_060
    assert balance.at == doors.clock.now_ms
    assert all(lot.expires_at for part in balance.parts for lot in part.lots)
    first = (await holder.get(f"{API}/wallet/history", params={"limit": 2})).json()
    assert [line["receipt"]["amount"] for line in first["lines"]] == [3_000, 2_000]
    assert "balance" in first["lines"][0]["receipt"]
    second = (
        await holder.get(f"{API}/wallet/history", params={"limit": 2, "before": first["next"]})
    ).json()
    assert [line["receipt"]["amount"] for line in second["lines"]] == [1_000]
    assert second["next"] is None
    status = (await holder.get(f"{API}/wallet/payments/{ids[0]}")).json()
    assert (status["state"], status["receipt"]["amount"]) == ("processed", 1_000)


async def test_a_shop_reads_its_day(doors: Doors) -> None:
    """Its sums, its history without what concerns the payer only, and what it did not show."""
    holder, operator, shop = await doors.holder(), await doors.operator(), await doors.shop()
    tablet = await doors.tablet(operator, shop)
    id_ = await top_up(doors, holder.account, shop.account, 5_000)
    info = msgspec.convert((await tablet.get(f"{API}/terminal")).json(), api.TerminalInfo)
    assert (info.label, info.shop.shop) == ("レジ 1", shop.account)
    day = msgspec.convert((await tablet.get(f"{API}/terminal/day")).json(), api.Day)
    assert (day.date, day.top_ups, day.top_ups_amount, day.net) == ("2026-04-01", 1, 5_000, -5_000)
    assert day.unshown == 1
    past = (await tablet.get(f"{API}/terminal/day", params={"date": "2026-03-31"})).json()
    assert (past["date"], past["top_ups"], past["unshown"]) == ("2026-03-31", 0, 0)
    history = (await tablet.get(f"{API}/terminal/history")).json()
    assert [line["receipt"]["id"] for line in history["lines"]] == [str(id_)]
    assert "balance" not in history["lines"][0]["receipt"]
    status = (await tablet.get(f"{API}/terminal/payments/{id_}")).json()
    assert status["state"] == "processed"


async def test_a_day_is_the_towns_and_not_utcs(doors: Doors) -> None:
    """At half past midnight in Nagaoka a new day has begun, though UTC is still in the old one."""
    operator, shop = await doors.operator(), await doors.shop()
    tablet = await doors.tablet(operator, shop)
    doors.clock.advance(minutes=12 * 60 + 30)
    assert (await tablet.get(f"{API}/terminal/day")).json()["date"] == "2026-04-02"


async def test_a_command_that_waits_is_in_progress(doors: Doors) -> None:
    """Neither failed nor unknown."""
    holder, id_ = await doors.holder(), uuid7()
    assert (await holder.get(f"{API}/wallet/payments/{id_}")).json()["state"] == "not_found"
    doors.sockets.waiting.add(id_)
    assert (await holder.get(f"{API}/wallet/payments/{id_}")).json()["state"] == "in_progress"


async def test_what_is_somebody_elses_is_not_found(doors: Doors) -> None:
    """Another wallet, another shop: no word of the payment, not even that it exists."""
    operator = await doors.operator()
    shop, other_shop = await doors.shop(), await doors.shop("喫茶 しなの川")
    await doors.tablet(operator, shop)
    other_tablet = await doors.tablet(operator, other_shop)
    holder, other = await doors.holder(), await doors.holder("09099998888", "他人")
    id_ = await top_up(doors, holder.account, shop.account, 5_000)
    for visitor, role in ((other, "wallet"), (other_tablet, "terminal")):
        answer = (await visitor.get(f"{API}/{role}/payments/{id_}")).json()
        assert answer == {"payment": str(id_), "state": "not_found", "receipt": None}
        assert (await visitor.get(f"{API}/{role}/history")).json()["lines"] == []
    assert (await other.get(f"{API}/wallet/balance")).json()["total"] == 0


async def test_a_browser_is_reached_by_push_until_it_signs_out(doors: Doors) -> None:
    """One address a browser; whoever signs in there later takes it over."""
    holder, other = await doors.holder(), await doors.holder("09099998888", "他人")

    async def reached(visitor: Visitor) -> int:
        return len(await identity.pushes(doors.pool, doors.town, visitor.account, doors.clock.now))

    for _ in range(2):
        assert (await holder.put(f"{API}/wallet/push", json=PUSH)).json() == {}
    assert await reached(holder) == 1
    await other.put(f"{API}/wallet/push", json=PUSH)
    assert (await reached(holder), await reached(other)) == (0, 1)
    assert (await other.delete(f"{API}/wallet/push")).json() == {}
    assert await reached(other) == 0
    await holder.put(f"{API}/wallet/push", json=PUSH)
    await holder.post(f"{API}/wallet/sign-out", json={})
    assert await reached(holder) == 0


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example.com/send",
        "https://127.0.0.1/send",
        "https://localhost/send",
        "https://10.0.0.8/send",
        "https://push.example.com:8443/send",
        "https://user@push.example.com/send",
        "https://intranet/send",
        "file:///etc/passwd",
    ],
)
async def test_a_push_address_inside_our_network_is_refused(doors: Doors, endpoint: str) -> None:
    """The gateway calls public push services and nobody else."""
    holder = await doors.holder()
    answer = await holder.put(f"{API}/wallet/push", json=PUSH | {"endpoint": endpoint})
    assert (answer.status_code, answer.json()["field"]) == (422, "endpoint")


async def test_an_operator_opens_a_shop_and_enrols_its_tablet(doors: Doors) -> None:
    """From nothing to a tablet that is signed in; the code is in the QR's fragment."""
    operator = await doors.operator()
    body = {"name": "花火堂", "kind": "books", "area": "城内町", "manager_pin": MANAGER_PIN}
    shop = msgspec.convert(
        (await operator.post(f"{API}/console/shops", json=body)).json(), api.ShopInfo
    )
    assert re.fullmatch(r"[0-9]{7}", shop.code)
    assert len((await operator.get(f"{API}/console/shops")).json()["shops"]) == 1
    verdict = await doors.auth.pins.verify_manager(
        doors.town, shop.shop, MANAGER_PIN, doors.clock.now
    )
    assert verdict.right
    changed = await operator.put(
        f"{API}/console/shops/{shop.shop}/manager-pin", json={"manager_pin": "8642"}
    )
    assert changed.json() == {}
    verdict = await doors.auth.pins.verify_manager(doors.town, shop.shop, "8642", doors.clock.now)
    assert verdict.right
    made = msgspec.convert(
        (
            await operator.post(
                f"{API}/console/shops/{shop.shop}/terminals", json={"label": "入口"}
            )
        ).json(),
        api.Enrolment,
    )
    assert made.expires_at == int((doors.clock.now + timedelta(days=1)).timestamp() * 1000)
    address, _, code = made.qr.partition("#enrol=")
    assert address == "https://koban.example/nagaoka/tablet"
    assert made.svg.startswith("<svg ")
    tablet = doors.visitor()
    enrolled = (await tablet.post(f"{API}/terminal/enrol", json={"code": code})).json()
    assert (enrolled["role"], enrolled["account"]) == ("terminal", shop.shop)
    assert (await tablet.get(f"{API}/terminal")).json()["label"] == "入口"
    doors.sockets.terminals.add(made.terminal)
    [listed] = (await operator.get(f"{API}/console/terminals", params={"shop": shop.shop})).json()[
        "terminals"
    ]
    assert (listed["state"], listed["connected"]) == ("enrolled", True)
    assert (await operator.get(f"{API}/console/terminals?shop=1")).json()["terminals"] == []


async def test_the_console_searches_back_through_events(doors: Doors) -> None:
    """By pages, by kind and by account, newest first."""
    holder, operator, shop = await doors.holder(), await doors.operator(), await doors.shop()
    await doors.tablet(operator, shop)
    for amount in (1_000, 2_000):
        await top_up(doors, holder.account, shop.account, amount)
    first = (await operator.get(f"{API}/console/events", params={"limit": 3})).json()
    numbers = [event["number"] for event in first["events"]]
    assert numbers == [4, 3, 2]
    rest = (await operator.get(f"{API}/console/events", params={"before": first["next"]})).json()
    assert [event["number"] for event in rest["events"]] == [1]
    of_shop = await operator.get(
        f"{API}/console/events", params={"account": shop.account, "kind": "top_up"}
    )
    assert {event["account"] for event in of_shop.json()["events"]} == {shop.account}
    none = await operator.get(f"{API}/console/events", params={"kind": "payment"})
    assert none.json() == {"events": [], "next": None}


async def test_the_console_sees_who_is_connected_and_what_is_wrong(doors: Doors) -> None:
    """As the websocket side tells it."""
    operator = await doors.operator()
    doors.sockets.lines.append(api.SessionLine("s-1", Role.WALLET, 7, "花子", 1, 0, 2))
    doors.sockets.alerts.append(api.AlertLine(1, "redis_down", "Redis is away.", None, None))
    sessions = (await operator.get(f"{API}/console/sessions")).json()["sessions"]
    assert [(line["session"], line["unacked"]) for line in sessions] == [("s-1", 2)]
    alerts = (await operator.get(f"{API}/console/alerts")).json()["alerts"]
    assert [line["kind"] for line in alerts] == ["redis_down"]


async def test_a_sticker_is_a_picture_of_the_shops_address(doors: Doors) -> None:
    """Sharp at any size, black on white."""
    operator, shop = await doors.operator(), await doors.shop()
    answer = await operator.get(f"{API}/console/shops/{shop.account}/sticker.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.text.startswith("<svg ")
    missing = await operator.get(f"{API}/console/shops/999999/sticker.svg")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")


async def test_the_demos_door_signs_all_three_roles_in(demo_doors: Doors) -> None:
    """And is told when the demo's people are missing."""
    doors = demo_doors
    visitor = doors.visitor()
    empty = await visitor.post(f"{API}/demo/enter", json={})
    assert (empty.status_code, empty.json()["code"]) == (404, "not_found")
    operator, shop = await doors.operator(), await doors.shop()
    holder, _ = await doors.holder(), await doors.tablet(operator, shop)
    entered = msgspec.convert(
        (await visitor.post(f"{API}/demo/enter", json={})).json(), api.DemoEntered
    )
    assert (entered.wallet.account, entered.terminal.account) == (holder.account, shop.account)
    for path in ("wallet", "terminal", "console/me"):
        assert (await visitor.get(f"{API}/{path}")).status_code == 200
    assert (await visitor.get(f"{API}/town")).json()["demo"] is True


async def test_without_the_demo_its_doors_do_not_exist(doors: Doors) -> None:
    """Not closed: absent, like any address that never was."""
    visitor = doors.visitor()
    api_answer = await visitor.post(f"{API}/demo/enter", json={})
    assert (api_answer.status_code, api_answer.json()["code"]) == (404, "not_found")
    for path in ("/demo", "/demo/sms"):
        assert (await visitor.get(path)).status_code == 404


async def test_nobody_is_let_in_without_a_session(doors: Doors) -> None:
    """Every row that needs one says so to a stranger, and to somebody with an invented token."""
    tried = 0
    for endpoint in ENDPOINTS:
        if not endpoint.roles:
            continue
        path = re.sub(r"\{id\}", str(uuid7()), endpoint.path)
        path = re.sub(r"\{\w+\}", "1", path)
        body: dict[str, Any] = {"role": "wallet"} if endpoint.path == "/ticket" else {}
        # Each row is tried from elsewhere: who asks for so many at once is told to be slower.
        stranger = doors.visitor(f"192.0.2.{tried % 256}")
        forger = doors.visitor(f"198.51.100.{tried % 256}", origin=None)
        forger.headers["Authorization"] = f"Bearer {'x' * 43}"
        for visitor in (stranger, forger):
            answer = await visitor.request(
                endpoint.method, f"{API}{path}", json=body if endpoint.changes else None
            )
            assert (answer.status_code, answer.json()["code"]) == (401, "signed_out"), path
        tried += 1
    assert tried >= 26


async def test_no_answer_of_the_api_is_kept_by_a_cache(doors: Doors) -> None:
    """Balances and tokens are nobody else's."""
    holder = await doors.holder()
    for path in ("/town", "/wallet", "/wallet/balance", "/nothing"):
        answer = await holder.get(f"{API}{path}")
        assert answer.headers["cache-control"] == "no-store"
