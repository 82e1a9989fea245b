"""Bodies about the law on prepaid value (資金決済法): figures, display, notices. All in yen."""

import datetime as dt

from msgspec import Struct


class LawHalfYear(Struct, frozen=True):
    """Opening + issued - recovered - expired - refunded = unspent."""

    opening: int
    issued: int
    recovered: int
    expired: int
    refunded: int
    unspent: int


class LawLives(Struct, frozen=True):
    """How long value of a kind could be used, over all that was ever issued: in ``issues`` times,
    ``long`` of them for more than six months; ``longest_days`` None: some has no end, or there is
    none; ``extended``: times that some was given a later end; ``spent_late``: used after its end.
    """

    issues: int
    long: int
    longest_days: int | None
    extended: int
    spent_late: int


class LawKind(Struct, frozen=True):
    """A kind of value in a half-year.

    ``standing``: ``counted``; ``six_months`` or ``municipal``, exempt; ``free``, never paid for.
    ``doubts``: why six months are not proved: ``long_life``, ``extended``, ``spent_late``.
    ``counted``: what the law counts of it, free value in a kind that was also paid for with it.
    """

    instrument: str
    name: str
    standing: str
    doubts: list[str]
    paid: LawHalfYear
    free: LawHalfYear
    counted: LawHalfYear
    lives: LawLives


class LawDeposit(Struct, frozen=True):
    """Above ``above`` yen ``unspent``, half of it at least is deposited: ``owed``."""

    unspent: int
    above: int
    owed: int


class LawReported(Struct, frozen=True):
    """That the figures of a reference date were reported: by whom, and when (ms since 1970).
    ``same``: what was reported then is what the journal tells now.
    """

    by: str
    at: int
    same: bool


class ReferenceDate(Struct, frozen=True):
    """The half-year that ends with ``date``, a 基準日, from the day ``since`` on.

    ``until``: up to which instant (ms since 1970) the journal was read, and ``last_entry`` its last
    entry by then; ``final``: the half-year is over, and these figures will never be others.
    ``counted``: all that the law counts of the issuer's, together. ``report_due``: the last day for
    the report and the deposit; None where there is nothing to report. ``reported``: None as long as
    nobody has noted the report.
    """

    date: dt.date
    since: dt.date
    until: int
    last_entry: int
    final: bool
    issuer: str
    paid_by: list[str]
    kinds: list[LawKind]
    counted: LawHalfYear
    deposit: LawDeposit
    report_due: dt.date | None
    reported: LawReported | None = None


class LawValue(Struct, frozen=True):
    """A kind of value, as its holders are told: ``paid``: it can be bought; ``period``: how long it
    can be used; ``shops``: only at these groups of shops; none: at all.
    """

    instrument: str
    name: str
    paid: bool
    period: str
    shops: list[str]


class LawDisplay(Struct, frozen=True):
    """What article 13 wants everybody to be shown, in Japanese. ``payment_max`` and
    ``balance_cap``: yen at once, and in a wallet.
    """

    issuer: str
    address: str
    complaints: str
    currency: str
    payment_max: int
    balance_cap: int
    values: list[LawValue]
    where: str
    balance: str
    terms: str
    cautions: str
    deposit: str
    compensation: str


class RefundNotice(Struct, frozen=True):
    """What is published where the issue of a kind of value ends (art. 20): claims are taken from
    ``first_day`` to ``last_day``, ``days`` whole days after the notice.
    """

    instrument: str
    name: str
    first_day: dt.date
    last_day: dt.date
    days: int
    text: str
