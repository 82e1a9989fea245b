"""A campaign's terms out of what an operator sends, and everything that can be wrong with them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from config.profile import Instrument, Profile
from gateway.http.days import check_day
from gateway.protocol.api_campaigns import DiceFace, NewCampaign
from gateway.refused import Refused
from ledger import campaigns
from ledger.campaigns import Face, Terms
from ledger.database import Executor

# The kinds of value that a campaign can give: a ticket is not given in parts, and a coupon is there
# within one payment only.
GIVEN_KINDS = ("coin", "points", "voucher")

FACES_LEAST = 2
LENGTH_MAX = timedelta(days=3 * 366)


def instant(text: str, zone: ZoneInfo, field: str) -> datetime:
    """An instant of the town's clocks, in UTC.

    Raises:
        Refused: ``invalid``, where there is no such day or time, or it is of another age.
    """
    try:
        local = datetime.fromisoformat(text).replace(tzinfo=zone)
    except ValueError:
        allowed = "a day and a time that there are, such as 2027-04-01T00:00"
        raise _invalid(field, text, allowed) from None
    check_day(local.date(), field)
    return local.astimezone(UTC)


async def terms(pool: Executor, profile: Profile, new: NewCampaign, fund: int | None) -> Terms:
    """The terms; ``fund``: the campaign's own, where it has one.

    Raises:
        Refused: ``invalid``, with the field, what was found and what is allowed.
    """
    instrument = _instrument(profile, new)
    starts_at, ends_at = _period(new, ZoneInfo(profile.town.time_zone))
    from_minute, to_minute = _hours(new)
    _check_groups(profile, new)
    await _check_places(pool, profile.town.number, new)
    if new.programme is not None:
        fund = await _programme(pool, profile, new, instrument)
    elif new.budget is None and new.trigger != "issue":
        raise Refused(
            "invalid",
            "budget: found nothing; allowed is a budget in yen or a programme, because the shop "
            "pays for points that it issues and for nothing else.",
            field="budget",
        )
    return Terms(
        code=new.code,
        name=new.name,
        trigger=new.trigger,
        source=_source(profile, new),
        instrument=instrument.number,
        basis_points=new.basis_points,
        rounding=new.rounding,
        fund=fund,
        entry_max=new.entry_max,
        person_max=new.person_max,
        priority=new.priority,
        starts_at=starts_at,
        ends_at=ends_at,
        weekdays=tuple(sorted(set(new.weekdays))),
        month_days=tuple(sorted(set(new.month_days))),
        from_minute=from_minute,
        to_minute=to_minute,
        shop_groups=tuple(sorted(set(new.shop_groups))),
        shops=tuple(sorted(set(new.shops))),
        terminal_groups=tuple(sorted(set(new.terminal_groups))),
        faces=faces(new.dice),
    )


def faces(dice: list[DiceFace]) -> tuple[Face, ...]:
    """The faces of dice.

    Raises:
        Refused: ``invalid``: one face is no dice, and faces that all give nothing give nothing.
    """
    if dice and len(dice) < FACES_LEAST:
        raise _invalid("dice", "one face", "none, or 2 to 20")
    if dice and not any(face.factor for face in dice):
        raise _invalid("dice", "factors that are all 0", "at least one factor above 0")
    return tuple(Face(face.weight, face.factor) for face in dice)


def _instrument(profile: Profile, new: NewCampaign) -> Instrument:
    known = [one for one in profile.instruments if one.kind in GIVEN_KINDS and one.unit_yen == 1]
    for one in known:
        if one.code == new.instrument:
            return one
    raise _invalid("instrument", new.instrument, _one_of([one.code for one in known]))


def _source(profile: Profile, new: NewCampaign) -> int | None:
    if new.source is None:
        return None
    if new.trigger == "issue":
        raise _invalid("source", new.source, "nothing where the trigger is issue")
    numbers = {one.code: one.number for one in profile.instruments}
    if new.source not in numbers:
        raise _invalid("source", new.source, _one_of(list(numbers)))
    return numbers[new.source]


def _period(new: NewCampaign, zone: ZoneInfo) -> tuple[datetime, datetime]:
    starts_at = instant(new.starts_at, zone, "starts_at")
    ends_at = instant(new.ends_at, zone, "ends_at")
    if ends_at <= starts_at:
        raise _invalid("ends_at", new.ends_at, f"an instant after {new.starts_at}")
    if ends_at - starts_at > LENGTH_MAX:
        raise _invalid("ends_at", new.ends_at, "an instant within three years of starts_at")
    return starts_at, ends_at


def _hours(new: NewCampaign) -> tuple[int | None, int | None]:
    if new.hours_from is None and new.hours_to is None:
        return None, None
    if new.hours_from is None or new.hours_to is None:
        field = "hours_from" if new.hours_from is None else "hours_to"
        raise _invalid(field, "nothing", "an hour, because the other one is given")
    begin, end = _minute(new.hours_from), _minute(new.hours_to)
    if begin == end or begin == _minute("24:00"):
        raise _invalid("hours_from", new.hours_from, "another hour than hours_to, before 24:00")
    if end == 0:
        raise _invalid("hours_to", new.hours_to, "24:00 for the end of the day")
    return begin, end


def _minute(hour: str) -> int:
    hours, _, minutes = hour.partition(":")
    return int(hours) * 60 + int(minutes)


def hour(minute: int | None) -> str | None:
    """A minute of the day as it is sent."""
    return None if minute is None else f"{minute // 60:02}:{minute % 60:02}"


def _check_groups(profile: Profile, new: NewCampaign) -> None:
    known = [group.code for group in profile.groups]
    for group in new.shop_groups:
        if group not in known:
            raise _invalid("shop_groups", group, _one_of(known))


async def _check_places(pool: Executor, town: int, new: NewCampaign) -> None:
    if not new.shops and not new.terminal_groups:
        return
    unknown = await campaigns.unknown_places(pool, town, new.shops, new.terminal_groups)
    if unknown.shops:
        raise _invalid("shops", str(unknown.shops[0]), "numbers of the town's shops")
    if unknown.terminal_groups:
        known = _one_of(unknown.known)
        found = unknown.terminal_groups[0]
        raise _invalid("terminal_groups", found, f"{known}, which terminals are in")


async def _programme(
    pool: Executor, profile: Profile, new: NewCampaign, instrument: Instrument
) -> int:
    assert new.programme is not None
    if new.budget is not None:
        raise _invalid("budget", str(new.budget), "nothing beside a programme, which has its own")
    found = await campaigns.programme(pool, profile.town.number, new.programme)
    if found is None:
        raise _invalid("programme", new.programme, "the code of one of the town's programmes")
    fund, number = found
    if number != instrument.number:
        codes = [one.code for one in profile.instruments if one.number == number]
        raise _invalid("instrument", new.instrument, f"{_one_of(codes)}, which the programme gives")
    return fund


def _one_of(codes: list[str]) -> str:
    return ", ".join(codes) if codes else "nothing: there is none"


def _invalid(field: str, found: str, allowed: str) -> Refused:
    return Refused("invalid", f"{field}: found {found!r}; allowed is {allowed}.", field=field)
