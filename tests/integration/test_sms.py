"""Text messages: our side of the provider's interface against the simulator's, over real HTTP."""

import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from uuid import UUID, uuid4

import httpx
import pytest

from notifier.sms import NotSent, Sms, SmsSender, Unknown, signature
from tests.support.gateways import ROOT, free_port
from tests.support.simulators import SimulatorProcess

SECRET = "a secret of the provider and the town"


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The simulator as a process of its own; its address."""
    process = SimulatorProcess("scripts.sms_simulator", KOBAN_SMS_KEY=SECRET)
    process.launch()
    yield process.url
    process.end()


@pytest.fixture
async def inspector(provider: str) -> AsyncIterator[httpx.AsyncClient]:
    """Looks into the simulator and tells it how to behave; afterwards it behaves well again."""
    async with httpx.AsyncClient(base_url=provider, trust_env=False) as client:
        yield client
        await client.put("/behaviour", json={})


@pytest.fixture
async def sender(provider: str) -> AsyncIterator[SmsSender]:
    """Our side, impatient enough for a test."""
    async with SmsSender(
        f"{provider}/messages", SECRET, timeout_s=0.4, backoff_s=0.01
    ) as sms_sender:
        yield sms_sender


async def _inbox(inspector: httpx.AsyncClient, phone: str) -> list[dict[str, object]]:
    answer = await inspector.get("/inbox.json", params={"to": phone})
    messages: list[dict[str, object]] = answer.json()["messages"]
    return messages


async def test_a_message_arrives_once_however_often_it_is_sent(
    sender: SmsSender, inspector: httpx.AsyncClient
) -> None:
    """The same key is the same message, with the same number."""
    sms = Sms(uuid4(), "09010000001", "確認コード: 123456")
    first = await sender.send(sms)
    assert await sender.send(sms) == first
    (message,) = await _inbox(inspector, sms.to)
    assert message["text"] == sms.text
    assert message["deliveries"] == 2


async def test_a_passing_fault_is_tried_again(
    sender: SmsSender, inspector: httpx.AsyncClient
) -> None:
    """Two refusals that may pass, and the third attempt goes through."""
    await inspector.put("/behaviour", json={"fail_next": 2, "fail_status": 503})
    await sender.send(Sms(uuid4(), "09010000002", "one"))
    assert len(await _inbox(inspector, "09010000002")) == 1


@pytest.mark.parametrize(
    ("status", "error"), [(503, NotSent), (429, NotSent), (400, NotSent), (500, Unknown)]
)
async def test_a_lasting_fault_says_whether_the_message_may_have_gone(
    sender: SmsSender, inspector: httpx.AsyncClient, status: int, error: type[Exception]
) -> None:
    """A provider's clear "no" is not sent; a fault that says nothing is unknown."""
    await inspector.put("/behaviour", json={"fail_next": 3, "fail_status": status})
    with pytest.raises(error, match=str(status)):
        await sender.send(Sms(uuid4(), "09010000003", "one"))
    assert await _inbox(inspector, "09010000003") == []


async def test_a_late_provider_leaves_it_unknown(
    sender: SmsSender, inspector: httpx.AsyncClient
) -> None:
    """The message was taken, and thrice without an answer: unknown, and yet in the inbox once."""
    await inspector.put("/behaviour", json={"delay_ms": 700})
    with pytest.raises(Unknown):
        await sender.send(Sms(uuid4(), "09010000004", "one"))
    (message,) = await _inbox(inspector, "09010000004")
    assert message["deliveries"] == 3


async def test_an_unreachable_provider_certainly_sent_nothing() -> None:
    """Nobody listens: not sent."""
    url = f"http://127.0.0.1:{free_port()}/messages"
    async with SmsSender(url, SECRET, backoff_s=0.01) as sender:
        with pytest.raises(NotSent, match="ConnectError"):
            await sender.send(Sms(uuid4(), "09010000005", "one"))


async def test_a_wrong_secret_or_an_old_request_is_refused(
    provider: str, inspector: httpx.AsyncClient
) -> None:
    """Neither another key nor yesterday's signed request gets a message through."""
    sms = Sms(uuid4(), "09010000006", "one")
    async with SmsSender(f"{provider}/messages", "another") as stranger:
        with pytest.raises(NotSent, match="401"):
            await stranger.send(sms)
    async with SmsSender(
        f"{provider}/messages", SECRET, clock=lambda: time.time() - 3_600
    ) as replayer:
        with pytest.raises(NotSent, match="401"):
            await replayer.send(sms)
    assert await _inbox(inspector, sms.to) == []


async def test_a_key_is_not_used_for_two_messages(sender: SmsSender) -> None:
    """The same key with another text is refused, not sent and not mixed up."""
    key = uuid4()
    await sender.send(Sms(key, "09010000007", "one"))
    with pytest.raises(NotSent, match="409"):
        await sender.send(Sms(key, "09010000007", "two"))


async def test_the_page_shows_messages_as_text(
    sender: SmsSender, inspector: httpx.AsyncClient
) -> None:
    """What a message says is never markup."""
    await sender.send(Sms(uuid4(), "09010000008", "<script>alert(1)</script>"))
    page = (await inspector.get("/")).text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>" not in page


async def test_another_host_name_sees_no_inbox(inspector: httpx.AsyncClient) -> None:
    """A page that points its own name at this machine reads nothing."""
    answer = await inspector.get("/inbox.json", headers={"Host": "evil.example"})
    assert answer.status_code == 400


def test_the_signature_is_the_documented_one() -> None:
    """A vector computed apart, so that both sides cannot drift together."""
    key = UUID("0190a000-0000-7000-8000-000000000001")
    body = b'{"to":"09012345678","text":"123456"}'
    assert (
        signature(b"key", 1_700_000_000, key, body)
        == "v1=fb4afde77d5bdefc6aa2fd69f78ab95fcdf255a279de0c8b2b8fdbccdfc5cd2e"
    )


def test_the_simulator_listens_on_this_machine_only() -> None:
    """Another address is refused with a sentence."""
    process = subprocess.run(
        [sys.executable, "-m", "scripts.sms_simulator", "--host", "0.0.0.0"],
        cwd=ROOT,
        env={**os.environ, "KOBAN_SMS_KEY": SECRET},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert process.returncode == 2
    assert "0.0.0.0" in process.stderr
