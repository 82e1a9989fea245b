"""The websocket's description for the world: AsyncAPI 3.0, made from the message structs.

It says what the gateway itself runs on (the structs, the close codes, the session's table of who
may say what), so it cannot say anything else. In the tests every frame is held against it.
"""

import typing
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from gateway.protocol import messages
from gateway.protocol.closing import CloseCode
from gateway.protocol.messages import SUBPROTOCOL, ClientMessage, Retry, ServerMessage
from gateway.protocol.payloads import RESULTS
from gateway.protocol.session import COMMANDS
from gateway.protocol.troubles import TROUBLES
from gateway.schemas import VERSION, components, line_comments, prose, reference
from ledger.outcomes import Outcome

Document = dict[str, Any]

CLIENT_MESSAGES: tuple[type[Struct], ...] = typing.get_args(ClientMessage)
SERVER_MESSAGES: tuple[type[Struct], ...] = typing.get_args(ServerMessage)

WEBSOCKET = f"""\
One websocket per screen, JSON text frames, subprotocol `{SUBPROTOCOL}`, no compression.

**Opening.** The gateway says `hello`. The screen answers `auth` with a single-use ticket, got by
`POST /api/{{town}}/ticket`; no secret ever stands in an address. `ready` tells who it is and where
its feed stands. Then load the state over HTTP and follow the feed.

**Commands.** Every command has an `id` (UUIDv7) that the screen makes and keeps. It gets one
`result` or one `error`. Sending the same id again gives the first answer, word for word: a
screen that heard nothing asks again, or asks `status`, and never pays twice. The same id with
another body is refused as `id_reused`.

**Feed.** Each wallet and each shop has one feed; `seq` counts its events without gaps. After a
reconnect, `resume` with the `epoch` and `seq` kept from before gives every missed event, or `ready`
says `resync`: then forget, load over HTTP, and follow from the `seq` it tells. Confirm with `ack`
how far events were received, shown and sounded.

**Heartbeat.** Answer every `ping` with a `pong`. Its `seq` is the feed's last: a gap shows.
"""


def asyncapi(public_url: str) -> Document:
    """The AsyncAPI document of the gateway that screens reach under ``public_url``."""
    parts = urlsplit(public_url)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Koban: the screens' websocket",
            "version": VERSION,
            "description": WEBSOCKET,
        },
        "defaultContentType": "application/json",
        "servers": {
            "gateway": {
                "host": parts.netloc,
                "protocol": "wss" if parts.scheme == "https" else "ws",
            }
        },
        "channels": {"screen": _channel()},
        "operations": _operations(),
        "components": {
            "messages": {_tag(cls): _message(cls) for cls in CLIENT_MESSAGES + SERVER_MESSAGES},
            "schemas": components(CLIENT_MESSAGES + SERVER_MESSAGES),
        },
    }


def _tag(cls: type[Struct]) -> str:
    return str(cls.__struct_config__.tag)


def _channel() -> Document:
    return {
        "address": "/ws/{town}",
        "title": "A screen's session",
        "servers": [{"$ref": "#/servers/gateway"}],
        "parameters": {"town": {"description": "The town's code, such as `nagaoka`."}},
        "messages": {
            _tag(cls): {"$ref": f"#/components/messages/{_tag(cls)}"}
            for cls in CLIENT_MESSAGES + SERVER_MESSAGES
        },
        "bindings": {
            "ws": {
                "method": "GET",
                "headers": {
                    "type": "object",
                    "properties": {"Sec-WebSocket-Protocol": {"const": SUBPROTOCOL}},
                    "required": ["Sec-WebSocket-Protocol"],
                },
                "bindingVersion": "0.1.0",
            }
        },
        "x-close-codes": [_close_code(code) for code in CloseCode],
        "x-error-codes": _error_codes(),
    }


def _error_codes() -> list[Document]:
    """Every code of an ``error``: the ledger's refusals in order of precedence, then our own."""
    meanings = line_comments(Outcome)
    refusals = [
        {"code": one.value, "retry": Retry.NEVER.value, "description": meanings.get(one.name, "")}
        for one in Outcome
        if one is not Outcome.DONE
    ]
    return refusals + [
        {"code": code, "retry": trouble.retry.value, "description": trouble.meaning}
        for code, trouble in TROUBLES.items()
    ]


def _close_code(code: CloseCode) -> Document:
    return {
        "code": int(code),
        "name": code.name.lower(),
        "comeBack": code.may_come_back,
        "description": line_comments(CloseCode).get(code.name, ""),
    }


def _message(cls: type[Struct]) -> Document:
    summary, _, description = prose(cls.__doc__).partition("\n\n")
    message: Document = {
        "name": _tag(cls),
        "title": cls.__name__,
        "summary": " ".join(summary.split()),
        "payload": reference(cls),
    }
    if description:
        message["description"] = description
    if cls in RESULTS:
        message["x-result"] = reference(RESULTS[cls])
    if roles := [role.value for role, kinds in COMMANDS.items() if cls in kinds]:
        message["x-roles"] = roles
    return message


def _operations() -> Document:
    """What the gateway does with each message: receives it (and replies), or sends it."""
    operations: Document = {}
    for cls in CLIENT_MESSAGES:
        operation = _operation("receive", cls)
        if cls in RESULTS:
            operation["reply"] = _reply(messages.Result, messages.Error)
        elif cls is messages.Auth:
            operation["reply"] = _reply(messages.Ready)
        operations[_tag(cls)] = operation
    for cls in SERVER_MESSAGES:
        operation = _operation("send", cls)
        if cls is messages.Ping:
            operation["reply"] = _reply(messages.Pong)
        operations[_tag(cls)] = operation
    return operations


def _operation(action: str, cls: type[Struct]) -> Document:
    return {
        "action": action,
        "channel": {"$ref": "#/channels/screen"},
        "messages": [{"$ref": f"#/channels/screen/messages/{_tag(cls)}"}],
    }


def _reply(*answers: type[Struct]) -> Document:
    return {
        "channel": {"$ref": "#/channels/screen"},
        "messages": [{"$ref": f"#/channels/screen/messages/{_tag(cls)}"} for cls in answers],
    }
