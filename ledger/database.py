"""The connection to Postgres: the pool, the named queries, and the driver's errors made ours."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import asyncpg

from ledger.errors import LedgerConflict, LedgerUnavailable, TownUnknown

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    # The stubs make the driver's classes generic over the kind of record; at run time they are not.
    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record]
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
    Executor: TypeAlias = Pool | Connection
else:
    Pool = asyncpg.Pool
    Connection = asyncpg.Connection
    Executor = asyncpg.Pool | asyncpg.Connection

QUERIES = Path(__file__).parent / "sql" / "queries"

# A statement that takes longer than this is given up; what it did is then asked by id.
COMMAND_TIMEOUT_S = 30.0


async def open_pool(dsn: str, size: int = 8, **settings: str) -> Pool:
    """Opens ``size`` connections to Postgres; ``settings`` are the server's own for each of them.

    Raises:
        LedgerUnavailable: it cannot be reached.
    """
    with translated():
        return await asyncpg.create_pool(
            dsn,
            min_size=min(2, size),
            max_size=size,
            command_timeout=COMMAND_TIMEOUT_S,
            server_settings={"application_name": "koban", "timezone": "UTC"} | settings,
            reset=_keep_as_it_is,
        )


async def _keep_as_it_is(_connection: Connection) -> None:
    """Nothing here outlives its transaction, so a connection goes back without being asked to
    forget: one round trip less for every query.
    """


def load_queries(name: str) -> dict[str, str]:
    """The named blocks of ``sql/queries/{name}.sql``: each begins with ``-- name: …``."""
    text = (QUERIES / f"{name}.sql").read_text(encoding="utf-8")
    blocks = re.split(r"^-- name: (\w+)\n", text, flags=re.MULTILINE)
    return dict(zip(blocks[1::2], (block.strip() for block in blocks[2::2]), strict=True))


def chosen(sql: str, **values: object) -> tuple[str, list[object]]:
    """A query of which only the wanted conditions stand, and its arguments.

    ``:name`` is the value of that name. A line that ends with ``-- if name`` falls away where that
    value is None or False: each choice of filters is a statement of its own, whose plan, kept for
    the next time, goes by the index that these filters have.
    """
    lines = (line.partition(" -- if ") for line in sql.splitlines())
    text = "\n".join(line for line, _, name in lines if not name or _given(values[name]))
    places: dict[str, int] = {}

    def place(found: re.Match[str]) -> str:
        return f"${places.setdefault(found[1], len(places) + 1)}"

    text = re.sub(r"(?<!:):([a-z_]+)", place, text)
    return text, [values[name] for name in places]


def _given(value: object) -> bool:
    return value is not None and value is not False


async def fetch_row(executor: Executor, sql: str, *arguments: object) -> asyncpg.Record | None:
    """One row or none, with the driver's errors translated."""
    with translated():
        return await executor.fetchrow(sql, *arguments)


async def fetch_rows(executor: Executor, sql: str, *arguments: object) -> list[asyncpg.Record]:
    """All rows, with the driver's errors translated."""
    with translated():
        return await executor.fetch(sql, *arguments)


@asynccontextmanager
async def transaction(executor: Executor) -> "AsyncIterator[Connection]":
    """A transaction: a pool's of its own, or on a connection a part of the one that is open there.

    What it does happens whole or not at all. The driver's errors are translated.
    """
    with translated():
        if isinstance(executor, asyncpg.Pool):
            async with executor.acquire() as connection, connection.transaction():
                yield connection
        else:
            async with executor.transaction():
                yield executor


@contextmanager
def translated() -> Iterator[None]:
    """Turns the driver's errors into the ledger's, in this one place."""
    try:
        yield
    except asyncpg.NoDataFoundError as error:
        raise TownUnknown(str(error)) from error
    except (
        asyncpg.UndefinedTableError,
        asyncpg.UndefinedFunctionError,
        asyncpg.InvalidSchemaNameError,
    ) as error:
        found = str(error).partition("\n")[0]
        told = f"the database is not of this version ({found}): python -m ledger.migrate"
        raise LedgerUnavailable(told) from error
    except (
        asyncpg.UniqueViolationError,
        asyncpg.DeadlockDetectedError,
        asyncpg.SerializationError,
    ) as error:
        raise LedgerConflict(str(error)) from error
    except (
        OSError,
        TimeoutError,
        asyncpg.PostgresConnectionError,
        asyncpg.InterfaceError,
        # The server's last words came to a connection between two statements, and the next
        # statement was faster than the end of the line.
        asyncpg.InternalClientError,
        asyncpg.OperatorInterventionError,
        # The address names no database of this server's, or nobody whom it lets in.
        asyncpg.InvalidCatalogNameError,
        asyncpg.InvalidAuthorizationSpecificationError,
        asyncpg.TooManyConnectionsError,
        asyncpg.CannotConnectNowError,
    ) as error:
        raise LedgerUnavailable(str(error) or type(error).__name__) from error
