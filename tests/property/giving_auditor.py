"""The auditor's part that follows what is given: budgets, grants, lists, campaigns, expiry.

It reads the tables' terms and each entry, and says in plain Python what must have been given. A
fund's budget is followed entry by entry, so that it was never overdrawn at any of them.
"""

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg

from config.profile import Instrument, Profile
from tests.property.giving_rules import Act, day_of, gifts, over, rule_grants
from tests.property.place_auditor import PlaceAuditor, undone

if TYPE_CHECKING:
    from tests.property.auditor import Auditor, Colour, Entry


class GivingAuditor:
    """What was given so far, and what is still promised; ``books`` are the other auditor's."""

    def __init__(self, books: "Auditor") -> None:
        self.books = books
        self.funds: dict[int, str] = {}
        self.numbers: dict[str, int] = {}  # By their codes.
        self.purposes: dict[str, int] = {}
        self.ceilings: dict[str, int] = {}
        self.granted: Counter[str] = Counter()
        self.waiting: dict[UUID, tuple[str, int]] = {}
        self.seen_rows: set[UUID] = set()
        self.places = PlaceAuditor(self)
        self.given: Counter[tuple[int, int]] = Counter()  # By campaign and wallet.

    # -- reading -----------------------------------------------------------------------------------

    async def read(self, after: int) -> None:
        """The terms as they are, and what was written with the entries behind ``after``."""
        self.funds = {row["fund"]: row["code"] for row in await self.rows_of("fund")}
        self.numbers = {code: fund for fund, code in self.funds.items()}
        self.purposes = {row["code"]: row["purpose"] for row in await self.rows_of("purpose")}
        self.budgets = await self.rows_of("budget")
        self.ceilings = {self.funds[row["fund"]]: row["ceiling"] for row in self.budgets}
        self.campaigns = await self.rows_of("campaign")
        self.terminals = {row["terminal"]: row["groups"] for row in await self.rows_of("terminal")}
        programmes = {row["programme"]: row for row in await self.rows_of("programme")}
        self.activities = {
            row["code"]: (row, programmes[row["programme"]])
            for row in await self.rows_of("activity")
        }
        runs = {row["run"]: row["activity"] for row in await self.rows_of("grant_run")}
        self.rows = {row["id"]: row for row in await self.rows_of("grant_row")}
        for number, row in self.rows.items():
            if number not in self.seen_rows:
                self.seen_rows.add(number)
                fund = self.activities[runs[row["run"]]][1]["fund"]
                self.waiting[number] = (self.funds[fund], row["amount"])
        self.gifts = defaultdict(list)
        for row in await self.rows_of("campaign_grant", f"AND entry > {after}"):
            self.gifts[row["entry"]].append(row)
        await self.places.read()

    async def rows_of(self, table: str, more: str = "") -> list[asyncpg.Record]:
        """The town's rows of a table."""
        bench = self.books.bench
        rows: list[asyncpg.Record] = await bench.pool.fetch(
            f"SELECT * FROM koban.{table} WHERE town = $1 {more}", bench.town
        )
        return rows

    def compare(self) -> None:
        """The ledger's budgets and lists say what the entries make."""
        for number in [one for one in self.waiting if self.rows[one]["state"] == "refused"]:
            del self.waiting[number]
        assert {one for one, row in self.rows.items() if row["state"] == "waiting"} == {
            *self.waiting
        }
        for row in self.budgets:
            code = self.funds[row["fund"]]
            assert (row["granted"], row["reserved"]) == (self.granted[code], self.kept(code)), code

    def kept(self, code: str) -> int:
        """What lists and places still keep of a fund's budget."""
        listed = sum(amount for fund, amount in self.waiting.values() if fund == code)
        return listed + self.places.kept(self.numbers[code])

    def lefts(self) -> dict[str, int]:
        """What is left of each budget, and promised to nobody."""
        return {
            code: ceiling - self.granted[code] - self.kept(code)
            for code, ceiling in self.ceilings.items()
        }

    # -- an entry ----------------------------------------------------------------------------------

    def judge(
        self, entry: "Entry", profile: Profile, numbers: dict[int, Instrument]
    ) -> "Counter[Colour]":
        """Judges an entry that is not written yet; what funds gave with it or withheld."""
        lefts = self.lefts()
        due: Counter[Colour] = Counter()
        if entry.kind == "grant":
            self._judge_grant(entry, numbers)
        elif entry.kind == "expiry":
            self._judge_expiry(entry, numbers)
        self.places.judge(entry, profile, numbers, lefts)
        due += self._by_rules(entry, profile, lefts)
        due += self._by_campaigns(entry, profile, numbers, lefts)
        self._count(entry)
        return due

    def _count(self, entry: "Entry") -> None:
        """Budgets after the entry: at none of them is one overdrawn."""
        self.waiting.pop(entry.id, None)
        self.places.count(entry)
        for line in entry.lines:
            if line["from"] in self.funds:
                self.granted[self.funds[line["from"]]] += line["amount"]
            if line["to"] in self.funds:
                self.granted[self.funds[line["to"]]] -= line["amount"]
        for code, ceiling in self.ceilings.items():
            assert self.granted[code] + self.kept(code) <= ceiling, f"{code} is overdrawn"

    def destination(self, instrument: Instrument | None, funder: str) -> int:
        """Where value goes that has expired."""
        if instrument is not None and instrument.expired_to is not None:
            return self.purposes[instrument.expired_to]
        fund: int = self.numbers[funder]
        return fund

    # -- grants, expiry ----------------------------------------------------------------------------

    def _judge_grant(self, entry: "Entry", numbers: dict[int, Instrument]) -> None:
        activity, programme = self.activities[entry.way or ""]
        assert activity["starts_at"] <= entry.at < activity["ends_at"]
        assert entry.amount == (activity["amount"] or entry.amount) <= activity["amount_max"]
        assert entry.shop == programme["fund"]
        colour = (programme["instrument"], self.funds[programme["fund"]])
        assert entry.principal() == Counter({colour: entry.amount})
        assert programme["instrument"] in numbers
        if (row := self.rows.get(entry.id)) is not None:
            assert (row["wallet"], row["amount"]) == (entry.wallet, entry.amount)
        day = day_of(entry.at)
        if activity["per_person"] != "always":
            assert all(
                undone(one)
                for one in self.books.of_wallet[entry.wallet]
                if (one.kind, one.way) == ("grant", entry.way)
                and (activity["per_person"] == "once" or one.at >= day)
            ), "granted more often than allowed"

    def _judge_expiry(self, entry: "Entry", numbers: dict[int, Instrument]) -> None:
        """Everything that has expired and goes there, and nothing else."""
        due: Counter[Any] = Counter()
        for key, amount in self.books.lots[entry.wallet].items():
            over = key[0] in numbers and self.books.end(entry.wallet, key, numbers) <= entry.at
            if over and self.destination(numbers[key[0]], key[2]) == entry.shop:
                due[key] = amount
        gone: Counter[Any] = Counter()
        for line in entry.lines:
            assert (line["from"], line["to"]) == (entry.wallet, entry.shop)
            gone[line["instrument"], line["expires_at"], line["funder"]] += line["amount"]
        assert gone == +due
        assert sum(gone.values()) == entry.amount > 0

    # -- what comes on top -------------------------------------------------------------------------

    def _by_rules(
        self, entry: "Entry", profile: Profile, lefts: dict[str, int]
    ) -> "Counter[Colour]":
        moved = self._moved(entry)
        due: Counter[Colour] = Counter()
        for instrument, funder, amount in rule_grants(
            profile, entry.kind, entry.way, moved, entry.at
        ):
            if lefts.get(funder, amount) < amount:
                assert entry.kind != "top_up", "a premium that was promised is missing"
                continue
            if funder in lefts:
                lefts[funder] -= amount
            due[instrument, funder] += amount
        return +due

    def _by_campaigns(
        self, entry: "Entry", profile: Profile, numbers: dict[int, Instrument],
        lefts: dict[str, int],
    ) -> "Counter[Colour]":  # fmt: skip
        moved, base = self._moved(entry), 0
        if entry.kind == "issue":
            issuing = profile.issuing
            assert issuing is not None
            assert entry.purchase is not None
            assert issuing.per_yen <= entry.purchase <= issuing.purchase_max
            base = entry.purchase // issuing.per_yen * issuing.points
            number = next(one.number for one in profile.instruments if one.code == "point")
            moved = Counter({number: base})
            assert entry.principal() == Counter({(number, issuing.funder): entry.amount})
        act = Act(
            entry.id, entry.kind, entry.at, entry.wallet, entry.shop,
            frozenset(self.books.accounts[entry.shop]["groups"] or []),
            frozenset(self.terminals.get(entry.terminal, [])), moved,
            {
                number: one.unit_yen for number, one in numbers.items()
                if not over(one, entry.at)
            },
        )  # fmt: skip
        by_number = {self.numbers[code]: left for code, left in lefts.items()}
        found = gifts(self.campaigns, act, profile.campaigns.overlap, by_number, self.given)
        said = [(row["campaign"], row["amount"], row["face"]) for row in self.gifts[entry.number]]
        assert sorted(said) == sorted((one.campaign, one.amount, one.face) for one in found)
        due: Counter[Colour] = Counter()
        for gift in found:
            self.given[gift.campaign, entry.wallet] += gift.amount
            if gift.fund is None:
                base += gift.amount
            else:
                due[gift.instrument, self.funds[gift.fund]] += gift.amount
        assert entry.kind != "issue" or entry.amount == base
        return +due

    @staticmethod
    def _moved(entry: "Entry") -> Counter[int]:
        moved: Counter[int] = Counter()
        for line in entry.lines:
            if {line["from"], line["to"]} == {entry.wallet, entry.shop} and not line["passing"]:
                moved[line["instrument"]] += line["amount"]
        return moved
