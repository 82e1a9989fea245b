"""The driver's errors, made ours in one place."""

import asyncpg
import pytest

from ledger.database import chosen, translated
from ledger.errors import LedgerConflict, LedgerError, LedgerUnavailable


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (ConnectionRefusedError("nobody listens"), LedgerUnavailable),
        (FileNotFoundError("no socket"), LedgerUnavailable),
        (TimeoutError(), LedgerUnavailable),
        (asyncpg.AdminShutdownError("terminating connection"), LedgerUnavailable),
        (asyncpg.CannotConnectNowError("starting up"), LedgerUnavailable),
        (asyncpg.ConnectionDoesNotExistError("closed in mid-statement"), LedgerUnavailable),
        (asyncpg.InterfaceError("connection is closed"), LedgerUnavailable),
        (asyncpg.InternalClientError("cannot switch to state 12"), LedgerUnavailable),
        (asyncpg.UniqueViolationError("the same id"), LedgerConflict),
        (asyncpg.DeadlockDetectedError("in a circle"), LedgerConflict),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_each_error_of_the_driver_is_one_of_ours(error: Exception, ours: type[LedgerError]) -> None:
    """Whoever calls the ledger needs to know its errors alone."""
    with pytest.raises(ours), translated():
        raise error


def test_only_the_conditions_that_are_asked_for_stand() -> None:
    """None and False take a line away; what is left is numbered anew, and 0 is a value."""
    query = (
        "SELECT a::text FROM t\nWHERE b = :b AND c = :c\n    AND d -- if d\n    AND e > :e -- if e"
    )
    assert chosen(query, b=1, c=2, d=False, e=None) == (
        "SELECT a::text FROM t\nWHERE b = $1 AND c = $2",
        [1, 2],
    )
    text, arguments = chosen(query + "\nLIMIT :b", b=1, c=None, d=True, e=0)
    assert text.endswith("WHERE b = $1 AND c = $2\n    AND d\n    AND e > $3\nLIMIT $1")
    assert arguments == [1, None, 0]
