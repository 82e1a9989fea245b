"""What can be asked of the ledger's one call, and what makes two requests the same."""

import hashlib
from enum import StrEnum
from uuid import UUID

import msgspec
from msgspec import Struct


class Kind(StrEnum):
    """The kinds of request; the words are those of the websocket's messages."""

    PAY = "pay"  # The payer pays a shop (MPM): wallet, shop, amount.
    CHARGE = (
        "charge"  # A shop takes from a payer's code (CPM): code, shop, terminal, amount or none.
    )
    CONFIRM = "confirm"  # The payer answers a duplicate question: wallet, refers.
    TOP_UP = "top_up"  # A shop took cash: code, shop, terminal, amount.
    REVERSE = "reverse"  # A shop gives back: refers, shop, terminal, amount or none, reason.
    SEND = "send"  # The payer sends to another wallet, which stands in `shop`: wallet, amount.
    GIVE = "give"  # The payer gives to a citizens' group, which stands in `shop`: wallet, amount.
    LOAD = "load"  # Value arrives from a provider, in `shop`: wallet, way, amount.
    REDEEM = "redeem"  # The payer redeems a card with a serial code: wallet, code.
    UNLOAD = "unload"  # Value leaves to a provider, in `shop`: wallet, way, amount.
    GRANT = "grant"  # A programme gives: wallet (or code and terminal), way=the activity, amount.
    RECLAIM = "reclaim"  # A grant is undone as far as it is unspent: refers, shop=the fund.
    ISSUE = "issue"  # A shop gives points: code, shop, terminal, amount=the purchase in yen.
    EXPIRE = "expire"  # What has expired goes: wallet, shop=the fund or purpose that gets it.


class Rank(StrEnum):
    """Who stands behind a reversal, the lowest first; the order is the database's (`koban.rank`).

    Each has its own limit in the town's profile. A wallet's own commands have no rank to speak of
    and carry the lowest.
    """

    CLERK = "clerk"  # Whoever holds the shop's tablet.
    SHOP = "shop"  # The shop's manager, by PIN at the tablet or signed in.
    AREA = "area"
    HEADQUARTERS = "headquarters"
    OPERATOR = "operator"  # The town's own people at the console.


class Request(Struct, frozen=True):
    """One request. ``id`` was made by the screen and is the payment's id for ever.

    ``refers``: the payment to reverse, or the refused command whose question is answered.
    ``rank``: whose limit applies to a reversal. ``way``: by which of the town's ways value comes in
    or goes out, or the activity for which it is granted. ``coupons``: what pays a part of the
    payment.
    """

    id: UUID
    kind: Kind
    wallet: int | None = None
    shop: int | None = None
    terminal: int | None = None
    code: str | None = None
    amount: int | None = None
    refers: UUID | None = None
    reason: str | None = None
    rank: Rank = Rank.CLERK
    way: str | None = None
    coupons: tuple[int, ...] = ()


def code_digest(code: str) -> bytes:
    """What the ledger keeps of a one-time code instead of its digits."""
    return hashlib.sha256(code.encode()).digest()


def request_digest(request: Request) -> bytes:
    """Tells whether a repeated id asks for the same thing.

    The terminal and the rank are left out: a clerk may ask again from the shop's other tablet,
    or with the manager's PIN added, and must then hear what was decided the first time.
    """
    body = (
        request.kind,
        request.wallet,
        request.shop,
        request.code,
        request.amount,
        request.refers,
        request.reason,
        request.way,
        *request.coupons,
    )
    return hashlib.blake2b(msgspec.json.encode(body), digest_size=16).digest()
