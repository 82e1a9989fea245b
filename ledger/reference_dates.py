"""The half-year that ends with a reference date (基準日), from the journal alone (資金決済法 23).

What was decided after the date changes nothing of it, so a past date told again tells the same. It
is read from one consistent snapshot that changes nothing and locks nothing: payments go on beside
it. The law's rules are `ledger.prepaid`'s.
"""

import asyncio
from collections.abc import Collection
from datetime import datetime

import asyncpg
import msgspec
from msgspec import Struct

from ledger.database import Connection, load_queries, translated
from ledger.errors import LedgerUnavailable
from ledger.prepaid import HalfYear, Lives, Standing, standing
from ledger.vault import Vault, owner

SQL = load_queries("reference_dates")
ANSWER_S = 5  # Behind the server's own end of a statement, for a server that does not answer.


class Kind(Struct, frozen=True):
    """A kind of value in a half-year: what was paid for, what was given free, and how long it could
    be used. ``counted``: what the law counts of it, all zero where it is not `Standing.COUNTED`.
    """

    instrument: str
    standing: Standing
    paid: HalfYear
    free: HalfYear
    lives: Lives

    @property
    def counted(self) -> HalfYear:
        """Free value counts with what was paid for in the same kind (`ledger.prepaid`)."""
        return self.paid + self.free if self.standing is Standing.COUNTED else HalfYear()


class Reckoning(Struct, frozen=True):
    """A half-year of a town, by kind of value. ``last_entry``: the last one up to its end."""

    kinds: list[Kind]
    last_entry: int

    @property
    def counted(self) -> HalfYear:
        """All counted kinds of the issuer together."""
        return sum((kind.counted for kind in self.kinds), HalfYear())


class Refund(Struct, frozen=True):
    """What a wallet's holder is owed at a programme's end, in yen. ``name`` and ``phone`` are None
    where nobody has registered for the wallet, or asked to be forgotten.
    """

    wallet: int
    amount: int
    name: str | None
    phone: str | None


class _Row(Struct):
    """What the queries say of one kind of value and one funder."""

    opening: int = 0
    ended_before: int = 0
    issued: int = 0
    recovered: int = 0
    carried_away: int = 0
    refunded: int = 0
    unspent: int = 0
    ended: int = 0
    ever: int = 0  # What came in at all, since the town began.

    def half_year(self, *, paid: bool) -> HalfYear:
        """The same as the law has it. Of value that nobody paid for nothing is refunded: what was
        taken back of it was not issued.
        """
        return HalfYear(
            opening=self.opening,
            issued=self.issued if paid else self.issued - self.refunded,
            recovered=self.recovered,
            expired=self.carried_away + self.ended - self.ended_before,
            refunded=self.refunded if paid else 0,
            unspent=self.unspent,
        )


async def reckon(
    connection: Connection,
    town: int,
    since: datetime,
    until: datetime,
    paid_by: Collection[str],
    *,
    municipal: bool,
    time_max_s: int,
) -> Reckoning:
    """The half-year from ``since`` to before ``until``, on a report's own connection and snapshot
    (`ledger.reports.snapshot`). ``paid_by``: the funders whose value was paid for; ``municipal``: a
    municipality issues it itself; ``time_max_s``: for one statement.

    Raises:
        LedgerUnavailable: the database is away, or a replica that has not come as far.
    """
    look = await _look(connection, town, until, time_max_s)
    [names] = await look.read("names", until)
    codes = msgspec.json.decode(names["instruments"], type=dict[int, str])
    funders = msgspec.json.decode(names["funders"], type=dict[int, str])
    rows = await _rows(look, since, until)
    lives = await _lives(look, until)
    kinds = []
    for instrument in sorted(codes):
        here = {funders[fund]: row for (number, fund), row in rows.items() if number == instrument}
        paid = [row for code, row in here.items() if code in paid_by]
        free = [row for code, row in here.items() if code not in paid_by]
        lived = lives.get(instrument, Lives())
        ever_paid = any(row.ever > 0 for row in paid)
        how = standing(ever_paid=ever_paid, municipal=municipal, lives=lived)
        kinds.append(
            Kind(
                codes[instrument],
                how,
                sum((row.half_year(paid=True) for row in paid), HalfYear()),
                sum((row.half_year(paid=False) for row in free), HalfYear()),
                lived,
            )
        )
    return Reckoning(kinds, names["entry"])


async def refunds(
    connection: Connection,
    vault: Vault,
    town: int,
    instrument: int,
    at: datetime,
    paid_by: Collection[str],
    *,
    time_max_s: int,
) -> list[Refund]:
    """Who could use how much of a kind of value at an instant that was paid for, by wallet; on a
    connection as for `reckon`.

    Raises:
        LedgerUnavailable: as for `reckon`.
    """
    look = await _look(connection, town, at, time_max_s)
    rows = await look.read("refunds", at, instrument, sorted(paid_by))
    # A city's names take a second to be read: beside the event loop, where payments are.
    return await asyncio.to_thread(lambda: [_refund(vault, town, row) for row in rows])


def _refund(vault: Vault, town: int, row: asyncpg.Record) -> Refund:
    wallet, key_id = row["wallet"], row["key_id"]

    def read(kept: bytes, field: str) -> str | None:
        return None if key_id is None else vault.decrypt(key_id, kept, town, owner(wallet), field)

    name, phone = read(row["name_encrypted"], "name"), read(row["phone_encrypted"], "phone")
    return Refund(wallet, row["amount"], name, phone)


class _Look:
    """A look at a town's whole past."""

    def __init__(self, connection: Connection, town: int, time_max_s: int) -> None:
        self._connection, self._town, self._time_max_s = connection, town, time_max_s

    async def read(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        """One of this module's queries on the town."""
        return await self._connection.fetch(
            SQL[query], self._town, *arguments, timeout=self._time_max_s + ANSWER_S
        )


async def _look(connection: Connection, town: int, until: datetime, time_max_s: int) -> _Look:
    """A look at what was before an instant."""
    with translated():
        if not await connection.fetchval(SQL["prepare"], f"{time_max_s}s", until):
            raise LedgerUnavailable("the replica has not come as far; ask again in a moment")
    return _Look(connection, town, time_max_s)


async def _rows(look: _Look, since: datetime, until: datetime) -> dict[tuple[int, int], _Row]:
    """What happened, by the numbers of kind of value and funder."""
    rows: dict[tuple[int, int], _Row] = {}

    def at(record: asyncpg.Record) -> _Row:
        return rows.setdefault((record["instrument"], record["funder"]), _Row())

    for record in await look.read("held", since):
        row = at(record)
        row.opening, row.ended_before = record["usable"], record["ended"]
    for record in await look.read("held", until):
        row = at(record)
        row.unspent, row.ended = record["usable"], record["ended"]
    for record in await look.read("flows", since, until):
        row = at(record)
        row.issued, row.recovered = record["issued"], record["recovered"]
        row.carried_away, row.refunded = record["expired"], record["refunded"]
        row.ever = record["ever"]
    return rows


async def _lives(look: _Look, until: datetime) -> dict[int, Lives]:
    """How long each kind of value could be used, by its number."""
    found = {row["instrument"]: row for row in await look.read("lives", until)}
    extended = {row["instrument"]: row["times"] for row in await look.read("extended", until)}
    late = {row["instrument"]: row["times"] for row in await look.read("spent_late", until)}
    return {
        instrument: Lives(
            issues=row["issues"],
            long=row["long"],
            longest_days=row["longest_days"],
            extended=extended.get(instrument, 0),
            spent_late=late.get(instrument, 0),
        )
        for instrument, row in found.items()
    }
