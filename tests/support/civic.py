"""Civic platforms in tests: one at the doors, without a process, and the simulator as a process."""

from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import msgspec

from gateway.openid.relying_party import challenge
from ledger import clients, programmes
from ledger.clients import NewClient
from ledger.database import transaction
from scripts.civic_simulator import PlatformSettings
from tests.support.doors import Doors, Visitor
from tests.support.simulators import SimulatorProcess

API = "/api/nagaoka"
CODE, SECRET = "machizukuri", "what only the platform and the town know"
BACK = "https://machi.example/back"
VERIFIER = "a-verifier-of-43-to-128-characters-0123456789"
FORM = "application/x-www-form-urlencoded"


async def open_platform(doors: Doors, *, programme: str | None = None, **other: Any) -> "Platform":
    """The office registers it, and lets it give for a programme."""
    new = {"code": CODE, "name": "まちづくり広場", "redirect_uris": [BACK], "secret": SECRET}
    made = NewClient(**{**new, "scopes": ["who", "balance", "grant"], **other})
    async with transaction(doors.pool) as connection:
        assert await clients.open_client(connection, doors.town, made, doors.clock.now)
        found = await clients.client(connection, doors.town, made.code)
        assert found is not None
        if programme is not None:
            given = await programmes.programme(connection, doors.town, programme)
            assert given is not None
            number = given.programme
            assert await programmes.allow_system(
                connection, doors.town, found.client, number, doors.clock.now
            )
    return Platform(doors, made.code, made.secret, found.client)


class Platform:
    """The platform's server, and where it sends browsers."""

    def __init__(self, doors: Doors, code: str, secret: str, number: int) -> None:
        self.code = code
        self.secret = secret
        self.number = number
        self._doors = doors
        self._program = doors.visitor("198.51.100.9", origin=None)

    def address(self, scope: str | None = "who grant", **changes: str | None) -> str:
        """Where it sends a browser; ``None`` leaves a part out."""
        asked = {
            "response_type": "code",
            "client_id": self.code,
            "redirect_uri": BACK,
            "scope": scope,
            "state": "xyz",
            "code_challenge": challenge(VERIFIER),
            "code_challenge_method": "S256",
            **changes,
        }
        query = urlencode({name: text for name, text in asked.items() if text is not None})
        return f"{API}/oauth/authorise?{query}"

    async def brought(self, visitor: Visitor, scope: str = "who grant") -> str:
        """Somebody allows it: the code that their browser brings."""
        answer = await presses(visitor, self.address(scope), "allow")
        assert answer.status_code == 303, answer.text
        return returned(answer)["code"]

    async def asks(self, act: str | None = None, **form: str | None) -> httpx.Response:
        """Its server asks for tokens, or gives one back; ``None`` leaves a field out."""
        own = {"client_id": self.code, "client_secret": self.secret}
        sent = {name: text for name, text in {**own, **form}.items() if text is not None}
        return await self._program.post(f"/nagaoka/oauth/{act or 'token'}", data=sent)

    async def exchanges(self, brought: str, **changes: str | None) -> httpx.Response:
        """A code for tokens."""
        form: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": brought,
            "redirect_uri": BACK,
            "code_verifier": VERIFIER,
        }
        return await self.asks(**form | changes)

    async def links(self, visitor: Visitor, scope: str = "who grant") -> dict[str, Any]:
        """All of it: the tokens, as they came."""
        answer = await self.exchanges(await self.brought(visitor, scope))
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens

    async def refreshes(self, token: str, **changes: str | None) -> httpx.Response:
        """A refresh token for new ones."""
        return await self.asks(grant_type="refresh_token", refresh_token=token, **changes)

    async def calls(
        self, token: str, method: str, path: str, body: Any = None, key: str | None = None
    ) -> httpx.Response:
        """One request of its server with an access token."""
        headers = {"Authorization": f"Bearer {token}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        return await self._program.request(method, f"{API}/civic{path}", json=body, headers=headers)


async def presses(visitor: Visitor, address: str, decision: str) -> httpx.Response:
    """Somebody opens the page and presses one of its buttons."""
    page = await visitor.get(address)
    assert page.status_code == 200, page.text
    return await visitor.post(address, data={"decision": decision})


def returned(answer: httpx.Response) -> dict[str, str]:
    """What a browser is sent back to the platform with."""
    address = answer.headers["location"]
    assert address.startswith(f"{BACK}?"), address
    return {name: texts[0] for name, texts in parse_qs(urlsplit(address).query).items()}


class CivicProcess(SimulatorProcess):
    """The platform's simulator as a process of its own."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "civic.json"
        super().__init__("scripts.civic_simulator", KOBAN_CIVIC=str(self._file))

    @property
    def back(self) -> str:
        """Where the town sends browsers back to."""
        return f"{self.url}/back"

    async def begins(self, settings: PlatformSettings, now: datetime) -> None:
        """It starts, with what the office has printed; it believes that it is this instant."""
        self._file.write_bytes(msgspec.json.encode(settings))
        await self.start()
        await self.behaves(now)

    async def behaves(self, now: datetime, **how: Any) -> None:
        """How it behaves from now on."""
        await self.asked("PUT", "/behaviour", {"now_s": now.timestamp(), **how})

    async def asked(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        """One of its own addresses; what it answers."""
        answer = await self.answers(method, path, body)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def answers(self, method: str, path: str, body: Any = None, **how: Any) -> httpx.Response:
        """The same, whatever comes of it."""
        async with httpx.AsyncClient(base_url=self.url, trust_env=False) as client:
            return await client.request(method, path, json=body, **how)
