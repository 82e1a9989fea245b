"""The HTTP API's description for the world: OpenAPI 3.1, made from the table of endpoints.

It says what the gateway itself runs on (the endpoints, their structs, the table of refusals), so it
cannot say anything else. In the tests every answer is held against it.
"""

import re
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

from msgspec import Struct

from gateway.http.call import COOKIES, Endpoint, Guard
from gateway.protocol.api import ApiError
from gateway.protocol.api_civic import WebhookBody
from gateway.refused import ERRORS
from gateway.schemas import VERSION, components, parameters, reference

Document = dict[str, Any]

HTTP = """\
JSON in, JSON out; times are milliseconds since the Unix epoch, money is whole yen (or points).

**Signing in** answers a session token, once, and keeps it in an HttpOnly cookie of its role
(`koban_wallet`, `koban_terminal`, `koban_console`, `koban_staff`); programs send it as
`Authorization: Bearer`. What changes anything is taken from the gateway's own pages only (the
`Origin` header), or from programs that send no `Origin`.

**Errors** have a fitting status and are `ApiError`: `code` for programs, `message` for people who
read logs, `field` where one was wrong, `retry_after_ms` where waiting helps.

Money of wallets and tablets moves over the websocket, not here.

**Acquirers** (決済代行) bring payments from shops' own POS, by the code that a payer shows. Each
request is signed with HTTP Message Signatures (RFC 9421): algorithm `hmac-sha256`, the key being
the secret as it was given out; covered are `"@method" "@path" "@query" "content-digest"`, in this
order, with the parameters `created` (within five minutes of the gateway's clock), `keyid` and
`nonce` (16 to 64 characters, never used twice with a key). `Content-Digest` (RFC 9530) is the
SHA-256 of the body; a request without one has the digest of no bytes. `terminal/acquirer.py` is a
client to read.

- Ids are the acquirer's own and mean one thing for ever: the same request again, signed anew, gets
  the same answer.
- Only `200` means that money has moved. With `4xx` this request has moved none, and the `code`
  tells why; `402` is the ledger's final refusal. `5xx`, and no answer, leave it open: ask by the
  same id, or cancel. Unknown is never failed.
- A cancel always wins: after its `200` nothing is or will be paid under the id, also when it
  overtakes the authorisation. Without an answer, cancel again until there is one.
- `duplicate_suspected`: the payer has just paid the same amount in the same shop, and is asked on
  the phone. Ask every few seconds: the same payment turns into `done` if the payer says yes.
- A day's reconciliation is read from the town's journal, and final five minutes after midnight.

**Providers** of top-ups call back, and **cash machines** announce and confirm, with requests signed
in the same way, by keys that both sides' settings name. All of it may be repeated: an order is one
by its id, so a nonce may come again.

**Civic platforms** are linked by a citizen's consent: OAuth 2.0, authorisation code with PKCE (S256
alone). `/.well-known/oauth-authorization-server/{town}/oauth` names the addresses; those that give
tokens and take them back take forms and answer as RFC 6749 and RFC 7009 say. With an access token
the platform asks below `/api/{town}/civic`, and only for what the citizen has allowed. A grant is
named by the platform's own `Idempotency-Key`: the same again gets the same answer, for ever. What
happens is told to the platform's own address with requests signed as acquirers' are (`WebhookBody`,
the key's id being the client's): verify the signature, take `created` within five minutes, refuse a
nonce that came before, and do each `id` once. Answer 2xx; anything else is tried again for a day.
`scripts/civic_simulator.py` is the other side to read.
"""

GROUPS = {
    "town": "The town, for everybody",
    "wallet": "The wallet",
    "terminal": "The shop's tablet",
    "console": "The console",
    "staff": "The shop site, for shops' staff",
    "ticket": "Opening a websocket",
    "acquirer": "Acquirers (決済代行)",
    "grants": "Departments' own systems, which grant",
    "civic": "Outside civic platforms, which citizens link",
    "oauth": "Linking a civic platform: the page that asks the citizen",
    "providers": "Providers of top-ups, who call back",
    "sales": "First-come sales (先着順)",
    "machines": "Cash machines (専用チャージ機)",
    "demo": "The demo",
}


def openapi(endpoints: Sequence[Endpoint], public_url: str) -> Document:
    """The OpenAPI document of these endpoints, below ``/api/{town}`` of ``public_url``."""
    paths: dict[str, Document] = {}
    structs: list[type[Struct]] = [ApiError, WebhookBody]
    for endpoint in endpoints:
        address = f"/api/{{town}}/{endpoint.path.strip('/')}".rstrip("/")
        operation = _endpoint(endpoint)
        paths.setdefault(address, {"parameters": [TOWN]})[endpoint.method.lower()] = operation
        structs += [cls for cls in (endpoint.body, endpoint.answer) if cls is not None]
    return {
        "openapi": "3.1.0",
        "info": {"title": "Koban: the HTTP API", "version": VERSION, "description": HTTP},
        "servers": [{"url": public_url}],
        "paths": paths,
        "webhooks": {"civic": {"post": TOLD}},
        "components": {
            "schemas": components(structs),
            "securitySchemes": {
                **{
                    role.value: {"type": "apiKey", "in": "cookie", "name": cookie}
                    for role, cookie in COOKIES.items()
                },
                "bearer": {"type": "http", "scheme": "bearer"},
                "signature": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Signature",
                    "description": "With `Signature-Input` and `Content-Digest`, as told above.",
                },
            },
        },
    }


TOWN = {
    "name": "town",
    "in": "path",
    "required": True,
    "description": "The town's code, such as `nagaoka`.",
    "schema": {"type": "string"},
}


TOLD = {
    "operationId": "civic_told",
    "summary": "A civic platform is told what happened, at the address that the office knows.",
    "tags": [GROUPS["civic"]],
    "security": [{"signature": []}],
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": reference(WebhookBody)}},
    },
    "responses": {"2XX": {"description": "Taken; anything else is tried again."}},
}


def _endpoint(endpoint: Endpoint) -> Document:
    group = re.split(r"[/-]", endpoint.path.strip("/"), maxsplit=1)[0]
    words = re.findall(r"[a-z0-9]+", f"{endpoint.method} {endpoint.path}".lower())
    operation: Document = {
        "operationId": "_".join(words),
        "summary": endpoint.summary,
        "tags": [GROUPS.get(group, GROUPS["town"])],
        "responses": _responses(endpoint),
    }
    listed = [
        *(parameters(endpoint.path_parts, "path") if endpoint.path_parts else ()),
        *(parameters(endpoint.query, "query") if endpoint.query else ()),
    ]
    if endpoint.header:
        string = {"type": "string"}
        listed += [{"name": endpoint.header, "in": "header", "required": True, "schema": string}]
    if listed:
        operation["parameters"] = listed
    if endpoint.body is not None:
        operation["requestBody"] = {"required": True, "content": _json(endpoint.body)}
    if endpoint.page and endpoint.body is not None:
        form = {"application/x-www-form-urlencoded": {"schema": reference(endpoint.body)}}
        operation["requestBody"] = {"required": True, "content": form}
    if endpoint.file_bytes_max:
        kinds: Document = {kind: {} for kind in endpoint.file_types}
        operation["requestBody"] = {"required": True, "content": kinds}
    if endpoint.roles:
        operation["security"] = [{role.value: []} for role in endpoint.roles] + [{"bearer": []}]
    if endpoint.signed or endpoint.guard is Guard.PROVIDER:
        operation["security"] = [{"signature": []}]
    if endpoint.scope:
        operation["security"] = [{"bearer": []}]
    return operation


def _responses(endpoint: Endpoint) -> Document:
    files: Document = {kind: {} for kind in endpoint.media.split(", ")}
    content = _json(endpoint.answer) if endpoint.answer else files
    found: Document = {"200": {"description": "Done.", "content": content}}
    for status, codes in _by_status(endpoint.error_codes).items():
        lines = "\n".join(f"- `{code}`: {ERRORS[code].message}" for code in codes)
        found[str(int(status))] = {"description": lines, "content": _json(ApiError)}
    if endpoint.page:
        found["303"] = {"description": "Back to where the browser came from.", "content": {}}
        for answer in found.values():
            answer["content"] |= {"text/html": {}}
    return found


def _by_status(codes: Iterable[str]) -> dict[HTTPStatus, list[str]]:
    found: dict[HTTPStatus, list[str]] = {}
    for code in codes:
        found.setdefault(ERRORS[code].status, []).append(code)
    return dict(sorted(found.items()))


def _json(cls: type[Struct]) -> Document:
    return {"application/json": {"schema": reference(cls)}}
