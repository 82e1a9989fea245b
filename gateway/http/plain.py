"""Pages that need no script: what people see instead of a screen, and a sticker's landing page.

Japanese first, English below. Every text from outside is escaped here and nowhere else.
"""

from html import escape

from starlette.responses import HTMLResponse

from config.profile import Profile

STYLES = "/plain.css"

SHELL = """<!doctype html>
<html lang="ja">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{styles}">
{head}
</head>
<body class="{kind}">
<main>
{main}
</main>
</body>
</html>
"""


def page(
    title: str,
    main: str,
    *,
    status: int = 200,
    kind: str = "",
    town: str = "",
    refresh_s: int = 0,
) -> HTMLResponse:
    """A page around ``main``, which is HTML already; ``town`` gives it the town's colour."""
    head = f'<link rel="stylesheet" href="/{escape(town)}/colour.css">' if town else ""
    if refresh_s:
        head += f'<meta http-equiv="refresh" content="{refresh_s}">'
    text = SHELL.format(title=escape(title), styles=STYLES, head=head, kind=kind, main=main)
    return HTMLResponse(text, status, headers={"Cache-Control": "no-cache"})


def message(
    status: int, japanese: str, english: str, *, more: str = "", link: tuple[str, str] | None = None
) -> HTMLResponse:
    """What happened and what to do: a sentence in both languages, and where to go on."""
    main = f"<h1>{escape(japanese)}</h1>"
    if more:
        main += f"<p>{escape(more)}</p>"
    main += f'<p class="english" lang="en">{escape(english)}</p>'
    if link:
        main += f'<p><a class="button" href="{escape(link[0])}">{escape(link[1])}</a></p>'
    return page(japanese, main, status=status)


def not_found() -> HTMLResponse:
    """404."""
    return message(
        404,
        "このページはありません",
        "There is no such page. Please check the address.",
        more="アドレスをお確かめください。",
    )


def failed() -> HTMLResponse:
    """500."""
    return message(
        500,
        "ただいま表示できません",
        "Something failed on our side. Your money is safe; please try again in a moment.",
        more="しばらくしてから、もう一度お試しください。お金は安全です。",
    )


def unavailable() -> HTMLResponse:
    """503: the database is away."""
    return message(
        503,
        "ただいまつながりにくくなっています",
        "We cannot reach our records right now. Please try again in a moment.",
        more="しばらくしてから、もう一度お試しください。",
    )


def not_built() -> HTMLResponse:
    """503: the screens' sources were not built."""
    return message(
        503,
        "画面がまだ作られていません",
        "The screens are not built yet. Run ./scripts/run, or in terminal/web: npm ci, then "
        "npm run build; or set KOBAN_WEB_DIR to where they were built.",
        more="./scripts/run を実行すると画面が作られます。",
    )


def shop_not_found(profile: Profile) -> HTMLResponse:
    """404: the sticker's code is no shop's."""
    return message(
        404,
        "このコードのお店は見つかりません",
        "No shop has this code. Please scan the sticker again.",
        more="ステッカーをもう一度読み取るか、お店の人におたずねください。",
        link=(f"/{profile.town.code}/wallet", "財布をひらく Open the wallet"),
    )
