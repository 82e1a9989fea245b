"""What every measurement needs: the servers, the town on them, and how much to do."""

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from ledger.database import Pool
from scripts.benchmark.sizes import Sizes
from scripts.benchmark.town import Town
from scripts.embedded import Servers


class BenchFault(Exception):
    """Something that was to be measured did not work; the message shows what it said."""


class Bench(Struct, frozen=True):
    """One run of the bench."""

    servers: Servers
    pool: Pool
    town: Town
    sizes: Sizes
    secret: str  # The gateways' KOBAN_SECRET.
    folder: Path
    progress: Callable[[str], None]
