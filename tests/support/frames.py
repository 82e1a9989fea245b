"""Holds every frame and every HTTP answer that a test sees against the published documents.

The fixture `published` watches all websockets and all HTTP requests that the test's own process
opens (websockets' client and httpx), so no test has to ask for it and none can forget to. It is
stricter than the documents: a field they do not name is a fault too.
"""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema_rs
import msgspec
import pytest
from websockets.asyncio.client import ClientConnection

from gateway.asyncapi import CLIENT_MESSAGES, SERVER_MESSAGES, asyncapi
from gateway.openapi import openapi
from gateway.protocol.messages import ClientMessage
from gateway.protocol.payloads import RESULTS
from gateway.routes.table import ENDPOINTS

Document = dict[str, Any]

ADDRESS = "http://127.0.0.1:8000"
WEBSOCKET = asyncapi(ADDRESS)
HTTP = openapi(ENDPOINTS, ADDRESS)

_SPOKEN_OF = re.compile(r'"#/components/schemas/([^"/]+)"')
_decode_client = msgspec.json.Decoder(ClientMessage).decode


class NotAsPublished(AssertionError):
    """What went over the wire is not what the documents say."""


def _strict(schema: Any) -> Any:
    """A copy in which every object has the fields it names and no others."""
    if isinstance(schema, list):
        return [_strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    copy = {key: _strict(part) for key, part in schema.items()}
    if isinstance(copy.get("properties"), dict) and copy.get("type") == "object":
        copy.setdefault("additionalProperties", False)
    return copy


def validator(document: Document, schema: Document) -> jsonschema_rs.Draft202012Validator:
    """A strict validator of one schema of a document."""
    # Of all four hundred schemas only those it speaks of: reading the others is most of the
    # work, and a session of tests makes hundreds of validators.
    named, spoken_of, waiting = document["components"]["schemas"], {}, [schema]
    while waiting:
        for name in _SPOKEN_OF.findall(msgspec.json.encode(waiting.pop()).decode()):
            if name not in spoken_of:
                spoken_of[name] = _strict(named[name])
                waiting.append(named[name])
    whole = {"components": {"schemas": spoken_of}, **_strict(schema)}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def _by_tag(kinds: tuple[type[msgspec.Struct], ...]) -> dict[str, Any]:
    messages = WEBSOCKET["components"]["messages"]
    tags = [str(kind.__struct_config__.tag) for kind in kinds]
    return {tag: validator(WEBSOCKET, messages[tag]["payload"]) for tag in tags}


_CLIENT = _by_tag(CLIENT_MESSAGES)
_SERVER = _by_tag(SERVER_MESSAGES)
_RESULTS = {
    str(command.__struct_config__.tag): validator(
        WEBSOCKET, {"$ref": f"#/components/schemas/{result.__name__}"}
    )
    for command, result in RESULTS.items()
}
_RETRIES = {
    code["code"]: code["retry"] for code in WEBSOCKET["channels"]["screen"]["x-error-codes"]
}


def _check(schema: Any, value: Any, what: str) -> None:
    try:
        schema.validate(value)
    except jsonschema_rs.ValidationError as error:
        raise NotAsPublished(f"{what}: {error}\n{value}") from None


def check_client_frame(frame: str | bytes) -> Document:
    """Checks a frame from a screen and returns what it says.

    Raises:
        NotAsPublished: it is not one of the messages that screens send.
    """
    message: Document = msgspec.json.decode(frame)
    if message.get("type") not in _CLIENT:
        raise NotAsPublished(f"no message from a screen: {message}")
    _check(_CLIENT[message["type"]], message, "from a screen")
    return message


def check_server_frame(frame: str | bytes, command: str | None = None) -> Document:
    """Checks a frame from the gateway and returns what it says.

    ``command`` is the type of the command that a ``result`` answers, where it is known.

    Raises:
        NotAsPublished: it is not one of the messages that the gateway sends.
    """
    message: Document = msgspec.json.decode(frame)
    if message.get("type") not in _SERVER:
        raise NotAsPublished(f"no message from the gateway: {message}")
    _check(_SERVER[message["type"]], message, "from the gateway")
    if message["type"] == "error" and _RETRIES.get(message["code"]) != message["retry"]:
        raise NotAsPublished(f"the code or its retry is not published: {message}")
    if message["type"] == "result" and command is not None:
        _check(_RESULTS[command], message["result"], f"the result of {command}")
    return message


def _patterns() -> list[tuple[re.Pattern[str], str]]:
    found = []
    for path in HTTP["paths"]:
        pattern = re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(path))
        found.append((re.compile(pattern), path))
    # A written-out part (`register`) goes before one that could be anything.
    return sorted(found, key=lambda one: one[1].count("{"))


_PATHS = _patterns()
_ANSWERS: dict[tuple[str, str, str], Any] = {}


def check_http_answer(method: str, path: str, status: int, media: str, body: bytes) -> None:
    """Checks an answer of the HTTP API.

    Raises:
        NotAsPublished: the address, the status or the body is not in the document.
    """
    known = next((known for pattern, known in _PATHS if pattern.fullmatch(path)), None)
    operation = HTTP["paths"][known].get(method.lower()) if known else None
    if operation is None:
        if status not in {404, 405}:
            raise NotAsPublished(f"{method} {path} is not published and yet answered {status}")
        content: Document = {"application/json": {"schema": _ref("ApiError")}}
    elif str(status) not in operation["responses"]:
        raise NotAsPublished(f"{method} {known} answered {status}: {body[:300]!r}")
    else:
        content = operation["responses"][str(status)]["content"]
    if media not in content:
        raise NotAsPublished(f"{method} {path} answered {media}; published is {list(content)}")
    schema = content[media].get("schema")
    if schema is not None:
        key = (method, known or "", str(status))
        if key not in _ANSWERS:
            _ANSWERS[key] = validator(HTTP, schema)
        _check(_ANSWERS[key], msgspec.json.decode(body), f"{method} {path} {status}")


def _ref(name: str) -> Document:
    return {"$ref": f"#/components/schemas/{name}"}


class Watch:
    """What was seen in one test, and what was wrong with it."""

    def __init__(self) -> None:
        self.frames = 0
        self.answers = 0
        self.faults: list[str] = []
        self._commands: dict[str, str] = {}  # The type of each command sent, by its id.

    def sent(self, frame: Any) -> None:
        """A frame to the gateway; what the gateway would not take is a test's own business."""
        if not isinstance(frame, (str, bytes)):
            return
        try:
            _decode_client(frame)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return
        self.frames += 1
        try:
            message = check_client_frame(frame)
        except NotAsPublished as fault:
            self.faults.append(str(fault))
        else:
            if message["type"] in _RESULTS:
                self._commands[message["id"]] = message["type"]

    def received(self, frame: Any) -> None:
        """A frame from the gateway."""
        self.frames += 1
        try:
            named = msgspec.json.decode(frame)
            command = self._commands.get(named.get("id", "")) if isinstance(named, dict) else None
            check_server_frame(frame, command)
        except (NotAsPublished, msgspec.DecodeError) as fault:
            self.faults.append(str(fault))

    def answered(self, request: httpx.Request, answer: httpx.Response) -> None:
        """An answer over HTTP; only the API's are published."""
        if not request.url.path.startswith("/api/"):
            return
        self.answers += 1
        media = answer.headers.get("Content-Type", "").partition(";")[0]
        try:
            check_http_answer(
                request.method, request.url.path, answer.status_code, media, answer.content
            )
        except (NotAsPublished, msgspec.DecodeError) as fault:
            self.faults.append(str(fault))


@pytest.fixture(autouse=True)
def published(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """Fails a test in which anything went over the wire that the documents do not say."""
    watch = Watch()
    send, receive, request = ClientConnection.send, ClientConnection.recv, httpx.AsyncClient.send

    async def watched_send(self: Any, message: Any, *rest: Any, **named: Any) -> None:
        watch.sent(message)
        await send(self, message, *rest, **named)

    async def watched_receive(self: Any, *rest: Any, **named: Any) -> Any:
        frame = await receive(self, *rest, **named)
        watch.received(frame)
        return frame

    async def watched_request(self: Any, one: httpx.Request, **named: Any) -> httpx.Response:
        answer = await request(self, one, **named)
        if not named.get("stream"):
            watch.answered(one, answer)
        return answer

    monkeypatch.setattr(ClientConnection, "send", watched_send)
    monkeypatch.setattr(ClientConnection, "recv", watched_receive)
    monkeypatch.setattr(httpx.AsyncClient, "send", watched_request)
    yield watch
    assert not watch.faults, "\n\n".join(watch.faults[:5])
