"""How a screen reads what the gateway sends; the gateway itself only writes it."""

from uuid import UUID

import msgspec
from msgspec import Raw, Struct

from gateway.protocol.messages import ServerMessage, State, StatusAnswer

_decode_server = msgspec.json.Decoder(ServerMessage).decode


class _Status(Struct):
    """A twin of `StatusAnswer`: msgspec writes a ``Raw`` that may be null, but does not read it."""

    payment: UUID
    state: State
    receipt: Raw


_decode_status = msgspec.json.Decoder(_Status).decode


def decode_server(frame: bytes | str) -> ServerMessage:
    """The message in a frame from the gateway.

    Raises:
        msgspec.DecodeError: it is none.
    """
    message: ServerMessage = _decode_server(frame)
    return message


def decode_status(answer: bytes | Raw) -> StatusAnswer:
    """The answer to ``status``, by either door: `StatusAnswer` and `api.StatusBody` look the same.

    Raises:
        msgspec.DecodeError: it is none.
    """
    status = _decode_status(answer)
    receipt = None if bytes(status.receipt) == b"null" else status.receipt
    return StatusAnswer(status.payment, status.state, receipt)
