"""A town that gives in every way, with small budgets; its campaigns are drawn by chance."""

import random
from datetime import timedelta
from typing import Any

from ledger import accounts
from tests.support import giving
from tests.support.ledger import Bench

BOTH = ["booth", "street"]
ACTIVITIES: dict[str, tuple[str, int, dict[str, Any]]] = {
    "walk": ("health", 2, {}),
    "once": ("office", 1, {"amount": 250, "amount_max": 250, "per_person": "once"}),
    "daily": ("health", 3, {"amount": None, "amount_max": 500, "per_person": "daily"}),
    "ticket": ("fair", 9, {"amount": 500, "amount_max": 500, "per_person": "daily"}),
    "idle": ("office", 6, {"amount": None, "amount_max": 300}),
}
COUPONS: dict[str, dict[str, Any]] = {
    "open": {"mixes": True},
    "tenth": {"discount": None, "basis_points": 1_000, "discount_max": 120, "mixes": True},
    "alone": {"discount": 150, "minimum": 500, "per_person": 1},
    "street": {"discount": None, "basis_points": 3_333, "shop_groups": ["street"], "per_person": 2},
    "asked": {"discount": 80, "survey": 5, "mixes": True},
    "evening": {"discount": 700, "from_minute": 1_020, "to_minute": 120},
    "place": {"discount": 200, "awarded": True, "mixes": True},
}


class GivingTown:
    """Its funds by their codes, coupons, places and activities by theirs."""

    def __init__(self, bench: Bench, seed: int) -> None:
        self.bench = bench
        self.random = random.Random(seed)
        self.funds: dict[str, int] = {}
        self.coupons: dict[str, int] = {}
        self.rounds: list[int] = []
        self.rights: list[int] = []
        self.campaigns = 0

    async def open(self, shops: list[tuple[int, int]]) -> None:
        """Everything that is given, and the groups of the shops' tablets."""
        bench, dice = self.bench, self.random
        for code, ceiling in (("office", 2_500), ("health", 1_200), ("fair", None)):
            self.funds[code] = await giving.fund(bench, code, ceiling)
        for code in ("city", "premium"):
            self.funds[code] = await bench.pool.fetchval(
                "SELECT fund FROM koban.fund WHERE town = $1 AND code = $2", bench.town, code
            )
            await bench.pool.execute(
                "INSERT INTO koban.budget (town, fund, ceiling) VALUES ($1, $2, $3)",
                bench.town, self.funds[code], dice.choice([1_500, 3_000]),
            )  # fmt: skip
        for code, (fund, instrument, changes) in ACTIVITIES.items():
            await giving.activity(bench, code, self.funds[fund], instrument, **changes)
        for code, changes in COUPONS.items():
            payer = dice.choice(["office", "office", "fair", "city"])
            payer = "office" if code == "place" else payer
            self.coupons[code] = await giving.coupon(bench, code, self.funds[payer], 7, **changes)
        await bench.pool.execute(
            "UPDATE koban.terminal SET groups = '{booth}' WHERE terminal = $1", shops[0][1]
        )
        for _ in range(6):
            await self.campaign()

    async def campaign(self) -> None:
        """One more campaign, of any kind."""
        bench, dice = self.bench, self.random
        trigger = dice.choice(["payment", "payment", "top_up", "issue"])
        fund = self.funds[dice.choice(["office", "office", "health", "fair", "city", "premium"])]
        changes: dict[str, Any] = {
            "trigger": trigger,
            "instrument": dice.choice([2, 2, 3, 6, 9, 4]),
            "fund": dice.choice([fund, None]) if trigger == "issue" else fund,
            "source": dice.choice([None, None, 1, 4]) if trigger != "issue" else None,
            "basis_points": dice.choice([50, 333, 1_000, 10_000]),
            "rounding": dice.choice(["down", "up", "half_up"]),
            "entry_max": dice.choice([None, 30, 500]),
            "person_max": dice.choice([None, 100, 1_000]),
            "priority": dice.choice([1, 2, 3]),
            "ends_at": bench.clock.now + timedelta(days=dice.choice([1, 5, 60])),
            "weekdays": dice.choice([[], [], [1, 2, 3, 4], [5, 6, 7]]),
            "month_days": dice.choice([[], [], [], [1, 10, 20, 30]]),
            "shop_groups": dice.choice([[], [], ["street"]]),
            "terminal_groups": dice.choice([[], [], ["booth"]]),
        }
        if dice.random() < 0.3:
            hours = dice.choice([(1_020, 120), (540, 1_080), (0, 1_440)])
            changes |= dict(zip(("from_minute", "to_minute"), hours, strict=True))
        if dice.random() < 0.4:
            changes |= {
                "seed": dice.randbytes(32),
                "face_weights": dice.choice([[1, 2, 3], [5, 1]]),
                "face_factors": [0, 1, 6],
            }
            changes["face_factors"] = changes["face_factors"][-len(changes["face_weights"]) :]
        self.campaigns += 1
        await giving.campaign(bench, f"c{self.campaigns}", **changes)

    async def stop_one(self) -> None:
        """One of the campaigns is stopped from now on."""
        await self.bench.pool.execute(
            "UPDATE koban.campaign SET stopped_at = $2 WHERE town = $1 AND stopped_at IS NULL"
            " AND campaign = (SELECT campaign FROM koban.campaign WHERE town = $1"
            " AND stopped_at IS NULL ORDER BY md5(campaign::text) LIMIT 1)",
            self.bench.town, self.bench.clock.now + timedelta(milliseconds=1),
        )  # fmt: skip

    async def offer_round(self) -> None:
        """Three places of the coupon that needs one, if the budget can keep what they cost."""
        bench, reserve, places = self.bench, 200, 3
        kept = await bench.pool.fetchval(
            "UPDATE koban.budget SET reserved = reserved + $3 WHERE town = $1 AND fund = $2"
            " AND granted + reserved + $3 <= ceiling RETURNING fund",
            bench.town, self.funds["office"], reserve * places,
        )  # fmt: skip
        if kept is not None:
            days = self.random.choice([2, 9, 30])
            self.rounds.append(
                await giving.offer(
                    bench, f"round-{len(self.rounds)}", gives="coupon", amount=None,
                    coupon=self.coupons["place"], places=places, reserve=reserve,
                    use_until=bench.clock.now + timedelta(days=days),
                )
            )  # fmt: skip

    async def offer_right(self) -> None:
        """Three places, each a right to buy."""
        amount, days = self.random.choice([2_000, 20_000]), self.random.choice([3, 40])
        self.rights.append(
            await giving.offer(
                self.bench, f"right-{len(self.rights)}", amount=amount, places=3,
                use_until=self.bench.clock.now + timedelta(days=days),
            )
        )  # fmt: skip

    async def award(self, wallet: int) -> None:
        """A place for a wallet that has none of an offer with places left."""
        bench = self.bench
        for offer in self.random.sample(found := self.rounds + self.rights, len(found)):
            free = await bench.pool.fetchval(
                "SELECT awarded < places AND ended_at IS NULL AND NOT EXISTS (SELECT FROM"
                " koban.award w WHERE w.town = o.town AND w.offer = o.offer AND w.wallet = $3)"
                " FROM koban.offer o WHERE town = $1 AND offer = $2",
                bench.town, offer, wallet,
            )  # fmt: skip
            if free:
                await giving.award(bench, offer, wallet)
                return

    async def more_money(self) -> None:
        """The council puts something into one of the budgets."""
        await self.bench.pool.execute(
            "UPDATE koban.budget SET ceiling = ceiling + $3 WHERE town = $1 AND fund = $2",
            self.bench.town,
            self.funds[self.random.choice(["office", "health", "city", "premium"])],
            self.random.choice([100, 400, 1_000]),
        )

    async def answer_survey(self, wallet: int) -> None:
        """A wallet answers the survey for which there is a coupon."""
        await self.bench.pool.execute(
            "INSERT INTO koban.survey_answer (town, survey, wallet, at, answers)"
            " VALUES ($1, 5, $2, $3, '{}') ON CONFLICT DO NOTHING",
            self.bench.town, wallet, self.bench.clock.now,
        )  # fmt: skip

    async def freeze(self, wallet: int, state: str) -> None:
        """A wallet is frozen or open again."""
        await accounts.set_account_state(self.bench.pool, self.bench.town, wallet, state)
