"""Whose payer code a string of digits is: the longest prefix that is known decides.

Towns, acquirers and other issuers show 16 to 20 digits, as QR and as Code 128, that begin with an
issuer's prefix. Prefixes have different lengths, so `82` may be one issuer's and `8201` a town's.
"""

import re
from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from gateway.qr.fields import broken
from gateway.qr.refusal import QrRefused, Reason

_CODE = re.compile(r"[0-9]{16,20}", re.ASCII)
_PREFIX = re.compile(r"[0-9]{1,15}", re.ASCII)


class Owner(StrEnum):
    """What kind of party a prefix belongs to."""

    TOWN = "town"
    ACQUIRER = "acquirer"
    ISSUER = "issuer"


class Route(Struct, frozen=True):
    """A prefix and whose it is. ``name``: a town's code, or what the party is called."""

    prefix: str
    owner: Owner
    name: str


class Prefixes:
    """All prefixes that are known.

    Raises:
        ValueError: a prefix is not 1 to 15 digits, or two routes have the same.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes: dict[str, Route] = {}
        for route in routes:
            if not _PREFIX.fullmatch(route.prefix):
                raise ValueError(f"{route.prefix!r} is no prefix; it has to be 1 to 15 digits")
            other = self._routes.setdefault(route.prefix, route)
            if other is not route:
                raise ValueError(f"{other.name} and {route.name} both have prefix {route.prefix}")
        self._lengths = sorted({len(prefix) for prefix in self._routes}, reverse=True)

    def route(self, digits: str) -> Route:
        """Whose code this is.

        Raises:
            QrRefused: broken, where it is not 16 to 20 digits; foreign, where nobody is known.
        """
        if not _CODE.fullmatch(digits):
            raise broken("A payer's code is 16 to 20 digits.")
        for length in self._lengths:
            if found := self._routes.get(digits[:length]):
                return found
        raise QrRefused(Reason.FOREIGN, "Nobody known here issues payer's codes that begin so.")
