"""The driver's errors, made ours in one place."""

import asyncpg
import pytest

from ledger.database import translated
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
