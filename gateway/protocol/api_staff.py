"""Bodies of the HTTP API for people with power: operators, shop staff, cancellations, the audit."""

from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Raw, Struct

from gateway.protocol.api import Name, Password, ShopInfo
from gateway.protocol.messages import Amount, Pin, Reason

OperatorRoleName = Literal["operator", "ops"]
StaffRank = Literal["clerk", "shop", "area", "headquarters"]  # The lowest first.
Number = Annotated[int, Meta(ge=1, le=9_007_199_254_740_991)]


class ChangePassword(Struct, frozen=True, forbid_unknown_fields=True):
    """One's own: ``password`` is the present one."""

    password: Password
    new_password: Password


class ChangePin(Struct, frozen=True, forbid_unknown_fields=True):
    """The wallet's own: ``pin`` is the present one."""

    pin: Pin
    new_pin: Pin


class NewPassword(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody else's, given to them by an operator; whatever they have open is signed out."""

    password: Password


# -- operators -------------------------------------------------------------------------------------


class OperatorLine(Struct, frozen=True):
    operator: int
    name: str
    role: str  # operator | ops: the second reads everything and changes nothing.
    created_at: int
    closed_at: int | None  # Since when they are let in no more.


class Operators(Struct, frozen=True):
    operators: list[OperatorLine]


class NewOperator(Struct, frozen=True, forbid_unknown_fields=True):
    name: Name
    password: Password
    role: OperatorRoleName


class OperatorRole(Struct, frozen=True, forbid_unknown_fields=True):
    role: OperatorRoleName


# -- shop staff ------------------------------------------------------------------------------------


class ChainInfo(Struct, frozen=True):
    """Shops that belong together."""

    chain: int
    name: str
    shops: list[int]


class Chains(Struct, frozen=True):
    chains: list[ChainInfo]


class NewChain(Struct, frozen=True, forbid_unknown_fields=True):
    name: Name


class ShopChain(Struct, frozen=True, forbid_unknown_fields=True):
    """Null: the shop belongs to no chain."""

    chain: Number | None


class StaffLine(Struct, frozen=True):
    staff: int
    name: str
    rank: str  # clerk | shop | area | headquarters
    chain: int | None
    area: str | None
    shop: int | None
    added_at: int
    closed_at: int | None  # Since when they are let in no more.


class StaffList(Struct, frozen=True):
    staff: list[StaffLine]


class StaffPost(Struct, frozen=True, forbid_unknown_fields=True):
    """A rank, and over what: headquarters a chain; area a chain and an area; shop and clerk a
    shop.
    """

    rank: StaffRank
    chain: Number | None = None
    area: Name | None = None
    shop: Number | None = None


class NewStaff(Struct, frozen=True, forbid_unknown_fields=True):
    """The post is told as in `StaffPost`."""

    name: Name
    password: Password
    rank: StaffRank
    chain: Number | None = None
    area: Name | None = None
    shop: Number | None = None


class StaffSignIn(Struct, frozen=True, forbid_unknown_fields=True):
    name: Name
    password: Password


class StaffInfo(Struct, frozen=True):
    """Who is signed in, and what they stand over."""

    staff: int
    name: str
    rank: str  # clerk | shop | area | headquarters
    reversal_max: int  # The most that they may cancel at once (yen).
    shops: list[ShopInfo]


# -- transactions ----------------------------------------------------------------------------------


class TransactionLine(Struct, frozen=True):
    """One entry of the journal."""

    entry: int
    id: UUID
    kind: str  # payment | top_up | reversal | …
    at: int
    wallet: int
    shop: int
    shop_name: str
    terminal: int | None  # Null: no tablet stood behind it.
    amount: int
    reversed: int  # How much of it was cancelled since.
    refers: UUID | None  # What a reversal reversed.
    reason: str | None


class Transactions(Struct, frozen=True):
    """Newest first; ``next`` is the ``before`` of the following page."""

    lines: list[TransactionLine]
    next: int | None


class CancelPayment(Struct, frozen=True, forbid_unknown_fields=True):
    """``id`` is the cancellation's own, made by the screen (a UUIDv7): sent again, it gets the
    first answer. Without ``amount``, all that is left of the payment.
    """

    id: UUID
    reason: Reason
    amount: Amount | None = None


class ConsoleCancelPayment(Struct, frozen=True, forbid_unknown_fields=True):
    """As `CancelPayment`; ``password`` is the operator's own, asked again."""

    id: UUID
    reason: Reason
    password: Password
    amount: Amount | None = None


class Cancelled(Struct, frozen=True):
    """The cancellation's frozen receipt."""

    receipt: Raw


# -- the audit -------------------------------------------------------------------------------------


class AuditLine(Struct, frozen=True):
    """One act of somebody with power."""

    number: int
    at: int
    actor: str  # operator | staff | command | system
    who: int | None  # The operator's or the staff's number.
    name: str
    origin: str  # The address that it came from.
    act: str
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class Audit(Struct, frozen=True):
    """Newest first; ``next`` is the ``before`` of the following page."""

    lines: list[AuditLine]
    next: int | None
