"""The websocket beneath ASGI: uvicorn's own, with two shorter ways for text frames.

Between uvicorn and an application each frame passes through a dictionary, a queue and a switch of
tasks, in and out. That is a third of what the gateway does for a payment. So this protocol offers
itself to the application in the scope, as the extension ``koban.wire``:

- what comes in is given to `WireProtocol.take`, when it is set, in the same turn;
- `WireProtocol.write` sends a text frame at once, or says that it cannot now, and then the usual
  way waits until it can.

Connecting, closing, everything binary, too large or broken stays uvicorn's; so does flow control.
"""

from collections.abc import Callable

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from gateway.gathering import GatheringTransport

EXTENSION = "koban.wire"

# RFC 6455: a final, unmasked text frame.
_TEXT = 0x81
_LENGTH_16, _LENGTH_64 = 126, 127


def head(size: int) -> bytes:
    """What goes before a text frame's payload of ``size`` bytes, from a server."""
    if size < _LENGTH_16:
        return bytes((_TEXT, size))
    if size < 1 << 16:
        return bytes((_TEXT, _LENGTH_16)) + size.to_bytes(2, "big")
    return bytes((_TEXT, _LENGTH_64)) + size.to_bytes(8, "big")


class WireProtocol(WebSocketsSansIOProtocol):
    """One connection. ``take`` must not raise."""

    take: Callable[[str], None] | None = None

    def connection_made(self, transport: object) -> None:
        """The websocket takes the connection over from HTTP."""
        super().connection_made(transport)  # type: ignore[arg-type]
        self.transport = GatheringTransport(self.transport, self.loop)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone; nothing of it waits for the garbage collector.

        The library's parser is a generator that refers to itself through what it parses for.
        """
        super().connection_lost(exc)
        self.conn.parser.close()

    def handle_connect(self, event: Request) -> None:
        """The handshake has come; the application, started by it, finds the extension."""
        super().handle_connect(event)
        if not self.close_sent:
            extensions = self.scope["extensions"]
            assert extensions is not None
            extensions[EXTENSION] = self  # type: ignore[assignment]

    def send_receive_event_to_app(self) -> None:
        """A message is complete."""
        if self.take is None or self.close_sent or self.curr_msg_data_type != "text":
            super().send_receive_event_to_app()
            return
        data = self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)
        try:
            message = bytes(data).decode()
        except UnicodeDecodeError:
            super().send_receive_event_to_app()  # It knows how to close for that.
            return
        self.frames = []
        self.take(message)

    def write(self, payload: bytes) -> bool:
        """Sends a text frame; False where it cannot be sent now (or ever)."""
        if self.close_sent or self.disconnected or not self.writable.is_set():
            return False
        self.transport.write(head(len(payload)) + payload)
        return True
