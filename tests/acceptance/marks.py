"""Finding a shop by its marks, in a story's words: what operators attach and what wallets read."""

from typing import Any

import httpx
import msgspec

from gateway.protocol import api
from tests.acceptance.nagaoka import Holder, Nagaoka


async def attaches(town: Nagaoka, shop: api.ShopInfo, scheme: str, mark: str) -> None:
    """The operator gives a shop a mark."""
    path = f"/console/shops/{shop.shop}/marks"
    answer = await posts(town, path, {"scheme": scheme, "mark": mark}, town._operator)
    assert answer.status_code == 200, answer.text


async def detaches(town: Nagaoka, shop: api.ShopInfo, scheme: str, mark: str) -> None:
    """The operator takes it off again."""
    path = f"/console/shops/{shop.shop}/marks/remove"
    answer = await posts(town, path, {"scheme": scheme, "mark": mark}, town._operator)
    assert answer.status_code == 200, answer.text


async def unified_sticker(town: Nagaoka, shop: api.ShopInfo) -> str:
    """What the shop's own sticker in the standard's form says."""
    path = f"/console/shops/{shop.shop}/marks"
    return str((await town.get(path, dict[str, Any], town._operator))["sticker"])


async def reads(town: Nagaoka, holder: Holder, text: str, by: str = "code") -> api.ShopInfo | str:
    """A wallet reads a text: the shop that it shows, or the word for why there is none."""
    answer = await posts(town, "/shops/read", {"text": text, "by": by}, holder._token)
    if answer.status_code == 200:
        return msgspec.json.decode(answer.content, type=api.ShopInfo)
    return msgspec.json.decode(answer.content, type=api.ApiError).code


async def posts(town: Nagaoka, path: str, body: dict[str, Any], token: str) -> httpx.Response:
    """Sends a body to one of the town's addresses, as whoever the token belongs to."""
    headers = {"Origin": town.url, "Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=town.url, verify=False, trust_env=False) as http:
        return await http.post(f"/api/{town.code}{path}", json=body, headers=headers)
