"""Rules between the keys of a profile, between towns, and what the law says about the figures."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config.profile.amounts import Words
from config.profile.colours import PAPER, TEXT_CONTRAST_MIN, contrast
from config.profile.instruments import Expiry, GrantRule, Instrument
from config.profile.problems import Problem, shown
from config.profile.sections import Profile
from config.profile.ways import Way

LANGUAGES = ("ja", "en", "zh-Hans", "zh-Hant", "ko", "vi", "ja-easy")
RANKS = ("clerk", "shop", "area", "headquarters", "operator")
RANKS_NEEDED = ("clerk", "shop", "operator")
EVENTS = (
    "payment", "top_up", "reversal", "duplicate_question", "refusal",
    "send", "give", "load", "redeem", "unload",
)  # fmt: skip

# 資金決済法 (Payment Services Act) art. 3-8 and its order: value that can be transferred, above
# 100,000 yen at once or 300,000 a month, makes the issuer one of 高額電子移転可能型; a balance that
# cannot exceed 300,000 keeps clear of it.
LAW = "資金決済法, 高額電子移転可能型"
LAW_ACT_YEN = 100_000
LAW_MONTH_YEN = 300_000


def broken_rules(profile: Profile) -> Iterator[Problem]:
    """What is wrong between the keys of a profile whose every single key is right."""
    yield from _town(profile)
    yield from _words(profile)
    yield from _instruments(profile)
    yield from _ways(profile)
    yield from _grants(profile)
    yield from _sending(profile)
    yield from _ranks(profile)
    for kind in profile.sounds:
        if kind not in EVENTS:
            yield Problem(f"sounds.{kind}", "a kind of event that there is not", _one_of(EVENTS))


def cautions(profile: Profile) -> Iterator[Problem]:
    """What is allowed, but brings duties of law; each with its source."""
    if profile.limits.balance_cap > LAW_MONTH_YEN:
        yield _lawful("limits.balance_cap", profile.limits.balance_cap, LAW_MONTH_YEN)
    if profile.sending is not None:
        if profile.sending.act_max > LAW_ACT_YEN:
            yield _lawful("sending.act_max", profile.sending.act_max, LAW_ACT_YEN)
        if profile.sending.month_max > LAW_MONTH_YEN:
            yield _lawful("sending.month_max", profile.sending.month_max, LAW_MONTH_YEN)


def clashes(profiles: Sequence[tuple[str, Profile]]) -> Iterator[tuple[str, Problem]]:
    """What towns may not share; each with the name of the later file."""
    for (one, first), (other, second) in combinations(profiles, 2):
        town, prefix = second.town, second.payments.code_prefix
        if first.town.code == town.code:
            yield other, Problem("town.code", shown(town.code), f"a code that {one} does not have")
        elif first.town.number == town.number:
            yield (
                other,
                Problem("town.number", shown(town.number), f"a number that {one} does not have"),
            )
        elif first.payments.code_prefix.startswith(prefix) or prefix.startswith(
            first.payments.code_prefix
        ):
            yield (
                other,
                Problem(
                    "payments.code_prefix",
                    shown(prefix),
                    f"digits that do not begin {one}'s {first.payments.code_prefix}, nor the "
                    "other way round",
                ),
            )


def _lawful(key: str, found: int, most: int) -> Problem:
    return Problem(key, f"{found:,}", f"at most {most:,}, or the duties of {LAW}")


def _one_of(codes: Iterable[str]) -> str:
    return f"one of {', '.join(codes) or '(there are none)'}"


def _town(profile: Profile) -> Iterator[Problem]:
    town = profile.town
    try:
        ZoneInfo(town.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield Problem("town.time_zone", shown(town.time_zone), "a name such as Asia/Tokyo")
    for place, language in enumerate(town.languages):
        if language not in LANGUAGES:
            yield Problem(f"town.languages[{place}]", shown(language), _one_of(LANGUAGES))
    if "ja" not in town.languages:
        yield Problem("town.languages", ", ".join(town.languages), "a list with ja in it")
    ratio = contrast(town.colour, PAPER)
    if ratio < TEXT_CONTRAST_MIN:
        yield Problem(
            "town.colour",
            f"{town.colour}, {ratio:.1f}:1 on the paper-white {PAPER}",
            f"a darker colour, {TEXT_CONTRAST_MIN}:1 or more (WCAG 2.2 AA, text)",
        )


def _words(profile: Profile) -> Iterator[Problem]:
    places: list[tuple[str, Words]] = [
        ("town.name", profile.town.name),
        ("town.currency", profile.town.currency),
    ]
    for place, group in enumerate(profile.groups):
        places.append((f"groups[{place}].name", group.name))
    for place, way in enumerate(profile.ways):
        places.append((f"ways[{place}].name", way.name))
    for place, instrument in enumerate(profile.instruments):
        places.append((f"instruments[{place}].name", instrument.name))
        places.append((f"instruments[{place}].unit", instrument.unit))
    places += [(f"roles.{rank}", words) for rank, words in profile.roles.items()]
    languages = profile.town.languages
    for key, words in places:
        if missing := [language for language in languages if not words.get(language, "").strip()]:
            yield Problem(
                key,
                f"no words in {', '.join(missing)}",
                f"words in each of town.languages: {', '.join(languages)}",
            )
        for language in words:
            if language not in languages:
                yield Problem(
                    f"{key}.{language}",
                    "a language that the town does not have",
                    f"one of town.languages: {', '.join(languages)}",
                )


def _twice(key: str, field: str, values: Iterable[object]) -> Iterator[Problem]:
    seen: dict[object, int] = {}
    for place, value in enumerate(values):
        if value in seen:
            yield Problem(
                f"{key}[{place}].{field}", shown(value), f"another one than {key}[{seen[value]}]'s"
            )
        seen.setdefault(value, place)


def _instruments(profile: Profile) -> Iterator[Problem]:
    groups = [group.code for group in profile.groups]
    yield from _twice("groups", "code", groups)
    yield from _twice("instruments", "code", [one.code for one in profile.instruments])
    yield from _twice("instruments", "number", [one.number for one in profile.instruments])
    for place, instrument in enumerate(profile.instruments):
        key = f"instruments[{place}]"
        yield from _unit(key, instrument)
        yield from _expiry(f"{key}.expires", instrument.expires)
        for index, group in enumerate(instrument.shops):
            if group not in groups:
                yield Problem(f"{key}.shops[{index}]", shown(group), _one_of(groups))


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
    yield from _twice("ways", "code", [way.code for way in profile.ways])
    for place, way in enumerate(profile.ways):
        key = f"ways[{place}]"
        if way.instrument not in units:
            yield Problem(f"{key}.instrument", shown(way.instrument), _one_of(units))
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
                yield Problem(f"{key}.{field}", shown(code), _one_of(codes))
        if rule.funder == "user":
            yield Problem(f"{key}.funder", '"user"', "somebody else: what is given is not theirs")
        yield from _whole_tickets(key, rule, profile)
        for index, way in enumerate(rule.ways):
            if way not in ways:
                yield Problem(f"{key}.ways[{index}]", shown(way), _one_of(ways))
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
            yield Problem(f"sending.instruments[{place}]", shown(code), _one_of(codes))
    if sending.act_max > sending.day_max:
        yield Problem("sending.act_max", shown(sending.act_max), f"at most {sending.day_max} a day")
    if sending.day_max > sending.month_max:
        yield Problem(
            "sending.day_max", shown(sending.day_max), f"at most {sending.month_max} a month"
        )


def _ranks(profile: Profile) -> Iterator[Problem]:
    reversals = profile.reversals
    for rank in RANKS_NEEDED:
        if rank not in profile.roles:
            yield Problem(f"roles.{rank}", "nothing", "words: every town has this rank")
    lower = 0
    for rank in RANKS:
        most: int = getattr(reversals, f"{rank}_max")
        if most < lower:
            yield Problem(
                f"reversals.{rank}_max", shown(most), f"at least {lower}, the rank's below"
            )
        lower = max(lower, most)
    if reversals.expired_lots == "extend" and reversals.extend_days == 0:
        yield Problem("reversals.extend_days", "0", 'some days, because expired_lots is "extend"')
