"""Acquirers (決済代行): who they are, what they sign with, and which of their ids is which payment.

Money is decided by `ledger.authorise` alone. What is kept here maps an acquirer's own ids to ours,
and tells, at any time, the one true standing of each.
"""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from ledger.database import Executor, Pool, fetch_row, fetch_rows, load_queries, transaction
from ledger.outcomes import Outcome
from ledger.requests import Request, request_digest

SQL = load_queries("acquirers")

LIVE_KEYS_MAX = 2  # One that is used and one that takes its place.
VAULT_FIELD = "acquirer_secret"  # What a key's secret is called in the vault.


class Acquirer(Struct, frozen=True):
    """An acquirer. ``state``: open, or closed (takes no new payments)."""

    acquirer: int
    code: str
    name: str
    state: str


class Key(Struct, frozen=True):
    """A live key; its secret is encrypted with the vault's key ``vault_key``."""

    secret: bytes
    vault_key: int
    acquirer: Acquirer


class KeyLine(Struct, frozen=True):
    """What can be told of a key."""

    key_id: str
    made_at: datetime
    revoked_at: datetime | None


class Merchant(Struct, frozen=True):
    """A merchant id of an acquirer, and the shop that it is."""

    merchant: str
    shop: int
    shop_code: str
    shop_name: str
    mapped_at: datetime


class Ids(Struct, frozen=True):
    """Our ids for a payment of an acquirer, and for the reversal that a cancel of it would be."""

    payment: UUID
    cancel: UUID


class Standing(Struct, frozen=True):
    """Where an acquirer's payment stands.

    The fields up to ``request_digest`` are of its authorisation, and None where only a cancel came.
    ``outcome``: what was decided under its id, None while nothing is; ``is_ours``: about this very
    authorisation, not about another request that took the id. ``paid_as``, ``entry``, ``at``: the
    payment itself, which has an id of its own where the payer confirmed it. ``reversed``: so much
    of it was given back since, by whomever.
    """

    payment: UUID
    cancel: UUID
    merchant: str | None
    shop: int | None
    amount: int | None
    request_digest: bytes | None
    cancelled_at: datetime | None
    outcome: Outcome | None
    decided_at: datetime | None
    wallet: int | None
    is_ours: bool
    paid_as: UUID
    entry: int | None
    at: datetime | None
    reversed: int

    @property
    def paid(self) -> bool:
        """Whether the payer has paid, whatever was given back since."""
        return self.is_ours and self.entry is not None

    @property
    def undone(self) -> bool:
        """Whether all of it was given back."""
        return self.reversed == self.amount

    @property
    def asked(self) -> bool:
        """Whether the payer was asked about a duplicate and has not said yes (yet)."""
        return self.is_ours and self.entry is None and self.outcome is Outcome.DUPLICATE_SUSPECTED


class Refund(Struct, frozen=True):
    """Where an acquirer's refund stands. ``amount`` None: all that was left, which is then
    ``decided_amount``.
    """

    payment_reference: str
    refund: UUID
    refers: UUID
    shop: int
    amount: int | None
    reason: str
    request_digest: bytes
    outcome: Outcome | None
    at: datetime | None
    decided_amount: int | None
    entry: int | None
    is_ours: bool


class DayLine(Struct, frozen=True):
    """An entry of an acquirer's day. ``kind``: payment or reversal; of a reversal
    ``refund_reference`` or ``is_cancel`` tells whether the acquirer asked for it.
    """

    entry: int
    at: datetime
    kind: str
    amount: int
    reference: str
    merchant: str
    shop: int
    refund_reference: str | None
    is_cancel: bool


# -- who they are ----------------------------------------------------------------------------------


async def open_acquirer(
    pool: Executor, town: int, code: str, name: str, now: datetime
) -> Acquirer | None:
    """Opens an acquirer; None where the code is taken."""
    row = await fetch_row(pool, SQL["open_acquirer"], town, code, name, now)
    return Acquirer(*row) if row else None


async def acquirers(pool: Executor, town: int) -> list[Acquirer]:
    """All acquirers of a town."""
    return [Acquirer(*row) for row in await fetch_rows(pool, SQL["acquirers"], town)]


async def acquirer_by_code(pool: Executor, town: int, code: str) -> Acquirer | None:
    """The acquirer with this code, or None."""
    row = await fetch_row(pool, SQL["acquirer_by_code"], town, code)
    return Acquirer(*row) if row else None


async def set_acquirer_state(pool: Executor, town: int, acquirer: int, state: str) -> None:
    """Opens or closes an acquirer for new payments."""
    await fetch_row(pool, SQL["set_acquirer_state"], town, acquirer, state)


# -- keys ------------------------------------------------------------------------------------------


async def add_key(
    pool: Executor,
    town: int,
    acquirer: int,
    key_id: str,
    secret: bytes,
    vault_key: int,
    now: datetime,
) -> bool:
    """Adds a key; False where the acquirer has as many live ones as it may have."""
    async with transaction(pool) as connection:
        await connection.fetchrow(SQL["lock_acquirer"], town, acquirer)
        live = await connection.fetchval(SQL["live_keys"], town, acquirer)
        if live >= LIVE_KEYS_MAX:
            return False
        await connection.execute(SQL["add_key"], town, key_id, acquirer, secret, vault_key, now)
    return True


async def keys(pool: Executor, town: int, acquirer: int) -> list[KeyLine]:
    """An acquirer's keys, oldest first."""
    return [KeyLine(*row) for row in await fetch_rows(pool, SQL["keys"], town, acquirer)]


async def key(pool: Executor, town: int, key_id: str) -> Key | None:
    """The live key with this id, or None."""
    row = await fetch_row(pool, SQL["key"], town, key_id)
    if row is None:
        return None
    whose = Acquirer(row["acquirer"], row["code"], row["name"], row["state"])
    return Key(row["secret"], row["vault_key"], whose)


async def revoke_key(pool: Executor, town: int, key_id: str, now: datetime) -> bool:
    """Ends a key at once; False where it was none, or had ended."""
    return await fetch_row(pool, SQL["revoke_key"], town, key_id, now) is not None


async def see_nonce(
    pool: Executor, town: int, key_id: str, nonce: str, expires_at: datetime, now: datetime
) -> bool:
    """Whether this key uses the nonce for the first time. From now on it has been used."""
    row = await fetch_row(pool, SQL["see_nonce"], town, key_id, nonce, expires_at, now)
    return row is not None


# -- merchants -------------------------------------------------------------------------------------


async def map_merchant(
    pool: Executor, town: int, acquirer: int, merchant: str, shop: int, now: datetime
) -> bool:
    """Makes a merchant id a shop; False where it is one already."""
    row = await fetch_row(pool, SQL["map_merchant"], town, acquirer, merchant, shop, now)
    return row is not None


async def end_merchant(
    pool: Executor, town: int, acquirer: int, merchant: str, now: datetime
) -> bool:
    """Makes a merchant id no shop any more; False where it is none."""
    return await fetch_row(pool, SQL["end_merchant"], town, acquirer, merchant, now) is not None


async def merchants(pool: Executor, town: int, acquirer: int) -> list[Merchant]:
    """The merchant ids of an acquirer that are shops now."""
    return [Merchant(*row) for row in await fetch_rows(pool, SQL["merchants"], town, acquirer)]


async def merchant_shop(pool: Executor, town: int, acquirer: int, merchant: str) -> int | None:
    """The shop that a merchant id is now, or None."""
    row = await fetch_row(pool, SQL["merchant_shop"], town, acquirer, merchant)
    return int(row["shop"]) if row else None


# -- payments --------------------------------------------------------------------------------------


async def see_payment(
    pool: Executor,
    town: int,
    acquirer: int,
    reference: str,
    ids: Ids,
    merchant: str,
    request: Request,
    now: datetime,
) -> bool:
    """Keeps that an authorisation has come, before it is decided; False where its id was named
    before (then nothing is kept: look at its standing).
    """
    row = await fetch_row(
        pool,
        SQL["see_payment"],
        town,
        acquirer,
        reference,
        ids.payment,
        ids.cancel,
        merchant,
        request.shop,
        request.amount,
        request_digest(request),
        now,
    )
    return row is not None


async def mark_cancelled(
    pool: Executor, town: int, acquirer: int, reference: str, ids: Ids, now: datetime
) -> None:
    """Keeps that a cancel has come, whether or not its authorisation has: from now on no payer can
    confirm it any more, and an authorisation that comes later is not carried out.
    """
    await fetch_row(
        pool, SQL["cancel_payment"], town, acquirer, reference, ids.payment, ids.cancel, now
    )


async def standing(pool: Executor, town: int, acquirer: int, reference: str) -> Standing | None:
    """Where a payment stands; None where its id was never named."""
    row = await fetch_row(pool, SQL["payment_standing"], town, acquirer, reference)
    if row is None:
        return None
    fields = dict(row)
    fields["outcome"] = None if row["outcome"] is None else Outcome(row["outcome"])
    return Standing(**fields)


async def standing_behind(
    pool: Pool, town: int, acquirer: int, reference: str, wallet: int
) -> Standing | None:
    """The same, behind everything that is being decided about the payer's wallet at this moment."""
    async with transaction(pool) as connection:
        await connection.execute(SQL["lock_wallet"], town, wallet)
        return await standing(connection, town, acquirer, reference)


async def see_refund(
    pool: Executor,
    town: int,
    acquirer: int,
    reference: str,
    payment_reference: str,
    request: Request,
    now: datetime,
) -> bool:
    """Keeps that a refund has come, before it is decided; False where its id was named before."""
    row = await fetch_row(
        pool,
        SQL["see_refund"],
        town,
        acquirer,
        reference,
        payment_reference,
        request.id,
        request.refers,
        request.shop,
        request.amount,
        request.reason,
        request_digest(request),
        now,
    )
    return row is not None


async def refund(pool: Executor, town: int, acquirer: int, reference: str) -> Refund | None:
    """Where a refund stands; None where its id was never named."""
    row = await fetch_row(pool, SQL["refund_standing"], town, acquirer, reference)
    if row is None:
        return None
    fields = dict(row)
    fields["outcome"] = None if row["outcome"] is None else Outcome(row["outcome"])
    return Refund(**fields)


async def day(pool: Executor, town: int, acquirer: int, on: date) -> list[DayLine]:
    """Every entry of a day of the town that belongs to an acquirer's payments, by number."""
    rows = await fetch_rows(pool, SQL["day_of_acquirer"], town, acquirer, on)
    return [DayLine(**dict(row)) for row in rows]
