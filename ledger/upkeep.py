"""The service's upkeep as the database knows it: verifications, backups, what hangs (N19, N20)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from ledger.database import Executor, fetch_row, fetch_rows, load_queries
from ledger.load_states import State

SQL = load_queries("upkeep")

# What stands in one of these has left one side and not reached the other, or may have.
OWED = (State.UNKNOWN, State.PAID, State.REFUNDING, State.TAKEN, State.RETURNING)
# A provider is asked again and again meanwhile; what is not settled then is not settled by itself.
HANGS_AFTER = timedelta(minutes=15)
PROBLEMS_KEPT_MAX = 20


class Verification(Struct, frozen=True):
    """A time that a town's books were verified: entries read, and how many things did not hold."""

    started_at: datetime
    finished_at: datetime
    entries: int
    problems: int
    first_problems: Sequence[str]


class Backup(Struct, frozen=True):
    """A backup that was found whole; ``label`` is its folder. ``bytes``: without the archive."""

    label: str
    started_at: datetime
    finished_at: datetime
    bytes: int


class TownState(Struct, frozen=True):
    """What can be amiss with a town that no gateway sees by itself. None: never.

    ``hanging``: orders with providers; ``undelivered``: webhooks that nobody sends any more.
    """

    town: int
    verified_at: datetime | None
    problems: int
    hanging: int
    backed_up_at: datetime | None
    undelivered: int = 0


class Archive(Struct, frozen=True):
    """Whether the log of changes is archived (``kept``), and whether that has ``stopped``."""

    kept: bool
    stopped: bool


async def note_verification(
    executor: Executor,
    town: int,
    started_at: datetime,
    finished_at: datetime,
    entries: int,
    problems: Sequence[str],
) -> None:
    """Keeps what a verification found; of the problems the first `PROBLEMS_KEPT_MAX`."""
    await fetch_row(
        executor,
        SQL["note_verification"],
        town,
        started_at,
        finished_at,
        entries,
        len(problems),
        list(problems[:PROBLEMS_KEPT_MAX]),
    )


async def verifications(pool: Executor, town: int, limit: int) -> list[Verification]:
    """The latest verifications of a town, newest first."""
    rows = await fetch_rows(pool, SQL["verifications"], town, limit)
    return [Verification(*row) for row in rows]


async def backups(pool: Executor, town: int, limit: int) -> list[Backup]:
    """The latest backups that hold a town, newest first."""
    return [Backup(*row) for row in await fetch_rows(pool, SQL["backups"], town, limit)]


async def states(pool: Executor, now: datetime) -> list[TownState]:
    """How every town stands at ``now``."""
    owed = [state.value for state in OWED]
    rows = await fetch_rows(pool, SQL["states"], now - HANGS_AFTER, owed)
    return [TownState(*row) for row in rows]


async def replayed_until(pool: Executor) -> datetime | None:
    """When the last change was made that a restored server has replayed; None: there was none."""
    row = await fetch_row(pool, SQL["replayed_until"])
    assert row is not None
    found: datetime | None = row["replayed_until"]
    return found


async def archive(pool: Executor) -> Archive:
    """How the archive of changes is; only the database's own server knows."""
    row = await fetch_row(pool, SQL["archive"])
    assert row is not None
    return Archive(*row)
