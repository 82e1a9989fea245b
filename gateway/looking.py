"""Looking again and again: what every watch of a gateway has in common."""

import asyncio
from collections.abc import Awaitable, Callable

from structlog.typing import FilteringBoundLogger

from ledger.errors import LedgerError


async def look_again(
    look: Callable[[], Awaitable[None]],
    every_s: float,
    log: FilteringBoundLogger,
    *,
    fault: str,
    away: str = "",
) -> None:
    """Looks every ``every_s`` seconds, until cancelled; one that failed keeps none from coming.

    ``fault`` is logged with what was wrong; ``away`` instead where the database could not be asked,
    which a look may also see to by itself.
    """
    while True:
        try:
            await look()
        except Exception as error:
            if away and isinstance(error, LedgerError):
                log.warning(away, error=str(error))
            else:
                log.exception(fault)
        await asyncio.sleep(every_s)
