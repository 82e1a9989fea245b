"""Random lives of a town that gives in every way, from a printed seed; an auditor looks at each."""

from typing import Literal
from uuid import UUID

import pytest
from msgspec.structs import replace

from config.profile import CampaignsSection
from ledger import codes, offers, seal
from ledger.authorise import Batch
from ledger.ids import uuid7
from ledger.requests import Kind, Rank, Request
from tests.property.giving_refusals import explained
from tests.property.giving_town import ACTIVITIES, GivingTown
from tests.property.report_counter import counted_again
from tests.property.test_value_model import Story
from tests.support import giving
from tests.support.half_years import half_year_faults
from tests.support.ledger import Bench
from tests.support.seeds import drawn, seeds

STEPS = 100
Overlap = Literal["add", "best", "first"]
OVERLAPS: tuple[Overlap, ...] = ("add", "best", "first")
RULES: dict[Overlap, Literal["absorb", "block", "debt"]] = {
    "add": "absorb",
    "best": "block",
    "first": "debt",
}
ACTS = {
    "else": 12, "pay": 12, "charge": 5, "grant": 6, "tablet": 2, "reclaim": 3, "issue": 5,
    "expire": 4, "right": 4, "cash": 5, "undo": 5,
}  # fmt: skip
AMOUNTS = [1, 80, 100, 250, 300, 500, 777, 1_000, 1_300, 3_000]
YEN = [50, 100, 1_000, 1_299, 20_000, 50_001]


class GivingStory(Story):
    """One giving town's life from one seed."""

    def __init__(self, bench: Bench, seed: int, overlap: Overlap) -> None:
        super().__init__(bench, seed, RULES[overlap])
        self.overlap = overlap
        self.town = GivingTown(bench, seed)
        self.granted: list[Request] = []
        self.lists: list[list[Request]] = []
        self.asked: list[tuple[Request, str]] = []  # In this step, for the first time.

    async def open(self) -> None:
        """The town of every kind of value, and all that it gives."""
        await super().open()
        self.bench.profile = replace(self.bench.profile, campaigns=CampaignsSection(self.overlap))
        await self.rules(self.bench.profile)
        await self.town.open(self.shops)
        await self.town.offer_round()
        await self.town.offer_right()
        for wallet in self.wallets:
            await self.town.award(wallet)
            assert (await self.bench.one(await self.bench.top_up(wallet, 10_000))).outcome == "done"

    # -- one request -------------------------------------------------------------------------------

    async def request(self) -> Request:
        """Anything anybody may ask for, of what is given or of anything else."""
        dice, wallet = self.random, self.random.choice(self.wallets)
        act = dice.choices(list(ACTS), list(ACTS.values()))[0]
        shop, terminal = dice.choice(self.shops)
        if act in {"grant", "tablet", "issue"}:
            return await self._points(act, wallet, shop, terminal)
        if act in {"pay", "charge"}:
            return await self._with_coupons(act, wallet, shop, terminal)
        if act == "cash":
            return await self._bring(act, wallet)
        if act == "right":
            return self._way(
                Kind.LOAD, wallet, "book_of_coin", dice.choice([500, 1_000, 2_000, 5_000])
            )
        if act == "expire":
            ends = [*self.town.funds.values(), *self.auditor.giving.purposes.values()]
            return Request(uuid7(), Kind.EXPIRE, wallet=wallet, shop=dice.choice(ends))
        if act == "reclaim" and self.granted:
            past = dice.choice(self.granted[-10:])
            fund = self.town.funds[ACTIVITIES[past.way or ""][0]]
            return Request(uuid7(), Kind.RECLAIM, refers=past.id, shop=fund)
        if act == "undo" and (paid := [one for one in self.done[-15:] if one.coupons]):
            past = dice.choice(paid)
            tablet = dict(self.shops)[past.shop or 0]
            return self.bench.reverse(past.id, shop=past.shop, terminal=tablet, rank=Rank.OPERATOR)
        return await super().request()

    async def _points(self, act: str, wallet: int, shop: int, terminal: int) -> Request:
        """A grant to a wallet or to a code shown at a tablet, or points that a shop gives."""
        if act == "grant":
            return self._grant(wallet)
        code = await self._code(wallet)
        if act == "tablet":
            return replace(self._grant(wallet), wallet=None, code=code, terminal=terminal)
        return Request(
            uuid7(), Kind.ISSUE, shop=shop, terminal=terminal, code=code,
            amount=self.random.choice(YEN),
        )  # fmt: skip

    def _grant(self, wallet: int) -> Request:
        dice = self.random
        amount = dice.choice([None, None, 100, 250, 500])
        return Request(
            uuid7(), Kind.GRANT, wallet=wallet, way=dice.choice(list(ACTIVITIES)), amount=amount
        )

    async def _with_coupons(self, act: str, wallet: int, shop: int, terminal: int) -> Request:
        """A payment with some coupons, named by the payer or carried by the shown code."""
        dice, amount = self.random, self.random.choice(AMOUNTS)
        town = self.town.coupons
        mixing = [town[code] for code in ("open", "tenth", "asked", "place")]
        one, some = [dice.choice(list(town.values()))], dice.sample(mixing, 2)
        coupons = tuple(
            dice.choice(
                [[], one, one, [town["place"]], some, dice.choices(list(town.values()), k=2)]
            )
        )
        if act == "pay":
            return self.bench.pay(wallet, amount, shop=shop, coupons=coupons)
        code = await self._code(wallet, amount, coupons)
        return Request(uuid7(), Kind.CHARGE, shop=shop, terminal=terminal, code=code, amount=amount)

    async def _code(
        self, wallet: int, amount: int | None = None, coupons: tuple[int, ...] | None = None
    ) -> str:
        """A shown code; often it carries a coupon, whatever it is then shown for."""
        dice, bench = self.random, self.bench
        if coupons is None:
            coupons = dice.choice([(), (dice.choice(list(self.town.coupons.values())),)])
        issued = await codes.issue_code(
            bench.pool, bench.town, wallet, "pay", amount, bench.clock.now, "8201", coupons
        )
        return issued.code

    # -- one step ----------------------------------------------------------------------------------

    async def step(self) -> None:
        """As in every town; sometimes a list is given instead, alone and in slices."""
        if not self.lists or self.random.random() < 0.6:
            self.asked, now, profile = [], self.bench.clock.now, self.bench.profile
            await super().step()
            if len(self.asked) == 1:  # Nobody else was there who could have taken it.
                ((request, outcome),) = self.asked
                assert explained(self.auditor, profile, request, outcome, now), outcome
            return
        rows = self.lists[0][:2]
        self.lists[0] = self.lists[0][2:]
        self.lists = [one for one in self.lists if one]
        self.note(rows, await self.decide(rows, 0))
        await self.auditor.audit()
        assert await self.bench.problems() == []
        await self.move_on()

    async def move_on(self) -> None:
        """Time passes, and the town begins, ends or pays for something."""
        await super().move_on()
        dice, town, bench = self.random, self.town, self.bench
        wallet = dice.choice(self.wallets)
        for chance, act in (
            (0.06, town.campaign), (0.02, town.stop_one), (0.05, town.offer_round),
            (0.05, town.offer_right), (0.2, town.more_money),
        ):  # fmt: skip
            if dice.random() < chance:
                await act()
        if dice.random() < 0.5:
            await town.award(wallet)
        if dice.random() < 0.3:
            await town.answer_survey(wallet)
        if dice.random() < 0.1:
            overlap = CampaignsSection(dice.choice([self.overlap, *OVERLAPS]))
            await self.rules(replace(bench.profile, campaigns=overlap))
        if dice.random() < 0.12:
            await self._approve_list()
        await offers.end_some(bench.pool, bench.town, bench.clock.now)

    async def _approve_list(self) -> None:
        """A list for some wallets, one of them unknown, if its sum can be kept."""
        dice, bench = self.random, self.bench
        code = dice.choice(["walk", "once", "idle"])
        amount = {"walk": 100, "once": 250, "idle": 120}[code]
        fund = self.town.funds[ACTIVITIES[code][0]]
        ids = [uuid7() for _ in range(5)]
        rows: list[tuple[UUID, int, int]] = [
            (one, dice.choice([*self.wallets, 999_999]), amount) for one in ids
        ]
        left: int = await bench.pool.fetchval(
            "SELECT ceiling - granted - reserved FROM koban.budget WHERE town = $1 AND fund = $2",
            bench.town, fund,
        )  # fmt: skip
        if left >= amount * len(rows):
            await giving.listed(bench, code, fund, rows)
            self.lists.append(
                [
                    Request(one, Kind.GRANT, wallet=wallet, way=code, amount=yen)
                    for one, wallet, yen in rows
                ]
            )

    def note(self, requests: list[Request], answer: Batch) -> None:
        """Grants are remembered to be undone."""
        super().note(requests, answer)
        for request, decision in zip(requests, answer.decisions, strict=True):
            if not decision.repeated and decision.outcome != "id_reused":
                self.asked.append((request, decision.outcome.value))
            if request.kind is Kind.GRANT and decision.outcome == "done":
                self.granted.append(request)


@pytest.mark.parametrize("overlap", OVERLAPS)
@seeds(1)
async def test_every_way_of_giving_is_kept(bench: Bench, seed: int, overlap: Overlap) -> None:
    """After every step the auditor and verify find all that was given allowed and paid for."""
    story = GivingStory(bench, drawn(seed) + OVERLAPS.index(overlap), overlap)
    await story.open()
    for number in range(STEPS):
        await story.step()
        if number % 10 == 0:
            await story.auditor.compare_balances()
            await seal.seal_next(bench.pool, bench.town, bench.clock.now)
    await counted_again(bench)
    assert await half_year_faults(bench) == []
    print(sorted(story.seen.items()))
    done = {kind for kind in Kind if story.seen[f"{kind}:done"]}
    assert {Kind.PAY, Kind.GRANT, Kind.ISSUE} <= done
