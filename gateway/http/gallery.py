"""Pictures that one process keeps at hand, because a whole town looks at the same ones at once."""

from collections import OrderedDict

from ledger.database import Pool
from ledger.voices import pictures

BYTES_MAX = 33_554_432  # Some fifty pictures; the one that was looked at least lately goes first.


class Gallery:
    """The pictures that were asked for lately. One under its name is for ever the same."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, str], tuple[str, bytes]] = OrderedDict()
        self._bytes = 0

    async def picture(self, pool: Pool, town: int, name: str) -> tuple[str, bytes] | None:
        """A picture's kind of media and its bytes; None where there is none."""
        key = town, name
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
            return found
        found = await pictures.picture(pool, town, name)
        if found is not None and key not in self._kept:
            self._kept[key] = found
            self._bytes += len(found[1])
            while self._bytes > BYTES_MAX:
                _, (_, gone) = self._kept.popitem(last=False)
                self._bytes -= len(gone)
        return found
