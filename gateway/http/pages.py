"""What is opened in a browser: the built screens, the stickers' pages, and the demo's.

The screens are what Vite built: one HTML file each, everything else under ``/assets`` with the hash
of its content in its name. HTML is asked for again each time (a new version is seen at once),
assets are kept for ever.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urljoin

import httpx
import msgspec
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from gateway.http import plain, stickers
from gateway.http.call import fault, refusal
from gateway.http.context import HttpContext, Town
from gateway.http.inbox import Inbox, inbox_page
from gateway.http.oauth import oauth_routes
from gateway.http.openid import callback_routes
from gateway.refused import Refused
from ledger import accounts
from ledger.accounts import Shop
from ledger.errors import LedgerError

SCREENS = ("wallet", "tablet", "console")
PLAIN_CSS = Path(__file__).parent / "plain.css"
INBOX_PATIENCE_S = 3.0
IMMUTABLE = "public, max-age=31536000, immutable"

log = structlog.get_logger(__name__)

Handler = Callable[[Request], Awaitable[Response]]


class Assets(StaticFiles):
    """Files whose names change with their content."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        """As `StaticFiles`, with the header that lets browsers keep it."""
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = IMMUTABLE
        return response


class Pages:
    """The pages of one process."""

    def __init__(self, context: HttpContext) -> None:
        self._context = context
        self._web = context.web_dir

    def routes(self) -> list[BaseRoute]:
        """In the order they are matched."""
        found: list[BaseRoute] = [
            Route("/", _safe(self.front)),
            Route(plain.STYLES, _safe(self.styles)),
            Mount("/assets", Assets(directory=self._web / "assets", check_dir=False)),
            Route("/{town}/{screen}/sw.js", _safe(self.worker)),
        ]
        if self._context.settings.demo:
            found += [Route("/demo", _safe(self.demo)), Route("/demo/sms", _safe(self.inbox))]
        return [
            *found,
            Route("/{town}", _safe(self.town)),
            Route("/{town}/colour.css", _safe(self.colour)),
            Route("/{town}/s/{code}", _safe(self.landing)),
            Route("/{town}/console/sticker/{shop}", _safe(self.sheet)),
            Route("/{town}/{screen}", _safe(self.screen)),
        ]

    async def front(self, _request: Request) -> Response:
        """The address without a path: the demo, or the only town, or the towns."""
        if self._context.settings.demo:
            return RedirectResponse("/demo")
        towns = list(self._context.towns.values())
        if len(towns) == 1:
            return RedirectResponse(f"/{towns[0].code}/wallet")
        links = "".join(
            f'<p><a class="button" href="/{town.code}/wallet">'
            f"{town.profile.town.currency['ja']}（{town.profile.town.name['ja']}）</a></p>"
            for town in towns
        )
        return plain.page("地域通貨", f"<h1>地域通貨</h1>{links}")

    async def styles(self, _request: Request) -> Response:
        """The plain pages' style sheet."""
        return FileResponse(
            PLAIN_CSS, media_type="text/css", headers={"Cache-Control": "max-age=300"}
        )

    async def town(self, request: Request) -> Response:
        """A town's own address opens its wallet."""
        return RedirectResponse(f"/{self._town(request).code}/wallet")

    async def screen(self, request: Request) -> Response:
        """A screen of a town."""
        self._town(request)
        name = request.path_params["screen"]
        return self._html(name) if name in SCREENS else plain.not_found()

    async def worker(self, request: Request) -> Response:
        """A screen's service worker, which may also serve the address without a slash."""
        town, name = self._town(request), request.path_params["screen"]
        file = self._web / name / "sw.js"
        if name not in SCREENS or not file.is_file():
            return plain.not_found()
        headers = {"Cache-Control": "no-cache", "Service-Worker-Allowed": f"/{town.code}/"}
        return FileResponse(file, media_type="text/javascript", headers=headers)

    async def demo(self, request: Request) -> Response:
        """The three screens side by side: of the town that the address names, or of the first."""
        if "town" not in request.query_params and (codes := list(self._context.towns)):
            return RedirectResponse(f"/demo?town={codes[0]}")
        return self._html("demo")

    async def inbox(self, _request: Request) -> Response:
        """The demo's SMS inbox, as the simulator of the provider tells it."""
        settings = self._context.settings
        if not settings.sms_url:
            return inbox_page(None)
        try:
            async with httpx.AsyncClient(timeout=INBOX_PATIENCE_S, trust_env=False) as client:
                answer = await client.get(urljoin(settings.sms_url, "/inbox.json"))
            answer.raise_for_status()
            found = msgspec.json.decode(answer.content, type=Inbox)
        except (httpx.HTTPError, msgspec.DecodeError) as error:
            log.warning("demo.inbox_unread", fault=type(error).__name__)
            return inbox_page(None)
        return inbox_page(found)

    async def colour(self, request: Request) -> Response:
        """A town's colour."""
        return stickers.colour_css(self._town(request).profile)

    async def landing(self, request: Request) -> Response:
        """What a phone's own camera opens from a shop's sticker."""
        town, code = self._town(request), request.path_params["code"]
        shop: Shop | None = None
        if code.isascii() and code.isdecimal() and len(code) == 7:
            shop = await accounts.shop_by_code(self._context.pool, town.number, code)
        if shop is None:
            return plain.shop_not_found(town.profile)
        return stickers.landing(town.profile, shop)

    async def sheet(self, request: Request) -> Response:
        """A shop's sticker to print; open to all, as it says only what hangs in the shop."""
        town, number = self._town(request), request.path_params["shop"]
        shop: Shop | None = None
        if number.isascii() and number.isdecimal() and len(number) <= 15:
            shop = await accounts.shop(self._context.pool, town.number, int(number))
        if shop is None:
            return plain.not_found()
        return stickers.sheet(town.profile, shop, self._context.settings.public_url)

    def _town(self, request: Request) -> Town:
        town = self._context.towns.get(request.path_params["town"])
        if town is None:
            raise HTTPException(404)
        return town

    def _html(self, name: str) -> Response:
        file = self._web / name / "index.html"
        if not file.is_file():
            return plain.not_built()
        return FileResponse(file, media_type="text/html", headers={"Cache-Control": "no-cache"})


def page_routes(context: HttpContext) -> list[BaseRoute]:
    """All pages; the last ones match any ``/{town}/...``."""
    return [
        *callback_routes(context, _safe),
        *oauth_routes(context),
        *Pages(context).routes(),
    ]


def _safe(handler: Handler) -> Handler:
    """A page answers with a page, whatever happens."""

    async def serve(request: Request) -> Response:
        try:
            return await handler(request)
        except HTTPException:
            return plain.not_found()
        except LedgerError as error:
            log.warning("page.ledger_fault", fault=type(error).__name__)
            return plain.unavailable()
        except Exception as error:  # noqa: BLE001 - told as a page, logged without its words.
            log.error("page.fault", **fault(error))  # noqa: TRY400 - see `fault`.
            return plain.failed()

    return serve


async def on_http_error(request: Request, error: Exception) -> Response:
    """What the application answers where no route does: JSON to programs, a page to people."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if request.url.path.startswith("/api/"):
        codes = {404: "not_found", 405: "method_not_allowed"}
        return refusal(Refused(codes.get(status, "internal")))
    return plain.not_found() if status in {404, 405} else plain.failed()


def exception_handlers() -> dict[type[Exception], Callable[..., Awaitable[Response]]]:
    """For the application's ``exception_handlers``."""
    return {HTTPException: on_http_error, Exception: on_http_error}
