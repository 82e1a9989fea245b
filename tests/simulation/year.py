"""A year of a town's life on a clock that jumps: its people, its shops, its office, its midnights.

Everything goes through what the gateway's doors and workers call; only the doors are missing. What
happens follows from a seed.
"""

import random
from datetime import datetime, timedelta
from uuid import NAMESPACE_OID, uuid5
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from ledger import accounts, campaigns, expiry, grant_lines, grants, offers, programmes, seal
from ledger.campaigns import Face, Terms
from ledger.grant_lines import CheckedLine
from ledger.grants import By, NewRun
from ledger.ids import uuid7
from ledger.lottery import Drawing, Entry, Group, Remainder, commitment_of, lottery
from ledger.offers import Awarding, NewOffer
from ledger.outcomes import Outcome
from ledger.programmes import NewActivity, NewProgramme
from ledger.requests import Kind, Rank, Request
from ledger.towns import provider_account
from tests.support import giving
from tests.support.ledger import Bench

JAPAN = ZoneInfo("Asia/Tokyo")
WALLETS = 50
GRACE = timedelta(minutes=5)
OFFICE = By(None, "事務局")
AMOUNTS = [80, 300, 500, 980, 1_500, 3_000, 5_500]


class Year:
    """One town. ``acts``: what its people do, and how often."""

    def __init__(self, bench: Bench, seed: int, acts: dict[str, int]) -> None:
        self.bench = bench
        self.dice = random.Random(seed)
        self.acts = acts
        self.wallets: list[int] = []
        self.shops: list[tuple[int, int]] = []
        self.group = 0
        self.activities: list[str] = []
        self.coupon: int | None = None
        self.paid: list[tuple[Request, int]] = []  # What can be cancelled, and at which shop.
        self.done: dict[str, int] = {}
        self.unspent: dict[datetime, dict[str, int]] = {}

    # -- time --------------------------------------------------------------------------------------

    @property
    def local(self) -> datetime:
        """The town's own time."""
        return self.bench.clock.now.astimezone(JAPAN)

    def midnight(self, days: int = 1) -> datetime:
        """The midnight that begins the day after so many days."""
        day = self.local.replace(hour=0, minute=0, second=0, microsecond=0)
        return day + timedelta(days=days)

    def until(self, at: datetime) -> None:
        """Lets time pass up to an instant."""
        self.bench.clock.advance(seconds=(at - self.bench.clock.now).total_seconds())

    # -- the town ----------------------------------------------------------------------------------

    async def open(self, instrument: int, budget: int) -> None:
        """Shops, people, a citizens' group; programmes that give an instrument within budgets."""
        bench, pool, town = self.bench, self.bench.pool, self.bench.town
        self.shops = [await bench.another_shop() for _ in range(5)]
        if any(group.code == "street" for group in bench.profile.groups):
            for shop, _ in self.shops[:2]:
                await accounts.set_shop_groups(pool, town, shop, ["street"])
        self.wallets = [await bench.wallet() for _ in range(WALLETS)]
        self.group = await accounts.open_group(pool, town, "里山を守る会", bench.clock.now)
        for code, per_person in (("walk", "daily"), ("check-up", "once"), ("thanks", "always")):
            async with pool.acquire() as connection:
                opened = await programmes.open_programme(
                    connection,
                    town,
                    NewProgramme(f"programme-{code}", "健康課", code, instrument, budget),
                    bench.clock.now,
                )
            assert opened is not None
            await programmes.open_activity(
                pool,
                town,
                NewActivity(
                    code, opened.programme, code, None, 500, per_person,
                    bench.clock.now, self.midnight(364),
                ),
            )  # fmt: skip
            self.activities.append(code)

    async def announce(self, code: str, instrument: int, **changes: object) -> None:
        """A campaign on payments for the rest of the year, out of a fund of its own."""
        bench = self.bench
        async with bench.pool.acquire() as connection, connection.transaction():
            fund = await campaigns.own_fund(
                connection, bench.town, code, self.dice.choice([2_000, 60_000]), bench.clock.now
            )
            terms = Terms(
                code=code, name=code, trigger="payment", source=None, instrument=instrument,
                basis_points=500, rounding="down", fund=fund, entry_max=300, person_max=None,
                priority=100, starts_at=bench.clock.now, ends_at=self.midnight(200),
                weekdays=(), month_days=(), from_minute=None, to_minute=None, shop_groups=(),
                shops=(), terminal_groups=(), faces=(),
            )  # fmt: skip
            await campaigns.add(connection, bench.town, replace(terms, **changes))

    async def offer_coupons(self, instrument: int, places: int) -> None:
        """A round of coupons of 300 yen, drawn among everybody who is here."""
        bench = self.bench
        if self.coupon is None:
            fund = await giving.fund(bench, "coupons", 60_000)
            self.coupon = await giving.coupon(bench, "three", fund, instrument, awarded=True)
        code = f"round-{self.local:%m}"
        made = await offers.open_offer(
            bench.pool,
            bench.town,
            NewOffer(
                code, "抽選", Awarding.DRAW, places, bench.clock.now, self.midnight(1),
                self.midnight(45), coupon="three",
            ),
            bench.clock.now,
        )  # fmt: skip
        seed = self.dice.randbytes(32)
        names = {str(uuid5(NAMESPACE_OID, str(wallet))): wallet for wallet in self.wallets}
        drawing = Drawing(
            format="koban-draw-1", town=bench.profile.town.code, offer=code, places=places,
            remainder=Remainder.GENERAL, groups=[Group("all", 0, 1)],
            commitment=commitment_of(seed).hex(), entries=[Entry(name, "all") for name in names],
            digest="00" * 32,
        )  # fmt: skip
        winners, _ = lottery(drawing, seed)
        async with bench.pool.acquire() as connection, connection.transaction():
            awarded = await offers.award(
                connection, bench.town, made.offer, [names[one.id] for one in winners],
                bench.clock.now,
            )  # fmt: skip
        assert len(awarded) == min(places, len(names))

    async def grant_by_list(self, *, undone: bool = False) -> None:
        """A list for some of the people, approved and given; perhaps undone."""
        bench, pool, town = self.bench, self.bench.pool, self.bench.town
        number, key = await grants.new_run(pool)
        chosen = self.dice.sample(self.wallets, 12)
        lines = [
            CheckedLine(line, grants.line_id(key, line), wallet, self.dice.choice([100, 200]), "")
            for line, wallet in enumerate(chosen, 2)
        ]
        async with pool.acquire() as connection, connection.transaction():
            await grant_lines.keep(connection, town, number, lines)
            await grants.keep_run(
                connection,
                town,
                NewRun(number, key, "thanks", "always", "list.csv", key.bytes * 2, "UTF-8", OFFICE),
                bench.clock.now,
            )
            left = await connection.fetchrow(
                "SELECT b.fund, b.ceiling FROM koban.budget b JOIN koban.fund f USING (town, fund)"
                " WHERE b.town = $1 AND f.code = 'programme-thanks'",
                town,
            )
            # A budget that is used up is raised before a list is approved.
            assert left is not None
            raised = left["ceiling"] + sum(line.amount or 0 for line in lines)
            assert await programmes.set_ceiling(connection, town, left["fund"], raised)
            await grants.approve(connection, town, number, OFFICE, bench.clock.now)
        while await grants.go_on(pool, town, number, bench.clock.now):
            pass
        if undone:
            await self.batch()
            async with pool.acquire() as connection, connection.transaction():
                await grants.undo(connection, town, number, OFFICE, bench.clock.now)
            while await grants.go_on(pool, town, number, bench.clock.now):
                pass

    # -- its days ----------------------------------------------------------------------------------

    async def day(self) -> None:
        """From one midnight to the next: what ended goes, people come and pay."""
        bench, boundary = self.bench, self.midnight(0)
        if (self.local.month, self.local.day) in {(4, 1), (10, 1)}:
            self.unspent[boundary] = await self.unspent_now(boundary)
        self.until(boundary + GRACE)
        while await expiry.run_slice(bench.pool, bench.town, boundary, bench.clock):
            pass
        await offers.end_some(bench.pool, bench.town, bench.clock.now)
        for hour in (10, 17):
            self.until(boundary + timedelta(hours=hour, minutes=self.dice.randrange(60)))
            await self.batch()
        self.until(boundary + timedelta(days=1))

    async def batch(self) -> None:
        """Some acts of some people at one moment."""
        requests = [await self.request() for _ in range(self.dice.randrange(4, 13))]
        answer = await self.bench.decide(*requests)
        for request, decision in zip(requests, answer.decisions, strict=True):
            said = f"{request.kind}:{decision.outcome}"
            self.done[said] = self.done.get(said, 0) + 1
            if decision.outcome is Outcome.DONE and request.kind in {Kind.PAY, Kind.CHARGE}:
                assert request.shop is not None
                self.paid = [*self.paid[-40:], (request, request.shop)]

    async def request(self) -> Request:
        """What one of them does next."""
        dice, bench = self.dice, self.bench
        wallet, (shop, terminal) = dice.choice(self.wallets), dice.choice(self.shops)
        act = dice.choices(list(self.acts), list(self.acts.values()))[0]
        amount = dice.choice(AMOUNTS)
        if act == "charge":
            return await bench.charge(wallet, amount, shop=shop, terminal=terminal)
        if act == "cash":
            amount = dice.choice([3_000, 10_000])
            return await bench.top_up(wallet, amount, shop=shop, terminal=terminal)
        if act == "issue":
            code = await bench.code(wallet, "pay")
            return Request(
                uuid7(), Kind.ISSUE, shop=shop, terminal=terminal, code=code, amount=amount
            )
        if act == "grant":
            return Request(
                uuid7(), Kind.GRANT, wallet=wallet, way=dice.choice(self.activities),
                amount=dice.choice([50, 100, 300]),
            )  # fmt: skip
        if act in {"send", "give"}:
            other = dice.choice(self.wallets) if act == "send" else self.group
            return Request(uuid7(), Kind(act), wallet=wallet, shop=other, amount=amount // 4)
        if act == "exchange":
            provider = await provider_account(bench.pool, bench.town, "exchange_region")
            return Request(
                uuid7(), Kind.LOAD, wallet=wallet, shop=provider, way="exchange_region", amount=500
            )
        if act == "reverse" and self.paid:
            past, where = dice.choice(self.paid)
            part = dice.choice([None, None, 100])
            return bench.reverse(past.id, part, shop=where, terminal=None, rank=Rank.OPERATOR)
        coupons = (self.coupon,) if self.coupon and dice.random() < 0.3 else ()
        return bench.pay(wallet, amount, shop=shop, coupons=coupons)

    async def month(self) -> None:
        """What the office does at a month's end: it seals, and everything is proved."""
        while await seal.seal_next(self.bench.pool, self.bench.town, self.bench.clock.now):
            pass
        assert await self.bench.problems() == []

    # -- what the law asks -------------------------------------------------------------------------

    async def unspent_now(self, boundary: datetime) -> dict[str, int]:
        """What is unspent and alive at a reference date (基準日), by funder, as the lots say."""
        rows = await self.bench.pool.fetch(
            "SELECT f.code, sum(l.remaining)::bigint AS amount FROM koban.lot l"
            " JOIN koban.fund f ON f.town = l.town AND f.fund = l.funder"
            " WHERE l.town = $1 AND l.expires_at > $2 AND l.remaining > 0 GROUP BY 1",
            self.bench.town, boundary,
        )  # fmt: skip
        return {row["code"]: row["amount"] for row in rows}

    async def unspent_then(self, boundary: datetime) -> dict[str, int]:
        """The same afterwards, from the journal alone."""
        rows = await self.bench.pool.fetch(
            "SELECT f.code, sum(CASE WHEN a.account = p.to_account THEN p.amount"
            " ELSE -p.amount END)::bigint AS amount"
            " FROM koban.posting p JOIN koban.entry e USING (town, entry)"
            " JOIN koban.account a ON a.town = p.town AND a.kind = 'wallet'"
            " AND a.account IN (p.from_account, p.to_account)"
            " JOIN koban.fund f ON f.town = p.town AND f.fund = p.funder"
            " WHERE p.town = $1 AND e.at < $2 AND p.expires_at > $2 GROUP BY 1",
            self.bench.town, boundary,
        )  # fmt: skip
        return {row["code"]: row["amount"] for row in rows if row["amount"]}


DICE = (Face(3, 1), Face(2, 2), Face(1, 6))
