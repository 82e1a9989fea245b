"""The auditor's part that follows coupons, the places that offers award, and rights to buy."""

import json
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import asyncpg

from config.profile import Instrument, Profile
from tests.property.giving_rules import is_here, open_at, share

if TYPE_CHECKING:
    from tests.property.auditor import Entry
    from tests.property.giving_auditor import GivingAuditor


def undone(entry: "Entry") -> bool:
    """Whether an entry was given back whole."""
    return sum(back.amount for back in entry.reversals) == entry.amount


class PlaceAuditor:
    """Which coupons and places were used so far; ``giving`` is the auditor of all that is given."""

    def __init__(self, giving: "GivingAuditor") -> None:
        self.giving = giving
        self.used: set[tuple[int, int]] = set()  # Offer, wallet: at least once.
        self.coupon_entries: dict[tuple[int, int], list[tuple[Entry, int | None]]] = defaultdict(
            list
        )
        self.right_entries: dict[tuple[int, int], list[Entry]] = defaultdict(list)

    async def read(self) -> None:
        """The terms as they are, and every use of them."""
        rows = self.giving.rows_of
        self.coupons = {row["coupon"]: row for row in await rows("coupon")}
        self.offers = {row["offer"]: row for row in await rows("offer")}
        self.awards = {(row["offer"], row["wallet"]) for row in await rows("award")}
        self.answers = {(row["survey"], row["wallet"]) for row in await rows("survey_answer")}
        self.uses = defaultdict(list)
        for row in await rows("coupon_use"):
            self.uses[row["id"]].append(row)
        self.rights = {row["id"]: row for row in await rows("right_use")}

    def kept(self, fund: int) -> int:
        """What the places of rounds that are not ended keep of a fund's budget."""
        used = Counter(offer for offer, _ in self.used)
        return sum(
            row["reserve"] * (row["places"] - used[number])
            for number, row in self.offers.items()
            if row["ended_at"] is None
            and row["gives"] == "coupon"
            and self.coupons[row["coupon"]]["fund"] == fund
        )

    def judge(
        self,
        entry: "Entry",
        profile: Profile,
        numbers: dict[int, Instrument],
        lefts: dict[str, int],
    ) -> None:
        """Judges what coupons and rights have to do with an entry; ``lefts`` is what budgets have
        left, and then what they have after the coupons.
        """
        if entry.kind == "reversal":
            self._judge_passing_back(entry)
        self._judge_coupons(entry, numbers, lefts)
        if entry.kind == "top_up":
            self._judge_right(entry, profile)

    def count(self, entry: "Entry") -> None:
        """The places used by an entry keep nothing any more."""
        for use in self.uses[entry.id]:
            if use["offer"] is not None:
                self.used.add((use["offer"], entry.wallet))

    def _judge_passing_back(self, entry: "Entry") -> None:
        """What a shop gives back of a coupon goes to its fund, and nothing of it stays."""
        passed: Counter[Any] = Counter()
        for line in entry.lines:
            if line["passing"]:
                coming = line["to"] == entry.wallet
                assert coming or line["to"] == self.giving.numbers[line["funder"]]
                passed[line["funder"]] += line["amount"] if coming else -line["amount"]
        assert not any(passed.values())

    def _judge_coupons(
        self, entry: "Entry", numbers: dict[int, Instrument], lefts: dict[str, int]
    ) -> None:
        named = json.loads(entry.receipt).get("coupons") or []
        uses = {use["coupon"]: use for use in self.uses[entry.id]}
        assert sorted(named) == sorted(uses)
        if entry.kind != "payment":
            assert not named
            return
        rest, due = entry.amount, Counter[Any]()
        for number in named:
            terms = self.coupons[number]
            pays = terms["discount"] or share(entry.amount, terms["basis_points"], "down")
            pays = min(pays, terms["discount_max"] or pays, rest)
            self._judge_coupon(entry, terms, uses[number]["offer"])
            assert len(named) == 1 or terms["mixes"]
            assert uses[number]["amount"] == pays > 0
            assert numbers[terms["instrument"]].kind == "coupon"
            fund, place = self.giving.funds[terms["fund"]], (uses[number]["offer"], entry.wallet)
            reserve = 0
            if place[0] is not None and place not in self.used:
                reserve = self.offers[place[0]]["reserve"]
            if fund in lefts:
                lefts[fund] += reserve - pays
                assert lefts[fund] >= 0, "a coupon paid what its fund did not have"
            rest -= pays
            due[terms["instrument"], fund] += pays
        for party in (entry.wallet, entry.shop):
            passed: Counter[Any] = Counter()
            for line in entry.lines:
                if line["passing"] and line["to"] == party:
                    passed[line["instrument"], line["funder"]] += line["amount"]
            assert passed == due

    def _judge_coupon(self, entry: "Entry", terms: asyncpg.Record, offer: int | None) -> None:
        assert open_at(terms, entry.at)
        assert is_here(terms, entry.shop, self.giving.books.accounts[entry.shop]["groups"] or [])
        assert entry.amount >= terms["minimum"]
        if terms["survey"] is not None:
            assert (terms["survey"], entry.wallet) in self.answers
        earlier = self.coupon_entries[terms["coupon"], entry.wallet]
        spent = [place for one, place in earlier if not undone(one)]
        assert terms["per_person"] is None or len(spent) < terms["per_person"]
        assert (offer is not None) == terms["awarded"]
        if offer is not None:
            places = [
                (row["use_until"], number)
                for number, row in self.offers.items()
                if row["coupon"] == terms["coupon"] and (number, entry.wallet) in self.awards
                and row["use_until"] > entry.at and row["ended_at"] is None and number not in spent
            ]  # fmt: skip
            assert offer == min(places)[1], "not the place that ends soonest"
        earlier.append((entry, offer))

    def _judge_right(self, entry: "Entry", profile: Profile) -> None:
        way = profile.way(entry.way or "")
        assert way is not None
        use = self.rights.get(entry.id)
        assert (use is not None) == way.needs_right
        if use is None:
            return
        offer, place = self.offers[use["offer"]], (use["offer"], entry.wallet)
        assert place in self.awards
        assert offer["gives"] == "right"
        assert offer["use_until"] > entry.at
        self.right_entries[place].append(entry)
        bought = sum(
            one.amount - sum(back.amount for back in one.reversals)
            for one in self.right_entries[place]
        )
        assert bought <= offer["amount"], "bought more than its place is worth"
