"""Topping up by way of providers, in a story's words: what wallets order and operators see."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from gateway.protocol import api, api_loads
from gateway.protocol.ids import new_id
from ledger.authorise import decide
from ledger.requests import Kind, Request
from ledger.towns import provider_account, town_number
from tests.acceptance.nagaoka import PIN, Holder, Nagaoka
from tests.support.rights import award_rights


async def orders(
    holder: Holder,
    way: str,
    amount: int,
    id: UUID | None = None,  # noqa: A002
) -> api_loads.Load:
    """The wallet chooses a way and an amount, and shows where to go next."""
    body = {"id": str(id or new_id()), "way": way, "amount": amount}
    answer = await holder.sends("/wallet/loads", body)
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content, type=api_loads.Load)


async def winner(town: Nagaoka, pool: asyncpg.Pool, name: str) -> Holder:
    """Somebody who won the draw, and so may buy."""
    number = await town_number(pool, town.code)
    assert number is not None
    holder = await town.registers(name)
    await award_rights(pool, number, [holder.account], town.clock.now)
    return holder


async def bought_by_transfer(town: Nagaoka, pool: asyncpg.Pool, amount: int) -> Holder:
    """Somebody who has bought a voucher by bank transfer, with the premium on it."""
    holder = await winner(town, pool, "環 花子")
    await arrives(town, pool, holder.account, way="bank", amount=amount)
    assert (await holder.hears()).kind == "top_up"
    return holder


async def arrives(town: Nagaoka, pool: asyncpg.Pool, wallet: int, *, way: str, amount: int) -> None:
    """What somebody ordered of a provider is in the wallet, by whatever door it was ordered."""
    number = await town_number(pool, town.code)
    assert number is not None
    provider = await provider_account(pool, number, way)
    bought = Request(*(new_id(), Kind.LOAD), wallet=wallet, shop=provider, way=way, amount=amount)
    decision = (await decide(pool, number, [bought], town.clock.now)).decisions[0]
    assert decision.outcome == "done", decision.receipt


async def sends_out(holder: Holder, way: str, amount: int, pin: str = PIN) -> api_loads.Load | str:
    """The wallet exchanges value outwards: the order, or the word for why not."""
    body = {"id": str(new_id()), "way": way, "amount": amount, "member": "REGION-0042", "pin": pin}
    answer = await holder.sends("/wallet/unloads", body)
    if answer.status_code == 200:
        return msgspec.json.decode(answer.content, type=api_loads.Load)
    return msgspec.json.decode(answer.content, type=api.ApiError).code


async def ends(holder: Holder, order: UUID, state: str) -> api_loads.Load:
    """Waits until the wallet shows an order in this state."""
    async with asyncio.timeout(20):
        while True:
            found = await holder.looks(f"wallet/loads/{order}", api_loads.Load)
            if found.state == state:
                return found
            await asyncio.sleep(0.05)


async def seen(town: Nagaoka, query: str = "") -> list[api_loads.LoadLine]:
    """What an operator sees of the orders."""
    found = await town.asks("GET", f"/console/loads{query}", None, api_loads.LoadLines)
    return found.loads


async def told(town: Nagaoka, order: UUID) -> list[tuple[str, str]]:
    """An order's log as an operator reads it: who said what."""
    found = await town.asks("GET", f"/console/loads/{order}", None, api_loads.LoadLog)
    return [(step.source, step.word) for step in found.steps]


async def operates(town: Nagaoka, path: str, body: dict[str, Any] | None = None) -> Any:
    """An operator does something at the console; the answer."""
    answer = await town.tries("POST", f"/console{path}", body or {})
    assert answer.status_code == 200, answer.text
    return answer.json()
