"""Bodies about shops that join (C8), and about what a shop wants to be changed."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from gateway.protocol.api import Enrolment, Name, OneTimeCode, Password, Phone, Secret, ShopInfo
from gateway.protocol.api_marks import NewMark
from gateway.protocol.api_settlement import Digest
from gateway.protocol.api_shops import ShopArea, ShopKind, ShopListing, ShopName
from gateway.protocol.messages import Pin

Number = Annotated[int, Meta(ge=1, le=9_007_199_254_740_991)]
Email = Annotated[str, Meta(pattern=r"^([^@\s]+@[^@\s]+\.[^@\s]+)?$", max_length=200)]
Receipt = Annotated[
    str, Meta(min_length=12, max_length=30, description="12 digits; hyphens may stand in it.")
]
Written = Annotated[str, Meta(min_length=1, max_length=1_000)]
ApplicationState = Literal["waiting", "asked", "accepted", "declined", "withdrawn"]
Label = Annotated[str, Meta(min_length=1, max_length=40)]


class ShopBankAccount(Struct, frozen=True, forbid_unknown_fields=True):
    """``account_type``: 1 ordinary (普通), 2 current (当座), 4 savings (貯蓄), 9 other. ``holder``:
    in kana, as the passbook has it.
    """

    bank_code: Annotated[str, Meta(pattern=r"^[0-9]{4}$")]
    branch_code: Annotated[str, Meta(pattern=r"^[0-9]{3}$")]
    account_type: Literal[1, 2, 4, 9]
    number: Annotated[str, Meta(pattern=r"^[0-9]{7}$")]
    holder: Name


class ShopDetails(Struct, frozen=True, forbid_unknown_fields=True):
    """What a shop applies with. ``accepts``: the codes of kinds of value that it wants to take."""

    name: ShopName
    kind: ShopKind
    area: ShopArea
    listing: ShopListing
    accepts: Annotated[list[Annotated[str, Meta(max_length=31)]], Meta(max_length=30)] = []


class ShopApplicant(Struct, frozen=True, forbid_unknown_fields=True):
    """Who is responsible for the shop; the phone is proved by a code and not told here."""

    person: Name
    email: Email = ""
    bank_account: ShopBankAccount | None = None


# -- the applicant's side --------------------------------------------------------------------------


class JoinStart(Struct, frozen=True, forbid_unknown_fields=True):
    phone: Phone


class Join(Struct, frozen=True, forbid_unknown_fields=True):
    """An application; the code, which came by SMS, proves the phone."""

    challenge: Secret
    code: OneTimeCode
    shop: ShopDetails
    applicant: ShopApplicant


class JoinApplied(Struct, frozen=True):
    """``receipt``: with the phone number it asks for the application later. Keep it."""

    receipt: str


class JoinReceipt(Struct, frozen=True, forbid_unknown_fields=True):
    receipt: Receipt
    phone: Phone


class JoinNote(Struct, frozen=True):
    """Something that was written about an application."""

    by: str  # applicant | operator
    at: int
    text: str


class JoinStatus(Struct, frozen=True):
    """An application as its applicant sees it; the last note of a declined one is the reason."""

    state: ApplicationState
    shop: ShopDetails
    applied_at: int
    decided_at: int | None
    notes: list[JoinNote]


class Corrected(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything anew, but the phone."""

    shop: ShopDetails
    applicant: ShopApplicant


class JoinAnswer(Struct, frozen=True, forbid_unknown_fields=True):
    """An answer to what the operator asked, with everything corrected if need be."""

    receipt: Receipt
    phone: Phone
    text: Written
    corrected: Corrected | None = None


# -- the operator's side ---------------------------------------------------------------------------


class JoinLine(Struct, frozen=True):
    """An application in the list."""

    application: int
    state: ApplicationState
    name: str
    kind: str
    area: str
    applied_at: int
    decided_at: int | None
    decided_by: str | None
    shop: int | None  # What it became.


class JoinLines(Struct, frozen=True):
    """Newest first; ``next`` is the ``before`` of the following page."""

    applications: list[JoinLine]
    next: int | None


class JoinLinesQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``before``: only applications before this one."""

    state: ApplicationState | None = None
    before: Number | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class AlikeShop(Struct, frozen=True):
    """What may be the same shop: a shop, or another application."""

    why: str  # name_and_address | phone
    shop: int | None
    application: int | None


class JoinContact(Struct, frozen=True):
    """Who applied. Of the account's number the last digits alone are told."""

    person: str
    phone: str
    email: str
    bank: str | None
    branch: str | None
    account_type: int | None
    number_tail: str | None
    holder: str | None


class JoinApplication(Struct, frozen=True):
    """An application as operators see it; ``contact`` is null where it was erased. ``digest`` names
    all that was told and written: accepting says it, and is refused when something has changed.
    """

    line: JoinLine
    details: ShopDetails
    contact: JoinContact | None
    notes: list[JoinNote]
    alike: list[AlikeShop]
    digest: str


class JoinText(Struct, frozen=True, forbid_unknown_fields=True):
    """A question, or the reason of a refusal; the applicant reads it."""

    text: Written


class AcceptShop(Struct, frozen=True, forbid_unknown_fields=True):
    """``digest``: of the application as it was looked at. ``groups``: of shops, which says what can
    be spent there. ``tablets``: a label for each. ``despite_alike``: it was seen that something is
    alike, and is another shop.
    """

    digest: Digest
    groups: Annotated[list[Annotated[str, Meta(max_length=31)]], Meta(max_length=30)] = []
    tablets: Annotated[list[Label], Meta(max_length=20)] = []
    marks: Annotated[list[NewMark], Meta(max_length=10)] = []
    despite_alike: bool = False


class ShopInvitation(Struct, frozen=True):
    """Lets the shop's manager in at the shop site, once. ``qr``: the text, ``svg`` its picture."""

    shop: int
    qr: str
    svg: str
    expires_at: int


class ShopJoined(Struct, frozen=True):
    """A shop with everything that lets it begin."""

    shop: ShopInfo
    tablets: list[Enrolment]
    invitation: ShopInvitation


class StaffJoin(Struct, frozen=True, forbid_unknown_fields=True):
    """A shop's manager comes with an invitation and chooses name, password, and the PIN for
    reversals at the tablet.
    """

    invitation: Secret
    name: Name
    password: Password
    manager_pin: Pin


# -- changes ---------------------------------------------------------------------------------------


class WantedChange(Struct, frozen=True, forbid_unknown_fields=True):
    """Another name, or another bank account: one of the two."""

    name: ShopName | None = None
    bank_account: ShopBankAccount | None = None


class ShopChangeLine(Struct, frozen=True):
    """What a shop's manager wants, and what became of it. ``wish``: the name, or the account with
    its number's last digits.
    """

    change: int
    shop: int
    shop_name: str
    kind: str  # name | bank_account
    wish: str
    state: str  # waiting | accepted | declined | replaced (by a newer one)
    asked_by: str
    asked_at: int
    decided_at: int | None
    decided_by: str | None
    reason: str | None


class ShopChanges(Struct, frozen=True):
    """Newest first, two hundred at most."""

    changes: list[ShopChangeLine]


class ChangesQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``waiting``: only what waits for an operator."""

    waiting: bool = False


class DecideChange(Struct, frozen=True, forbid_unknown_fields=True):
    """``reason``: needed where it is not accepted; the shop reads it."""

    accepted: bool
    reason: Written | None = None
