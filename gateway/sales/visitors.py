"""Who asks: the wallet behind a session's token, looked up for many at once.

An answer is kept for some seconds, so that whoever asks again costs nothing. A sign-out, or a
wallet that is frozen, is therefore noticed here those seconds later; the places are sold to open
wallets only, whatever is remembered here.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from config.limits import SaleLimits
from gateway.sales.batches import Batches
from ledger.database import Pool
from ledger.identity import digest
from ledger.sales import Visitor, visitors
from ledger.vault import Vault

VISITORS_MAX = 100_000  # Some 50 MB; who was longest quiet is forgotten first.


class Visitors:
    """The signed-in wallets of all towns, as far as they asked lately."""

    def __init__(
        self,
        pool: Pool,
        vault: Vault,
        limits: SaleLimits,
        *,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self._pool = pool
        self._vault = vault
        self._limits = limits
        self._now = now
        self._monotonic = monotonic
        self._known: OrderedDict[tuple[int, bytes], tuple[float, Visitor]] = OrderedDict()
        self._batches: dict[int, Batches[str, Visitor | None]] = {}

    async def find(self, town: int, token: str) -> Visitor | None:
        """The wallet that is signed in with this token; None where none is.

        Raises:
            LedgerError: it could not be looked up.
        """
        key, moment_s = (town, digest(token)), self._monotonic()
        found_s, visitor = self._known.get(key, (0.0, None))
        if visitor is None or moment_s - found_s > self._limits.session_kept_s:
            visitor = await self._batch(town).ask(token)
            self._known.pop(key, None)
            if visitor is None:
                return None
            self._known[key] = (moment_s, visitor)
            if len(self._known) > VISITORS_MAX:
                self._known.popitem(last=False)
        return visitor if visitor.until > self._now() else None

    def _batch(self, town: int) -> Batches[str, Visitor | None]:
        if town not in self._batches:
            limits = self._limits
            self._batches[town] = Batches(
                partial(self._look_up, town), limits.gather_s, limits.gather_max
            )
        return self._batches[town]

    async def _look_up(self, town: int, tokens: Sequence[str]) -> list[Visitor | None]:
        return await visitors(self._pool, self._vault, town, tokens, self._now())
