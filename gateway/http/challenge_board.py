"""What a process last knew of challenges: however many look at once, one looks for all."""

import asyncio
from datetime import datetime, timedelta

from ledger import challenges
from ledger.challenges import Challenge
from ledger.database import Pool

# How old what the public is told may be.
FRESH = timedelta(seconds=3)

# How long the public list tells of a challenge that has ended.
PUBLIC_AFTER = timedelta(days=92)


class ChallengeBoard:
    """What this process last knew of each town's challenges."""

    def __init__(self) -> None:
        self._seen: dict[int, tuple[datetime, list[Challenge]]] = {}
        self._looking: dict[int, asyncio.Lock] = {}

    async def look(self, pool: Pool, town: int, now: datetime) -> list[Challenge]:
        """The challenges, at most `FRESH` old. Whoever has to look counts a slice of what came."""
        async with self._looking.setdefault(town, asyncio.Lock()):
            seen = self._seen.get(town)
            if seen is None or not seen[0] <= now < seen[0] + FRESH:
                await challenges.look(pool, town, now)
                found = await challenges.challenges(pool, town, over_after=now - PUBLIC_AFTER)
                seen = self._seen[town] = (now, found)
        return seen[1]

    def forget(self, town: int) -> None:
        """The next to ask is told what is so then."""
        self._seen.pop(town, None)
