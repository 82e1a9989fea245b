"""Sees what was published lately, and has open screens look at their notices.

Nothing depends on it: a screen looks whenever it connects or is opened. So each gateway looks by
itself, and what it has seen it keeps for as long as its look goes back.
"""

from collections.abc import Mapping
from datetime import timedelta

import structlog

from gateway.hub import Hub
from gateway.looking import look_again
from gateway.protocol.messages import Role
from ledger.database import Pool
from ledger.voices import circulars
from ledger.voices.circulars import Fresh

LOOK_S = 2.0
# A notice is dated when its act began; one that was committed this much later is seen all the same.
BACK = timedelta(seconds=20)
FRESH_MAX = 1_000

ROLES = {"wallet": Role.WALLET, "shop": Role.TERMINAL}

log = structlog.get_logger(__name__)


class NoticeWatch:
    """Looks again and again what was published in each town. ``hubs`` are by number."""

    def __init__(self, pool: Pool, hubs: Mapping[int, Hub]) -> None:
        self._pool = pool
        self._hubs = hubs
        self._seen: dict[int, set[int]] = {}

    async def look(self) -> None:
        """Looks once.

        Raises:
            LedgerError: it could not be asked.
        """
        for town, hub in list(self._hubs.items()):
            found = await circulars.fresh(self._pool, town, hub.now() - BACK, FRESH_MAX)
            before = self._seen.get(town, set())
            self._seen[town] = {one.notice for one in found}
            if new := [one for one in found if one.notice not in before]:
                _announce(hub, new)

    async def look_forever(self) -> None:
        """Looks every `LOOK_S` seconds, until cancelled."""
        await look_again(
            self.look, LOOK_S, log, fault="notice_watch_fault", away="notices_not_seen"
        )


def _announce(hub: Hub, new: list[Fresh]) -> None:
    audiences = {ROLES[one.audience] for one in new if one.audience and one.accounts is None}
    accounts = {account for one in new for account in one.accounts or ()}
    hub.announce_notices(lambda role, account: role in audiences or account in accounts)
