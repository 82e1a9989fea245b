"""The bodies of what is told about the service's running: planned stops, backups, verifications."""

from typing import Annotated

from msgspec import Meta, Struct

from gateway.protocol.messages import PlannedStop

LocalTime = Annotated[
    str,
    Meta(
        min_length=10,
        max_length=25,
        description="An instant by the town's own clocks, such as 2027-04-01T01:00.",
    ),
]
StopWords = Annotated[
    dict[str, Annotated[str, Meta(min_length=1, max_length=200)]],
    Meta(min_length=1, max_length=10, description="What is told, by language; ja is needed."),
]


class PlanStop(Struct, frozen=True, forbid_unknown_fields=True):
    """From when until when the service will not be there, and what people are told about it."""

    from_at: LocalTime
    until_at: LocalTime
    words: StopWords


class StopPlanned(Struct, frozen=True):
    """The stop that was planned or moved, by its number."""

    stop: int


class StopLine(Struct, frozen=True):
    """A stop. ``phase``: planned, soon, under_way, over. Instants in ms since 1970.

    ``ended_at``: it was called off, or was over before its time.
    """

    stop: int
    phase: str
    from_at: int
    until_at: int
    words: dict[str, str]
    planned_at: int
    planned_by: str
    ended_at: int | None


class Stops(Struct, frozen=True):
    """A town's stops, the latest first, also those that are over."""

    stops: list[StopLine]


class StopsAhead(Struct, frozen=True):
    """What is planned or under way, the next first: as sessions are told."""

    stops: list[PlannedStop]


class VerificationLine(Struct, frozen=True):
    """A time that the books were verified. ``problems``: how many things did not hold."""

    started_at: int
    finished_at: int
    entries: int
    problems: int
    first_problems: list[str]


class BackupLine(Struct, frozen=True):
    """A backup that was made and found whole. ``bytes``: its size without the log of changes."""

    label: str
    started_at: int
    finished_at: int
    bytes: int


class Upkeep(Struct, frozen=True):
    """The latest verifications and backups, newest first."""

    verifications: list[VerificationLine]
    backups: list[BackupLine]
