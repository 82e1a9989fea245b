"""The shop site and the console's desk, as their people use them over HTTP."""

from typing import Any, Self
from uuid import UUID

import httpx

from gateway.protocol.ids import new_id
from tests.acceptance.nagaoka import OPERATOR, PASSWORD, Nagaoka


class Desk:
    """Somebody signed in at the shop site (``staff``) or at the ``console``."""

    def __init__(self, http: httpx.AsyncClient, town: str, site: str) -> None:
        self._http = http
        self._town = town
        self.site = site

    @classmethod
    async def opens(cls, town: Nagaoka, http: httpx.AsyncClient, site: str, name: str) -> Self:
        """Signs in with name and password."""
        desk = cls(http, town.code, site)
        signed_in = await desk.does("POST", "sign-in", {"name": name, "password": PASSWORD})
        http.headers["Authorization"] = f"Bearer {signed_in['token']}"
        return desk

    async def asks(
        self, method: str, path: str, body: dict[str, Any] | None = None, **query: Any
    ) -> httpx.Response:
        """The answer, whatever it is."""
        return await self._http.request(
            method, f"/api/{self._town}/{self.site}/{path}", json=body, params=query
        )

    async def does(
        self, method: str, path: str, body: dict[str, Any] | None = None, **query: Any
    ) -> dict[str, Any]:
        """What comes of it, where it is expected to work."""
        answer = await self.asks(method, path, body, **query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def sees(self, **filters: Any) -> list[tuple[str, str, int]]:
        """The transactions that lie open here, newest first: shop, kind, yen."""
        page = await self.does("GET", "transactions", **filters)
        return [(line["shop_name"], line["kind"], line["amount"]) for line in page["lines"]]

    async def cancels(
        self, payment: UUID, amount: int | None = None, reason: str = "数え違い"
    ) -> str:
        """``done``, or the word for why not."""
        body: dict[str, Any] = {"id": str(new_id()), "reason": reason, "amount": amount}
        if self.site == "console":
            body["password"] = PASSWORD
        answer = await self.asks("POST", f"payments/{payment}/cancel", body)
        if answer.status_code == 200:
            return str(answer.json()["receipt"]["outcome"])
        return str(answer.json()["code"])


async def console(town: Nagaoka, http: httpx.AsyncClient) -> Desk:
    """The operator's desk."""
    return await Desk.opens(town, http, "console", OPERATOR)
