"""C4: who somebody is, by LINE login or by a My-Number-based provider (OpenID Connect)."""

from typing import Any

import httpx
import pytest

from gateway.protocol import api
from gateway.protocol.messages import Role
from tests.acceptance.conftest import Visit
from tests.acceptance.nagaoka import Holder, Nagaoka
from tests.support.openid import NAMES, OpenidProcess

TOWN = "digital-coupon"


class Browser:
    """A browser of its own: what it gets as cookies, it keeps and sends as browsers do."""

    def __init__(
        self, town: Nagaoka, identities: OpenidProcess, holder: Holder | None = None
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
            f"/api/{TOWN}/wallet/openid/{provider}/start",
            json={"purpose": purpose},
            headers=self._session,
        )

    async def proves(self, provider: str, purpose: str, person: str) -> httpx.Response:
        """Goes there, says who it is, and comes back: what it is then answered."""
        started = await self.goes(provider, purpose)
        assert started.status_code == 200, started.text
        await self._identities.behave(now_s=self._town.clock.now.timestamp())
        back = await self._identities.chosen(started.json()["address"], person)
        return await self.opens(str(back))

    async def opens(self, url: str) -> httpx.Response:
        """Opens an address."""
        return await self.asks("GET", url)

    async def wallet(self) -> httpx.Response:
        """What a wallet's page asks first: who is signed in?"""
        return await self.opens(f"/api/{TOWN}/wallet")

    async def holder(self) -> Holder:
        """The wallet's screen, as it is signed in in this browser."""
        told = (await self.wallet()).json()
        token = self._cookies["koban_wallet"]
        signed_in = api.SignedIn(Role.WALLET, told["wallet"], told["name"], token, 0)
        return await self._town._opened(Holder(self._town, signed_in))


async def linked(holder: Holder) -> list[str]:
    """The providers that a wallet has linked."""
    told = await holder.looks("wallet/openid", dict[str, Any])
    return [one["provider"] for one in told["identities"]]


@pytest.mark.parametrize(("provider", "person"), [("line", "hanako"), ("mynumber", "taro")])
async def test_c4_signing_in_by_a_provider(
    visit: Visit, identities: OpenidProcess, provider: str, person: str
) -> None:
    """Linked once in the wallet; a new phone is signed in by it, and pays with the PIN as ever."""
    town = await visit(TOWN)
    offered = await town.get("/openid", dict[str, Any])
    assert [(one["code"], one["name"], one["open"]) for one in offered["providers"]] == [
        ("line", NAMES["line"], True),
        ("mynumber", NAMES["mynumber"], True),
    ]
    midori = await town.registers("緑川 みどり")
    done = await Browser(town, identities, midori).proves(provider, "link", person)
    assert (done.status_code, done.headers["location"]) == (303, f"/{TOWN}/wallet")
    assert await linked(midori) == [provider]
    phone = Browser(town, identities)
    assert (await phone.wallet()).status_code == 401
    done = await phone.proves(provider, "sign_in", person)
    assert (done.status_code, done.headers["location"]) == (303, f"/{TOWN}/wallet")
    again = await phone.holder()
    assert (again.account, again.name) == (midori.account, midori.name)
    shop = await town.opens("和菓子 たちばな")
    _, refused = await again.tries_to_pay(shop.shop, 500, pin="0000")
    assert refused == "pin_wrong", "whoever has the provider's word alone pays nothing"


async def test_c4_one_identity_is_one_wallet(visit: Visit, identities: OpenidProcess) -> None:
    """A second account of the same person is refused (N13), until the first lets it go."""
    town = await visit(TOWN)
    midori = await town.registers("緑川 みどり")
    taro = await town.registers("青山 太郎", "09087654321")
    await Browser(town, identities, midori).proves("mynumber", "link", "hanako")
    refused = await Browser(town, identities, taro).proves("mynumber", "link", "hanako")
    assert refused.status_code == 409
    assert "すでに別のウォレットと連携しています" in refused.text
    assert await linked(taro) == []
    answer = await midori.sends("/wallet/openid/mynumber/unlink", {})
    assert answer.status_code == 200, answer.text
    assert await linked(midori) == []
    stranger = await Browser(town, identities).proves("mynumber", "sign_in", "hanako")
    assert stranger.status_code == 404, "what is unlinked opens nothing"
    again = await Browser(town, identities, taro).proves("mynumber", "link", "hanako")
    assert again.status_code == 303
    assert await linked(taro) == ["mynumber"]


async def test_c4_nobody_is_signed_in_by_somebody_elses_link(
    visit: Visit, identities: OpenidProcess
) -> None:
    """The way back works once, in the browser that began; whoever cancels is told so."""
    town = await visit(TOWN)
    midori = await town.registers("緑川 みどり")
    own = Browser(town, identities, midori)
    await own.proves("line", "link", "hanako")
    await identities.behave(now_s=town.clock.now.timestamp())
    thief, victim = Browser(town, identities), Browser(town, identities)
    started = await thief.goes("line", "sign_in")
    back = await identities.chosen(started.json()["address"], "hanako")
    assert (await victim.opens(str(back))).status_code == 410
    assert (await victim.wallet()).status_code == 401
    assert (await thief.opens(str(back))).status_code == 303
    assert (await thief.opens(str(back))).status_code == 410
    cancelled = await victim.proves("line", "sign_in", "")
    assert (cancelled.status_code, "手続きは中止されました" in cancelled.text) == (403, True)


async def test_c4_a_town_decides_by_what_people_come_in(
    visit: Visit, identities: OpenidProcess
) -> None:
    """Nagaoka switches none on; a provider that does not answer leaves the SMS."""
    nagaoka = await visit("nagaoka")
    assert (await nagaoka.get("/openid", dict[str, Any])) == {"providers": []}
    refused = await nagaoka.posts("/wallet/openid/line/start", {"purpose": "sign_in"}, "")
    assert (refused.status_code, refused.json()["code"]) == (404, "openid_unknown")
    town = await visit(TOWN)
    await town.registers("緑川 みどり")
    await identities.kill()
    away = await Browser(town, identities).goes("line", "sign_in")
    assert (away.status_code, away.json()["code"]) == (503, "openid_unavailable")
    assert (await town.signs_in()).name == "緑川 みどり"
