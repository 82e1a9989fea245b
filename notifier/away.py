"""Who is away: wallets that no screen has shown an event to, and whose phones are told by Web Push.

Whether somebody is looking cannot be asked of one gateway alone: the wallet may be open at another.
So the gateway that decided a payment waits a moment, until every open wallet has long shown the
event, and then asks the ledger which of these feeds were not shown as far. A wallet that is open
but out of sight counts as away, as it should. Nothing waits for any of this.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec
import structlog
from msgspec import Struct

from config.profile import Profile
from ledger.authorise import FeedEvent
from ledger.database import Pool
from ledger.errors import LedgerError
from ledger.identity import Push, away_pushes
from notifier.push import PushSender
from notifier.push_messages import PushMessage, push_message
from notifier.subscriptions import Subscription

# An open wallet shows an event within milliseconds, and its gateway writes that down within 0.5 s.
PATIENCE_S = 3.0
LOOK_S = 0.5
# Events that wait to be looked at: at 3,000 payments/s this is what comes in the patience. Past it
# the oldest are dropped: a push is a courtesy, and the wallet shows everything when it opens.
WAITING_MAX = 20_000

log = structlog.get_logger("notifier.away")


class _Told(Struct):
    """As much of a receipt as a push says."""

    id: str
    at: int
    amount: int
    wallet: int | None = None
    recipient: int | None = None
    shop_name: str | None = None


_told = msgspec.json.Decoder(_Told).decode


class Away:
    """One town's pushes, of what this gateway decided."""

    def __init__(
        self,
        profile: Profile,
        pool: Pool,
        sender: PushSender,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        *,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._profile = profile
        self._town = profile.town.number
        self._pool = pool
        self._sender = sender
        self._now = now
        self._monotonic = monotonic
        self._patience_s = patience_s
        self._waiting: deque[tuple[float, FeedEvent]] = deque(maxlen=WAITING_MAX)
        self._task: asyncio.Task[None] | None = None

    def take(self, profile: Profile) -> None:
        """Speaks by this profile from now on."""
        self._profile = profile

    def start(self) -> None:
        """Begins to look."""
        self._task = asyncio.create_task(self._look_again_and_again(), name="look who is away")

    async def stop(self) -> None:
        """Ends; what still waits is not told."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def decided(self, events: Sequence[FeedEvent]) -> None:
        """The events of a batch that this gateway has committed. Never waits."""
        due = self._monotonic() + self._patience_s
        self._waiting.extend((due, event) for event in events)

    async def _look_again_and_again(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                await self.look()
            except LedgerError as error:
                log.warning("away_not_looked_up", error=str(error))
            except Exception:
                log.exception("away_fault")

    async def look(self) -> None:
        """Looks at what has waited long enough, and offers the pushes to those who are away.

        Raises:
            LedgerError: it cannot be known; these pushes are not sent.
        """
        now = self._monotonic()
        messages: dict[tuple[int, int], PushMessage] = {}
        while self._waiting and self._waiting[0][0] <= now:
            _, event = self._waiting.popleft()
            if (made := self._message(event)) is not None:
                messages[event.account, event.seq] = made
        if not messages:
            return
        for wallet, seq, push in await away_pushes(
            self._pool, self._town, list(messages), self._now()
        ):
            self._sender.offer(self._subscription(wallet, push), messages[wallet, seq])

    def _message(self, event: FeedEvent) -> PushMessage | None:
        """What a phone says about an event; None for a shop's event or one that says nothing."""
        receipt = _told(event.body)
        if event.account != (receipt.recipient if event.kind == "send" else receipt.wallet):
            return None
        town = self._profile.town
        return push_message(
            town=town.code,
            kind=event.kind,
            payment=receipt.id,
            at=receipt.at,
            amount=receipt.amount,
            shop=receipt.shop_name or "",
            languages=town.languages,
        )

    def _subscription(self, wallet: int, push: Push) -> Subscription:
        return Subscription(self._town, wallet, push.endpoint, push.p256dh, push.auth)
