"""What draws do by themselves: lists are frozen in time, places drawn again, notices sent.

Freezing and drawing again are acts of the town's rules, each with its line in the audit. Notices
are sent a slice at a time; who is told, and that it is once, is `ledger.purchasers`'s.
"""

import asyncio
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import structlog

from config.profile import Profile
from gateway.jobs.context import JobContext
from gateway.jobs.job import job
from gateway.jobs.schedule import EveryMinute
from gateway.signin import Texter
from ledger import audit, draw_stages, draws, purchasers
from ledger.audit import Actor, ActorKind
from ledger.database import transaction
from ledger.digits import printed
from ledger.draws import DrawRefused
from ledger.purchasers import Notice
from notifier.sms import NotSent, Sms, Unknown

SLICE = 40  # Notices at a time: some seconds, with as many on their way as below.
ON_THEIR_WAY_MAX = 8

ITSELF = Actor(ActorKind.SYSTEM, None, "koban", "jobs")

log = structlog.get_logger(__name__)


@job("draws.look", schedule=lambda _profile: EveryMinute())
async def look(context: JobContext, town: int, *, due: datetime, now: datetime) -> bool:  # noqa: ARG001
    """Freezes lists, draws again what was not claimed, sends some notices; whether more wait."""
    profile = context.profiles[town]
    for code in await draws.to_close(context.pool, town, now):
        await _close(context, town, profile.town.code, code, now)
    for code in await draws.to_redraw(context.pool, town, now):
        await _redraw(context, town, code, now)
    if context.sms is None:
        return False
    return await send_notices(context, context.sms, profile, now) == SLICE


async def _close(context: JobContext, town: int, town_code: str, code: str, now: datetime) -> None:
    try:
        async with transaction(context.pool) as connection:
            draw = await draw_stages.close(connection, town, town_code, code, now)
            assert draw.digest is not None
            after = {"digest": draw.digest.hex()}
            await audit.record(
                connection, town, ITSELF, "draw.closed", f"draw:{code}", now, after=after
            )
    except DrawRefused as error:  # An operator was faster.
        log.info("draw.not_closed", town=town, draw=code, why=error.why)


async def _redraw(context: JobContext, town: int, code: str, now: datetime) -> None:
    try:
        async with transaction(context.pool) as connection:
            redrawn = await draw_stages.redraw(connection, town, code, now)
            after = {"round": redrawn.round, "free": redrawn.free, "drawn": redrawn.drawn}
            await audit.record(
                connection, town, ITSELF, "draw.redrawn", f"draw:{code}", now, after=after
            )
    except DrawRefused as error:
        log.info("draw.not_redrawn", town=town, draw=code, why=error.why)


async def send_notices(context: JobContext, sms: Texter, profile: Profile, now: datetime) -> int:
    """Sends a slice of the town's notices; how many there were."""
    town = profile.town.number
    notices = await purchasers.take_notices(context.pool, context.vault, town, SLICE, now)
    room = asyncio.Semaphore(ON_THEIR_WAY_MAX)

    async def send(notice: Notice) -> None:
        async with room:
            await _send(context, sms, profile, notice, now)

    async with asyncio.TaskGroup() as group:
        for notice in notices:
            group.create_task(send(notice))
    return len(notices)


async def _send(
    context: JobContext, sms: Texter, profile: Profile, notice: Notice, now: datetime
) -> None:
    town = profile.town.number
    if notice.phone is None:
        await purchasers.void(context.pool, town, notice, now)
        return
    text = notice_text(notice, profile, urlsplit(context.settings.public_url).hostname or "")
    try:
        await sms.send(Sms(notice.key, notice.phone, text))
    except (NotSent, Unknown) as error:
        # The key makes it one message, so what may have gone out is sent again all the same.
        again = await purchasers.not_sent(context.pool, town, notice, now)
        log.warning(
            "draw.notice_not_sent",
            town=town,
            application=notice.application,
            attempts=notice.attempts,
            again=again,
            why=type(error).__name__,
        )
        return
    await purchasers.sent(context.pool, town, notice, now)


def notice_text(notice: Notice, profile: Profile, host: str) -> str:
    """What a winner or a loser reads: in Japanese, with a line in English."""
    name = notice.draw.offer.name
    until = f"{notice.draw.claim_until.astimezone(ZoneInfo(profile.town.time_zone)):%Y-%m-%d %H:%M}"
    if notice.kind == "lost":
        return (
            f"「{name}」の抽選の結果、今回は落選となりました。"
            "空きが出た場合は、順番にあらためてお知らせします。\n"
            "You were not drawn this time and are on the waiting list."
        )
    if notice.number is None:
        return (
            f"「{name}」に当選しました。お使いのアプリでそのまま購入できます。\n"
            f"You were drawn; your wallet can buy now. {host}"
        )
    number = printed(notice.number)
    return (
        f"「{name}」に当選しました。\n購入者番号 {number}\n"
        f"{until}までに、応募した電話番号で登録し、この番号を入力してください。"
        "使えるのは一度だけです。\n"
        f"You were drawn. Register with this phone number and enter {number} by {until}. {host}"
    )
