"""Pictures: kept once, under the SHA-256 of their bytes, which is also their name."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from msgspec import Struct

from ledger.database import Executor, fetch_row, fetch_rows, load_queries

SQL = load_queries("circulars")


class Drawn(Struct, frozen=True):
    """A picture that is safe to show (`gateway.pictures`). ``media``: image/jpeg or image/png."""

    media: str
    width: int
    height: int
    content: bytes


async def save(connection: Executor, town: int, picture: Drawn, now: datetime) -> str:
    """Keeps a picture, once however often it comes; its digest in hexadecimal digits."""
    digest = sha256(picture.content).digest()
    await fetch_row(
        connection,
        SQL["save_picture"],
        town,
        digest,
        picture.media,
        picture.width,
        picture.height,
        picture.content,
        now,
    )
    return digest.hex()


async def picture(pool: Executor, town: int, digest: str) -> tuple[str, bytes] | None:
    """A picture's kind of media and its bytes; None where there is none."""
    row = await fetch_row(pool, SQL["picture"], town, bytes.fromhex(digest))
    return (row["media"], row["content"]) if row else None


async def sizes(pool: Executor, town: int, digests: Sequence[str]) -> dict[str, tuple[int, int]]:
    """How wide and high some pictures are, in pixels; those that there are."""
    keys = [bytes.fromhex(digest) for digest in digests]
    rows = await fetch_rows(pool, SQL["picture_sizes"], town, keys)
    return {row["picture"]: (row["width"], row["height"]) for row in rows}
