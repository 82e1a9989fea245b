"""The waiting itself: takes people's places in the queue, and says where they stand.

With Redis away people still come: their ticket says when, and puts them there as soon as there is a
queue again.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import Enum
from functools import partial
from math import ceil

from config.limits import SaleLimits
from gateway.protocol.api_sales import SalePlace
from gateway.refused import Refused
from gateway.sales import answers
from gateway.sales.batches import Batches
from gateway.sales.board import Posted
from gateway.sales.places import Places
from gateway.sales.timetable import Timetable
from ledger.sales import Sale, early_score
from notifier.waiting_room import ARRIVING, LOOKING, Asked, Standing, WaitingRooms

# What is told where the queue is away: whether somebody stands in it is not known.
AWAY_MS = 3_000


class Missing(Enum):
    """Why it is not known where somebody stands."""

    NOWHERE = 1  # They have not come, or the queue was lost.
    AWAY = 2  # There is no queue to ask.


class Hall:
    """The waiting rooms of all sales, as this process sees them. ``secret`` signs the tickets."""

    def __init__(
        self,
        rooms: WaitingRooms,
        limits: SaleLimits,
        secret: bytes,
        now: Callable[[], datetime],
    ) -> None:
        self._rooms = rooms
        self._limits = limits
        self._now = now
        self._tickets = Places(secret)
        self._timetable = Timetable(limits.polls_per_s)
        self._batches: dict[tuple[int, int], Batches[Asked, Standing | Missing]] = {}
        self._last_score = 0

    @property
    def told_until(self) -> datetime:
        """The latest instant at which anybody was told to ask again; long ago where nobody was."""
        return datetime.fromtimestamp(self._timetable.last_s, UTC)

    async def place(
        self, posted: Posted, wallet: int, ticket: str | None, now: datetime, *, joining: bool
    ) -> SalePlace:
        """Where a wallet stands, having taken its place if it is joining or has a ticket.

        Raises:
            Refused: ``invalid`` (the ticket), ``not_waiting``, ``unavailable``.
        """
        sale = posted.sale
        score = self._score(sale, wallet, ticket, now, joining=joining)
        found = await self._batch(sale).ask(Asked(wallet, score))
        if found is Missing.NOWHERE:
            raise Refused("not_waiting")
        if isinstance(found, Standing):
            kept = self._tickets.write(sale.town, sale.offer, wallet, found.score)
            estimate_s = answers.estimate_s(posted, found.before, now)
            ask_again_s = self._ask_again_s(sale, now, estimate_s or 0)
            return answers.standing(posted, found, kept, now, ask_again_s)
        if score == LOOKING:
            raise Refused("unavailable", retry_after_ms=AWAY_MS)
        kept_score = self._arrival(now) if isinstance(score, str) else score
        kept = self._tickets.write(sale.town, sale.offer, wallet, kept_score)
        return answers.unplaced(sale, kept, now, self._ask_again_s(sale, now, 0))

    def _score(
        self, sale: Sale, wallet: int, ticket: str | None, now: datetime, *, joining: bool
    ) -> int | str:
        if ticket is not None:
            score = self._tickets.read(sale.town, sale.offer, wallet, ticket)
            if score is None:
                raise Refused(
                    "invalid",
                    "This is no ticket of this wallet for this sale; join without one.",
                    field="ticket",
                )
            return score
        if not joining:
            return LOOKING
        if now < sale.opens_at and sale.seed is not None:
            return early_score(sale.seed, wallet)
        return ARRIVING

    def _arrival(self, now: datetime) -> int:
        """Where somebody stands who comes now, while there is no queue to ask."""
        self._last_score = max(self._last_score + 1, round(now.timestamp() * 1_000_000))
        return self._last_score

    def _ask_again_s(self, sale: Sale, now: datetime, estimate_s: int) -> int:
        """When somebody is to ask again: around their turn, or soon after the opening."""
        now_s = now.timestamp()
        wanted_s = now_s + max(self._limits.ask_again_min_s, estimate_s)
        wanted_s = max(wanted_s, sale.opens_at.timestamp())
        return ceil(self._timetable.take(now_s, wanted_s) - now_s)

    def _batch(self, sale: Sale) -> Batches[Asked, Standing | Missing]:
        key = (sale.town, sale.offer)
        if key not in self._batches:
            limits = self._limits
            self._batches[key] = Batches(
                partial(self._ask, sale), limits.gather_s, limits.gather_max
            )
        return self._batches[key]

    async def _ask(self, sale: Sale, asked: Sequence[Asked]) -> Sequence[Standing | Missing]:
        """Where they stand. Of ``sale`` only what never changes is looked at."""
        now, limits = self._now(), self._limits
        # These are told after this call, and stand behind all that was told before.
        first_s = max(now.timestamp() + limits.ask_again_min_s, sale.opens_at.timestamp())
        told_s = max(self._timetable.last_s, first_s)
        told_ms = ceil((told_s + len(asked) / limits.polls_per_s) * 1000)
        found = await self._rooms.ask(sale.town, sale.offer, asked, now, told_ms)
        if found is None:
            return [Missing.AWAY] * len(asked)
        return [Missing.NOWHERE if one is None else one for one in found]
