"""A town's ledger in a test's hands: shops, wallets and requests in few words."""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import msgspec
import pytest

from config.profile import Profile, read_profile
from gateway.protocol.messages import Receipt
from ledger import accounts, codes, verify
from ledger.authorise import Batch, Decision, decide
from ledger.ids import uuid7
from ledger.reading import balance
from ledger.requests import Kind, Request
from tests.support.clock import Clock


def receipt(decision: Decision) -> Receipt:
    """The frozen receipt, read strictly."""
    return msgspec.json.decode(decision.receipt, type=Receipt)


class Bench:
    """One town with a shop, its tablet, and any number of wallets."""

    def __init__(self, pool: asyncpg.Pool, town: int, clock: Clock, profile: Profile) -> None:
        self.pool = pool
        self.town = town
        self.clock = clock
        self.profile = profile
        self.shop = 0
        self.terminal = 0

    async def open(self) -> None:
        """Opens the first shop with an enrolled tablet."""
        self.shop, self.terminal = await self.another_shop()

    async def another_shop(self) -> tuple[int, int]:
        """A shop and its enrolled tablet."""
        shop = await accounts.open_shop(
            self.pool, self.town, '八百屋 "まるや"', "青果", "中央", self.clock.now
        )
        terminal = await accounts.open_terminal(
            self.pool, self.town, shop.account, "レジ", self.clock.now
        )
        assert terminal is not None
        await self.pool.execute(
            "UPDATE koban.terminal SET state = 'enrolled' WHERE terminal = $1", terminal
        )
        return shop.account, terminal

    async def wallet(self, value: int = 0) -> int:
        """A wallet with ``value`` yen topped up in cash."""
        wallet = await accounts.open_wallet(self.pool, self.town, self.clock.now)
        if value:
            top_up = await self.top_up(wallet, value)
            assert (await self.one(top_up)).outcome == "done"
        return wallet

    async def code(self, wallet: int, purpose: str, amount: int | None = None) -> str:
        """A fresh one-time code's digits."""
        issued = await codes.issue_code(
            self.pool, self.town, wallet, purpose, amount, self.clock.now, "8201"
        )
        return issued.code

    def pay(self, wallet: int, amount: int | None, **changes: object) -> Request:
        """A payment that the payer asks for."""
        request = Request(uuid7(), Kind.PAY, wallet=wallet, shop=self.shop, amount=amount)
        return msgspec.structs.replace(request, **changes)

    async def charge(self, wallet: int, amount: int | None, **changes: object) -> Request:
        """A payment that the shop takes from a code with the amount in it."""
        code = await self.code(wallet, "pay", amount)
        request = Request(
            uuid7(), Kind.CHARGE, shop=self.shop, terminal=self.terminal, code=code, amount=amount
        )
        return msgspec.structs.replace(request, **changes)

    async def top_up(self, wallet: int, amount: int, **changes: object) -> Request:
        """A top-up in cash."""
        code = await self.code(wallet, "top_up", amount)
        request = Request(
            uuid7(), Kind.TOP_UP, shop=self.shop, terminal=self.terminal, code=code, amount=amount
        )
        return msgspec.structs.replace(request, **changes)

    def reverse(self, payment: UUID, amount: int | None = None, **changes: object) -> Request:
        """A reversal, whole or in part."""
        request = Request(
            uuid7(),
            Kind.REVERSE,
            shop=self.shop,
            terminal=self.terminal,
            refers=payment,
            amount=amount,
            reason="打ち間違い",
        )
        return msgspec.structs.replace(request, **changes)

    async def decide(self, *requests: Request) -> Batch:
        """Decides a batch now."""
        return await decide(self.pool, self.town, requests, self.clock.now)

    async def one(self, request: Request) -> Decision:
        """Decides one request now."""
        return (await self.decide(request)).decisions[0]

    async def holds(self, wallet: int) -> dict[str, int]:
        """What a wallet can spend, by instrument."""
        held = await balance(self.pool, self.town, wallet, self.clock.now)
        assert held is not None
        return {part.instrument: part.amount for part in held.parts}

    async def problems(self) -> list[str]:
        """What verify finds in the whole database."""
        return await problems(self.pool)


async def problems(pool: asyncpg.Pool) -> list[str]:
    """What verify finds in a pool's database."""
    async with pool.acquire() as connection:
        found = []
        for row in await connection.fetch(verify.SQL["towns"]):
            found += await verify.verify_town(
                connection, row["town"], row["last_entry"], lambda *_: None
            )
        return found


def in_days(now: datetime, days: int) -> datetime:
    """So many days later."""
    return now + timedelta(days=days)


@pytest.fixture
async def bench(pool: asyncpg.Pool, town: int, clock: Clock) -> Bench:
    """Nagaoka's ledger with one shop."""
    made = Bench(pool, town, clock, read_profile("nagaoka"))
    await made.open()
    return made
