"""Dice of campaigns (H3), thrown again: whoever has the seed and the ids can see every face.

Before a campaign begins, SHA-256 of its seed is public, so nobody changes the seed afterwards; the
payments' ids are made by payers' and shops' screens, which do not know it, so nobody chooses a
face.
`face` is the same rule as ``koban.face``, which decided.
"""

import hashlib
from collections.abc import Iterable, Sequence
from uuid import UUID

from msgspec import Struct

from ledger.database import Executor, fetch_rows, load_queries

SQL = load_queries("dice")


class Throw(Struct, frozen=True):
    """What the dice showed for a payment, a top-up or points of a shop, by its id."""

    entry: int
    id: UUID
    face: int


def commitment(seed: bytes) -> bytes:
    """What is public of a seed from the beginning."""
    return hashlib.sha256(seed).digest()


def face(seed: bytes, id: UUID, weights: Sequence[int]) -> int:  # noqa: A002
    """The face for an id, counted from 1.

    The first eight bytes of SHA-256 over the seed and the id's sixteen bytes are a big-endian
    number; it is taken modulo the sum of the weights and counted through them in their order.
    """
    left = int.from_bytes(hashlib.sha256(seed + id.bytes).digest()[:8], "big") % sum(weights)
    for place, weight in enumerate(weights, 1):
        left -= weight
        if left < 0:
            return place
    raise ValueError("weights are positive, and there is at least one")


def wrong_throws(seed: bytes, weights: Sequence[int], throws: Iterable[Throw]) -> list[str]:
    """A line for each throw that is not what the seed says; none: all are right."""
    return [
        f"entry {throw.entry}, {throw.id}: face {throw.face} was granted; the seed says {due}"
        for throw in throws
        if throw.face != (due := face(seed, throw.id, weights))
    ]


async def throws(pool: Executor, town: int, campaign: int, after: int, limit: int) -> list[Throw]:
    """Throws of a campaign behind an entry, in the order of entries."""
    rows = await fetch_rows(pool, SQL["throws"], town, campaign, after, limit)
    return [Throw(*row) for row in rows]
