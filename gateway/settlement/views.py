"""Fee rates and settlements as the console and the command line see them."""

from collections.abc import Mapping
from datetime import datetime

from config.profile import Profile
from gateway.protocol import api_settlement as api
from gateway.signin import milliseconds
from ledger.settlement.fees import FeeRate
from ledger.settlement.lines import Line
from ledger.settlement.review import AccountChange, Review
from ledger.settlement.settlements import FeeSum, Settlement


def rate_view(profile: Profile, rate: FeeRate, now: datetime) -> api.FeeRate:
    """A rate, and whether it holds now."""
    begun = rate.valid_from <= now
    return api.FeeRate(
        rate=rate.rate,
        kind=rate.kind,
        shop=rate.shop,
        shop_code=rate.shop_code,
        group=rate.shop_group,
        instrument=None if rate.instrument is None else codes(profile)[rate.instrument],
        basis_points=rate.basis_points,
        yen=rate.yen,
        valid_from=milliseconds(rate.valid_from),
        until=_milliseconds(rate.until),
        in_force=begun and (rate.until is None or now < rate.until),
        set_by=rate.set_name,
        set_at=milliseconds(rate.set_at),
    )


def settlement_view(one: Settlement) -> api.Settlement:
    """A settlement and its totals."""
    return api.Settlement(
        settlement=one.settlement,
        since=milliseconds(one.from_at),
        until=milliseconds(one.until_at),
        scope=one.scope,
        group=one.shop_group,
        shops=one.shops,
        payout_min=one.payout_min,
        collection_min=one.collection_min,
        fee_rounding=one.fee_rounding,
        remark=one.remark,
        state=one.state,
        made_by=one.made_name,
        made_at=milliseconds(one.made_at),
        released_by=one.released_name,
        released_at=_milliseconds(one.released_at),
        discarded_by=one.discarded_name,
        discarded_at=_milliseconds(one.discarded_at),
        lines=one.lines,
        entries=one.entries,
        accepted=one.accepted,
        topped_up=one.topped_up,
        issued=one.issued,
        fees=one.fees,
        carried_in=one.carried_in,
        net=one.net,
        payouts=one.payouts,
        paid_out=one.paid_out,
        collections=one.collections,
        collected=one.collected,
        carrying=one.carrying,
        carried=one.carried,
    )


def review_view(profile: Profile, review: Review, *, kept: bool = True) -> api.SettlementReview:
    """What there is to look at; ``kept`` False: of a settlement that was made to be looked at
    alone, and has gone.
    """
    named = codes(profile)
    return api.SettlementReview(
        settlement=settlement_view(review.settlement),
        charges=[
            api.SettlementCharge(each.funder_code, named[each.instrument], each.amount)
            for each in review.charges
        ],
        changes=[
            api.SettlementChange(
                *(each.shop, each.shop_code, each.shop_name),
                *(each.now, each.usual, each.difference, each.settlements),
            )
            for each in review.changes
        ],
        accounts=[_account_change(each) for each in review.accounts],
        digest=review.digest if kept else "",
    )


def _account_change(one: AccountChange) -> api.AccountChange:
    return api.AccountChange(
        what=one.what,
        shop=one.shop,
        shop_code=one.shop_code,
        shop_name=one.shop_name,
        net=one.net,
        before=_account(one.old_bank, one.old_branch, one.old_tail),
        after=_account(one.bank, one.branch, one.tail),
        set_by=one.set_name,
        set_at=_milliseconds(one.set_at),
    )


def _account(bank: str | None, branch: str | None, tail: str | None) -> api.ShopAccount | None:
    return None if bank is None else api.ShopAccount(bank, branch or "", tail or "")


def line_view(line: Line) -> api.SettlementLine:
    """What a settlement says to a shop."""
    return api.SettlementLine(
        shop=line.shop,
        shop_code=line.shop_code,
        shop_name=line.shop_name,
        groups=line.groups,
        entries=line.entries,
        accepted=line.accepted,
        topped_up=line.topped_up,
        issued=line.issued,
        fees=line.fees,
        transfer_fee=line.transfer_fee,
        carried_in=line.carried_in,
        net=line.net,
        carries=line.carries,
        state=line.state,
        moved_at=_milliseconds(line.moved_at),
        reason=line.reason,
        carried_to=line.carried_to,
    )


def fee_view(profile: Profile, one: FeeSum) -> api.SettlementFee:
    """What moved and its fee."""
    return api.SettlementFee(
        kind=one.kind,
        day=None if one.day is None else one.day.isoformat(),
        shop=one.shop,
        group=one.shop_group,
        instrument=None if one.instrument is None else codes(profile)[one.instrument],
        rate=one.rate,
        entries=one.entries,
        amount=one.amount,
        fee=one.fee,
    )


class _Codes(dict[int, str]):
    """An instrument that the profile no longer names is told by its number."""

    def __missing__(self, number: int) -> str:
        return str(number)


def codes(profile: Profile) -> Mapping[int, str]:
    """The instruments' codes by their numbers."""
    return _Codes({each.number: each.code for each in profile.instruments})


def _milliseconds(at: datetime | None) -> int | None:
    return None if at is None else milliseconds(at)
