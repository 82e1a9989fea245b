"""Telling many phones at once, no faster than their queue takes it."""

import asyncio
from collections.abc import Iterable

from notifier.push import PushSender
from notifier.push_messages import PushMessage
from notifier.subscriptions import Subscription

PAUSE_S = 0.1
# A slice's pushes wait so long for room in their queue; then they are dropped, for the notices are
# there, and a push service that is away must not keep others from being told.
ROOM_WAIT_S = 2.0
WAITING_PUSHES_MAX = 500


async def tell(sender: PushSender, pushes: Iterable[tuple[Subscription, PushMessage]]) -> None:
    """Offers pushes, as soon as those before them have left the queue, or after a while."""
    for _ in range(round(ROOM_WAIT_S / PAUSE_S)):
        if sender.waiting <= WAITING_PUSHES_MAX:
            break
        await asyncio.sleep(PAUSE_S)
    for subscription, message in pushes:
        sender.offer(subscription, message)
