"""The websocket's address: what is refused before there is a session, and where one begins."""

from collections.abc import Callable, Mapping

from starlette.types import Receive, Scope, Send

from gateway.connection import Connection
from gateway.hub import Hub
from gateway.protocol.closing import CloseCode
from gateway.protocol.messages import SUBPROTOCOL
from gateway.wire import EXTENSION

PATH = "/ws/"


class Endpoint:
    """``/ws/{town}``, as ASGI.

    Args:
        hubs: the towns served here, by code.
        origins: the exact origins of pages that may open a websocket.
        closed: whether no new websocket is taken.
    """

    def __init__(
        self, hubs: Mapping[str, Hub], origins: frozenset[str], closed: Callable[[], bool]
    ) -> None:
        self._hubs = hubs
        self._origins = origins
        self._closed = closed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One websocket, from the handshake to its end."""
        await receive()  # websocket.connect
        hub = self._hubs.get(scope["path"].removeprefix(PATH))
        if hub is None:
            await _reject(send, 404)
        elif not self._may_knock(scope):
            await _reject(send, 403)
        elif self._closed() or len(hub.connections) >= hub.limits.sockets.sessions_max:
            await _reject(send, 503)
        elif SUBPROTOCOL not in scope["subprotocols"]:
            await send({"type": "websocket.accept"})
            code = CloseCode.WRONG_SUBPROTOCOL
            await send({"type": "websocket.close", "code": code, "reason": f"use {SUBPROTOCOL}"})
        else:
            await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL})
            # Taken out: a protocol that stands in its own scope would be a cycle.
            wire = scope["extensions"].pop(EXTENSION, None)
            connection = Connection(hub, hub.session(), send, wire, hub.now_ms())
            hub.connections.add(connection)
            await connection.serve(receive)

    def _may_knock(self, scope: Scope) -> bool:
        """A program sends no origin, and has no cookies that a foreign page could misuse."""
        origins = [value for name, value in scope["headers"] if name == b"origin"]
        return all(origin.decode("latin-1") in self._origins for origin in origins)


async def _reject(send: Send, status: int) -> None:
    await send({"type": "websocket.http.response.start", "status": status, "headers": []})
    await send({"type": "websocket.http.response.body", "body": b""})
