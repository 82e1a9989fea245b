"""A point on the map, as people type it at a command line."""

import re
from argparse import ArgumentTypeError

from ledger.shops.listings import Place

_PLACE = re.compile(r"(-?[0-9]{1,2}(?:\.[0-9]+)?), *(-?[0-9]{1,3}(?:\.[0-9]+)?)")


def place_of(text: str) -> Place:
    """A point from "latitude,longitude", in degrees.

    Raises:
        ArgumentTypeError: it is none.
    """
    found = _PLACE.fullmatch(text)
    if found is None or abs(float(found[1])) > 90 or abs(float(found[2])) > 180:
        raise ArgumentTypeError(f"found {text!r}; allowed is such as 34.8144,135.6507")
    return Place(float(found[1]), float(found[2]))
