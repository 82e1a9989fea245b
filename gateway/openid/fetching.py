"""One request to an identity provider: bounded in time and size."""

import asyncio
from collections.abc import Mapping
from ssl import SSLContext
from typing import Any

import httpx
import msgspec
from msgspec import Struct

ANSWER_BYTES_MAX = 256 * 1024


class ProviderAway(Exception):
    """The provider did not answer, or not with anything that could be used; nothing is decided."""


class Fetched(Struct, frozen=True):
    """An answer: its status, and its body where that is a JSON object."""

    status: int
    body: dict[str, Any]


class Fetcher:
    """Asks over HTTPS. The trust store is read once, when the first request needs it."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._transport = transport
        self._trusted: SSLContext | None = None

    async def get(self, url: str, timeout_s: float) -> Fetched:
        """Reads an address.

        Raises:
            ProviderAway: there was no answer in time, or it is no JSON object.
        """
        return await self._ask("GET", url, timeout_s)

    async def post(
        self,
        url: str,
        timeout_s: float,
        form: Mapping[str, str],
        basic: tuple[str, str] | None = None,
    ) -> Fetched:
        """Sends a form; ``basic`` is whom to authenticate as.

        Raises:
            ProviderAway: there was no answer in time, or it is no JSON object.
        """
        return await self._ask("POST", url, timeout_s, form, basic)

    async def _ask(
        self,
        method: str,
        url: str,
        timeout_s: float,
        form: Mapping[str, str] | None = None,
        basic: tuple[str, str] | None = None,
    ) -> Fetched:
        if self._trusted is None:
            self._trusted = httpx.create_ssl_context(trust_env=False)
        try:
            async with (
                asyncio.timeout(timeout_s),
                httpx.AsyncClient(
                    verify=self._trusted, trust_env=False, transport=self._transport
                ) as client,
            ):
                request = client.build_request(
                    method,
                    url,
                    data=dict(form) if form is not None else None,
                    headers={"Accept": "application/json"},
                )
                answer = await client.send(request, auth=basic, stream=True)
                text = await _read(answer)
            return Fetched(answer.status_code, msgspec.json.decode(text, type=dict[str, Any]))
        except TimeoutError:
            raise ProviderAway(f"no answer within {timeout_s:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ProviderAway(f"no answer: {type(error).__name__}") from None
        except msgspec.MsgspecError:
            raise ProviderAway("the answer is no JSON object") from None


async def _read(answer: httpx.Response) -> bytes:
    text = bytearray()
    async for part in answer.aiter_bytes():
        text += part
        if len(text) > ANSWER_BYTES_MAX:
            await answer.aclose()
            raise ProviderAway("the answer is too long")
    return bytes(text)
