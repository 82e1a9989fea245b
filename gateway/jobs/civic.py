"""What is done for civic platforms by itself: they are told, and what is over is forgotten."""

import asyncio
from datetime import datetime, time

import structlog

from gateway.civic.deliveries import send
from gateway.jobs.context import JobContext
from gateway.jobs.job import job
from gateway.jobs.schedule import Daily, EveryMinute
from gateway.senders import is_here
from ledger import clients, jobs, links, webhooks
from ledger.clients import WebhookAddress
from ledger.database import Executor
from ledger.webhooks import Webhook
from notifier.webhooks import NotDelivered, WebhookSender

# Requests at a time to one platform: as long as the slowest of them, some seconds at most.
SLICE = 8

log = structlog.get_logger(__name__)


@job("civic.deliver", subject="client")
async def deliver(context: JobContext, town: int, *, client: int, now: datetime) -> bool:
    """Tells a platform the next things that are due; whether to go on at once.

    Where one was in vain the others wait too: a platform that is down is not asked for each.
    """
    address = await clients.webhook_address(context.pool, context.vault, town, client)
    if address is None:
        await webhooks.give_up(context.pool, town, client, "there is no address any more", now)
        return False
    due = await webhooks.take(context.pool, town, client, SLICE, now)
    if not due:
        return False
    sender = WebhookSender(loopback=is_here(context.settings))
    try:
        went = await asyncio.gather(
            *(_deliver(context, sender, address, town, one, now) for one in due)
        )
    finally:
        await sender.close()
    return len(due) == SLICE and all(went)


async def _deliver(
    context: JobContext,
    sender: WebhookSender,
    address: WebhookAddress,
    town: int,
    one: Webhook,
    now: datetime,
) -> bool:
    try:
        await send(sender, address, context.profiles[town].town.code, one, now)
    except NotDelivered as error:
        again = await webhooks.not_delivered(context.pool, town, one, str(error), now)
        log.warning(
            "civic.not_delivered",
            town=town,
            client=address.key_id,
            webhook=str(one.webhook),
            attempts=one.attempts,
            again=again,
            why=str(error),
        )
        return False
    await webhooks.delivered(context.pool, town, one.webhook, now)
    return True


async def tell_soon(executor: Executor, town: int, client: int) -> None:
    """Has a platform told what is due, by one job however much it is."""
    lock = deliver.lock(town, {"client": client})
    if not await jobs.waits(executor, deliver.name, lock):
        await deliver.defer(executor, town, client=client)


async def look_at(executor: Executor, town: int, now: datetime) -> None:
    """Has each platform told for whom something is due."""
    for client in await webhooks.clients_waiting(executor, town, now):
        await tell_soon(executor, town, client)


@job("civic.look", schedule=lambda _profile: EveryMinute())
async def look(context: JobContext, town: int, *, due: datetime, now: datetime) -> None:  # noqa: ARG001
    """Finds what is due; what follows from an act here is told at once besides."""
    await look_at(context.pool, town, now)


@job("civic.sweep", schedule=lambda _profile: Daily(time(4, 40)))
async def sweep(context: JobContext, town: int, *, due: datetime, now: datetime) -> None:  # noqa: ARG001
    """Forgets codes, tokens and letters that are over."""
    await links.sweep(context.pool, town, now)
    await webhooks.sweep(context.pool, town, now)
