"""Serves the published descriptions of both doors, for programs and for people.

They are made once, when somebody first asks: what they say does not change while the process runs,
and most of a town's processes are never asked.
"""

from collections.abc import Callable, Sequence
from functools import cache

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.asyncapi import asyncapi
from gateway.http.call import Endpoint
from gateway.manual import STYLE, http_page, websocket_page
from gateway.openapi import Document, openapi


def document_routes(endpoints: Sequence[Endpoint], public_url: str) -> list[Route]:
    """The routes below ``/docs`` of a gateway with these endpoints, reached as ``public_url``."""

    @cache
    def http() -> Document:
        return openapi(endpoints, public_url)

    @cache
    def websocket() -> Document:
        return asyncapi(public_url)

    async def start(_: Request) -> Response:
        return RedirectResponse("/docs/http")

    return [
        Route("/docs", start),
        _route("http", lambda: http_page(http()).encode(), "text/html"),
        _route("websocket", lambda: websocket_page(websocket()).encode(), "text/html"),
        _route("openapi.json", lambda: msgspec.json.encode(http()), "application/json"),
        _route("asyncapi.json", lambda: msgspec.json.encode(websocket()), "application/json"),
        _route("style.css", STYLE.encode, "text/css"),
    ]


def _route(name: str, make: Callable[[], bytes], media: str) -> Route:
    made = cache(make)

    async def serve(_: Request) -> Response:
        return Response(made(), media_type=media, headers={"Cache-Control": "no-cache"})

    return Route(f"/docs/{name}", serve)
