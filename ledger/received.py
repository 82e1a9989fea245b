"""What accounts were given so far, for all who ask: citizens' groups (H6), purposes (H5).

The figures are public, so anybody may ask for them as often as they like. The journal is
append-only and its numbers have no gaps: what was added up once stays, and only newer entries are
read.
"""

from msgspec import Struct

from ledger.database import Executor, fetch_rows, load_queries

SQL = load_queries("received")


class Receiver(Struct, frozen=True):
    """Who is given to. ``code``: a purpose's. ``amount``: yen in all; ``entries``: how many."""

    account: int
    code: str | None
    name: str
    amount: int
    entries: int


class _Sums(Struct, frozen=True):
    """Yen and how many entries by account, up to an entry."""

    newest: int
    given: dict[int, tuple[int, int]]


class Received:
    """The sums that one process knows, of accounts and entries of one kind (``group`` and ``gift``,
    ``purpose`` and ``expiry``). They are replaced whole, so callers may come at once.
    """

    def __init__(self, account_kind: str, entry_kind: str) -> None:
        self._account_kind = account_kind
        self._entry_kind = entry_kind
        self._towns: dict[int, _Sums] = {}

    async def accounts(self, pool: Executor, town: int) -> list[Receiver]:
        """The town's accounts of this kind with what they were given until now."""
        found = await fetch_rows(pool, SQL["accounts"], town, self._account_kind)
        if not found:
            return []
        accounts, newest = [row["account"] for row in found], found[0]["newest"]
        kind, known = self._entry_kind, self._towns.get(town)
        if known is None:
            given: dict[int, tuple[int, int]] = {}
            rows = await fetch_rows(pool, SQL["received"], town, accounts, kind, newest)
        elif known.newest < newest:
            rows = await fetch_rows(pool, SQL["newer"], town, kind, known.newest, newest)
            given = dict(known.given)
        else:
            given, rows = known.given, []
        for account, amount, entries in rows:
            before = given.get(account, (0, 0))
            given[account] = (before[0] + amount, before[1] + entries)
        self._towns[town] = _Sums(newest, given)
        return [
            Receiver(row["account"], row["code"], row["title"], *given.get(row["account"], (0, 0)))
            for row in found
        ]
