"""What an office and its people say to each other, in words that a story can be told with."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import uuid4

import msgspec
from msgspec.structs import replace
from PIL import Image

from gateway.jobs.table import JOBS
from gateway.jobs.worker import Worker
from gateway.protocol import api_notices, api_voices
from gateway.protocol.messages import Notice
from tests.acceptance.nagaoka import JAPAN, Nagaoka, Screen, Tablet
from tests.support.clock import Clock
from tests.support.doors import SETTINGS
from tests.support.jobs import Jobs


class Post:
    """The worker of a story's town: what is due is done when the story comes to it."""

    def __init__(self, town: Nagaoka, worker: Worker, clock: Clock) -> None:
        self._town = town
        self._worker = worker
        self._jobs = Jobs(worker, clock)

    async def goes(self) -> None:
        """Does what is due by now."""
        await self._worker.enqueue_due()
        await self._jobs.work()
        if (sender := self._worker.context.push) is not None:
            await sender.emptied()

    async def waits_until(self, month: int, day: int, hour: int, minute: int = 0) -> None:
        """It is so late on a day of this year; what became due is done."""
        later = datetime(2026, month, day, hour, minute, tzinfo=JAPAN) - self._town.clock.now
        self._town.clock.advance(seconds=later.total_seconds())
        await self.goes()


@asynccontextmanager
async def post(town: Nagaoka, dsn: str, clock: Clock, private_pem: str = "") -> AsyncIterator[Post]:
    """A worker at a town's post; with the town's key it tells phones too."""
    settings = replace(SETTINGS, postgres_dsn=dsn)
    if private_pem:
        settings = replace(
            settings,
            demo=True,  # Push services on this machine.
            vapid_private_key=private_pem,
            vapid_subject="mailto:denshi@city.example",
        )
    async with Worker(settings, JOBS, now=clock) as worker:
        await worker.enqueue_due()
        yield Post(town, worker, clock)


async def writes(town: Nagaoka, audience: str, **written: Any) -> api_voices.CircularLine:
    """The office writes to wallets or to shops."""
    body = {"audience": audience, **written}
    return await town.asks("POST", "/console/notices", body, api_voices.CircularLine)


async def reads(
    screen: Screen, language: str = "ja"
) -> list[api_notices.ExpiryWarning | api_notices.Circular | api_notices.Answer]:
    """What a screen's notices tell, the newest first; then they are read."""
    who = "terminal" if isinstance(screen, Tablet) else "wallet"
    page = await screen.looks(f"{who}/notices?language={language}", api_notices.Notices)
    if page.notices:
        up_to = {"up_to": page.notices[0].notice}
        left = await screen.sends(f"/{who}/notices/read", up_to)
        assert left.json() == {"unread": 0}
    return [line.body for line in page.notices]


async def titles(screen: Screen, language: str = "ja") -> list[str]:
    """The titles of what was written to a screen."""
    return [
        body.title
        for body in await reads(screen, language)
        if isinstance(body, api_notices.Circular)
    ]


async def is_told(screen: Screen) -> None:
    """The open screen hears that something new is there, without being touched."""
    notice = await screen._client.next_push(Notice, 10)
    assert notice.kind == "notices"


async def proposes(screen: Screen, kind: str, text: str, place: str | None = None) -> Any:
    """Somebody tells the operator something: what it comes to."""
    who = "terminal" if isinstance(screen, Tablet) else "wallet"
    body = {"id": str(uuid4()), "kind": kind, "text": text, "place": place}
    answer = await screen.sends(f"/{who}/proposals", body)
    assert answer.status_code == 200, answer.text
    return msgspec.json.decode(answer.content, type=api_voices.OwnProposal)


def photo(width: int, height: int) -> bytes:
    """A photo as a phone makes it: it says where it was taken."""
    place = Image.Exif()
    place[0x010E] = "at home"
    kept = io.BytesIO()
    Image.new("RGB", (width, height), "#245a9a").save(kept, "JPEG", exif=place)
    return kept.getvalue()
