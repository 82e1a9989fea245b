"""Notices that operators write: published when their time comes, told to phones, swept when old."""

from collections.abc import Sequence
from datetime import datetime, time

from gateway.jobs.context import JobContext
from gateway.jobs.job import job
from gateway.jobs.phones import tell
from gateway.jobs.schedule import Daily, EveryMinute
from gateway.signin import milliseconds
from ledger import identity
from ledger.database import Connection
from ledger.notices import Added
from ledger.voices import circulars, sweeping
from notifier.push_messages import answer_message, circular_message
from notifier.subscriptions import Subscription

SLICE_PHONES = 500  # As many as their queue takes at once.


@job("notices.look", schedule=lambda _profile: EveryMinute())
async def look(context: JobContext, town: int, *, due: datetime, now: datetime) -> None:  # noqa: ARG001
    """Finds circulars whose time has come."""
    for number in await circulars.due(context.pool, town, now):
        await publish.defer(context.pool, town, circular=number)


@job("notices.publish", subject="circular")
async def publish(context: JobContext, town: int, *, circular: int, now: datetime) -> bool:
    """Publishes a circular, then tells the next phones of it; whether there are more."""
    await circulars.publish(context.pool, town, circular, now)
    told = await circulars.next_phones(context.pool, town, circular, SLICE_PHONES, now)
    if told is None:
        return False
    if context.push is not None:
        profile = context.profiles[town].town
        message = circular_message(
            town=profile.code,
            notice=told.notice,
            at=milliseconds(now),
            titles=told.title,
            texts=told.text,
            first=profile.languages[0],
        )
        pushes = [
            (Subscription(town, wallet, push.endpoint, push.p256dh, push.auth), message)
            for wallet, push in told.phones
        ]
        await tell(context.push, pushes)
    return True


@job("notices.push_answers")
async def push_answers(
    context: JobContext, town: int, *, wallets: list[int], notices: list[int], now: datetime
) -> None:
    """Tells phones that the operator has answered: the wallets, each with its notice."""
    if context.push is None:
        return
    profile, at = context.profiles[town].town, milliseconds(now)
    notice_of = dict(zip(wallets, notices, strict=True))
    found = await identity.pushes_of_many(context.pool, town, wallets, now)
    pushes = [
        (
            Subscription(town, wallet, push.endpoint, push.p256dh, push.auth),
            answer_message(
                town=profile.code,
                notice=notice_of[wallet],
                at=at,
                languages=profile.languages,
            ),
        )
        for wallet, push in found
    ]
    await tell(context.push, pushes)


async def defer_pushes(connection: Connection, town: int, added: Sequence[Added]) -> None:
    """Has phones told of new notices, in the transaction that made them."""
    for start in range(0, len(added), SLICE_PHONES):
        some = added[start : start + SLICE_PHONES]
        await push_answers.defer(
            connection,
            town,
            wallets=[each.account for each in some],
            notices=[each.notice for each in some],
        )


@job("notices.sweep", schedule=lambda _profile: Daily(time(4, 40)))
async def sweep(context: JobContext, town: int, *, due: datetime, now: datetime) -> bool:  # noqa: ARG001
    """Deletes what was kept as long as the town keeps it; whether there is more."""
    keeping = context.profiles[town].keeping
    more = await sweeping.sweep_notices(context.pool, town, keeping.notices_days, now)
    await sweeping.sweep_voices(context.pool, town, keeping.voices_days, now)
    applicants = await sweeping.sweep_applicants(context.pool, town, keeping.applicants_days, now)
    return more or applicants
