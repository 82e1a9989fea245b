"""The headers that keep a page to itself, and the origins that may change anything."""

from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from config.settings import Settings
from config.values import is_loopback


def allowed_origins(settings: Settings) -> frozenset[str]:
    """The exact origins of our own pages: the public address, and what was set beside it.

    A gateway that is reached on this machine only goes by both of the machine's names for itself.
    """
    parts = urlsplit(settings.public_url)
    hosts = {parts.netloc}
    if is_loopback(parts.hostname or ""):
        port = f":{parts.port}" if parts.port else ""
        hosts |= {f"localhost{port}", f"127.0.0.1{port}"}
    return frozenset({*(f"{parts.scheme}://{host}" for host in hosts), *settings.origins})


def content_policy(settings: Settings, *, form_targets: str = "", framed: bool = True) -> str:
    """The Content-Security-Policy of every page; ``form_targets``: origins that a page's form may
    lead to beside our own; not ``framed``: in nobody's frame at all.

    Scripts, styles and connections are our own only. ``wasm-unsafe-eval`` is for the QR reader.
    Safari before 15.4 does not count websockets as ``'self'``, so their address is written out.
    """
    parts = urlsplit(settings.public_url)
    socket = f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}"
    # The demo shows the screens side by side in frames of its own origin; nobody else may.
    framing = "'self'" if settings.demo and framed else "'none'"
    directives = {
        "default-src": "'none'",
        "script-src": "'self' 'wasm-unsafe-eval'",
        "style-src": "'self'",
        "img-src": "'self' data: blob:",
        "font-src": "'self'",
        "media-src": "'self' blob:",
        "connect-src": f"'self' {socket}",
        "worker-src": "'self'",
        "manifest-src": "'self'",
        "frame-src": framing,
        "frame-ancestors": framing,
        "base-uri": "'none'",
        "form-action": f"'self' {form_targets}".rstrip(),
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())


PERMISSIONS = (
    "camera=(self), autoplay=(self), fullscreen=(self), screen-wake-lock=(self), "
    "clipboard-write=(self), geolocation=(self), microphone=(), payment=(), usb=(), "
    "display-capture=()"
)


def security_headers(settings: Settings) -> dict[str, str]:
    """What stands on every answer over HTTP."""
    headers = {
        "Content-Security-Policy": content_policy(settings),
        "X-Content-Type-Options": "nosniff",
        # Own pages see where one came from (and forms carry their origin); others see nothing.
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": PERMISSIONS,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if settings.public_url.startswith("https://"):
        headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    return headers


class SecurityHeaders:
    """ASGI middleware: puts the same headers on every answer over HTTP."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._headers = security_headers(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Adds the headers when the answer starts."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)
