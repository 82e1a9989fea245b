"""An auditor who reads the journal entry by entry and believes nothing but the town's rules.

What the ledger decides in SQL is judged here in plain Python, after the fact: whether every entry
was allowed when it was made, and whether what the ledger says is left is what must be left.
"""

import json
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import msgspec
from msgspec import Struct, field

from config.profile import Instrument, Profile, Way
from tests.property.giving_auditor import GivingAuditor
from tests.support.ledger import Bench

JAPAN = ZoneInfo("Asia/Tokyo")
LotKey = tuple[int, datetime, str]  # Instrument, end, funder.
Colour = tuple[int, str]  # Instrument, funder.
SPENDING = ("payment", "send", "gift", "exchange")


class Hold(Struct):
    """Fresh value of one instrument."""

    instrument: int
    until: datetime
    amount: int


class Entry(Struct):
    """One entry with its postings; ``withheld`` and ``owed`` are its debts, by colour. A line that
    is ``passing`` moves what a coupon is worth.
    """

    number: int
    id: UUID
    kind: str
    at: datetime
    version: int
    wallet: int
    shop: int
    terminal: int | None
    amount: int
    purchase: int | None
    refers: UUID | None
    way: str | None
    receipt: str
    private: str
    lines: list[asyncpg.Record]
    withheld: Counter[Colour] = field(default_factory=Counter)
    missing: Counter[Colour] = field(default_factory=Counter)
    owed_again: Counter[Colour] = field(default_factory=Counter)
    holds: list[Hold] = field(default_factory=list)
    reversals: list["Entry"] = field(default_factory=list)

    def principal(self) -> Counter[Colour]:
        """What moved between the two parties; what left with a grant had not been used."""
        both = {self.wallet, self.shop}
        return _sum(
            line
            for line in self.lines
            if {line["from"], line["to"]} == both
            and (self.kind != "grant" or line["to"] == self.wallet)
        )

    def granted(self) -> Counter[Colour]:
        """What came to the wallet from funds."""
        return _sum(
            line
            for line in self.lines
            if line["to"] == self.wallet and line["from"] != self.shop and not line["passing"]
        )

    def reclaimed(self) -> Counter[Colour]:
        """What went from the wallet to funds."""
        return _sum(
            line
            for line in self.lines
            if line["from"] == self.wallet and line["to"] != self.shop and not line["passing"]
        )


def _sum(lines: Any) -> Counter[Colour]:
    sums: Counter[Colour] = Counter()
    for line in lines:
        sums[line["instrument"], line["funder"]] += line["amount"]
    return sums


def _within(part: Counter[Colour], whole: Counter[Colour]) -> bool:
    return all(amount <= whole[colour] for colour, amount in part.items())


class Auditor:
    """The books as they follow from the entries read so far."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.profiles: dict[int, Profile] = {}
        self.accounts: dict[int, asyncpg.Record] = {}
        self.lots: dict[int, Counter[LotKey]] = defaultdict(Counter)
        self.used_at: dict[int, datetime] = {}
        self.debts: Counter[tuple[int, Colour]] = Counter()
        self.entries: dict[UUID, Entry] = {}
        self.of_wallet: dict[int, list[Entry]] = defaultdict(list)
        self.put_in: Counter[str] = Counter()
        self.out: Counter[str] = Counter()
        self.last = 0
        self.giving = GivingAuditor(self)

    # -- reading -----------------------------------------------------------------------------------

    async def audit(self) -> None:
        """Judges all entries since the last time, and compares what is left."""
        pool, town = self.bench.pool, self.bench.town
        for row in await pool.fetch(
            "SELECT version, source FROM koban.profile WHERE town = $1", town
        ):
            if row["version"] not in self.profiles:
                self.profiles[row["version"]] = msgspec.json.decode(row["source"], type=Profile)
        for row in await pool.fetch("SELECT * FROM koban.account WHERE town = $1", town):
            self.accounts[row["account"]] = row
        await self.giving.read(self.last)
        lines = defaultdict(list)
        for row in await pool.fetch(
            'SELECT p.entry, p.from_account AS "from", p.to_account AS "to", p.instrument,'
            " least(p.expires_at, '9999-12-31Z') AS expires_at, f.code AS funder, p.amount,"
            " EXISTS (SELECT FROM koban.instrument i WHERE i.town = p.town"
            " AND i.instrument = p.instrument AND i.kind = 'coupon') AS passing"
            " FROM koban.posting p JOIN koban.fund f ON f.town = p.town AND f.fund = p.funder"
            " WHERE p.town = $1 AND p.entry > $2 ORDER BY p.entry, p.line",
            town, self.last,
        ):  # fmt: skip
            lines[row["entry"]].append(row)
        debts = defaultdict(list)
        for row in await pool.fetch(
            "SELECT d.entry, d.instrument, f.code AS funder, d.expires_at, d.amount"
            " FROM koban.debt d JOIN koban.fund f ON f.town = d.town AND f.fund = d.funder"
            " WHERE d.town = $1 AND d.entry > $2",
            town, self.last,
        ):  # fmt: skip
            debts[row["entry"]].append(row)
        for row in await pool.fetch(
            "SELECT e.entry AS number, e.id, e.kind, e.at, e.version, e.wallet, e.shop, e.amount,"
            " e.terminal, e.purchase, e.refers, e.way, d.receipt, d.private FROM koban.entry e"
            " JOIN koban.decision d ON d.town = e.town AND d.id = e.id"
            " WHERE e.town = $1 AND e.entry > $2 ORDER BY e.entry",
            town, self.last,
        ):  # fmt: skip
            assert row["number"] == self.last + 1
            entry = Entry(**dict(row), lines=lines[row["number"]])
            self._judge(entry, debts[entry.number])
            self.last = entry.number
        self.giving.compare()
        await self._compare()

    def _judge(self, entry: Entry, debts: list[asyncpg.Record]) -> None:
        self.entries[entry.id] = entry
        profile = self.profiles[entry.version]
        numbers = {one.number: one for one in profile.instruments}
        if entry.kind in SPENDING:
            self._judge_spending(entry, profile, numbers)
        if entry.kind == "send":
            self._judge_sending(entry, profile)
        if entry.kind == "top_up":
            self._judge_top_up(entry, profile)
        if entry.kind == "exchange":
            assert self._way(profile, entry).out
        self._judge_sweeps(entry, numbers)
        if entry.kind == "reversal":
            self._judge_reclaim(entry)
        due = self.giving.judge(entry, profile, numbers)
        self._write(entry)
        for debt in debts:
            self._owe(entry, debt)
        if entry.kind == "reversal":
            self._judge_reversal(entry)
        else:
            assert entry.granted() + entry.withheld == due
            self.of_wallet[entry.wallet].append(entry)
            if entry.kind != "expiry":
                self.used_at[entry.wallet] = entry.at
            if entry.kind == "send":
                self.used_at[entry.shop] = entry.at
        if entry.kind in SPENDING:
            self._judge_holds(entry, numbers)
        said = json.loads("{" + entry.private[1:] + "}")["balance"]
        left = self.unexpired(entry.wallet, entry.at, numbers)
        assert said == {one.code: left[one.number] for one in profile.instruments}

    # -- what may be spent -------------------------------------------------------------------------

    def end(self, wallet: int, key: LotKey, numbers: dict[int, Instrument]) -> datetime:
        """When a wallet can spend a lot no more."""
        instrument = numbers.get(key[0])
        if instrument is None or instrument.expires.idle_days is None:
            return key[1]
        used_at: datetime = self.used_at.get(wallet, self.accounts[wallet]["opened_at"])
        return min(key[1], used_at + timedelta(days=instrument.expires.idle_days))

    def unexpired(self, wallet: int, at: datetime, numbers: dict[int, Instrument]) -> Counter[int]:
        """What a wallet has by instrument, of those that the rules name."""
        sums: Counter[int] = Counter()
        for key, amount in self.lots[wallet].items():
            if key[0] in numbers and self.end(wallet, key, numbers) > at:
                sums[key[0]] += amount
        return sums

    def _judge_spending(
        self, entry: Entry, profile: Profile, numbers: dict[int, Instrument]
    ) -> None:
        spent = {
            line["instrument"]
            for line in entry.lines
            if line["to"] == entry.shop and not line["passing"]
        }
        assert sum(entry.principal().values()) == entry.amount
        for line in entry.lines:
            if line["to"] == entry.shop:
                key = (line["instrument"], line["expires_at"], line["funder"])
                assert line["from"] == entry.wallet
                assert self.end(entry.wallet, key, numbers) > entry.at, "spent after its end"
                assert line["amount"] % numbers[line["instrument"]].unit_yen == 0, "torn"
        if entry.kind in {"payment", "gift"}:
            assert entry.amount <= profile.limits.payment_max
            groups = set(self.accounts[entry.shop]["groups"] or [])
            for instrument in (numbers[number] for number in spent):
                assert not instrument.shops or groups & set(instrument.shops)
                assert instrument.mixes or len(spent) == 1

    def _judge_holds(self, entry: Entry, numbers: dict[int, Instrument]) -> None:
        left = self.unexpired(entry.wallet, entry.at, numbers)
        for number in {line["instrument"] for line in entry.lines if line["to"] == entry.shop}:
            held = sum(
                hold.amount
                for top_up in self.of_wallet[entry.wallet]
                for hold in top_up.holds
                if hold.instrument == number and hold.until > entry.at
            )
            assert left[number] >= held, "spent while it was held"

    def _judge_sending(self, entry: Entry, profile: Profile) -> None:
        assert profile.sending is not None
        sendable = {
            one.number for one in profile.instruments if one.code in profile.sending.instruments
        }
        numbers = {one.number: one for one in profile.instruments}
        assert {number for number, _ in entry.principal()} <= sendable
        day, month = self._moved(entry)
        assert entry.amount <= profile.sending.act_max
        assert day + entry.amount <= profile.sending.day_max
        assert month + entry.amount <= profile.sending.month_max
        has = sum(self.unexpired(entry.shop, entry.at, numbers).values())
        assert has + entry.amount <= profile.limits.balance_cap

    def _judge_sweeps(self, entry: Entry, numbers: dict[int, Instrument]) -> None:
        """What was lost by disuse goes whole, with the first use, and nothing else goes so."""
        if entry.kind in {"reversal", "expiry"}:
            return
        swept: Counter[tuple[int, LotKey]] = Counter()
        for line in entry.lines:
            if self.accounts[line["to"]]["kind"] in {"fund", "purpose"}:
                key = (line["instrument"], line["expires_at"], line["funder"])
                swept[line["from"], key] = line["amount"]
                goes_to = self.giving.destination(numbers.get(key[0]), key[2])
                assert line["to"] == goes_to, "went to somebody else"
        due: Counter[tuple[int, LotKey]] = Counter()
        for wallet in [entry.wallet] + [entry.shop] * (entry.kind == "send"):
            for key, amount in self.lots[wallet].items():
                if amount and self.end(wallet, key, numbers) <= entry.at < key[1]:
                    due[wallet, key] = amount
        assert swept == due

    # -- ways in -----------------------------------------------------------------------------------

    def _way(self, profile: Profile, entry: Entry) -> Way:
        way = profile.way(entry.way or "")
        assert way is not None
        return way

    def _moved(self, entry: Entry) -> tuple[int, int]:
        """What went the same way before, in the town's day and month of this entry."""
        local = entry.at.astimezone(JAPAN)
        day = local.replace(hour=0, minute=0, second=0, microsecond=0)
        same = [
            one for one in self.of_wallet[entry.wallet]
            if (one.kind, one.way) == (entry.kind, entry.way)
        ]  # fmt: skip
        return (
            sum(one.amount for one in same if one.at >= day),
            sum(one.amount for one in same if one.at >= day.replace(day=1)),
        )

    def _judge_top_up(self, entry: Entry, profile: Profile) -> None:
        way = self._way(profile, entry)
        numbers = {one.number: one for one in profile.instruments}
        assert way.min <= entry.amount <= way.max
        assert entry.amount % way.step == 0
        day, month = self._moved(entry)
        assert way.day_max is None or day + entry.amount <= way.day_max
        assert way.month_max is None or month + entry.amount <= way.month_max
        opened_at = self.accounts[entry.wallet]["opened_at"]
        if opened_at + timedelta(days=way.new_account_days) > entry.at:
            assert day + entry.amount <= (way.new_account_day_max or 0)
        has = sum(self.unexpired(entry.wallet, entry.at, numbers).values())
        assert has + entry.amount <= profile.limits.balance_cap
        [(instrument, funder)] = entry.principal()
        assert (numbers[instrument].code, funder) == (way.instrument, way.funder)
        assert all(
            line["expires_at"] > entry.at for line in entry.lines if line["to"] == entry.wallet
        )
        if way.hold_s:
            until = entry.at + timedelta(seconds=way.hold_s)
            brought: Counter[int] = Counter()
            for line in entry.lines:
                if line["to"] == entry.wallet:
                    brought[line["instrument"]] += line["amount"]
            entry.holds = [Hold(number, until, amount) for number, amount in brought.items()]

    # -- and back ----------------------------------------------------------------------------------

    def _owe(self, entry: Entry, debt: asyncpg.Record) -> None:
        colour = (debt["instrument"], debt["funder"])
        self.debts[entry.wallet, colour] += debt["amount"]
        assert self.debts[entry.wallet, colour] >= 0
        if debt["amount"] < 0:
            entry.withheld[colour] -= debt["amount"]
        elif debt["expires_at"] is None:
            entry.owed_again[colour] += debt["amount"]
        else:
            entry.missing[colour] += debt["amount"]

    def _judge_reclaim(self, entry: Entry) -> None:
        """Of a grant that is undone goes all that is left of it, no more and no less."""
        assert entry.refers is not None
        original = self.entries[entry.refers]
        if original.kind == "grant":
            (line,) = [line for line in original.lines if line["to"] == entry.wallet]
            key = (line["instrument"], line["expires_at"], line["funder"])
            open_amount = original.amount - sum(back.amount for back in original.reversals)
            assert entry.amount == min(open_amount, self.lots[entry.wallet][key])

    def _judge_reversal(self, entry: Entry) -> None:
        assert entry.refers is not None
        original = self.entries[entry.refers]
        original.reversals.append(entry)
        assert (entry.wallet, entry.shop) == (original.wallet, original.shop)
        sign = 1 if original.kind in {"top_up", "issue", "grant"} else -1
        for line in entry.lines:
            if {line["from"], line["to"]} == {entry.wallet, entry.shop}:
                assert (line["from"] == entry.wallet) is (sign == 1)
        taken: dict[str, Counter[Colour]] = {
            name: sum((getattr(back, name)() for back in original.reversals), Counter())
            for name in ("principal", "reclaimed")
        }
        missing = sum((back.missing for back in original.reversals), Counter())
        again = sum((back.owed_again for back in original.reversals), Counter())
        total = sum(back.amount for back in original.reversals)
        assert sum(entry.principal().values()) == entry.amount
        assert total <= original.amount
        assert _within(taken["principal"], original.principal())
        assert _within(taken["reclaimed"] + missing, original.granted())
        assert _within(again, original.withheld)
        if total == original.amount:
            assert taken["principal"] == original.principal()
            assert again == original.withheld
            if self.profiles[entry.version].reversals.spent_grants == "debt":
                absorbed = {
                    self.profiles[back.version].reversals.spent_grants
                    for back in original.reversals
                }
                if absorbed == {"debt"}:
                    assert taken["reclaimed"] + missing == original.granted()
        for line in entry.lines:
            for hold in original.holds:
                if line["from"] == entry.wallet and hold.instrument == line["instrument"]:
                    hold.amount -= line["amount"]

    # -- what is left ------------------------------------------------------------------------------

    def _write(self, entry: Entry) -> None:
        original = self.entries[entry.refers].kind if entry.kind == "reversal" else entry.kind  # type: ignore[index]
        for line in entry.lines:
            key = (line["instrument"], line["expires_at"], line["funder"])
            kinds = [self.accounts[line[side]]["kind"] for side in ("from", "to")]
            assert "wallet" in kinds
            if kinds[0] == "wallet":
                self.lots[line["from"]][key] -= line["amount"]
            if kinds[1] == "wallet":
                self.lots[line["to"]][key] += line["amount"]
            if kinds == ["wallet", "wallet"]:
                continue
            sign = 1 if kinds[1] == "wallet" else -1
            brought = original in {"top_up", "issue"} and not {"fund", "purpose"} & {*kinds}
            if brought or kinds[0] == "fund":
                self.put_in[line["funder"]] += sign * line["amount"]
            else:
                self.out[line["funder"]] -= sign * line["amount"]
        for wallet in (entry.wallet, entry.shop):
            assert min(self.lots[wallet].values(), default=0) >= 0

    async def _compare(self) -> None:
        """The ledger's running totals are what the entries make, and every colour is kept."""
        unspent: Counter[str] = Counter()
        found: dict[int, Counter[LotKey]] = defaultdict(Counter)
        for row in await self.bench.pool.fetch(
            "SELECT l.wallet, l.instrument, least(l.expires_at, '9999-12-31Z') AS expires_at,"
            " f.code AS funder, l.remaining"
            " FROM koban.lot l JOIN koban.fund f ON f.town = l.town AND f.fund = l.funder"
            " WHERE l.town = $1 AND l.remaining > 0",
            self.bench.town,
        ):
            found[row["wallet"]][row["instrument"], row["expires_at"], row["funder"]] = row[
                "remaining"
            ]
            unspent[row["funder"]] += row["remaining"]
        assert found == {wallet: +lots for wallet, lots in self.lots.items() if +lots}
        for funder in {*self.put_in, *unspent}:
            assert self.put_in[funder] == unspent[funder] + self.out[funder], funder

    async def compare_balances(self) -> None:
        """What people are shown is what they have."""
        now = self.bench.clock.now
        numbers = {one.number: one for one in self.bench.profile.instruments}
        for wallet in [one for one, row in self.accounts.items() if row["kind"] == "wallet"]:
            left = self.unexpired(wallet, now, numbers)
            shown = {numbers[number].code: amount for number, amount in left.items() if amount}
            assert await self.bench.holds(wallet) == shown
