"""Outside providers to try things with: cards, banks, ATMs, stores, machines, another's points.

One process plays them all, from the other side of `gateway.providers.interface`, as the same file
of keys names them (``KOBAN_PROVIDERS``). Each is told at any moment how to misbehave. It listens on
loopback only, and takes nobody's money. With ``--journal`` it remembers its orders over a restart.

    GET  /                                   everything as pages: pay, fail, put cash in
    GET  /orders.json                        what it knows
    PUT  /behaviour                          how it behaves from now on: see `Behaviour`
    PUT  /{provider}/orders/{order}/behaviour        the same for one order alone
    POST /{provider}/orders/{order}/act      what the user does: {"act": "pay" | "fail" | "expire"}
    …    /{provider}/orders, /days           the providers' interface
"""

import argparse
import asyncio
import csv
import io
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from config.providers import ProvidersError, ProviderSettings, load_providers
from gateway.providers.interface import OrderAnswer, OrderBody
from gateway.providers.signatures import SignatureRefused, sign, verify
from scripts.provider_pages import Machines, page_routes
from scripts.simulator import NotStarted, in_json, named_file, refusal, serve, taught

JAPAN = ZoneInfo("Asia/Tokyo")
CALLBACK_ATTEMPTS_MAX = 8
CALLBACK_PAUSE_S = 0.2  # After the first attempt; doubles.
CALLBACK_TIMEOUT_S = 5.0
SILENCE_S = 120.0  # Longer than anybody waits.


class Behaviour(Struct, frozen=True, forbid_unknown_fields=True):
    """What goes wrong. The defaults: nothing does."""

    delay_ms: Annotated[int, Meta(ge=0, le=60_000)] = 0  # Before an answer; it was heard before.
    silent_next: Annotated[int, Meta(ge=0, le=1_000)] = 0  # So many are heard and never answered.
    fail_next: Annotated[int, Meta(ge=0, le=1_000)] = 0  # So many requests are not heard at all.
    refuse_next: Annotated[int, Meta(ge=0, le=1_000)] = 0  # So many new orders get a plain no.
    fail_status: Annotated[int, Meta(ge=400, le=599)] = 503
    callbacks: Annotated[int, Meta(ge=0, le=5)] = 1  # How often each is sent; 0: never.
    callback_delay_ms: Annotated[int, Meta(ge=0, le=60_000)] = 0
    reordered: bool = False  # What happened first is called back last.
    wrong_signature: bool = False
    wrong_amount: bool = False  # Callbacks name another amount than was paid.
    mischarge: int = 0  # So much more is really taken than was ordered.
    refunds: Literal["at_once", "slowly", "refused"] = "at_once"  # Slowly: only when asked again.
    credits: Literal["at_once", "held", "refused"] = "at_once"  # Of value that comes out to it.


class Order(Struct, frozen=True):
    """An order as the provider keeps it."""

    provider: str
    body: OrderBody
    reference: str
    state: Literal["accepted", "paid", "failed", "expired", "refunding", "refunded"]
    taken: int  # What was paid, else what is ordered.
    number: str = ""
    reason: str = ""
    paid_at: int | None = None


class Simulator:
    """The providers' state. One process, one event loop: no locks."""

    def __init__(
        self,
        providers: dict[str, ProviderSettings],
        public_url: str,
        *,
        gateway_url: str = "",
        journal: Path | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """``transport`` is how callbacks travel; by default over the network."""
        self.providers = providers
        self.orders: dict[tuple[str, UUID], Order] = {}
        self._public_url = public_url
        self._journal = journal
        self._general = Behaviour()
        self._behaviours: dict[tuple[str, UUID], Behaviour] = {}
        self._held: dict[tuple[str, UUID], list[OrderAnswer]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._client = httpx.AsyncClient(
            timeout=CALLBACK_TIMEOUT_S, trust_env=False, transport=transport
        )
        silent = {code: each for code, each in providers.items() if not each.url}
        self._machines = Machines(silent, gateway_url, self._client)
        if journal is not None and journal.exists():
            for line in journal.read_bytes().splitlines():
                order = msgspec.json.decode(line, type=Order)
                self.orders[order.provider, order.body.order] = order

    def app(self) -> Starlette:
        """The web application."""
        one = "/{provider}/orders/{order:uuid}"
        return Starlette(
            routes=[
                Route("/orders.json", self.show),
                Route("/behaviour", self.behave, methods=["PUT"]),
                *page_routes(self, self._machines),
                Route("/{provider}/orders", self._signed(self.take), methods=["POST"]),
                Route(one, self._signed(self.tell)),
                Route(f"{one}/cancel", self._signed(self.cancel), methods=["POST"]),
                Route(f"{one}/refund", self._signed(self.refund), methods=["POST"]),
                Route(f"{one}/behaviour", self.behave, methods=["PUT"]),
                Route(f"{one}/act", self.act, methods=["POST"]),
                Route("/{provider}/days/{date}.csv", self._signed(self.day)),
            ],
            middleware=[
                Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])
            ],
        )

    async def idle(self) -> None:
        """Returns when every callback was taken, or given up."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    # -- the interface -----------------------------------------------------------------------------

    def _signed(
        self, handler: Callable[[Request, bytes], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """Lets through what our side signed, and misbehaves before and after as told."""

        async def serve(request: Request) -> Response:
            provider = self.providers.get(request.path_params["provider"])
            if provider is None or not provider.url:
                return refusal(404, "there is no such provider")
            body = await request.body()
            target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            keys = {provider.key: provider.keys[provider.key]}
            try:
                verify(keys, request.headers, request.method, target, body, time.time())
            except SignatureRefused as error:
                return refusal(401, str(error))
            key = self._key(request, body)
            if self._use_up(key, "fail_next"):
                return refusal(self._behaviour(key).fail_status, "told to fail")
            answer = await handler(request, body)
            if self._use_up(key, "silent_next"):
                await asyncio.sleep(SILENCE_S)
            await asyncio.sleep(self._behaviour(key).delay_ms / 1_000)
            return answer

        return serve

    async def take(self, request: Request, body: bytes) -> Response:
        """A new order; the same again is the same one."""
        code = request.path_params["provider"]
        try:
            new = msgspec.json.decode(body, type=OrderBody)
        except msgspec.MsgspecError as error:
            return refusal(422, str(error))
        key = (code, new.order)
        known = self.orders.get(key)
        if known is not None and known.state == "failed" and not known.body.callback:
            return refusal(410, "it was cancelled before it came")
        if known is not None and replace(known.body, expires_at=0) != replace(new, expires_at=0):
            return refusal(409, "this id is another order's")
        if known is None and self._use_up(key, "refuse_next"):
            return refusal(422, "not this one")
        if known is None:
            count = len(self.orders) + 1
            number = f"{count:011d}" if code in {"seven_bank", "convenience"} else ""
            known = Order(code, new, f"{code}-{count:06d}", "accepted", new.amount, number=number)
            self._keep(known)
            self._call_back(known)
            if new.direction == "out" and self._behaviour(key).credits != "held":
                known = self._decide(
                    known, "pay" if self._behaviour(key).credits == "at_once" else "fail"
                )
        return in_json(self._answer(known))

    async def tell(self, request: Request, body: bytes) -> Response:  # noqa: ARG002
        """How far an order is."""
        order = self._find(request)
        if order is None:
            return refusal(404, "there is no such order")
        if order.state == "refunding":
            order = self._keep(replace(order, state="refunded"))
        return in_json(self._answer(order))

    async def cancel(self, request: Request, body: bytes) -> Response:  # noqa: ARG002
        """Fails for good what was not paid; also what has not come yet."""
        order = self._find(request)
        if order is None:
            code, id = request.path_params["provider"], request.path_params["order"]  # noqa: A001
            never = OrderBody(id, "", "out", 1, "", 0)
            order = self._keep(Order(code, never, "never-came", "failed", 0, reason="cancelled"))
        elif order.state == "accepted":
            order = self._decide(order, "fail")
        return in_json(self._answer(order))

    async def refund(self, request: Request, body: bytes) -> Response:  # noqa: ARG002
        """Gives back what was paid."""
        order = self._find(request)
        if order is None:
            return refusal(404, "there is no such order")
        how = self._behaviour(self._key(request, b"")).refunds
        if how == "refused" or order.state not in {"paid", "refunding", "refunded"}:
            return refusal(422, "there is nothing that could be given back")
        if order.state != "refunded":
            at_once = how == "at_once" or order.state == "refunding"
            order = self._keep(replace(order, state="refunded" if at_once else "refunding"))
            self._call_back(order)
        return in_json(self._answer(order))

    async def day(self, request: Request, body: bytes) -> Response:  # noqa: ARG002
        """What was paid on a day, and whether it was given back since."""
        try:
            wanted = date.fromisoformat(request.path_params["date"])
        except ValueError:
            return refusal(404, "that is no date")
        text = io.StringIO()
        lines = csv.writer(text, lineterminator="\r\n")
        lines.writerow(["reference", "order", "amount", "state", "time"])
        for order in self.orders.values():
            if order.provider != request.path_params["provider"] or order.paid_at is None:
                continue
            at = datetime.fromtimestamp(order.paid_at / 1_000, JAPAN)
            if at.date() == wanted:
                lines.writerow(
                    [order.reference, order.body.order, order.taken, order.state, at.isoformat()]
                )
        return Response(text.getvalue(), media_type="text/csv; charset=utf-8")

    # -- what the user does ------------------------------------------------------------------------

    def decide(self, provider: str, order: UUID, act: str) -> Order | None:
        """The user pays, fails to, or lets the time pass; None where there is nothing to do."""
        known = self.orders.get((provider, order))
        if known is None or known.state != "accepted":
            return known
        return self._decide(known, act)

    def _decide(self, order: Order, act: str) -> Order:
        key = (order.provider, order.body.order)
        if act == "pay":
            taken = order.body.amount + self._behaviour(key).mischarge
            now_ms = int(time.time() * 1_000)
            order = replace(order, state="paid", taken=taken, paid_at=now_ms)
        else:
            order = replace(order, state="failed" if act == "fail" else "expired", reason=act)
        self._keep(order)
        self._call_back(order)
        return order

    # -- calling back ------------------------------------------------------------------------------

    def _call_back(self, order: Order) -> None:
        key = (order.provider, order.body.order)
        behaviour, answer = self._behaviour(key), self._answer(order)
        held = self._held.pop(key, [])
        if behaviour.reordered and order.state == "accepted":
            self._held[key] = [answer]
            return
        answers = [answer for answer in (answer, *held) for _ in range(behaviour.callbacks)]
        task = asyncio.create_task(self._call(order, answers, behaviour))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _call(self, order: Order, answers: list[OrderAnswer], behaviour: Behaviour) -> None:
        await asyncio.sleep(behaviour.callback_delay_ms / 1_000)
        for answer in answers:
            said = replace(answer, amount=answer.amount + 1) if behaviour.wrong_amount else answer
            body = msgspec.json.encode(said)
            for attempt in range(CALLBACK_ATTEMPTS_MAX):
                if await self._call_once(order, body, behaviour):
                    break
                await asyncio.sleep(CALLBACK_PAUSE_S * 2**attempt)

    async def _call_once(self, order: Order, body: bytes, behaviour: Behaviour) -> bool:
        """Whether this callback need not be sent again."""
        settings, url = self.providers[order.provider], urlsplit(order.body.callback)
        # Whoever answers signs with the key that ours does not sign with, where there are two.
        key = next((name for name in settings.keys if name != settings.key), settings.key)
        secret = "another secret altogether" if behaviour.wrong_signature else settings.keys[key]
        headers = sign(key, secret, time.time(), "POST", url.path, body)
        headers["Content-Type"] = "application/json"
        try:
            answer = await self._client.post(order.body.callback, content=body, headers=headers)
        except httpx.HTTPError:
            return False
        return answer.status_code < 500 and answer.status_code != 429

    # -- looking and behaving ----------------------------------------------------------------------

    async def show(self, request: Request) -> Response:  # noqa: ARG002
        """Every order."""
        return in_json(list(self.orders.values()))

    async def behave(self, request: Request) -> Response:
        """How it behaves from now on; what is left out is well."""
        try:
            behaviour = msgspec.json.decode(await request.body(), type=Behaviour)
        except msgspec.MsgspecError as error:
            return refusal(422, str(error))
        if "order" in request.path_params:
            params = request.path_params
            self.misbehave(params["provider"], params["order"], behaviour)
        else:
            self._general = behaviour
            self._behaviours.clear()
        return in_json(behaviour)

    async def act(self, request: Request) -> Response:
        """What the user does with an order."""
        try:
            act = msgspec.json.decode(await request.body(), type=Act).act
        except msgspec.MsgspecError as error:
            return refusal(422, str(error))
        order = self.decide(request.path_params["provider"], request.path_params["order"], act)
        if order is None:
            return refusal(404, "there is no such order")
        return in_json(self._answer(order))

    def misbehave(self, provider: str, order: UUID, behaviour: Behaviour) -> None:
        """How it behaves about one order from now on."""
        self._behaviours[provider, order] = behaviour

    def _behaviour(self, key: tuple[str, UUID] | None) -> Behaviour:
        return self._general if key is None else self._behaviours.get(key, self._general)

    def _use_up(self, key: tuple[str, UUID] | None, count: str) -> bool:
        """Takes one from a count of the behaviour that applies."""
        behaviour = self._behaviour(key)
        left = getattr(behaviour, count)
        if left == 0:
            return False
        used = replace(behaviour, **{count: left - 1})
        if key is not None and key in self._behaviours:
            self._behaviours[key] = used
        else:
            self._general = used
        return True

    def _key(self, request: Request, body: bytes) -> tuple[str, UUID] | None:
        """Which order a request is about; None for a day's file, or where nothing can be read."""
        code = request.path_params["provider"]
        if "order" in request.path_params:
            return (code, request.path_params["order"])
        try:
            return (code, msgspec.json.decode(body, type=_Named).order)
        except msgspec.MsgspecError:
            return None

    def _find(self, request: Request) -> Order | None:
        return self.orders.get((request.path_params["provider"], request.path_params["order"]))

    def _keep(self, order: Order) -> Order:
        self.orders[order.provider, order.body.order] = order
        if self._journal is not None:
            with self._journal.open("ab") as file:
                file.write(msgspec.json.encode(order) + b"\n")
        return order

    def _answer(self, order: Order) -> OrderAnswer:
        page = (
            ""
            if order.number or order.body.direction == "out"
            else (f"{self._public_url}/{order.provider}/pay/{order.body.order}")
        )
        return OrderAnswer(
            order=order.body.order,
            reference=order.reference,
            state=order.state,
            amount=order.taken,
            url=page,
            number=order.number,
            reason=order.reason,
            paid_at=order.paid_at,
        )


class Act(Struct, frozen=True, forbid_unknown_fields=True):
    """What a user does."""

    act: Literal["pay", "fail", "expire"]


class _Named(Struct, frozen=True):
    order: UUID


def _app(options: argparse.Namespace) -> Starlette:
    named = named_file("KOBAN_PROVIDERS", "give it the file that the gateway has")
    try:
        providers = load_providers(named)
    except ProvidersError as error:
        raise NotStarted(f"KOBAN_PROVIDERS: {error}") from error
    for code, provider in providers.items():
        if provider.url and urlsplit(provider.url).path.strip("/") != code:
            raise NotStarted(f"{code}.url must end with /{code} for the simulator")
    return Simulator(
        providers,
        f"http://{options.host}:{options.port}",
        gateway_url=options.gateway,
        journal=options.journal,
    ).app()


def main() -> int:
    """Runs the simulator until it is interrupted."""
    parser = taught("provider_simulator", __doc__, 8030)
    parser.add_argument("--gateway", default="http://127.0.0.1:8000", help="whom machines call")
    parser.add_argument("--journal", type=Path, help="remember the orders in this file")
    options = parser.parse_args()
    return serve(options, lambda: _app(options))


if __name__ == "__main__":
    sys.exit(main())
