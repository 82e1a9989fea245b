"""Finding a shop by its marks, in a story's words: what operators attach and what wallets read."""

from typing import Any

import msgspec

from gateway.protocol import api
from tests.acceptance.nagaoka import Holder, Nagaoka


async def attaches(town: Nagaoka, shop: api.ShopInfo, scheme: str, mark: str) -> None:
    """The operator gives a shop a mark."""
    path = f"/console/shops/{shop.shop}/marks"
    answer = await town.tries("POST", path, {"scheme": scheme, "mark": mark})
    assert answer.status_code == 200, answer.text


async def detaches(town: Nagaoka, shop: api.ShopInfo, scheme: str, mark: str) -> None:
    """The operator takes it off again."""
    path = f"/console/shops/{shop.shop}/marks/remove"
    answer = await town.tries("POST", path, {"scheme": scheme, "mark": mark})
    assert answer.status_code == 200, answer.text


async def unified_sticker(town: Nagaoka, shop: api.ShopInfo) -> str:
    """What the shop's own sticker in the standard's form says."""
    path = f"/console/shops/{shop.shop}/marks"
    return str((await town.asks("GET", path, None, dict[str, Any]))["sticker"])


async def reads(town: Nagaoka, holder: Holder, text: str, by: str = "code") -> api.ShopInfo | str:
    """A wallet reads a text: the shop that it shows, or the word for why there is none."""
    answer = await holder.sends("/shops/read", {"text": text, "by": by})
    if answer.status_code == 200:
        return msgspec.json.decode(answer.content, type=api.ShopInfo)
    return msgspec.json.decode(answer.content, type=api.ApiError).code
