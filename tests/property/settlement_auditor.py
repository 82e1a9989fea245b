"""An auditor of settlements in plain Python: adds everything up again, entry by entry.

It shares no code and no query with what it checks: it reads the journal and the rates as they
stand, and keeps in its own memory what was settled, carried and failed.
"""

from collections import Counter, defaultdict
from datetime import date, datetime
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from asyncpg import Record

from ledger.database import Pool

KINDS = {"payment": "redemption", "top_up": "top_up", "issue": "issue"}
TOKYO = ZoneInfo("Asia/Tokyo")


class Rate(NamedTuple):
    """A fee rate as it was set."""

    number: int
    kind: str
    shop: int | None
    group: str | None
    instrument: int | None
    basis_points: int | None
    yen: int | None
    valid_from: datetime


class Part(NamedTuple):
    """What a part is about."""

    shop: int
    day: date
    kind: str
    reversal: bool
    instrument: int
    funder: int
    rate: int


class Line(NamedTuple):
    """What a settlement should say to a shop."""

    entries: int
    accepted: int
    topped_up: int
    issued: int
    fees: int
    carried_in: int
    net: int
    carries: bool


def rounded(exact: Fraction, how: str) -> int:
    """A fraction of yen as yen, below zero as above."""
    size = abs(exact)
    whole = {"down": floor(size), "up": ceil(size), "half_up": floor(size + Fraction(1, 2))}[how]
    return whole if exact >= 0 else -whole


class Auditor:
    """Knows the shops' groups, and what it has settled so far."""

    def __init__(self, groups: dict[int, list[str]]) -> None:
        self.groups = groups
        self.settled: set[int] = set()
        self.waiting: dict[int, int] = defaultdict(int)  # Carried for being too little.
        self.failed: dict[int, list[int]] = defaultdict(list)
        self.charges: Counter[tuple[int, int]] = Counter()
        self.parts: dict[Part, tuple[int, int]] = {}

    async def read(self, pool: Pool, town: int) -> None:
        """Takes down the journal and the rates."""
        entries = await pool.fetch("SELECT * FROM koban.entry WHERE town = $1 ORDER BY entry", town)
        self.entries = [row for row in entries if row["shop"] in self.groups]
        self.numbered = {row["entry"]: row for row in entries}
        ids = await pool.fetch("SELECT id, entry FROM koban.decision WHERE town = $1", town)
        self.decided: dict[UUID, int] = {row["id"]: row["entry"] for row in ids}
        self.postings: dict[int, list[Record]] = defaultdict(list)
        for row in await pool.fetch(
            "SELECT * FROM koban.posting WHERE town = $1 ORDER BY entry, line", town
        ):
            self.postings[row["entry"]].append(row)
        rows = await pool.fetch("SELECT * FROM koban.fee_rate WHERE town = $1", town)
        self.rates = [
            Rate(
                *(row["rate"], row["kind"], row["shop"], row["shop_group"], row["instrument"]),
                *(row["basis_points"], row["yen"], row["valid_from"]),
            )
            for row in rows
        ]

    def rate_at(self, kind: str, shop: int, instrument: int | None, at: datetime) -> Rate | None:
        """The most specific, then newest, that has not ended."""
        newest: dict[tuple[object, ...], Rate] = {}
        for rate in sorted(self.rates, key=lambda rate: (rate.valid_from, rate.number)):
            if (
                rate.kind == kind
                and rate.valid_from <= at
                and rate.shop in (None, shop)
                and (rate.group is None or rate.group in self.groups[shop])
                and rate.instrument in (None, instrument)
            ):
                newest[rate.shop, rate.group, rate.instrument] = rate
        alive = [rate for rate in newest.values() if rate.basis_points is not None]
        return max(
            alive,
            key=lambda rate: (
                rate.shop is not None,
                rate.group is not None,
                rate.instrument is not None,
                rate.valid_from,
                rate.number,
            ),
            default=None,
        )

    def settle(
        self,
        shops: list[int],
        since: datetime,
        until: datetime,
        now: datetime,
        rounding: str,
        minimums: tuple[int, int],
    ) -> dict[int, Line]:
        """What a settlement of these shops should say; settles it."""
        self.charges, self.parts = Counter(), {}
        sums: dict[int, Counter[str]] = {shop: Counter() for shop in shops}
        exact: dict[tuple[int, int], Fraction] = defaultdict(Fraction)
        for entry in self.entries:
            if (
                entry["entry"] in self.settled
                or entry["shop"] not in sums
                or not since <= entry["at"] < until
            ):
                continue
            self.settled.add(entry["entry"])
            self._add(entry, sums[entry["shop"]], exact)
        for (shop, _), fee in exact.items():
            sums[shop]["fees"] += rounded(fee, rounding)
        lines = {shop: self._line(shop, sums[shop], now, minimums) for shop in shops}
        return {shop: line for shop, line in lines.items() if line is not None}

    def _add(
        self, entry: Record, sums: Counter[str], exact: dict[tuple[int, int], Fraction]
    ) -> None:
        shop, reversal = entry["shop"], entry["kind"] == "reversal"
        original = self.numbered[self.decided[entry["refers"]]] if reversal else entry
        kind = original["kind"]
        sums["entries"] += 1
        first = True
        for posting in self.postings[entry["entry"]]:
            if shop not in (posting["from_account"], posting["to_account"]):
                continue
            rate = self.rate_at(KINDS[kind], shop, posting["instrument"], original["at"])
            number = rate.number if rate else 0
            amount = -posting["amount"] if reversal else posting["amount"]
            sums[kind] += amount
            if rate and rate.basis_points is not None and rate.yen is not None:
                exact[shop, number] += Fraction(amount * rate.basis_points, 10_000)
                exact[shop, number] += rate.yen if first and not reversal else 0
            day = entry["at"].astimezone(TOKYO).date()
            part = Part(
                *(shop, day, kind, reversal),
                *(posting["instrument"], posting["funder"], number),
            )
            count, total = self.parts.get(part, (0, 0))
            self.parts[part] = (count + first, total + amount)
            if kind == "payment":
                self.charges[posting["funder"], posting["instrument"]] += amount
            first = False

    def _line(
        self, shop: int, sums: Counter[str], now: datetime, minimums: tuple[int, int]
    ) -> Line | None:
        waiting, failed = self.waiting.pop(shop, None), self.failed.pop(shop, [])
        carried = (waiting or 0) + sum(failed)
        fees = sums["fees"]
        net = sums["payment"] - sums["top_up"] - sums["issue"] - fees + carried
        rate = self.rate_at("transfer", shop, None, now)
        transfer = (rate.yen or 0) if rate and net > 0 else 0
        least = minimums[0] if net > 0 else minimums[1]
        moves = net != 0 and abs(net) >= least and (net < 0 or net > transfer)
        if not sums["entries"] and not failed and not moves:
            if waiting is not None:
                self.waiting[shop] = waiting
            return None
        if not moves:
            self.waiting[shop] = net
            transfer = 0
        return Line(
            *(sums["entries"], sums["payment"], sums["top_up"], sums["issue"]),
            *(fees + transfer, carried, net - transfer, not moves),
        )
