"""Settlements in a story's words: one operator makes them, a colleague looks and releases."""

from datetime import datetime, timedelta
from typing import Any

from gateway.protocol.api_settlement import (
    FeeRates,
    SettlementFee,
    SettlementFees,
    SettlementLine,
    SettlementLines,
    SettlementReview,
)
from ledger.database import Pool
from ledger.settlement import lines
from tests.acceptance.nagaoka import JAPAN, PASSWORD, Nagaoka

COLLEAGUE = "会計課 渡辺"
PATH = "/console/settlements"


class Settling:
    """Two operators of a town: the first makes, the colleague releases."""

    def __init__(self, town: Nagaoka, colleague: str) -> None:
        self.town = town
        self.colleague = colleague

    async def next_day(self) -> None:
        """A day passes; both come to work and sign in again."""
        await self.town.days_pass(days=1)
        self.colleague = await self.town.console_of(COLLEAGUE)

    def instant(self, **back: float) -> str:
        """The town's clocks now, or some time ago."""
        at: datetime = self.town.clock.now - timedelta(**back)
        return at.astimezone(JAPAN).strftime("%Y-%m-%dT%H:%M:%S")

    async def makes(self, **body: Any) -> SettlementReview:
        """Settles what happened until two minutes ago, which is also waited for."""
        self.town.clock.advance(minutes=3)
        body = {"until": self.instant(minutes=2), **body}
        return await self.town.asks("POST", PATH, body, SettlementReview)

    async def says_when_nothing_is_left(self, **body: Any) -> str:
        """The word by which a settlement is refused."""
        body = {"until": self.instant(minutes=2), **body}
        answer = await self.town.tries("POST", PATH, body)
        assert answer.status_code == 409, answer.text
        return str(answer.json()["code"])

    async def looks(self, review: SettlementReview) -> SettlementReview:
        """What the colleague is shown."""
        path = f"{PATH}/{review.settlement.settlement}"
        return await self.town.get(path, SettlementReview, self.colleague)

    async def releases(self, review: SettlementReview) -> SettlementReview:
        """The colleague looks at it and releases what was looked at."""
        seen = await self.looks(review)
        answer = await self.tries_to_release(review, seen.digest)
        assert answer == "", answer
        return await self.looks(review)

    async def tries_to_release(
        self, review: SettlementReview, digest: str, *, alone: bool = False
    ) -> str:
        """The same by the colleague, or by the maker ``alone``: the word of the refusal."""
        path = f"{PATH}/{review.settlement.settlement}/release"
        body = {"digest": digest}
        answer = (
            await self.town.tries("POST", path, body)
            if alone
            else await self.town.posts(path, body, self.colleague)
        )
        return "" if answer.status_code == 200 else str(answer.json()["code"])

    async def settles(self, **body: Any) -> SettlementReview:
        """Made by the one, released by the other."""
        return await self.releases(await self.makes(**body))

    async def lines(self, review: SettlementReview) -> dict[int, SettlementLine]:
        """What it says to each shop."""
        path = f"{PATH}/{review.settlement.settlement}/lines"
        found = await self.town.asks("GET", path, None, SettlementLines)
        return {line.shop: line for line in found.lines}

    async def fees(self, review: SettlementReview, by: str) -> list[SettlementFee]:
        """Its fees, by some keys."""
        path = f"{PATH}/{review.settlement.settlement}/fees?by={by}"
        return (await self.town.asks("GET", path, None, SettlementFees)).fees

    async def charges_fee(self, **body: Any) -> FeeRates:
        """The office sets a fee rate."""
        return await self.town.asks("POST", "/console/fees", body, FeeRates)


async def open_settling(town: Nagaoka) -> Settling:
    """The town's office gets a second operator."""
    body = {"name": COLLEAGUE, "password": PASSWORD, "role": "operator"}
    await town.asks("POST", "/console/operators", body, dict[str, Any])
    return Settling(town, await town.console_of(COLLEAGUE))


async def bank_answers(
    pool: Pool, town: Nagaoka, review: SettlementReview, *, failed: tuple[int, ...] = ()
) -> None:
    """The bank has moved every line, but for these."""
    number = review.settlement.settlement
    async with pool.acquire() as connection, connection.transaction():
        code = await connection.fetchval("SELECT town FROM koban.town WHERE code = $1", town.code)
        moving = [
            line.shop
            for line in await lines.lines(connection, code, number)
            if line.state == "released"
        ]
        await lines.mark_in_file(connection, code, number, moving, town.clock.now)
        for shop in failed:
            await lines.mark_failed(connection, code, number, shop, "口座なし", town.clock.now)
        good = [shop for shop in moving if shop not in failed]
        await lines.mark_paid(connection, code, number, good, town.clock.now)
