"""What citizens' groups were given so far (H6), for all who ask.

The figure is public, so anybody may ask for it as often as they like. The journal is append-only
and its numbers have no gaps: what was added up once stays, and only newer entries are read.
"""

from msgspec import Struct

from ledger.database import Executor, fetch_rows, load_queries

SQL = load_queries("gifts")


class Group(Struct, frozen=True):
    """A citizens' group. ``given``: yen in all; ``gifts``: how many."""

    account: int
    name: str
    given: int
    gifts: int


class _Sums(Struct, frozen=True):
    """Yen and how many gifts by group, up to an entry."""

    newest: int
    given: dict[int, tuple[int, int]]


class Gifts:
    """The sums that one process knows. They are replaced whole, so callers may come at once."""

    def __init__(self) -> None:
        self._towns: dict[int, _Sums] = {}

    async def groups(self, pool: Executor, town: int) -> list[Group]:
        """The citizens' groups of a town with what they were given until now."""
        found = await fetch_rows(pool, SQL["groups"], town)
        if not found:
            return []
        accounts, newest = [row["account"] for row in found], found[0]["newest"]
        known = self._towns.get(town)
        if known is None:
            given: dict[int, tuple[int, int]] = {}
            rows = await fetch_rows(pool, SQL["gifts"], town, accounts, newest)
        elif known.newest < newest:
            rows = await fetch_rows(pool, SQL["newer_gifts"], town, known.newest, newest)
            given = dict(known.given)
        else:
            given, rows = known.given, []
        for account, amount, gifts in rows:
            before = given.get(account, (0, 0))
            given[account] = (before[0] + amount, before[1] + gifts)
        self._towns[town] = _Sums(newest, given)
        return [
            Group(row["account"], row["title"], *given.get(row["account"], (0, 0))) for row in found
        ]
