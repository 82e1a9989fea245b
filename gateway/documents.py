"""Serves the published descriptions of both doors, for programs and for people.

They are made once, when the process starts: what they say does not change while it runs.
"""

from collections.abc import Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.asyncapi import asyncapi
from gateway.http.call import Endpoint
from gateway.manual import STYLE, http_page, websocket_page
from gateway.openapi import openapi


def document_routes(endpoints: Sequence[Endpoint], public_url: str) -> list[Route]:
    """The routes below ``/docs`` of a gateway with these endpoints, reached as ``public_url``."""
    http, websocket = openapi(endpoints, public_url), asyncapi(public_url)

    async def start(_: Request) -> Response:
        return RedirectResponse("/docs/http")

    return [
        Route("/docs", start),
        _route("http", http_page(http).encode(), "text/html"),
        _route("websocket", websocket_page(websocket).encode(), "text/html"),
        _route("openapi.json", msgspec.json.encode(http), "application/json"),
        _route("asyncapi.json", msgspec.json.encode(websocket), "application/json"),
        _route("style.css", STYLE.encode(), "text/css"),
    ]


def _route(name: str, body: bytes, media: str) -> Route:
    async def serve(_: Request) -> Response:
        return Response(body, media_type=media, headers={"Cache-Control": "no-cache"})

    return Route(f"/docs/{name}", serve)
