"""What a provider and the gateway say to each other, and what every adapter can do."""

import datetime as dt
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal, Protocol
from uuid import UUID

from msgspec import Meta, Struct

from config.providers import ProviderSettings
from gateway.protocol.messages import Amount
from ledger.load_states import Word
from ledger.loads import Heard, LoadOrder, Source

LAST_MS = 253_402_300_799_999  # The end of the year 9999, where calendars end.

# What Postgres would not keep is no text; what a wallet opens is a web page and nothing else.
Text = Annotated[str, Meta(max_length=300, pattern=r"^[^\x00]*$")]
Page = Annotated[str, Meta(max_length=300, pattern=r"^(https?://[^\x00]*)?$")]


class OrderBody(Struct, frozen=True, forbid_unknown_fields=True):
    """``POST /orders``: what is ordered. ``amount`` is in the provider's own unit.

    ``direction``: "in", the user pays the provider; "out", the provider credits ``member``.
    """

    order: UUID
    town: str
    direction: Literal["in", "out"]
    amount: Amount
    callback: str
    expires_at: int
    member: str = ""


class OrderAnswer(Struct, frozen=True):
    """How far an order is: the provider's answer, and also the body of its callback.

    ``reference``: the provider's own id. ``url`` or ``number``: what the user is shown, a page to
    go to, or the number for the ATM or the store. ``amount``: what was paid, else what is ordered.
    ``paid_at``: milliseconds since the Unix epoch, from ``paid`` on.
    """

    order: UUID
    reference: Annotated[str, Meta(min_length=1, max_length=80, pattern=r"^[^\x00]*$")]
    state: Literal["accepted", "paid", "failed", "expired", "refunding", "refunded"]
    amount: Annotated[int, Meta(ge=0, le=10_000_000)]
    url: Page = ""
    number: Text = ""
    reason: Text = ""
    paid_at: Annotated[int, Meta(ge=0, le=LAST_MS)] | None = None


WORDS: dict[str, Word] = {
    "accepted": Word.ACCEPTED,
    "paid": Word.PAID,
    "failed": Word.FAILED,
    "expired": Word.EXPIRED,
    "refunded": Word.REFUNDED,
}


def heard(answer: OrderAnswer, order: LoadOrder, source: Source) -> Heard | None:
    """An answer as a word about our order; None where it says nothing (a refund under way)."""
    word = WORDS.get(answer.state)
    if word is None:
        return None
    if word is Word.PAID and answer.amount != order.their_amount:
        word = Word.MISPAID
    paid_at = None
    if answer.paid_at is not None and answer.state in {"paid", "refunded"}:
        paid_at = datetime.fromtimestamp(answer.paid_at / 1000, UTC)
    return Heard(
        word,
        source,
        reference=answer.reference,
        url=answer.url,
        number=answer.number,
        reason=answer.reason or (f"paid {answer.amount}" if word is Word.MISPAID else ""),
        paid_at=paid_at,
    )


class DayFileAbsent(Exception):
    """The provider's file of a day could not be had; the message says why."""


class Provider(Protocol):
    """One provider as the desk sees it; ``code`` is what the towns' ways call it.

    What it says comes back as a word, and nothing is raised. None: it was reached, and has no news.
    """

    code: str
    settings: ProviderSettings

    def verify(self, headers: Mapping[str, str], method: str, target: str, body: bytes) -> str:
        """The id of the key that a request of its own was signed with.

        Raises:
            SignatureRefused: it is not from there.
        """
        ...

    async def request(self, order: LoadOrder, member: str = "") -> Heard | None:
        """Tells it of an order; again, of the same order. ``member``: whom it credits."""
        ...

    async def ask(self, order: LoadOrder) -> Heard | None:
        """Asks how far an order is."""
        ...

    async def cancel(self, order: LoadOrder) -> Heard | None:
        """Has an order fail for good, also one that it has not heard of, unless it was paid."""
        ...

    async def refund(self, order: LoadOrder) -> Heard | None:
        """Has it give back what was paid."""
        ...

    async def day_file(self, date: dt.date) -> str:
        """Its file of a day.

        Raises:
            DayFileAbsent: it has none, or does not give it now.
        """
        ...

    async def close(self) -> None:
        """Closes the connections to it."""
        ...
