"""Expiry: people are warned in time, and at each town's midnight what has ended is carried away.

Both go by in slices, between which payments are decided alone.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from config.profile import Profile
from gateway.jobs.context import JobContext
from gateway.jobs.job import job
from gateway.jobs.phones import tell
from gateway.jobs.schedule import Daily
from gateway.signin import milliseconds
from ledger import expiry, expiry_warnings, identity
from ledger.expiry_warnings import Warned
from notifier.push import PushSender
from notifier.push_messages import PushMessage, expiry_warning_message
from notifier.subscriptions import Subscription

PAUSE_S = 0.1  # Behind a slice of about as long: at most half of one connection's time.
SLICES = 8


@job("expiry.run", schedule=lambda profile: Daily(time(0), grace_s=profile.expiry.grace_s))
async def run_expiry(
    context: JobContext,
    town: int,
    *,
    due: datetime,
    now: datetime,  # noqa: ARG001
) -> bool:
    """Carries away what ended by a midnight, some slices at a time; whether there is more."""
    for _ in range(SLICES):
        if not await expiry.run_slice(context.pool, town, due, context.clock):
            return False
        await asyncio.sleep(PAUSE_S)
    return True


def _warned_at(profile: Profile) -> Daily | None:
    """The hour at which the town warns; None where it never does."""
    if not profile.expiry.warn_days:
        return None
    return Daily(time.fromisoformat(profile.expiry.warn_at))


@job("expiry.warn", schedule=_warned_at)
async def warn_of_expiry(context: JobContext, town: int, *, due: datetime, now: datetime) -> bool:
    """Warns of what ends so many days after the day of ``due``; whether there is more to do.

    Each wallet is told once of each day, by a notice; its pushes follow, if they can.
    """
    profile = context.profiles[town]
    zone = ZoneInfo(profile.town.time_zone)
    day = due.astimezone(zone).date()
    for _ in range(SLICES):
        warned = await expiry_warnings.warn_slice(
            context.pool, town, day, zone, profile.expiry.warn_days, now
        )
        if warned is None:
            return False
        if warned and context.push is not None:
            await _push(context, context.push, profile, warned, now)
        await asyncio.sleep(PAUSE_S)
    return True


async def _push(
    context: JobContext,
    sender: PushSender,
    profile: Profile,
    warned: Sequence[Warned],
    now: datetime,
) -> None:
    """Tells the phones of who was warned, once a wallet: of what ends first."""
    town = profile.town.number
    soonest: dict[int, Warned] = {}
    for one in sorted(warned, key=lambda one: one.days, reverse=True):
        soonest[one.wallet] = one
    found = await identity.pushes_of_many(context.pool, town, list(soonest), now)
    pushes = [
        (
            Subscription(town, wallet, push.endpoint, push.p256dh, push.auth),
            _message(profile, soonest[wallet], now),
        )
        for wallet, push in found
    ]
    await tell(sender, pushes)


def _message(profile: Profile, warned: Warned, now: datetime) -> PushMessage:
    names = {one.code: one.name for one in profile.instruments}
    last_instant = warned.ends_at - timedelta(milliseconds=1)
    return expiry_warning_message(
        town=profile.town.code,
        notice=warned.notice,
        at=milliseconds(now),
        amount=sum(part.amount for part in warned.parts),
        last_day=last_instant.astimezone(ZoneInfo(profile.town.time_zone)).date(),
        name=names[warned.parts[0].instrument] if len(warned.parts) == 1 else None,
        languages=profile.town.languages,
    )
