"""The HTTP API's bodies about groups: of shops, and of citizens."""

from typing import Annotated

from msgspec import Meta, Struct

from gateway.protocol.api import Name


class ShopGroups(Struct, frozen=True, forbid_unknown_fields=True):
    """The groups of shops, by the codes of the town's profile, that one shop belongs to."""

    groups: Annotated[list[str], Meta(max_length=100)]


class NewCitizensGroup(Struct, frozen=True, forbid_unknown_fields=True):
    """A citizens' group or NPO that people may give value to."""

    name: Name


class CitizensGroup(Struct, frozen=True):
    """``group`` is its account; ``given`` the yen that it was given in all, in ``gifts`` gifts."""

    group: int
    name: str
    given: int
    gifts: int


class CitizensGroups(Struct, frozen=True):
    """All of the town's; what was given is public, by whom is not."""

    groups: list[CitizensGroup]
