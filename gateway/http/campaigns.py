"""Campaigns (H3): operators make, change, stop and reckon them; everybody may see them."""

from datetime import datetime, timedelta
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import asdict, replace

from gateway.http.acts import Act, acting
from gateway.http.call import Call
from gateway.http.campaign_costs import reckon
from gateway.http.campaign_terms import faces, instant, terms
from gateway.http.campaign_views import dice_shown, line, shown
from gateway.http.queries import Number, Page
from gateway.protocol import api_campaigns as api
from gateway.protocol.api_campaigns import CampaignCode, ChangeRate, NewCampaign, StopCampaign
from gateway.refused import Refused
from ledger import campaigns, dice, overlaps
from ledger.campaigns import LEAD, Campaign
from ledger.database import Connection, Executor

# How long the public list tells of a campaign that is over.
PUBLIC_AFTER = timedelta(days=92)

IN_TIME = f"{LEAD.seconds} s from now or later"


class CampaignPath(Struct, frozen=True):
    code: CampaignCode


class CampaignsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``before``: only campaigns made before the one that ``next`` named."""

    before: Number | None = None
    limit: Page = 50


class ThrowsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``after``: only throws behind this entry; without it, from the first."""

    after: Annotated[int, Meta(ge=0, le=9_007_199_254_740_991)] = 0
    limit: Annotated[int, Meta(ge=1, le=2_000)] = 1_000


# -- for everybody ---------------------------------------------------------------------------------


async def public(call: Call) -> api.Campaigns:
    """Campaigns to come and running, and those that were over lately."""
    found = await campaigns.campaigns(
        call.context.pool, call.town.number, call.now, over_after=call.now - PUBLIC_AFTER
    )
    return api.Campaigns([shown(call.town.profile, each, call.now) for each in found])


async def throws(call: Call) -> api.DiceThrows:
    """Every face of a campaign that is over, and the seed that they follow from."""
    code, query = call.path_as(CampaignPath).code, call.query_as(ThrowsQuery)
    found = await _found(call, call.context.pool, code)
    if found.commitment is None:
        raise Refused("not_found", "This campaign has no dice.", field="code")
    if found.seed is None:
        raise Refused(
            "not_found", "The seed is published when the campaign has been over for a minute."
        )
    lines = await dice.throws(
        call.context.pool, call.town.number, found.campaign, query.after, query.limit
    )
    return api.DiceThrows(
        seed=found.seed.hex(),
        commitment=found.commitment.hex(),
        dice=dice_shown(found.terms.faces),
        throws=[api.DiceThrow(line.entry, line.id, line.face) for line in lines],
        next=lines[-1].entry if len(lines) == query.limit else None,
    )


# -- the console -----------------------------------------------------------------------------------


async def listed(call: Call) -> api.CampaignLines:
    """All campaigns, with what they gave and may still give."""
    query, pool, town = call.query_as(CampaignsQuery), call.context.pool, call.town.number
    found = await campaigns.campaigns(pool, town, call.now, before=query.before, limit=query.limit)
    found = await campaigns.added_up(pool, town, found)
    lines = [await line(pool, call.town.profile, each, call.now) for each in found]
    return api.CampaignLines(lines, found[-1].campaign if len(found) == query.limit else None)


async def make(call: Call) -> api.KeptCampaign:
    """Makes a campaign; dice get their seed, of which the answer tells the commitment."""
    new = call.body_as(NewCampaign)
    async with acting(call) as act:
        return await _add(call, act, new)


async def change(call: Call) -> api.KeptCampaign:
    """Gives a campaign that has not begun other terms."""
    new, code = call.body_as(NewCampaign), call.path_as(CampaignPath).code
    if new.code != code:
        text = f"code: found {new.code!r}; allowed is {code!r}: a code is kept for ever."
        raise Refused("invalid", text, field="code")
    town = call.town
    async with acting(call) as act:
        connection = act.connection
        before = await _locked(call, connection, code)
        if before.terms.starts_at < call.now + LEAD or before.stopped_at is not None:
            raise Refused("campaign_begun")
        _check_to_come(call, new)
        fund = await _own_fund(call, connection, new)
        after = await terms(connection, town.profile, new, fund)
        await campaigns.change(connection, town.number, after)
        kept = await _found(call, connection, code)
        await act.record(
            "campaign.changed",
            f"campaign:{code}",
            before=_told(call, before),
            after=_told(call, kept),
        )
        return await _kept(call, connection, kept)


async def stop(call: Call) -> api.KeptCampaign:
    """Ends a campaign from an instant on; what it gave stays given."""
    code, at = call.path_as(CampaignPath).code, _at(call, call.body_as(StopCampaign).at)
    async with acting(call) as act:
        before = await _locked(call, act.connection, code)
        if before.over_at <= at:
            raise Refused("campaign_over")
        await campaigns.stop(act.connection, call.town.number, code, at)
        kept = await _found(call, act.connection, code)
        await act.record(
            "campaign.stopped",
            f"campaign:{code}",
            before={"ends_at": before.over_at.isoformat()},
            after={"ends_at": at.isoformat()},
        )
        return await _kept(call, act.connection, kept)


async def change_rate(call: Call) -> api.KeptCampaign:
    """Stops a campaign from an instant on and lets another go on from there at another rate, for
    everything that it is for: a whole group changes at once. What a person may get at most is
    counted anew.
    """
    code, body = call.path_as(CampaignPath).code, call.body_as(ChangeRate)
    at, town = _at(call, body.at), call.town.number
    async with acting(call) as act:
        connection = act.connection
        before = await _locked(call, connection, code)
        if not before.terms.starts_at < at:
            text = "at: allowed is an instant after the campaign's start; until then, change it."
            raise Refused("invalid", text, field="at")
        if before.over_at <= at:
            raise Refused("campaign_over")
        after = replace(
            before.terms,
            code=body.code,
            basis_points=body.basis_points,
            starts_at=at,
            ends_at=before.over_at,
            faces=before.terms.faces if body.dice is None else faces(body.dice),
        )
        await campaigns.stop(connection, town, code, at)
        if await campaigns.add(connection, town, after) is None:
            raise _taken(body.code)
        kept = await _found(call, connection, body.code)
        await act.record(
            "campaign.rate_changed",
            f"campaign:{code}",
            before={"basis_points": before.terms.basis_points},
            after=_told(call, kept),
        )
        return await _kept(call, connection, kept)


async def preview(call: Call) -> api.CampaignCost:
    """What the campaign would have given in a month that has passed."""
    body = call.body_as(api.PreviewCampaign)
    return await reckon(call.context.pool, call.town.profile, body, call.now)


# -- what they share -------------------------------------------------------------------------------


async def _add(call: Call, act: Act, new: NewCampaign) -> api.KeptCampaign:
    connection, town = act.connection, call.town
    _check_to_come(call, new)
    fund = await _own_fund(call, connection, new)
    made = await terms(connection, town.profile, new, fund)
    if await campaigns.add(connection, town.number, made) is None:
        raise _taken(new.code)
    kept = await _found(call, connection, new.code)
    await act.record("campaign.made", f"campaign:{new.code}", after=_told(call, kept))
    return await _kept(call, connection, kept)


async def _own_fund(call: Call, connection: Connection, new: NewCampaign) -> int | None:
    if new.budget is None:
        return None
    town = call.town.number
    return await campaigns.own_fund(connection, town, new.code, new.budget, call.now)


async def _found(call: Call, executor: Executor, code: str) -> Campaign:
    found = await campaigns.campaign(executor, call.town.number, code, call.now)
    if found is None:
        raise Refused("not_found", "There is no such campaign.", field="code")
    return found


async def _locked(call: Call, connection: Connection, code: str) -> Campaign:
    await campaigns.lock(connection, call.town.number, code)
    return await _found(call, connection, code)


async def _kept(call: Call, connection: Connection, kept: Campaign) -> api.KeptCampaign:
    town = call.town.number
    rule = await overlaps.overlap_rule(connection, town, call.now)
    others = await overlaps.overlapping(connection, town, kept, call.now)
    return api.KeptCampaign(
        shown(call.town.profile, kept, call.now),
        rule,
        [
            api.OverlappingCampaign(
                other.terms.code, other.terms.name, overlaps.what_gives(rule, kept, other)
            )
            for other in others
        ],
    )


def _check_to_come(call: Call, new: NewCampaign) -> None:
    if instant(new.starts_at, call.town.zone, "starts_at") < call.now + LEAD:
        text = f"starts_at: found {new.starts_at!r}; allowed is an instant to come, {IN_TIME}."
        raise Refused("invalid", text, field="starts_at")


def _at(call: Call, said: str | None) -> datetime:
    """The instant that was sent, or the next at which an act can take effect."""
    if said is None:
        return call.now + LEAD
    at = instant(said, call.town.zone, "at")
    if at < call.now + LEAD:
        wrong = f"at: found {said!r}; allowed is an instant to come, {IN_TIME}; none: at once."
        raise Refused("invalid", wrong, field="at")
    return at


def _taken(code: str) -> Refused:
    return Refused("code_taken", f"There is or was a campaign {code!r}; take another code.")


def _told(call: Call, campaign: Campaign) -> dict[str, object]:
    """A campaign in a line of the audit."""
    told = asdict(shown(call.town.profile, campaign, call.now))
    dice = [f"{face.weight} x {face.factor}" for face in campaign.terms.faces]
    return told | {"dice": dice, "fund": campaign.fund_code}
