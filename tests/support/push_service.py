"""A push service of our own: verifies who sends, decrypts what is sent, answers as it is told.

It stands where a browser vendor's service and the phone behind it would stand: the service checks
the VAPID signature and its audience, the phone decrypts with the keys it subscribed with.
"""

import asyncio
import base64
import os
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import http_ece
import msgspec
import uvicorn
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from notifier.push_messages import PushMessage
from notifier.subscriptions import Subscription


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Phone:
    """A browser's side of one subscription."""

    name: str
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    secret: bytes = field(default_factory=lambda: os.urandom(16))
    pushes: list[PushMessage] = field(default_factory=list)
    requests: int = 0

    def subscription(self, service: str, wallet: int = 1) -> Subscription:
        """What the browser hands to the page."""
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return Subscription(
            town=1,
            wallet=wallet,
            endpoint=f"{service}/push/{self.name}",
            p256dh=_base64url(point),
            auth=_base64url(self.secret),
        )


class PushService:
    """Phones by name, and what the service answers next."""

    def __init__(self, origin: str, public_key: str) -> None:
        self.origin = origin
        self._public_key = public_key
        self.phones: dict[str, Phone] = {}
        self.answers: list[int] = []  # Statuses to answer before all is well again.
        self.delay_s = 0.0
        self.refusals: list[str] = []  # What was wrong with requests that should have been right.

    def phone(self, name: str) -> Phone:
        """A new phone, subscribed here."""
        return self.phones.setdefault(name, Phone(name))

    async def receive(self, request: Request) -> Response:
        """One push message."""
        phone = self.phones.get(request.path_params["name"])
        if phone is None:
            return Response(status_code=410)
        phone.requests += 1
        await asyncio.sleep(self.delay_s)
        if self.answers:
            return Response(status_code=self.answers.pop(0))
        if problem := self._problem(request):
            self.refusals.append(problem)
            return Response(problem, status_code=403)
        clear = http_ece.decrypt(
            await request.body(),
            private_key=phone.key,
            auth_secret=phone.secret,
            version="aes128gcm",
        )
        phone.pushes.append(msgspec.json.decode(clear, type=PushMessage))
        return Response(status_code=201)

    def _problem(self, request: Request) -> str | None:
        authorisation = request.headers.get("Authorization", "")
        if not authorisation.startswith("vapid t=") or not Vapid02.verify(authorisation):
            return "the VAPID signature is wrong"
        token, key = authorisation.removeprefix("vapid t=").split(",k=")
        if key != self._public_key:
            return "signed with a key the phone did not subscribe to"
        payload = token.split(".")[1]
        claims = msgspec.json.decode(
            base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)), type=dict[str, object]
        )
        if claims["aud"] != self.origin:
            return f"the audience is {claims['aud']}"
        if request.headers.get("Content-Encoding") != "aes128gcm" or "TTL" not in request.headers:
            return "the headers are wrong"
        return None


@asynccontextmanager
async def push_service(
    public_key: str, certificate: tuple[Path, Path] | None = None
) -> AsyncIterator[PushService]:
    """Runs a push service on loopback, with TLS where a certificate and its key are given."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        origin = f"https://localhost:{port}" if certificate else f"http://127.0.0.1:{port}"
        service = PushService(origin, public_key)
        app = Starlette(routes=[Route("/push/{name}", service.receive, methods=["POST"])])
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_level="warning",
                lifespan="off",
                ws="none",
                ssl_certfile=certificate[0] if certificate else None,
                ssl_keyfile=certificate[1] if certificate else None,
            )
        )
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            while not server.started:
                await asyncio.sleep(0.01)
            yield service
        finally:
            server.should_exit = True
            await serving


def trust(certificate: Path) -> ssl.SSLContext:
    """What a client needs to believe the service's own certificate."""
    return ssl.create_default_context(cafile=certificate)
