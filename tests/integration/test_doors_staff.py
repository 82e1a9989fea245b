"""The shop site: who stands over which shops, what they see there, and what they may cancel."""

import csv
import io
from typing import Any
from uuid import UUID

import pytest
from msgspec import Struct

from gateway.signin import PASSWORD_LOCKOUT
from ledger import identity
from ledger.authorise import decide
from ledger.ids import uuid7
from ledger.requests import Kind, Rank, Request
from ledger.staff import Post
from tests.support.doors import PASSWORD, Doors, Visitor
from tests.support.offices import API, MAXES, Office, open_office


@pytest.fixture
async def office(doors: Doors) -> Office:
    """The town with its chain of shops."""
    return await open_office(doors)


async def everybody(office: Office) -> dict[str, Visitor]:
    return {
        "clerk": await office.staff("clerk", shop=office.near.account),
        "shop": await office.staff("shop", shop=office.near.account),
        "area": await office.staff("area", chain=office.chain, area="殿町"),
        "headquarters": await office.staff("headquarters", chain=office.chain),
    }


async def test_each_rank_stands_over_its_shops(office: Office) -> None:
    """Headquarters over the chain, an area's manager over its part, shop and clerk over one."""
    near, next_door, far = office.near.account, office.next_door.account, office.far.account
    expected = {
        "clerk": [near],
        "shop": [near],
        "area": [near, next_door],
        "headquarters": [near, next_door, far],
    }
    wallet = await office.wallet()
    shops = (office.near, office.next_door, office.far, office.alone)
    for shop in shops:
        await office.payment(wallet, shop, 300)
    for rank, visitor in (await everybody(office)).items():
        me = (await visitor.get(f"{API}/staff/me")).json()
        assert (me["rank"], me["reversal_max"]) == (rank, MAXES[rank])
        assert [shop["shop"] for shop in me["shops"]] == expected[rank]
        page = (await visitor.get(f"{API}/staff/transactions")).json()
        assert sorted(line["shop"] for line in page["lines"]) == expected[rank]
    everything = (await office.operator.get(f"{API}/console/transactions")).json()["lines"]
    assert len(everything) == 5
    one = await office.operator.get(
        f"{API}/console/transactions", params={"shop": office.far.account}
    )
    assert [line["shop"] for line in one.json()["lines"]] == [far]


async def test_a_changed_post_holds_at_once(office: Office) -> None:
    """And so does a shop that joins a chain; nobody signs in again."""
    visitor = await office.staff("headquarters", chain=office.chain)
    await office.operator.put(
        f"{API}/console/shops/{office.alone.account}/chain", json={"chain": office.chain}
    )
    shops = (await visitor.get(f"{API}/staff/me")).json()["shops"]
    assert len(shops) == 4
    await office.operator.put(
        f"{API}/console/staff/{visitor.account}/post",
        json={"rank": "clerk", "shop": office.far.account},
    )
    me = (await visitor.get(f"{API}/staff/me")).json()
    assert (me["rank"], [shop["shop"] for shop in me["shops"]]) == ("clerk", [office.far.account])


async def test_transactions_come_by_filters_pages_and_as_a_file(office: Office) -> None:
    """By shop, kind, amount, wallet and day; every page once; the file holds them all."""
    visitor = await office.staff("headquarters", chain=office.chain)
    wallet, other = await office.wallet(), await office.wallet()
    for amount in (100, 200, 300, 400):
        await office.payment(wallet, office.near, amount)
    payment = await office.payment(wallet, office.near, 500)
    await office.payment(other, office.far, 250)
    await office.cancel(visitor, payment)
    office.doors.clock.advance(days=1)
    await office.payment(wallet, office.next_door, 600)
    body = {"name": "係", "password": PASSWORD}
    assert (await office.operator.post(f"{API}/console/sign-in", json=body)).status_code == 200
    body["name"] = f"headquarters {{'chain': {office.chain}}}"
    assert (await visitor.post(f"{API}/staff/sign-in", json=body)).status_code == 200

    async def amounts(**params: Any) -> list[int]:
        answer = await visitor.get(f"{API}/staff/transactions", params=params)
        assert answer.status_code == 200, answer.text
        return [line["amount"] for line in answer.json()["lines"]]

    assert await amounts() == [600, 500, 250, 500, 400, 300, 200, 100]
    assert await amounts(shop=office.near.account) == [500, 500, 400, 300, 200, 100]
    assert await amounts(kind="reversal") == [500]
    assert await amounts(amount_min=200, amount_max=300, kind="payment") == [250, 300, 200]
    assert await amounts(wallet=other) == [250]
    zone = office.doors.context.towns["nagaoka"].zone
    today = office.doors.clock.now.astimezone(zone).date()
    assert await amounts(since=today) == [600]
    assert await amounts(until=today) == await amounts()
    first = (await visitor.get(f"{API}/staff/transactions", params={"limit": 3})).json()
    rest = await amounts(before=first["next"])
    assert [line["amount"] for line in first["lines"]] + rest == await amounts()
    reversed_line = first["lines"][1]
    assert (reversed_line["kind"], reversed_line["refers"]) == ("reversal", str(payment))
    assert reversed_line["reason"] == "打ち間違い"

    file = await visitor.get(f"{API}/staff/transactions.csv", params={"kind": "payment"})
    assert file.headers["content-disposition"].endswith('"nagaoka-transactions.csv"')
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert [int(row["amount"]) for row in rows] == [600, 250, 500, 400, 300, 200, 100]
    assert rows[2]["reversed"] == "500"
    town = await office.operator.get(f"{API}/console/transactions.csv")
    assert town.content.count(b"\r\n") == 11


async def test_each_rank_cancels_within_its_limit(office: Office) -> None:
    """One yen above it is refused and moves nothing; the line of the audit says who it was."""
    wallet = await office.wallet()
    people = await everybody(office)
    for rank, visitor in (*people.items(), ("operator", office.operator)):
        payment = await office.payment(wallet, office.near, MAXES[rank] + 1)
        before = await office.lines()
        refused = await office.cancel(visitor, payment)
        assert (refused.status_code, refused.json()["code"]) == (402, "over_clerk_limit"), rank
        assert str(MAXES[rank]) in refused.json()["message"]
        assert await office.lines() == before
        done = await office.cancel(visitor, payment, MAXES[rank])
        assert done.status_code == 200, done.text
        receipt = done.json()["receipt"]
        assert (receipt["outcome"], receipt["amount"], receipt["left"]) == ("done", MAXES[rank], 1)
        [line] = await office.lines(limit=1)
        assert (line["act"], line["subject"]) == (
            "payment.cancelled",
            f"reversal:{receipt['id']}",
        )
        assert line["actor"] == ("operator" if rank == "operator" else "staff")
        assert line["before"]["payment"] == str(payment)
        assert line["after"] == {"amount": MAXES[rank], "left": 1, "rank": rank}


async def test_nobody_cancels_what_they_do_not_stand_over(office: Office) -> None:
    """It is not found, as if it were not there; nothing moves, nothing is written."""
    wallet = await office.wallet()
    payment = await office.payment(wallet, office.far, 500)
    entries = await office.doors.pool.fetchval("SELECT koban.last_entry(town) FROM koban.town")
    people = await everybody(office)
    for rank in ("clerk", "shop", "area"):
        answer = await office.cancel(people[rank], payment)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        listed = await people[rank].get(
            f"{API}/staff/transactions", params={"shop": office.far.account}
        )
        assert (listed.status_code, listed.json()["field"]) == (404, "shop")
    assert (
        await office.doors.pool.fetchval("SELECT koban.last_entry(town) FROM koban.town") == entries
    )
    assert await office.lines(act="payment") == []
    assert (await office.cancel(people["headquarters"], payment)).status_code == 200


async def test_only_what_happened_at_a_shop_is_cancelled(office: Office) -> None:
    """What people sent each other, or a provider brought, has a way back of its own."""
    doors = office.doors
    sender, friend = await office.wallet(), await office.wallet(500)
    sent = Request(uuid7(), Kind.SEND, wallet=sender, shop=friend, amount=700)
    batch = await decide(doors.pool, doors.town, [sent], doors.clock.now)
    assert batch.decisions[0].outcome == "done", batch.decisions[0].receipt
    answer = await office.cancel(office.operator, sent.id)
    assert (answer.status_code, answer.json()["code"]) == (402, "payment_unknown")
    payment = await office.payment(sender, office.near, 300)
    cancelled = await office.cancel(office.operator, payment)
    again = await office.cancel(office.operator, UUID(cancelled.json()["receipt"]["id"]))
    assert (again.status_code, again.json()["code"]) == (402, "payment_unknown")
    assert len(await office.lines(act="payment.cancelled")) == 1


async def test_a_cancellation_sent_twice_is_one(office: Office) -> None:
    """The same id gets the same receipt and leaves one line; another body under it is refused."""
    visitor = await office.staff("shop", shop=office.near.account)
    payment = await office.payment(await office.wallet(), office.near, 900)
    own = str(uuid7(office.doors.clock.now_ms))
    first = await office.cancel(visitor, payment, 300, id=own)
    again = await office.cancel(visitor, payment, 300, id=own)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.content == again.content
    assert len(await office.lines(act="payment.cancelled")) == 1
    other = await office.cancel(visitor, payment, 400, id=own)
    assert (other.status_code, other.json()["code"]) == (409, "id_reused")


async def test_a_line_that_a_fault_kept_away_comes_with_the_same_command(office: Office) -> None:
    """The ledger had committed, the line was not written: the screen asks again, as it must."""
    doors = office.doors
    visitor = await office.staff("shop", shop=office.near.account)
    payment = await office.payment(await office.wallet(), office.near, 900)
    own = uuid7(doors.clock.now_ms)
    request = Request(
        own,
        Kind.REVERSE,
        shop=office.near.account,
        amount=300,
        refers=payment,
        reason="打ち間違い",
    )
    await decide(doors.pool, doors.town, [request], doors.clock.now)
    assert await office.lines(act="payment.cancelled") == []
    assert (await office.cancel(visitor, payment, 300, id=str(own))).status_code == 200
    assert len(await office.lines(act="payment.cancelled")) == 1


async def test_what_a_tablet_cancelled_is_nobodys_act_here(office: Office) -> None:
    """Whoever sends a tablet's id does not get its line."""
    doors = office.doors
    visitor = await office.staff("shop", shop=office.near.account)
    tablet = await doors.tablet(office.operator, office.near)
    terminal = (await tablet.get(f"{API}/terminal")).json()["terminal"]
    payment = await office.payment(await office.wallet(), office.near, 900)
    own = uuid7(doors.clock.now_ms)
    request = Request(
        own,
        Kind.REVERSE,
        shop=office.near.account,
        terminal=terminal,
        refers=payment,
        reason="打ち間違い",
    )
    await decide(doors.pool, doors.town, [request], doors.clock.now)
    answer = await office.cancel(visitor, payment, id=str(own))
    assert (answer.status_code, answer.json()["code"]) == (409, "id_reused")
    assert await office.lines(act="payment.cancelled") == []


async def test_an_operator_gives_the_password_again(office: Office) -> None:
    """A wrong one cancels nothing and counts as at the console's door."""
    payment = await office.payment(await office.wallet(), office.near, 900)
    for left in range(PASSWORD_LOCKOUT.failures - 1, -1, -1):
        answer = await office.cancel(office.operator, payment, password="a wrong password")
        body = answer.json()
        assert (answer.status_code, body["code"], body["attempts_left"]) == (
            *(403, "password_wrong"),
            left,
        )
    locked = await office.cancel(office.operator, payment)
    assert (locked.status_code, locked.json()["code"]) == (429, "password_locked")
    assert await office.lines(act="payment") == []


async def test_who_left_is_signed_out_and_stays_out(office: Office) -> None:
    """Their sessions end at once, their name is taken for good, their number stays in the list."""
    visitor = await office.staff("shop", shop=office.near.account)
    name = (await visitor.get(f"{API}/staff/me")).json()["name"]
    close = f"{API}/console/staff/{visitor.account}/close"
    assert (await office.operator.post(close, json={})).status_code == 200
    assert office.doors.sockets.ended[-1].reason == "signed_out"
    assert (await visitor.get(f"{API}/staff/me")).status_code == 401
    body = {"name": name, "password": PASSWORD}
    answer = await visitor.post(f"{API}/staff/sign-in", json=body)
    assert answer.json()["code"] == "sign_in_wrong"
    again = await office.operator.post(
        f"{API}/console/staff", json=body | {"rank": "clerk", "shop": office.near.account}
    )
    assert (again.status_code, again.json()["code"]) == (409, "name_taken")
    assert (await office.operator.post(close, json={})).json()["code"] == "left"
    [line] = (await office.operator.get(f"{API}/console/staff")).json()["staff"]
    assert line["closed_at"] == office.doors.clock.now_ms


async def test_a_new_password_ends_what_was_open(office: Office) -> None:
    """One's own keeps this screen; one that the operator gives ends all."""
    visitor = await office.staff("shop", shop=office.near.account)
    name = (await visitor.get(f"{API}/staff/me")).json()["name"]
    elsewhere = office.doors.visitor()
    body = {"name": name, "password": PASSWORD}
    assert (await elsewhere.post(f"{API}/staff/sign-in", json=body)).status_code == 200
    change = {"password": "not this one", "new_password": "another passphrase"}
    wrong = await visitor.post(f"{API}/staff/password", json=change)
    assert (wrong.status_code, wrong.json()["code"]) == (403, "password_wrong")
    changed = await visitor.post(f"{API}/staff/password", json=change | {"password": PASSWORD})
    assert changed.status_code == 200, changed.text
    assert (await elsewhere.get(f"{API}/staff/me")).status_code == 401
    assert (await visitor.get(f"{API}/staff/me")).status_code == 200
    given = await office.operator.put(
        f"{API}/console/staff/{visitor.account}/password", json={"password": PASSWORD}
    )
    assert given.status_code == 200
    assert (await visitor.get(f"{API}/staff/me")).status_code == 401
    assert (await visitor.post(f"{API}/staff/sign-in", json=body)).status_code == 200
    acts = [(line["act"], line["actor"]) for line in await office.lines(act="staff")]
    assert acts[:2] == [("staff.password_changed", "operator"), ("staff.password_changed", "staff")]


async def test_guessing_at_the_shop_sites_door_ends(office: Office) -> None:
    """As at every other: whoever exists or not."""
    await office.staff("shop", shop=office.near.account)
    listed = (await office.operator.get(f"{API}/console/staff")).json()["staff"]
    visitor = office.doors.visitor()
    for name in (listed[0]["name"], "だれか"):
        body = {"name": name, "password": "a wrong password"}
        for _ in range(PASSWORD_LOCKOUT.failures):
            answer = await visitor.post(f"{API}/staff/sign-in", json=body)
            assert answer.json()["code"] == "sign_in_wrong"
        answer = await visitor.post(f"{API}/staff/sign-in", json=body | {"password": PASSWORD})
        assert (answer.status_code, answer.json()["code"]) == (429, "sign_in_locked")


async def test_a_staffs_token_opens_nothing_else(office: Office) -> None:
    """Not the console, not a tablet, and no websocket; and not after its day."""
    visitor = await office.staff("headquarters", chain=office.chain)
    program = office.doors.visitor(origin=None)
    program.headers["Authorization"] = f"Bearer {visitor.cookies['koban_staff']}"
    for path in ("console/me", "console/audit", "terminal", "wallet"):
        answer = await program.get(f"{API}/{path}")
        assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")
    ticket = await program.post(f"{API}/ticket", json={"role": "staff"})
    assert (ticket.status_code, ticket.json()["field"]) == (422, "role")
    assert (await visitor.post(f"{API}/staff/sign-out", json={})).status_code == 200
    assert (await program.get(f"{API}/staff/me")).status_code == 401


async def test_a_town_has_only_its_own_ranks(doors: Doors) -> None:
    """Nagaoka has no areas and no headquarters."""
    operator = await doors.operator()
    made = await operator.post(f"{API}/console/chains", json={"name": "まるや"})
    body = {"name": "本部", "password": PASSWORD, "rank": "headquarters"}
    answer = await operator.post(
        f"{API}/console/staff", json=body | {"chain": made.json()["chain"]}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "rank_unknown")


class Case(Struct):
    """``who`` sends ``body`` to ``path``; the answer's status, code and field."""

    name: str
    who: str
    method: str
    path: str
    body: dict[str, Any] | None
    status: int
    code: str
    field: str | None = None


def new(case: str, field: str | None, code: str = "invalid", **changes: Any) -> Case:
    body = {"name": "新人", "password": PASSWORD, "rank": "clerk", "shop": "NEAR"} | changes
    body = {key: value for key, value in body.items() if value != "LEFT OUT"}
    status = {"invalid": 422, "not_found": 404}[code]
    return Case(case, "operator", "POST", "/console/staff", body, status, code, field)


def cancel(name: str, status: int, code: str, field: str | None = None, **changes: Any) -> Case:
    body = {"id": str(uuid7()), "reason": "打ち間違い"} | changes
    body = {key: value for key, value in body.items() if value != "LEFT OUT"}
    return Case(name, "staff", "POST", "/staff/payments/PAYMENT/cancel", body, status, code, field)


def listing(name: str, query: str, field: str) -> Case:
    return Case(name, "staff", "GET", f"/staff/transactions?{query}", None, 422, "invalid", field)


TABLE = [
    new("an unknown rank", "rank", rank="king"),
    new("an operator at a shop", "rank", rank="operator"),
    new("a clerk over nothing", "shop", shop="LEFT OUT"),
    new("a clerk over a chain", "chain", chain=1),
    new("headquarters over a shop", "chain", rank="headquarters"),
    new("an area without an area", "area", rank="area", chain="CHAIN", shop="LEFT OUT"),
    new("an unknown shop", "shop", "not_found", shop=999_999),
    new("an unknown chain", "chain", "not_found", rank="headquarters", chain=999, shop=None),
    new("an empty area", "area", "not_found", rank="area", chain="CHAIN", shop=None, area="月"),
    new("a wallet for a shop", "shop", "not_found", shop="WALLET"),
    new("a short password", "password", password="1234567"),
    new("an empty name", "name", name=""),
    new("a turned name", "name", name="店\u202e長"),
    new("a shop in words", "shop", shop="near"),
    new("one field too many", "town", town=2),
    cancel("no reason", 422, "invalid", "reason", reason="LEFT OUT"),
    cancel("an empty reason", 422, "invalid", "reason", reason=""),
    cancel("a long reason", 422, "invalid", "reason", reason="あ" * 201),
    cancel("nothing", 422, "invalid", "amount", amount=0),
    cancel("less than nothing", 422, "invalid", "amount", amount=-1),
    cancel("half a yen", 422, "invalid", "amount", amount=0.5),
    cancel("no id", 422, "invalid", "id", id="LEFT OUT"),
    cancel("no UUID", 422, "invalid", "id", id="42"),
    cancel("a rank of one's own", 422, "invalid", "rank", rank="operator"),
    cancel("more than was paid", 402, "over_reversible", amount=901),
    Case(
        "an unknown payment",
        "staff",
        "POST",
        f"/staff/payments/{uuid7()}/cancel",
        *({"id": str(uuid7()), "reason": "x"}, 404, "not_found", "id"),
    ),
    Case(
        "no payment",
        *("staff", "POST", "/staff/payments/42/cancel", {"id": str(uuid7()), "reason": "x"}),
        422,
        "invalid",
        "id",
    ),
    Case(
        "a cancellation without the password",
        "operator",
        "POST",
        "/console/payments/PAYMENT/cancel",
        *({"id": str(uuid7()), "reason": "x"}, 422, "invalid", "password"),
    ),
    listing("no date", "since=today", "since"),
    listing("the 30th of February", "until=2026-02-30", "until"),
    listing("the year one", "since=0001-01-01", "since"),
    listing("the last year there is", "until=9999-12-31", "until"),
    listing("an end before its beginning", "since=2026-04-02&until=2026-04-01", "until"),
    listing("an amount of zero", "amount_min=0", "amount_min"),
    listing("a kind with a quote", "kind=pay'ment", "kind"),
    listing("a huge page", "limit=201", "limit"),
    listing("a negative page", "before=-1", "before"),
    listing("a filter that is none", "offset=3", "offset"),
    Case(
        "a file has no pages",
        "staff",
        "GET",
        "/staff/transactions.csv?limit=3",
        None,
        422,
        "invalid",
        "limit",
    ),
    Case(
        "an actor that is none",
        "operator",
        "GET",
        "/console/audit?actor=god",
        None,
        422,
        "invalid",
        "actor",
    ),
    Case(
        "an act in capitals",
        "operator",
        "GET",
        "/console/audit?act=SHOP",
        None,
        422,
        "invalid",
        "act",
    ),
    Case(
        "an unknown chain for a shop",
        "operator",
        "PUT",
        "/console/shops/NEAR/chain",
        {"chain": 999},
        404,
        "not_found",
        "chain",
    ),
    Case(
        "a chain for an unknown shop",
        "operator",
        "PUT",
        "/console/shops/999999/chain",
        {"chain": None},
        404,
        "not_found",
        "shop",
    ),
    Case(
        "no chain said",
        "operator",
        "PUT",
        "/console/shops/NEAR/chain",
        {},
        422,
        "invalid",
        "chain",
    ),
    Case(
        "somebody unknown",
        "operator",
        "POST",
        "/console/staff/999999/close",
        {},
        404,
        "not_found",
        "staff",
    ),
    Case(
        "an unknown operator",
        "operator",
        "POST",
        "/console/operators/999999/close",
        {},
        404,
        "not_found",
        "operator",
    ),
    Case(
        "a role that is none",
        "operator",
        "PUT",
        "/console/operators/1/role",
        {"role": "king"},
        422,
        "invalid",
        "role",
    ),
    Case("staff at the console", "staff", "GET", "/console/staff", None, 401, "signed_out"),
    Case("an operator at the shop site", "operator", "GET", "/staff/me", None, 401, "signed_out"),
]


async def test_each_bad_input_has_its_answer(office: Office) -> None:
    """The whole table; nothing of it moves money or leaves a line."""
    wallet = await office.wallet()
    payment = await office.payment(wallet, office.near, 900)
    people = {
        "operator": office.operator,
        "staff": await office.staff("shop", shop=office.near.account),
    }
    names = {"NEAR": office.near.account, "CHAIN": office.chain, "WALLET": wallet}
    entries = await office.doors.pool.fetchval("SELECT koban.last_entry(town) FROM koban.town")
    lines, wrong = await office.lines(limit=200), []
    for case in TABLE:
        body = case.body and {key: names.get(value, value) for key, value in case.body.items()}
        path = case.path.replace("PAYMENT", str(payment)).replace("NEAR", str(names["NEAR"]))
        answer = await people[case.who].request(case.method, f"{API}{path}", json=body)
        told = answer.json()
        got = (answer.status_code, told.get("code"), told.get("field"))
        if got != (case.status, case.code, case.field):
            wrong.append(f"{case.name}: {got} {told.get('message')}")
    assert not wrong, "\n".join(wrong)
    assert await office.lines(limit=200) == lines
    assert (
        await office.doors.pool.fetchval("SELECT koban.last_entry(town) FROM koban.town") == entries
    )


async def test_ended_sessions_are_those_of_one(office: Office) -> None:
    """Ending somebody's sessions leaves everybody else's."""
    visitor, other = (
        await office.staff("shop", shop=office.near.account),
        await office.staff("clerk", shop=office.near.account),
    )
    doors = office.doors
    ended = await identity.end_sessions_of(
        doors.pool, doors.town, "staff", visitor.account, doors.clock.now
    )
    assert len(ended) == 1
    assert (await visitor.get(f"{API}/staff/me")).status_code == 401
    assert (await other.get(f"{API}/staff/me")).status_code == 200


@pytest.mark.parametrize(
    ("post", "field"),
    [
        (Post(Rank.CLERK, shop=1), None),
        (Post(Rank.SHOP, shop=1), None),
        (Post(Rank.AREA, chain=1, area="殿町"), None),
        (Post(Rank.HEADQUARTERS, chain=1), None),
        (Post(Rank.OPERATOR), "rank"),
        (Post(Rank.CLERK), "shop"),
        (Post(Rank.SHOP, shop=1, area="殿町"), "area"),
        (Post(Rank.AREA, chain=1), "area"),
        (Post(Rank.AREA, area="殿町"), "chain"),
        (Post(Rank.HEADQUARTERS, chain=1, shop=1), "shop"),
    ],
)
def test_a_post_is_a_rank_over_what_fits_it(post: Post, field: str | None) -> None:
    """Nothing missing and nothing too many."""
    assert (post.problem and post.problem[0]) == field
