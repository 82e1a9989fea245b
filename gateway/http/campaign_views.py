"""Campaigns as they are shown: to everybody, and to the console."""

from collections.abc import Sequence
from datetime import datetime

from config.profile import Profile
from gateway.http.campaign_terms import hour
from gateway.protocol import api_campaigns as api
from gateway.signin import milliseconds
from ledger import campaigns
from ledger.campaigns import Campaign, Face
from ledger.database import Executor

GONE = ""  # A kind of value that the town's present rules no longer name.


async def line(
    pool: Executor, profile: Profile, campaign: Campaign, now: datetime
) -> api.CampaignLine:
    """A campaign as the console shows it."""
    fund = campaign.terms.fund
    left = None
    if fund is not None:
        left = await campaigns.budget_left(pool, profile.town.number, fund)
    return api.CampaignLine(
        shown(profile, campaign, now),
        campaign.terms.priority,
        campaign.fund_code,
        left,
        campaign.grants,
        campaign.granted,
    )


def shown(profile: Profile, campaign: Campaign, now: datetime) -> api.Campaign:
    """A campaign as everybody may see it."""
    terms, codes = campaign.terms, {one.number: one.code for one in profile.instruments}
    state = "over" if campaign.over_at <= now else "to_come"
    if campaign.running(now):
        state = "running"
    stopped = campaign.stopped_at
    return api.Campaign(
        code=terms.code,
        name=terms.name,
        state=state,
        trigger=terms.trigger,
        source=None if terms.source is None else codes.get(terms.source, GONE),
        instrument=codes.get(terms.instrument, GONE),
        basis_points=terms.basis_points,
        rounding=terms.rounding,
        entry_max=terms.entry_max,
        person_max=terms.person_max,
        starts_at=milliseconds(terms.starts_at),
        ends_at=milliseconds(terms.ends_at),
        stopped_at=None if stopped is None else milliseconds(stopped),
        weekdays=list(terms.weekdays),
        month_days=list(terms.month_days),
        hours_from=hour(terms.from_minute),
        hours_to=hour(terms.to_minute),
        shop_groups=list(terms.shop_groups),
        shops=list(terms.shops),
        terminal_groups=list(terms.terminal_groups),
        dice=dice_shown(terms.faces),
        commitment=campaign.commitment.hex() if campaign.commitment else None,
        seed=campaign.seed.hex() if campaign.seed else None,
    )


def dice_shown(faces: Sequence[Face]) -> list[api.DiceFace]:
    """Dice as they are sent."""
    return [api.DiceFace(face.weight, face.factor) for face in faces]
