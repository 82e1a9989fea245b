"""A screen's line to the gateway: a websocket that signs in, ends, and comes back by itself.

Each connection takes a new ticket over HTTP, resumes where the screen stopped, and lives until it
is closed. Afterwards the close code says whether to come back; the wait before doubles each time.
What is said on the line is the business of whoever inherits from it (`terminal.client`).
"""

import asyncio
import random
import ssl
from abc import ABC, abstractmethod
from contextlib import suppress
from functools import cache

import httpx
import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, WebSocketException
from websockets.typing import Origin, Subprotocol

from gateway.protocol import messages
from gateway.protocol.messages import (
    SUBPROTOCOL,
    Auth,
    Hello,
    Ready,
    Resume,
    Role,
    ServerMessage,
)
from gateway.protocol.reading import decode_server
from terminal.errors import ClientError, ConnectionLost, TicketRefused

# Close codes that say: do not come back by yourself (signed out, revoked, replaced, at fault).
FINAL_CODES = range(4100, 4200)
# The first wait before coming back, doubled each time up to the last; jittered by half, so that a
# thousand screens do not return in the same instant.
COME_BACK_FIRST_S = 0.05
COME_BACK_LAST_S = 5.0


@cache
def _trusted() -> ssl.SSLContext:
    """Whom to trust over TLS. Reading it takes tens of milliseconds, in which nothing else runs;
    a thousand screens that come back at once share it.
    """
    return httpx.create_ssl_context(trust_env=False)


def _decode(frame: bytes) -> ServerMessage:
    try:
        return decode_server(frame)
    except msgspec.DecodeError as error:
        raise ConnectionLost(4106, f"not a message of the protocol: {frame!r}: {error}") from error


class Line(ABC):
    """The connection of one signed-in screen, over all its lives.

    Args:
        url: scheme, host and port of the gateway (``http://127.0.0.1:8000``).
        token: the session token of that role, as sign-in or enrolment gave it.
        comes_back: False leaves a lost connection lost, for tests of the moment itself.
    """

    def __init__(
        self, url: str, town: str, role: Role, token: str, *, comes_back: bool = True
    ) -> None:
        self.town = town
        self.role = role
        self.comes_back = comes_back
        self.ready: Ready | None = None  # Of the latest connection.
        self.connections = 0
        self.close_codes: list[int] = []
        self._url = url.rstrip("/")
        self._token = token
        self._connection: ClientConnection | None = None
        self._life: asyncio.Task[None] | None = None
        self._opened: asyncio.Future[Ready] | None = None
        self._connected = asyncio.Event()
        self._reads = asyncio.Event()
        self._reads.set()

    @abstractmethod
    def _place(self) -> Resume | None:
        """Where to go on in the feed; None before the first connection."""

    @abstractmethod
    async def _enter(self, ready: Ready) -> None:
        """A connection is ready."""

    @abstractmethod
    async def _take(self, message: ServerMessage) -> None:
        """A message came. A `ConnectionLost` raised here ends the connection."""

    @abstractmethod
    def _abandon(self, error: ClientError) -> None:
        """The line is over for good: whoever waits for something on it is told why."""

    async def open(self) -> Ready:
        """Connects and signs in.

        Raises:
            TicketRefused, ConnectionLost: when the very first connection does not come about.
        """
        self._opened = asyncio.get_running_loop().create_future()
        self._life = asyncio.create_task(self._live(), name=f"{self.role} client")
        return await self._opened

    async def close(self) -> None:
        """Closes the connection politely; commands without an answer raise ConnectionLost."""
        self.comes_back = False
        self._reads.set()
        if self._connection is not None:
            await self._connection.close()
        if self._life is not None:
            self._life.cancel()
            with suppress(asyncio.CancelledError):
                await self._life
        self._end(ConnectionLost(1000, "closed here"))

    async def connected(self, timeout_s: float = 30) -> None:
        """Waits until the session is ready (again).

        Raises:
            TimeoutError: it was not in time.
        """
        async with asyncio.timeout(timeout_s):
            await self._connected.wait()

    async def _live(self) -> None:
        wait_s = COME_BACK_FIRST_S
        while True:
            connections = self.connections
            try:
                await self._session()
            except TicketRefused as error:
                self._end(error)
                return
            except ConnectionLost as error:
                if not self.comes_back or error.code in FINAL_CODES or not self.connections:
                    self._end(error)
                    return
            except Exception as error:
                self._end(ClientError(f"the client itself failed: {error!r}"))
                raise
            wait_s = COME_BACK_FIRST_S if self.connections > connections else wait_s
            await asyncio.sleep(wait_s * random.uniform(0.5, 1))  # noqa: S311 - no secret.
            wait_s = min(wait_s * 2, COME_BACK_LAST_S)

    def _end(self, error: ClientError) -> None:
        if self._opened is not None and not self._opened.done():
            self._opened.set_exception(error)
        self._abandon(error)

    async def _ticket(self) -> str:
        async with httpx.AsyncClient(
            base_url=self._url, verify=_trusted(), trust_env=False, timeout=10
        ) as http:
            try:
                answer = await http.post(
                    f"/api/{self.town}/ticket",
                    json={"role": self.role},
                    headers={"Authorization": f"Bearer {self._token}", "Origin": self._url},
                )
            except httpx.TransportError as error:
                raise ConnectionLost(1006, f"no ticket: {error!r}") from error
        if answer.status_code in (401, 403):
            raise TicketRefused(answer.text)
        if answer.status_code != 200:
            raise ConnectionLost(1006, f"no ticket: {answer.status_code} {answer.text}")
        return str(answer.json()["ticket"])

    async def _session(self) -> None:
        """One connection, from ticket to close; always ends in an exception."""
        ticket = await self._ticket()
        try:
            async with connect(
                f"{self._url.replace('http', 'ws', 1)}/ws/{self.town}",
                origin=Origin(self._url),
                subprotocols=[Subprotocol(SUBPROTOCOL)],
                compression=None,
                proxy=None,
                ping_interval=None,
                close_timeout=1,
            ) as connection:
                await self._sign_in(connection, ticket)
                while True:
                    await self._reads.wait()
                    await self._take(_decode(await connection.recv(decode=False)))
        except ConnectionClosed as error:
            code = error.rcvd.code if error.rcvd is not None else 1006
            self.close_codes.append(code)
            raise ConnectionLost(code, error.rcvd.reason if error.rcvd else "") from error
        except (OSError, TimeoutError, InvalidHandshake, WebSocketException) as error:
            raise ConnectionLost(1006, repr(error)) from error
        finally:
            self._connection = None
            self._connected.clear()

    async def _sign_in(self, connection: ClientConnection, ticket: str) -> None:
        hello = _decode(await connection.recv(decode=False))
        if not isinstance(hello, Hello) or hello.protocol != SUBPROTOCOL:
            raise ConnectionLost(4107, f"not our protocol: {hello!r}")
        await connection.send(messages.encode(Auth(ticket, self._place())), text=True)
        ready = _decode(await connection.recv(decode=False))
        if not isinstance(ready, Ready):
            await connection.wait_closed()
            raise ConnectionLost(connection.close_code or 1006, repr(ready))
        self.ready = ready
        self.connections += 1
        self._connection = connection
        await self._enter(ready)
        self._connected.set()
        if self._opened is not None and not self._opened.done():
            self._opened.set_result(ready)

    async def _send(self, frame: bytes) -> None:
        """Sends a frame if there is a connection. Without one, nothing is sent now."""
        if self._connection is None:
            if not self.comes_back:
                raise ConnectionLost(1006, "not connected")
            return
        # The reading side sees a closed connection too, and brings it back.
        with suppress(ConnectionClosed):
            await self._connection.send(frame, text=True)
