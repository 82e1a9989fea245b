"""A shop's sticker: the page that a phone's own camera opens, and the sheet to print."""

from html import escape

from starlette.responses import HTMLResponse, Response

from config.profile import Profile
from gateway.http.pictures import qr_svg, sticker_url
from gateway.http.plain import page
from ledger.accounts import Shop


def landing(profile: Profile, shop: Shop) -> HTMLResponse:
    """For whoever scanned the sticker with the phone's camera instead of the wallet's."""
    town = profile.town
    name, currency = escape(shop.name), escape(town.currency["ja"])
    english = escape(town.currency.get("en", town.currency["ja"]))
    # The shop's code goes in the fragment: the wallet reads it, and no server is asked for it.
    wallet = f"/{town.code}/wallet#shop={shop.code}"
    main = (
        f'<p class="eyebrow">{escape(town.name["ja"])} {currency}</p>'
        f"<h1>{name}</h1>"
        f'<p class="soft">{escape(shop.area)}</p>'
        f'<p><a class="button" href="{wallet}">このお店で支払う</a></p>'
        "<p>財布がひらき、このお店が選ばれます。<br>金額を入れて支払います。</p>"
        f'<p class="english" lang="en">Open your {english} wallet to pay {name}.</p>'
    )
    return page(f"{shop.name} | {town.currency['ja']}", main, kind="landing", town=town.code)


def sheet(profile: Profile, shop: Shop, public_url: str) -> HTMLResponse:
    """The sticker as an A6 page to print. It says nothing that is not on the shop's door."""
    town = profile.town
    digits = f"{shop.code[:3]} {shop.code[3:]}"
    english = escape(town.currency.get("en", town.currency["ja"]))
    main = (
        '<p class="hint">A6に印刷してください（背景の印刷をオンに）。 '
        '<span lang="en">Print on A6, with backgrounds.</span></p>'
        '<section class="sticker">'
        f"<header><b>{escape(town.currency['ja'])}</b>"
        f'<span lang="en">{english}</span></header>'
        f"<p>財布のアプリで読み取ってください<br>"
        f'<span lang="en">Scan with your wallet to pay</span></p>'
        f'<div class="qr">{qr_svg(sticker_url(public_url, town.code, shop.code))}</div>'
        f"<h1>{escape(shop.name)}</h1>"
        f'<p class="digits">{digits}</p>'
        f"<footer>{escape(town.issuer)} {escape(town.contact)}</footer>"
        "</section>"
    )
    return page(f"{shop.name} {digits}", main, kind="sheet", town=town.code)


def colour_css(profile: Profile) -> Response:
    """The town's colour for the plain pages; a style attribute would need a weaker policy."""
    return Response(
        f":root{{--town:{profile.town.colour}}}\n",
        media_type="text/css",
        headers={"Cache-Control": "max-age=300"},
    )
