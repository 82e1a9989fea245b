"""A3: the ID of the city's resident portal (OpenID Connect) signs in to the wallet."""

from typing import Any

from tests.acceptance.browser import Browser, linked
from tests.acceptance.conftest import Visit
from tests.support.openid import NAMES, OpenidProcess

TOWN = "higashimurayama"


async def test_a3_the_portals_id_opens_the_wallet(visit: Visit, identities: OpenidProcess) -> None:
    """Sayuri links it once. Her new phone is signed in by the portal alone and shows her wallet;
    paying takes the PIN as ever. A neighbour's wallet takes the same ID not, until she lets it go.
    """
    town = await visit(TOWN)
    offered = await town.get("/openid", dict[str, Any])
    assert offered == {"providers": [{"code": "portal", "name": NAMES["portal"], "open": True}]}
    sayuri = await town.registers("東村山 小百合")
    shop = await town.opens("だんご 久米川")
    stranger = await Browser(town, identities).proves("portal", "sign_in", "hanako")
    assert (stranger.status_code, "まだウォレットと連携していません" in stranger.text) == (
        404,
        True,
    )
    done = await Browser(town, identities, sayuri).proves("portal", "link", "hanako")
    assert (done.status_code, done.headers["location"]) == (303, f"/{TOWN}/wallet")
    phone = Browser(town, identities)
    assert (await phone.proves("portal", "sign_in", "hanako")).status_code == 303
    again = await phone.holder()
    assert (again.account, again.name) == (sayuri.account, "東村山 小百合")
    assert (await again.balance()).total == 0
    assert (await again.tries_to_pay(shop.shop, 100, pin="0000"))[1] == "pin_wrong"
    goro = await town.registers("久米川 五郎", "09087654321")
    taken = await Browser(town, identities, goro).proves("portal", "link", "hanako")
    assert (taken.status_code, await linked(goro)) == (409, [])
    assert (await again.sends("/wallet/openid/portal/unlink", {})).status_code == 200
    assert (await phone.proves("portal", "sign_in", "hanako")).status_code == 404
    taken = await Browser(town, identities, goro).proves("portal", "link", "hanako")
    assert (taken.status_code, await linked(goro)) == (303, ["portal"])


async def test_a3_a_portal_that_cannot_be_believed_opens_nothing(
    visit: Visit, identities: OpenidProcess
) -> None:
    """A forged or an old token, a no at the portal, a portal that is down: nobody is signed in by
    it, and the code by SMS goes on.
    """
    town = await visit(TOWN)
    sayuri = await town.registers("東村山 小百合")
    await Browser(town, identities, sayuri).proves("portal", "link", "hanako")
    now_s = town.clock.now.timestamp()
    for how in ({"signature": "wrong"}, {"expired": True}, {"audience": "somebody else"}):
        phone = Browser(town, identities)
        started = await phone.goes("portal", "sign_in")
        await identities.behave(now_s=now_s, **how)
        back = await identities.chosen(started.json()["address"], "hanako")
        assert (await phone.opens(str(back))).status_code == 502, how
        assert (await phone.wallet()).status_code == 401
    cancelled = await Browser(town, identities).proves("portal", "sign_in", "")
    assert cancelled.status_code == 403
    await identities.kill()
    assert (await town.signs_in()).account == sayuri.account
