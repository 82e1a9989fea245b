"""Reading: balances, histories, a shop's day, and what became of a command."""

from datetime import MAXYEAR, date, datetime
from uuid import UUID

from msgspec import Struct

from ledger.database import Executor, fetch_row, fetch_rows, load_queries

SQL = load_queries("reading")


class Lot(Struct, frozen=True):
    """Value with one expiry (None: never) and one source of funds."""

    amount: int
    funder: str
    expires_at: datetime | None


class Part(Struct, frozen=True):
    """What a wallet has of one instrument, soonest expiry first. ``held`` of it is too fresh to be
    spent; all of it can be from ``held_until`` on.
    """

    instrument: str
    amount: int
    lots: list[Lot]
    held: int
    held_until: datetime | None


class Balance(Struct, frozen=True):
    """What a wallet has, after the event at ``seq`` of its feed."""

    total: int
    parts: list[Part]
    seq: int


class Line(Struct, frozen=True):
    """An entry in a party's history."""

    entry: int
    receipt: str
    reversed: int
    shown_to_wallet: bool
    shown_to_shop: bool


class Day(Struct, frozen=True):
    """A shop's day. ``net``: what the operator owes the shop for it (payments − cash top-ups −
    points that the shop issued, a yen each and without fees). ``issues_purchases``: the yen spent
    for which it issued them. ``unshown``: what none of the shop's screens has shown yet.
    """

    payments: int
    payments_amount: int
    top_ups: int
    top_ups_amount: int
    issues: int
    issues_amount: int
    issues_purchases: int
    reversals: int
    reversals_amount: int
    net: int
    unshown: int


async def balance(pool: Executor, town: int, wallet: int, now: datetime) -> Balance | None:
    """What a wallet has at ``now``; None where there is no such wallet."""
    rows = await fetch_rows(pool, SQL["lots"], town, wallet, now)
    if not rows:
        return None
    lots: dict[str, list[Lot]] = {}
    held: dict[str, tuple[int, datetime | None]] = {}
    for row in rows:
        if row["remaining"] is not None:
            expires_at = row["expires_at"]
            never = expires_at.year == MAXYEAR  # How the driver reads 'infinity'.
            lot = Lot(row["remaining"], row["funder"], None if never else expires_at)
            lots.setdefault(row["instrument"], []).append(lot)
            held[row["instrument"]] = (row["held"], row["held_until"])
    parts = []
    for code, of in lots.items():
        amount = sum(lot.amount for lot in of)
        # Older value may be spent meanwhile: no more is held than is there.
        parts.append(Part(code, amount, of, min(held[code][0], amount), held[code][1]))
    return Balance(sum(part.amount for part in parts), parts, rows[0]["feed_seq"])


async def history(
    pool: Executor, town: int, account: int, before: int | None, limit: int
) -> list[Line]:
    """The account's entries before entry ``before``, newest first, as this party may see them."""
    kind = await fetch_row(pool, SQL["account_kind"], town, account)
    if kind is None:
        return []
    of_wallet = kind["kind"] == "wallet"
    name = "history_of_wallet" if of_wallet else "history_of_shop"
    rows = await fetch_rows(pool, SQL[name], town, account, before, limit)
    return [
        Line(
            row["entry"],
            row["receipt"],
            row["reversed"],
            row["shown_to_wallet"],
            row["shown_to_shop"],
        )
        for row in rows
    ]


async def shop_day(pool: Executor, town: int, shop: int, day: date) -> Day:
    """A shop's sums from midnight to midnight in the town's time zone."""
    row = await fetch_row(pool, SQL["shop_day"], town, shop, day)
    assert row is not None
    return Day(*row)


async def status(pool: Executor, town: int, account: int, id: UUID) -> str | None:  # noqa: A002
    """The frozen receipt of command ``id``, if it was decided and ``account`` is a party to it."""
    row = await fetch_row(pool, SQL["status"], town, id, account)
    return str(row["receipt"]) if row else None
