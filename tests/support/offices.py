"""A town with chains of shops and everybody who stands over them, at the doors of a test."""

from typing import Any
from uuid import UUID

import httpx
from msgspec import Struct
from msgspec.structs import replace

from ledger import accounts
from ledger.accounts import Shop
from ledger.authorise import decide
from ledger.codes import issue_code
from ledger.ids import uuid7
from ledger.requests import Kind, Request
from ledger.towns import load_town
from tests.support.doors import PASSWORD, Doors, Visitor

API = "/api/nagaoka"
WORDS = {"ja": "役", "en": "Post"}
# The most that each rank may give back at once (yen).
MAXES = {"clerk": 1_000, "shop": 2_000, "area": 3_000, "headquarters": 4_000, "operator": 5_000}


class Office(Struct):
    """An operator, a chain with two shops in one area and one in another, and a shop alone."""

    doors: Doors
    operator: Visitor
    chain: int
    near: Shop
    next_door: Shop
    far: Shop
    alone: Shop

    async def staff(self, rank: str, **over: Any) -> Visitor:
        """A browser at the shop site, signed in as somebody new."""
        name = f"{rank} {over}"[:60]
        body = {"name": name, "password": PASSWORD, "rank": rank, **over}
        added = await self.operator.post(f"{API}/console/staff", json=body)
        assert added.status_code == 200, added.text
        visitor = self.doors.visitor()
        visitor.account = added.json()["staff"]
        signed_in = await visitor.post(
            f"{API}/staff/sign-in", json={"name": name, "password": PASSWORD}
        )
        assert signed_in.status_code == 200, signed_in.text
        return visitor

    async def wallet(self, value: int = 50_000) -> int:
        """A wallet with so much topped up in cash, at the shop alone."""
        doors = self.doors
        wallet = await accounts.open_wallet(doors.pool, doors.town, doors.clock.now)
        issued = await issue_code(
            doors.pool, doors.town, wallet, "top_up", value, doors.clock.now, "8201"
        )
        await self._decided(
            Request(
                uuid7(doors.clock.now_ms),
                Kind.TOP_UP,
                shop=self.alone.account,
                code=issued.code,
                amount=value,
            )
        )
        return wallet

    async def payment(self, wallet: int, shop: Shop, amount: int) -> UUID:
        """A payment at a shop; the next one is long after, so nobody is asked about it."""
        request = Request(
            uuid7(self.doors.clock.now_ms),
            Kind.PAY,
            wallet=wallet,
            shop=shop.account,
            amount=amount,
        )
        await self._decided(request)
        self.doors.clock.advance(minutes=10)
        return request.id

    async def cancel(
        self, visitor: Visitor, payment: UUID, amount: int | None = None, **other: Any
    ) -> httpx.Response:
        """Asks to cancel a payment, as an operator or as somebody of the staff."""
        body: dict[str, Any] = {
            "id": str(uuid7(self.doors.clock.now_ms)),
            "reason": "打ち間違い",
            **({} if amount is None else {"amount": amount}),
            **({"password": PASSWORD} if visitor is self.operator else {}),
            **other,
        }
        site = "console" if visitor is self.operator else "staff"
        return await visitor.post(f"{API}/{site}/payments/{payment}/cancel", json=body)

    async def lines(self, **filters: Any) -> list[dict[str, Any]]:
        """The audit, newest first."""
        answer = await self.operator.get(f"{API}/console/audit", params=filters)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["lines"]
        return found

    async def _decided(self, request: Request) -> None:
        doors = self.doors
        batch = await decide(doors.pool, doors.town, [request], doors.clock.now)
        assert batch.decisions[0].outcome == "done", batch.decisions[0].receipt


async def open_office(doors: Doors) -> Office:
    """The town's rules know every rank, each with a limit of its own."""
    profile = doors.context.towns["nagaoka"].profile
    profile = replace(
        profile,
        roles=dict.fromkeys(MAXES, WORDS),
        reversals=replace(
            profile.reversals, **{f"{rank}_max": most for rank, most in MAXES.items()}
        ),
    )
    doors.clock.advance(seconds=1)
    await load_town(doors.pool, profile, doors.clock.now)
    doors.context.take(profile)
    operator = await doors.operator()
    made = await operator.post(f"{API}/console/chains", json={"name": "まるや"})
    assert made.status_code == 200, made.text
    chain = made.json()["chain"]
    shops = []
    for name, area in (("一号店", "殿町"), ("二号店", "殿町"), ("三号店", "大手通")):
        shop = await accounts.open_shop(
            doors.pool, doors.town, name, "grocer", area, doors.clock.now
        )
        put = await operator.put(f"{API}/console/shops/{shop.account}/chain", json={"chain": chain})
        assert put.status_code == 200, put.text
        shops.append(shop)
    near, next_door, far = shops
    alone = await doors.shop("ひとり")
    return Office(doors, operator, chain, near, next_door, far, alone)
