"""R9: analysis of users and transactions for policy, and a report back to each shop."""

from datetime import timedelta

import asyncpg

from gateway.protocol.api_campaigns import KeptCampaign
from gateway.protocol.api_reports import Report
from tests.acceptance.conftest import Visit
from tests.acceptance.nagaoka import JAPAN
from tests.acceptance.reports import reads, rows
from tests.acceptance.topping_up import bought_by_transfer

SHOPS = {"駅前": 1_000, "港": 2_000, "大手": 700, "川端": 600, "山手": 500}


async def test_r9_what_a_campaign_did_and_where_a_shop_stands(
    visit: Visit, pool: asyncpg.Pool
) -> None:
    """A Wednesday without a campaign, a Wednesday with one at one shop of five. The operator sees
    what that shop gained beyond the others, and the ways between areas hide one person's. Each shop
    is told its own sums and its place among its kind, and nobody else's name.
    """
    town = await visit("region-ring")
    shops = {area: await town.opens(f"{area}の店", area=area) for area in SHOPS}
    station, harbour = shops["駅前"], shops["港"]
    hanako = await bought_by_transfer(town, pool, 100_000)
    for area, amount in SHOPS.items():
        await hanako.pays(shops[area].shop, amount)
    start = town.clock.now.astimezone(JAPAN).replace(hour=0, minute=0) + timedelta(days=7)
    body = {
        "code": "spring",
        "name": "春のポイント",
        "trigger": "payment",
        "instrument": "voucher",
        "basis_points": 100,
        "budget": 10_000,
        "starts_at": f"{start:%Y-%m-%dT%H:%M}",
        "ends_at": f"{start + timedelta(days=1):%Y-%m-%dT%H:%M}",
        "shops": [station.account],
    }
    await town.asks("POST", "/console/campaigns", body, KeptCampaign)
    await town.days_pass(days=7)
    hanako = await town.signs_in()
    await hanako.pays(station.shop, 3_000)
    await hanako.pays(harbour.shop, 9_600)
    await town.days_pass(days=1)

    effect = await reads(town, "campaign?campaign=spring")
    # Of the four Wednesdays before, three were without anybody: a mean of 250, and 950 elsewhere.
    whole = {row["inside"]: row for row in rows(effect, "compared") if row["weekday"] == "0"}
    assert (whole["inside"]["amount_before"], whole["inside"]["amount_mean"]) == (250, 3_000)
    assert whole["outside"]["change"] == round(9_600 / 950 - 1, 4)
    (summary,) = rows(effect, "effect")
    assert (summary["first"], summary["shops"]) == ("2026-04-08", 1)
    assert summary["gained"] == round(3_000 - 250 * (9_600 / 950))
    flows = await reads(town, "flows?month=2026-04")
    assert {row["people"] for table in flows.tables for row in rows(flows, table.table)} == {None}

    april = "terminal/report?month=2026-04"
    own = await station.looks(april, Report)
    assert rows(own, "place") == [
        {"among": "kind", "kind": "青果", "shops": 5, "rank": 2, "amount": 4_000, "median": 700}
    ]
    assert [row["payments_amount"] for row in rows(own, "days")] == [1_000, 3_000]
    (first,) = rows(await harbour.looks(april, Report), "place")
    assert (first["rank"], first["amount"]) == (1, 11_600)
    assert "港の店" not in str(own)
