"""The bodies of topping up by way of a provider, of cash machines and of serial cards."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Raw, Struct

from gateway.protocol.messages import Amount, Code, Pin

WayCode = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,30}$", max_length=31)]
FileLine = Annotated[str, Meta(max_length=200)]

# -- for everybody ---------------------------------------------------------------------------------


class WayInfo(Struct, frozen=True):
    """A way in: what it buys, in which amounts (yen), and by whom.

    ``kind``: shop, provider, serial, exchange. ``rate_…``: so many of ours for so many of theirs.
    ``out``: it also goes out. ``at_machine``: a cash machine begins it. ``open``: it works here.
    """

    code: str
    kind: str
    name: dict[str, str]
    instrument: str
    min: int
    max: int
    step: int
    rate_numerator: int
    rate_denominator: int
    out: bool
    at_machine: bool
    open: bool


class Ways(Struct, frozen=True):
    """In the order of the town's profile."""

    ways: list[WayInfo]


# -- the wallet ------------------------------------------------------------------------------------


class OpenLoad(Struct, frozen=True, forbid_unknown_fields=True):
    """Top up by this way: so many yen arrive. ``id`` is the wallet's own, and the receipt's."""

    id: UUID
    way: WayCode
    amount: Amount


class OpenUnload(Struct, frozen=True, forbid_unknown_fields=True):
    """Exchange value of ours for another company's points; ``amount`` in yen leaves the wallet.

    ``member``: the other company's own number of who is credited there.
    """

    id: UUID
    way: WayCode
    amount: Amount
    member: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$", max_length=64)]
    pin: Pin


class Load(Struct, frozen=True):
    """An order and how far it is.

    ``direction``: in or out. ``state``, in: requested, unknown (being asked about), accepted (go to
    ``url``, or give ``number`` at the ATM or the till), paid, arrived, refunding, refunded, failed,
    expired; out: requested, taken, unknown, accepted, delivered, returning, returned, failed.
    ``their_amount``: what moves on the provider's side. ``reason``: why it failed or goes back.
    """

    id: UUID
    direction: str
    way: str
    amount: int
    their_amount: int
    state: str
    url: str
    number: str
    reason: str
    member: str
    opened_at: int
    changed_at: int
    expires_at: int


class Loads(Struct, frozen=True):
    """Newest first; ``next`` is the ``before`` of the following page."""

    loads: list[Load]
    next: UUID | None


class RedeemCard(Struct, frozen=True, forbid_unknown_fields=True):
    """A serial card's digits as printed (spaces and hyphens may stay), or its QR's text."""

    id: UUID
    digits: Annotated[str, Meta(min_length=1, max_length=200)]


class Redeemed(Struct, frozen=True):
    """The value is in the wallet."""

    receipt: Raw


# -- providers and machines ------------------------------------------------------------------------


class CalledBack(Struct, frozen=True):
    """Heard. ``state`` is how far the order is here."""

    state: str


class AnnounceDeposit(Struct, frozen=True, forbid_unknown_fields=True):
    """A cash machine has read the code that a wallet shows. ``id`` is the machine's own."""

    id: UUID
    code: Code


class ConfirmDeposit(Struct, frozen=True, forbid_unknown_fields=True):
    """So many yen in cash are in the machine."""

    amount: Amount


class Deposit(Struct, frozen=True):
    """A deposit, and what the machine is to do by its ``state``.

    accepted: take ``amount`` yen, then confirm, or cancel. paid: ask again in a moment. arrived:
    keep the cash, the value is in the wallet. refunding: give the cash back (``reason`` says why),
    then cancel. failed, expired, refunded: no cash is held. Money that a machine took although the
    deposit has ended is confirmed all the same, and what then comes back is done.
    """

    id: UUID
    amount: int
    state: str
    reason: str
    expires_at: int


# -- the console -----------------------------------------------------------------------------------


class LoadLine(Struct, frozen=True):
    """An order as operators see it.

    ``attention``: what contradicted and has to be looked at, "" where nothing is. ``look_at``: when
    it is gone on with by itself; ``looks``: how often it was since it moved.
    """

    load: Load
    wallet: int
    provider: str
    reference: str
    attention: str
    paid_at: int | None
    looks: int
    look_at: int | None


class LoadLines(Struct, frozen=True):
    """Newest first; ``next`` is the ``before`` of the following page."""

    loads: list[LoadLine]
    next: UUID | None


class LoadStep(Struct, frozen=True):
    """A word that was heard, whose it was, and what it did."""

    at: int
    source: str
    word: str
    from_state: str
    to_state: str
    detail: str


class LoadLog(Struct, frozen=True):
    """An order with everything that was heard about it."""

    line: LoadLine
    steps: list[LoadStep]


class Reconcile(Struct, frozen=True, forbid_unknown_fields=True):
    """Compare a day's orders with the provider's file.

    Without ``lines`` the file is fetched from the provider; ``lines`` are those of a short file
    that was brought by hand. A long one goes to ``python -m gateway.providers``.
    """

    date: dt.date
    lines: Annotated[list[FileLine], Meta(max_length=200)] | None = None


class Difference(Struct, frozen=True):
    """Where the two do not agree.

    ``kind``: theirs_not_ours, ours_not_theirs, amount_differs, state_differs. ``settled``: asking
    settled it, and our order is now in ``state``.
    """

    kind: str
    reference: str
    order: UUID | None
    state: str
    amount: int | None
    their_state: str
    their_amount: int | None
    settled: bool


class Reconciled(Struct, frozen=True):
    """The comparison. ``agreed``: how many lines of the file are as our orders say."""

    provider: str
    date: dt.date
    lines: int
    agreed: int
    differences: list[Difference]


class MakeCards(Struct, frozen=True, forbid_unknown_fields=True):
    """Make a batch of serial cards; their digits are told once, in the answer."""

    way: WayCode
    amount: Amount
    count: Annotated[int, Meta(ge=1, le=10_000)]
    expires_on: Annotated[dt.date, Meta(description="The last day they can be redeemed.")]


class Batch(Struct, frozen=True):
    """A batch of serial cards; ``used``: how many were redeemed."""

    batch: int
    way: str
    amount: int
    count: int
    used: int
    made_by: str
    made_at: int
    expires_at: int


class Batches(Struct, frozen=True):
    """Newest first."""

    batches: list[Batch]
