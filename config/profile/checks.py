"""Rules between the keys of a profile, between towns, and what the law says about the figures."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config.profile.amounts import Words
from config.profile.colours import PAPER, TEXT_CONTRAST_MIN, contrast
from config.profile.giving_checks import broken_giving
from config.profile.problems import Problem, one_of, shown
from config.profile.sections import Profile
from config.profile.value_checks import broken_value

LANGUAGES = ("ja", "en", "zh-Hans", "zh-Hant", "ko", "vi", "ja-easy")
RANKS = ("clerk", "shop", "area", "headquarters", "operator")
RANKS_NEEDED = ("clerk", "shop", "operator")
# The kinds of event that an account's feed tells of.
EVENTS = (
    "payment",
    "top_up",
    "reversal",
    "send",
    "gift",
    "exchange",
    "grant",
    "issue",
    "expiry",
    "duplicate_question",
    "refusal",
)

# 資金決済法 (Payment Services Act), article 3 paragraph 8: value that can be transferred, above
# 100,000 yen at once or 300,000 a month, makes the issuer one of 高額電子移転可能型; a balance that
# cannot exceed 300,000 keeps clear of it.
LAW = "資金決済法, 高額電子移転可能型"
LAW_ACT_YEN = 100_000
LAW_MONTH_YEN = 300_000


def broken_rules(profile: Profile) -> Iterator[Problem]:
    """What is wrong between the keys of a profile whose every single key is right."""
    yield from _town(profile)
    yield from _words(profile)
    yield from broken_value(profile)
    yield from broken_giving(profile)
    yield from _ranks(profile)
    yield from _law(profile)
    ways_in = profile.people.sign_in
    if "sms" not in ways_in or len(set(ways_in)) < len(ways_in):
        allowed = '"sms", by which wallets are registered, and others beside it, each once'
        yield Problem("people.sign_in", shown(", ".join(ways_in)), allowed)
    if profile.cards is not None and profile.cards.act_max > profile.cards.day_max:
        yield Problem("cards.act_max", shown(profile.cards.act_max), "at most cards.day_max")
    for kind in profile.sounds:
        if kind not in EVENTS:
            yield Problem(f"sounds.{kind}", "a kind of event that there is not", one_of(EVENTS))


def cautions(profile: Profile, today: date) -> Iterator[Problem]:
    """What is allowed, but hardly meant, or brings duties of law; those with their source."""
    for place, instrument in enumerate(profile.instruments):
        last = instrument.expires.date
        if last is not None and last < today:
            yield Problem(f"instruments[{place}].expires.date", f"{last}", f"{today} or later")
    if profile.limits.balance_cap > LAW_MONTH_YEN:
        yield _lawful("limits.balance_cap", profile.limits.balance_cap, LAW_MONTH_YEN)
    if profile.law is None and any(way.funder == "user" for way in profile.ways):
        yield Problem("law", "nothing", "what 資金決済法, article 13 wants to be shown")
    if profile.sending is not None:
        if profile.sending.act_max > LAW_ACT_YEN:
            yield _lawful("sending.act_max", profile.sending.act_max, LAW_ACT_YEN)
        if profile.sending.month_max > LAW_MONTH_YEN:
            yield _lawful("sending.month_max", profile.sending.month_max, LAW_MONTH_YEN)


def _law(profile: Profile) -> Iterator[Problem]:
    """What is paid for comes by a way, and always where it is the user's."""
    if profile.law is None:
        return
    funders = sorted({"user", *(way.funder for way in profile.ways)})
    for place, code in enumerate(profile.law.paid_by):
        if code not in funders:
            yield Problem(f"law.paid_by[{place}]", shown(code), one_of(funders))
    if "user" not in profile.law.paid_by:
        yield Problem("law.paid_by", shown(", ".join(profile.law.paid_by)), '"user" among them')


def clashes(profiles: Sequence[tuple[str, Profile]]) -> Iterator[tuple[str, Problem]]:
    """What towns may not share; each with the name of the later file."""
    for (one, first), (other, second) in combinations(profiles, 2):
        if first.town.code == second.town.code:
            found = shown(second.town.code)
            yield other, Problem("town.code", found, f"a code that {one} does not have")
            continue
        if first.town.number == second.town.number:
            found = shown(second.town.number)
            yield other, Problem("town.number", found, f"a number that {one} does not have")
        taken, prefix = first.payments.code_prefix, second.payments.code_prefix
        if taken.startswith(prefix) or prefix.startswith(taken):
            allowed = f"digits that do not begin {one}'s {taken}, nor the other way round"
            yield other, Problem("payments.code_prefix", shown(prefix), allowed)


def changes(before: Profile, after: Profile) -> Iterator[Problem]:
    """What a town's new rules may not change: value that people hold must stay what it is."""
    places = {one.number: place for place, one in enumerate(after.instruments)}
    for old in before.instruments:
        if old.number not in places:
            yield Problem(
                "instruments",
                f"none with the number {old.number}",
                f"number {old.number}, {old.code}, to stay: people may hold it",
            )
            continue
        key, new = f"instruments[{places[old.number]}]", after.instruments[places[old.number]]
        for field in ("code", "kind", "unit_yen"):
            was, now = getattr(old, field), getattr(new, field)
            if was != now:
                allowed = f"{shown(was)}, as number {old.number} has been; or another number"
                yield Problem(f"{key}.{field}", shown(now), allowed)


def _lawful(key: str, found: int, most: int) -> Problem:
    return Problem(key, f"{found:,}", f"at most {most:,}, or the duties of {LAW}")


def _town(profile: Profile) -> Iterator[Problem]:
    town = profile.town
    try:
        ZoneInfo(town.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield Problem("town.time_zone", shown(town.time_zone), "a name such as Asia/Tokyo")
    for place, language in enumerate(town.languages):
        if language not in LANGUAGES:
            yield Problem(f"town.languages[{place}]", shown(language), one_of(LANGUAGES))
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
    for place, purpose in enumerate(profile.purposes):
        places.append((f"purposes[{place}].name", purpose.name))
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
    for place, way in enumerate(profile.ways):
        if way.out and way.max > reversals.operator_max:
            yield Problem(
                "reversals.operator_max",
                shown(reversals.operator_max),
                f"at least ways[{place}].max, {way.max}: what goes out may come back",
            )
