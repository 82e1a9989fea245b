"""Rules of value between the keys: instruments, ways, grants, sending."""

from collections.abc import Iterator

from config.profile.instruments import Expiry, GrantRule, Instrument
from config.profile.problems import Problem, one_of, shown, twice
from config.profile.sections import Profile
from config.profile.ways import Way


def broken_value(profile: Profile) -> Iterator[Problem]:
    """What is wrong between what the town's value is, and how it comes, is granted and is sent."""
    yield from _instruments(profile)
    yield from _ways(profile)
    yield from _grants(profile)
    yield from _sending(profile)


def _instruments(profile: Profile) -> Iterator[Problem]:
    groups = [group.code for group in profile.groups]
    yield from twice("groups", "code", groups)
    yield from twice("instruments", "code", [one.code for one in profile.instruments])
    yield from twice("instruments", "number", [one.number for one in profile.instruments])
    for place, instrument in enumerate(profile.instruments):
        key = f"instruments[{place}]"
        yield from _unit(key, instrument)
        yield from _expiry(f"{key}.expires", instrument.expires)
        for index, group in enumerate(instrument.shops):
            if group not in groups:
                yield Problem(f"{key}.shops[{index}]", shown(group), one_of(groups))


def _unit(key: str, instrument: Instrument) -> Iterator[Problem]:
    if instrument.kind == "ticket" and instrument.unit_yen == 1:
        yield Problem(f"{key}.unit_yen", "1", "what one ticket is worth, more than 1")
    if instrument.kind != "ticket" and instrument.unit_yen != 1:
        yield Problem(f"{key}.unit_yen", shown(instrument.unit_yen), '1, or kind = "ticket"')


def _expiry(key: str, expires: Expiry) -> Iterator[Problem]:
    forms = {
        "months and days": expires.months is not None or expires.days is not None,
        "date": expires.date is not None,
        "idle_days": expires.idle_days is not None,
    }
    if len(given := [form for form, there in forms.items() if there]) > 1:
        yield Problem(key, " beside ".join(given), f"one form: {', '.join(forms)}")
    if expires.months == 0 and not expires.days and expires.at == "instant":
        yield Problem(key, "value that expires as it is given", "some months or days")


def _ways(profile: Profile) -> Iterator[Problem]:
    units = {instrument.code: instrument.unit_yen for instrument in profile.instruments}
    yield from twice("ways", "code", [way.code for way in profile.ways])
    for place, way in enumerate(profile.ways):
        key = f"ways[{place}]"
        if way.instrument not in units:
            yield Problem(f"{key}.instrument", shown(way.instrument), one_of(units))
        elif way.step % units[way.instrument]:
            yield Problem(
                f"{key}.step",
                shown(way.step),
                f"a multiple of {way.instrument}'s unit_yen {units[way.instrument]}",
            )
        yield from _provider(key, way)
        yield from _bounds(key, way, profile.limits.balance_cap)


def _provider(key: str, way: Way) -> Iterator[Problem]:
    outside = way.kind in {"provider", "exchange"}
    if outside and way.provider is None:
        yield Problem(
            f"{key}.provider", "nothing", f"an adapter's code, because kind is {way.kind}"
        )
    if not outside and way.provider is not None:
        yield Problem(
            f"{key}.provider", shown(way.provider), f"nothing, because kind is {way.kind}"
        )
    if way.kind != "exchange" and (way.rate_numerator, way.rate_denominator) != (1, 1):
        rate = f"{way.rate_numerator}/{way.rate_denominator}"
        yield Problem(f"{key}.rate_numerator", rate, '1/1, or kind = "exchange"')
    if way.step * way.rate_denominator % way.rate_numerator:
        yield Problem(
            f"{key}.step",
            shown(way.step),
            f"whole points of theirs at {way.rate_numerator} of ours for {way.rate_denominator}",
        )
    if way.out and way.kind != "exchange":
        yield Problem(f"{key}.out", "true", 'false, or kind = "exchange"')


def _bounds(key: str, way: Way, balance_cap: int) -> Iterator[Problem]:
    if way.min > way.max:
        yield Problem(f"{key}.min", shown(way.min), f"at most {key}.max, {way.max}")
    if way.max > balance_cap:
        yield Problem(f"{key}.max", shown(way.max), f"at most limits.balance_cap, {balance_cap}")
    for field in ("min", "max"):
        if (value := getattr(way, field)) % way.step:
            yield Problem(f"{key}.{field}", shown(value), f"a multiple of {key}.step, {way.step}")
    if way.day_max is not None and way.day_max < way.min:
        yield Problem(f"{key}.day_max", shown(way.day_max), f"at least {key}.min, {way.min}")
    if way.month_max is not None and way.month_max < (way.day_max or way.min):
        least = way.day_max or way.min
        yield Problem(f"{key}.month_max", shown(way.month_max), f"at least a day's {least}")
    if (way.new_account_days > 0) != (way.new_account_day_max is not None):
        yield Problem(
            f"{key}.new_account_days",
            "one of new_account_days and new_account_day_max",
            "both or neither",
        )


def _grants(profile: Profile) -> Iterator[Problem]:
    codes = [instrument.code for instrument in profile.instruments]
    ways = [way.code for way in profile.ways]
    for place, rule in enumerate(profile.grants):
        key = f"grants[{place}]"
        for field, code in (("of", rule.of), ("instrument", rule.instrument)):
            if code not in codes:
                yield Problem(f"{key}.{field}", shown(code), one_of(codes))
        if rule.funder == "user":
            yield Problem(f"{key}.funder", '"user"', "somebody else: what is given is not theirs")
        yield from _whole_tickets(key, rule, profile)
        for index, way in enumerate(rule.ways):
            if way not in ways:
                yield Problem(f"{key}.ways[{index}]", shown(way), one_of(ways))
        if rule.ways and rule.on == "payment":
            yield Problem(f"{key}.ways", ", ".join(rule.ways), 'none, because on is "payment"')


def _whole_tickets(key: str, rule: GrantRule, profile: Profile) -> Iterator[Problem]:
    """Tickets are granted whole, so every amount that can be topped up must bring whole ones."""
    unit = next((one.unit_yen for one in profile.instruments if one.code == rule.instrument), 1)
    if unit == 1:
        return
    if rule.on == "payment":
        yield Problem(f"{key}.instrument", shown(rule.instrument), 'no tickets on "payment"')
    for way in profile.ways:
        concerned = way.instrument == rule.of and (not rule.ways or way.code in rule.ways)
        if concerned and way.step * rule.basis_points % (10_000 * unit):
            yield Problem(
                f"{key}.basis_points",
                shown(rule.basis_points),
                f"whole tickets of {unit} yen for each {way.step} yen of the way {way.code}",
            )


def _sending(profile: Profile) -> Iterator[Problem]:
    if (sending := profile.sending) is None:
        return
    codes = [instrument.code for instrument in profile.instruments]
    for place, code in enumerate(sending.instruments):
        if code not in codes:
            yield Problem(f"sending.instruments[{place}]", shown(code), one_of(codes))
    if sending.act_max > sending.day_max:
        yield Problem("sending.act_max", shown(sending.act_max), f"at most {sending.day_max} a day")
    if sending.day_max > sending.month_max:
        yield Problem(
            "sending.day_max", shown(sending.day_max), f"at most {sending.month_max} a month"
        )
