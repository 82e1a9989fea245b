"""Random campaigns on random payments and top-ups, against the rules in plain Python; and what a
campaign is said to cost, against what it would have given.
"""

import random
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec import Struct

from ledger import accounts, campaign_costs, campaigns
from ledger.campaigns import Campaign, Face, Terms
from ledger.dice import face
from ledger.overlaps import Overlap
from ledger.requests import Request
from tests.support.ledger import Bench, receipt
from tests.support.seeds import drawn, seeds

JAPAN = ZoneInfo("Asia/Tokyo")
CODES = {1: "coin", 2: "point", 3: "street_point"}
CAMPAIGNS, ACTS = 8, 50


class Act(Struct, frozen=True):
    """Something that was done: what moved by instrument, and where."""

    request: Request
    kind: str
    at: datetime
    wallet: int
    shop: int
    terminal: int | None
    moved: dict[str, int]


class Model:
    """What campaigns give, by the rules as people tell them."""

    def __init__(self, rule: Overlap, places: "Places") -> None:
        self.rule = rule
        self.places = places
        self.campaigns: list[Campaign] = []
        self.seeds: dict[int, bytes] = {}
        self.left: dict[int, int] = {}
        self.given: Counter[tuple[int, int]] = Counter()

    def gives(self, act: Act) -> list[tuple[int, int, int | None]]:
        """What each campaign gives with an act: its number, yen, face; and remembers it."""
        left, gifts = dict(self.left), []
        for campaign in sorted(self.campaigns, key=lambda one: (one.terms.priority, one.campaign)):
            terms = campaign.terms
            if not terms.starts_at <= act.at < campaign.over_at or not self.applies(terms, act):
                continue
            shown = None
            if terms.faces:
                weights = [one.weight for one in terms.faces]
                shown = face(self.seeds[campaign.campaign], act.request.id, weights)
            amount = self.share(terms, act, 1 if shown is None else terms.faces[shown - 1].factor)
            if terms.person_max is not None:
                so_far = self.given[campaign.campaign, act.wallet]
                amount = max(0, min(amount, terms.person_max - so_far))
            assert terms.fund is not None
            if terms.fund in left and left[terms.fund] < amount:
                amount = 0
            if amount or shown is not None:
                gifts.append((campaign.campaign, amount, shown))
                if self.rule is Overlap.ADD and terms.fund in left:
                    left[terms.fund] -= amount
        if gifts and self.rule is Overlap.BEST:
            gifts = [max(gifts, key=lambda gift: gift[1])]
        elif self.rule is Overlap.FIRST:
            gifts = gifts[:1]
        funds = {one.campaign: one.terms.fund for one in self.campaigns}
        for number, amount, _ in gifts:
            self.given[number, act.wallet] += amount
            if (fund := funds[number]) in self.left:
                self.left[fund] -= amount
        return sorted(gifts)

    def applies(self, terms: Terms, act: Act) -> bool:
        """Whether act, hour and place are those of a campaign."""
        return (
            terms.trigger == act.kind
            and within(terms, act.at)
            and (not terms.shops or act.shop in terms.shops)
            and (not terms.shop_groups or act.shop in self.places.street)
            and (not terms.terminal_groups or act.terminal in self.places.booths)
        )

    @staticmethod
    def share(terms: Terms, act: Act, factor: int) -> int:
        """The campaign's part of what was moved, before a person's maximum."""
        base = sum(
            amount
            for code, amount in act.moved.items()
            if terms.source is None or code == CODES[terms.source]
        )
        up = {"down": 0, "up": 9_999, "half_up": 5_000}[terms.rounding]
        amount = (base * terms.basis_points * factor + up) // 10_000
        return amount if terms.entry_max is None else min(amount, terms.entry_max)


def within(terms: Terms, at: datetime) -> bool:
    """Whether an instant is of the campaign's days and hours; a night belongs to its first day."""
    local = at.astimezone(JAPAN)
    begin, end, minute = terms.from_minute, terms.to_minute, local.hour * 60 + local.minute
    if begin is not None and end is not None:
        if begin > end and minute < end:
            local -= timedelta(days=1)
        elif begin > end:
            if minute < begin:
                return False
        elif not begin <= minute < end:
            return False
    return (not terms.weekdays or local.isoweekday() in terms.weekdays) and (
        not terms.month_days or local.day in terms.month_days
    )


class Places(Struct, frozen=True):
    """Shops with their terminals; those of the street, and the terminals that stand in booths."""

    all: list[tuple[int, int]]
    street: set[int]
    booths: set[int]


class Story:
    """A town's weeks from one seed."""

    def __init__(self, bench: Bench, rule: Overlap, seed: int) -> None:
        self.bench = bench
        self.rule = rule
        self.random = random.Random(seed)

    async def open(self) -> None:
        """Three shops, one of them in the street and another one's tablet in a booth."""
        bench = self.bench
        shops = [(bench.shop, bench.terminal)]
        shops += [await bench.another_shop() for _ in range(2)]
        await accounts.set_shop_groups(bench.pool, bench.town, shops[0][0], ["street"])
        await bench.pool.execute(
            "UPDATE koban.terminal SET groups = '{booth}' WHERE terminal = $1", shops[1][1]
        )
        await bench.pool.execute("UPDATE koban.profile SET campaign_overlap = $1", self.rule)
        self.model = Model(self.rule, Places(shops, {shops[0][0]}, {shops[1][1]}))
        self.wallets = [await bench.wallet(20_000) for _ in range(3)]
        self.began = bench.clock.now
        bench.clock.advance(minutes=1)
        await self.make_campaigns()

    async def make_campaigns(self) -> None:
        """As an operator would, but for the seeds, which the model has to know."""
        bench, chance, model = self.bench, self.random, self.model
        async with bench.pool.acquire() as connection:
            funds = []
            for number in range(3):
                ceiling = chance.choice([50, 500, 100_000])
                name, now = f"f{number}", bench.clock.now
                fund = await campaigns.own_fund(connection, bench.town, name, ceiling, now)
                model.left[fund] = ceiling
                funds.append(fund)
            for number in range(CAMPAIGNS):
                terms = self.terms(f"c{number}", chance.choice(funds))
                made = await campaigns.add(connection, bench.town, terms)
                assert made is not None
                await self._know(terms, made)

    async def _know(self, terms: Terms, number: int) -> None:
        bench = self.bench
        row = await bench.pool.fetchrow(
            "SELECT seed FROM koban.campaign WHERE town = $1 AND campaign = $2", bench.town, number
        )
        assert row is not None
        self.model.campaigns.append(Campaign(number, terms, None, None, None, None))
        self.model.seeds[number] = row["seed"]

    def terms(self, code: str, fund: int) -> Terms:
        """Any campaign, most conditions absent most of the time."""
        chance, now = self.random, self.bench.clock.now

        def seldom(value: Any, none: Any) -> Any:
            return value if chance.random() < 0.3 else none

        hours = seldom(chance.sample(range(1, 1440), 2), [None, None])
        faces = [Face(chance.randint(1, 3), chance.choice([0, 1, 2, 10])) for _ in range(3)]
        shops = self.model.places.all
        return Terms(
            code=code,
            name=code,
            trigger=chance.choice(["payment", "payment", "payment", "top_up"]),
            source=seldom(chance.choice([1, 2]), None),
            instrument=chance.choice([2, 3]),
            basis_points=chance.choice([1, 33, 100, 500, 1_000, 20_000]),
            rounding=chance.choice(["down", "up", "half_up"]),
            fund=fund,
            entry_max=seldom(chance.randint(1, 60), None),
            person_max=seldom(chance.randint(1, 200), None),
            priority=chance.choice([1, 2, 2, 100]),
            starts_at=now + timedelta(hours=chance.choice([0, 0, 30])),
            ends_at=now + timedelta(hours=chance.choice([60, 2_000])),
            weekdays=seldom(tuple(sorted(chance.sample(range(1, 8), 3))), ()),
            month_days=seldom(tuple(range(1, 32, 2)), ()),
            from_minute=hours[0],
            to_minute=hours[1],
            shop_groups=seldom(("street",), ()),
            shops=seldom((chance.choice(shops)[0],), ()),
            terminal_groups=seldom(("booth",), ()),
            faces=seldom(tuple(faces), ()),
        )

    async def act(self) -> Act | None:
        """Somebody pays, by sticker or by code, or tops up; None: it was refused."""
        bench, chance = self.bench, self.random
        bench.clock.advance(minutes=chance.choice([3, 45, 200, 700]))
        wallet, amount = chance.choice(self.wallets), chance.choice([1, 7, 99, 500, 1_234, 3_000])
        shop, terminal = chance.choice(self.model.places.all)
        at: dict[str, Any] = {"shop": shop, "terminal": terminal}
        how = chance.choice(["pay", "charge", "charge", "top_up"])
        if how == "pay":
            request = bench.pay(wallet, amount, shop=shop)
        elif how == "charge":
            request = await bench.charge(wallet, amount, **at)
        else:
            request = await bench.top_up(wallet, 1_000, **at)
        decision = await bench.one(request)
        if decision.outcome != "done":
            return None
        told = receipt(decision)
        moved = {part.instrument: part.amount for part in told.parts or []}
        if told.kind == "top_up":
            moved = {"coin": told.amount}
        placed = None if how == "pay" else terminal
        return Act(request, told.kind, bench.clock.now, wallet, shop, placed, moved)

    async def given(self, act: Act) -> list[tuple[int, int, int | None]]:
        """What campaigns gave with an act, as the journal has it."""
        rows = await self.bench.pool.fetch(
            "SELECT g.campaign, g.amount, g.face::integer FROM koban.campaign_grant g"
            " JOIN koban.entry e ON e.town = g.town AND e.entry = g.entry"
            " WHERE g.town = $1 AND e.id = $2 ORDER BY 1",
            self.bench.town,
            act.request.id,
        )
        return [tuple(row) for row in rows]

    async def check_cost(self, acts: list[Act]) -> None:
        """Any campaign's cost over the whole time is what the model adds up, without a budget."""
        terms = self.terms("cost", 0)
        until = self.bench.clock.now + timedelta(seconds=1)
        cost = await campaign_costs.cost(
            self.bench.pool, self.bench.town, terms, self.began + timedelta(seconds=1), until, None
        )
        total, people, count, shops = 0.0, set(), 0, Counter[int]()
        so_far: defaultdict[int, float] = defaultdict(float)
        weights = sum(one.weight for one in terms.faces) or 1
        for act in acts:
            if not self.model.applies(terms, act):
                continue
            faces = terms.faces or (Face(1, 1),)
            mean = sum(f.weight * self.model.share(terms, act, f.factor) for f in faces) / weights
            if terms.person_max is not None:
                mean = max(0, min(mean, terms.person_max - so_far[act.wallet]))
            so_far[act.wallet] += mean
            if mean > 0:
                total, count = total + mean, count + 1
                people.add(act.wallet)
                shops[act.shop] += 1
        assert (cost.acts, cost.people) == (count, len(people)), terms
        assert abs(cost.amount - total) < 1 + 1e-6, terms
        assert {shop.shop: shop.acts for shop in cost.shops} == dict(shops), terms


@seeds(11)
@pytest.mark.parametrize("rule", list(Overlap))
async def test_campaigns_give_what_the_rules_say(bench: Bench, rule: Overlap, seed: int) -> None:
    """Each act brings what the model says, budgets and maxima included, and the books are right."""
    story = Story(bench, rule, drawn(seed))
    await story.open()
    acts = []
    for _ in range(ACTS):
        act = await story.act()
        if act is not None:
            acts.append(act)
            assert await story.given(act) == story.model.gives(act), act
    assert len(acts) > ACTS / 2
    assert any([await story.given(act) for act in acts]), "nothing was given at all"
    rows = await bench.pool.fetch("SELECT fund, ceiling - granted AS left FROM koban.budget")
    assert {row["fund"]: row["left"] for row in rows} == story.model.left
    assert await bench.problems() == []
    for _ in range(12):
        await story.check_cost(acts)
