"""Which towns this process serves, and which rules each has now: looked up, again and again.

The ledger itself decides by the rules in force at each payment's instant. What screens are told,
how codes begin and what sounds, a gateway knows from the profile it took last; so a town that is
loaded, and rules whose instant has come, reach every running gateway within `LOOK_S`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime

import structlog

from config.profile import Profile, ProfileError, read_profile, stored_profile
from ledger.database import Pool
from ledger.errors import LedgerError
from ledger.profiles import stored_source, versions_in_force
from ledger.towns import load_town, town_number

LOOK_S = 1.0

log = structlog.get_logger("gateway.rulebook")


class Rulebook:
    """The rules that this gateway goes by.

    Args:
        named: the codes of the towns to serve; none: all that were ever loaded.
        take: is given each profile that came into force: a new town's, or new rules.
    """

    def __init__(
        self,
        pool: Pool,
        named: Collection[str],
        now: Callable[[], datetime],
        take: Callable[[Profile], Awaitable[None]],
    ) -> None:
        self._pool = pool
        self._named = frozenset(named)
        self._now = now
        self._take = take
        self._versions: dict[int, int] = {}  # What was taken last, by the town's number.

    async def load_named(self) -> None:
        """Loads the profile that comes with Koban for each named town that was never loaded.

        Raises:
            LedgerError, ProfileError: it cannot be loaded.
        """
        for code in sorted(self._named):
            if await town_number(self._pool, code) is None:
                await load_town(self._pool, read_profile(code), self._now())

    async def look(self) -> None:
        """Takes every profile that came into force since the last look.

        Raises:
            LedgerError: it could not be looked up; the next look takes it.
        """
        for town, version in (await versions_in_force(self._pool, self._now())).items():
            if self._versions.get(town) != version:
                await self._turn_to(town, version)

    async def _turn_to(self, town: int, version: int) -> None:
        source = await stored_source(self._pool, town, version)
        try:
            profile = stored_profile(source)
        except ProfileError as error:
            log.warning("profile_unreadable", town=town, version=version, error=str(error))
        else:
            if not self._named or profile.town.code in self._named:
                await self._take(profile)
                log.info("rules_taken", town=profile.town.code, version=version)
        self._versions[town] = version

    async def look_forever(self) -> None:
        """Looks every `LOOK_S` seconds, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                await self.look()
            except LedgerError as error:
                log.warning("rules_not_looked_up", error=str(error))
            except Exception:
                log.exception("rulebook_fault")
