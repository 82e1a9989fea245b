"""Identity providers in tests: the simulator as a process, and who goes there."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from config.openid import OpenidSettings, load_openid
from tests.support.simulators import SimulatorProcess

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


class OpenidProcess(SimulatorProcess):
    """The simulator as a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "openid.toml"
        super().__init__("scripts.openid_simulator", KOBAN_OPENID=str(self.file))
        write_file(self.file, self.url)

    @property
    def settings(self) -> dict[str, OpenidSettings]:
        """What the gateway reads of the file."""
        return load_openid(self.file)

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
