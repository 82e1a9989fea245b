"""Ids that sort by the time they were made."""

import secrets
import time
from uuid import UUID


def uuid7(now_ms: int | None = None) -> UUID:
    """A UUIDv7 (RFC 9562): 48 bits of milliseconds since the epoch, then random bits."""
    if now_ms is None:
        now_ms = time.time_ns() // 1_000_000
    random = secrets.randbits(74)
    return UUID(
        int=(now_ms & (1 << 48) - 1) << 80
        | 7 << 76
        | (random >> 62) << 64
        | 0b10 << 62
        | random & (1 << 62) - 1
    )
