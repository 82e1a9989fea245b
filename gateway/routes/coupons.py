"""Rows of the table of routes: coupons and the offers of them."""

from gateway.http import coupons, wallet_coupons
from gateway.http.call import Endpoint
from gateway.protocol import api_coupons
from gateway.protocol.messages import Role

WALLET = (Role.WALLET,)
CONSOLE = (Role.CONSOLE,)

COUPONS: tuple[Endpoint, ...] = (
    # -- in a wallet -------------------------------------------------------------------------------
    Endpoint(
        method="GET",
        path="/wallet/coupons",
        summary="The wallet's coupons: what each takes off, where, until when, and why not now.",
        handler=wallet_coupons.own,
        roles=WALLET,
        answer=api_coupons.WalletCoupons,
    ),
    Endpoint(
        method="GET",
        path="/wallet/offers",
        summary="Offers of places to come and open, and those that the wallet has a place of.",
        handler=wallet_coupons.list_offers,
        roles=WALLET,
        answer=api_coupons.WalletOffers,
    ),
    Endpoint(
        method="POST",
        path="/wallet/offers/{offer}/claim",
        summary="Take a place of a coupon's round that goes to whoever comes first.",
        handler=wallet_coupons.claim,
        roles=WALLET,
        path_parts=wallet_coupons.OfferPath,
        answer=api_coupons.ClaimedPlace,
        errors=wallet_coupons.CLAIM_ERRORS,
    ),
    # -- at the console ----------------------------------------------------------------------------
    Endpoint(
        method="GET",
        path="/console/coupons",
        summary="The town's coupons, with what they paid and the budgets behind them.",
        handler=coupons.listed,
        roles=CONSOLE,
        query=coupons.CouponsQuery,
        answer=api_coupons.CouponLines,
    ),
    Endpoint(
        method="POST",
        path="/console/coupons",
        summary="Make a coupon, and its fund with a budget where that is new.",
        handler=coupons.make,
        roles=CONSOLE,
        operator=True,
        body=api_coupons.NewCoupon,
        answer=api_coupons.CouponLine,
        errors=("code_taken",),
    ),
    Endpoint(
        method="POST",
        path="/console/coupons/{coupon}/stop",
        summary="From now on a coupon pays nothing.",
        handler=coupons.stop,
        roles=CONSOLE,
        operator=True,
        path_parts=coupons.CouponPath,
        answer=api_coupons.CouponLine,
        errors=("coupon_over",),
    ),
    Endpoint(
        method="PUT",
        path="/console/coupons/{coupon}/budget",
        summary="What the budget behind a coupon may give in all.",
        handler=coupons.set_budget,
        roles=CONSOLE,
        operator=True,
        path_parts=coupons.CouponPath,
        body=api_coupons.Ceiling,
        answer=api_coupons.CouponLine,
        errors=("over_budget",),
    ),
    Endpoint(
        method="GET",
        path="/console/offers",
        summary="The town's offers of places.",
        handler=coupons.list_offers,
        roles=CONSOLE,
        query=coupons.OffersQuery,
        answer=api_coupons.OfferLines,
    ),
    Endpoint(
        method="POST",
        path="/console/offers",
        summary="Open an offer to who comes first: a round of a coupon, or rights to top up.",
        handler=coupons.open_round,
        roles=CONSOLE,
        operator=True,
        body=api_coupons.NewOffer,
        answer=api_coupons.OfferLine,
        errors=("code_taken", "over_budget"),
    ),
)
