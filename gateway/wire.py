"""The websocket beneath ASGI: uvicorn's own, with two shorter ways for text frames.

Between uvicorn and an application each frame passes through a dictionary, a queue and a switch of
tasks, in and out. That is a third of what the gateway does for a payment. So this protocol offers
itself to the application in the scope, as the extension ``koban.wire``:

- a text frame that comes in is given to `WireProtocol.take`, when it is set, in the same turn;
- `WireProtocol.write` sends a text frame at once, or says that it cannot now, and then the usual
  way waits until it can.

Connecting, closing, everything binary, too large or broken stays uvicorn's; so does flow control.
The bytes that come in are cut into frames here; whole frames that are no plain text go to the
library one by one, and from the first that is out of the ordinary on, the library has them all.
"""

from collections.abc import Callable

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.speedups import apply_mask

from gateway.gathering import GatheringTransport

EXTENSION = "koban.wire"

# RFC 6455, section 5.2: the first byte of a frame that is a whole message, by its opcode.
_TEXT, _CLOSE, _PING, _PONG = 0x81, 0x88, 0x89, 0x8A
_LENGTH_16, _LENGTH_64 = 126, 127
# The second byte: its first bit says that a mask follows the length, as from every client.
_MASKED = 0x80
_MASK_BYTES = 4
_HEAD_BYTES = 2  # The shortest header.


def head(size: int) -> bytes:
    """What goes before a text frame's payload of ``size`` bytes, from a server."""
    if size < _LENGTH_16:
        return bytes((_TEXT, size))
    if size < 1 << 16:
        return bytes((_TEXT, _LENGTH_16)) + size.to_bytes(2, "big")
    return bytes((_TEXT, _LENGTH_64)) + size.to_bytes(8, "big")


def cut(data: bytes, at: int, size_max: int) -> tuple[int, int, int] | None:
    """The frame that begins at ``at``: its first byte, and where its mask begins and its end.

    None where it is not whole yet. A first byte of 0 means that from here on the library is to
    read: parts of a message, a frame without a mask or above ``size_max`` bytes, a broken one.
    """
    rest = len(data) - at
    if rest < _HEAD_BYTES:
        return None
    opening, length, start = data[at], data[at + 1] - _MASKED, at + _HEAD_BYTES
    if length == _LENGTH_16:
        start = at + 4
        length = int.from_bytes(data[at + _HEAD_BYTES : start], "big")
        if len(data) < start:
            return None
    if (
        opening not in (_TEXT, _CLOSE, _PING, _PONG)
        or not 0 <= length <= size_max
        or data[at + 1] == _MASKED | _LENGTH_64
    ):
        return 0, start, len(data)
    end = start + _MASK_BYTES + length
    return (opening, start, end) if end <= len(data) else None


def _text(masked: bytes) -> str | None:
    """What a frame says, from its mask on; None where that is not UTF-8."""
    try:
        return apply_mask(masked[_MASK_BYTES:], masked[:_MASK_BYTES]).decode()
    except UnicodeDecodeError:
        return None


class WireProtocol(WebSocketsSansIOProtocol):
    """One connection. ``take`` must not raise."""

    take: Callable[[str], None] | None = None
    _rest = b""  # The beginning of a frame whose end has not come.
    _requested = False  # The first bytes are the HTTP request.
    _by_library = False  # Something out of the ordinary came: the library reads from there on.

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

    def data_received(self, data: bytes) -> None:
        """Bytes have come: the handshake's request first, then frames."""
        if self._by_library or not self._requested:
            self._requested = True
            super().data_received(data)
            return
        data = self._rest + data if self._rest else data
        at = 0
        while not self._by_library and (frame := cut(data, at, self.config.ws_max_size)):
            opening, start, end = frame
            self._by_library = opening == 0
            if opening != _TEXT or self.take is None or self.close_sent:
                super().data_received(data[at:end])
            elif (message := _text(data[start:end])) is None:
                super().data_received(data[at:end])  # It knows how to close for that.
            else:
                self.take(message)
            at = end
        self._rest = data[at:]

    def write(self, payload: bytes) -> bool:
        """Sends a text frame; False where it cannot be sent now (or ever)."""
        if self.close_sent or self.disconnected or not self.writable.is_set():
            return False
        self.transport.write(head(len(payload)) + payload)
        return True
