"""The HTTP API's bodies about programmes, their budgets and activities, and activity codes."""

from typing import Annotated, Literal

from msgspec import Meta, Raw, Struct

from gateway.protocol.api_campaigns import LocalTime
from gateway.protocol.messages import Amount

Code = Annotated[
    str, Meta(pattern=r"^[a-z][a-z0-9_-]{0,30}$", description="A code of the town's own choice.")
]
Title = Annotated[str, Meta(min_length=1, max_length=60)]
# A department's budget of years, in yen.
Ceiling = Annotated[int, Meta(ge=0, le=1_000_000_000_000)]
PerPerson = Literal["once", "daily", "always"]


class NewProgramme(Struct, frozen=True, forbid_unknown_fields=True):
    """A programme that a department opens. ``instrument``: the code of the kind of value it gives;
    ``ceiling``: what it may give in all, in yen.
    """

    code: Code
    department: Title
    name: Title
    instrument: str
    ceiling: Ceiling


class Budget(Struct, frozen=True):
    """A programme's budget in yen: ``granted`` less what came back, ``reserved`` for lists that are
    under way, ``left`` to be promised.
    """

    ceiling: int
    granted: int
    reserved: int
    left: int


class Programme(Struct, frozen=True):
    """A programme. ``fund``: its account; ``systems``: the departments' systems that give for it,
    told where one programme is asked for.
    """

    code: str
    department: str
    name: str
    instrument: str
    fund: int
    budget: Budget
    systems: list[str]


class Programmes(Struct, frozen=True):
    """All of the town's, oldest first."""

    programmes: list[Programme]


class NewCeiling(Struct, frozen=True, forbid_unknown_fields=True):
    """What the programme may give in all from now on."""

    ceiling: Ceiling


class NewActivity(Struct, frozen=True, forbid_unknown_fields=True):
    """An event or activity. ``amount``: what taking part is worth; without it each grant says its
    own, up to ``amount_max``. ``per_person``: how often somebody gets it, by the town's days.
    """

    code: Code
    programme: str
    name: Title
    starts_at: LocalTime
    ends_at: LocalTime
    amount: Amount | None = None
    amount_max: Amount | None = None
    per_person: PerPerson = "once"


class ExtendActivity(Struct, frozen=True, forbid_unknown_fields=True):
    """When an activity ends from now on: an instant to come, after its start."""

    ends_at: LocalTime


class Activity(Struct, frozen=True):
    """An activity; ``open``: whether it grants now. Instants in milliseconds."""

    code: str
    programme: str
    name: str
    amount: int | None
    amount_max: int
    per_person: str
    starts_at: int
    ends_at: int
    open: bool


class Activities(Struct, frozen=True):
    """Activities, those that begin last first."""

    activities: list[Activity]


class EndActivity(Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing needs to be said: it ends now."""


class NewActivityCode(Struct, frozen=True, forbid_unknown_fields=True):
    """A code to show at the venue; it holds from now, or ``valid_from``, until ``valid_until``."""

    valid_until: LocalTime
    valid_from: LocalTime | None = None


class ActivityCode(Struct, frozen=True):
    """A code, whose digits are told once, when it is made. ``holds``: it grants at this instant."""

    number: int
    activity: str
    valid_from: int
    valid_until: int
    made_by: str
    holds: bool


class MadeActivityCode(Struct, frozen=True):
    """``digits`` in groups; ``qr``: what a QR of it carries, an address of the wallet."""

    code: ActivityCode
    digits: str
    qr: str


class ActivityCodes(Struct, frozen=True):
    """An activity's codes, newest first."""

    codes: list[ActivityCode]


class TakePart(Struct, frozen=True, forbid_unknown_fields=True):
    """The code that a venue shows: its digits, with or without what stands between, or its QR."""

    code: Annotated[str, Meta(min_length=1, max_length=200)]


class TookPart(Struct, frozen=True):
    """``receipt``: the grant, as in the history. Taking part again is answered in the same way."""

    receipt: Raw


class AskGrant(Struct, frozen=True, forbid_unknown_fields=True):
    """A department's system grants. ``id``: its own, which means this grant for ever; ``recipient``
    is a phone number, a wallet's number or an IC card's number; ``amount``: none where the activity
    has its own.
    """

    id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    recipient: Annotated[str, Meta(min_length=1, max_length=60)]
    activity: Code
    amount: Amount | None = None


class SystemGrant(Struct, frozen=True):
    """The one true standing of a grant. ``outcome``: done, the reason of a refusal, or None while
    it is in progress. ``wallet``: whose it is; ``amount``: what was granted, or asked for.
    """

    id: str
    activity: str
    wallet: int
    amount: int | None
    outcome: str | None
    entry: int | None
    at: int | None
