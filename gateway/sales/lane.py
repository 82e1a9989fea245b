"""The lane's doors, straight on ASGI: in a rush a whole HTTP stack would be most of the work.

``GET /api/{town}/sales``, ``GET /api/{town}/sales/{offer}``: for everybody.
``POST /api/{town}/sales/{offer}/join``, ``GET /api/{town}/sales/{offer}/place``: for wallets.

The same rows stand in `gateway.routes.sales`, for the published document and for gateways that
serve no sales. Each request goes through the steps of `gateway.http.call`, in the same order.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import structlog
from msgspec import Struct
from starlette.types import Receive, Scope, Send

from config.limits import SaleLimits
from config.settings import Settings
from gateway.http.bodies import BODY_BYTES_MAX, decode_body, decode_texts
from gateway.http.call import COOKIES, fault
from gateway.http.context import Town
from gateway.http.headers import allowed_origins, security_headers
from gateway.protocol.api_sales import JoinSale, PlaceQuery, SalePlace, Sales
from gateway.protocol.messages import Role
from gateway.rates import ANONYMOUS, SALE, SALE_ADDRESS, Rates, address_key
from gateway.refused import Refused
from gateway.sales import answers
from gateway.sales.board import Board, Posted
from gateway.sales.hall import Hall
from gateway.sales.visitors import Visitors
from ledger.errors import LedgerError
from ledger.sales import Visitor

PATH = re.compile(r"/api/([^/]+)/sales(?:/([^/]+)(?:/(join|place))?)?")
METHODS = {None: ("GET", "HEAD"), "place": ("GET", "HEAD"), "join": ("POST",)}
NUMBER = re.compile(r"[1-9][0-9]{0,15}")
COOKIE = COOKIES[Role.WALLET] + "="

log = structlog.get_logger("gateway.sales.lane")


class Asking:
    """One request, read as far as it is needed."""

    __slots__ = ("act", "headers", "offer", "receive", "scope", "town")

    def __init__(self, scope: Scope, receive: Receive, found: re.Match[str]) -> None:
        self.scope = scope
        self.receive = receive
        self.town, self.offer, self.act = found.groups()
        self.headers: dict[bytes, bytes] = dict(scope["headers"])

    def text(self, name: bytes) -> str:
        """A header, or ""."""
        return self.headers.get(name, b"").decode("latin-1")

    def bearer(self) -> str:
        """The token that a program sends."""
        scheme, _, token = self.text(b"authorization").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    def token(self) -> str:
        """The wallet's token, or ""."""
        if token := self.bearer():
            return token
        for part in self.text(b"cookie").split(";"):
            word = part.strip()
            if word.startswith(COOKIE):
                return word[len(COOKIE) :].strip('"')
        return ""

    def address(self) -> str:
        """Whom the request's address stands for."""
        client = self.scope.get("client")
        return address_key(client[0] if client else None)

    async def body(self) -> bytes:
        """The whole body.

        Raises:
            Refused: ``too_large``.
        """
        body, more = b"", True
        while more:
            message = await self.receive()
            body += message.get("body", b"")
            more = message.get("more_body", False) and message["type"] == "http.request"
            if len(body) > BODY_BYTES_MAX:
                raise Refused("too_large", f"The body may have {BODY_BYTES_MAX} bytes.")
        return body


class Lane:
    """The doors of all towns' sales.

    Args:
        towns: by code, those that this process serves.
    """

    def __init__(
        self,
        settings: Settings,
        limits: SaleLimits,
        towns: Mapping[str, Town],
        *,
        board: Board,
        hall: Hall,
        visitors: Visitors,
        now: Callable[[], datetime],
    ) -> None:
        self._limits = limits
        self._towns = towns
        self._board = board
        self._hall = hall
        self._visitors = visitors
        self._now = now
        self._origins = allowed_origins(settings)
        self._anonymous, self._by_wallet = Rates(ANONYMOUS), Rates(SALE)
        self._by_address = Rates(SALE_ADDRESS)
        self._asking = 0
        self._headers = [
            (name.lower().encode(), text.encode())
            for name, text in (
                ("Content-Type", "application/json"),
                ("Cache-Control", "no-store"),
                *security_headers(settings).items(),
            )
        ]

    @staticmethod
    def takes(path: str) -> bool:
        """Whether an address is one of the lane's."""
        return PATH.fullmatch(path) is not None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request of an address that the lane `takes`."""
        status, body, retry_ms = await self._answer(scope, receive)
        headers = [*self._headers, (b"content-length", b"%d" % len(body))]
        if retry_ms is not None:
            headers.append((b"retry-after", b"%d" % -(-retry_ms // 1000)))
        if status == 401:
            headers.append((b"www-authenticate", b"Bearer"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        body = b"" if scope["method"] == "HEAD" else body
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, receive: Receive) -> tuple[int, bytes, int | None]:
        """The status, the body, and when to come again; never raises."""
        self._asking += 1
        try:
            given = await self._serve(scope, receive)
            again_s = given.ask_again_s if isinstance(given, SalePlace) else None
            return 200, msgspec.json.encode(given), None if again_s is None else again_s * 1000
        except Refused as error:
            refused = error
        except LedgerError as error:
            log.warning("sale.ledger_fault", fault=type(error).__name__)
            refused = Refused("unavailable", retry_after_ms=2_000)
        except Exception as error:  # noqa: BLE001 - a fault is told as such.
            log.error("sale.fault", **fault(error))  # noqa: TRY400 - see `fault`.
            refused = Refused("internal")
        finally:
            self._asking -= 1
        return int(refused.status), msgspec.json.encode(refused.body), refused.body.retry_after_ms

    async def _serve(self, scope: Scope, receive: Receive) -> Struct:
        found = PATH.fullmatch(scope["path"])
        assert found is not None
        asking = Asking(scope, receive, found)
        if scope["method"] not in METHODS[asking.act]:
            raise Refused("method_not_allowed")
        if self._asking > self._limits.asking_max:
            raise Refused("busy", retry_after_ms=5_000)
        town = self._towns.get(asking.town)
        if town is None:
            known = ", ".join(sorted(self._towns))
            raise Refused("not_found", f"This process serves no such town; it serves: {known}.")
        if asking.act is None:
            return self._look(asking, town)
        if asking.act == "join":
            self._check_origin(asking)
        visitor = await self._visitor(asking, town)
        posted = self._posted(asking, town)
        ticket = await _ticket(asking)
        return await self._place(asking, town, posted, visitor, ticket)

    # -- for everybody -----------------------------------------------------------------------------

    def _look(self, asking: Asking, town: Town) -> Struct:
        self._limit(self._anonymous, asking.address())
        now, early_s = self._now(), self._limits.early_s
        if asking.offer is not None:
            return answers.info(self._posted(asking, town), now, early_s)
        posted = [one for (number, _), one in self._board.posted.items() if number == town.number]
        listed = [answers.info(one, now, early_s) for one in posted]
        return Sales(answers.milliseconds(now), listed)

    # -- for wallets -------------------------------------------------------------------------------

    async def _place(
        self,
        asking: Asking,
        town: Town,
        posted: Posted,
        visitor: Visitor,
        ticket: str | None,
    ) -> SalePlace:
        now = self._now()
        if (answer := answers.settled(posted, visitor, now, self._limits.early_s)) is not None:
            return answer
        if (reason := answers.refusal(posted.sale, visitor, now, town.zone)) is not None:
            return answers.refused(posted.sale, reason, now)
        return await self._hall.place(
            posted, visitor.wallet, ticket, now, joining=asking.act == "join"
        )

    async def _visitor(self, asking: Asking, town: Town) -> Visitor:
        token, address = asking.token(), asking.address()
        visitor = await self._visitors.find(town.number, token) if token else None
        if visitor is None:
            self._limit(self._anonymous, address)
            raise Refused("signed_out")
        self._limit(self._by_wallet, f"{town.number}/{visitor.wallet}")
        self._limit(self._by_address, address)
        return visitor

    def _posted(self, asking: Asking, town: Town) -> Posted:
        if not NUMBER.fullmatch(asking.offer or ""):
            raise Refused("invalid", "The path's field offer: Expected a number.", field="offer")
        posted = self._board.posted.get((town.number, int(asking.offer or 0)))
        if posted is None:
            raise Refused("not_found", "There is no such sale; see the town's sales.")
        return posted

    def _check_origin(self, asking: Asking) -> None:
        """As `gateway.http.call.Call.check_origin`."""
        if b"origin" not in asking.headers:
            if asking.bearer() or b"cookie" not in asking.headers:
                return
            raise Refused("origin_refused", "A request with cookies needs an Origin header.")
        if asking.text(b"origin") not in self._origins:
            raise Refused("origin_refused")

    @staticmethod
    def _limit(rates: Rates, key: str) -> None:
        if wait_ms := rates.take(key):
            raise Refused("too_fast", retry_after_ms=wait_ms)


async def _ticket(asking: Asking) -> str | None:
    """The ticket that was sent, if any.

    Raises:
        Refused: the body or the query is not as it has to be.
    """
    if asking.act == "join":
        body = decode_body(await asking.body(), asking.text(b"content-type"), JoinSale)
        assert isinstance(body, JoinSale)
        return body.ticket
    query = asking.scope["query_string"].decode("latin-1")
    if not query:
        return None
    texts: dict[str, Any] = {}
    for name, text in parse_qsl(query, keep_blank_values=True):
        if name in texts:
            raise Refused("invalid", f"The query names {name} twice.", field=name)
        texts[name] = text
    read: PlaceQuery = decode_texts(texts, PlaceQuery, "The query")
    return read.ticket
