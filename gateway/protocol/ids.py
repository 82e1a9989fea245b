"""How a screen makes a command's id, the one it keeps until it knows the outcome."""

import secrets
import time
from uuid import UUID


def new_id() -> UUID:
    """A UUIDv7: 48 bits of milliseconds since the epoch, then 74 random bits."""
    value = time.time_ns() // 1_000_000 << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76  # Version.
    value = value & ~(0x3 << 62) | 0x2 << 62  # Variant.
    return UUID(int=value)
