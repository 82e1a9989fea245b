"""Bodies about what everybody may know of the town's money: figures, events, campaigns."""

from msgspec import Struct


class CirculatingValue(Struct, frozen=True):
    """What all wallets have of a kind of value (yen), and how many people have some. Null:
    withheld, because it would tell of a few people.
    """

    instrument: str
    amount: int | None
    people: int | None


class FigureOfChallenge(Struct, frozen=True):
    """How far the town has come; null: withheld. ``state``: to_come | running | reached | missed |
    stopped.
    """

    code: str
    name: str
    kind: str  # circulation | participants | activity
    goal: int
    progress: int | None
    people: int | None
    state: str
    ends_at: int


class FigureOfGroup(Struct, frozen=True):
    """What a citizens' group was given, in yen and gifts; public as it is, for the group's sake."""

    group: int
    name: str
    given: int
    gifts: int


class FigureOfCampaign(Struct, frozen=True):
    """A campaign that runs or is to come."""

    code: str
    name: str
    state: str  # to_come | running
    starts_at: int
    ends_at: int


class EventInfo(Struct, frozen=True):
    """An event or activity that is on or to come. No ``amount``: up to ``amount_max`` yen."""

    code: str
    name: str
    department: str
    programme: str
    instrument: str
    amount: int | None
    amount_max: int
    starts_at: int
    ends_at: int


class EventsOfTown(Struct, frozen=True):
    """Those that end first come first, two hundred at most."""

    events: list[EventInfo]


class TownFigures(Struct, frozen=True):
    """The town's figures at the instant ``at``, at most a minute ago. ``amount`` yen in all lie in
    the wallets of ``people``; null: withheld.
    """

    at: int
    amount: int | None
    people: int | None
    wallets: int
    shops: int
    circulation: list[CirculatingValue]
    challenges: list[FigureOfChallenge]
    groups: list[FigureOfGroup]
    events: list[EventInfo]
    campaigns: list[FigureOfCampaign]
