"""Applications (応募) for the places of a draw: who may apply, and who waits for an operator.

One application a person and draw: the same phone, the same wallet, or the same name, reading and
birth date (`ledger.likeness`) is refused. Who is only like another applicant, is one of many at an
address, or of many within an hour from one network or one browser, is taken in and waits for an
operator, who accepts or refuses; the list is not frozen before.

Who applied is kept encrypted (`ledger.vault`) apart from the application, which names nobody, and
can be erased; the published list and every count stay as they are.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from asyncpg import Record
from msgspec import Struct

from ledger.applicants import Applicant, applicant_owner, place_of, row_of
from ledger.database import Connection, Executor, fetch_row, fetch_rows, load_queries, transaction
from ledger.digits import make_digits, read_digits
from ledger.draws import Stage, State, lock_draw, wait_for
from ledger.errors import LedgerError
from ledger.likeness import Attributes, Likeness, likeness
from ledger.vault import Vault

SQL = load_queries("applications")

CROWD_WINDOW = timedelta(hours=1)
RECEIPT_DIGITS = 12  # 11 random ones and a check digit; of use only with the phone number.

# What can be withdrawn: everything that somebody else could still get.
OPEN_STATES = {State.ENTERED, State.REVIEW, State.WON, State.WAITING}


class Reason(StrEnum):
    """Why an operator is to look at an application; the first two are kinds of likeness."""

    BORN_THE_SAME_DAY = "born_the_same_day"
    NAMED_THE_SAME = "named_the_same"
    ADDRESS = "address"  # Many from one address.
    NETWORK = "network"  # Many from one network within an hour.
    DEVICE = "device"  # Many by one browser within an hour.


class NewApplication(Struct, frozen=True):
    """An application to be made. ``network`` and ``device``: where it comes from, as texts."""

    applicant: Applicant
    group: str
    units: int
    wallet: int | None = None
    network: str | None = None
    device: str | None = None


class Application(Struct, frozen=True):
    """An application; `koban.application` says what stands in it."""

    application: int
    id: UUID
    offer: int
    group: str
    units: int
    state: State
    wallet: int | None
    applied_at: datetime
    reasons: list[str]
    likes: list[int]
    decided_at: datetime | None
    decided_by: str | None
    decided_reason: str | None
    round: int | None


class Applied(Struct, frozen=True):
    """An application that was made, and the receipt number that asks for it later."""

    id: UUID
    receipt: str
    state: State


class WhyNot(StrEnum):
    """Why an application is not made or not changed; the first that applies is told."""

    UNKNOWN = "unknown"  # No such application, or not this person's.
    NOT_OPEN = "not_open"  # The draw's applications are not open yet.
    CLOSED = "closed"  # They are no longer.
    GROUP = "group"  # The draw has no such group.
    UNITS = "units"  # More than one may wish for.
    TWICE = "twice"  # This phone, wallet or person has applied.
    SETTLED = "settled"  # It was withdrawn, refused or claimed; nothing changes any more.


class ApplicationRefused(LedgerError):
    """It was not done and nothing changed."""

    def __init__(self, why: WhyNot) -> None:
        super().__init__(why.value)
        self.why = why


# -- applying --------------------------------------------------------------------------------------


async def apply(
    pool: Executor, vault: Vault, town: int, code: str, new: NewApplication, now: datetime
) -> Applied:
    """Makes an application for a draw.

    Raises:
        ApplicationRefused: why not.
        DrawRefused: ``unknown``.
        ValueError: the reading is no kana, or the postal code is none.
    """
    normal = new.applicant.attributes
    receipt = make_digits(RECEIPT_DIGITS)
    async with transaction(pool) as connection:
        draw = await lock_draw(connection, town, code)
        stage = draw.stage(now)
        if stage is not Stage.OPEN:
            raise ApplicationRefused(WhyNot.NOT_OPEN if stage is Stage.TO_COME else WhyNot.CLOSED)
        if new.group not in {group.code for group in draw.groups}:
            raise ApplicationRefused(WhyNot.GROUP)
        if new.units > draw.units_max:
            raise ApplicationRefused(WhyNot.UNITS)
        offer = draw.offer.offer
        phones = vault.digests(town, "phone", new.applicant.phone)
        if await fetch_row(connection, SQL["taken"], town, offer, phones, new.wallet):
            raise ApplicationRefused(WhyNot.TWICE)
        likes = await _likes(connection, vault, town, offer, normal)
        if Likeness.SAME in likes.values():
            raise ApplicationRefused(WhyNot.TWICE)
        crowds = await _crowds(connection, vault, town, offer, new, now)
        reasons = sorted({how.value for how in likes.values()})
        reasons += [
            reason.value
            for reason, most in (
                (Reason.ADDRESS, draw.address_max),
                (Reason.NETWORK, draw.network_max),
                (Reason.DEVICE, draw.network_max),
            )
            if crowds[reason] >= most
        ]
        state, id_ = State.REVIEW if reasons else State.ENTERED, uuid4()
        application = await connection.fetchval(
            SQL["add_application"],
            *(town, offer, id_, new.group, new.units, state.value, new.wallet, now),
            *(reasons, sorted(likes)),
        )
        whose = applicant_owner(application)
        row = row_of(vault, town, whose, new.applicant, receipt)
        network = new.network and vault.digest(town, "network", new.network)
        device = new.device and vault.digest(town, "device", new.device)
        await connection.execute(
            SQL["add_applicant"],
            *(town, application, offer, vault.key_id, *row, network, device, now),
        )
    return Applied(id_, receipt, state)


async def _likes(
    connection: Connection, vault: Vault, town: int, offer: int, own: Attributes
) -> dict[int, Likeness]:
    """The applications whose applicants this one is like."""
    born = own.birth_date.isoformat()
    rows = await connection.fetch(
        SQL["alike"],
        town,
        offer,
        vault.digests(town, "birth_date", born),
        vault.digests(town, "kana", own.kana),
    )
    found = {}
    for application, key_id, *kept in rows:
        whose = applicant_owner(application)
        name, kana, birth_date = (
            vault.decrypt(key_id, text, town, whose, field)
            for text, field in zip(kept, ("name", "kana", "birth_date"), strict=True)
        )
        other = Attributes(name, kana, date.fromisoformat(birth_date)).normal()
        if (how := likeness(own, other)) is not None:
            found[application] = how
    return found


async def _crowds(
    connection: Connection, vault: Vault, town: int, offer: int, new: NewApplication, now: datetime
) -> dict[Reason, int]:
    """How many have come from the same place before."""
    row = await fetch_row(
        connection,
        SQL["crowd"],
        town,
        offer,
        vault.digests(town, "address", place_of(new.applicant)),
        vault.digests(town, "network", new.network) if new.network else [],
        vault.digests(town, "device", new.device) if new.device else [],
        now - CROWD_WINDOW,
    )
    assert row is not None
    return {
        Reason.ADDRESS: row["address"],
        Reason.NETWORK: row["network"],
        Reason.DEVICE: row["device"],
    }


def read_receipt(text: str) -> str | None:
    """The digits of a receipt number as it was typed; None where it cannot be one."""
    return read_digits(text, RECEIPT_DIGITS)


# -- looking, withdrawing, deciding ----------------------------------------------------------------


async def by_receipt(
    pool: Executor, vault: Vault, town: int, receipt: str, phone: str
) -> Application | None:
    """The application of a receipt number, told to whoever knows its (normal) phone number too."""
    row = await fetch_row(
        pool,
        SQL["by_receipt"],
        town,
        vault.digests(town, "receipt", receipt),
        vault.digests(town, "phone", phone),
    )
    return _application(row) if row else None


async def of_wallet(pool: Executor, town: int, wallet: int, limit: int) -> list[Application]:
    """What a wallet applied for or has claimed, newest first."""
    rows = await fetch_rows(pool, SQL["applications_of_wallet"], town, wallet, limit)
    return [_application(row) for row in rows]


async def in_review(pool: Executor, town: int, offer: int, limit: int) -> list[Application]:
    """What waits for an operator, oldest first."""
    rows = await fetch_rows(pool, SQL["in_review"], town, offer, limit)
    return [_application(row) for row in rows]


async def find(pool: Executor, town: int, application: int) -> Application:
    """An application that there is."""
    row = await fetch_row(pool, SQL["application"], town, application)
    assert row is not None
    return _application(row)


async def withdraw(pool: Executor, town: int, application: int) -> Application:
    """Withdraws an application; a place that it has won is free in the next redraw.

    Whoever it belongs to is for the caller to know.

    Raises:
        ApplicationRefused: ``unknown``, ``settled``.
    """
    async with transaction(pool) as connection:
        found = await _held(connection, town, application)
        if found.state not in OPEN_STATES:
            raise ApplicationRefused(WhyNot.SETTLED)
        await connection.execute(SQL["set_state"], town, application, State.WITHDRAWN.value)
        return await _held(connection, town, application)


async def decide(
    connection: Connection,
    town: int,
    application: int,
    *,
    accept: bool,
    reason: str | None,
    by: str,
    now: datetime,
) -> Application:
    """Takes what waits for an operator into the lottery or refuses it, in the caller's transaction.

    Raises:
        ApplicationRefused: ``unknown``; ``settled``: it does not wait.
    """
    found = await _held(connection, town, application)
    if found.state is not State.REVIEW:
        raise ApplicationRefused(WhyNot.SETTLED)
    state = State.ENTERED if accept else State.REFUSED
    await connection.execute(
        SQL["decide_application"], town, application, state.value, now, by, reason
    )
    return await _held(connection, town, application)


async def forget(connection: Connection, town: int, application: int) -> bool:
    """Erases who made an application, in the caller's transaction; False where that was done.

    What is not settled is withdrawn.

    Raises:
        ApplicationRefused: ``unknown``.
    """
    found = await _held(connection, town, application)
    if found.state in OPEN_STATES:
        await connection.execute(SQL["set_state"], town, application, State.WITHDRAWN.value)
    return await connection.fetchval(SQL["forget_applicant"], town, application) is not None


async def forget_by_phone(connection: Connection, vault: Vault, town: int, phone: str) -> None:
    """Erases what somebody with this phone applied with, in the caller's transaction."""
    phones = vault.digests(town, "phone", phone)
    rows = await connection.fetch(SQL["offers_of_phone"], town, phones)
    await wait_for(connection, town, [row["offer"] for row in rows])
    await connection.execute(SQL["forget_by_phone"], town, phones)


async def sweep_applicants(pool: Executor, town: int, before: datetime, limit: int) -> int:
    """Erases some of those who applied for places that could be used until an instant; how many."""
    row = await fetch_row(pool, SQL["sweep_applicants"], town, before, limit)
    assert row is not None
    return int(row["count"])


async def _held(connection: Connection, town: int, application: int) -> Application:
    """An application, which nobody else changes and among which nobody draws meanwhile."""
    offer = await fetch_row(connection, SQL["offer_of"], town, application)
    if offer is None:
        raise ApplicationRefused(WhyNot.UNKNOWN)
    await wait_for(connection, town, [offer["offer"]])
    return await find(connection, town, application)


def _application(row: Record) -> Application:
    application, id_, offer, group, units, state, *rest = row
    return Application(application, id_, offer, group, units, State(state), *rest)
