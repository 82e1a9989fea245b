"""Alerts on their way: two gateways, a mail server that refuses, a webhook that checks."""

import asyncio
import hmac
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from msgspec import json
from msgspec.structs import replace

from config.alerts import AlertSettings
from gateway import command
from gateway.watching.messenger import Messenger
from gateway.watching.senses import Found
from gateway.watching.sentry import Sentry
from gateway.watching.watchman import Watchman
from ledger import alerts
from ledger.alerts import Trouble
from notifier.claims import Claims
from notifier.sms import signature
from tests.support.clock import Clock
from tests.support.gateways import SECRET
from tests.support.house import House
from tests.support.mailbox import SMTP_PASSWORD, USER, Mailbox

KEY = "a key between the town and its pager, 32 characters"


class Pager:
    """An address for webhooks, which takes what is signed."""

    def __init__(self) -> None:
        self.bodies: list[Any] = []
        self.status = 200
        taken = self

        class Handler(BaseHTTPRequestHandler):
            """Checks the signature as the documentation says."""

            def do_POST(self) -> None:
                """One alert."""
                body = self.rfile.read(int(self.headers["Content-Length"]))
                key = UUID(self.headers["Idempotency-Key"])
                timestamp = int(self.headers["Koban-Timestamp"])
                right = signature(KEY.encode(), timestamp, key, body)
                assert hmac.compare_digest(right, self.headers["Koban-Signature"])
                taken.bodies.append(json.decode(body))
                self.send_response(taken.status)
                self.end_headers()

            def log_message(self, *_said: object) -> None:
                """Is silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/alerts"


@pytest.fixture
def pager() -> Iterator[Pager]:
    """A pager that listens."""
    made = Pager()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.05,))
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


class Eyes:
    """What a gateway sees, as the test says."""

    def __init__(self) -> None:
        self.sees: Found = set()
        self.last_stored: Found = set()

    def here(self) -> Found:
        """What is amiss."""
        return set(self.sees)

    async def stored(self, _now: object) -> Found:
        """Nothing that only the database knows."""
        return set()

    def show(self, _found: Found) -> None:
        """To no console."""

    def tells(self, _kind: str) -> bool:
        """About everything."""
        return True


class Guard:
    """Two gateways' watchmen on one database, with one person in charge."""

    def __init__(
        self, pool: asyncpg.Pool, redis_url: str, settings: AlertSettings, clock: Clock
    ) -> None:
        self.eyes = [Eyes(), Eyes()]
        self.claims = [Claims(redis_url, str(number)) for number in range(2)]
        self.messengers = [Messenger(settings), Messenger(settings)]
        self._clock = clock
        self._watchmen = [
            Watchman(pool, eyes, claims, messenger, {1: "nagaoka"}.get, clock)
            for eyes, claims, messenger in zip(self.eyes, self.claims, self.messengers, strict=True)
        ]

    async def look(self, seconds: float = 0) -> None:
        """Time passes, in which both look."""
        self._clock.advance(seconds=seconds)
        await asyncio.gather(*(watchman.look() for watchman in self._watchmen))

    async def close(self) -> None:
        """Closes what is open."""
        for claims, messenger in zip(self.claims, self.messengers, strict=True):
            await claims.close()
            await messenger.close()


async def test_two_gateways_tell_once_until_neither_sees_it_any_more(
    pool: asyncpg.Pool, redis_url: str, clock: Clock, mailbox: Mailbox
) -> None:
    """One of them may see it alone, or see it later; half a day later it is told again."""
    guard = Guard(pool, redis_url, mailbox.settings, clock)
    for eyes in guard.eyes:
        eyes.sees = {(1, "jobs_failed")}
    for seconds, mails in ((0, 1), (5, 1), (12 * 3600 - 6, 1), (1, 2), (5, 2)):
        await guard.look(seconds)
        assert len(mailbox.mails) == mails, seconds
    guard.eyes[0].sees = set()
    await guard.look(35)
    await guard.look(35)
    assert len(mailbox.mails) == 2
    guard.eyes[1].sees = set()
    await guard.look(59)
    assert len(mailbox.mails) == 2
    await guard.look(1)
    await guard.look(60)
    assert [subject.split()[1] for subject in mailbox.subjects] == ["発生:", "継続中:", "復旧:"]
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 3
    assert await pool.fetchval("SELECT count(*) FROM koban.alert") == 0
    await guard.close()


async def test_a_way_that_fails_is_tried_again_and_the_other_is_not(
    pool: asyncpg.Pool, redis_url: str, clock: Clock, mailbox: Mailbox, pager: Pager
) -> None:
    """The mail server refuses for a while; the pager has it already."""
    settings = replace(mailbox.settings, url=pager.url, key=KEY)
    guard = Guard(pool, redis_url, settings, clock)
    guard.eyes[0].sees = {(1, "verify_failed")}
    mailbox.refuses = True
    await guard.look()
    await guard.look(30)
    assert (len(pager.bodies), len(mailbox.mails)) == (1, 0)
    mailbox.refuses = False
    # Whoever claims it next may be the other gateway, which tells the pager too: twice at most.
    await guard.look(30)
    await guard.look(30)
    assert len(mailbox.mails) == 1
    assert len(pager.bodies) <= 2
    told = pager.bodies[0]
    assert (told["word"], told["kind"], told["town"]) == ("began", "verify_failed", "nagaoka")
    assert told["began_at"] < clock.now_ms
    assert guard.messengers[0].unsent + guard.messengers[1].unsent == 1
    await guard.close()


async def test_workers_tell_that_no_gateway_answers(
    pool: asyncpg.Pool, redis_url: str, clock: Clock, mailbox: Mailbox, house: House
) -> None:
    """Which no gateway can; and they leave to gateways what gateways see."""
    sentry, messenger = Sentry(house.url), Messenger(mailbox.settings)
    claims = Claims(redis_url, "worker")
    watchman = Watchman(pool, sentry, claims, messenger, lambda _town: None, clock)
    await alerts.touch(pool, [Trouble(1, "unshown", clock.now, clock.now, clock.now)])
    await watchman.look()
    await house.close()
    for seconds, mails in ((0, 0), (15, 1), (5, 1), (120, 1)):
        clock.advance(seconds=seconds)
        await watchman.look()
        assert len(mailbox.mails) == mails, seconds
    assert "ゲートウェイが応答しません" in mailbox.subjects[0]
    await sentry.close()
    await messenger.close()
    await claims.close()


async def test_a_trial_says_whether_the_person_in_charge_would_hear(
    dsn: str,
    mailbox: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """By the command line, with what is amiss besides."""
    smtp = mailbox.settings.smtp
    assert smtp is not None
    told = {"POSTGRES_DSN": dsn, "REDIS_URL": "redis://x", "SECRET": SECRET}
    mail = {"ALERT_MAIL": "person-in-charge@city.example", "SMTP_HOST": smtp.host}
    mail |= {"SMTP_PORT": str(smtp.port), "SMTP_FROM": smtp.sender, "SMTP_USER": USER}
    for words, settings, status, says in (
        (("list",), told, 0, "nothing is amiss"),
        (("list", "--json"), told, 0, "[]"),
        (("try",), told, 1, "no way is set up"),
        (("try",), told | mail | {"SMTP_PASSWORD": "wrong"}, 1, "not every way"),
        (("try",), told | mail | {"SMTP_PASSWORD": SMTP_PASSWORD}, 0, "on its way by mail"),
        (("try",), told | mail | {"SMTP_PORT": "no"}, 3, "KOBAN_SMTP_PORT"),
    ):
        with monkeypatch.context() as environ:
            for name, text in settings.items():
                environ.setenv(f"KOBAN_{name}", text)
            assert await asyncio.to_thread(command.main, ["alerts", *words]) == status, words
        said = capsys.readouterr()
        assert says in said.out + said.err, (words, said)
    assert len(mailbox.mails) == 1
    assert "試験通知" in mailbox.subjects[0]
