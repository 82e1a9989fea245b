"""Cash machines (専用チャージ機): providers that call us, and that nobody can call.

A machine announces a deposit with the one-time code that the wallet shows, takes the cash, confirms
or cancels, and gives the cash back when it is told that the value was refused. So there is nothing
to ask; an announced deposit of which nothing more is heard ends by the clock, and a machine that
was cut off and confirms late is still heard.
"""

import datetime as dt
from collections.abc import Mapping

from config.providers import ProviderSettings
from gateway.providers.interface import DayFileAbsent
from ledger.load_states import Word
from ledger.loads import Heard, LoadOrder, Source


class CashMachines:
    """All machines of one maker; each signs with its own key."""

    def __init__(self, code: str, settings: ProviderSettings) -> None:
        self._code = code
        self._settings = settings

    @property
    def code(self) -> str:
        """The code by which the towns' ways name it."""
        return self._code

    @property
    def order_ttl_s(self) -> int:
        """How long an announced deposit waits for its cash."""
        return self._settings.order_ttl_s

    @property
    def keys(self) -> Mapping[str, str]:
        """Each machine's secret, by its key's id."""
        return self._settings.keys

    async def request(self, order: LoadOrder) -> Heard | None:  # noqa: ARG002
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
        raise DayFileAbsent(f"{self._code} gives no file; bring the one of {date.isoformat()}")

    async def close(self) -> None:
        """There is nothing to close."""
