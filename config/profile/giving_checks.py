"""Rules between the keys: coupons, points that shops issue, and where expired value goes."""

from collections.abc import Iterator

from config.profile.instruments import Expiry, Instrument
from config.profile.problems import Problem, one_of, shown, twice
from config.profile.sections import Profile


def broken_giving(profile: Profile) -> Iterator[Problem]:
    """What is wrong between what is given in special ways, and the town's kinds of value."""
    yield from twice("purposes", "code", [purpose.code for purpose in profile.purposes])
    for place, instrument in enumerate(profile.instruments):
        yield from _end(f"instruments[{place}]", instrument, profile)
    yield from _no_coupons(profile)
    yield from _issuing(profile)
    seen: set[int] = set()
    for place, days in enumerate(profile.expiry.warn_days):
        if days in seen:
            yield Problem(f"expiry.warn_days[{place}]", shown(days), "each number of days once")
        seen.add(days)


def _end(key: str, instrument: Instrument, profile: Profile) -> Iterator[Problem]:
    """A coupon is there for one payment alone, so it neither expires nor is kept apart."""
    if instrument.kind != "coupon":
        purposes = [purpose.code for purpose in profile.purposes]
        if instrument.expired_to is not None and instrument.expired_to not in purposes:
            yield Problem(f"{key}.expired_to", shown(instrument.expired_to), one_of(purposes))
        return
    if instrument.expires != Expiry():
        yield Problem(f"{key}.expires", "an end", "none, because kind is coupon")
    if instrument.expired_to is not None:
        found = shown(instrument.expired_to)
        yield Problem(f"{key}.expired_to", found, "nothing, because kind is coupon")
    if not instrument.mixes:
        yield Problem(f"{key}.mixes", "false", "true, because kind is coupon")


def _no_coupons(profile: Profile) -> Iterator[Problem]:
    """Nobody holds a coupon's value, so it is neither topped up, nor granted, nor sent."""
    coupons = {one.code for one in profile.instruments if one.kind == "coupon"}
    places = [
        (f"ways[{place}].instrument", way.instrument) for place, way in enumerate(profile.ways)
    ]
    for place, rule in enumerate(profile.grants):
        places += [
            (f"grants[{place}].of", rule.of),
            (f"grants[{place}].instrument", rule.instrument),
        ]
    if profile.sending is not None:
        sent = enumerate(profile.sending.instruments)
        places += [(f"sending.instruments[{place}]", code) for place, code in sent]
    for key, code in places:
        if code in coupons:
            yield Problem(key, shown(code), "an instrument of another kind than coupon")


def _issuing(profile: Profile) -> Iterator[Problem]:
    if (issuing := profile.issuing) is None:
        return
    points = [one.code for one in profile.instruments if one.kind == "points"]
    if issuing.instrument not in points:
        found = shown(issuing.instrument)
        yield Problem("issuing.instrument", found, f"{one_of(points)}, which are points")
    if issuing.purchase_max < issuing.per_yen:
        least = f"at least issuing.per_yen, {issuing.per_yen}"
        yield Problem("issuing.purchase_max", shown(issuing.purchase_max), least)
    most = issuing.purchase_max // issuing.per_yen * issuing.points
    if most > (cap := profile.limits.balance_cap):
        yield Problem(
            "issuing.points",
            f"{most} points for {issuing.purchase_max} yen",
            f"at most limits.balance_cap, {cap}",
        )
    if issuing.funder == "user":
        yield Problem("issuing.funder", '"user"', "somebody else: what is given is not theirs")
