"""The room in which reports are read: one at a time, from one snapshot, with an end to its time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from ledger.database import Connection, Pool, load_queries, open_pool, translated
from ledger.errors import LedgerError
from ledger.reports.periods import Period

SQL = load_queries("reports")

WORK_MAX_S = 60  # Of one statement. A month of a million entries takes some seconds.
# Beside payments a report works for so much of the time, in pieces of some milliseconds, and sleeps
# for the rest (koban.pace). Payments then wait for a processor hardly more than without it.
SHARE = 0.2
# The driver's own end, for a server that does not answer at all.
ANSWER_MAX_S = WORK_MAX_S / SHARE + 5
TURN_MAX_S = 30.0  # Whoever waits longer for another report's end is told to come back.


class ReportBusy(LedgerError):
    """Another report is under way; one at a time is enough for a database that pays."""


class ReportTooLarge(LedgerError):
    """The report took longer than `ReportRoom.time_max_s` and was given up."""


class ReportRoom:
    """Where a process reads its reports.

    ``dsn``: the replica's, or the primary's where there is none. It is connected to when the first
    report is asked for, so that a replica that is away keeps no gateway from starting.
    ``gives_way``: payments are made on the same server, and get the most of its time.
    """

    def __init__(self, dsn: str, pool: Pool | None = None, *, gives_way: bool = False) -> None:
        self._dsn = dsn
        self._share = SHARE if gives_way else 1
        self.time_max_s = round(WORK_MAX_S / self._share)  # Of one statement, with its sleep.
        self._pool = pool
        self._own = pool is None
        self._turn = asyncio.Lock()

    @classmethod
    def beside(cls, pool: Pool, *, gives_way: bool = False) -> "ReportRoom":
        """A room that borrows its connection, for a command or a test that has a pool anyway."""
        return cls("", pool, gives_way=gives_way)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Connection]:
        """A connection that sees one instant of the ledger and can change nothing.

        Raises:
            ReportBusy: another report is under way.
            ReportTooLarge: a statement took too long.
            LedgerUnavailable: the database is away.
        """
        try:
            async with asyncio.timeout(TURN_MAX_S):
                await self._turn.acquire()
        except TimeoutError:
            raise ReportBusy("another report is under way in this process") from None
        try:
            with translated():
                if self._pool is None:
                    self._pool = await open_pool(self._dsn, 1, application_name="koban reports")
                async with (
                    self._pool.acquire() as connection,
                    connection.transaction(isolation="repeatable_read", readonly=True),
                ):
                    share = str(self._share) if self._share < 1 else None
                    if not await connection.fetchval(SQL["bound"], f"{self.time_max_s}s", share):
                        raise ReportBusy("another report is under way on this server")
                    try:
                        yield connection
                    except asyncpg.QueryCanceledError as error:
                        raise ReportTooLarge(f"given up after {self.time_max_s} s") from error
        finally:
            self._turn.release()

    def rest_s(self, worked_s: float) -> float:
        """How long to sleep for payments' sake between statements, behind so much work."""
        return worked_s * (1 / self._share - 1)

    async def close(self) -> None:
        """Leaves the connection, where it is the room's own."""
        if self._own and self._pool is not None:
            pool, self._pool = self._pool, None
            await pool.close()


async def read_period(
    connection: Connection, name: str, town: int, period: Period, *arguments: object
) -> list[asyncpg.Record]:
    """The rows of a query about a time: its arguments begin with the time by instants and by
    numbers of entries, so that it reads the journal in the order in which it lies.
    """
    bounds = (town, period.since, period.until)
    (span,) = await read(connection, "span", *bounds)
    return await read(connection, name, *bounds, *span, *arguments)


async def read(connection: Connection, name: str, *arguments: object) -> list[asyncpg.Record]:
    """The rows of a report's query."""
    return await connection.fetch(SQL[name], *arguments, timeout=ANSWER_MAX_S)
