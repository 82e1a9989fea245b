"""Bodies about voices: what operators write to many, and what people and shops write to them."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from msgspec import Meta, Struct

from gateway.protocol.api_campaigns import LocalTime

AccountNumber = Annotated[int, Meta(ge=1, le=9_007_199_254_740_991)]
PictureName = Annotated[
    str, Meta(pattern=r"^[0-9a-f]{64}$", description="The SHA-256 of the picture's bytes.")
]
Titles = Annotated[
    dict[str, Annotated[str, Meta(min_length=1, max_length=100)]], Meta(min_length=1)
]
Texts = Annotated[
    dict[str, Annotated[str, Meta(min_length=1, max_length=4_000)]], Meta(min_length=1)
]
Alts = Annotated[dict[str, Annotated[str, Meta(min_length=1, max_length=200)]], Meta(min_length=1)]
Code = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,30}$", max_length=31)]
Written = Annotated[str, Meta(min_length=1, max_length=2_000)]
Line = Annotated[str, Meta(min_length=1, max_length=200)]

# -- circulars -------------------------------------------------------------------------------------


class ShownPicture(Struct, frozen=True, forbid_unknown_fields=True):
    """A picture that was sent before. ``alt``: what is to be seen on it, by language, for those who
    cannot see it.
    """

    picture: PictureName
    alt: Alts


class NewCircular(Struct, frozen=True, forbid_unknown_fields=True):
    """A notice to all ``wallets`` or ``shops``, or to some of them: wallets that hold a kind of
    value (``instrument``), shops of ``groups``, or ``accounts`` alone; one of these at most.

    ``title`` and ``text`` by language, always in the town's first; who reads another one that is
    missing gets the first of the town's languages that is there. Shown from ``shown_from`` (without
    it: at once) to before ``shown_until`` (without it: as long as the town keeps notices).
    """

    audience: Literal["wallets", "shops"]
    title: Titles
    text: Texts
    pictures: Annotated[list[ShownPicture], Meta(max_length=4)] = []
    instrument: Code | None = None
    groups: Annotated[list[Code], Meta(min_length=1, max_length=50)] | None = None
    accounts: Annotated[list[AccountNumber], Meta(min_length=1, max_length=1_000)] | None = None
    shown_from: LocalTime | None = None
    shown_until: LocalTime | None = None


class CircularLine(Struct, frozen=True):
    """A circular. Instants in ms since 1970. ``recipients``: how many it was for when it was
    published, once they are counted; ``readers``: how many have read it.
    """

    circular: int
    audience: str
    title: dict[str, str]
    text: dict[str, str]
    pictures: list[ShownPicture]
    instrument: str | None
    groups: list[str] | None
    accounts: list[int] | None
    shown_from: int
    shown_until: int
    made_by: str
    made_at: int
    state: Literal["waiting", "shown", "over", "withdrawn"]
    published_at: int | None
    recipients: int | None
    readers: int


class CircularLines(Struct, frozen=True):
    """The newest first; ``next``: the ``before`` of the next page."""

    circulars: list[CircularLine]
    next: int | None


class PictureKept(Struct, frozen=True):
    """A picture as it is kept: drawn anew, with nothing but its dots. ``picture`` is its name."""

    picture: str
    media: str
    width: int
    height: int
    bytes: int


# -- proposals -------------------------------------------------------------------------------------


class NewProposal(Struct, frozen=True, forbid_unknown_fields=True):
    """A proposal, or a report of something. ``id`` is made by the screen: sent again, it is the
    same. ``place``: where it is about, in words.
    """

    LINES: ClassVar[tuple[str, ...]] = ("text",)

    id: UUID
    kind: Literal["proposal", "report"]
    text: Written
    place: Line | None = None


class OwnProposal(Struct, frozen=True):
    """What this wallet or shop has sent, with the operator's answer where there is one."""

    proposal: int
    id: UUID
    kind: str
    text: str
    place: str | None
    pictured: bool
    at: int
    closed_at: int | None
    answer: str | None


class OwnProposals(Struct, frozen=True):
    """The newest first; ``next``: the ``before`` of the next page."""

    proposals: list[OwnProposal]
    next: int | None


class ProposalLine(Struct, frozen=True):
    """What was sent, as the operator reads it. ``sender``: a wallet or a shop by its account."""

    proposal: int
    sender: Literal["wallet", "shop"]
    account: int
    kind: str
    text: str
    place: str | None
    pictured: bool
    at: int
    closed_at: int | None
    closed_by: str | None
    answer: str | None


class ProposalLines(Struct, frozen=True):
    """The newest first; ``next``: the ``before`` of the next page."""

    proposals: list[ProposalLine]
    next: int | None


class AnswerVoice(Struct, frozen=True, forbid_unknown_fields=True):
    """The operator's answer, which comes as a notice."""

    LINES: ClassVar[tuple[str, ...]] = ("text",)

    text: Written


# -- shop requests ---------------------------------------------------------------------------------


class AskForShop(Struct, frozen=True, forbid_unknown_fields=True):
    """A shop that is not in yet; ``place``: its address, or the street or quarter."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    place: Line


class ShopRequestLine(Struct, frozen=True):
    """A shop that people ask for; ``askers``: how many they are."""

    request: int
    name: str
    place: str
    askers: int
    at: int
    closed_at: int | None
    closed_by: str | None
    answer: str | None


class ShopRequestLines(Struct, frozen=True):
    """At the console first those that most ask for; in a wallet its own, the newest first."""

    requests: list[ShopRequestLine]


class MergeRequests(Struct, frozen=True, forbid_unknown_fields=True):
    """The request that this one is the same as."""

    into: AccountNumber


# -- surveys ---------------------------------------------------------------------------------------


class SurveyPaper(Struct, frozen=True):
    """One set of answers, by the question's code. ``account`` and ``at`` (ms since 1970) are
    missing where the survey is answered without a name.
    """

    account: int | None
    at: int | None
    answers: dict[str, str | int | list[str]]


class SurveyPapers(Struct, frozen=True):
    """Answers in the order of accounts, or without names in one that says nothing. ``next``: the
    ``after`` of the next page.
    """

    papers: list[SurveyPaper]
    next: str | None
