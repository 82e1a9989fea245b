"""An SMS provider to try things with: takes signed messages and shows them as an inbox.

A process of its own, speaking the interface of `notifier.sms` from the provider's side. It sends
nothing to anybody. It listens on loopback only and keeps the last messages in memory.

    GET  /             the inbox as a page (``?to=`` one phone's)
    GET  /inbox.json   the same as JSON
    POST /messages     the provider's interface
    PUT  /behaviour    what goes wrong from now on (for tests): see `Behaviour`
"""

import asyncio
import hmac
import html
import os
import sys
import time
from collections import OrderedDict
from typing import Annotated
from uuid import UUID

import msgspec
import uvicorn
from msgspec import Meta, Struct
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from config.values import is_loopback
from notifier.sms import signature
from scripts.simulator import in_json, refusal, taught

MESSAGES_MAX = 500
BODY_BYTES_MAX = 8_192
CLOCK_DIFFERENCE_MAX_S = 300


class NewMessage(Struct, frozen=True, forbid_unknown_fields=True):
    """What the gateway sends."""

    to: Annotated[str, Meta(pattern=r"^0[0-9]{9,10}$")]
    text: Annotated[str, Meta(min_length=1, max_length=660)]


class Message(Struct, frozen=True):
    """One message in the inbox."""

    id: str
    to: str
    text: str
    at: int  # Milliseconds since the Unix epoch.
    deliveries: int  # How often the gateway sent it; the inbox shows it once all the same.


class Inbox(Struct, frozen=True):
    """The messages, newest first."""

    messages: list[Message]


class Behaviour(Struct, frozen=True, forbid_unknown_fields=True):
    """What goes wrong. All zero: nothing does."""

    delay_ms: Annotated[int, Meta(ge=0, le=60_000)] = 0  # Before each answer, the message taken.
    fail_next: Annotated[int, Meta(ge=0, le=1_000)] = 0  # So many requests are not taken at all.
    fail_status: Annotated[int, Meta(ge=400, le=599)] = 503


class Simulator:
    """The provider's state. One process, one event loop: no locks."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._messages: OrderedDict[UUID, Message] = OrderedDict()  # By idempotency key.
        self._behaviour = Behaviour()
        self._count = 0

    def app(self) -> Starlette:
        """The web application."""
        return Starlette(
            routes=[
                Route("/", self.page),
                Route("/inbox.json", self.inbox),
                Route("/messages", self.take, methods=["POST"]),
                Route("/behaviour", self.behave, methods=["PUT"]),
            ],
            # A page elsewhere cannot read the inbox by pointing its own name at this machine.
            middleware=[
                Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])
            ],
        )

    async def take(self, request: Request) -> Response:
        """Takes one signed message; the same key again is the same message."""
        body = await request.body()
        if len(body) > BODY_BYTES_MAX:
            return refusal(413, "the body is too large")
        try:
            key = UUID(request.headers.get("Idempotency-Key", ""))
            timestamp_s = int(request.headers.get("Koban-Timestamp", ""))
        except ValueError:
            return refusal(400, "Idempotency-Key or Koban-Timestamp is missing or malformed")
        expected = signature(self._secret, timestamp_s, key, body)
        if not hmac.compare_digest(
            expected.encode(), request.headers.get("Koban-Signature", "").encode()
        ):
            return refusal(401, "the signature is wrong")
        if abs(time.time() - timestamp_s) > CLOCK_DIFFERENCE_MAX_S:
            return refusal(401, "the timestamp is too old or too new")
        if self._behaviour.fail_next > 0:
            self._behaviour = msgspec.structs.replace(
                self._behaviour, fail_next=self._behaviour.fail_next - 1
            )
            return refusal(self._behaviour.fail_status, "told to fail")
        try:
            new = msgspec.json.decode(body, type=NewMessage)
        except msgspec.MsgspecError as error:
            return refusal(422, str(error))
        message = self._keep(key, new)
        if message is None:
            return refusal(409, "this key was used for another message")
        await asyncio.sleep(self._behaviour.delay_ms / 1_000)
        return in_json({"id": message.id}, 202 if message.deliveries == 1 else 200)

    def _keep(self, key: UUID, new: NewMessage) -> Message | None:
        """The message under this key, or None where the key belongs to another one."""
        known = self._messages.get(key)
        if known is not None and (known.to, known.text) != (new.to, new.text):
            return None
        if known is None:
            self._count += 1
            at = int(time.time() * 1_000)
            known = Message(f"sim-{self._count}", new.to, new.text, at, deliveries=0)
        message = msgspec.structs.replace(known, deliveries=known.deliveries + 1)
        self._messages[key] = message
        while len(self._messages) > MESSAGES_MAX:
            self._messages.popitem(last=False)
        return message

    async def inbox(self, request: Request) -> Response:
        """The inbox as JSON."""
        return in_json(Inbox(self._to(request.query_params.get("to"))))

    async def page(self, request: Request) -> Response:
        """The inbox as a page that renews itself."""
        rows = "".join(
            f"<li><b>{html.escape(message.to)}</b> "
            f"<time>{time.strftime('%H:%M:%S', time.localtime(message.at / 1_000))}</time>"
            f"<p>{html.escape(message.text)}</p></li>"
            for message in self._to(request.query_params.get("to"))
        )
        return HTMLResponse(
            PAGE.replace("<!--messages-->", rows or "<li>まだ届いていません</li>"),
            headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"},
        )

    def _to(self, phone: str | None) -> list[Message]:
        return [
            message
            for message in reversed(self._messages.values())
            if phone is None or message.to == phone
        ]

    async def behave(self, request: Request) -> Response:
        """Sets what goes wrong from now on; what is left out does not."""
        try:
            self._behaviour = msgspec.json.decode(await request.body(), type=Behaviour)
        except msgspec.MsgspecError as error:
            return refusal(422, str(error))
        return in_json(self._behaviour)


PAGE = """<!doctype html>
<html lang="ja"><meta charset="utf-8"><meta http-equiv="refresh" content="3">
<meta name="viewport" content="width=device-width"><title>SMS</title>
<style>
body { font: 18px/1.6 system-ui, sans-serif; max-width: 40rem; margin: 2rem auto; padding: 0 1rem }
ul { list-style: none; padding: 0 }
li { border-top: 1px solid #ccc; padding: 1rem 0 }
time { color: #555; float: right } p { margin: .5rem 0 0; white-space: pre-wrap }
</style>
<h1>SMS</h1><ul><!--messages--></ul>
"""


def main() -> int:
    """Runs the simulator until it is interrupted; the secret comes from ``KOBAN_SMS_KEY``."""
    options = taught("sms_simulator", "An SMS inbox to try with.", 8025).parse_args()
    secret = os.environ.get("KOBAN_SMS_KEY", "")
    if not secret:
        print("KOBAN_SMS_KEY is not set; give it what the gateway has", file=sys.stderr)
        return 2
    if not is_loopback(options.host):
        print(f"{options.host} is not this machine; the inbox is for it alone", file=sys.stderr)
        return 2
    app = Simulator(secret).app()
    uvicorn.run(app, host=options.host, port=options.port, log_level="warning")
    return 0


if __name__ == "__main__":
    sys.exit(main())
