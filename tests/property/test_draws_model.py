"""Lives of draws by chance: whoever applies, withdraws, claims or comes late, the books agree."""

import random
from collections.abc import Awaitable
from datetime import date, timedelta

import asyncpg

from ledger import applications, draw_stages, draws, offers, purchasers
from ledger.accounts import open_wallet
from ledger.applicants import Applicant
from ledger.applications import ApplicationRefused, NewApplication
from ledger.database import transaction
from ledger.draw_stages import NewDraw
from ledger.draws import DrawGroup, DrawRefused
from ledger.lottery import GENERAL, Remainder, replay
from ledger.offers import Awarding, NewOffer
from ledger.purchasers import NumberRefused
from ledger.vault import Vault
from tests.support.clock import Clock
from tests.support.ledger import problems
from tests.support.seeds import drawn, seeds

VAULT = Vault({0: b"a secret that only this test knows, long enough"})
CODE = "spring"
KANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノ"


class Life:
    """One draw, and what a plain account of it says."""

    def __init__(self, pool: asyncpg.Pool, town: int, clock: Clock, chance: random.Random) -> None:
        self.pool, self.town, self.clock, self.chance = pool, town, clock, chance
        self.places = chance.randint(1, 8)
        self.own = chance.randint(0, self.places)
        self.remainder = chance.choice(list(Remainder))
        self.applied: dict[str, int] = {}  # By phone.
        self.numbers: dict[str, str] = {}  # What each phone was told last.
        self.wallets: dict[str, int] = {}
        self.told: list[tuple[int, int]] = []
        self.claims: list[str] = []

    async def begins(self) -> None:
        """Opened, and people apply; some of them twice."""
        now = self.clock.now
        new = NewDraw(
            NewOffer(
                *(CODE, "春", Awarding.DRAW, self.places),
                *(now, now + timedelta(days=7), now + timedelta(days=100)),
                amount=10_000,
            ),
            [DrawGroup("a", "a", self.own, self.chance.randint(1, 5)), DrawGroup("b", "b", 0, 1)],
            self.remainder,
            now + timedelta(days=10),
            5,
            address_max=100,
        )
        await draw_stages.open_draw(self.pool, VAULT, self.town, new, now)
        for number in range(self.chance.randint(0, 25)):
            await self.applies(number)
            if self.chance.random() < 0.2:
                assert await came_of(self.applies(number)) == "twice"

    async def applies(self, number: int) -> None:
        """Somebody unlike all others."""
        phone = f"0901111{number:04}"
        one = Applicant(
            *(phone, f"名{number}", KANA[number] * (3 + number % 4)),
            *(date(1950 + number, 1 + number % 12, 1 + number), "9400062", f"殿町{number}"),
        )
        new = NewApplication(one, self.chance.choice("ab"), 1)
        made = await applications.apply(self.pool, VAULT, self.town, CODE, new, self.clock.now)
        assert made.state == "entered"
        found = await applications.by_receipt(self.pool, VAULT, self.town, made.receipt, phone)
        assert found is not None
        self.applied[phone] = found.application

    async def is_held(self) -> None:
        """Some withdraw before, some between freezing and drawing."""
        await self.some_withdraw(0.1)
        self.clock.advance(days=7)
        now = self.clock.now
        async with transaction(self.pool) as connection:
            await draw_stages.close(connection, self.town, "nagaoka", CODE, now)
        await self.some_withdraw(0.1)
        async with transaction(self.pool) as connection:
            await draw_stages.hold(connection, VAULT, self.town, "nagaoka", CODE, now)
        await self.some_withdraw(0.1)
        async with transaction(self.pool) as connection:
            await draw_stages.publish(connection, self.town, CODE, now)

    async def some_withdraw(self, share: float) -> None:
        """Whoever has nothing settled."""
        for application in self.applied.values():
            if self.chance.random() < share:
                withdrawn = applications.withdraw(self.pool, self.town, application)
                assert await came_of(withdrawn) in {"done", "settled"}

    async def all_are_told(self) -> None:
        """Every notice that waits goes out, once."""
        while notices := await purchasers.take_notices(
            self.pool, VAULT, self.town, 7, self.clock.now
        ):
            for notice in notices:
                self.told.append((notice.application, notice.round))
                if notice.phone is not None and notice.number is not None:
                    self.numbers[notice.phone] = notice.number
                await purchasers.sent(self.pool, self.town, notice, self.clock.now)

    async def some_claim(self) -> None:
        """With their own number, and somebody else's; early, late and again."""
        for phone, number in self.numbers.items():
            if self.chance.random() < 0.5:
                continue
            if phone not in self.wallets:
                self.wallets[phone] = await open_wallet(self.pool, self.town, self.clock.now)
            for given in (self.chance.choice(list(self.numbers.values())), number):
                claimed = await came_of(
                    purchasers.claim(
                        *(self.pool, VAULT, self.town, self.wallets[phone]),
                        *(phone, given, self.clock.now),
                    )
                )
                self.claims.append(claimed)
                allowed = {"done", "used", "over"} if given == number else {"wrong"}
                assert claimed in allowed

    async def is_redrawn(self) -> None:
        """What was not claimed goes down the list."""
        async with transaction(self.pool) as connection:
            await draw_stages.redraw(connection, self.town, CODE, self.clock.now)

    async def agrees(self) -> None:
        """Places, groups, awards, the published file and the ledger."""
        draw = await draws.find_draw(self.pool, self.town, CODE)
        assert draw is not None
        file = await draw_stages.drawing(self.pool, VAULT, self.town, "nagaoka", draw)
        assert replay(file) == []
        rows = await self.pool.fetch(
            "SELECT state, pool, group_code, wallet FROM koban.application WHERE pool IS NOT NULL"
            " AND state IN ('won', 'claimed')"
        )
        assert len(rows) <= self.places
        for row in rows:
            assert row["pool"] in {GENERAL, row["group_code"]}
        assert sum(row["pool"] == "a" for row in rows) <= self.own
        claimed = {row["wallet"] for row in rows if row["state"] == "claimed"}
        offer = draw.offer.offer
        awards = [
            award.wallet
            for wallet in self.wallets.values()
            for award in await offers.awards_of(self.pool, self.town, wallet)
            if award.offer == offer
        ]
        assert set(awards) == claimed
        assert len(awards) == len(claimed) == draw.offer.awarded
        assert len(self.told) == len(set(self.told)), "each notice once"
        assert await problems(self.pool) == []


async def came_of(work: Awaitable[object]) -> str:
    """The word for why it was refused, or "done"."""
    try:
        await work
    except (ApplicationRefused, DrawRefused, NumberRefused) as error:
        return error.why.value
    return "done"


@seeds(1)
async def test_whatever_people_do_the_draw_and_its_file_agree(
    pool: asyncpg.Pool, town: int, clock: Clock, seed: int
) -> None:
    """Rounds until nothing is left to draw; every step's file is drawn again by the plain rule."""
    life = Life(pool, town, clock, random.Random(drawn(seed)))
    await life.begins()
    await life.is_held()
    for _ in range(12):
        await life.all_are_told()
        await life.some_claim()
        await life.some_withdraw(0.05)
        await life.agrees()
        clock.advance(days=10)
        redrawn = await came_of(life.is_redrawn())
        assert redrawn in {"done", "all_claimed"}
        if redrawn == "all_claimed":
            break
    await life.agrees()
