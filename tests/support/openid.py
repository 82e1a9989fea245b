"""Identity providers in tests: the simulator as a process, and who goes there."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from config.openid import OpenidSettings, load_openid
from tests.support.gateways import ROOT, free_port

ALGORITHMS = {"line": "HS256", "mynumber": "ES256", "portal": "RS256"}
NAMES = {"line": "LINE", "mynumber": "マイナンバーカードで本人確認", "portal": "ポータル"}


def write_file(path: Path, base: str, *, timeout_s: float = 1.0) -> None:
    """The file that ``KOBAN_OPENID`` names."""
    lines = []
    for code, algorithm in ALGORITHMS.items():
        lines += [
            f"[{code}]",
            f'name = "{NAMES[code]}"',
            f'issuer = "{base}/{code}"',
            f'client_id = "koban-{code}"',
            f'client_secret = "the secret between koban and {code}, known to both"',
            f'algorithm = "{algorithm}"',
            f"timeout_s = {timeout_s}",
        ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


class OpenidProcess:
    """The simulator as a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.file = folder / "openid.toml"
        write_file(self.file, self.url)
        self._process: asyncio.subprocess.Process | None = None

    @property
    def settings(self) -> dict[str, OpenidSettings]:
        """What the gateway reads of the file."""
        return load_openid(self.file)

    async def start(self) -> None:
        """Returns when it listens."""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "scripts.openid_simulator", "--port", str(self.port)),
            cwd=ROOT,
            env={**os.environ, "KOBAN_OPENID": str(self.file), "PYTHONPATH": str(ROOT)},
        )
        async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(30):
            while True:
                assert self._process.returncode is None, "the simulator stopped at once"
                with suppress(httpx.TransportError):
                    await client.get(f"{self.url}/line/keys")
                    return
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """Ends it at once."""
        if self._process is not None:
            self._process.kill()
            await self._process.wait()
            self._process = None

    async def behave(self, **how: Any) -> None:
        """How it behaves from now on."""
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.put(f"{self.url}/behaviour", json=how)
            assert answer.status_code == 200, answer.text

    async def chosen(self, address: str, person: str) -> httpx.URL:
        """Somebody opens the page, says who they are ("": cancels), and is sent back there."""
        async with httpx.AsyncClient(trust_env=False) as client:
            page = await client.get(address)
            assert page.status_code == 200, page.text
            assert "どなたですか" in page.text
            sent = await client.post(address, data={"person": person})
            assert sent.status_code == 303, sent.text
            return httpx.URL(sent.headers["location"])


@pytest.fixture
def openid_process(tmp_path: Path) -> OpenidProcess:
    """The simulator, not started; its file is there."""
    return OpenidProcess(tmp_path)


@pytest.fixture
async def identities(openid_process: OpenidProcess) -> AsyncIterator[OpenidProcess]:
    """Every identity provider there is, played by a process of its own."""
    await openid_process.start()
    yield openid_process
    await openid_process.kill()
