"""Random sequences of every operation against a small model of the money, from a printed seed."""

import asyncio
import random
from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from ledger import seal
from ledger.ids import uuid7
from ledger.requests import Kind, Rank, Request
from tests.support.ledger import Bench, receipt
from tests.support.seeds import drawn, seeds

STEPS = 250
JAPAN = ZoneInfo("Asia/Tokyo")
LotKey = tuple[str, datetime]


class Past(Struct):
    """A payment or a top-up as the model remembers it."""

    wallet: int
    shop: int
    kind: str
    amount: int
    at: datetime
    moved: list[tuple[LotKey, int]]
    granted: list[tuple[LotKey, int]]
    reversed: int = 0
    reclaimed: Counter[LotKey] = msgspec.field(default_factory=Counter)


def month_end(now: datetime, months: int) -> datetime:
    """The end, in Japan, of the month so many months on."""
    local = now.astimezone(JAPAN)
    index = local.year * 12 + local.month - 1 + months + 1
    return datetime(index // 12, index % 12 + 1, 1, tzinfo=JAPAN)


class Model:
    """Nagaoka's rules in a page of Python, one request at a time."""

    def __init__(self) -> None:
        self.lots: dict[int, Counter[LotKey]] = {}
        self.past: dict[UUID, Past] = {}
        self.questions: dict[UUID, Request] = {}

    def spendable(self, wallet: int, now: datetime) -> dict[str, int]:
        held: Counter[str] = Counter()
        for (instrument, end), amount in self.lots[wallet].items():
            if end > now:
                held[instrument] += amount
        return {instrument: amount for instrument, amount in held.items() if amount}

    def top_up(self, request: Request, wallet: int, now: datetime) -> str:
        amount = request.amount or 0
        if sum(self.spendable(wallet, now).values()) + amount > 300_000:
            return "over_balance_cap"
        moved = [(("coin", month_end(now, 6)), amount)]
        granted = [(("point", month_end(now, 3)), amount // 100)]
        self._write(request, wallet, "top_up", amount, now, moved, granted)
        return "done"

    def pay(self, request: Request, wallet: int, shop: int, amount: int, now: datetime) -> str:
        if amount > 100_000:
            return "over_limit"
        window = now - timedelta(seconds=300)
        if request.kind is not Kind.CONFIRM and any(
            past.wallet == wallet
            and past.shop == shop
            and past.amount == amount
            and past.kind == "payment"
            and past.at > window
            and past.reversed < amount
            for past in self.past.values()
        ):
            self.questions[request.id] = msgspec.structs.replace(
                request, wallet=wallet, shop=shop, amount=amount
            )
            return "duplicate_suspected"
        order = sorted(
            (key for key in self.lots[wallet] if key[1] > now),
            key=lambda key: (key[0] != "point", key[1]),
        )
        needed, moved = amount, []
        for key in order:
            part = min(needed, self.lots[wallet][key])
            if part:
                moved.append((key, part))
                needed -= part
        if needed:
            return "insufficient_funds"
        coins = sum(part for (instrument, _), part in moved if instrument == "coin")
        granted = [(("point", month_end(now, 3)), coins * 50 // 10_000)]
        self._write(request, wallet, "payment", amount, now, moved, granted, shop)
        return "done"

    def _write(
        self,
        request: Request,
        wallet: int,
        kind: str,
        amount: int,
        now: datetime,
        moved: list[tuple[LotKey, int]],
        granted: list[tuple[LotKey, int]],
        shop: int | None = None,
    ) -> None:
        for key, part in moved:
            self.lots[wallet][key] += part if kind == "top_up" else -part
        for key, part in granted:
            self.lots[wallet][key] += part
        where = shop if shop is not None else request.shop or 0
        self.past[request.id] = Past(wallet, where, kind, amount, now, moved, granted)

    def reverse(self, request: Request, amount: int | None, now: datetime) -> str:
        past = self.past[request.refers] if request.refers else None
        assert past is not None
        left = past.amount - past.reversed
        amount = left if amount is None else amount
        if left == 0:
            return "already_reversed"
        if past.at + timedelta(days=30) <= now:
            return "reversal_too_late"
        if amount > left:
            return "over_reversible"
        if amount > (10_000 if request.rank is Rank.CLERK else 100_000):
            return "over_clerk_limit"
        lots = self.lots[past.wallet]
        if past.kind == "top_up" and lots[past.moved[0][0]] < amount:
            return "value_spent"
        for key, part in past.granted:
            due = part * (past.reversed + amount) // past.amount - past.reclaimed[key]
            taken = min(max(due, 0), lots[key])
            lots[key] -= taken
            past.reclaimed[key] += taken
        skip, needed = past.reversed, amount
        for key, part in reversed(past.moved):
            back = min(part - min(part, skip), needed)
            skip -= min(part, skip)
            needed -= back
            lots[key] += back if past.kind == "payment" else -back
        past.reversed += amount
        return "done"


class Story:
    """Plays random requests on the ledger and on the model, and compares."""

    def __init__(self, bench: Bench, seed: int) -> None:
        self.bench = bench
        self.model = Model()
        self.random = random.Random(seed)
        self.shops: list[tuple[int, int]] = []
        self.wallets: list[int] = []
        self.sent: list[Request] = []

    async def open(self) -> None:
        self.shops = [(self.bench.shop, self.bench.terminal), await self.bench.another_shop()]
        self.wallets = [await self.bench.wallet() for _ in range(3)]
        self.model.lots = {wallet: Counter() for wallet in self.wallets}

    async def request(self) -> tuple[Request, str]:
        """A random request and what the model says of it."""
        now, wallet = self.bench.clock.now, self.random.choice(self.wallets)
        shop, terminal = self.random.choice(self.shops)
        act = self.random.choice(["pay", "pay", "pay", "charge", "top_up", "reverse", "confirm"])
        amount = self.random.choice([1, 50, 50, 777, 3_000, 12_000, 100_001])
        if act == "pay":
            made = self.bench.pay(wallet, amount, shop=shop)
            return made, self.model.pay(made, wallet, shop, amount, now)
        if act == "charge":
            made = await self.bench.charge(wallet, amount, shop=shop, terminal=terminal)
            return made, self.model.pay(made, wallet, shop, amount, now)
        if act == "reverse" and self.model.past:
            payment = self.random.choice(list(self.model.past)[-8:])
            past = self.model.past[payment]
            part = self.random.choice([None, 1, max(past.amount // 3, 1), past.amount])
            terminal = dict(self.shops)[past.shop]
            made = self.bench.reverse(
                payment,
                part,
                shop=past.shop,
                terminal=terminal,
                rank=self.random.choice([Rank.CLERK, *Rank]),
            )
            return made, self.model.reverse(made, part, now)
        if act == "confirm" and self.model.questions:
            refused, question = self.model.questions.popitem()
            assert question.wallet
            assert question.shop
            made = Request(uuid7(), Kind.CONFIRM, wallet=question.wallet, refers=refused)
            amount = question.amount or 0
            return made, self.model.pay(made, question.wallet, question.shop, amount, now)
        made = await self.bench.top_up(
            wallet, self.random.choice([500, 1_000, 50_000]), shop=shop, terminal=terminal
        )
        return made, self.model.top_up(made, wallet, now)

    async def step(self) -> None:
        batch = [await self.request() for _ in range(self.random.choice([1, 1, 2, 5]))]
        repeat = self.random.choice(self.sent) if self.sent and self.random.random() < 0.3 else None
        requests = [request for request, _ in batch] + ([repeat] if repeat else [])
        decided = await self.bench.decide(*requests)
        outcomes = [str(decision.outcome) for decision in decided.decisions[: len(batch)]]
        assert outcomes == [expected for _, expected in batch]
        for decision in decided.decisions:
            assert receipt(decision).id == decision.id
        if repeat:
            assert decided.decisions[-1].repeated
        self.sent += [request for request, _ in batch]
        self.bench.clock.advance(
            seconds=self.random.choice([0, 1, 400]), days=self.random.choice([0] * 20 + [11])
        )
        # A question is answered at once or not at all: the model knows no deadline.
        self.model.questions.clear()

    async def compare(self) -> None:
        for wallet in self.wallets:
            expected = self.model.spendable(wallet, self.bench.clock.now)
            assert await self.bench.holds(wallet) == expected


@seeds(1)
async def test_the_ledger_does_what_the_model_does(bench: Bench, seed: int) -> None:
    """Every outcome and every balance is the model's; verify holds at the end."""
    story = Story(bench, drawn(seed))
    await story.open()
    for number in range(STEPS):
        await story.step()
        if number % 25 == 0:
            await story.compare()
            await seal.seal_next(bench.pool, bench.town, bench.clock.now)
    await story.compare()
    assert await bench.problems() == []


async def test_money_is_kept_when_many_connections_pay_at_once(bench: Bench) -> None:
    """Eight connections, five wallets, ids sent twice: nothing is doubled or lost."""
    dice = random.Random(7)
    wallets = [await bench.wallet(20_000) for _ in range(5)]
    sent = [bench.pay(dice.choice(wallets), dice.randrange(1, 400)) for _ in range(400)]
    crowd = [*sent, *dice.sample(sent, 150)]
    dice.shuffle(crowd)

    async def cashier(requests: list[Request]) -> list[tuple[UUID, str]]:
        answers = []
        while requests:
            few, requests = requests[:7], requests[7:]
            decided = await bench.decide(*few)
            answers += [(decision.id, decision.receipt) for decision in decided.decisions]
        return answers

    answers = await asyncio.gather(*(cashier(crowd[place::8]) for place in range(8)))
    receipts: dict[UUID, str] = {}
    for id_, text in (answer for of_cashier in answers for answer in of_cashier):
        assert receipts.setdefault(id_, text) == text
    paid = sum(
        request.amount or 0 for request in sent if '"outcome":"done"' in receipts[request.id]
    )
    granted = await bench.pool.fetchval(
        "SELECT coalesce(sum(amount), 0) FROM koban.posting WHERE instrument = 2 AND entry > 5"
        " AND to_account = ANY ($1)",
        wallets,
    )
    left = sum([sum((await bench.holds(wallet)).values()) for wallet in wallets])
    assert left == 5 * 20_200 - paid + granted
    assert await bench.problems() == []
