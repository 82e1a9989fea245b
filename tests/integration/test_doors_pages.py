"""What is opened in a browser: the screens, the stickers, the demo's pages, and their headers."""

import asyncio
import re
import socket
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import qrcode
import uvicorn
from msgspec.structs import replace
from starlette.applications import Starlette

from config.settings import Settings
from gateway.http.headers import allowed_origins, content_policy
from gateway.http.pictures import qr_svg
from gateway.routes.table import http_routes
from notifier.sms import SmsSender
from scripts.sms_simulator import Simulator
from tests.support.doors import SETTINGS, Doors

SECURE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "strict-transport-security": "max-age=63072000; includeSubDomains",
}


def build_screens(folder: Path) -> None:
    """Lays out what the screens' build leaves behind."""
    for name in ("wallet", "tablet", "console", "demo"):
        (folder / name).mkdir()
        (folder / name / "index.html").write_text(f"<title>{name}</title>")
    (folder / "wallet" / "sw.js").write_text("self")
    (folder / "assets").mkdir()
    (folder / "assets" / "wallet-1a2b.js").write_text("export {}")
    (folder / "secret.txt").write_text("not for anybody")


@pytest.fixture
def built(doors: Doors, tmp_path: Path) -> Doors:
    """Doors whose screens are built."""
    build_screens(tmp_path)
    doors.context.web_dir = tmp_path
    doors.app.router.routes[:] = http_routes(doors.context)
    return doors


async def test_each_screen_is_asked_for_again_and_its_assets_never(built: Doors) -> None:
    """A new version shows at once; what it is made of is fetched once."""
    visitor = built.visitor()
    for name in ("wallet", "tablet", "console"):
        answer = await visitor.get(f"/nagaoka/{name}")
        assert (answer.status_code, answer.text) == (200, f"<title>{name}</title>")
        assert answer.headers["cache-control"] == "no-cache"
        again = await visitor.get(
            f"/nagaoka/{name}", headers={"If-None-Match": answer.headers["etag"]}
        )
        assert again.headers["etag"] == answer.headers["etag"]
    asset = await visitor.get("/assets/wallet-1a2b.js")
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert asset.headers["content-type"].startswith("text/javascript")
    worker = await visitor.get("/nagaoka/wallet/sw.js")
    assert worker.headers["service-worker-allowed"] == "/nagaoka/"
    assert worker.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/atlantis/wallet",
        "/nagaoka/vault",
        "/nagaoka/tablet/sw.js",
        "/atlantis/wallet/sw.js",
        "/assets/nothing.js",
        "/assets/../secret.txt",
        "/assets/%2e%2e/secret.txt",
        "/assets/..%2fsecret.txt",
        "/assets//etc/passwd",
        "/nagaoka/%2e%2e/secret.txt",
        "/secret.txt",
        "/nagaoka/console/sticker/999999",
        "/nagaoka/console/sticker/x",
        "/nagaoka/console/sticker/99999999999999999999",
        "/a/b/c/d/e",
    ],
)
async def test_what_is_not_there_is_said_in_japanese_first(built: Doors, path: str) -> None:
    """A page, not a stack trace, and nothing outside the built screens."""
    answer = await built.visitor().get(path)
    assert answer.status_code == 404
    assert answer.text.index("このページはありません") < answer.text.index("There is no such page")
    assert "not for anybody" not in answer.text


async def test_screens_that_were_not_built_say_how_to_build_them(
    doors: Doors, tmp_path: Path
) -> None:
    """503 with the command."""
    doors.context.web_dir = tmp_path / "nothing"
    doors.app.router.routes[:] = http_routes(doors.context)
    answer = await doors.visitor().get("/nagaoka/wallet")
    assert answer.status_code == 503
    assert "./scripts/run" in answer.text
    assert answer.text.index("画面がまだ") < answer.text.index("not built yet")


async def test_every_answer_carries_the_same_protection(built: Doors) -> None:
    """Pages, assets, API answers and errors alike."""
    visitor = built.visitor()
    for path in ("/nagaoka/wallet", "/assets/wallet-1a2b.js", "/api/nagaoka/town", "/nothing/here"):
        headers = (await visitor.get(path)).headers
        for name, value in SECURE.items():
            assert headers[name] == value, (path, name)
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy
        assert "connect-src 'self' wss://koban.example" in policy
        assert "frame-ancestors 'none'" in policy
        assert "camera=(self)" in headers["permissions-policy"]
        assert "microphone=()" in headers["permissions-policy"]


def test_the_demo_alone_may_frame_its_own_screens() -> None:
    """And without https nothing promises it for two years."""
    demo = replace(SETTINGS, demo=True, public_url="http://127.0.0.1:8000")
    policy = content_policy(demo)
    assert "frame-ancestors 'self'" in policy
    assert "frame-src 'self'" in policy
    assert "connect-src 'self' ws://127.0.0.1:8000" in policy


def test_the_allowed_origins_are_exact() -> None:
    """A path in the public address is not part of its origin."""
    settings = Settings("", "", b"", public_url="https://koban.example", origins=("https://b.jp",))
    assert allowed_origins(settings) == {"https://koban.example", "https://b.jp"}
    local = Settings("", "", b"", public_url="http://127.0.0.1:8000")
    assert allowed_origins(local) == {"http://127.0.0.1:8000", "http://localhost:8000"}


async def test_a_phones_own_camera_finds_the_shop(doors: Doors) -> None:
    """The landing page names the shop and opens the wallet with it; names are only text."""
    shop = await doors.shop("<script>alert(1)</script>")
    visitor = doors.visitor()
    answer = await visitor.get(f"/nagaoka/s/{shop.code}")
    assert answer.status_code == 200
    assert "<script>" not in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text
    assert f'href="/nagaoka/wallet#shop={shop.code}"' in answer.text
    assert "ながおかコイン" in answer.text
    assert "Nagaoka Coin" in answer.text
    for code in ("1234567", "12", "x" * 7, "１２３４５６７"):
        missing = await visitor.get(f"/nagaoka/s/{code}")
        assert missing.status_code == 404
        assert "お店は見つかりません" in missing.text


async def test_a_sticker_can_be_printed(doors: Doors) -> None:
    """With the shop's name, its code to type, and the town's colour from a style sheet."""
    shop = await doors.shop()
    visitor = doors.visitor()
    answer = await visitor.get(f"/nagaoka/console/sticker/{shop.account}")
    assert answer.status_code == 200
    for words in ("八百屋 まるや", f"{shop.code[:3]} {shop.code[3:]}", "<svg "):
        assert words in answer.text
    assert "style=" not in answer.text
    assert 'href="/nagaoka/colour.css"' in answer.text
    assert (await visitor.get("/nagaoka/colour.css")).text == ":root{--town:#a4262c}\n"
    styles = await visitor.get("/plain.css")
    assert "size: A6" in styles.text


def test_a_qr_is_drawn_module_for_module() -> None:
    """The path covers exactly the dark modules of the code, inside a quiet zone of four."""
    text = "https://koban.example/nagaoka/s/1234566"
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q, border=4)
    code.add_data(text)
    code.make(fit=True)
    expected = {
        (x, y) for y, row in enumerate(code.get_matrix()) for x, dark in enumerate(row) if dark
    }
    root = ET.fromstring(qr_svg(text))
    path = root.findall("{http://www.w3.org/2000/svg}path")[1].get("d") or ""
    drawn = set()
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", path):
        drawn |= {(int(x) + step, int(y)) for step in range(int(length))}
    assert drawn == expected
    side = int((root.get("viewBox") or "").split()[2])
    assert min(x for x, _ in drawn) == min(y for _, y in drawn) == 4
    assert max(x for x, _ in drawn) == side - 5


async def test_the_front_door_leads_on(doors: Doors, demo_doors: Doors) -> None:
    """To the only town's wallet, or to the demo."""
    visitor = doors.visitor()
    assert (await visitor.get("/")).headers["location"] == "/nagaoka/wallet"
    assert (await visitor.get("/nagaoka")).headers["location"] == "/nagaoka/wallet"
    assert (await demo_doors.visitor().get("/")).headers["location"] == "/demo"


def _serve(app: Starlette) -> tuple[uvicorn.Server, socket.socket, str]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    return server, listener, f"http://127.0.0.1:{listener.getsockname()[1]}"


async def test_the_demos_inbox_shows_what_the_phones_got(demo_doors: Doors) -> None:
    """Through the real adapter, the simulator and back; and it says when nobody is there."""
    secret = "a secret of the provider and the town"
    server, listener, address = _serve(Simulator(secret).app())
    task = asyncio.create_task(server.serve(sockets=[listener]))
    doors = demo_doors
    doors.context.settings = replace(doors.context.settings, sms_url=f"{address}/messages")
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        page = await doors.visitor().get("/demo/sms")
        assert "まだ届いていません" in page.text
        async with SmsSender(f"{address}/messages", secret) as sender:
            doors.auth.doors._sms = sender
            answer = await doors.visitor().post(
                "/api/nagaoka/wallet/register", json={"phone": "09012345678"}
            )
            assert answer.status_code == 200
        page = await doors.visitor().get("/demo/sms")
        assert "09012345678" in page.text
        assert re.search(r"認証コード [0-9]{6}", page.text)
        assert '<meta http-equiv="refresh" content="3">' in page.text
    finally:
        server.should_exit = True
        await task
    gone = await doors.visitor().get("/demo/sms")
    assert gone.status_code == 200
    assert "模擬サーバーにつながりません" in gone.text
