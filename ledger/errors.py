"""Faults, as against refusals: a refusal is a value (`ledger.outcomes`), a fault is raised.

LedgerError
├── LedgerUnavailable   the database cannot be reached now; nothing is known about the outcome
├── LedgerConflict      the transaction was undone by a conflict with another; nothing happened
└── TownUnknown         no rules are loaded for this town

The driver's errors become these in `ledger.database.translated`.
"""


class LedgerError(Exception):
    """A fault in the ledger or below it."""


class LedgerUnavailable(LedgerError):
    """The database is away. Whether the transaction was committed is not known: ask by id."""


class LedgerConflict(LedgerError):
    """The transaction was rolled back because of another one. Sending it again is safe."""


class TownUnknown(LedgerError):
    """The town was never loaded, or had no rules yet at that instant."""
