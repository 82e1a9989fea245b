"""Whether a refusal is right: what was not given could not have been given."""

from datetime import datetime

from config.profile import Profile
from ledger.requests import Kind, Request
from tests.property.auditor import Auditor
from tests.property.giving_rules import day_of, rule_grants, share
from tests.property.place_auditor import undone


def explained(
    auditor: Auditor, profile: Profile, request: Request, outcome: str, now: datetime
) -> bool:
    """Whether the books, as they are now, say the same of a request that was refused alone.

    Only outcomes of giving are looked at, and only where the request names its wallet.
    """
    if outcome == "over_budget":
        return _too_little(auditor, profile, request, now)
    if request.wallet is None:
        return True
    if outcome == "already_granted":
        return _granted(auditor, request, now)
    if outcome == "coupon_used":
        return any(_spent(auditor, number, request.wallet) for number in request.coupons)
    if outcome in {"right_required", "over_right"}:
        left = _right(auditor, request.wallet, now)
        assert (left is None) == (outcome == "right_required")
        return left is None or left < (request.amount or 0)
    return True


def _too_little(auditor: Auditor, profile: Profile, request: Request, now: datetime) -> bool:
    lefts, dues = auditor.giving.lefts(), list[tuple[str, int]]()
    if request.kind is Kind.GRANT:
        activity, programme = auditor.giving.activities[request.way or ""]
        fund = auditor.giving.funds[programme["fund"]]
        dues = [(fund, request.amount or activity["amount"])]
    elif request.kind in {Kind.TOP_UP, Kind.LOAD}:
        way = profile.way(request.way or "cash")
        assert way is not None
        number = next(one.number for one in profile.instruments if one.code == way.instrument)
        moved = {number: request.amount or 0}
        dues = [due[1:] for due in rule_grants(profile, "top_up", way.code, moved, now)]
    elif request.kind is Kind.PAY:
        dues = _discounts(auditor, request)
    else:
        return True  # A code or card that is known by its digest alone.
    for fund, due in dues:
        if fund in lefts:
            lefts[fund] -= due
            if lefts[fund] < 0:
                return True
    return False


def _discounts(auditor: Auditor, request: Request) -> list[tuple[str, int]]:
    """What each coupon would take of its fund, where no place keeps it (a place keeps it once)."""
    places, rest = auditor.giving.places, request.amount or 0
    found = []
    for number in request.coupons:
        terms = places.coupons[number]
        pays = terms["discount"] or share(request.amount or 0, terms["basis_points"], "down")
        pays = min(pays, terms["discount_max"] or pays, rest)
        rest -= pays
        used_before = any(
            wallet == request.wallet and places.offers[offer]["coupon"] == number
            for offer, wallet in places.used
        )
        if not terms["awarded"] or used_before:
            found.append((auditor.giving.funds[terms["fund"]], pays))
    return found


def _granted(auditor: Auditor, request: Request, now: datetime) -> bool:
    activity, _ = auditor.giving.activities[request.way or ""]
    return activity["per_person"] != "always" and any(
        (one.kind, one.way) == ("grant", request.way)
        and not undone(one)
        and (activity["per_person"] == "once" or one.at >= day_of(now))
        for one in auditor.of_wallet[request.wallet or 0]
    )


def _spent(auditor: Auditor, number: int, wallet: int) -> bool:
    """Whether a wallet has used a coupon as often as it may; a place is used once."""
    places = auditor.giving.places
    terms = places.coupons[number]
    uses = sum(not undone(one) for one, _ in places.coupon_entries[number, wallet])
    most = 1 if terms["awarded"] else terms["per_person"]
    return most is not None and uses >= most


def _right(auditor: Auditor, wallet: int, now: datetime) -> int | None:
    """The most that a wallet may still buy by one of its places; None: it has none."""
    places = auditor.giving.places
    lefts = [
        row["amount"]
        - sum(
            one.amount - sum(back.amount for back in one.reversals)
            for one in places.right_entries[number, wallet]
        )
        for number, row in places.offers.items()
        if row["gives"] == "right" and (number, wallet) in places.awards and row["use_until"] > now
    ]
    return max(lefts, default=None)
