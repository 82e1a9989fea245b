"""The published documents are valid, complete, readable, and mean what the gateway does."""

import json
import re
from typing import Any
from uuid import uuid4

import jsonschema_rs
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator

from gateway.asyncapi import CLIENT_MESSAGES, SERVER_MESSAGES
from gateway.http.call import Endpoint, Guard
from gateway.manual import http_page, websocket_page
from gateway.protocol.closing import CloseCode
from gateway.protocol.messages import AMOUNT_MAX, ClientMessage
from gateway.routes.table import ENDPOINTS
from scripts.typescript import TARGET
from tests.support.frames import (
    HTTP,
    WEBSOCKET,
    NotAsPublished,
    check_client_frame,
    check_http_answer,
    check_server_frame,
)

ASYNCAPI_SCHEMA = TARGET.parents[1] / "node_modules/@asyncapi/specs/schemas/3.0.0-without-$id.json"

decode_client = msgspec.json.Decoder(ClientMessage).decode


def test_openapi_is_valid() -> None:
    """By OpenAPI 3.1's own schema."""
    assert [error.message for error in OpenAPIV31SpecValidator(HTTP).iter_errors()] == []


def test_asyncapi_is_valid() -> None:
    """By AsyncAPI 3.0's own schema, which comes with the screens' development packages."""
    schema = json.loads(ASYNCAPI_SCHEMA.read_text(encoding="utf-8"))
    jsonschema_rs.Draft7Validator(schema).validate(WEBSOCKET)


def _references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*map(_references, value.values()))
    if isinstance(value, list):
        return set().union(*map(_references, value))
    return set()


@pytest.mark.parametrize("document", [HTTP, WEBSOCKET], ids=["http", "websocket"])
def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    """Validators of documents do not follow references; readers do."""
    for reference in _references(document):
        place: Any = document
        for part in reference.removeprefix("#/").split("/"):
            assert part in place, reference
            place = place[part]


def test_every_message_and_close_code_is_published() -> None:
    """Nothing goes over the wire that the document does not name."""
    tags = {str(kind.__struct_config__.tag) for kind in CLIENT_MESSAGES + SERVER_MESSAGES}
    assert set(WEBSOCKET["components"]["messages"]) == tags
    assert set(WEBSOCKET["operations"]) == tags
    codes = WEBSOCKET["channels"]["screen"]["x-close-codes"]
    assert [code["code"] for code in codes] == list(CloseCode)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: f"{one.method} {one.path}")
def test_every_endpoint_is_published(endpoint: Endpoint) -> None:
    """With its parameters in the address, and under a name of its own."""
    path = f"/api/{{town}}{endpoint.path}"
    operation = HTTP["paths"][path][endpoint.method.lower()]
    named = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "path"}
    assert named | {"town"} == set(re.findall(r"{(\w+)}", path))
    known = bool(endpoint.roles or endpoint.scope) or endpoint.signed
    known |= endpoint.guard is Guard.PROVIDER
    assert bool(operation.get("security")) == known


def test_operations_have_names_of_their_own() -> None:
    """Generated clients call them by it."""
    names = [
        operation["operationId"]
        for methods in HTTP["paths"].values()
        for method, operation in methods.items()
        if method != "parameters"
    ]
    assert len(names) == len(set(names))


def test_the_pages_show_everything_as_text() -> None:
    """Every message, endpoint, close code and type is on its page; no script is."""
    websocket, http = websocket_page(WEBSOCKET), http_page(HTTP)
    for tag in WEBSOCKET["components"]["messages"]:
        assert f"id='message-{tag}'" in websocket
    for code in CloseCode:
        assert f"<code>{int(code)}</code>" in websocket
    for path in HTTP["paths"]:
        assert f"<code>{path}</code>" in http
    for page in (websocket, http):
        anchors = set(re.findall(r"id='([^']+)'", page))
        links = set(re.findall(r"href='#([^']+)'", page))
        assert links <= anchors
        assert "<script" not in page
        assert "style=" not in page


def test_a_docstring_is_never_markup() -> None:
    """Text from the source is escaped before it is laid out."""
    document = json.loads(json.dumps(WEBSOCKET))
    document["info"]["description"] = "<b>`a<i>`</b>"
    assert "&lt;b&gt;<code>a&lt;i&gt;</code>" in websocket_page(document)


# -- the checks that all other tests run under -----------------------------------------------------

ID = "0190a000-0000-7000-8000-000000000001"
GOOD: dict[str, dict[str, Any]] = {
    "auth": {"ticket": "t" * 16, "resume": {"epoch": 1, "seq": 0}},
    "pay": {"id": ID, "shop": 1, "amount": 1, "pin": "0000"},
    "send": {"id": ID, "recipient": 1, "amount": 1, "pin": "0000"},
    "give": {"id": ID, "group": 1, "amount": 1, "pin": "0000"},
    "charge": {"id": ID, "code": "0" * 16},
    "confirm": {"id": ID, "refused": ID, "pin": "0000"},
    "top_up": {"id": ID, "code": "0" * 20, "amount": AMOUNT_MAX},
    "issue": {"id": ID, "code": "0" * 20, "purchase": AMOUNT_MAX},
    "grant": {"id": ID, "code": "0" * 16},
    "reverse": {"id": ID, "payment": ID, "reason": "r", "amount": None, "manager_pin": "0000"},
    "show_code": {"id": ID, "purpose": "top_up", "amount": 500},
    "read_code": {"id": ID, "code": "0" * 16},
    "status": {"id": ID, "payment": ID},
    "ack": {"seq": 0, "stage": "shown"},
    "pong": {},
}
VALUES: list[Any] = [None, True, -1, 0, 1, AMOUNT_MAX, AMOUNT_MAX + 1, 1.5, [], {}, ID, "pay"]
VALUES += ["", "shown", "0000", "00000", "０" * 4, "0" * 15, "0" * 16, "0" * 21, "r" * 201]
FIELDS = sorted({field for good in GOOD.values() for field in good} | {"other"})
CHANGES = st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(VALUES), max_size=2)


@given(st.sampled_from(sorted(GOOD)), CHANGES, st.sets(st.sampled_from(FIELDS), max_size=1))
def test_the_schemas_refuse_what_the_gateway_refuses(
    tag: str, changed: dict[str, Any], left_out: set[str]
) -> None:
    """A frame that decodes is valid by the document, and one that does not is not."""
    fields = {"type": tag, **GOOD[tag], **changed}
    frame = json.dumps({name: value for name, value in fields.items() if name not in left_out})
    try:
        decode_client(frame)
    except msgspec.ValidationError:
        with pytest.raises(NotAsPublished):
            check_client_frame(frame)
    else:
        check_client_frame(frame)


def test_a_good_frame_of_every_kind_is_valid() -> None:
    """So the comparison above begins at frames that both sides take."""
    assert set(GOOD) == {str(kind.__struct_config__.tag) for kind in CLIENT_MESSAGES}
    for tag, fields in GOOD.items():
        frame = json.dumps({"type": tag, **fields})
        check_client_frame(frame)
        decode_client(frame)


@pytest.mark.parametrize(
    "frame",
    [
        '{"type": "pong"}',
        '{"type": "ping", "seq": 1}',
        '{"type": "ping", "seq": "1", "server_time": 1}',
        '{"type": "ping", "seq": 1, "server_time": 1, "more": 1}',
        '{"type": "notice", "kind": "draining", "text": "", "retry_after_ms": "soon"}',
        '{"type": "error", "code": "lost", "retry": "never"}',
        '{"type": "error", "code": "busy", "retry": "never"}',
        '{"type": "result", "id": "0190a000-0000-7000-8000-000000000001", "result": {}}',
    ],
)
def test_the_frame_check_can_fail(frame: str) -> None:
    """Unknown messages, missing, wrong and unnamed fields, and payloads of no known kind."""
    with pytest.raises(NotAsPublished):
        check_server_frame(frame)


def test_a_result_is_of_its_commands_kind() -> None:
    """A shown code is no answer to ``status``."""
    result = {"code": "1", "qr": "1", "purpose": "pay", "amount": None, "expires_at": 1}
    frame = json.dumps({"type": "result", "id": str(uuid4()), "result": result})
    check_server_frame(frame, "show_code")
    with pytest.raises(NotAsPublished):
        check_server_frame(frame, "status")


@pytest.mark.parametrize(
    ("method", "path", "status", "media", "body"),
    [
        ("GET", "/api/nagaoka/nowhere", 200, "application/json", b"{}"),
        ("GET", "/api/nagaoka/shops", 418, "application/json", b"{}"),
        ("GET", "/api/nagaoka/shops", 200, "text/html", b"{}"),
        ("GET", "/api/nagaoka/shops", 200, "application/json", b'{"shops": [{}]}'),
        ("GET", "/api/nagaoka/shops", 200, "application/json", b'{"shops": [], "more": 1}'),
        ("GET", "/api/nagaoka/shops", 404, "application/json", b'{"code": 1, "message": ""}'),
    ],
)
def test_the_answer_check_can_fail(
    method: str, path: str, status: int, media: str, body: bytes
) -> None:
    """Unknown addresses, statuses, kinds and fields."""
    with pytest.raises(NotAsPublished):
        check_http_answer(method, path, status, media, body)


def test_a_published_answer_passes() -> None:
    """The same address with what the document says."""
    check_http_answer("GET", "/api/nagaoka/shops", 200, "application/json", b'{"shops": []}')
