"""Reports counted again in plain Python, from every entry and posting there is.

Called at the end of a random town's life: what a report says has to be what the journal says, month
by month, and the months have to add up to what lies in the wallets.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct

from ledger.reports import issue, people, shops
from ledger.reports.periods import Period, month_of
from ledger.reports.snapshot import ReportRoom, read_period
from tests.property.auditor import JAPAN
from tests.support.ledger import Bench

ACTIVE = {"payment", "top_up", "send", "gift", "exchange", "issue"}


class Act(Struct):
    """An entry, or what a reversal reversed: then ``back`` is set and its lines are turned
    round.
    """

    entry: int
    at: datetime
    back: bool
    kind: str
    way: str | None
    wallet: int
    shop: int
    terminal: int | None
    amount: int
    lines: list[tuple[int, int, int, int]]  # From, to, instrument, yen.


async def acts(bench: Bench) -> list[Act]:
    """The whole journal."""
    entries = await bench.pool.fetch("SELECT * FROM koban.entry ORDER BY entry")
    lines: dict[int, list[asyncpg.Record]] = defaultdict(list)
    for line in await bench.pool.fetch("SELECT * FROM koban.posting ORDER BY entry, line"):
        lines[line["entry"]].append(line)
    by_id: dict[UUID, asyncpg.Record] = {entry["id"]: entry for entry in entries}
    found = []
    for entry in entries:
        back = entry["kind"] == "reversal"
        whole = by_id[entry["refers"]] if back else entry
        ends = ("to_account", "from_account") if back else ("from_account", "to_account")
        found.append(
            Act(
                entry["entry"], entry["at"], back, whole["kind"], whole["way"], entry["wallet"],
                entry["shop"], entry["terminal"], entry["amount"],
                [
                    (line[ends[0]], line[ends[1]], line["instrument"], line["amount"])
                    for line in lines[entry["entry"]]
                ],
            )
        )  # fmt: skip
    return found


async def counted_again(bench: Bench) -> None:
    """Compares every report that has sums with a count of one's own.

    Raises:
        AssertionError: a report says something else than the journal.
    """
    journal = await acts(bench)
    rows = await bench.pool.fetch("SELECT instrument, code, kind FROM koban.instrument")
    codes = {row["instrument"]: row["code"] for row in rows}
    passing = {row["instrument"] for row in rows if row["kind"] == "coupon"}
    areas = {row["shop"]: row["area"] for row in await bench.pool.fetch("TABLE koban.shop")}
    firsts: dict[int, str] = {}
    homes: dict[int, str] = {}
    for act in journal:
        if not act.back and (act.kind in ACTIVE or (act.kind == "grant" and act.terminal)):
            firsts.setdefault(act.wallet, f"{act.at.astimezone(JAPAN):%Y-%m}")
        if not act.back and act.kind in {"top_up", "issue"} and act.shop in areas:
            homes.setdefault(act.wallet, areas[act.shop])
    days = sorted({act.at.astimezone(JAPAN).date() for act in journal})
    whole: Counter[str] = Counter()
    async with ReportRoom.beside(bench.pool).snapshot() as connection:
        for period in sorted({month_of(day, JAPAN) for day in days}, key=lambda one: one.first):
            part = [act for act in journal if period.since <= act.at < period.until]
            told = await issue.issue(connection, bench.town, period)
            assert _told(told.moves) == moves(part, codes, passing)
            for move in told.moves:
                whole[move.instrument] += move.net if move.direction == "in" else -move.net
            assert [
                (one.activity, one.count, one.amount, one.back_count, one.net, one.people)
                for one in sorted(told.activities, key=lambda one: one.activity)
            ] == activities(part)
            await _people(connection, bench, period, part, firsts)
            await _flows(connection, bench, period, part, homes, areas)
            await _shops(connection, bench, period, part, list(areas))
    lying = await bench.pool.fetch(
        "SELECT instrument, sum(remaining)::bigint AS yen FROM koban.lot GROUP BY 1"
    )
    assert +whole == +Counter({codes[row["instrument"]]: row["yen"] for row in lying})


def _told(found: Iterable[issue.Move]) -> dict[tuple[str, str, str], tuple[int, ...]]:
    return {
        (one.direction, one.what, one.instrument): (
            one.count, one.amount, one.back_count, one.back_amount, one.net, one.people,
        )
        for one in found
    }  # fmt: skip


def moves(
    part: list[Act], codes: dict[int, str], passing: set[int]
) -> dict[tuple[str, str, str], tuple[int, ...]]:
    """What came in and went out, by the rules of `ledger.reports`."""
    seen: dict[tuple[str, str, str], dict[bool, set[int]]] = {}
    yen: dict[tuple[str, str, str], Counter[bool]] = defaultdict(Counter)
    wallets: dict[tuple[str, str, str], set[int]] = defaultdict(set)
    for act in part:
        for source, target, instrument, amount in act.lines:
            if instrument in passing or (act.kind == "send" and target in {act.wallet, act.shop}):
                continue
            if target == act.wallet:
                own = source == act.shop or act.kind == "grant"
                key = ("in", act.kind if own else f"with_{act.kind}", codes[instrument])
            elif act.kind in {"payment", "gift", "exchange"} and target == act.shop:
                key = ("out", act.kind, codes[instrument])
            else:
                key = ("out", "expiry", codes[instrument])
            seen.setdefault(key, {False: set(), True: set()})[act.back].add(act.entry)
            yen[key][act.back] += amount
            wallets[key].add(act.wallet)
    return {
        key: (
            len(seen[key][False]), yen[key][False], len(seen[key][True]), yen[key][True],
            yen[key][False] - yen[key][True], len(wallets[key]),
        )
        for key in seen
    }  # fmt: skip


def activities(part: list[Act]) -> list[tuple[Any, ...]]:
    """What each activity granted."""
    by: dict[str, list[Act]] = defaultdict(list)
    for act in part:
        if act.kind == "grant":
            by[act.way or ""].append(act)
    return [
        (
            code,
            sum(not act.back for act in of),
            sum(act.amount for act in of if not act.back),
            sum(act.back for act in of),
            sum(-act.amount if act.back else act.amount for act in of),
            len({act.wallet for act in of}),
        )
        for code, of in sorted(by.items())
    ]


async def _people(
    connection: Any, bench: Bench, period: Period, part: list[Act], firsts: dict[int, str]
) -> None:
    month = f"{period.first:%Y-%m}"
    active = {
        act.wallet
        for act in part
        if not act.back and (act.kind in ACTIVE or (act.kind == "grant" and act.terminal))
    }
    new = {wallet for wallet in active if firsts[wallet] == month}
    (told,) = await people.users(connection, bench.town, period)
    found = (told.month, told.active, told.newcomers, told.returning)
    assert found == (month, len(active), len(new), len(active - new))


async def _flows(
    connection: Any, bench: Bench, period: Period, part: list[Act], homes: dict[int, str],
    areas: dict[int, str],
) -> None:  # fmt: skip
    """The rows before the small cells are hidden: a test's town has only a few wallets."""
    sums: dict[tuple[str | None, str], list[Act]] = defaultdict(list)
    steps: Counter[tuple[str, str]] = Counter()
    last: dict[tuple[int, Any], str] = {}
    for act in part:
        if act.kind != "payment":
            continue
        sums[homes.get(act.wallet), areas[act.shop]].append(act)
        if not act.back:
            day = (act.wallet, act.at.astimezone(JAPAN).date())
            if day in last:
                steps[last[day], areas[act.shop]] += 1
            last[day] = areas[act.shop]
    rows = await read_period(connection, "home_flows", bench.town, period)
    assert {(row["home"], row["shop_area"]): tuple(row)[2:] for row in rows} == {
        key: (
            len({act.wallet for act in of}),
            sum(not act.back for act in of),
            sum(-act.amount if act.back else act.amount for act in of),
        )
        for key, of in sums.items()
    }
    rows = await read_period(connection, "shop_flows", bench.town, period, JAPAN.key)
    assert Counter({(row[0], row[1]): row["count"] for row in rows}) == steps


async def _shops(
    connection: Any, bench: Bench, period: Period, part: list[Act], numbers: list[int]
) -> None:
    standings = {one.shop: one for one in await shops.standings(connection, bench.town, period)}
    for shop in numbers:
        own = [act for act in part if act.shop == shop]
        paid = [act for act in own if act.kind == "payment"]
        taken = [act for act in own if act.kind == "top_up"]

        def less_back(of: list[Act]) -> int:
            return sum(-act.amount if act.back else act.amount for act in of)

        if (one := standings.get(shop)) is not None:
            assert (one.payments, one.amount) == (
                sum(not act.back for act in paid),
                less_back(paid),
            )
            assert one.top_ups_amount == less_back(taken)
        results = await shops.results(connection, bench.town, shop, period)
        net = less_back(paid) - less_back([act for act in own if act.kind in {"top_up", "issue"}])
        for slots in (results.months, results.days, results.weekdays, results.hours):
            assert sum(slot.net for slot in slots) == net
            assert sum(slot.payments for slot in slots) == sum(not act.back for act in paid)
        by_kind = Counter({"payment": less_back(paid), "top_up": less_back(taken)})
        found: Counter[str] = Counter()
        for accepted in results.instruments:
            found[accepted.what] += accepted.amount
        assert {kind: found[kind] for kind in by_kind} == dict(by_kind)
