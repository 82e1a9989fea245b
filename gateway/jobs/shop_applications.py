"""Telling whoever applied for a shop that there is something to read: a question, or the decision.

The text message says no more than that, and how to read it; it goes to the phone that was proved.
"""

from datetime import datetime
from uuid import UUID

from gateway.jobs.context import JobContext
from gateway.jobs.job import job
from gateway.signin import Texter
from ledger.database import transaction
from ledger.shops import applications
from ledger.shops.applications import Application, State
from notifier.sms import Sms

WORDS = {
    State.ASKED: ("事務局から質問があります。", "The office has a question."),
    State.ACCEPTED: ("加盟が承認されました。", "It is accepted."),
    State.DECLINED: ("審査の結果が出ました。", "It was decided."),
}


@job("shops.tell_applicant", subject="application")
async def tell_applicant(
    context: JobContext,
    town: int,
    *,
    application: int,
    key: UUID,
    now: datetime,  # noqa: ARG001
) -> None:
    """Sends the message; ``key`` makes it one, however often this is tried."""
    if context.sms is not None:
        await tell(context, context.sms, town, application, key)


async def tell(context: JobContext, sms: Texter, town: int, application: int, key: UUID) -> None:
    """Sends the message, unless there is nothing to read any more, or nobody to be told.

    Raises:
        SmsError: it did not certainly go out; it may be sent again under its key.
    """
    async with transaction(context.pool) as connection:
        found = await applications.application(connection, context.vault, town, application)
    if found is None or found.contact is None or found.state not in WORDS:
        return
    await sms.send(Sms(key, found.contact.phone, text_of(found)))


def text_of(found: Application) -> str:
    """What the applicant reads: in Japanese, with a line in English."""
    japanese, english = WORDS[found.state]
    return (
        f"「{found.details.name}」の加盟申込について、{japanese}"
        "受付番号と電話番号で申込の状況をご確認ください。\n"
        f"Your shop's application: {english} Look it up by receipt number and phone."
    )
