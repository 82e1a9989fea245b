"""The watchman: looks, keeps the book, and tells what is due, if no other gateway does."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from msgspec.structs import replace

from gateway.looking import look_again
from gateway.watching.messenger import Messenger, Telling
from gateway.watching.rule import Word, due, is_over
from gateway.watching.senses import Found
from ledger import alerts
from ledger.alerts import Trouble
from ledger.database import Pool
from ledger.errors import LedgerError
from notifier.claims import Claims

LOOK_S = 5.0
# A database that has not answered by then is away, as far as watching goes.
ASK_S = 5.0
# Whoever has claimed a word and has not told it by then has not told it: another may.
CLAIM = timedelta(minutes=1)
CLAIM_AWAY_S = 600

log = structlog.get_logger("gateway.watching")

Key = tuple[int, str]


class Sight(Protocol):
    """What a watchman goes by: `senses.Senses` in a gateway, `sentry.Sentry` in a worker."""

    @property
    def last_stored(self) -> Found:
        """What `stored` said when it could be asked last."""

    def here(self) -> Found:
        """What this process sees by itself, at once."""

    async def stored(self, now: datetime) -> Found:
        """What has to be asked for."""

    def show(self, found: Found) -> None:
        """Shows it to whoever looks at this process's screens."""

    def tells(self, kind: str) -> bool:
        """Whether words about this kind are up to this process at all."""


class Watchman:
    """One gateway's watchman. ``code``: a town's code by its number, None for the whole service."""

    def __init__(
        self,
        pool: Pool,
        senses: Sight,
        claims: Claims,
        messenger: Messenger,
        code: Callable[[int], str | None],
        now: Callable[[], datetime],
    ) -> None:
        self._pool = pool
        self._senses = senses
        self._claims = claims
        self._messenger = messenger
        self._code = code
        self._now = now
        self._book: dict[Key, Trouble] = {}
        # What was seen or told since the database was heard last, which it has to be told.
        self._apart: set[Key] = set()

    async def look(self) -> None:
        """Looks once, and tells what is due."""
        now = self._now()
        found = self._senses.here()
        try:
            async with asyncio.timeout(ASK_S):
                found |= await self._senses.stored(now)
                self._senses.show(found)
                if self._messenger.ways:
                    await self._share(found, now)
            shared = True
        except (LedgerError, TimeoutError):
            found |= self._senses.last_stored
            self._senses.show(found)
            self._keep(found, now)
            shared = False
        if self._messenger.ways:
            for trouble in list(self._book.values()):
                if self._senses.tells(trouble.kind):
                    await self._see_to(trouble, now, shared=shared)

    async def look_forever(self) -> None:
        """Looks every `LOOK_S` seconds, until cancelled."""
        await look_again(self.look, LOOK_S, log, fault="watch_fault")

    # -- the book ----------------------------------------------------------------------------------

    async def _share(self, found: Found, now: datetime) -> None:
        """Notes what is seen for all gateways, and takes over what they know together."""
        apart = [self._book[key] for key in self._apart if key in self._book]
        seen = [Trouble(town, kind, now, now) for town, kind in found - self._apart]
        known = await alerts.touch(self._pool, [*apart, *seen])
        self._book = {each.key: each for each in known}
        self._apart.clear()

    def _keep(self, found: Found, now: datetime) -> None:
        """Notes what is seen in this gateway's own book."""
        for town, kind in found:
            known = self._book.get((town, kind)) or Trouble(town, kind, now, now)
            self._write(replace(known, seen_at=now))

    def _write(self, trouble: Trouble) -> None:
        self._book[trouble.key] = trouble
        self._apart.add(trouble.key)

    # -- telling -----------------------------------------------------------------------------------

    async def _see_to(self, trouble: Trouble, now: datetime, *, shared: bool) -> None:
        word = due(trouble, now)
        if word is None:
            if is_over(trouble, now):
                await self._forget(trouble, shared=shared)
            return
        if not await self._is_mine(trouble, word, now, shared=shared):
            return
        told = await self._messenger.tell(Telling(trouble, word, self._code(trouble.town), now))
        log.warning("alert", kind=trouble.kind, town=trouble.town, word=word.value, told=told)
        if told:
            await self._note(trouble, word, now, shared=shared)
        elif not shared:
            await self._claims.release(_claim(trouble, word))

    async def _is_mine(self, trouble: Trouble, word: Word, now: datetime, *, shared: bool) -> bool:
        """Whether it is up to this gateway to tell."""
        if shared:
            try:
                return await alerts.claim(self._pool, trouble, now, now + CLAIM)
            except LedgerError:
                return False  # It has just gone; the next look goes by what is known here.
        taken = await self._claims.take(_claim(trouble, word), CLAIM_AWAY_S)
        if taken is False:
            # Another gateway tells it. If that fails, it is told when the reminder is due.
            await self._note(trouble, word, now, shared=False)
            return False
        return True

    async def _note(self, trouble: Trouble, word: Word, now: datetime, *, shared: bool) -> None:
        """It was told."""
        if word is Word.ENDED:
            await self._forget(trouble, shared=shared)
            return
        if not shared:
            self._write(replace(trouble, told_at=now))
            return
        try:
            await alerts.tell(self._pool, trouble, now)
        except LedgerError:
            self._write(replace(trouble, told_at=now))

    async def _forget(self, trouble: Trouble, *, shared: bool) -> None:
        del self._book[trouble.key]
        self._apart.discard(trouble.key)
        await self._claims.release(_claim(trouble, Word.BEGAN))
        if shared:
            try:
                await alerts.forget(self._pool, trouble)
            except LedgerError as error:
                log.warning("alert_not_forgotten", kind=trouble.kind, error=str(error))


def _claim(trouble: Trouble, word: Word) -> str:
    return f"alert:{trouble.town}:{trouble.kind}:{word.value}"
