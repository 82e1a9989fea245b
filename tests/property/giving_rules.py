"""What a town's terms of giving come to, in plain Python: shares, hours, dice, and overlaps."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
from msgspec import Struct

from config.profile import Instrument, Profile

JAPAN = ZoneInfo("Asia/Tokyo")


class Act(Struct, frozen=True):
    """What campaigns look at: what moved by instrument (no coupons), where, when, whose.

    ``units``: the kinds of value that can be given now, and what a unit of each is worth (yen).
    """

    id: UUID
    kind: str
    at: datetime
    wallet: int
    shop: int
    shop_groups: frozenset[str]
    terminal_groups: frozenset[str]
    moved: Mapping[int, int]
    units: Mapping[int, int]


class Gift(Struct, frozen=True):
    """What one campaign gives, and the face that its dice showed."""

    campaign: int
    instrument: int
    fund: int | None
    amount: int
    face: int | None


def day_of(at: datetime) -> datetime:
    """When the town's day began to which an instant belongs."""
    return at.astimezone(JAPAN).replace(hour=0, minute=0, second=0, microsecond=0)


def share(amount: int, basis_points: int, rounding: str) -> int:
    """So many basis points of an amount, in whole yen."""
    whole, rest = divmod(amount * basis_points, 10_000)
    return whole + {"down": 0, "up": int(rest > 0), "half_up": int(rest >= 5_000)}[rounding]


def open_at(terms: asyncpg.Record, at: datetime) -> bool:
    """Whether a campaign or coupon is in its time, on its days and in its hours."""
    if not terms["starts_at"] <= at < terms["ends_at"]:
        return False
    if terms["stopped_at"] is not None and terms["stopped_at"] <= at:
        return False
    local = at.astimezone(JAPAN)
    if terms["from_minute"] is not None:
        minute, first, last = (local.hour * 60 + local.minute), *_hours(terms)
        if first > last and minute < last:
            local -= timedelta(days=1)  # Hours past midnight belong to the evening before.
        elif not (minute >= first if first > last else first <= minute < last):
            return False
    days = not terms["weekdays"] or local.isoweekday() in terms["weekdays"]
    return days and (not terms["month_days"] or local.day in terms["month_days"])


def _hours(terms: asyncpg.Record) -> tuple[int, int]:
    return terms["from_minute"], terms["to_minute"]


def is_here(terms: asyncpg.Record, shop: int, groups: Iterable[str]) -> bool:
    """Whether a campaign or coupon is for this shop."""
    named = not terms["shops"] or shop in terms["shops"]
    return named and (not terms["shop_groups"] or bool({*groups} & {*terms["shop_groups"]}))


def face(seed: bytes, id: UUID, weights: list[int]) -> int:  # noqa: A002
    """The face, from 1, that a seed shows for an id: as it is published, and as anybody checks."""
    number = int(hashlib.sha256(seed + id.bytes).hexdigest()[:16], 16) % sum(weights)
    faces = [place for place, weight in enumerate(weights, 1) for _ in range(weight)]
    return faces[number]


def gifts(
    campaigns: Iterable[asyncpg.Record],
    act: Act,
    overlap: str,
    lefts: Mapping[int, int],
    given: Mapping[tuple[int, int], int],
) -> list[Gift]:
    """What all campaigns together give with an act.

    ``lefts``: what funds with a budget have left; ``given``: by campaign and wallet, so far.
    """
    left, found = dict(lefts), []
    for terms in sorted(campaigns, key=lambda one: (one["priority"], one["campaign"])):
        gift = _gift(terms, act, given[terms["campaign"], act.wallet])
        if gift is None:
            continue
        if gift.fund in left and left[gift.fund] < gift.amount:
            gift = Gift(gift.campaign, gift.instrument, gift.fund, 0, gift.face)
        if gift.amount == 0 and gift.face is None:
            continue
        found.append(gift)
        if overlap == "add" and gift.fund in left:
            left[gift.fund] -= gift.amount
    if overlap == "best":
        return [max(found, key=lambda gift: gift.amount)] if found else []
    return found if overlap == "add" else found[:1]


def _gift(terms: asyncpg.Record, act: Act, given: int) -> Gift | None:
    """What one campaign would give by itself, whatever its fund has left; None: nothing to do."""
    wanted = {*terms["terminal_groups"]}
    if terms["trigger"] != act.kind or not open_at(terms, act.at):
        return None
    if not is_here(terms, act.shop, act.shop_groups) or (
        wanted and not wanted & act.terminal_groups
    ):
        return None
    if terms["instrument"] not in act.units:
        return None
    if terms["fund"] is None and {*act.moved} != {terms["instrument"]}:
        return None  # A shop adds to what it issues, and to nothing else.
    base = sum(act.moved.values())
    if terms["source"] is not None:
        base = act.moved.get(terms["source"], 0)
    shown, factor = None, 1
    if terms["seed"] is not None:
        shown = face(terms["seed"], act.id, terms["face_weights"])
        factor = terms["face_factors"][shown - 1]
    amount = share(base, terms["basis_points"] * factor, terms["rounding"])
    if terms["entry_max"] is not None:
        amount = min(amount, terms["entry_max"])
    if terms["person_max"] is not None:
        amount = min(amount, max(terms["person_max"] - given, 0))
    amount -= amount % act.units[terms["instrument"]]
    return Gift(terms["campaign"], terms["instrument"], terms["fund"], amount, shown)


def over(instrument: Instrument, at: datetime) -> bool:
    """Whether a kind of value has had its last day."""
    last = instrument.expires.date
    return last is not None and at.astimezone(JAPAN).date() > last


def rule_grants(
    profile: Profile, kind: str, way: str | None, moved: Mapping[int, int], at: datetime
) -> Iterator[tuple[int, str, int]]:
    """What the town's standing rules grant with an entry, if their funds have it: the instrument's
    number, the funder, the amount; in the order of the rules.
    """
    codes = {one.code: one for one in profile.instruments}
    for rule in profile.grants:
        instrument = codes[rule.instrument]
        if rule.on != kind or (rule.ways and way not in rule.ways) or over(instrument, at):
            continue
        base = moved.get(codes[rule.of].number, 0)
        amount = share(base, rule.basis_points, rule.rounding)
        yield instrument.number, rule.funder, amount - amount % instrument.unit_yen
