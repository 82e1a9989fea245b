"""The demo's SMS inbox: what the simulated provider was asked to deliver."""

from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

from msgspec import Struct
from starlette.responses import HTMLResponse

from gateway.http.plain import page

REFRESH_S = 3
MESSAGES_MAX = 50


class Message(Struct, frozen=True):
    """A text message; the simulator tells more of it than is shown."""

    to: str
    text: str
    at: int


class Inbox(Struct, frozen=True):
    """Newest first."""

    messages: list[Message]


def inbox_page(inbox: Inbox | None) -> HTMLResponse:
    """The inbox; None where the simulator cannot be read."""
    main = '<h1>SMS</h1><p class="english" lang="en">What the demo’s phones received.</p>'
    if inbox is None:
        main += "<p>SMSの模擬サーバーにつながりません。</p>"
        main += '<p class="english" lang="en">The SMS simulator does not answer.</p>'
    elif not inbox.messages:
        main += '<p>まだ届いていません。<span lang="en"> Nothing has come yet.</span></p>'
    else:
        main += f"<ul>{''.join(_line(each) for each in inbox.messages[:MESSAGES_MAX])}</ul>"
    return page("SMS", main, kind="inbox", refresh_s=REFRESH_S)


def _line(message: Message) -> str:
    at = datetime.fromtimestamp(message.at / 1000, ZoneInfo("Asia/Tokyo"))
    return (
        f"<li><b>{escape(message.to)}</b> <time>{at:%H:%M:%S}</time>"
        f"<p>{escape(message.text)}</p></li>"
    )
