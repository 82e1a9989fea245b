"""Rows of the table of routes: campaigns."""

from gateway.http import campaigns
from gateway.http.call import Endpoint
from gateway.http.campaigns import CampaignPath, CampaignsQuery, ThrowsQuery
from gateway.protocol import api_campaigns as api
from gateway.protocol.messages import Role

CONSOLE = (Role.CONSOLE,)

CAMPAIGNS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/campaigns",
        summary="Campaigns to come, running, and over lately; dice with their commitment.",
        handler=campaigns.public,
        answer=api.Campaigns,
    ),
    Endpoint(
        method="GET",
        path="/campaigns/{code}/throws",
        summary="Every face that the dice of a campaign showed, once it is over, with the seed.",
        handler=campaigns.throws,
        path_parts=CampaignPath,
        query=ThrowsQuery,
        answer=api.DiceThrows,
    ),
    Endpoint(
        method="GET",
        path="/console/campaigns",
        summary="All campaigns, what they gave and what is left of their budgets.",
        handler=campaigns.listed,
        roles=CONSOLE,
        query=CampaignsQuery,
        answer=api.CampaignLines,
    ),
    Endpoint(
        method="POST",
        path="/console/campaigns",
        summary="Make a campaign that is to come; the answer names others that overlap with it.",
        handler=campaigns.make,
        roles=CONSOLE,
        operator=True,
        body=api.NewCampaign,
        answer=api.KeptCampaign,
        errors=("code_taken",),
    ),
    Endpoint(
        method="POST",
        path="/console/campaigns/preview",
        summary="What a campaign would have given on a past month's transactions.",
        handler=campaigns.preview,
        roles=CONSOLE,
        body=api.PreviewCampaign,
        answer=api.CampaignCost,
        errors=("busy",),
    ),
    Endpoint(
        method="PUT",
        path="/console/campaigns/{code}",
        summary="Give a campaign that has not begun other terms; its dice keep their seed.",
        handler=campaigns.change,
        roles=CONSOLE,
        operator=True,
        path_parts=CampaignPath,
        body=api.NewCampaign,
        answer=api.KeptCampaign,
        errors=("campaign_begun",),
    ),
    Endpoint(
        method="POST",
        path="/console/campaigns/{code}/stop",
        summary="End a campaign from an instant on.",
        handler=campaigns.stop,
        roles=CONSOLE,
        operator=True,
        path_parts=CampaignPath,
        body=api.StopCampaign,
        answer=api.KeptCampaign,
        errors=("campaign_over",),
    ),
    Endpoint(
        method="POST",
        path="/console/campaigns/{code}/rate",
        summary="Another rate from an instant on: one campaign stops there, another goes on.",
        handler=campaigns.change_rate,
        roles=CONSOLE,
        operator=True,
        path_parts=CampaignPath,
        body=api.ChangeRate,
        answer=api.KeptCampaign,
        errors=("code_taken", "campaign_over"),
    ),
)
