"""The HTTP API's bodies. Every path is below ``/api/{town}``; the routes are in `gateway.routes`.

Errors are ``ApiError`` with a fitting status. Sign-in puts a session token into an HttpOnly cookie
(``koban_wallet``, ``koban_terminal``, ``koban_console``), SameSite=Strict; programs may send the
same token as ``Authorization: Bearer``. OpenAPI and the TypeScript types are generated from here.
"""

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Raw, Struct

from gateway.protocol.messages import Pin, Role, State

Phone = Annotated[
    str, Meta(pattern=r"^0[0-9]{9,10}$", description="A Japanese phone number, digits only.")
]
Password = Annotated[str, Meta(min_length=8, max_length=128)]
OneTimeCode = Annotated[str, Meta(pattern=r"^[0-9]{6}$", description="The code sent by SMS.")]
Name = Annotated[str, Meta(min_length=1, max_length=60)]
Secret = Annotated[str, Meta(min_length=16, max_length=200)]


class ApiError(Struct, frozen=True, omit_defaults=True):
    """What was wrong, where, and what to do."""

    code: str
    message: str
    field: str | None = None
    retry_after_ms: int | None = None
    attempts_left: int | None = None


class Done(Struct, frozen=True):
    """Done; there is nothing more to say."""


# -- sign-in of people -----------------------------------------------------------------------------


class RegisterStart(Struct, frozen=True, forbid_unknown_fields=True):
    phone: Phone


class Challenge(Struct, frozen=True):
    """A one-time code is on its way by SMS; give it back with this."""

    challenge: str
    expires_at: int


class RegisterFinish(Struct, frozen=True, forbid_unknown_fields=True):
    """``kana`` (how the name is read) and ``birth_date`` are needed where the town's ``identity``
    says so; elsewhere they are given together or not at all. ``card`` is what a card's claim
    carries: the newcomer gets the card's wallet with what is in it.
    """

    challenge: Secret
    code: OneTimeCode
    password: Password
    pin: Pin
    name: Name
    kana: Name | None = None
    birth_date: date | None = None
    card: Secret | None = None


class SignIn(Struct, frozen=True, forbid_unknown_fields=True):
    phone: Phone
    password: Password


class SignInCode(Struct, frozen=True, forbid_unknown_fields=True):
    challenge: Secret
    code: OneTimeCode


class SignedIn(Struct, frozen=True):
    """Signed in. ``token`` is also in the cookie."""

    role: Role
    account: int
    name: str
    token: str
    expires_at: int


class TicketRequest(Struct, frozen=True, forbid_unknown_fields=True):
    role: Role


class Ticket(Struct, frozen=True):
    """Opens one websocket, once, soon."""

    ticket: str
    expires_at: int


class DemoEntered(Struct, frozen=True):
    """All three roles of the demo are signed in, in this browser."""

    town: str
    wallet: SignedIn
    terminal: SignedIn
    console: SignedIn


# -- the town, for everybody -----------------------------------------------------------------------


class InstrumentInfo(Struct, frozen=True):
    code: str
    name: dict[str, str]  # By language: ja, en.
    unit: dict[str, str]
    kind: str  # coin | points | voucher | ticket
    unit_yen: int  # What one is worth, and the step in which it is spent: tickets; else 1.
    shops: list[str]  # The groups of shops that take it; none: every shop.


class IssuingInfo(Struct, frozen=True):
    """Shops give ``points`` of ``instrument`` for each whole ``per_yen`` of a purchase, which is
    at most ``purchase_max`` yen.
    """

    instrument: str
    per_yen: int
    points: int
    purchase_max: int


class TownInfo(Struct, frozen=True):
    code: str
    name: dict[str, str]
    currency: dict[str, str]
    issuer: str
    contact: str
    colour: str
    languages: list[str]
    instruments: list[InstrumentInfo]
    groups: dict[str, dict[str, str]]  # Groups of shops: their words by code.
    roles: dict[str, dict[str, str]]  # Ranks of people at shops and of operators: their words.
    send_max: int  # Yen that may be sent to somebody at once; 0: nobody sends anything.
    payment_max: int
    top_up_max: int  # In cash at a shop; 0: not here.
    top_up_step: int
    issuing: IssuingInfo | None  # None: shops give no points here.
    purposes: dict[str, dict[str, str]]  # What expired value is for: words by code.
    clerk_reversal_max: int
    code_ttl_s: int
    question_ttl_s: int  # How long a payer may take to answer a duplicate question.
    success_stays_s: int  # 0: until touched.
    identity: str  # phone | name_and_birth_date: what registering asks for.
    card_issuers: list[str]  # Whose IC cards are taken; none: the town has no cards.
    push_key: str  # VAPID public key, base64url; "" when Web Push is not set up.
    demo: bool


class ShopInfo(Struct, frozen=True):
    shop: int
    code: str  # What the sticker carries: 6 digits and a check digit.
    name: str
    kind: str
    area: str


# -- the wallet ------------------------------------------------------------------------------------


class Lot(Struct, frozen=True):
    amount: int
    funder: str  # user | city | shop ...: whose money it is.
    expires_at: int | None


class BalancePart(Struct, frozen=True):
    """One kind of value, soonest expiry first (also where it ends by disuse)."""

    instrument: str
    amount: int
    lots: list[Lot]
    held: int  # So much of it is too fresh to be spent,
    held_until: int | None  # and all of it can be from here on.


class Balance(Struct, frozen=True):
    """What there is at ``at``; ``seq`` is the feed's position this follows from."""

    total: int
    parts: list[BalancePart]
    at: int
    seq: int


class WalletInfo(Struct, frozen=True):
    wallet: int
    name: str
    phone_tail: str


class HistoryLine(Struct, frozen=True):
    """One entry as the asking party may see it: its frozen receipt, and what came of it since."""

    entry: int
    receipt: Raw
    reversed: int  # How much of it was reversed later.
    shown_to_wallet: bool
    shown_to_shop: bool


class History(Struct, frozen=True):
    """Newest first; ``next`` is the ``before`` of the following page."""

    lines: list[HistoryLine]
    next: int | None


class StatusBody(Struct, frozen=True):
    payment: UUID
    state: State
    receipt: Raw | None


class PushSubscription(Struct, frozen=True, forbid_unknown_fields=True):
    endpoint: Annotated[str, Meta(min_length=12, max_length=1000)]
    p256dh: Annotated[str, Meta(min_length=20, max_length=200)]
    auth: Annotated[str, Meta(min_length=8, max_length=100)]


# -- the shop's tablet -----------------------------------------------------------------------------


class Enrol(Struct, frozen=True, forbid_unknown_fields=True):
    """``code`` is what the enrolment QR carries; it works once."""

    code: Secret


class PresetInfo(Struct, frozen=True):
    """The activity for which a tablet grants. No ``amount``: none can be granted here, for each
    grant of it says its own. ``open``: it has begun and is not over.
    """

    activity: str
    name: str
    amount: int | None
    open: bool


class TerminalInfo(Struct, frozen=True):
    terminal: int
    label: str
    shop: ShopInfo
    preset: PresetInfo | None


class Day(Struct, frozen=True):
    """A shop's day in the town's time zone, from its midnight."""

    date: str  # YYYY-MM-DD
    payments: int
    payments_amount: int
    top_ups: int
    top_ups_amount: int
    issues: int
    issues_amount: int  # Points that the shop gave, a yen each,
    issues_purchases: int  # for purchases of so many yen.
    reversals: int
    reversals_amount: int
    unshown: int
    # Payments − top-ups taken in cash − points issued (less reversals): what the operator owes the
    # shop before fees.
    net: int


# -- the console -----------------------------------------------------------------------------------


class ConsoleSignIn(Struct, frozen=True, forbid_unknown_fields=True):
    name: Name
    password: Password


class Operator(Struct, frozen=True):
    name: str
    role: str  # operator | ops


class NewShop(Struct, frozen=True, forbid_unknown_fields=True):
    name: Name
    kind: Name
    area: Name
    manager_pin: Pin


class ManagerPin(Struct, frozen=True, forbid_unknown_fields=True):
    """The new PIN of a shop's manager."""

    manager_pin: Pin


class Shops(Struct, frozen=True):
    shops: list[ShopInfo]


class NewTerminal(Struct, frozen=True, forbid_unknown_fields=True):
    label: Name


class Enrolment(Struct, frozen=True):
    """Shown once: ``qr`` is the QR's text, ``svg`` its picture."""

    terminal: int
    qr: str
    svg: str
    expires_at: int


class Terminal(Struct, frozen=True):
    terminal: int
    shop: int
    label: str
    state: str  # waiting | enrolled | revoked
    enrolled_at: int | None
    revoked_at: int | None
    wiped_at: int | None  # It came back after that, was told, and has wiped itself.
    connected: bool  # To the gateway that answered.
    groups: list[str]  # For campaigns.
    preset: str | None  # The activity for which it grants.


class Terminals(Struct, frozen=True):
    terminals: list[Terminal]


class Wiped(Struct, frozen=True):
    """Whether the tablet was taken out of use; if not, it was only signed out."""

    revoked: bool


class EventLine(Struct, frozen=True):
    number: int
    account: int
    seq: int
    kind: str
    at: int
    body: Raw


class Events(Struct, frozen=True):
    """Newest first; ``next`` is the ``before`` of the following page."""

    events: list[EventLine]
    next: int | None


class SessionLine(Struct, frozen=True):
    session: str
    role: Role
    account: int
    name: str
    since: int
    queue_frames: int
    unacked: int  # Events sent that the screen has not yet said it showed.


class Sessions(Struct, frozen=True):
    sessions: list[SessionLine]


class AlertLine(Struct, frozen=True):
    at: int
    kind: str
    text: str
    account: int | None
    payment: UUID | None


class Alerts(Struct, frozen=True):
    alerts: list[AlertLine]
