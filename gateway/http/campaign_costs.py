"""What a campaign would have given: the question of the console and of the command line."""

import datetime as dt
from datetime import datetime
from zoneinfo import ZoneInfo

from config.profile import Profile
from gateway.http.campaign_terms import terms
from gateway.protocol.api_campaigns import CampaignCost, CampaignShopCost, PreviewCampaign
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger import campaign_costs, campaigns
from ledger.campaign_costs import TIME_MAX_S, CostBusy, CostTooLarge
from ledger.database import Pool
from ledger.reports import periods


async def reckon(
    pool: Pool, profile: Profile, body: PreviewCampaign, now: datetime
) -> CampaignCost:
    """What these terms would have given in a month that has passed; without one, in the last.

    Raises:
        Refused: ``invalid``; ``busy`` where another look is under way, ``unavailable`` where it
            took too long.
    """
    zone, new = ZoneInfo(profile.town.time_zone), body.campaign
    since, until = _month(body.month, now.astimezone(zone).date(), zone)
    wanted = await terms(pool, profile, new, None)
    budget = new.budget
    if wanted.fund is not None:
        budget = await campaigns.budget_left(pool, profile.town.number, wanted.fund)
    try:
        cost = await campaign_costs.cost(pool, profile.town.number, wanted, since, until, budget)
    except CostBusy:
        raise Refused(
            "busy",
            "Another campaign is being reckoned; ask again in a moment.",
            retry_after_ms=5_000,
        ) from None
    except CostTooLarge:
        raise Refused(
            "unavailable",
            f"The look took longer than {TIME_MAX_S} s and was given up; nothing was changed. Look "
            "at fewer shops, or at a quieter hour.",
        ) from None
    return CampaignCost(
        month=f"{since:%Y-%m}",
        acts=cost.acts,
        people=cost.people,
        amount=cost.amount,
        shops=[
            CampaignShopCost(each.shop, each.name, each.acts, each.people, each.amount)
            for each in cost.shops
        ],
        budget=budget,
        used_up_at=None if cost.used_up_at is None else milliseconds(cost.used_up_at),
        mean=bool(new.dice),
    )


def _month(text: str | None, today: dt.date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the first midnight of a month to that after its last day, on the town's clocks."""
    if text is None:
        month = periods.month_before(today, zone)
    else:
        month = periods.month_of(dt.date.fromisoformat(f"{text}-01"), zone)
        if month.last >= today:
            wrong = f"month: found {text!r}; allowed is a month that is over."
            raise Refused("invalid", wrong, field="month")
    return month.since, month.until
