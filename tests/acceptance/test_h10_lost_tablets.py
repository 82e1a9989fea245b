"""H10: the terminal keeps no data; a lost one is revoked and wiped.

What a browser holds and loses is shown by `tests/browser/test_enrolment.py`.
"""

import asyncio
from typing import Any

from gateway.protocol import api
from gateway.protocol.closing import CloseCode
from tests.acceptance.nagaoka import Nagaoka, Tablet

OVER = 401


async def revoked(nagaoka: Nagaoka, tablet: Tablet) -> int:
    """The operator takes a tablet out of use; its number."""
    number = (await tablet.looks("terminal", api.TerminalInfo)).terminal
    await nagaoka.asks("POST", f"/console/terminals/{number}/revoke", {}, api.Done)
    return number


async def states(nagaoka: Nagaoka) -> dict[int, tuple[str, bool]]:
    """Each tablet as the console shows it: its state, and whether it was wiped."""
    listed = await nagaoka.asks("GET", "/console/terminals", None, api.Terminals)
    return {one.terminal: (one.state, one.wiped_at is not None) for one in listed.terminals}


async def says_wiped(tablet: Tablet) -> Any:
    """The tablet says that it holds nothing any more, with the key that it had."""
    return (await tablet.sends("/terminal/wiped", {})).json()


async def test_h10_a_lost_tablet_is_signed_out_at_once_and_wiped(nagaoka: Nagaoka) -> None:
    """Its socket is closed with the word for it, its key opens nothing any more, and the console
    shows when it has wiped itself. The shop's records are all there, on another tablet, too.
    """
    hanako, maruya = await nagaoka.registers("花子"), await nagaoka.opens("八百屋 まるや")
    other = await nagaoka.opens("花屋 もりや")
    await maruya.takes_cash(await hanako.shows_top_up_code(3_000), 3_000)
    await hanako.pays(maruya.shop, 700)
    assert await says_wiped(maruya) == {"revoked": False}  # It is in use, so nothing is noted.
    number = await revoked(nagaoka, maruya)
    async with asyncio.timeout(10):
        while CloseCode.REVOKED not in maruya.close_codes:
            await asyncio.sleep(0.02)
    for path in ("/ticket", "/terminal/sign-out"):
        assert (await maruya.sends(path, {"role": "terminal"})).status_code == OVER
    assert (await states(nagaoka))[number] == ("revoked", False)

    assert await says_wiped(maruya) == {"revoked": True}
    assert (await states(nagaoka))[number] == ("revoked", True)
    assert [wiped for _, wiped in (await states(nagaoka)).values()] == [True, False]
    assert (await hanako.history())[0].shop_name == "八百屋 まるや"
    assert (await other.day()).payments == 0


async def test_h10_one_that_was_away_is_told_at_its_next_contact(nagaoka: Nagaoka) -> None:
    """It was in a drawer without a line when it was revoked; whatever it asks first is refused, and
    then it wipes itself.
    """
    maruya = await nagaoka.opens("八百屋 まるや")
    number = (await maruya.looks("terminal", api.TerminalInfo)).terminal
    await maruya.close()
    await nagaoka.asks("POST", f"/console/terminals/{number}/revoke", {}, api.Done)
    nagaoka.clock.advance(days=30)
    assert (await maruya.sends("/ticket", {"role": "terminal"})).status_code == OVER
    assert await says_wiped(maruya) == {"revoked": True}
    stranger = await nagaoka.posts("/terminal/wiped", {}, "a key that nobody was given")
    assert stranger.json() == {"revoked": False}
