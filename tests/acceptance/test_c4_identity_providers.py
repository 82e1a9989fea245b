"""C4: who somebody is, by LINE login or by a My-Number-based provider (OpenID Connect)."""

from typing import Any

import pytest

from tests.acceptance.browser import Browser, linked
from tests.acceptance.conftest import Visit
from tests.support.openid import NAMES, OpenidProcess

TOWN = "digital-coupon"


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
