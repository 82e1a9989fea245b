"""A town's cash machine as a test plays it: its own API, signed with its own key."""

import time
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec

from gateway.protocol.ids import new_id
from gateway.providers.signatures import sign
from tests.support.providers import MACHINE_KEYS


class Machine:
    """One machine, in front of one town's gateway."""

    def __init__(self, url: str, town: str, key: str = "M-01", secret: str = "") -> None:
        self._url = f"{url}/api/{town}/machines/machine"
        self._key = key
        self._secret = secret or MACHINE_KEYS[key]

    async def announces(self, code: str, id: str = "") -> dict[str, Any]:  # noqa: A002
        """It has read a wallet's code."""
        return await self._does("deposits", {"id": id or str(new_id()), "code": code})

    async def confirms(self, deposit: str, amount: int) -> dict[str, Any]:
        """The notes are in it."""
        return await self._does(f"deposits/{deposit}/confirm", {"amount": amount})

    async def cancels(self, deposit: str) -> dict[str, Any]:
        """It holds no cash of this deposit."""
        return await self._does(f"deposits/{deposit}/cancel", {})

    async def asks(self, deposit: str) -> dict[str, Any]:
        """How far is it?"""
        return await self._does(f"deposits/{deposit}", None)

    async def tries(self, path: str, body: dict[str, Any] | None) -> tuple[int, str]:
        """Something that is refused: the status and the word."""
        answer = await self.sends(path, body)
        return answer.status_code, answer.json().get("code", "")

    async def sends(self, path: str, said: dict[str, Any] | None) -> httpx.Response:
        """One signed request."""
        url, method = f"{self._url}/{path}", "GET" if said is None else "POST"
        body = b"" if said is None else msgspec.json.encode(said)
        headers = sign(self._key, self._secret, time.time(), method, urlsplit(url).path, body)
        if said is not None:
            headers["Content-Type"] = "application/json"
        async with httpx.AsyncClient(trust_env=False) as client:
            return await client.request(method, url, content=body, headers=headers)

    async def _does(self, path: str, said: dict[str, Any] | None) -> dict[str, Any]:
        answer = await self.sends(path, said)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told
