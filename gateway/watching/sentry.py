"""A worker's sentry: whether the gateways answer, which they cannot tell themselves."""

from datetime import datetime

import httpx

from gateway.watching.senses import WHOLE, Found

TIMEOUT_S = 3.0  # Of the question; a look has five seconds in all.
KIND = "gateway_down"


class Sentry:
    """Asks at ``url``, which leads to the gateways as people's screens come to them."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/healthz"
        self._client = httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False)
        self._found: Found = set()

    @property
    def last_stored(self) -> Found:
        """What the last question showed."""
        return self._found

    def here(self) -> Found:
        """Nothing is seen without asking."""
        return set()

    async def stored(self, now: datetime) -> Found:  # noqa: ARG002 - as a gateway's senses.
        """Asks once."""
        try:
            answered = (await self._client.get(self._url)).status_code == httpx.codes.OK
        except httpx.HTTPError:
            answered = False
        self._found = set() if answered else {(WHOLE, KIND)}
        return set(self._found)

    def show(self, found: Found) -> None:
        """There is no screen to show it on."""

    def tells(self, kind: str) -> bool:
        """What gateways see is theirs to tell: that nobody sees it here says nothing."""
        return kind == KIND

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()
