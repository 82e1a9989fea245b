"""The town's own people at the console: who they are, what they may do, and that they leave."""

from datetime import datetime

from asyncpg import UniqueViolationError
from msgspec import Struct

from ledger.database import Executor, fetch_row, fetch_rows, load_queries, translated
from ledger.errors import LedgerError

SQL = load_queries("operators")


class OperatorNameTaken(LedgerError):
    """The town has, or had, an operator of this name."""


class Operator(Struct, frozen=True):
    """Somebody who may sign in at the console; not any more once they are closed."""

    operator: int
    name: str
    password_hash: str
    role: str  # operator | ops: the second reads everything and changes nothing.
    created_at: datetime
    closed_at: datetime | None


async def add_operator(
    pool: Executor, town: int, name: str, password_hash: str, role: str, now: datetime
) -> int:
    """Lets somebody in at the console; their number.

    Raises:
        OperatorNameTaken: the town has an operator of this name, or had one.
    """
    with translated():
        try:
            number = await pool.fetchval(SQL["add_operator"], town, name, password_hash, role, now)
        except UniqueViolationError as error:
            raise OperatorNameTaken(f"there is an operator {name!r} already") from error
    return int(number)


async def operator_by_name(pool: Executor, town: int, name: str) -> Operator | None:
    """The operator of this name; None also for one who left."""
    row = await fetch_row(pool, SQL["operator_by_name"], town, name)
    return Operator(*row) if row else None


async def operator_by_number(pool: Executor, town: int, operator: int) -> Operator | None:
    """The operator with this number, also one who left."""
    row = await fetch_row(pool, SQL["operator_by_number"], town, operator)
    return Operator(*row) if row else None


async def first_operator(pool: Executor, town: int) -> Operator | None:
    """The town's first operator who may change things."""
    row = await fetch_row(pool, SQL["first_operator"], town)
    return Operator(*row) if row else None


async def operators(pool: Executor, town: int) -> list[Operator]:
    """Everybody who is or was an operator, oldest first."""
    return [Operator(*row) for row in await fetch_rows(pool, SQL["operators"], town)]


async def another_operator(pool: Executor, town: int, operator: int) -> bool:
    """Whether somebody besides this operator may change things."""
    row = await fetch_row(pool, SQL["another_operator"], town, operator)
    assert row is not None
    return bool(row["found"])


async def set_password(pool: Executor, town: int, operator: int, password_hash: str) -> None:
    """Gives an operator a new password. What is signed in is ended apart (`end_sessions_of`)."""
    await fetch_row(pool, SQL["set_operator_password"], town, operator, password_hash)


async def set_role(pool: Executor, town: int, operator: int, role: str) -> None:
    """Lets an operator change things, or only look."""
    await fetch_row(pool, SQL["set_operator_role"], town, operator, role)


async def close(pool: Executor, town: int, operator: int, now: datetime) -> bool:
    """Lets an operator in no more; False where they had left already."""
    return await fetch_row(pool, SQL["close_operator"], town, operator, now) is not None
