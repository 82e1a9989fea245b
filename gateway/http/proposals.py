"""Proposals and reports: sent by wallets and shops, read and answered at the console (A7)."""

from datetime import datetime
from typing import Literal

from msgspec import Struct
from starlette.responses import Response

from gateway.http.acts import acting
from gateway.http.call import Call
from gateway.http.circulars import shown
from gateway.http.queries import Number, Page
from gateway.jobs.notices import defer_pushes
from gateway.pictures import drawn_anew
from gateway.protocol import api_voices as api
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger.voices import proposals
from ledger.voices.proposals import NewProposal, Proposal, TooMany

PNG = b"\x89PNG"


class ProposalPath(Struct, frozen=True):
    proposal: Number


class OwnProposalsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``before``: only those before this one; without it, the newest."""

    before: Number | None = None
    limit: Page = 50


class ProposalsQuery(OwnProposalsQuery, frozen=True, forbid_unknown_fields=True):
    """``open``: only what nobody has seen to. ``before``: only those before this one."""

    open: bool = False
    kind: Literal["proposal", "report"] | None = None


# -- who sends -------------------------------------------------------------------------------------


async def send(call: Call) -> api.OwnProposal:
    """Tells the operator something; sent again under the same id, it is there once."""
    body, account = call.body_as(api.NewProposal), call.session.account
    if not body.text.strip():
        raise Refused("invalid", "text: write what it is about.", field="text")
    pool, vault, town = call.context.pool, call.context.auth.vault, call.town.number
    new = NewProposal(body.id, body.kind, body.text, body.place)
    try:
        number = await proposals.send(pool, vault, town, account, new, call.now)
    except TooMany as error:
        raise too_many(error, call.now) from None
    found = await proposals.proposal(pool, vault, town, number)
    assert found is not None
    return _own(found)


async def add_picture(call: Call) -> api.OwnProposal:
    """Puts a picture to what was sent, once."""
    number, account = call.path_as(ProposalPath).proposal, call.session.account
    pool, vault, town = call.context.pool, call.context.auth.vault, call.town.number
    before = await proposals.proposal(pool, vault, town, number)
    if before is None or before.account != account:
        raise unknown()
    call.limit(call.context.limits.picture, f"{town}/{account}")
    drawn = await drawn_anew(call.raw_body)
    if not await proposals.show(pool, vault, town, account, number, drawn.content):
        raise Refused("proposal_closed", field="proposal")
    found = await proposals.proposal(pool, vault, town, number)
    assert found is not None
    return _own(found)


async def own(call: Call) -> api.OwnProposals:
    """What this wallet or shop has sent."""
    query = call.query_as(OwnProposalsQuery)
    found = await proposals.proposals(
        call.context.pool,
        call.context.auth.vault,
        call.town.number,
        query.limit,
        account=call.session.account,
        before=query.before,
    )
    after = found[-1].proposal if len(found) == query.limit else None
    return api.OwnProposals([_own(each) for each in found], after)


def too_many(error: TooMany, now: datetime) -> Refused:
    """So much was sent that more has to wait."""
    wait_ms = max(1, round((error.until - now).total_seconds() * 1000))
    text = f"Only {proposals.DAY_MAX} of these are taken in a day; nothing was kept."
    return Refused("too_fast", text, retry_after_ms=wait_ms)


# -- at the console --------------------------------------------------------------------------------


async def listed(call: Call) -> api.ProposalLines:
    """What wallets and shops have sent."""
    query = call.query_as(ProposalsQuery)
    found = await proposals.proposals(
        call.context.pool,
        call.context.auth.vault,
        call.town.number,
        query.limit,
        only_open=query.open,
        kind=query.kind,
        before=query.before,
    )
    after = found[-1].proposal if len(found) == query.limit else None
    return api.ProposalLines([line(each) for each in found], after)


async def picture(call: Call) -> Response:
    """What was shown with it; no cache keeps it."""
    number, context = call.path_as(ProposalPath).proposal, call.context
    found = await proposals.picture(context.pool, context.auth.vault, call.town.number, number)
    if found is None:
        raise Refused("not_found", "There is no picture with this.", field="proposal")
    media = "image/png" if found.startswith(PNG) else "image/jpeg"
    return shown(media, found, f"proposal-{number}", "no-store")


async def answer(call: Call) -> api.ProposalLine:
    """Answers; whoever sent it is told by a notice."""
    return await _close(call, call.body_as(api.AnswerVoice).text)


async def close(call: Call) -> api.ProposalLine:
    """It was seen to, and needs no answer."""
    return await _close(call, None)


async def _close(call: Call, text: str | None) -> api.ProposalLine:
    number, town = call.path_as(ProposalPath).proposal, call.town.number
    vault = call.context.auth.vault
    async with acting(call) as act:
        before = await proposals.proposal(act.connection, vault, town, number)
        if before is None:
            raise unknown()
        told = await proposals.close(
            act.connection, vault, town, number, text, call.session.name, call.now
        )
        if told is None:
            raise Refused("proposal_closed", field="proposal")
        await defer_pushes(act.connection, town, told)
        deed = "proposal.closed" if text is None else "proposal.answered"
        await act.record(deed, f"proposal:{number}", after={"kind": before.kind})
        found = await proposals.proposal(act.connection, vault, town, number)
    assert found is not None
    return line(found)


def unknown() -> Refused:
    """There is no such thing, or not for whoever asks."""
    return Refused("not_found", "Nothing was sent under this number.", field="proposal")


def line(one: Proposal) -> api.ProposalLine:
    """What was sent, as the console shows it."""
    return api.ProposalLine(
        one.proposal,
        "shop" if one.from_shop else "wallet",
        one.account,
        one.kind,
        one.text,
        one.place,
        one.pictured,
        milliseconds(one.sent_at),
        milliseconds(one.closed_at) if one.closed_at else None,
        one.closed_by,
        one.answer,
    )


def _own(one: Proposal) -> api.OwnProposal:
    return api.OwnProposal(
        one.proposal,
        one.id,
        one.kind,
        one.text,
        one.place,
        one.pictured,
        milliseconds(one.sent_at),
        milliseconds(one.closed_at) if one.closed_at else None,
        one.answer,
    )
