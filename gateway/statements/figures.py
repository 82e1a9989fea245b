"""What a statement shows, put together from its parts. Pure; all in yen."""

from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from config.profile import InvoiceSection
from ledger.settlement.lines import Part
from ledger.statements import Statement

WHOLE = 10_000  # Basis points.


class DayLine(Struct, frozen=True):
    """A day's acts of one kind in one kind of value; ``reversal``: given back again."""

    day: date
    kind: str
    reversal: bool
    instrument: int
    entries: int
    amount: int
    fee: int


class ValueLine(Struct, frozen=True):
    """What was accepted in one kind of value: ``paid`` to the shop, and ``given_back`` of it, which
    is positive as well.
    """

    instrument: int
    entries: int
    paid: int
    given_back: int

    @property
    def accepted(self) -> int:
        """What the shop is owed for it."""
        return self.paid - self.given_back


class FeeLine(Struct, frozen=True):
    """Fees of one rate: for acts of ``kind`` (payment, top_up, issue, transfer) of ``amount`` in
    all, ``basis_points`` of it and ``yen`` an entry.
    """

    kind: str
    basis_points: int
    yen: int
    entries: int
    amount: int
    fee: int


class Tax(Struct, frozen=True):
    """The consumption tax that ``fees`` include at a rate in basis points."""

    fees: int
    basis_points: int
    tax: int


def day_lines(parts: Iterable[Part]) -> list[DayLine]:
    """By day, kind of act and kind of value; who paid for the value is the town's business."""
    sums: dict[tuple[date, str, bool, int], tuple[int, int, int]] = {}
    for part in parts:
        key = (part.day, part.kind, part.reversal, part.instrument)
        entries, amount, fee = sums.get(key, (0, 0, 0))
        sums[key] = (entries + part.entries, amount + part.amount, fee + part.fee)
    return [DayLine(*key, *sums[key]) for key in sorted(sums)]


def value_lines(parts: Iterable[Part]) -> list[ValueLine]:
    """What was accepted, by kind of value."""
    sums: dict[int, tuple[int, int, int]] = {}
    for part in parts:
        if part.kind == "payment":
            entries, paid, given_back = sums.get(part.instrument, (0, 0, 0))
            if part.reversal:
                sums[part.instrument] = (entries, paid, given_back - part.amount)
            else:
                sums[part.instrument] = (entries + part.entries, paid + part.amount, given_back)
    return [ValueLine(instrument, *sums[instrument]) for instrument in sorted(sums)]


def fee_lines(statement: Statement) -> list[FeeLine]:
    """By the rates that were in force at each act; where there was none, nothing is shown."""
    sums: dict[tuple[str, int, int, int], tuple[int, int, int]] = {}
    for part in statement.parts:
        if part.rate:
            key = (part.kind, part.rate, part.basis_points, part.yen)
            entries, amount, fee = sums.get(key, (0, 0, 0))
            sums[key] = (entries + part.entries, amount + part.amount, fee + part.fee)
    found = [
        FeeLine(kind, basis_points, yen, *sums[kind, rate, basis_points, yen])
        for kind, rate, basis_points, yen in sorted(sums)
    ]
    if transfer := statement.line.transfer_fee:
        found.append(FeeLine("transfer", 0, transfer, 1, 0, transfer))
    return found


def tax(fees: int, invoice: InvoiceSection) -> Tax:
    """The tax in the fees of a statement: a fraction of a yen is dropped, once (消費税法施行令
    70-10).
    """
    points = invoice.tax_basis_points
    part = abs(fees) * points // (WHOLE + points)
    return Tax(fees, points, part if fees >= 0 else -part)
