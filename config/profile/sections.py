"""The tables of a town's file, and the whole of them."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from config.profile.amounts import Code, Seconds, SomeYen, Words, Yen
from config.profile.bank import BankSection
from config.profile.giving import (
    CampaignsSection,
    ExpirySection,
    IssuingSection,
    PurposeSection,
)
from config.profile.instruments import GrantRule, Instrument
from config.profile.law import InvoiceSection, LawSection
from config.profile.settling import SettlementSection
from config.profile.ways import Way

Sound = Literal["paid", "topped_up", "refused", "attention", ""]


class TownSection(Struct, frozen=True, forbid_unknown_fields=True):
    number: Annotated[int, Meta(ge=1, le=32_767)]
    code: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{1,30}$")]
    name: Words
    currency: Words
    issuer: str
    contact: str
    time_zone: str
    languages: Annotated[list[str], Meta(min_length=1)]
    colour: Annotated[str, Meta(pattern=r"^#[0-9a-f]{6}$")]


class LimitsSection(Struct, frozen=True, forbid_unknown_fields=True):
    """Yen."""

    payment_max: SomeYen
    balance_cap: SomeYen


class PaymentsSection(Struct, frozen=True, forbid_unknown_fields=True):
    duplicate_window_s: Seconds
    question_ttl_s: Seconds
    code_ttl_s: Seconds
    code_prefix: Annotated[str, Meta(pattern=r"^[0-9]{1,8}$")]
    success_stays_s: Annotated[int, Meta(ge=0, le=600)]


class ReversalsSection(Struct, frozen=True, forbid_unknown_fields=True):
    """How long and how much (yen) each rank may cancel, and what happens to value that is gone.

    ``spent_grants``: points granted on a payment that is cancelled, but spent meanwhile. "absorb":
    their funder bears them; "block": the cancellation is refused; "debt": the wallet owes them.
    ``expired_lots``: value that expired before it was given back. "return": it comes back expired;
    "extend": it can be spent for ``extend_days`` more.
    """

    window_days: Annotated[int, Meta(ge=1, le=366)]
    clerk_max: Yen
    shop_max: Yen
    area_max: Yen
    headquarters_max: Yen
    operator_max: Yen
    spent_grants: Literal["absorb", "block", "debt"]
    expired_lots: Literal["return", "extend"]
    extend_days: Annotated[int, Meta(ge=0, le=366)] = 0


class SendingSection(Struct, frozen=True, forbid_unknown_fields=True):
    """What people may send one another: which kinds of value, and how many yen."""

    instruments: Annotated[list[str], Meta(min_length=1)]
    act_max: SomeYen
    day_max: SomeYen
    month_max: SomeYen


class PeopleSection(Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody proves to get a wallet: a phone number by SMS, and, if the town wants one
    account a person (N13), a name, its reading and a birth date that nobody else has given.

    ``sign_in``: by what they come in later (C4): ``sms`` (password and code), and the codes of
    identity providers, which each gateway's ``KOBAN_OPENID`` describes.
    """

    identity: Literal["phone", "name_and_birth_date"] = "phone"
    sign_in: tuple[Code, ...] = ("sms",)


class CardsSection(Struct, frozen=True, forbid_unknown_fields=True):
    """IC cards as keys to wallets. ``issuers``: whose cards are taken, the first the town's own.

    What a card that nobody has registered may pay at once and in a day (yen): whoever copies its
    number pays with it, so this is what a holder can lose before the card is blocked.
    """

    issuers: Annotated[list[Code], Meta(min_length=1)]
    act_max: SomeYen
    day_max: SomeYen


class KeepingSection(Struct, frozen=True, forbid_unknown_fields=True):
    """How many days what is over is kept: notices that were read, and circulars that were shown;
    proposals and shop requests that the operator has seen to; and who applied for a draw whose
    places can be used no more.
    """

    notices_days: Annotated[int, Meta(ge=1, le=3_660)] = 366
    voices_days: Annotated[int, Meta(ge=1, le=3_660)] = 366
    applicants_days: Annotated[int, Meta(ge=1, le=3_660)] = 366


class GroupSection(Struct, frozen=True, forbid_unknown_fields=True):
    """A group of shops."""

    code: Code
    name: Words


class SoundPair(Struct, frozen=True, forbid_unknown_fields=True):
    wallet: Sound
    terminal: Sound


class Profile(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole town. ``roles``: the ranks that people of shops may have here, and their words.

    Without ``sending`` nobody sends anybody anything; without ``cards`` there are none; without
    ``issuing`` no shop gives points of its own; without ``invoice`` statements are no invoices;
    without ``bank`` no bank file is made.
    """

    town: TownSection
    limits: LimitsSection
    payments: PaymentsSection
    reversals: ReversalsSection
    instruments: Annotated[list[Instrument], Meta(min_length=1)]
    roles: dict[Literal["clerk", "shop", "area", "headquarters", "operator"], Words]
    sounds: dict[str, SoundPair]
    ways: list[Way] = []
    grants: list[GrantRule] = []
    groups: list[GroupSection] = []
    sending: SendingSection | None = None
    people: PeopleSection = PeopleSection()
    cards: CardsSection | None = None
    campaigns: CampaignsSection = CampaignsSection()
    issuing: IssuingSection | None = None
    purposes: list[PurposeSection] = []
    expiry: ExpirySection = ExpirySection()
    settlement: SettlementSection = SettlementSection()
    law: LawSection | None = None
    invoice: InvoiceSection | None = None
    bank: BankSection | None = None
    keeping: KeepingSection = KeepingSection()

    def way(self, code: str) -> Way | None:
        """The way of topping up with this code, or None where the town has no such way."""
        return next((way for way in self.ways if way.code == code), None)
