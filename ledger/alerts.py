"""What the person in charge was told, so that of several gateways one tells it, once (N19)."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from ledger.database import Executor, fetch_row, fetch_rows, load_queries

SQL = load_queries("alerts")


class Trouble(Struct, frozen=True):
    """Something that is amiss. ``town`` 0: with the whole service.

    ``seen_at``: when somebody saw it last; ``told_at``: when the person in charge was told last.
    """

    town: int
    kind: str
    began_at: datetime
    seen_at: datetime
    told_at: datetime | None = None

    @property
    def key(self) -> tuple[int, str]:
        """What makes two of them the same."""
        return self.town, self.kind


async def touch(pool: Executor, troubles: Sequence[Trouble]) -> list[Trouble]:
    """Notes what is the case; everything that is, whoever saw it, or was a moment ago."""
    if troubles:
        await fetch_rows(
            pool,
            SQL["touch"],
            [each.town for each in troubles],
            [each.kind for each in troubles],
            [each.began_at for each in troubles],
            [each.seen_at for each in troubles],
            [each.told_at for each in troubles],
        )
    return [Trouble(*row) for row in await fetch_rows(pool, SQL["alerts"])]


async def claim(pool: Executor, trouble: Trouble, now: datetime, until: datetime) -> bool:
    """Whether telling the next word about it is up to the caller, until then."""
    row = await fetch_row(
        pool, SQL["claim"], trouble.town, trouble.kind, trouble.told_at, now, until
    )
    return row is not None


async def tell(pool: Executor, trouble: Trouble, now: datetime) -> None:
    """Somebody was told."""
    await fetch_row(pool, SQL["tell"], trouble.town, trouble.kind, now)


async def forget(pool: Executor, trouble: Trouble) -> None:
    """It is over, unless somebody has seen it meanwhile."""
    await fetch_row(pool, SQL["forget"], trouble.town, trouble.kind, trouble.seen_at)
