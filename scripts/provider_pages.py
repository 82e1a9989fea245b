"""The provider simulator's pages: a card's page, an ATM, a store's till, a cash machine.

They are for a person who tries things; `scripts.provider_simulator` says what happens behind them.
"""

import html
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from config.providers import ProviderSettings
from gateway.providers.signatures import sign

if TYPE_CHECKING:
    from scripts.provider_simulator import Order, Simulator

NAMES = {
    "card": "クレジットカード",
    "bank": "銀行口座",
    "seven_bank": "セブン銀行ATM",
    "convenience": "コンビニのレジ",
    "exchange": "ポイント交換",
    "machine": "専用チャージ機",
}

PAGE = """<!doctype html>
<html lang="ja"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{title}</title>
<style>
body {{ font: 18px/1.6 system-ui, sans-serif; max-width: 40rem; margin: 2rem auto }}
button, input {{ font: inherit; padding: .5rem 1rem }} td {{ padding: .25rem .75rem .25rem 0 }}
</style>
<h1>{title}</h1>{main}
"""


class Machines:
    """Cash machines as the gateway meets them: they call it, signed, and it never calls them."""

    def __init__(
        self,
        providers: Mapping[str, ProviderSettings],
        gateway_url: str,
        client: httpx.AsyncClient,
    ) -> None:
        self.providers = providers
        self._gateway_url = gateway_url.rstrip("/")
        self._client = client

    async def announce(self, provider: str, town: str, code: str) -> httpx.Response:
        """A code was scanned: whose wallet, and how much cash is to come?"""
        body = {"id": str(uuid4()), "code": code}
        return await self._post(provider, town, "deposits", body)

    async def confirm(self, provider: str, town: str, deposit: str, amount: int) -> httpx.Response:
        """The cash is in the box."""
        return await self._post(provider, town, f"deposits/{deposit}/confirm", {"amount": amount})

    async def cancel(self, provider: str, town: str, deposit: str) -> httpx.Response:
        """The cash, if any, was given back."""
        return await self._post(provider, town, f"deposits/{deposit}/cancel", {})

    async def _post(
        self, provider: str, town: str, path: str, said: Mapping[str, object]
    ) -> httpx.Response:
        url = f"{self._gateway_url}/api/{town}/machines/{provider}/{path}"
        key, secret = next(iter(self.providers[provider].keys.items()))
        body = msgspec.json.encode(said)
        headers = sign(key, secret, time.time(), "POST", urlsplit(url).path, body)
        headers["Content-Type"] = "application/json"
        return await self._client.post(url, content=body, headers=headers)


def page_routes(simulator: "Simulator", machines: Machines) -> list[Route]:
    """The pages' addresses."""

    async def index(request: Request) -> Response:  # noqa: ARG001
        rows = "".join(_row(order) for order in reversed(simulator.orders.values()))
        doors = "".join(
            f'<li><a href="/{code}/number">{html.escape(NAMES.get(code, code))}</a></li>'
            for code in simulator.providers
            if code in {"seven_bank", "convenience"}
        ) + "".join(
            f'<li><a href="/{code}/machine">{html.escape(NAMES.get(code, code))}</a></li>'
            for code in machines.providers
        )
        return _page("決済会社のシミュレータ", f"<ul>{doors}</ul><table>{rows}</table>")

    async def pay(request: Request) -> Response:
        code, id = request.path_params["provider"], request.path_params["order"]  # noqa: A001
        if request.method == "POST":
            simulator.decide(code, id, (await _form(request)).get("act", "fail"))
            return RedirectResponse(request.url.path, 303)
        order = simulator.orders.get((code, id))
        return _page(NAMES.get(code, code), _order(order) if order else "注文がありません")

    async def number(request: Request) -> Response:
        code = request.path_params["provider"]
        wanted = request.query_params.get("number", "")
        for (provider, id), order in simulator.orders.items():  # noqa: A001
            if provider == code and wanted and order.number == wanted:
                return RedirectResponse(f"/{code}/pay/{id}", 303)
        problem = "<p>この番号の注文はありません。</p>" if wanted else ""
        return _page(
            NAMES.get(code, code),
            f'{problem}<form><input name="number" placeholder="番号" inputmode="numeric">'
            "<button>次へ</button></form>",
        )

    async def machine(request: Request) -> Response:
        code = request.path_params["provider"]
        if code not in machines.providers:
            return _page("専用チャージ機", "この機械はありません")
        if request.method == "GET":
            return _page(NAMES.get(code, code), MACHINE_FORM)
        return _page(NAMES.get(code, code), await _at_machine(machines, code, await _form(request)))

    return [
        Route("/", index),
        Route("/{provider}/pay/{order:uuid}", pay, methods=["GET", "POST"]),
        Route("/{provider}/number", number),
        Route("/{provider}/machine", machine, methods=["GET", "POST"]),
    ]


MACHINE_FORM = """
<form method="post"><p><input name="town" placeholder="自治体 (higashimurayama)" required>
<p><input name="code" placeholder="ウォレットのコード" inputmode="numeric" required>
<p><button>読み取る</button></form>
"""


async def _at_machine(machines: Machines, provider: str, form: dict[str, str]) -> str:
    """One touch at the machine, and what it shows then."""
    town, deposit = form.get("town", ""), form.get("deposit", "")
    try:
        if not deposit:
            answer = await machines.announce(provider, town, form.get("code", "").strip())
        elif form.get("act") == "confirm":
            answer = await machines.confirm(provider, town, deposit, int(form.get("amount", "0")))
        else:
            answer = await machines.cancel(provider, town, deposit)
    except (httpx.HTTPError, ValueError) as error:
        return f"<p>{html.escape(str(error) or type(error).__name__)}</p>{MACHINE_FORM}"
    said = answer.json()
    if answer.status_code != 200:
        return f"<p>{html.escape(str(said.get('message', said)))}</p>{MACHINE_FORM}"
    shown = f"<p>{said['amount']:,}円: {html.escape(said['state'])} {html.escape(said['reason'])}"
    if said["state"] not in {"accepted", "refunding"}:
        return shown + MACHINE_FORM
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{html.escape(str(value))}">'
        for name, value in (("town", town), ("deposit", said["id"]))
    )
    cash = f'<input name="amount" value="{said["amount"]}"><button name="act" value="confirm">'
    confirm = f"{cash}現金を入れる</button>" if said["state"] == "accepted" else ""
    give_back = '<button name="act" value="cancel">現金を返す</button>'
    return f'{shown}<form method="post">{hidden}{confirm}{give_back}</form>'


def _row(order: "Order") -> str:
    cells = (
        NAMES.get(order.provider, order.provider),
        order.reference,
        order.number,
        f"{order.taken:,}",
        order.state,
    )
    link = f"/{order.provider}/pay/{order.body.order}"
    shown = "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
    return f'<tr>{shown}<td><a href="{link}">開く</a></td></tr>'


def _order(order: "Order") -> str:
    shown = f"<p>{order.taken:,}: {html.escape(order.state)}</p>"
    if order.state != "accepted":
        return shown
    return shown + (
        '<form method="post"><button name="act" value="pay">支払う</button> '
        '<button name="act" value="fail">やめる</button></form>'
    )


async def _form(request: Request) -> dict[str, str]:
    fields = parse_qs((await request.body()).decode("utf-8", "replace"))
    return {name: values[0] for name, values in fields.items()}


def _page(title: str, main: str) -> Response:
    policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"
    return HTMLResponse(
        PAGE.format(title=html.escape(title), main=main),
        headers={"Content-Security-Policy": policy},
    )
