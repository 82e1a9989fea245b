"""Purchaser numbers (購入者番号) and the notices that bring them.

A winner who has no wallet yet is told a number by SMS: twelve random digits and a check digit. It
is made when its notice is sent, found by a keyed digest, and works once, for the wallet whose
holder has the phone number of the application, until the round's time to claim is over. Then it is
worth nothing, and the place is drawn again.

Notices are a table that workers take from. A notice's key is derived from what it tells, so the
provider makes one message of it however often it is sent; which it is when a worker dies between
sending and writing that down.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid5

from msgspec import Struct

from ledger import draws, offers
from ledger.applicants import applicant_owner
from ledger.database import Connection, Executor, fetch_row, load_queries, transaction
from ledger.digits import make_digits, read_digits
from ledger.draws import Draw, State
from ledger.errors import LedgerError
from ledger.offers import Offer
from ledger.vault import Vault

SQL = load_queries("purchasers")

NUMBER_DIGITS = 13
TAKEN_AGAIN = timedelta(minutes=10)  # Far longer than sending a slice of notices takes.
ATTEMPTS_MAX = 6
REST = timedelta(minutes=1)  # After the first attempt that failed; doubles.


class WhyNot(StrEnum):
    """Why a purchaser number gives no place."""

    WRONG = "wrong"  # There is none such, or it is somebody else's; which of the two is not told.
    USED = "used"
    OVER = "over"  # Its time is over, or its application was withdrawn.
    AWARDED = "awarded"  # The wallet has a place of this offer.
    FROZEN = "frozen"  # The wallet is not open.


class NumberRefused(LedgerError):
    """The number gave no place, and nothing changed."""

    def __init__(self, why: WhyNot) -> None:
        super().__init__(why.value)
        self.why = why


class Notice(Struct, frozen=True):
    """A notice to be sent. ``number``: the purchaser number; none for who lost, or whose wallet has
    the place already.

    ``phone`` None: there is nobody to tell any more.
    """

    application: int
    id: UUID
    round: int
    kind: str  # won | lost
    attempts: int
    draw: Draw
    phone: str | None
    number: str | None

    @property
    def key(self) -> UUID:
        """What makes it one message, however often it is sent."""
        return uuid5(self.id, f"draw notice {self.round}")


def read_number(text: str) -> str | None:
    """The digits of a purchaser number as it was typed; None where it cannot be one."""
    return read_digits(text, NUMBER_DIGITS)


async def claim(
    pool: Executor,
    vault: Vault,
    town: int,
    wallet: int,
    phone: str,
    number: str,
    now: datetime,
) -> tuple[Offer, int]:
    """Gives the place of a purchaser number to a wallet, and its units; ``phone`` is its holder's.

    Raises:
        NumberRefused: why not.
    """
    async with transaction(pool) as connection:
        found = await fetch_row(
            connection,
            SQL["by_number"],
            town,
            vault.digests(town, "purchaser_number", number),
            vault.digests(town, "phone", phone),
        )
        if found is None or not found["theirs"]:
            raise NumberRefused(WhyNot.WRONG)
        application, offer = found["application"], found["offer"]
        await draws.wait_for(connection, town, [offer])
        draw = await draws.draw_of(connection, town, offer)
        place = await fetch_row(connection, SQL["place_of"], town, application)
        assert place is not None
        if place["state"] == State.CLAIMED:
            raise NumberRefused(WhyNot.USED)
        won = place["state"] == State.WON and place["round"] == draw.round
        if not won or now >= draw.claim_until or draw.offer.ended_at is not None:
            raise NumberRefused(WhyNot.OVER)
        await _award(connection, town, offer, wallet, place["units"], now)
        await connection.execute(SQL["claim"], town, application, wallet)
        await connection.execute(SQL["used_number"], town, application)
        # Whoever has the number was told, also where nobody wrote that down.
        await connection.execute(SQL["was_told"], town, application, now)
        return draw.offer, place["units"]


async def _award(
    connection: Connection, town: int, offer: int, wallet: int, units: int, now: datetime
) -> None:
    if any(each.offer == offer for each in await offers.awards_of(connection, town, wallet)):
        raise NumberRefused(WhyNot.AWARDED)
    if not await offers.award(connection, town, offer, [wallet], now, [units]):
        # A place is kept for every winner, so it is the wallet.
        raise NumberRefused(WhyNot.FROZEN)


# -- notices ---------------------------------------------------------------------------------------


async def take_notices(
    pool: Executor, vault: Vault, town: int, limit: int, now: datetime
) -> list[Notice]:
    """Takes some of the notices that are to be sent now, each with all that it tells."""
    async with transaction(pool) as connection:
        rows = await connection.fetch(SQL["take_notices"], town, now, now + TAKEN_AGAIN, limit)
    known: dict[int, Draw] = {}
    notices = []
    for application, id_, number, offer, kind, attempts in rows:
        if offer not in known:
            known[offer] = await draws.draw_of(pool, town, offer)
        phone, digits = await _told(pool, vault, town, application, number, kind)
        notices.append(
            Notice(application, id_, number, kind, attempts, known[offer], phone, digits)
        )
    return notices


async def _told(
    pool: Executor, vault: Vault, town: int, application: int, number: int, kind: str
) -> tuple[str | None, str | None]:
    """The phone to tell, and the winner's purchaser number, which is made where there is none."""
    async with transaction(pool) as connection:
        about = await fetch_row(connection, SQL["notice_of"], town, application)
        row = await fetch_row(connection, SQL["number_of"], town, application)
        assert about is not None
        tells = {State.WON, State.CLAIMED} if kind == "won" else {State.WAITING}
        if row is None or about["state"] not in tells or (about["round"] or number) != number:
            return None, None  # Erased, withdrawn, or another round has found them meanwhile.
        key_id, phone, number_key_id, kept = row
        whose = applicant_owner(application)
        told = vault.decrypt(key_id, phone, town, whose, "phone")
        if kind == "lost" or about["state"] == State.CLAIMED:
            return told, None
        if kept is not None:
            return told, vault.decrypt(number_key_id, kept, town, whose, "purchaser_number")
        digits = make_digits(NUMBER_DIGITS)
        await connection.execute(
            SQL["give_number"],
            town,
            application,
            vault.digest(town, "purchaser_number", digits),
            vault.key_id,
            vault.encrypt(digits, town, whose, "purchaser_number"),
        )
        return told, digits


async def sent(pool: Executor, town: int, notice: Notice, now: datetime) -> None:
    """The notice went out."""
    await _settle(pool, town, notice, "sent", now, now)


async def void(pool: Executor, town: int, notice: Notice, now: datetime) -> None:
    """There is nobody to tell, or nothing any more."""
    await _settle(pool, town, notice, "void", now, now)


async def not_sent(pool: Executor, town: int, notice: Notice, now: datetime) -> bool:
    """It did not certainly go out: it waits, longer each time; False where it is given up."""
    if notice.attempts >= ATTEMPTS_MAX:
        await _settle(pool, town, notice, "failed", now, now)
        return False
    rest = REST * 2 ** (notice.attempts - 1)
    await _settle(pool, town, notice, "waiting", now + rest, now)
    return True


async def _settle(
    pool: Executor, town: int, notice: Notice, state: str, next_at: datetime, now: datetime
) -> None:
    await fetch_row(
        pool,
        SQL["settle_notice"],
        town,
        notice.application,
        notice.round,
        state,
        next_at,
        now,
    )
