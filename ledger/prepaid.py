"""What the law on prepaid value asks of a town's issuer, as rules without input or output.

資金決済法 (資金決済に関する法律, Act 59 of 2009) and its orders; "GL" is the Financial Services
Agency's guideline 事務ガイドライン第三分冊 5 前払式支払手段発行者関係.

    基準日      art. 3 (2): 31 March and 30 September. The half-year that ends with it is its own.
    paid value  art. 3 (1): value is prepaid where something was given for it. Points given free are
                not. A company's points changed into ours were paid for by whoever gave them up.
    free value  GL I-2-1 (3): it stays out of the sums where its holder can tell it from paid value
                and the books keep the two apart. The books always do: each lot names its funder. A
                holder is shown kinds of value and not funders, so a premium that lies in the same
                kind as what was bought counts with it, and points of a kind of their own do not.
    exempt      art. 4 (2) and 施行令 4 (2): what can be used within six months of its issue only;
                art. 4 (3): what a municipality itself issues.
    deposit     art. 14 (1) and 施行令 6: more than 10,000,000 yen unspent, all counted kinds of an
                issuer together: half of it at least is deposited (発行保証金).
    report      art. 23 and 前払府令 47: within two months of the day.
    refunds     art. 20 (1) (2) and 前払府令 41: at a programme's end what was paid for is refunded;
                claims are taken for 60 days or more from a public notice.
"""

from datetime import date, timedelta
from enum import StrEnum

from msgspec import Struct

DEPOSIT_ABOVE_YEN = 10_000_000
CLAIM_DAYS_MIN = 60
REFERENCE_DAYS = ((3, 31), (9, 30))  # Month and day.
DUE_DAYS = {3: (5, 31), 9: (11, 30)}  # Two months from the day after, which is a first.


class Standing(StrEnum):
    """How the law sees a kind of value."""

    COUNTED = "counted"  # It is prepaid: reported, and in the sum that the deposit goes by.
    SIX_MONTHS = "six_months"  # Exempt, and the journal proves it.
    MUNICIPAL = "municipal"  # Exempt: a municipality issues it.
    FREE = "free"  # Nobody ever paid for any of it.


class Doubt(StrEnum):
    """Why six months are not proved."""

    LONG_LIFE = "long_life"  # Some of it could be used for longer.
    EXTENDED = "extended"  # Some of it was given a later end when it was given back.
    SPENT_LATE = "spent_late"  # Some of it was used after its end.


class Lives(Struct, frozen=True):
    """How long value of a kind could be used, over all that was ever issued until an instant.

    ``issues``: times that some came into a wallet; ``long``: of these, with an end later than six
    months on, or none; ``longest_days``: from issue to the end (None: some has no end, or there is
    none of it); ``extended``: times that some came back with a later end; ``spent_late``: times
    that some was used at or after its end.
    """

    issues: int = 0
    long: int = 0
    longest_days: int | None = None
    extended: int = 0
    spent_late: int = 0

    @property
    def doubts(self) -> list[Doubt]:
        """Why it is not exempt; none where it is proved."""
        found = {
            Doubt.LONG_LIFE: self.long,
            Doubt.EXTENDED: self.extended,
            Doubt.SPENT_LATE: self.spent_late,
        }
        return [doubt for doubt, times in found.items() if times]


class HalfYear(Struct, frozen=True):
    """Yen of a half-year: ``opening`` + ``issued`` - ``recovered`` - ``expired`` - ``refunded`` =
    ``unspent``.

    ``issued``: came into wallets, less what was taken back of what had been given; ``recovered``:
    used at shops, given to groups, changed into another company's points, less what came back;
    ``expired``: came to its end, whether or not it was carried away yet; ``refunded``: went back to
    who had paid for it, by a top-up that was cancelled; ``unspent``: could be used at the end.
    """

    opening: int = 0
    issued: int = 0
    recovered: int = 0
    expired: int = 0
    refunded: int = 0
    unspent: int = 0

    def __post_init__(self) -> None:
        gone = self.recovered + self.expired + self.refunded
        assert self.opening + self.issued - gone == self.unspent, self

    def __add__(self, other: "HalfYear") -> "HalfYear":
        return HalfYear(
            self.opening + other.opening,
            self.issued + other.issued,
            self.recovered + other.recovered,
            self.expired + other.expired,
            self.refunded + other.refunded,
            self.unspent + other.unspent,
        )


class Deposit(Struct, frozen=True):
    """What has to be deposited for ``unspent`` yen: nothing up to ``above``, then ``owed``."""

    unspent: int
    above: int
    owed: int


def standing(*, ever_paid: bool, municipal: bool, lives: Lives) -> Standing:
    """How the law sees a kind of value of which some (or none) was paid for until an instant."""
    if not ever_paid:
        return Standing.FREE
    if municipal:
        return Standing.MUNICIPAL
    return Standing.COUNTED if lives.doubts else Standing.SIX_MONTHS


def deposit(unspent: int) -> Deposit:
    """What has to be deposited: half at least, and half of an odd yen is a yen."""
    owed = -(-unspent // 2) if unspent > DEPOSIT_ABOVE_YEN else 0
    return Deposit(unspent, DEPOSIT_ABOVE_YEN, owed)


def is_reference_date(day: date) -> bool:
    """Whether it is a 基準日."""
    return (day.month, day.day) in REFERENCE_DAYS


def reference_date_before(day: date) -> date:
    """The last 基準日 before a day."""
    days = [date(year, *at) for year in (day.year - 1, day.year) for at in REFERENCE_DAYS]
    return max(each for each in days if each < day)


def report_due(reference_date: date) -> date:
    """The last day for the report, and for the deposit."""
    return date(reference_date.year, *DUE_DAYS[reference_date.month])


def claims_until(notice: date, days: int = CLAIM_DAYS_MIN) -> date:
    """The last day on which claims are taken, where the notice is published on a day.

    That day itself does not count (民法 140).
    """
    assert days >= CLAIM_DAYS_MIN
    return notice + timedelta(days=days)
