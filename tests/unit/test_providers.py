"""The providers' keys: the file that names them, requests signed with them, and silences."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from config.profile import Way
from config.providers import ProvidersError, ProviderSettings, load_providers
from config.settings import SettingsError, load
from gateway.providers.adapter import ANSWER_BYTES_MAX, ATTEMPTS_MAX, HttpProvider
from gateway.providers.exchange import their_amount
from gateway.providers.signatures import CLOCK_DIFFERENCE_MAX_S, SignatureRefused, sign, verify
from ledger.load_states import Direction, State, Word
from ledger.loads import Heard, LoadOrder

SECRET = "thirty-two characters, at the very least"
OTHER = "another secret of thirty-two characters too"
NOW_S = 1_790_000_000.0
BODY = b'{"order":1}'
KEYS = {"card-1": SECRET, "card-2": OTHER}

GOOD = f"""
[card]
url = "https://api.card.example/card"
key = "koban-1"
[card.keys]
koban-1 = "{SECRET}"
card-1 = "{OTHER}"

[machine]
keys = {{ "M-01" = "{SECRET}" }}
"""


def test_providers_are_read_from_a_file(tmp_path: Path) -> None:
    """Those that are called and those that only call us."""
    file = tmp_path / "providers.toml"
    file.write_text(GOOD)
    found = load_providers(file)
    assert list(found) == ["card", "machine"]
    assert (found["card"].url, found["card"].key) == ("https://api.card.example/card", "koban-1")
    assert (found["machine"].url, list(found["machine"].keys)) == ("", ["M-01"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[card", ["not TOML"]),
        ("[card]\nurl = 'https://x.example'", ["keys"]),
        ("[card]\nkeys = {}", ["keys"]),
        ("[Card]\nkeys = {a = 'b'}", ["a name in the file", "matching"]),
        ("[card]\nkeys = {a = 'short'}", ["card.keys.a", "5 characters", "32"]),
        (f"[card]\nkeys = {{'a b' = '{SECRET}'}}", ["keys"]),
        (f"[card]\ncolour = 'red'\nkeys = {{a = '{SECRET}'}}", ["colour"]),
        (f"[card]\nkey = 'a'\nkeys = {{a = '{SECRET}'}}", ["card.key", "url"]),
        (f"[card]\nurl = 'ftp://x'\nkey = 'a'\nkeys = {{a = '{SECRET}'}}", ["card.url", "ftp"]),
        (
            f"[card]\nurl = 'https://x.example/?a=b'\nkey = 'a'\nkeys = {{a = '{SECRET}'}}",
            ["card.url", "query"],
        ),
        (
            f"[card]\nurl = 'https://x.example'\nkey = 'b'\nkeys = {{a = '{SECRET}'}}",
            ["card.key", "'b'", "['a']"],
        ),
        (f"[card]\norder_ttl_s = 1\nkeys = {{a = '{SECRET}'}}", ["order_ttl_s", "60"]),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(
    tmp_path: Path, text: str, words: list[str]
) -> None:
    """The message names the file and the key, and never a secret."""
    file = tmp_path / "providers.toml"
    file.write_text(text)
    with pytest.raises(ProvidersError) as raised:
        load_providers(file)
    message = str(raised.value)
    assert message.startswith("providers.toml: ")
    assert all(word in message for word in words), message
    assert SECRET not in message


def test_settings_name_the_file_that_is_missing(tmp_path: Path) -> None:
    """A gateway does not start without the file that it was told of."""
    environ = {
        "KOBAN_SECRET": SECRET,
        "KOBAN_POSTGRES_DSN": "postgresql://x",
        "KOBAN_REDIS_URL": "redis://x",
    }
    assert load(environ).providers == {}
    with pytest.raises(SettingsError, match=r"KOBAN_PROVIDERS: none\.toml: cannot be read"):
        load(environ | {"KOBAN_PROVIDERS": str(tmp_path / "none.toml")})


@pytest.mark.parametrize(
    ("numerator", "denominator", "amount", "theirs"),
    [
        (1, 1, 500, 500),
        (1, 2, 500, 1_000),
        (2, 1, 500, 250),
        (2, 1, 501, None),
        (3, 7, 300, 700),
        (3, 7, 301, None),
        (1_000, 1, 999, None),
    ],
)
def test_an_exchange_leaves_no_remainder(
    numerator: int, denominator: int, amount: int, theirs: int | None
) -> None:
    """So many of ours for so many of theirs, whole on both sides."""
    way = Way(
        code="exchange",
        kind="exchange",
        name={"ja": "交換"},
        instrument="points",
        min=1,
        max=10_000,
        step=1,
        rate_numerator=numerator,
        rate_denominator=denominator,
    )
    assert their_amount(way, amount) == theirs


def signed(**changes: object) -> dict[str, str]:
    """The headers of a request to the callback, in lower case as servers see them."""
    told = {"key": "card-1", "secret": SECRET, "now_s": NOW_S, "method": "POST", "body": BODY}
    told |= changes
    made = sign(
        str(told["key"]),
        str(told["secret"]),
        float(str(told["now_s"])),
        str(told["method"]),
        str(told.get("target", "/callback?a=1")),
        BODY if told["body"] is BODY else b"other",
    )
    return {name.lower(): text for name, text in made.items()}


def test_a_signed_request_tells_its_key() -> None:
    """Either of two keys, within the clocks' difference."""
    for key, secret in KEYS.items():
        for difference in (-CLOCK_DIFFERENCE_MAX_S, 0, CLOCK_DIFFERENCE_MAX_S):
            headers = signed(key=key, secret=secret, now_s=NOW_S + difference)
            assert verify(KEYS, headers, "POST", "/callback?a=1", BODY, NOW_S) == key


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"secret": OTHER}, "is not the signature"),
        ({"key": "card-9"}, "none of the keys"),
        ({"method": "GET"}, "is not the signature"),
        ({"target": "/callback?a=2"}, "is not the signature"),
        ({"target": "/other?a=1"}, "is not the signature"),
        ({"body": b"other"}, "digest"),
        ({"now_s": NOW_S - CLOCK_DIFFERENCE_MAX_S - 1}, "s away"),
        ({"now_s": NOW_S + CLOCK_DIFFERENCE_MAX_S + 1}, "s away"),
    ],
)
def test_whatever_is_not_as_it_was_signed_is_refused(
    changes: dict[str, object], words: str
) -> None:
    """Another key, another request, another body, another day."""
    with pytest.raises(SignatureRefused, match=words):
        verify(KEYS, signed(**changes), "POST", "/callback?a=1", BODY, NOW_S)


@pytest.mark.parametrize("left_out", ["signature", "signature-input", "content-digest"])
def test_a_header_too_few_is_refused(left_out: str) -> None:
    """Nothing is taken on trust."""
    headers = signed()
    del headers[left_out]
    with pytest.raises(SignatureRefused):
        verify(KEYS, headers, "POST", "/callback?a=1", BODY, NOW_S)


AT = datetime(2026, 4, 1, tzinfo=UTC)
ORDER = LoadOrder(
    id=UUID(int=1),
    direction=Direction.OUT,
    way="exchange",
    provider="exchange",
    wallet=1,
    amount=500,
    their_amount=500,
    machine="",
    state=State.TAKEN,
    reference="",
    url="",
    number="",
    reason="",
    attention="",
    opened_at=AT,
    expires_at=AT,
    changed_at=AT,
    paid_at=None,
    looks=0,
    look_at=AT,
)


async def tell(*answers: httpx.Response | httpx.HTTPError) -> Heard | None:
    """What is heard of a provider that answers its attempts in this way."""
    left = list(answers)

    def handle(request: httpx.Request) -> httpx.Response:
        answer = left.pop(0) if left else httpx.ReadTimeout("silence")
        if isinstance(answer, httpx.HTTPError):
            answer.request = request
            raise answer
        return answer

    provider = HttpProvider(
        "exchange",
        ProviderSettings({"koban-1": SECRET}, "https://points.example", "koban-1", timeout_s=0.05),
        town="hirakata",
        callback="https://koban.example/callback",
        backoff_s=0.0,
        transport=httpx.MockTransport(handle),
    )
    try:
        return await provider.request(ORDER, "member-1")
    finally:
        await provider.close()


def said(**changes: object) -> httpx.Response:
    """An answer about the order."""
    told = {"order": str(ORDER.id), "reference": "x-1", "state": "accepted", "amount": 500}
    return httpx.Response(200, json=told | changes)


@pytest.mark.parametrize(
    ("answers", "word"),
    [
        ([said()], Word.ACCEPTED),
        ([httpx.Response(400)], Word.FAILED),
        ([httpx.ConnectError("nobody"), httpx.Response(400)], Word.FAILED),
        ([httpx.Response(503), httpx.Response(400)], Word.FAILED),
        ([httpx.ReadTimeout("silence"), httpx.Response(400)], Word.NO_ANSWER),
        ([httpx.Response(500), httpx.Response(401)], Word.NO_ANSWER),
        ([httpx.ReadTimeout("silence"), said()], Word.ACCEPTED),
        ([said(state="failed")], Word.FAILED),
        ([httpx.Response(409)], Word.NO_ANSWER),
        ([said(reason="\0")], Word.NO_ANSWER),
        ([said(reference="a\0b")], Word.NO_ANSWER),
        ([said(url="javascript:alert(1)")], Word.NO_ANSWER),
    ],
)
async def test_a_no_is_definite_only_where_nothing_was_heard_before(
    answers: list[httpx.Response | httpx.HTTPError], word: Word
) -> None:
    """What an earlier attempt may have done is not undone by a later one's refusal; and what cannot
    be kept or shown is no answer.
    """
    heard = await tell(*answers)
    assert heard is not None
    assert heard.word is word


class Endless(httpx.AsyncByteStream):
    """A body that never ends; it counts what was read of it."""

    def __init__(self, part: bytes, pause_s: float) -> None:
        self.part = part
        self.pause_s = pause_s
        self.read = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """One part after the other."""
        while True:
            await asyncio.sleep(self.pause_s)
            self.read += len(self.part)
            yield self.part


async def test_an_answer_that_never_ends_is_no_answer() -> None:
    """It drips slower than any time-out between two bytes, or floods: neither holds anybody up."""
    drips = [Endless(b" ", 0.01) for _ in range(ATTEMPTS_MAX)]
    async with asyncio.timeout(30):
        heard = await tell(*(httpx.Response(200, stream=each) for each in drips))
    assert heard is not None
    assert heard.word is Word.NO_ANSWER
    flood = Endless(b" " * 10_000, 0.0)
    heard = await tell(httpx.Response(200, stream=flood))
    assert heard is not None
    assert heard.word is Word.NO_ANSWER
    assert flood.read <= ANSWER_BYTES_MAX + 10_000
