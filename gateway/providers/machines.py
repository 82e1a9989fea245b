"""Cash machines (専用チャージ機): providers that call us, and that nobody can call.

A machine announces a deposit with the one-time code that the wallet shows, takes the cash, confirms
or cancels, and gives the cash back when it is told that the value was refused. So there is nothing
to ask; an announced deposit of which nothing more is heard ends by the clock, and a machine that
was cut off and confirms late is still heard.
"""

import datetime as dt
import time
from collections.abc import Callable

from config.providers import ProviderSettings
from gateway.providers.interface import DayFileAbsent
from gateway.providers.signatures import Party
from ledger.load_states import Word
from ledger.loads import Heard, LoadOrder, Source


class CashMachines(Party):
    """All machines of one maker; each signs with its own key."""

    def __init__(
        self, code: str, settings: ProviderSettings, clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(code, settings, clock)

    async def request(self, order: LoadOrder, member: str = "") -> Heard | None:  # noqa: ARG002
        """The machine itself announced it."""
        return Heard(Word.ACCEPTED, Source.MACHINE)

    async def ask(self, order: LoadOrder) -> Heard | None:  # noqa: ARG002
        """A machine cannot be asked."""
        return None

    async def cancel(self, order: LoadOrder) -> Heard | None:  # noqa: ARG002
        """A machine cannot be told."""
        return None

    async def refund(self, order: LoadOrder) -> Heard | None:  # noqa: ARG002
        """The machine gives the cash back by what it was answered, and says so."""
        return None

    async def day_file(self, date: dt.date) -> str:
        """A machine's file is brought by hand.

        Raises:
            DayFileAbsent: always.
        """
        raise DayFileAbsent(f"{self.code} gives no file; bring the one of {date.isoformat()}")

    async def close(self) -> None:
        """There is nothing to close."""
