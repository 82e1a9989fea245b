"""Bodies about what a terminal does beside the till."""

from typing import Annotated

from msgspec import Meta, Struct

ActivityCode = Annotated[
    str,
    Meta(min_length=1, max_length=60, description="An activity's code, of any programme."),
]
TerminalGroup = Annotated[
    str, Meta(pattern=r"^[a-z][a-z0-9_]{0,30}$", max_length=31, description="A group of terminals.")
]


class Preset(Struct, frozen=True, forbid_unknown_fields=True):
    """``activity``: what the tablet grants for with each code it scans; null: nothing."""

    activity: ActivityCode | None


class TerminalGroups(Struct, frozen=True, forbid_unknown_fields=True):
    """The groups of terminals that a tablet belongs to. A group is there by being named."""

    groups: Annotated[list[TerminalGroup], Meta(max_length=20)]
