"""The websocket's messages: two tagged unions of frozen structs, and nothing else.

A frame is one JSON object with a ``type``. Unknown fields and unknown types are refused. Times are
integers in milliseconds since the Unix epoch (UTC); money is an integer count of the instrument's
unit (yen or points). Every command carries an ``id`` that the *screen* made (a UUIDv7) and keeps:
sending it again gives the first answer, word for word.

The screens' TypeScript types and the AsyncAPI document are generated from this module.
"""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

SUBPROTOCOL = "koban.v1"

# The largest amount one command may carry (yen). The town's own limits are far below; this bound
# keeps sums of postings inside 64 bits whatever a client sends.
AMOUNT_MAX = 10_000_000

Amount = Annotated[int, Meta(ge=1, le=AMOUNT_MAX, description="Whole yen (or points), at least 1.")]
# The lengths are no repetition: Python's ``$`` also matches before a line end behind the digits.
Pin = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{4}$",
        min_length=4,
        max_length=4,
        description="The wallet's 4-digit PIN (暗証番号).",
    ),
]
Code = Annotated[
    str, Meta(pattern=r"^[0-9]{16,20}$", description="A one-time code's digits (CPM).")
]
Coupons = Annotated[
    list[Annotated[int, Meta(ge=1, le=9_007_199_254_740_991)]],
    Meta(max_length=10, description="What pays a part, in this order: see `GET wallet/coupons`."),
]
Seq = Annotated[int, Meta(ge=0, description="A position in a feed; the first event is 1.")]
Reason = Annotated[str, Meta(min_length=1, max_length=200)]


class Role(StrEnum):
    """Who stands at the other end of a session."""

    WALLET = "wallet"
    TERMINAL = "terminal"
    CONSOLE = "console"
    STAFF = "staff"  # At the shop site, over HTTP alone.


class Purpose(StrEnum):
    """What a one-time code is for."""

    PAY = "pay"
    TOP_UP = "top_up"


class Stage(StrEnum):
    """How far an event has come on a screen."""

    RECEIVED = "received"
    SHOWN = "shown"
    SOUNDED = "sounded"


class State(StrEnum):
    """The one true answer about a command's id."""

    PROCESSED = "processed"
    IN_PROGRESS = "in_progress"
    NOT_FOUND = "not_found"


class Retry(StrEnum):
    """What a screen may do about an error."""

    NEVER = "never"  # Final: the same id will always get this answer.
    SAME_ID = "same_id"  # Nothing was decided: send the same command, with the same id, again.
    NEW_ID = "new_id"  # Nothing was decided: correct the command and send it under a new id.


# -- from a screen to the gateway ------------------------------------------------------------------


class Resume(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a screen stopped reading its feed."""

    epoch: int
    seq: Seq


class Auth(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="auth"):
    """The first frame: a single-use ticket got over HTTPS, and where to go on in the feed."""

    ticket: Annotated[str, Meta(min_length=16, max_length=128)]
    resume: Resume | None = None


class Pay(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="pay"):
    """Wallet: pay a shop whose sticker was scanned (MPM, 店舗提示型)."""

    id: UUID
    shop: Annotated[int, Meta(ge=1, description="The shop's account number, from its sticker.")]
    amount: Amount
    pin: Pin
    coupons: Coupons = []


class Send(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="send"):
    """Wallet: send value to another wallet (送る), which `POST wallet/recipients` found."""

    id: UUID
    recipient: Annotated[int, Meta(ge=1, description="The receiving wallet's account number.")]
    amount: Amount
    pin: Pin


class Give(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="give"):
    """Wallet: give to a citizens' group (寄付), one of `GET groups`."""

    id: UUID
    group: Annotated[int, Meta(ge=1, description="The group's account number.")]
    amount: Amount
    pin: Pin


class Charge(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="charge"):
    """Tablet: take a payment from a wallet's one-time code (CPM, 利用者提示型).

    ``amount`` is given when the code has none; where both have one they must be the same.
    """

    id: UUID
    code: Code
    amount: Amount | None = None


class Confirm(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="confirm"):
    """Wallet: "yes, this second payment was intended" (二重支払いの確認).

    ``refused`` is the id of the command that was refused as ``duplicate_suspected``; this command's
    own id is the id of the payment that then takes place.
    """

    id: UUID
    refused: UUID
    pin: Pin


class TopUp(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="top_up"):
    """Tablet: the cash has been received; put the value into the wallet (チャージ)."""

    id: UUID
    code: Code
    amount: Amount


class Issue(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="issue"):
    """Tablet: give the shop's own points for a purchase (店の付与), to a code made for paying.

    The receipt tells how many: so many for each whole so many yen, by the town's rule.
    """

    id: UUID
    code: Code
    purchase: Annotated[
        int, Meta(ge=1, le=AMOUNT_MAX, description="Yen spent at the shop, at least 1.")
    ]


class GrantHere(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="grant"):
    """Tablet: give what taking part is worth (付与), by the activity that the office set for this
    tablet, to a code made for paying. ``no_preset`` where it has set none.
    """

    id: UUID
    code: Code


class Reverse(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="reverse"):
    """Tablet: cancel a payment, a top-up or an issue of this shop, whole or in part (取消).

    Without ``amount``, all that is left of it. Above the clerk's limit the shop's manager PIN.
    """

    id: UUID
    payment: UUID
    reason: Reason
    amount: Amount | None = None
    manager_pin: Pin | None = None


class ShowCode(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="show_code"):
    """Wallet: make a one-time code to show. ``pay`` needs the PIN, ``top_up`` an amount.

    ``coupons`` pay a part of what is taken from the code; only a code to pay with has some.
    """

    id: UUID
    purpose: Purpose
    amount: Amount | None = None
    pin: Pin | None = None
    coupons: Coupons = []


class ReadCode(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="read_code"):
    """Tablet: what is this scanned code? Answers its purpose and amount; changes nothing."""

    id: UUID
    code: Code


class Status(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="status"):
    """Anyone: what became of my command ``payment``? Only its parties are told."""

    id: UUID
    payment: UUID


class Ack(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="ack"):
    """Everything in my feed up to ``seq`` has come this far here. Has no answer."""

    seq: Seq
    stage: Stage


class Pong(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="pong"):
    """The answer to a ``ping``. Has no answer itself."""


ClientMessage = (
    Auth
    | Pay
    | Send
    | Give
    | Charge
    | Confirm
    | TopUp
    | Issue
    | GrantHere
    | Reverse
    | ShowCode
    | ReadCode
    | Status
    | Ack
    | Pong
)


# -- from the gateway to a screen ------------------------------------------------------------------


class Limits(Struct, frozen=True):
    """What this session may do; going past closes it (4109, too fast) or refuses the frame."""

    frame_bytes_max: int
    commands_per_s: int


class Hello(Struct, frozen=True, tag_field="type", tag="hello"):
    """The gateway's first frame."""

    protocol: str
    server_time: int


class Ready(Struct, frozen=True, tag_field="type", tag="ready"):
    """Signed in. The feed goes on right behind ``seq``.

    ``resync`` true: what the screen asked to resume cannot be given completely; forget the local
    state, load it over HTTP, and follow from ``seq``. False: every missed event follows now.
    """

    session: str
    role: Role
    town: str
    account: int  # The wallet's or shop's account number; 0 for the console.
    name: str
    server_time: int
    ping_interval_ms: int
    limits: Limits
    epoch: int
    seq: int
    resync: bool


class Result(Struct, frozen=True, tag_field="type", tag="result"):
    """The command was carried out. ``result`` is its receipt (or the answer to a query)."""

    id: UUID
    result: Raw


class Error(Struct, frozen=True, tag_field="type", tag="error", omit_defaults=True):
    """The command was refused, or could not be carried out now.

    ``code`` is an outcome of the ledger (frozen, ``retry`` never) or one of the gateway's own.
    ``detail`` is the frozen refusal, with what the screen needs to explain it.
    """

    code: str
    retry: Retry
    id: UUID | None = None
    retry_after_ms: int | None = None
    attempts_left: int | None = None  # pin_wrong: how many more before it is locked.
    message: str | None = None  # For engineers; screens have their own words for each code.
    detail: Raw | UnsetType = UNSET


class Event(Struct, frozen=True, tag_field="type", tag="event"):
    """One event of the session's own feed. ``sound`` is what to play, once per ``seq``, or ""."""

    seq: int
    kind: str
    sound: str
    body: Raw


class TownEvent(Struct, frozen=True):
    """One event of a town, as the console tails it."""

    number: int  # Its place among all events of the town, without gaps.
    account: int  # Whose feed it is in.
    seq: int
    kind: str
    body: Raw


class TownEvents(Struct, frozen=True, tag_field="type", tag="events"):
    """Console: what happened, in order. ``skipped`` > 0 where a slow console was spared some."""

    events: list[TownEvent]
    skipped: int


class Figures(Struct, frozen=True, tag_field="type", tag="figures"):
    """Console, once a second: how this gateway is doing."""

    at: int
    payments_per_s: float
    refusals_per_s: float
    decide_p50_ms: float
    decide_p99_ms: float
    both_shown_p50_ms: float  # Commit → shown on both screens.
    both_shown_p99_ms: float
    wallets: int
    terminals: int
    consoles: int
    queue_frames: int
    unshown: int
    redis_ok: bool
    postgres_ok: bool


class Alert(Struct, frozen=True, tag_field="type", tag="alert"):
    """Console: something needs a person (``unshown``, ``slow_reader``, ``redis_down``, ...)."""

    at: int
    kind: str
    active: bool
    text: str
    account: int | None = None
    payment: UUID | None = None


class Shown(Struct, frozen=True, tag_field="type", tag="shown"):
    """The other party's screen has shown these payments (``by``: wallet or terminal)."""

    payments: list[UUID]
    by: Role


class Ping(Struct, frozen=True, tag_field="type", tag="ping"):
    """Still there? ``seq`` is the last event of the session's feed, so a gap is noticed."""

    seq: int
    server_time: int


class Notice(Struct, frozen=True, tag_field="type", tag="notice"):
    """Something about the service itself: ``draining`` (a planned stop; come back after
    ``retry_after_ms``), ``announcement``, ``notices`` (something new waits to be read: look at them
    after ``retry_after_ms``).
    """

    kind: str
    text: str
    retry_after_ms: int | None = None


class PlannedStop(Struct, frozen=True, tag_field="type", tag="planned_stop"):
    """The service will not be there from ``from_at`` until ``until_at`` (計画停止). Told when it is
    planned, when any of this changes, and to whoever comes.

    ``phase``: ``planned``, ``soon`` (it begins within ten minutes), ``under_way``, or ``over`` (so
    is one that was called off): nothing is told of it any more. ``words`` by language, ``ja`` among
    them.
    """

    stop: int
    phase: str
    from_at: int
    until_at: int
    words: dict[str, str]


ServerMessage = (
    Hello
    | Ready
    | Result
    | Error
    | Event
    | TownEvents
    | Figures
    | Alert
    | Shown
    | Ping
    | Notice
    | PlannedStop
)


# -- what stands in ``result``, ``detail`` and ``body`` --------------------------------------------


class Part(Struct, frozen=True):
    """How much of an amount was in one instrument."""

    instrument: str
    amount: int


class Grant(Struct, frozen=True, omit_defaults=True):
    """Points given with a payment, a top-up or an issue.

    ``face``: what the campaign's dice showed, counted from 1.
    """

    instrument: str
    amount: int
    expires_at: int | None
    campaign: str | None = None
    face: int | None = None


class Receipt(Struct, frozen=True, omit_defaults=True):
    """What was decided about a money command, frozen for ever (控え).

    ``kind``: payment, top_up, reversal, send (送る), gift (寄付), exchange (交換), grant (付与),
    issue (店の付与), expiry (失効). ``outcome``: ``done``, or the refusal's name. The payer's copy
    has ``balance`` (what is left, by instrument); the shop's and the recipient's do not. A gift's
    ``shop`` is the group.
    """

    id: UUID
    kind: str
    outcome: str
    at: int
    amount: int
    wallet: int | None = None
    shop: int | None = None
    shop_name: str | None = None
    recipient: int | None = None  # send: the wallet that receives.
    way: str | None = None  # By which of the town's ways value came in or went out.
    terminal: int | None = None
    entry: int | None = None  # The entry's number in the town's journal (取引番号).
    parts: list[Part] = []
    granted: list[Grant] = []
    purchase: int | None = None  # issue: the yen spent at the shop, for which it gave points.
    activity: str | None = None  # grant: the name of what was taken part in.
    coupons: list[int] = []  # payment: what paid a part of it.
    purpose: str | None = None  # expiry: what the value is for now; none: back with its fund.
    reclaimed: list[Part] = []  # A reversal: granted points that went back to their fund.
    refers: UUID | None = None  # A reversal: what it reverses. A confirmed payment: the question.
    left: int | None = None  # A reversal: what can still be reversed of the original.
    earlier: UUID | None = None  # duplicate_suspected: the payment that looks the same.
    earlier_at: int | None = None
    available: int | None = None  # insufficient_funds: what could have been spent.
    limit: int | None = None  # over_limit, over_balance_cap: the town's figure.
    balance: dict[str, int] | None = None


class ShownCode(Struct, frozen=True):
    """A one-time code to show: digits in Code 128, ``qr`` in the QR."""

    code: str
    qr: str
    purpose: Purpose
    amount: int | None
    expires_at: int


class CodeRead(Struct, frozen=True):
    """What a scanned code is for."""

    purpose: Purpose
    amount: int | None
    expires_at: int


class StatusAnswer(Struct, frozen=True):
    """What became of a command."""

    payment: UUID
    state: State
    receipt: Raw | None


decode_client = msgspec.json.Decoder(ClientMessage).decode
encode = msgspec.json.Encoder().encode
