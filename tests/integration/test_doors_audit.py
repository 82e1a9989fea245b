"""Who did what: every change at the console leaves one line, and nothing else does."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from msgspec import Struct
from msgspec.structs import replace

from config.profile import CardsSection
from gateway.protocol.messages import Role
from gateway.routes.table import ENDPOINTS
from ledger import audit
from ledger.audit import Filter, Line, at_command_line
from ledger.database import transaction
from ledger.ids import uuid7
from tests.support.doors import PASSWORD, Doors
from tests.support.ledger import problems
from tests.support.offices import API, Office, open_office

NOBODY = 999_999
PIN = {"manager_pin": "8642"}
MARK = {"scheme": "store_code", "mark": "A-0001"}
# Signing in and out changes nothing but the session; the log tells of it. A card is looked up by a
# body, because its number belongs in no address; a campaign that is only reckoned is not made.
APART = {
    *("/console/sign-in", "/console/sign-out", "/console/cards/find"),
    *("/console/campaigns/preview", "/console/settlements/preview"),
}
# What needs people alike, an outside provider or a campaign is told where those are.
ELSEWHERE = {
    **{
        f"POST /console/grants{path}": (act, "test_doors_grants.py")
        for path, act in (
            ("", "grants.checked"),
            ("/{run}/approve", "grants.approved"),
            ("/{run}/cancel", "grants.cancelled"),
            ("/{run}/undo", "grants.undone"),
        )
    },
    **{
        route: (act, "test_doors_programmes.py")
        for route, act in (
            ("POST /console/programmes", "programme.opened"),
            ("PUT /console/programmes/{programme}/budget", "programme.ceiling_changed"),
            ("POST /console/activities", "activity.opened"),
            ("POST /console/activities/{activity}/close", "activity.closed"),
            ("PUT /console/activities/{activity}/end", "activity.extended"),
            ("POST /console/activities/{activity}/codes", "activity.code_made"),
            ("POST /console/activity-codes/{number}/end", "activity.code_ended"),
        )
    },
    **{
        f"POST /console/bank-files{path}": (act, "test_doors_bank_files.py")
        for path, act in (
            ("", "bank_file.made"),
            ("/{file}/take", "bank_file.taken"),
            ("/{file}/discard", "bank_file.discarded"),
            ("/{file}/confirm", "bank_file.confirmed"),
            ("/{file}/fail", "bank_file.lines_failed"),
            ("/{file}/result", "bank_file.result_read"),
        )
    },
    "PUT /console/shops/{shop}/bank-account": (
        "shop.bank_account_changed",
        "test_doors_bank_files.py",
    ),
    "POST /console/settlements/{settlement}/lines/{shop}": (
        "settlement.line_by_hand",
        "test_doors_bank_files.py",
    ),
    "POST /console/shop-use": ("shop_use.exported", "test_doors_bank_files.py"),
    "POST /console/fees": ("fee.set", "test_doors_settlement.py"),
    **{
        f"POST /console/settlements{path}": (f"settlement.{act}", "test_doors_settlement.py")
        for path, act in (
            ("", "made"),
            ("/{settlement}/release", "released"),
            ("/{settlement}/discard", "discarded"),
        )
    },
    "POST /console/law/reference-dates/{date}/report": ("law.reported", "test_doors_law.py"),
    "POST /console/reviews/{review}/decide": ("review.decided", "test_doors_persons.py"),
    "POST /console/webhooks/{webhook}/retry": ("webhook.retried", "test_doors_civic.py"),
    "POST /console/jobs/{job}/retry": ("job.retried", "test_doors_jobs.py"),
    "POST /console/coupons": ("coupon.made", "test_doors_coupons.py"),
    "POST /console/coupons/{coupon}/stop": ("coupon.stopped", "test_doors_coupons.py"),
    "PUT /console/coupons/{coupon}/budget": ("coupon.budget_changed", "test_doors_coupons.py"),
    "POST /console/offers": ("offer.opened", "test_doors_coupons.py"),
    "PUT /console/sales/{offer}/terms": ("sale.terms_changed", "test_doors_sales.py"),
    **{
        f"POST /console/shop-applications/{{application}}/{path}": (act, "test_doors_shops.py")
        for path, act in (
            ("ask", "shop_application.asked"),
            ("accept", "shop_application.accepted"),
            ("decline", "shop_application.declined"),
            ("erase", "shop_application.erased"),
        )
    },
    "POST /console/shops/{shop}/invitation": ("shop.manager_invited", "test_doors_shops.py"),
    "POST /console/shop-changes/{change}/decide": ("shop.change_decided", "test_doors_shops.py"),
    "POST /console/surveys": ("survey.made", "test_doors_surveys.py"),
    "POST /console/surveys/{survey}/close": ("survey.closed", "test_doors_surveys.py"),
    **{
        f"POST /console/{path}": (act, "test_doors_voices.py")
        for path, act in (
            ("notices", "circular.made"),
            ("notices/{circular}/withdraw", "circular.withdrawn"),
            ("pictures", "picture.kept"),
            ("proposals/{proposal}/answer", "proposal.answered"),
            ("proposals/{proposal}/close", "proposal.closed"),
            ("shop-requests/{request}/answer", "shop_request.answered"),
            ("shop-requests/{request}/merge", "shop_request.merged"),
        )
    },
    "POST /console/loads/{id}/ask": ("load.asked", "test_doors_loads.py"),
    "POST /console/loads/{id}/looked-at": ("load.looked_at", "test_doors_loads.py"),
    "POST /console/campaigns": ("campaign.made", "test_doors_campaigns.py"),
    "PUT /console/campaigns/{code}": ("campaign.changed", "test_doors_campaigns.py"),
    "POST /console/campaigns/{code}/stop": ("campaign.stopped", "test_doors_campaigns.py"),
    "POST /console/campaigns/{code}/rate": ("campaign.rate_changed", "test_doors_campaigns.py"),
    "POST /console/challenges": ("challenge.made", "test_doors_challenges.py"),
    "POST /console/challenges/{code}/stop": ("challenge.stopped", "test_doors_challenges.py"),
    "POST /console/challenges/{code}/again": ("challenge.asked_again", "test_doors_challenges.py"),
    "POST /console/draws": ("draw.opened", "test_doors_draws.py"),
    "POST /console/draws/{code}/close": ("draw.closed", "test_doors_draws.py"),
    "POST /console/draws/{code}/draw": ("draw.drawn", "test_doors_draws.py"),
    "POST /console/draws/{code}/publish": ("draw.published", "test_doors_draws.py"),
    "POST /console/draws/{code}/redraw": ("draw.redrawn", "test_doors_draws.py"),
    "POST /console/applications/{application}/decide": (
        "application.decided",
        "test_doors_draws.py",
    ),
    "POST /console/applications/{application}/erase": (
        "applicant.erased",
        "test_doors_draws.py",
    ),
    "POST /console/providers/{provider}/reconciliation": (
        "provider.reconciled",
        "test_doors_loads.py",
    ),
    "POST /console/stops": ("stop.planned", "test_doors_stops.py"),
    "PUT /console/stops/{stop}": ("stop.moved", "test_doors_stops.py"),
    "POST /console/stops/{stop}/cancel": ("stop.cancelled", "test_doors_stops.py"),
}
CARD, NEW_CARD, THIRD_CARD = "0112233445566778", "0112AABBCCDDEEFF", "0139000000000001"

Body = dict[str, Any]


class World(Struct):
    """Numbers that the table below speaks of."""

    office: Office
    terminal: int
    operator: int
    staff: int
    payment: str
    wallet: int
    card: int

    def path(self, template: str) -> str:
        """An endpoint's path with what is there."""
        return template.format(
            shop=self.office.near.account,
            terminal=self.terminal,
            operator=self.operator,
            staff=self.staff,
            id=self.payment,
            wallet=self.wallet,
            card=self.card,
        )


class Deed(Struct):
    """A change that is carried out, with the act it leaves; and one that is refused: another
    body, or the same at an address where there is nothing (``body`` None).
    """

    act: str
    good: Callable[[World], Body]
    refused: Body | None = None


def same(body: Body | None = None) -> Callable[[World], Body]:
    return lambda _world: body or {}


def cancellation(**other: Any) -> Body:
    return {"id": str(uuid7()), "reason": "客の申し出", "password": PASSWORD, **other}


DEEDS: dict[str, Deed] = {
    "POST /console/shops": Deed(
        "shop.opened",
        same({"name": "店", "kind": "cafe", "area": "町", **PIN}),
        {"name": "", "kind": "cafe", "area": "町", **PIN},
    ),
    "PUT /console/shops/{shop}/manager-pin": Deed("shop.manager_pin_changed", same(PIN)),
    "POST /console/shops/{shop}/marks": Deed("shop.mark_added", same(MARK)),
    "POST /console/shops/{shop}/marks/remove": Deed(
        "shop.mark_removed", same(MARK), MARK | {"mark": "A-0002"}
    ),
    "PUT /console/shops/{shop}/groups": Deed(
        "shop.groups_changed", same({"groups": ["street"]}), {"groups": ["streets"]}
    ),
    "PUT /console/shops/{shop}/listing": Deed(
        "shop.listing_changed", same({"address": "殿町 1-2"}), {"address": 1}
    ),
    "POST /console/groups": Deed("group.opened", same({"name": "里山の会"}), {"name": ""}),
    "POST /console/shops/{shop}/terminals": Deed("terminal.opened", same({"label": "レジ"})),
    "POST /console/terminals/{terminal}/enrolment": Deed("terminal.enrolment_made", same()),
    "PUT /console/terminals/{terminal}/groups": Deed(
        "terminal.groups_changed", same({"groups": ["fair"]}), {"groups": ["Fair"]}
    ),
    "PUT /console/terminals/{terminal}/preset": Deed(
        "terminal.preset_changed", same({"activity": None}), {"activity": "nothing"}
    ),
    "POST /console/terminals/{terminal}/revoke": Deed("terminal.revoked", same()),
    "PUT /console/shops/{shop}/chain": Deed(
        "shop.chain_changed", same({"chain": None}), {"chain": NOBODY}
    ),
    "POST /console/chains": Deed("chain.opened", same({"name": "新しい"}), {"name": "まるや"}),
    "POST /console/staff": Deed(
        "staff.added",
        lambda world: {
            "name": "店長",
            "password": PASSWORD,
            "rank": "shop",
            "shop": world.office.near.account,
        },
        {"name": "だれか", "password": PASSWORD, "rank": "shop", "shop": NOBODY},
    ),
    "PUT /console/staff/{staff}/post": Deed(
        "staff.post_changed",
        lambda world: {"rank": "clerk", "shop": world.office.far.account},
        {"rank": "clerk"},
    ),
    "PUT /console/staff/{staff}/password": Deed(
        "staff.password_changed", same({"password": "another passphrase"})
    ),
    "POST /console/staff/{staff}/close": Deed("staff.closed", same()),
    "POST /console/operators": Deed(
        "operator.added",
        same({"name": "新人", "password": PASSWORD, "role": "ops"}),
        {"name": "係", "password": PASSWORD, "role": "ops"},
    ),
    "PUT /console/operators/{operator}/role": Deed("operator.role_changed", same({"role": "ops"})),
    "PUT /console/operators/{operator}/password": Deed(
        "operator.password_changed", same({"password": "another passphrase"})
    ),
    "POST /console/operators/{operator}/close": Deed("operator.closed", same()),
    "POST /console/serial-cards": Deed(
        "cards.made",
        same({"way": "serial", "amount": 500, "count": 1, "expires_on": "2027-03-31"}),
        {"way": "cash", "amount": 500, "count": 1, "expires_on": "2027-03-31"},
    ),
    "POST /console/cards": Deed("card.opened", same({"idm": NEW_CARD}), {"idm": "no card"}),
    "POST /console/cards/{card}/lost": Deed("card.lost", same()),
    "POST /console/cards/{card}/reissue": Deed("card.reissued", same({"idm": THIRD_CARD})),
    "POST /console/wallets/{wallet}/erase": Deed(
        "person.erased", lambda world: {"wallet": world.wallet, "reason": "解約"}
    ),
    "POST /console/payments/{id}/cancel": Deed(
        "payment.cancelled",
        lambda _world: cancellation(amount=100),
        cancellation(amount=1_000_000),
    ),
    "POST /console/password": Deed(
        "operator.password_changed",
        same({"password": PASSWORD, "new_password": "another passphrase"}),
        {"password": "a wrong password", "new_password": "another passphrase"},
    ),
}


async def world(doors: Doors) -> World:
    office = await open_office(doors)
    town = doors.context.towns["nagaoka"]
    section = CardsSection(issuers=["ours"], act_max=3_000, day_max=5_000)
    town.profile = replace(town.profile, cards=section)
    card = await office.operator.post(f"{API}/console/cards", json={"idm": CARD})
    assert card.status_code == 200, card.text
    made = await office.operator.post(
        f"{API}/console/shops/{office.near.account}/terminals", json={"label": "レジ 1"}
    )
    other = await office.operator.post(
        f"{API}/console/operators", json={"name": "同僚", "password": PASSWORD, "role": "operator"}
    )
    member = await office.staff("shop", shop=office.near.account)
    payment = await office.payment(await office.wallet(), office.near, 800)
    return World(
        office,
        made.json()["terminal"],
        other.json()["operator"],
        member.account,
        str(payment),
        (await doors.holder()).account,
        card.json()["card"],
    )


async def written(doors: Doors) -> list[Line]:
    """Every line, newest first."""
    return await audit.lines(doors.pool, doors.town, Filter(), None, 1_000)


def changing() -> list[str]:
    """Every row of the table of routes by which somebody at the console changes something."""
    return [
        f"{endpoint.method} {endpoint.path}"
        for endpoint in ENDPOINTS
        if endpoint.roles == (Role.CONSOLE,) and endpoint.changes and endpoint.path not in APART
    ]


async def test_every_change_at_the_console_leaves_exactly_one_line(doors: Doors) -> None:
    """Done: one line, with who, what and to what. Refused: none."""
    town = await world(doors)
    wrong = [
        f"{route}: has no line in the table"
        for route in changing()
        if route not in DEEDS and route not in ELSEWHERE
    ]
    # What ends something comes last, so that the others find it.
    routes = sorted(DEEDS, key=lambda route: route.endswith(("close", "revoke", "remove")))
    for route in routes:
        deed = DEEDS[route]
        method, template = route.split(" ")
        before = len(await written(doors))
        path, body = town.path(template), deed.refused
        if body is None:
            gone = World(town.office, NOBODY, NOBODY, NOBODY, str(uuid7()), NOBODY, NOBODY)
            path, body = gone.path(template), deed.good(town)
            path = path.replace(f"/shops/{town.office.near.account}", f"/shops/{NOBODY}")
        refused = await town.office.operator.request(method, f"{API}{path}", json=body)
        if not 400 <= refused.status_code < 500:
            wrong.append(f"{route}: was not refused: {refused.status_code} {refused.text}")
        if len(await written(doors)) != before:
            wrong.append(f"{route}: was refused and left a line")
        done = await town.office.operator.request(
            method, f"{API}{town.path(template)}", json=deed.good(town)
        )
        if done.status_code != 200:
            wrong.append(f"{route}: {done.status_code} {done.text}")
        lines = (await written(doors))[:-before]
        if [(line.act, line.actor, line.name) for line in lines] != [(deed.act, "operator", "係")]:
            wrong.append(f"{route}: left {lines}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("route", ELSEWHERE)
def test_what_is_told_elsewhere_is_told_there(route: str) -> None:
    """By its act, in the tests of its own subject."""
    act, file = ELSEWHERE[route]
    assert route in changing()
    assert f'"{act}"' in (Path(__file__).parent / file).read_text(encoding="utf-8")


async def test_the_audit_holds_no_secret_and_no_name_but_of_who_acted(doors: Doors) -> None:
    """Whatever was sent: passwords, PINs and codes are not in it."""
    town = await world(doors)
    for route, deed in DEEDS.items():
        method, template = route.split(" ")
        await town.office.operator.request(
            method, f"{API}{town.path(template)}", json=deed.good(town)
        )
    rows = await doors.pool.fetch("SELECT a::text AS line FROM people.audit a")
    kept = "\n".join(row["line"] for row in rows)
    for secret in (PASSWORD, "another passphrase", "8642", "新人", "店長", "客の申し出"):
        assert secret not in kept, secret


async def test_lines_are_found_by_who_what_and_when(doors: Doors) -> None:
    """Filters, pages, numbers without gaps, and what was so before and after."""
    town = await world(doors)
    office = town.office
    await office.operator.put(f"{API}/console/operators/{town.operator}/role", json={"role": "ops"})
    [line] = await office.lines(act="operator.role_changed")
    assert (line["before"], line["after"]) == ({"role": "operator"}, {"role": "ops"})
    assert line["subject"] == f"operator:{town.operator}"
    assert line["origin"] == "203.0.113.7"
    everything = await office.lines(limit=200)
    assert [line["number"] for line in everything] == list(range(len(everything), 0, -1))
    shops = await office.lines(act="shop")
    assert {line["act"] for line in shops} == {"shop.chain_changed"}
    assert len(await office.lines(subject=f"shop:{office.near.account}")) == 1
    assert await office.lines(actor="staff") == []
    assert await office.lines(who=line["who"] + 1_000) == []
    today = doors.clock.now.astimezone(doors.context.towns["nagaoka"].zone).date()
    assert len(await office.lines(since=today, until=today, limit=200)) == len(everything)
    assert await office.lines(until="2020-01-01") == []
    first = await office.operator.get(f"{API}/console/audit", params={"limit": 2})
    rest = await office.lines(before=first.json()["next"], limit=200)
    assert first.json()["lines"] + rest == everything


async def test_the_audit_is_a_file_too(doors: Doors) -> None:
    """CSV that spreadsheets open; what looks like a formula is text."""
    office = await open_office(doors)
    await office.operator.post(f"{API}/console/chains", json={"name": "=1+1"})
    answer = await office.operator.get(f"{API}/console/audit.csv", params={"act": "chain"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["act"] for row in rows] == ["chain.opened", "chain.opened"]
    assert json.loads(rows[0]["after"]) == {"title": "=1+1"}
    assert rows[0]["at"].startswith("20")


async def test_a_line_is_never_changed_and_never_without_its_act(doors: Doors) -> None:
    """Postgres refuses a change; a line outside a transaction is refused here."""
    office = await open_office(doors)
    before = await office.lines()
    for statement in (
        "UPDATE people.audit SET name = 'somebody else'",
        "DELETE FROM people.audit",
        "TRUNCATE people.audit",
    ):
        with pytest.raises(asyncpg.RestrictViolationError, match="append-only"):
            await doors.pool.execute(statement)
    assert await office.lines() == before
    async with doors.pool.acquire() as connection:
        with pytest.raises(RuntimeError, match="one transaction"):
            await audit.record(
                connection, doors.town, at_command_line(), "x.y", "x:1", doors.clock.now
            )
    with pytest.raises(ZeroDivisionError):
        await _undone(doors)
    assert await office.lines() == before


async def _undone(doors: Doors) -> None:
    async with transaction(doors.pool) as connection:
        await audit.record(connection, doors.town, at_command_line(), "x.y", "x:1", doors.clock.now)
        raise ZeroDivisionError


async def test_a_line_that_was_taken_out_is_missed(doors: Doors) -> None:
    """Whoever owns the database can take a line out; verify says that one is gone."""
    office = await open_office(doors)
    count = len(await office.lines())
    assert await problems(doors.pool) == []
    await doors.pool.execute(
        "ALTER TABLE people.audit DISABLE TRIGGER append_only;"
        "DELETE FROM people.audit WHERE number = 2;"
        "ALTER TABLE people.audit ENABLE TRIGGER append_only"
    )
    assert await problems(doors.pool) == [
        f"audit lines 1 to {count} should be there; found {count - 1}"
    ]


async def test_what_is_named_like_a_secret_is_blanked(doors: Doors) -> None:
    """However deep it lies."""
    async with transaction(doors.pool) as connection:
        await audit.record(
            connection,
            doors.town,
            at_command_line(),
            "x.y",
            "x:1",
            doors.clock.now,
            after={"pin": "1234", "list": [{"new_password": "abc"}], "label": "レジ"},
        )
    row = await doors.pool.fetchrow("SELECT after::text AS after FROM people.audit")
    assert row is not None
    assert "1234" not in row["after"]
    assert "abc" not in row["after"]
    assert "レジ" in row["after"]


async def test_only_the_console_reads_the_audit(doors: Doors) -> None:
    """Ops as well as operators; nobody else."""
    watch = await doors.operator("当直", role="ops")
    assert (await watch.get(f"{API}/console/audit")).status_code == 200
    holder = await doors.holder()
    assert (await holder.get(f"{API}/console/audit")).status_code == 401
