"""People with screens: signed in straight in Postgres, so that a test begins where it matters."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from argon2 import PasswordHasher
from msgspec import Struct

from config.profile import read_profile
from gateway.passwords import Hashing, Workers
from gateway.protocol.messages import Role
from gateway.tickets import new_token
from ledger import accounts, identity, operators, persons
from ledger.authorise import decide
from ledger.codes import issue_code
from ledger.identity import NewSession
from ledger.ids import uuid7
from ledger.outcomes import Outcome
from ledger.persons import Newcomer
from ledger.requests import Kind, Request
from ledger.vault import Vault
from terminal.faults import FaultyClient
from tests.support.gateways import SECRET, GatewayProcess
from tests.support.house import House

TOWN = "nagaoka"
PIN = "4321"
MANAGER_PIN = "9753"
TOP_UP = 50_000
LIFE = timedelta(hours=1)
# A PIN's hash with the least work: what is tested is not how slow it is.
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Screen(Struct, frozen=True):
    """A signed-in screen. ``account``: a wallet's or shop's, 0 at the console."""

    role: Role
    account: int
    token: str
    terminal: int | None = None

    def client(self, gateway: GatewayProcess | House, *, comes_back: bool = True) -> FaultyClient:
        """The screen in front of one gateway."""
        return FaultyClient(gateway.url, TOWN, self.role, self.token, comes_back=comes_back)


def now() -> datetime:
    """The real time: these tests run against processes that know no other."""
    return datetime.now(UTC)


class People:
    """Makes wallets, tablets and operators of one town."""

    def __init__(self, pool: asyncpg.Pool, town: int) -> None:
        self.pool = pool
        self.town = town
        self.vault = Vault({0: SECRET.encode()})
        self.hashing = Hashing(SECRET.encode())
        self.hashing.pins.close()
        self.hashing.pins = Workers(QUICK, 1, 1_000)
        self._numbers = itertools.count(1)
        self._prefix = read_profile(TOWN).payments.code_prefix

    async def wallet(self, value: int = TOP_UP) -> Screen:
        """A wallet with ``value`` yen in it (a multiple of the town's step, or 0)."""
        number = next(self._numbers)
        hashed = await self.hashing.hash_pin(PIN)
        newcomer = Newcomer(f"090{number:08d}", f"利用者 {number}", "!", hashed)
        wallet = await persons.register(self.pool, self.vault, self.town, newcomer, now())
        if value:
            await self.top_up(wallet, value)
        return await self._sign_in(Role.WALLET, wallet, f"利用者 {number}")

    async def top_up(self, wallet: int, value: int) -> None:
        """Puts value into a wallet, at a shop that does nothing else."""
        shop = (await self.tablet()).account
        code = await issue_code(self.pool, self.town, wallet, "top_up", value, now(), self._prefix)
        request = Request(uuid7(), Kind.TOP_UP, shop=shop, code=code.code, amount=value)
        batch = await decide(self.pool, self.town, [request], now())
        assert batch.decisions[0].outcome is Outcome.DONE, batch.decisions[0].receipt

    async def tablet(self, shop: int | None = None) -> Screen:
        """A tablet of a new shop, or of this one."""
        if shop is None:
            name = f"店 {next(self._numbers)}"
            shop = (
                await accounts.open_shop(self.pool, self.town, name, "food", "大手通", now())
            ).account
            pin_hash = await self.hashing.hash_pin(MANAGER_PIN)
            await identity.set_manager_pin(self.pool, self.town, shop, pin_hash)
        terminal = await accounts.open_terminal(self.pool, self.town, shop, "レジ", now())
        assert terminal is not None
        token, code = new_token(), new_token()
        await identity.add_enrolment(self.pool, self.town, terminal, code, now() + LIFE)
        await identity.enrol(self.pool, self.town, code, token, uuid7(), now(), LIFE)
        return Screen(Role.TERMINAL, shop, token, terminal)

    async def console(self) -> Screen:
        """An operator's console."""
        name = f"係 {next(self._numbers)}"
        operator = await operators.add_operator(self.pool, self.town, name, "!", "operator", now())
        return await self._sign_in(Role.CONSOLE, 0, name, operator)

    async def _sign_in(
        self, role: Role, account: int, name: str, operator: int | None = None
    ) -> Screen:
        token = new_token()
        session = NewSession(
            uuid7(), token, role.value, account, name, now(), now() + LIFE, operator=operator
        )
        await identity.open_session(self.pool, self.town, session)
        return Screen(role, account, token)


@pytest.fixture
def people(pool: asyncpg.Pool, town: int) -> Iterator[People]:
    """The town's people, as many as a test asks for."""
    made = People(pool, town)
    yield made
    made.hashing.close()
