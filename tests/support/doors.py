"""The doors without sockets: the real routes on the test's Postgres, and people to knock.

Text messages end in a list instead of a phone, and what the websocket side would be told ends in
another; both are what a test looks at.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from collections.abc import Set as AbstractSet
from uuid import UUID

import asyncpg
import httpx
import pytest
from msgspec import Struct
from msgspec.structs import replace
from starlette.applications import Starlette
from starlette.middleware import Middleware

from config.profile import read_profile
from config.settings import Settings
from gateway.auth import Auth
from gateway.counter import Answer
from gateway.http.context import HttpContext
from gateway.http.headers import SecurityHeaders
from gateway.http.pages import exception_handlers
from gateway.protocol.api import AlertLine, SessionLine
from gateway.routes.table import http_routes
from gateway.tickets import SessionsEnded
from ledger import accounts, identity, operators
from ledger.accounts import Shop
from ledger.authorise import decide
from ledger.requests import Request
from notifier.sms import NotSent, Sms
from tests.support.clock import Clock

ORIGIN = "https://koban.example"
PASSWORD = "correct horse battery"
PIN = "4321"
MANAGER_PIN = "9753"

SETTINGS = Settings(
    postgres_dsn="",
    redis_url="",
    secret=b"a secret that only the tests know, 32 characters and more",
    public_url=ORIGIN,
)


class Phones:
    """Every phone of the town: what was sent to it, newest last."""

    def __init__(self) -> None:
        self.messages: list[Sms] = []
        self.fault: Exception | None = None

    async def send(self, sms: Sms) -> str:
        """Takes a message, unless the provider is at fault."""
        if self.fault:
            raise self.fault
        self.messages.append(sms)
        return "taken"

    def code(self, phone: str) -> str:
        """The six digits in the last message to a phone."""
        text = next(sms.text for sms in reversed(self.messages) if sms.to == phone)
        found = re.search(r"\b[0-9]{6}\b", text)
        assert found, text
        return found[0]

    def go_away(self) -> None:
        """From now on nothing is sent."""
        self.fault = NotSent("the provider is away")


class Sockets:
    """The websocket side as the doors see it: nobody is connected unless a test says so."""

    def __init__(self, pool: asyncpg.Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._deciding: set[asyncio.Task[None]] = set()
        self.ended: list[SessionsEnded] = []
        self.terminals: set[int] = set()
        self.waiting: set[UUID] = set()
        self.lines: list[SessionLine] = []
        self.alerts: list[AlertLine] = []

    async def on_ended(self, ended: SessionsEnded) -> None:
        """Is told which sessions are over."""
        self.ended.append(ended)

    def connected_terminals(self, town: int) -> AbstractSet[int]:
        """Terminals with an open socket."""
        return self.terminals

    def session_lines(self, town: int) -> list[SessionLine]:
        """Every open socket."""
        return self.lines

    def alert_lines(self, town: int) -> list[AlertLine]:
        """What needs a person."""
        return self.alerts

    def in_progress(self, town: int, payment: UUID) -> bool:
        """Whether a command is being decided."""
        return payment in self.waiting

    def submit(self, town: int, request: Request, done: Callable[[Answer], None]) -> None:
        """A counter at which nobody waits: the ledger decides each request by itself."""

        async def decide_it() -> None:
            done((await decide(self._pool, town, [request], self._clock.now)).decisions[0])

        task = asyncio.create_task(decide_it())
        self._deciding.add(task)
        task.add_done_callback(self._deciding.discard)


class Doors(Struct):
    """A process's HTTP side, and everything around it that a test may look at or turn."""

    context: HttpContext
    app: Starlette
    pool: asyncpg.Pool
    town: int
    clock: Clock
    phones: Phones
    sockets: Sockets

    @property
    def auth(self) -> Auth:
        """Its sign-in."""
        return self.context.auth

    def visitor(self, address: str = "203.0.113.7", *, origin: str | None = ORIGIN) -> "Visitor":
        """A browser somewhere, with its own cookies; ``origin`` None is a program."""
        transport = httpx.ASGITransport(self.app, client=(address, 50_000))
        headers = {} if origin is None else {"Origin": origin}
        return Visitor(transport=transport, base_url=ORIGIN, headers=headers)

    async def holder(self, phone: str = "09012345678", name: str = "長岡 花子") -> "Visitor":
        """A browser in which somebody has just registered."""
        visitor = self.visitor()
        started = await visitor.post("/api/nagaoka/wallet/register", json={"phone": phone})
        assert started.status_code == 200, started.text
        finished = await visitor.post(
            "/api/nagaoka/wallet/register/finish",
            json={
                "challenge": started.json()["challenge"],
                "code": self.phones.code(phone),
                "password": PASSWORD,
                "pin": PIN,
                "name": name,
            },
        )
        assert finished.status_code == 200, finished.text
        visitor.account = finished.json()["account"]
        return visitor

    async def shop(self, name: str = "八百屋 まるや") -> Shop:
        """A shop with a manager."""
        shop = await accounts.open_shop(
            self.pool, self.town, name, "grocer", "殿町", self.clock.now
        )
        pin_hash = await self.auth.hashing.hash_pin(MANAGER_PIN)
        await identity.set_manager_pin(self.pool, self.town, shop.account, pin_hash)
        return shop

    async def operator(self, name: str = "係", role: str = "operator") -> "Visitor":
        """A browser signed in at the console."""
        password_hash = await self.auth.hashing.hash_password(PASSWORD)
        await operators.add_operator(
            self.pool, self.town, name, password_hash, role, self.clock.now
        )
        visitor = self.visitor()
        signed_in = await visitor.post(
            "/api/nagaoka/console/sign-in", json={"name": name, "password": PASSWORD}
        )
        assert signed_in.status_code == 200, signed_in.text
        return visitor

    async def enrolment(self, operator: "Visitor", shop: Shop, label: str = "レジ 1") -> str:
        """The code in the enrolment QR of a new terminal."""
        made = await operator.post(
            f"/api/nagaoka/console/shops/{shop.account}/terminals", json={"label": label}
        )
        assert made.status_code == 200, made.text
        return str(made.json()["qr"]).partition("#enrol=")[2]

    async def tablet(self, operator: "Visitor", shop: Shop) -> "Visitor":
        """A browser that is a terminal of the shop."""
        visitor = self.visitor()
        enrolled = await visitor.post(
            "/api/nagaoka/terminal/enrol", json={"code": await self.enrolment(operator, shop)}
        )
        assert enrolled.status_code == 200, enrolled.text
        visitor.account = shop.account
        return visitor


class Visitor(httpx.AsyncClient):
    """A browser; ``account`` is the wallet or shop it is signed in as."""

    account: int = 0


async def _open(pool: asyncpg.Pool, town: int, clock: Clock, settings: Settings) -> Doors:
    phones, sockets = Phones(), Sockets(pool, clock)
    auth = Auth(settings, pool, on_ended=sockets.on_ended, sms=phones)
    context = HttpContext(
        settings=settings,
        pool=pool,
        profiles={"nagaoka": read_profile("nagaoka")},
        auth=auth,
        live=sockets,
        push_key="a push key",
        clock=clock,
    )
    app = Starlette(
        routes=http_routes(context),
        middleware=[Middleware(SecurityHeaders, settings=settings)],
        exception_handlers=exception_handlers(),
    )
    return Doors(context, app, pool, town, clock, phones, sockets)


@pytest.fixture
async def doors(pool: asyncpg.Pool, town: int, clock: Clock) -> AsyncIterator[Doors]:
    """The doors of a town, as in production: https, no demo."""
    opened = await _open(pool, town, clock, SETTINGS)
    yield opened
    opened.auth.close()


@pytest.fixture
async def demo_doors(pool: asyncpg.Pool, town: int, clock: Clock) -> AsyncIterator[Doors]:
    """The doors of a demo."""
    opened = await _open(pool, town, clock, replace(SETTINGS, demo=True))
    yield opened
    opened.auth.close()
