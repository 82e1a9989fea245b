"""The HTTP API's bodies about fee rates and settlements."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from gateway.protocol.api_campaigns import GroupCode, LocalTime

ShopNumber = Annotated[int, Meta(ge=1, le=9_007_199_254_740_991)]
FeeKind = Literal["redemption", "issue", "top_up", "transfer"]
FeeBasisPoints = Annotated[
    int, Meta(ge=0, le=10_000, description="Hundredths of a per cent: 100 are 1 %.")
]
FeeYen = Annotated[int, Meta(ge=0, le=100_000)]
Minimum = Annotated[int, Meta(ge=1, le=10_000_000)]
Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{16}$")]

# -- fee rates -------------------------------------------------------------------------------------


class NewFeeRate(Struct, frozen=True, forbid_unknown_fields=True):
    """A rate from ``valid_from`` (without it: from now) on, for a shop, a group, or all.

    ``kind``: of what was paid at the shop (redemption, 換金手数料), of points it gave (issue), of
    cash it took (top_up), or for a payment into its bank account (transfer, in yen alone).
    ``basis_points`` of it and ``yen`` an entry; with neither, the more general rate holds again.
    ``instrument``: the code of the one kind of value that it is for.
    """

    kind: FeeKind
    basis_points: FeeBasisPoints | None = None
    yen: FeeYen | None = None
    valid_from: LocalTime | None = None
    shop: ShopNumber | None = None
    group: GroupCode | None = None
    instrument: Annotated[str, Meta(max_length=40)] | None = None


class FeeRate(Struct, frozen=True):
    """A rate; ``in_force``: at this instant. Instants in milliseconds; no ``until``: nothing has
    taken its place yet.
    """

    rate: int
    kind: FeeKind
    shop: int | None
    shop_code: str | None
    group: str | None
    instrument: str | None
    basis_points: int | None
    yen: int | None
    valid_from: int
    until: int | None
    in_force: bool
    set_by: str
    set_at: int


class FeeRates(Struct, frozen=True):
    """Every rate that was ever set: by kind, the general ones first, the newest first."""

    rates: list[FeeRate]


# -- settlements -----------------------------------------------------------------------------------


class NewSettlement(Struct, frozen=True, forbid_unknown_fields=True):
    """A settlement of what happened from ``since`` (without it: ever) until before ``until``.

    Of all shops, of a ``group``'s, or of these ``shops``. ``payout_min`` and ``collection_min``:
    in yen, where they are not to be the town's: 1 to pay out everything at a programme's end.
    """

    until: LocalTime
    since: LocalTime | None = None
    group: GroupCode | None = None
    shops: Annotated[list[ShopNumber], Meta(min_length=1, max_length=2_000)] | None = None
    payout_min: Minimum | None = None
    collection_min: Minimum | None = None
    remark: Annotated[str, Meta(max_length=200)] = ""


class Settlement(Struct, frozen=True):
    """A settlement and its totals in yen; instants in milliseconds.

    ``state``: made, released, closed (nothing of it is to move any more), discarded. ``lines``: how
    many shops; ``payouts`` lines with ``paid_out`` yen in all are paid to shops, ``collections``
    with ``collected`` are collected from them, ``carrying`` with ``carried`` go on to the next.
    """

    settlement: int
    since: int
    until: int
    scope: Literal["all", "group", "shops"]
    group: str | None
    shops: list[int] | None
    payout_min: int
    collection_min: int
    fee_rounding: Literal["down", "up", "half_up"]
    remark: str
    state: Literal["made", "released", "closed", "discarded"]
    made_by: str
    made_at: int
    released_by: str | None
    released_at: int | None
    discarded_by: str | None
    discarded_at: int | None
    lines: int
    entries: int
    accepted: int
    topped_up: int
    issued: int
    fees: int
    carried_in: int
    net: int
    payouts: int
    paid_out: int
    collections: int
    collected: int
    carrying: int
    carried: int


class Settlements(Struct, frozen=True):
    """Settlements, newest first; ``next``: what to send as ``before`` for more."""

    settlements: list[Settlement]
    next: int | None


class SettlementCharge(Struct, frozen=True):
    """What a funder owes for its value of one kind that was spent, in yen."""

    funder: str
    instrument: str
    amount: int


class SettlementChange(Struct, frozen=True):
    """A line far from the shop's usual: ``now`` yen without what was carried in, ``usual`` the mean
    of its last ``settlements`` ones (three at most; 0: it had none).
    """

    shop: int
    shop_code: str
    shop_name: str
    now: int
    usual: int
    difference: int
    settlements: int


class ShopAccount(Struct, frozen=True):
    """A bank account, as far as people are shown it; ``tail``: the number's last three digits."""

    bank: str
    branch: str
    tail: str


class AccountChange(Struct, frozen=True):
    """A shop whose ``net`` moves by another account than the last time. ``what``: it changed, it is
    its first, or it is missing. ``set_by`` and ``set_at``: who set it, and when (milliseconds).
    """

    what: Literal["changed", "first", "missing"]
    shop: int
    shop_code: str
    shop_name: str
    net: int
    before: ShopAccount | None
    after: ShopAccount | None
    set_by: str | None
    set_at: int | None


class SettlementReview(Struct, frozen=True):
    """All that is to be looked at before a release. ``digest`` names it: the release says it, and
    is refused where anything has changed since. Empty where nothing was kept (a preview).
    """

    settlement: Settlement
    charges: list[SettlementCharge]
    changes: list[SettlementChange]
    accounts: list[AccountChange]
    digest: str


class SettlementLine(Struct, frozen=True):
    """A shop in a settlement, in yen: net = accepted - topped_up - issued - fees + carried_in.

    More than 0 is paid to the shop, less collected from it. ``fees`` are all, with the
    ``transfer_fee``. ``carries``: too little to move; ``carried_to``: the settlement that has it
    now. ``moved_at``: when it came into its state; ``reason``: why it failed.
    """

    shop: int
    shop_code: str
    shop_name: str
    groups: list[str]
    entries: int
    accepted: int
    topped_up: int
    issued: int
    fees: int
    transfer_fee: int
    carried_in: int
    net: int
    carries: bool
    state: Literal["made", "carried", "released", "in_file", "paid", "collected", "failed"]
    moved_at: int | None
    reason: str | None
    carried_to: int | None


class SettlementLines(Struct, frozen=True):
    """A settlement's lines, by the shops' codes."""

    lines: list[SettlementLine]


FeeKey = Literal["day", "shop", "group", "instrument", "rate"]


class SettlementFee(Struct, frozen=True):
    """What moved and its fee, in yen, of what the named keys have in common; a key that was not
    asked for is empty. ``day``: of the town's, YYYY-MM-DD; ``rate``: the fee rate's number, 0 where
    there was none. What was given back counts as less.
    """

    kind: Literal["payment", "top_up", "issue"]
    day: str | None
    shop: str | None
    group: str | None
    instrument: str | None
    rate: int | None
    entries: int
    amount: int
    fee: int


class SettlementFees(Struct, frozen=True):
    """A shop in several groups counts in each of them, one in none in the group ``""``. Fees for
    payments into bank accounts are no part of it: they are in the lines.
    """

    fees: list[SettlementFee]


class ReleaseSettlement(Struct, frozen=True, forbid_unknown_fields=True):
    """``digest``: of the review that was looked at."""

    digest: Digest
