"""What a tablet does beside the till: the activity it grants for, and the groups it belongs to."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from ledger.database import Executor, fetch_row, load_queries

SQL = load_queries("terminals")


class Preset(Struct, frozen=True):
    """The activity for which a tablet grants. ``amount``: yen of each grant; None: it varies, so no
    tablet can grant it. ``open``: it has begun and is not over.
    """

    activity: str
    name: str
    amount: int | None
    open: bool


async def preset(pool: Executor, town: int, terminal: int, now: datetime) -> Preset | None:
    """What this tablet grants for; None where the office has set nothing."""
    row = await fetch_row(pool, SQL["preset"], town, terminal, now)
    return Preset(*row) if row else None


async def activity_for(
    pool: Executor,
    town: int,
    terminal: int,
    id: UUID,  # noqa: A002
) -> tuple[str, int] | None:
    """The activity that command ``id`` of this tablet grants for, and its amount in yen.

    What was decided before keeps its activity, whatever has been set since: the same command is
    then the same question.
    """
    row = await fetch_row(pool, SQL["activity_for"], town, terminal, id)
    return (row["activity"], row["amount"]) if row else None


async def set_preset(pool: Executor, town: int, terminal: int, activity: str | None) -> bool:
    """From now on the tablet grants for this activity, or for none. False where either is unknown,
    or each grant of the activity says its own amount.
    """
    return await fetch_row(pool, SQL["set_preset"], town, terminal, activity) is not None


async def set_groups(pool: Executor, town: int, terminal: int, groups: list[str]) -> bool:
    """Puts a tablet into these groups and no others. False where there is no such tablet."""
    return await fetch_row(pool, SQL["set_groups"], town, terminal, groups) is not None
