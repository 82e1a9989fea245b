"""What a town is: one TOML file, read strictly and checked before anything of it takes effect."""

import tomllib
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta, Struct

Yen = Annotated[int, Meta(ge=0, le=10_000_000)]
Seconds = Annotated[int, Meta(ge=1, le=86_400)]
Words = dict[str, str]  # The same words by language; ja is always there.


class ProfileError(Exception):
    """A town's file is wrong; the message names the file, the key, and what may stand there."""


class TownSection(Struct, frozen=True, forbid_unknown_fields=True):
    number: Annotated[int, Meta(ge=1, le=32_767)]
    code: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{1,30}$")]
    name: Words
    currency: Words
    issuer: str
    contact: str
    time_zone: str
    languages: Annotated[list[str], Meta(min_length=1)]
    colour: Annotated[str, Meta(pattern=r"^#[0-9a-f]{6}$")]


class LimitsSection(Struct, frozen=True, forbid_unknown_fields=True):
    """Yen."""

    payment_max: Yen
    top_up_min: Yen
    top_up_max: Yen
    top_up_step: Yen
    balance_cap: Yen
    clerk_reversal_max: Yen


class TopUpSection(Struct, frozen=True, forbid_unknown_fields=True):
    instrument: str


class PaymentsSection(Struct, frozen=True, forbid_unknown_fields=True):
    duplicate_window_s: Seconds
    question_ttl_s: Seconds
    code_ttl_s: Seconds
    code_prefix: Annotated[str, Meta(pattern=r"^[0-9]{1,8}$")]
    success_stays_s: Annotated[int, Meta(ge=0, le=600)]
    reversal_window_days: Annotated[int, Meta(ge=1, le=366)]


class Expiry(Struct, frozen=True, forbid_unknown_fields=True):
    """Counted from the grant in the town's time zone. Neither months nor days: never."""

    months: Annotated[int, Meta(ge=0, le=120)] | None = None
    days: Annotated[int, Meta(ge=0, le=3660)] | None = None
    at: Literal["instant", "day_end", "month_end"] = "day_end"


class Instrument(Struct, frozen=True, forbid_unknown_fields=True):
    number: Annotated[int, Meta(ge=1, le=999)]
    code: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
    kind: Literal["coin", "points"]
    name: Words
    unit: Words
    spend_order: Annotated[int, Meta(ge=1, le=999)]
    expires: Expiry = Expiry()


class GrantRule(Struct, frozen=True, forbid_unknown_fields=True):
    on: Literal["top_up", "payment"]
    of: str
    instrument: str
    basis_points: Annotated[int, Meta(ge=0, le=100_000)]
    rounding: Literal["down", "up", "half_up"]
    funder: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,30}$")]


class SoundPair(Struct, frozen=True, forbid_unknown_fields=True):
    wallet: Literal["paid", "topped_up", "refused", "attention", ""]
    terminal: Literal["paid", "topped_up", "refused", "attention", ""]


class Profile(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole town."""

    town: TownSection
    limits: LimitsSection
    top_up: TopUpSection
    payments: PaymentsSection
    instruments: Annotated[list[Instrument], Meta(min_length=1)]
    grants: list[GrantRule]
    sounds: dict[str, SoundPair]


def towns_folder() -> Path:
    """Where the profiles that come with Koban are."""
    return Path(__file__).parent / "towns"


def read_profile(code: str) -> Profile:
    """The profile of the town with this code."""
    return load_profile(towns_folder() / f"{code}.toml")


def load_profile(path: Path) -> Profile:
    """Reads and checks a town's file.

    Raises:
        ProfileError: the file is missing, is not TOML, or breaks a rule.
    """
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
        profile = msgspec.convert(tree, Profile)
    except FileNotFoundError:
        known = ", ".join(sorted(file.stem for file in path.parent.glob("*.toml"))) or "none"
        raise ProfileError(f"{path.name}: there is no such town; known are: {known}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProfileError(f"{path.name}: not TOML in UTF-8: {error}") from None
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at ")
        key = where.strip("`").removeprefix("$.") or "the file"
        raise ProfileError(f"{path.name}: {key}: {what}") from None
    for problem in problems(profile):
        raise ProfileError(f"{path.name}: {problem}")
    return profile


def problems(profile: Profile) -> list[str]:
    """What is wrong between the keys of a profile whose every single key is right."""
    found = []
    codes = [instrument.code for instrument in profile.instruments]
    numbers = [instrument.number for instrument in profile.instruments]
    if len(set(codes)) < len(codes) or len(set(numbers)) < len(numbers):
        found.append("instruments: two have the same code or number; each needs its own")
    if profile.top_up.instrument not in codes:
        found.append(
            f"top_up.instrument is {profile.top_up.instrument!r}; it must be one of {codes}"
        )
    for place, rule in enumerate(profile.grants):
        for key, code in (("of", rule.of), ("instrument", rule.instrument)):
            if code not in codes:
                found.append(f"grants[{place}].{key} is {code!r}; it must be one of {codes}")
        if rule.funder == "user":
            found.append(f"grants[{place}].funder is 'user'; points are given by somebody else")
    limits = profile.limits
    if not 0 < limits.top_up_min <= limits.top_up_max <= limits.balance_cap:
        found.append("limits: 0 < top_up_min <= top_up_max <= balance_cap must hold")
    if limits.top_up_step < 1 or limits.payment_max < 1:
        found.append("limits: top_up_step and payment_max must be at least 1")
    try:
        ZoneInfo(profile.town.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        found.append(
            f"town.time_zone is {profile.town.time_zone!r}; it must be a name such as Asia/Tokyo"
        )
    if "ja" not in profile.town.name or "ja" not in profile.town.currency:
        found.append("town.name and town.currency need at least ja")
    return found
