"""An acquirer with a key and a shop, in a test's hands."""

from typing import Any

import asyncpg
import httpx
from msgspec import Struct

from gateway.acquirers.keys import Keys, NewKey
from ledger import acquirers
from ledger.acquirers import Acquirer
from ledger.vault import Vault
from terminal.acquirer import AcquirerClient
from terminal.signed import SignedRefused
from tests.support.clock import Clock
from tests.support.doors import ORIGIN, Doors

MERCHANT = "merchant-7"


class Behind(Struct, frozen=True):
    """An acquirer and one of its keys."""

    acquirer: Acquirer
    key: NewKey

    def client(self, doors: Doors, key: NewKey | None = None) -> AcquirerClient:
        """Its program, at the doors of a town."""
        used = key or self.key

        def seconds() -> float:
            return doors.clock.now.timestamp()

        return AcquirerClient(
            ORIGIN,
            "nagaoka",
            used.key_id,
            used.secret,
            clock=seconds,
            transport=httpx.ASGITransport(doors.app, client=("203.0.113.99", 50_000)),
        )


async def open_acquirer(
    pool: asyncpg.Pool,
    town: int,
    vault: Vault,
    clock: Clock,
    shop: int | None = None,
    code: str = "ring-pay",
) -> Behind:
    """Opens an acquirer with a key, and maps its merchant to a shop."""
    made = await acquirers.open_acquirer(pool, town, code, "リングペイ", clock.now)
    assert made is not None
    key = await Keys(vault, pool).make(town, made.acquirer, clock.now)
    assert key is not None
    if shop is not None:
        assert await acquirers.map_merchant(pool, town, made.acquirer, MERCHANT, shop, clock.now)
    return Behind(made, key)


async def refusal(answer: Any) -> tuple[int, str, str | None]:
    """The refusal that a request came to: status, code and field."""
    try:
        got = await answer
    except SignedRefused as refused:
        return refused.status, refused.error.code, refused.error.field
    raise AssertionError(f"not refused: {got}")
