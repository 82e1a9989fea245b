"""Programmes (事業, H1): a department gives one kind of value for its activities, from a budget.

A programme is opened with a fund of its own, whose account stands on the other side of each grant,
and with a budget: what that fund may have given and promised in all. The budget is kept by
`koban.decide` and can never be overdrawn (a CHECK); here its ceiling alone is changed. An activity
says what taking part is worth, to whom how often, and when.
"""

from datetime import datetime

from msgspec import Struct

from ledger.database import Connection, Executor, fetch_row, fetch_rows, load_queries, translated

SQL = load_queries("programmes")


class NewProgramme(Struct, frozen=True):
    """A programme to open. ``code`` is its fund's code too; ``ceiling``: yen."""

    code: str
    department: str
    name: str
    instrument: int
    ceiling: int


class Programme(Struct, frozen=True):
    """A programme and its budget, in yen: ``granted`` less what came back, ``reserved`` for lists
    under way.
    """

    programme: int
    code: str
    department: str
    name: str
    fund: int
    instrument: int
    ceiling: int
    granted: int
    reserved: int

    @property
    def left(self) -> int:
        """What can still be promised."""
        return self.ceiling - self.granted - self.reserved


class NewActivity(Struct, frozen=True):
    """An activity to open. No ``amount``: each grant says its own, up to ``amount_max`` yen.

    ``per_person``: once, daily (by the town's days) or always. ``ends_at`` does not count in.
    """

    code: str
    programme: int
    name: str
    amount: int | None
    amount_max: int
    per_person: str
    starts_at: datetime
    ends_at: datetime


class Activity(Struct, frozen=True):
    """An activity of the programme with the code ``programme``, paid by the account ``fund``."""

    code: str
    programme: str
    name: str
    amount: int | None
    amount_max: int
    per_person: str
    starts_at: datetime
    ends_at: datetime
    fund: int


# -- programmes ------------------------------------------------------------------------------------


async def open_programme(
    connection: Connection, town: int, new: NewProgramme, now: datetime
) -> Programme | None:
    """Opens a programme in the caller's transaction; None where its code is taken, by another
    programme or by a funder that the town's profile names.
    """
    with translated():
        if await connection.fetchval(SQL["code_taken"], town, new.code):
            return None
        await connection.execute(
            SQL["open_programme"],
            town,
            new.code,
            new.department,
            new.name,
            new.instrument,
            new.ceiling,
            now,
        )
    return await programme(connection, town, new.code)


async def programmes(pool: Executor, town: int) -> list[Programme]:
    """The programmes of a town, oldest first."""
    return [Programme(*row) for row in await fetch_rows(pool, SQL["programmes"], town, None)]


async def programme(pool: Executor, town: int, code: str) -> Programme | None:
    """The programme with this code, or None."""
    row = await fetch_row(pool, SQL["programmes"], town, code)
    return Programme(*row) if row else None


async def set_ceiling(pool: Executor, town: int, fund: int, ceiling: int) -> bool:
    """Changes what a budget may give in all; False where more is granted and reserved already."""
    return await fetch_row(pool, SQL["set_ceiling"], town, fund, ceiling) is not None


# -- activities ------------------------------------------------------------------------------------


async def open_activity(pool: Executor, town: int, new: NewActivity) -> bool:
    """Opens an activity; False where its code is taken."""
    row = await fetch_row(
        pool,
        SQL["open_activity"],
        town,
        new.code,
        new.programme,
        new.name,
        new.amount,
        new.amount_max,
        new.per_person,
        new.starts_at,
        new.ends_at,
    )
    return row is not None


async def activities(pool: Executor, town: int, programme: str | None = None) -> list[Activity]:
    """The activities of a town or of one programme, those that begin last first."""
    rows = await fetch_rows(pool, SQL["activities"], town, programme, None)
    return [Activity(*row) for row in rows]


async def activity(pool: Executor, town: int, code: str) -> Activity | None:
    """The activity with this code, or None."""
    row = await fetch_row(pool, SQL["activities"], town, None, code)
    return Activity(*row) if row else None


async def close_activity(pool: Executor, town: int, code: str, now: datetime) -> bool:
    """Ends an activity; False where there is none, or it was over."""
    return await fetch_row(pool, SQL["close_activity"], town, code, now) is not None


async def extend_activity(
    pool: Executor, town: int, code: str, ends_at: datetime, now: datetime
) -> bool:
    """Lets an activity end at another instant, also one that was over (a list that is still given).

    False where there is none, or the instant is not to come and after its start.
    """
    row = await fetch_row(pool, SQL["extend_activity"], town, code, ends_at, now)
    return row is not None


# -- departments' systems --------------------------------------------------------------------------


async def allow_system(
    pool: Executor, town: int, system: int, programme: int, now: datetime
) -> bool:
    """Lets a system (an acquirer's number) give for a programme; False where it may already."""
    return await fetch_row(pool, SQL["allow_system"], town, system, programme, now) is not None


async def disallow_system(pool: Executor, town: int, system: int, programme: int) -> bool:
    """Lets it give no more; False where it could not."""
    return await fetch_row(pool, SQL["disallow_system"], town, system, programme) is not None


async def systems(pool: Executor, town: int, programme: int) -> list[str]:
    """The codes of the systems that may give for a programme."""
    return [row["code"] for row in await fetch_rows(pool, SQL["systems"], town, programme)]


async def may_give(pool: Executor, town: int, system: int, activity: str) -> bool:
    """Whether a system may give for an activity."""
    row = await fetch_row(pool, SQL["activity_of_system"], town, system, activity)
    assert row is not None
    return bool(row["allowed"])
