"""A reference date of a town, and the list of a refund procedure, as doors and files tell them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
from msgspec import structs

from config.profile import Instrument, Profile
from gateway.protocol.api_law import (
    LawDeposit,
    LawHalfYear,
    LawKind,
    LawLives,
    LawReported,
    ReferenceDate,
)
from gateway.refused import Refused
from gateway.reports.asking import told
from gateway.signin import milliseconds
from ledger import law_reports, reference_dates
from ledger.database import Connection, Pool
from ledger.grants import By
from ledger.prepaid import (
    HalfYear,
    Standing,
    deposit,
    is_reference_date,
    reference_date_before,
    report_due,
)
from ledger.reference_dates import Kind, Refund
from ledger.reports.snapshot import ReportRoom
from ledger.vault import Vault

_read = msgspec.json.Decoder(ReferenceDate).decode

# A payment under way at midnight is decided by its own instant, and is written within that time.
SETTLED_AFTER = timedelta(minutes=1)

HEADINGS = (
    *("reference_date", "final", "instrument", "name", "standing", "doubts", "part"),
    *("opening", "issued", "recovered", "expired", "refunded", "unspent"),
    *("longest_days", "deposit_above", "deposit_owed", "report_due"),
)
REFUND_HEADINGS = ("wallet", "name", "phone", "instrument", "paid_yen")


async def reference_date(
    room: ReportRoom, pool: Pool, profile: Profile, day: date, now: datetime, time_max_s: int
) -> ReferenceDate:
    """The half-year that ends with a day, as far as it has come, and whether it was reported. It is
    read where reports are (``room``), each statement for ``time_max_s`` at most.

    Raises:
        Refused: ``invalid``, for a day that is no reference date or a half-year that is to come;
            ``busy`` and ``unavailable``, where the look is not to be had now.
    """
    if not is_reference_date(day):
        text = f"{day} is no reference date (基準日); those are 31 March and 30 September."
        raise Refused("invalid", text, field="date")
    zone, law = ZoneInfo(profile.town.time_zone), profile.law
    first = reference_date_before(day) + timedelta(days=1)
    since, until = _midnight(first, zone), _midnight(day + timedelta(days=1), zone)
    if since > now:
        raise Refused("invalid", "This half-year has not begun.", field="date")
    paid_by = ["user"] if law is None else law.paid_by
    async with told(), room.snapshot() as connection:
        found = await reference_dates.reckon(
            connection,
            profile.town.number,
            since,
            min(until, now),
            paid_by,
            municipal=law is not None and law.municipal,
            time_max_s=time_max_s,
        )
    kinds, owed = found.kinds, deposit(found.counted.unspent)
    reckoned = ReferenceDate(
        date=day,
        since=first,
        until=milliseconds(min(until, now)),
        last_entry=found.last_entry,
        final=now >= until + SETTLED_AFTER,
        issuer=profile.town.issuer,
        paid_by=list(paid_by),
        kinds=[_kind(profile, each) for each in kinds],
        counted=_half_year(found.counted),
        deposit=LawDeposit(owed.unspent, owed.above, owed.owed),
        report_due=report_due(day)
        if any(each.standing is Standing.COUNTED for each in kinds)
        else None,
    )
    report = await law_reports.report(pool, profile.town.number, day)
    if report is None:
        return reckoned
    then = _read(report.figures)
    same = figures(then) == figures(reckoned)
    reported = LawReported(report.made_name, milliseconds(report.made_at), same)
    return structs.replace(reckoned, reported=reported)


def figures(found: ReferenceDate) -> object:
    """What is the same for ever; names and the present words of the rules are not."""
    kinds = [(kind.instrument, kind.paid, kind.free, kind.counted) for kind in found.kinds]
    return kinds, found.counted, found.deposit, found.last_entry


async def keep_report(
    connection: Connection, profile: Profile, found: ReferenceDate, by: By, now: datetime
) -> bool:
    """Notes that these figures are reported; False where the date was reported before.

    Raises:
        Refused: ``invalid``, as long as they are not final.
    """
    if not found.final:
        raise Refused("invalid", f"The half-year to {found.date} is not over.", field="date")
    text = msgspec.json.encode(structs.replace(found, reported=None)).decode()
    return await law_reports.keep(connection, profile.town.number, found.date, text, by, now)


async def refunds(
    room: ReportRoom,
    vault: Vault,
    profile: Profile,
    instrument: Instrument,
    day: date | None,
    now: datetime,
    time_max_s: int,
) -> list[Refund]:
    """Who is owed how much at the end of a day; None: now.

    Raises:
        Refused: ``invalid``, for a day that is not over; ``busy`` and ``unavailable`` as above.
    """
    zone = ZoneInfo(profile.town.time_zone)
    at = now if day is None else _midnight(day + timedelta(days=1), zone)
    if at > now:
        raise Refused("invalid", "This day is not over; take one before today.", field="at")
    paid_by = ["user"] if profile.law is None else profile.law.paid_by
    async with told(), room.snapshot() as connection:
        return await reference_dates.refunds(
            connection,
            vault,
            profile.town.number,
            instrument.number,
            at,
            paid_by,
            time_max_s=time_max_s,
        )


def instrument_of(profile: Profile, code: str) -> Instrument:
    """A kind of value by its code.

    Raises:
        Refused: ``not_found``, with those that there are.
    """
    for one in profile.instruments:
        if one.code == code:
            return one
    codes = ", ".join(one.code for one in profile.instruments)
    raise Refused(
        "not_found", f"There is no kind of value {code!r}; allowed is {codes}.", field="instrument"
    )


def rows(found: ReferenceDate) -> Iterator[tuple[object, ...]]:
    """The lines of a file: each kind's paid, free and counted value, then the issuer's sum."""
    final = "final" if found.final else "so far"
    for kind in found.kinds:
        doubts = " ".join(kind.doubts)
        parts = {"paid": kind.paid, "free": kind.free, "counted": kind.counted}
        for part, half_year in parts.items():
            yield (
                *(found.date, final, kind.instrument, kind.name, kind.standing, doubts, part),
                *structs.astuple(half_year),
                *(kind.lives.longest_days, None, None, None),
            )
    yield (
        *(found.date, final, None, found.issuer, None, None, "total"),
        *structs.astuple(found.counted),
        *(None, found.deposit.above, found.deposit.owed, found.report_due),
    )


def refund_rows(instrument: Instrument, found: list[Refund]) -> Iterator[tuple[object, ...]]:
    """The lines of a refund procedure's list, a wallet each."""
    for each in found:
        yield (each.wallet, each.name, each.phone, instrument.code, each.amount)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _kind(profile: Profile, kind: Kind) -> LawKind:
    # What a town's rules no longer name is still in the journal.
    name = next((one.name["ja"] for one in profile.instruments if one.code == kind.instrument), "")
    return LawKind(
        instrument=kind.instrument,
        name=name,
        standing=kind.standing.value,
        doubts=[doubt.value for doubt in kind.lives.doubts],
        paid=_half_year(kind.paid),
        free=_half_year(kind.free),
        counted=_half_year(kind.counted),
        lives=LawLives(*structs.astuple(kind.lives)),
    )


def _half_year(found: HalfYear) -> LawHalfYear:
    return LawHalfYear(*structs.astuple(found))
