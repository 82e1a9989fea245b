"""Providers to top up with: the real simulator, in the test's process or as one of its own."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import msgspec
from msgspec.structs import replace
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from config.profile import read_profile
from config.providers import ProviderSettings
from gateway.providers.adapter import HttpProvider
from gateway.providers.desk import Desk
from gateway.providers.interface import OrderAnswer, Provider
from gateway.providers.machines import CashMachines
from gateway.providers.signatures import SignatureRefused
from gateway.providers.teller import Teller
from ledger import loads
from ledger.authorise import Decision, decide
from ledger.load_states import Direction, Patience
from ledger.loads import LoadOrder, NewOrder
from ledger.requests import Request as LedgerRequest
from ledger.towns import load_town
from ledger.vault import Vault
from scripts.provider_simulator import Behaviour, Simulator
from tests.support.clock import Clock
from tests.support.simulators import SimulatorProcess

CODES = ("card", "bank", "seven_bank", "convenience", "exchange")
KEYS = {
    "koban-1": "what the gateway signs with, thirty-two characters",
    "theirs-1": "what the providers sign with, thirty-two characters",
}
MACHINE_KEYS = {
    "M-01": "the first machine's own key, thirty-two characters",
    "M-02": "the second machine's own key, thirty-two characters",
}
MEMBER = "member-1"  # Whom the other company credits.
SILENCE_S = 0.1  # In one process every answer comes sooner.
# Quick enough for a test, and slower than what it waits for.
QUICK = Patience(act_s=0.2, unknown_s=0.1, accepted_s=0.2, longest_s=1.0)


def settings(base: str, *, timeout_s: float = 0.5) -> dict[str, ProviderSettings]:
    """Every provider at one address, and the cash machines."""
    called = ProviderSettings(KEYS, f"{base}/", "koban-1", 1_800, timeout_s)
    return {code: replace(called, url=f"{base}/{code}") for code in CODES} | {
        "machine": ProviderSettings(MACHINE_KEYS, order_ttl_s=600)
    }


def write_file(path: Path, base: str, *, timeout_s: float = 0.5) -> None:
    """The same as the file that ``KOBAN_PROVIDERS`` names."""
    lines = []
    for code, each in settings(base, timeout_s=timeout_s).items():
        lines.append(f"[{code}]")
        if each.url:
            lines += [f'url = "{each.url}"', f'key = "{each.key}"', f"timeout_s = {timeout_s}"]
        lines.append(f"order_ttl_s = {each.order_ttl_s}")
        lines += [f"[{code}.keys]", *(f'{name} = "{key}"' for name, key in each.keys.items())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


class ProviderProcess(SimulatorProcess):
    """The simulator as a process of its own; it remembers its orders when it is started again."""

    def __init__(self, folder: Path, gateway_url: str = "http://127.0.0.1:9") -> None:
        self.file = folder / "providers.toml"
        super().__init__("scripts.provider_simulator", KOBAN_PROVIDERS=str(self.file))
        write_file(self.file, self.url)
        self.gateway_url = gateway_url
        self._journal = folder / "providers.jsonl"

    def arguments(self) -> list[str]:
        """Where it keeps its orders, and whom its machines call."""
        return ["--journal", str(self._journal), "--gateway", self.gateway_url]

    async def restart(self, gateway_url: str) -> None:
        """Starts it again, with machines that call this gateway."""
        await self.kill()
        self.gateway_url = gateway_url
        await self.start()

    async def behave(self, order: UUID | None = None, provider: str = "card", **how: Any) -> None:
        """How it behaves from now on, in general or about one order."""
        path = f"/{provider}/orders/{order}/behaviour" if order else "/behaviour"
        async with httpx.AsyncClient(base_url=self.url, trust_env=False) as client:
            answer = await client.put(path, json=how)
            assert answer.status_code == 200, answer.text

    async def act(self, provider: str, order: UUID | str, act: str) -> dict[str, Any]:
        """The user pays, fails to, or lets the time pass."""
        async with httpx.AsyncClient(base_url=self.url, trust_env=False) as client:
            answer = await client.post(f"/{provider}/orders/{order}/act", json={"act": act})
            assert answer.status_code == 200, answer.text
            told: dict[str, Any] = answer.json()
            return told

    async def orders(self) -> list[dict[str, Any]]:
        """What it knows."""
        async with httpx.AsyncClient(base_url=self.url, trust_env=False) as client:
            told: list[dict[str, Any]] = (await client.get("/orders.json")).json()
            return told


class Street:
    """A town's desk, its ledger and all providers in one process; no time passes by itself."""

    def __init__(self, pool: asyncpg.Pool, town: str, clock: Clock) -> None:
        self.pool = pool
        self.clock = clock
        self.vault = Vault({0: b"a secret that only the tests know, 32 characters and more"})
        self.profile = read_profile(town)
        self.town = self.profile.town.number
        providers = settings("http://127.0.0.1")
        self.simulator = Simulator(
            providers, "http://127.0.0.1", transport=httpx.ASGITransport(self._callbacks())
        )
        there = _Silence(httpx.ASGITransport(self.simulator.app()))
        self.providers: dict[str, Provider] = {
            code: HttpProvider(
                code,
                each,
                town=town,
                callback=f"http://127.0.0.1/{code}/callback",
                backoff_s=0.0,
                transport=there,
            )
            if each.url
            else CashMachines(code, each)
            for code, each in providers.items()
        }
        self.callbacks: list[OrderAnswer] = []  # What came and was truly from the providers.
        self.trouble = 0  # So many decisions are lost on their way, decided or not.
        self.desk = self.another_desk()

    def another_desk(self) -> Desk:
        """One more gateway's desk for the same town."""
        teller = Teller(self.pool, self.town, self._decide)
        return Desk(
            *(self.town, self.pool, self.providers, teller, self.vault),
            now=self.clock,
            patience=QUICK,
        )

    async def open(self) -> None:
        """The town's rules come into force."""
        await load_town(self.pool, self.profile, self.clock.now)

    async def close(self) -> None:
        """Waits for what is under way."""
        await self.settled()
        await self.desk.stop()

    async def order(
        self,
        wallet: int,
        way: str,
        amount: int,
        id: UUID,  # noqa: A002 - the word of the messages.
        direction: Direction = Direction.IN,
    ) -> LoadOrder:
        """What the door does."""
        rule = next(each for each in self.profile.ways if each.code == way)
        assert rule.provider is not None
        opened = await self.desk.open(
            NewOrder(
                id=id,
                direction=direction,
                way=way,
                provider=rule.provider,
                wallet=wallet,
                amount=amount,
                their_amount=amount * rule.rate_denominator // rule.rate_numerator,
                expires_at=self.clock.now + timedelta(hours=1),
                member=MEMBER if direction is Direction.OUT else "",
            )
        )
        assert opened is not None
        return opened

    def behave(self, provider: str, order: UUID, **how: Any) -> None:
        """How a provider behaves about one order."""
        self.simulator.misbehave(provider, order, Behaviour(**how))

    async def user(self, provider: str, order: UUID, act: str) -> None:
        """The user pays, fails to, or lets the time pass; callbacks arrive as they do."""
        self.simulator.decide(provider, order, act)
        await self.settled()

    async def settled(self) -> None:
        """Returns when nothing is under way."""
        await self.simulator.idle()
        await self.desk.idle()

    async def pass_time(self, *, seconds: float = 2.0, looks: int = 6) -> None:
        """Time passes, and the desk looks round as it does."""
        for _ in range(looks):
            self.clock.advance(seconds=seconds)
            await self.desk.look()
            await self.settled()

    async def now(self, id: UUID) -> LoadOrder:  # noqa: A002
        """An order as it is."""
        found = await loads.order(self.pool, self.town, id)
        assert found is not None
        return found

    async def _decide(self, request: LedgerRequest) -> Decision | None:
        if self.trouble % 2 == 1:
            self.trouble -= 1
            return None
        decision = (await decide(self.pool, self.town, [request], self.clock.now)).decisions[0]
        if self.trouble:
            # Decided, and nobody heard of it.
            self.trouble -= 1
            return None
        return decision

    def _callbacks(self) -> Starlette:
        """The door for callbacks, as `gateway.http.loads` has it."""

        async def called_back(request: Request) -> Response:
            provider = self.providers[request.path_params["provider"]]
            body = await request.body()
            try:
                provider.verify(request.headers, "POST", request.url.path, body)
            except SignatureRefused as error:
                return JSONResponse({"error": str(error)}, 401)
            answer = msgspec.json.decode(body, type=OrderAnswer)
            self.callbacks.append(answer)
            order = await self.desk.called_back(provider, answer)
            return JSONResponse({}, 404 if order is None else 200)

        return Starlette(routes=[Route("/{provider}/callback", called_back, methods=["POST"])])


class _Silence(httpx.AsyncBaseTransport):
    """In one process there is no line that hangs: an answer that never comes is a time-out."""

    def __init__(self, inner: httpx.ASGITransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Waits a moment at most."""
        try:
            async with asyncio.timeout(SILENCE_S):
                return await self._inner.handle_async_request(request)
        except TimeoutError:
            raise httpx.ReadTimeout("no answer", request=request) from None
