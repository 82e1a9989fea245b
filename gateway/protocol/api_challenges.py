"""Bodies about challenge projects (H8): a goal of the whole town, and how far it has come."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from gateway.protocol.api import Name
from gateway.protocol.api_campaigns import CampaignCode, LocalTime
from gateway.protocol.messages import Amount

Goal = Annotated[int, Meta(ge=1, le=1_000_000_000_000)]
Taking = Literal["payment", "issue", "top_up", "gift", "grant"]


class NewChallenge(Struct, frozen=True, forbid_unknown_fields=True):
    """From ``starts_at`` to before ``ends_at`` the town counts, by ``kind``: the yen that shops
    were paid and gave (``circulation``), the wallets that took part (``participants``), or how
    often ``activity`` was granted (``activity``). Everybody who took part until ``goal`` was
    reached then gets ``bonus`` yen, once, as a grant for ``bonus_activity``, out of its programme's
    budget.

    ``takes_part``: by what one takes part, where participants are counted; elsewhere the kind says.
    """

    code: CampaignCode
    name: Name
    kind: Literal["circulation", "participants", "activity"]
    goal: Goal
    starts_at: LocalTime
    ends_at: LocalTime
    bonus: Amount
    bonus_activity: str
    activity: str | None = None
    takes_part: Annotated[list[Taking], Meta(max_length=5)] = []


class ChallengeProject(Struct, frozen=True):
    """A challenge as far as it has come, some seconds ago. Instants in ms since 1970.

    ``state``: to_come, running, reached, missed or stopped. ``people`` took part so far; the bonus
    is ``bonus`` yen of ``instrument`` for each of them, and ``granted`` of them have it.
    """

    code: str
    name: str
    kind: str
    activity: str | None
    takes_part: list[str]
    goal: int
    progress: int
    people: int
    starts_at: int
    ends_at: int
    state: str
    reached_at: int | None
    bonus: int
    instrument: str
    granted: int


class ChallengeProjects(Struct, frozen=True):
    """Those to come and under way, and those that ended lately; the newest first."""

    challenges: list[ChallengeProject]


class ChallengeLine(Struct, frozen=True):
    """A challenge as the console shows it. ``reached_entry``: with which entry the goal was
    reached; ``budget_left``: what may still be granted (yen), None: no bound; ``refused``: how many
    bonuses were refused, by reason.
    """

    challenge: ChallengeProject
    bonus_activity: str
    reached_entry: int | None
    budget_left: int | None
    refused: dict[str, int]


class ChallengeLines(Struct, frozen=True):
    """The newest first."""

    challenges: list[ChallengeLine]


class AskedAgain(Struct, frozen=True):
    """So many bonuses that had been refused are asked for again."""

    bonuses: int


class OwnChallenge(Struct, frozen=True):
    """A challenge that the wallet took part in, and its bonus: waiting, granted or refused."""

    code: str
    bonus: str


class OwnChallenges(Struct, frozen=True):
    """The newest first."""

    challenges: list[OwnChallenge]
