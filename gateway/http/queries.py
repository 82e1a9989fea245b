"""What stands in addresses: path parts and queries, as strict structs."""

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from gateway.protocol.api_acquirer import Reference

# Account, terminal and entry numbers; the bound keeps them within JSON's exact integers.
Number = Annotated[int, Meta(ge=1, le=9_007_199_254_740_991)]
Page = Annotated[int, Meta(ge=1, le=200, description="How many lines at most.")]


class ShopPath(Struct, frozen=True):
    shop: Number


class CodePath(Struct, frozen=True):
    code: Annotated[str, Meta(pattern=r"^[0-9]{7}$", description="Six digits and a check digit.")]


class TerminalPath(Struct, frozen=True):
    terminal: Number


class PaymentPath(Struct, frozen=True):
    id: UUID


class AcquirerPaymentPath(Struct, frozen=True):
    payment_id: Reference


class AcquirerRefundPath(Struct, frozen=True):
    refund_id: Reference


class OpenidPath(Struct, frozen=True):
    provider: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,30}$")]


class DatePath(Struct, frozen=True):
    date: Annotated[dt.date, Meta(description="YYYY-MM-DD in the town's time zone.")]


class HistoryQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``before``: only entries before this one; without it, the newest."""

    before: Number | None = None
    limit: Page = 50


class DayQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``date``: YYYY-MM-DD in the town's time zone; without it, today."""

    date: dt.date | None = None


class TerminalsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``shop``: only this shop's terminals."""

    shop: Number | None = None


class EventsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``before``: only events before this number. ``kind`` and ``account`` filter."""

    before: Number | None = None
    limit: Page = 100
    kind: Annotated[str, Meta(max_length=40)] | None = None
    account: Annotated[int, Meta(ge=0, le=9_007_199_254_740_991)] | None = None


Day = Annotated[dt.date, Meta(description="YYYY-MM-DD in the town's time zone.")]


class TransactionsFileQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Entries of the journal. ``since`` and ``until``: the first day and the last. ``search``: a
    payment's id, or a part of a shop's name.
    """

    search: Annotated[str, Meta(min_length=1, max_length=60)] | None = None
    shop: Number | None = None
    wallet: Number | None = None
    kind: Annotated[str, Meta(pattern=r"^[a-z_]{1,40}$")] | None = None
    since: Day | None = None
    until: Day | None = None
    amount_min: Annotated[int, Meta(ge=1, le=10_000_000)] | None = None
    amount_max: Annotated[int, Meta(ge=1, le=10_000_000)] | None = None


class TransactionsQuery(TransactionsFileQuery, frozen=True, forbid_unknown_fields=True):
    """``before``: only entries before this one; without it, the newest. ``since`` and ``until``:
    the first day and the last. ``search``: a payment's id, or a part of a shop's name.
    """

    before: Number | None = None
    limit: Page = 50


class AuditFileQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Lines of the audit. ``since`` and ``until``: the first day and the last. ``act``: one act
    ("shop.opened"), or a kind of them ("shop"). ``subject``: what was changed ("shop:1001").
    """

    actor: Literal["operator", "staff", "command", "system"] | None = None
    who: Number | None = None
    act: Annotated[str, Meta(pattern=r"^[a-z_]+([.][a-z_]+)*$", max_length=80)] | None = None
    subject: Annotated[str, Meta(max_length=200)] | None = None
    since: Day | None = None
    until: Day | None = None


class AuditQuery(AuditFileQuery, frozen=True, forbid_unknown_fields=True):
    """``before``: only lines before this one. ``since`` and ``until``: the first day and the last.
    ``act``: one act ("shop.opened"), or a kind of them ("shop").
    """

    before: Number | None = None
    limit: Page = 50


class OperatorPath(Struct, frozen=True):
    operator: Number


class StaffPath(Struct, frozen=True):
    staff: Number


class WalletPath(Struct, frozen=True):
    wallet: Number


class ReviewPath(Struct, frozen=True):
    review: Number


class CardPath(Struct, frozen=True):
    card: Number


class ReviewsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``decided``: also what was decided. ``before``: only reviews before this one."""

    decided: bool = False
    before: Number | None = None
    limit: Page = 50
