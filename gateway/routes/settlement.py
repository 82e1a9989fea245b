"""Rows of the table of routes: fee rates, and settlements with shops."""

from gateway.http import settlement
from gateway.http.call import Endpoint
from gateway.protocol import api
from gateway.protocol import api_settlement as bodies
from gateway.protocol.messages import Role

CONSOLE = (Role.CONSOLE,)
LIST_BYTES_MAX = 65_536  # Two thousand shops.

SETTLEMENT: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/console/fees",
        summary="Every fee rate that was ever set, and which of them hold now.",
        handler=settlement.list_rates,
        roles=CONSOLE,
        answer=bodies.FeeRates,
    ),
    Endpoint(
        method="POST",
        path="/console/fees",
        summary="Set a fee rate from an instant on, for a shop, a group, or all.",
        handler=settlement.set_rate,
        roles=CONSOLE,
        operator=True,
        body=bodies.NewFeeRate,
        answer=bodies.FeeRates,
    ),
    Endpoint(
        method="GET",
        path="/console/settlements",
        summary="Settlements with their totals, newest first.",
        handler=settlement.list_settlements,
        roles=CONSOLE,
        query=settlement.SettlementsQuery,
        answer=bodies.Settlements,
    ),
    Endpoint(
        method="POST",
        path="/console/settlements/preview",
        summary="What a settlement would say; nothing of it is kept.",
        handler=settlement.preview,
        roles=CONSOLE,
        operator=True,
        body=bodies.NewSettlement,
        body_bytes_max=LIST_BYTES_MAX,
        answer=bodies.SettlementReview,
        errors=("settlement_empty",),
    ),
    Endpoint(
        method="POST",
        path="/console/settlements",
        summary="Settle what no settlement has, of any shops and period; another one releases it.",
        handler=settlement.make,
        roles=CONSOLE,
        operator=True,
        body=bodies.NewSettlement,
        body_bytes_max=LIST_BYTES_MAX,
        answer=bodies.SettlementReview,
        errors=("settlement_empty",),
    ),
    Endpoint(
        method="GET",
        path="/console/settlements/{settlement}",
        summary="Its totals, what funders owe, the largest changes, every changed bank account.",
        handler=settlement.show,
        roles=CONSOLE,
        path_parts=settlement.SettlementPath,
        answer=bodies.SettlementReview,
    ),
    Endpoint(
        method="GET",
        path="/console/settlements/{settlement}/lines",
        summary="What a settlement says to each shop, and what became of it.",
        handler=settlement.list_lines,
        roles=CONSOLE,
        path_parts=settlement.SettlementPath,
        answer=bodies.SettlementLines,
    ),
    Endpoint(
        method="GET",
        path="/console/settlements/{settlement}/fees",
        summary="What moved and its fees, by day, shop, group, kind of value and rate.",
        handler=settlement.list_fees,
        roles=CONSOLE,
        path_parts=settlement.SettlementPath,
        query=settlement.FeesQuery,
        answer=bodies.SettlementFees,
        errors=("too_many_lines",),
    ),
    Endpoint(
        method="POST",
        path="/console/settlements/{settlement}/release",
        summary="Let its amounts move; by somebody else than who made it, who looked at it.",
        handler=settlement.release,
        roles=CONSOLE,
        operator=True,
        path_parts=settlement.SettlementPath,
        body=bodies.ReleaseSettlement,
        answer=bodies.SettlementReview,
        errors=("settlement_state", "same_operator", "review_changed"),
    ),
    Endpoint(
        method="POST",
        path="/console/settlements/{settlement}/discard",
        summary="Let go of a settlement that was not released; its entries are free again.",
        handler=settlement.discard,
        roles=CONSOLE,
        operator=True,
        path_parts=settlement.SettlementPath,
        answer=api.Done,
        errors=("settlement_state",),
    ),
)
