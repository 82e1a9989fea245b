"""The desk for load orders: it takes each order to its end, whatever its provider does.

What is to be done next follows from the order's state alone, so anybody may go on with any order at
any moment: the door that opened it, a callback's wake, or the look-round that each gateway takes,
which finds what nobody went on with (a gateway was killed, an answer was lost, a callback never
came). Two who go on with the same order do the same idempotent things.

    in    requested → tell the provider · unknown, accepted → ask it · paid → give the value
          refunding → have it give the money back
    out   requested → take the value · taken → tell the provider · unknown, accepted → ask it
          returning → give the value back; told no: have that cancelled for good first
          past its time, taken or unknown → have the provider cancel; only its no brings value back
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from gateway.providers.interface import OrderAnswer, Provider, heard
from gateway.providers.machines import CashMachines
from gateway.providers.teller import Teller
from ledger import loads, members
from ledger.database import Pool
from ledger.errors import LedgerError
from ledger.load_states import SETTLED, Direction, Patience, State, Word
from ledger.loads import Heard, LoadOrder, NewOrder, Source
from ledger.vault import Vault

LOOK_S = 1.0
LOOKS_MAX = 20  # So many orders that were due are gone on with at once.
# Longer than the longest act: so many attempts of a slow provider, or the counter's own patience.
LEASE_S = 60.0
ACTS_MAX = 6  # In one go: requested, accepted, paid, arrived, and some to spare.

# Where we ourselves owe the next step; anywhere else somebody else does, or nobody.
OWED = frozenset({State.REQUESTED, State.PAID, State.REFUNDING, State.TAKEN, State.RETURNING})

log = structlog.get_logger("gateway.providers")


class Desk:
    """One town's desk on this gateway."""

    def __init__(
        self,
        town: int,
        pool: Pool,
        providers: Mapping[str, Provider],
        teller: Teller,
        vault: Vault,
        *,
        now: Callable[[], datetime],
        patience: Patience | None = None,
        look_s: float = LOOK_S,
    ) -> None:
        self.providers = providers
        self._town = town
        self._pool = pool
        self._teller = teller
        self._vault = vault
        self._now = now
        self._patience = patience or Patience()
        self._look_s = look_s
        self._rounds: asyncio.Task[None] | None = None
        self._errands: set[asyncio.Task[None]] = set()
        self._looks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begins to look round for orders that hang."""
        self._rounds = asyncio.create_task(self._look_again_and_again(), name="loads")

    async def stop(self) -> None:
        """Ends; what is left half-way is gone on with by whichever gateway looks round next."""
        tasks = [*self._errands, *self._looks, *([self._rounds] if self._rounds else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for provider in self.providers.values():
            await provider.close()

    async def idle(self) -> None:
        """Returns when every errand that was begun here is done."""
        while under_way := self._errands | self._looks:
            await asyncio.gather(*under_way, return_exceptions=True)

    # -- what comes in -----------------------------------------------------------------------------

    async def open(self, new: NewOrder) -> LoadOrder | None:
        """Opens an order and goes on with it as far as it goes now.

        None where the id, or the one-time code, belongs to another order.

        Raises:
            LedgerError: it may or may not be open; the same again is safe.
        """
        order = await loads.open_order(
            self._pool, self._vault, self._town, new, self._now(), self._patience
        )
        if order is None or order.state is not State.REQUESTED:
            return order
        return await self.go_on(order)

    async def called_back(self, provider: Provider, answer: OrderAnswer) -> LoadOrder | None:
        """A provider's own word, its signature checked. None where it has no such order.

        Money coming in is heard at once. What would give value back, or does not fit the order, is
        only a reason to ask: a word that can be repeated on demand is better than one that cannot.

        Raises:
            LedgerError: nothing was heard; the provider will say it again.
        """
        order = await loads.order(self._pool, self._town, answer.order)
        if order is None or order.provider != provider.code:
            return None
        word = heard(answer, order, Source.CALLBACK)
        if word is None:
            return order
        if order.direction is Direction.OUT or word.word is Word.MISPAID:
            self._begin(self.go_on(order))
            return order
        return await self.hear(order, word)

    async def hear(self, order: LoadOrder, word: Heard) -> LoadOrder:
        """Takes a word and goes on behind the caller's back where something is owed.

        Raises:
            LedgerError: nothing was heard.
        """
        after = await self._hear(order.id, word) or order
        if after.state in OWED:
            self._begin(self.go_on(after))
        return after

    async def hear_out(self, order: LoadOrder, word: Heard) -> LoadOrder:
        """The same for somebody who waits for what comes of it.

        Raises:
            LedgerError: it may or may not have been heard; the same again is safe.
        """
        after = await self._hear(order.id, word) or order
        return await self.go_on(after) if after.state in OWED else after

    # -- going on ----------------------------------------------------------------------------------

    async def go_on(self, order: LoadOrder) -> LoadOrder:
        """Does what is to be done next, until the next step is somebody else's.

        Raises:
            LedgerError: the order stays where it is and is gone on with later.
        """
        for _ in range(ACTS_MAX):
            word = await self._act(order)
            before = order
            if word is not None:
                order = await self._hear(order.id, word) or order
            if order.state is before.state or order.state not in OWED:
                break
        await self._plan(order)
        return order

    async def _act(self, order: LoadOrder) -> Heard | None:
        if order.state in SETTLED:
            return await self._ask(order)
        match order.direction, order.state:
            case Direction.IN, State.PAID:
                return await self._teller.give(order)
            case Direction.OUT, State.REQUESTED:
                return await self._teller.take(order)
            case Direction.OUT, State.RETURNING:
                return await self._teller.give_back(order)
        provider = self.providers.get(order.provider)
        if provider is None:
            log.warning("provider.not_set_up", provider=order.provider, order=str(order.id))
            return None
        return await self._speak(provider, order, late=self._now() >= order.expires_at)

    async def _speak(self, provider: Provider, order: LoadOrder, *, late: bool) -> Heard | None:
        match order.direction, order.state:
            case Direction.IN, State.REFUNDING:
                return await provider.refund(order)
            case Direction.IN, State.REQUESTED if late:
                return Heard(Word.EXPIRED, Source.CLOCK)
            case Direction.IN, State.ACCEPTED if late and isinstance(provider, CashMachines):
                return Heard(Word.EXPIRED, Source.CLOCK)
            case Direction.OUT, (State.TAKEN | State.UNKNOWN) if late:
                return await provider.cancel(order)
            case Direction.OUT, State.TAKEN:
                return await self._tell(provider, order)
            case Direction.IN, State.REQUESTED:
                return await provider.request(order)
        return await provider.ask(order)

    async def _tell(self, provider: Provider, order: LoadOrder) -> Heard | None:
        """Tells of value that has left. A no is made one for good before the value comes back: an
        earlier telling may still be on its way there. Of somebody who was erased nothing is told.
        """
        member = await members.member(self._pool, self._vault, self._town, order.id)
        if not member:
            return await provider.cancel(order)
        word = await provider.request(order, member)
        if word is None or word.word is not Word.FAILED:
            return word
        cancelled = await provider.cancel(order)
        if cancelled is not None and cancelled.word is Word.FAILED:
            return word
        return cancelled

    async def _ask(self, order: LoadOrder) -> Heard | None:
        """A settled order is asked about only when a person wants to know again."""
        provider = self.providers.get(order.provider)
        return await provider.ask(order) if provider is not None else None

    async def _hear(self, id: UUID, word: Heard) -> LoadOrder | None:  # noqa: A002
        result = await loads.hear(self._pool, self._town, id, word, self._now(), self._patience)
        if result is None:
            return None
        order, made = result
        if made.contradicts:
            log.warning(
                "load.contradiction",
                order=str(id),
                state=order.state,
                word=word.word,
                source=word.source,
            )
        elif made.moved:
            log.info("load.moved", order=str(id), state=order.state, source=word.source)
        return order

    async def _plan(self, order: LoadOrder) -> None:
        """When an order is looked at again, should nothing be heard until then."""
        look_in = self._patience.look_in(order.state, order.looks)
        until = None if look_in is None else self._now() + look_in
        await loads.put_off(self._pool, self._town, order, until)

    # -- looking round -----------------------------------------------------------------------------

    async def look(self) -> int:
        """Begins to go on with the orders that are due, each on one gateway only and by itself: who
        waits for a slow provider holds up nobody else. How many there were.

        Raises:
            LedgerError: it cannot be known.
        """
        room = LOOKS_MAX - len(self._looks)
        due = await loads.claim(self._pool, self._town, self._now(), room, LEASE_S)
        for order in due:
            task = asyncio.create_task(self._go_on_safely(order), name="load-look")
            self._looks.add(task)
            task.add_done_callback(self._looks.discard)
        return len(due)

    async def _look_again_and_again(self) -> None:
        while True:
            try:
                await self.look()
            except LedgerError as error:
                log.warning("loads_not_looked_at", error=str(error))
            except Exception:
                log.exception("loads_fault")
            if len(self._looks) < LOOKS_MAX:
                await asyncio.sleep(self._look_s)  # No more are due.
            else:
                await asyncio.wait(self._looks, return_when=asyncio.FIRST_COMPLETED)

    async def _go_on_safely(self, order: LoadOrder) -> None:
        """One broken order must not keep the others from their ends; it is due again later."""
        try:
            await self.go_on(order)
        except LedgerError as error:
            log.warning("load_not_gone_on_with", order=str(order.id), error=str(error))
        except Exception:
            log.exception("load_fault", order=str(order.id))

    def _begin(self, errand: Coroutine[Any, Any, LoadOrder]) -> None:
        async def run() -> None:
            try:
                await errand
            except LedgerError as error:
                log.warning("load_not_gone_on_with", error=str(error))
            except Exception:
                log.exception("load_fault")

        task = asyncio.create_task(run(), name="load")
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)
