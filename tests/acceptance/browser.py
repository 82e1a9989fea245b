"""A browser in a story: it keeps cookies as browsers do, and goes where pages lead it."""

from typing import Any

import httpx

from gateway.protocol import api
from gateway.protocol.messages import Role
from tests.acceptance.nagaoka import Holder, Nagaoka
from tests.support.openid import OpenidProcess


class Browser:
    """A browser of its own: what it gets as cookies, it keeps and sends as browsers do."""

    def __init__(
        self, town: Nagaoka, identities: OpenidProcess | None = None, holder: Holder | None = None
    ) -> None:
        self._town = town
        self._identities = identities
        # The session of a screen that is signed in already; it goes where a wallet's pages ask.
        self._session = {"Authorization": f"Bearer {holder._token}"} if holder else {}
        self._cookies = httpx.Cookies()

    async def asks(self, method: str, url: str, **how: Any) -> httpx.Response:
        """One request, as its pages make them."""
        headers = {"Origin": self._town.url, **how.pop("headers", {})}
        async with httpx.AsyncClient(
            base_url=self._town.url, trust_env=False, headers=headers, cookies=self._cookies
        ) as client:
            answer = await client.request(method, url, **how)
            self._cookies = client.cookies
            return answer

    async def goes(self, provider: str, purpose: str) -> httpx.Response:
        """The wallet's page asks where to go."""
        return await self.asks(
            "POST",
            f"/api/{self._town.code}/wallet/openid/{provider}/start",
            json={"purpose": purpose},
            headers=self._session,
        )

    async def proves(self, provider: str, purpose: str, person: str) -> httpx.Response:
        """Goes there, says who it is, and comes back: what it is then answered."""
        assert self._identities is not None
        started = await self.goes(provider, purpose)
        assert started.status_code == 200, started.text
        await self._identities.behave(now_s=self._town.clock.now.timestamp())
        back = await self._identities.chosen(started.json()["address"], person)
        return await self.opens(str(back))

    async def opens(self, url: str) -> httpx.Response:
        """Opens an address."""
        return await self.asks("GET", url)

    async def presses(self, address: str, decision: str) -> httpx.Response:
        """Opens the page that asks for consent, presses Continue, and then one of its buttons."""
        first = await self.opens(address)
        assert "つづける Continue" in first.text, first.text
        page = await self.asks("GET", address, headers=self._session)
        assert f'value="{decision}"' in page.text, page.text
        return await self.asks("POST", address, data={"decision": decision}, headers=self._session)

    async def wallet(self) -> httpx.Response:
        """What a wallet's page asks first: who is signed in?"""
        return await self.opens(f"/api/{self._town.code}/wallet")

    async def holder(self) -> Holder:
        """The wallet's screen, as it is signed in in this browser."""
        told = (await self.wallet()).json()
        token = self._cookies["koban_wallet"]
        signed_in = api.SignedIn(Role.WALLET, told["wallet"], told["name"], token, 0)
        return await self._town._opened(Holder(self._town, signed_in))


async def linked(holder: Holder) -> list[str]:
    """The identity providers that a wallet has linked."""
    told = await holder.looks("wallet/openid", dict[str, Any])
    return [one["provider"] for one in told["identities"]]
