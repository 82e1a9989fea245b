"""A town at work, and its books kept from outside: what was asked, answered and shown, to whom.

`Load` plays wallets and tablets against gateways while a test does something terrible to them.
`reckon` is what must hold afterwards, whatever was done.
"""

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Self
from uuid import UUID

import msgspec
from msgspec import Raw, Struct

from gateway.protocol.ids import new_id
from gateway.protocol.messages import (
    Charge,
    Event,
    Pay,
    Purpose,
    Receipt,
    Result,
    Reverse,
    ShowCode,
    ShownCode,
    Stage,
    State,
    StatusAnswer,
)
from ledger.outbox import position, unshown
from terminal.client import Command, Reply, receipt_of
from terminal.errors import Unanswered
from terminal.faults import FaultyClient
from tests.support.gateways import GatewayProcess
from tests.support.house import House
from tests.support.ledger import problems
from tests.support.people import PIN, People, Screen, now

SETTLED_WITHIN_S = 60.0
SHOWN_WITHIN_S = 30.0
STATUSES_AT_ONCE = 20
IMPATIENCE_S = 1.0  # A person who asks waits so long for an answer, then asks what became of it.

MakeClient = Callable[[Screen, GatewayProcess | House], FaultyClient]


class Asked(Struct):
    """A command for money, and what its screen knows of it."""

    client: FaultyClient
    command: Command
    wallet: int
    shop: int
    reply: Reply | None = None


class Watcher(Struct):
    """A screen that somebody looks at: it shows every event it is handed, and says so."""

    screen: Screen
    client: FaultyClient
    begin: int = 0  # The feed's position when it was opened.
    events: list[Event] = []
    task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connects, and looks at what comes."""
        self.begin = (await self.client.open()).seq
        self.task = asyncio.create_task(self._look())

    async def _look(self) -> None:
        async for event in self.client.events():
            self.events.append(event)
            await self.client.ack(event.seq, Stage.SHOWN)

    async def close(self) -> None:
        """Switches the screen off."""
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)
        await self.client.close()

    @property
    def shown(self) -> list[UUID]:
        """The receipts it has shown, in order."""
        return [msgspec.json.decode(event.body, type=Receipt).id for event in self.events]


class Load:
    """Wallets that pay at shops, at a bounded rate, for as long as a test wants.

    Two of three payments are sent by the wallet, the third is taken by the tablet from the wallet's
    code; some are cancelled again. Every other wallet's holder is of the asking kind: without an
    answer they ask what became of it, and send it again only when nobody knows it. The others leave
    it to their screen, which sends it again by itself.

    Args:
        gateways: screens are spread over them in turn.
        charges: False where all payments are the wallets', so that nobody waits for a tablet.
        dice: decides who pays where.
        lossy: makes the screens' clients, where frames may get lost: then everybody asks.
    """

    def __init__(
        self,
        people: People,
        gateways: Sequence[GatewayProcess | House],
        *,
        wallets: int = 30,
        shops: int = 5,
        per_s: float = 60.0,
        charges: bool = True,
        dice: random.Random | None = None,
        lossy: MakeClient | None = None,
    ) -> None:
        self.asked: dict[UUID, Asked] = {}
        self.answered = 0
        self.wallets: list[Watcher] = []
        self.tablets: list[Watcher] = []
        self._people = people
        self._gateways = gateways
        self._sizes = (wallets, shops)
        self._pause_s = wallets / per_s
        self._charges = charges
        self._lossy = lossy
        self._dice = dice or random.Random(7)
        self._amounts = itertools.count(101)
        self._working = True
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def watchers(self) -> list[Watcher]:
        """Every screen of the town."""
        return self.wallets + self.tablets

    async def __aenter__(self) -> Self:
        wallets, shops = self._sizes
        for number in range(shops):
            self.tablets.append(self._watcher(await self._people.tablet(), number))
        for number in range(wallets):
            self.wallets.append(self._watcher(await self._people.wallet(), number))
        await asyncio.gather(*(watcher.open() for watcher in self.watchers))
        self._tasks = [
            asyncio.create_task(self._live(wallet, asks=number % 2 == 0 or self._lossy is not None))
            for number, wallet in enumerate(self.wallets)
        ]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(watcher.close() for watcher in self.watchers))

    def _watcher(self, screen: Screen, number: int) -> Watcher:
        gateway = self._gateways[number % len(self._gateways)]
        client = screen.client(gateway) if self._lossy is None else self._lossy(screen, gateway)
        return Watcher(screen, client)

    # -- what goes on ------------------------------------------------------------------------------

    async def paid(self, more: int, timeout_s: float = 40.0) -> None:
        """Waits until so many more commands have their answer."""
        goal = self.answered + more
        await self._until(lambda: self.answered >= goal, timeout_s, f"{more} more answers")

    async def _until(self, so: Callable[[], bool], timeout_s: float, what: str) -> None:
        try:
            async with asyncio.timeout(timeout_s):
                while not so():
                    self.check_alive()
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"not in {timeout_s} s: {what}") from None

    def check_alive(self) -> None:
        """Raises what a wallet's life ended with, if one ended."""
        for task in self._tasks:
            if task.done() and not task.cancelled() and (fault := task.exception()) is not None:
                raise fault

    def hasten(self, per_s: float) -> None:
        """From now on so many payments a second are begun."""
        self._pause_s = len(self.wallets) / per_s

    def move(self, gateway: GatewayProcess | House) -> None:
        """The balancer sends everybody who comes back to this gateway."""
        for watcher in self.watchers:
            watcher.client.send_to(gateway.url)

    async def finish(self) -> None:
        """Nobody begins anything new; returns when everybody knows their outcome."""
        self._working = False
        done = asyncio.gather(*self._tasks)
        try:
            async with asyncio.timeout(SETTLED_WITHIN_S):
                await done
        except TimeoutError:
            open_ = [str(id_) for id_, asked in self.asked.items() if asked.reply is None]
            raise AssertionError(f"no outcome in {SETTLED_WITHIN_S} s: {open_}") from None

    async def _live(self, wallet: Watcher, *, asks: bool) -> None:
        await asyncio.sleep(self._dice.uniform(0, self._pause_s))
        while self._working:
            amount, tablet = next(self._amounts), self._dice.choice(self.tablets)
            if amount % 3 or not self._charges:
                pay = Pay(new_id(), tablet.screen.account, amount, PIN)
                await self._settle(wallet.client, pay, wallet, tablet, asks=asks)
            else:
                await self._charge(wallet, tablet, amount, asks=asks)
            await asyncio.sleep(self._pause_s * self._dice.uniform(0.5, 1.5))

    async def _charge(self, wallet: Watcher, tablet: Watcher, amount: int, *, asks: bool) -> None:
        """The wallet shows a code, the tablet takes the payment; every other one is cancelled."""
        shown = await _insist(lambda: ShowCode(new_id(), Purpose.PAY, amount, PIN), wallet.client)
        assert isinstance(shown, Result), shown
        code = msgspec.json.decode(shown.result, type=ShownCode).code
        charge = Charge(new_id(), code)
        await self._settle(tablet.client, charge, wallet, tablet, asks=asks)
        if amount % 2:
            reverse = Reverse(new_id(), charge.id, "打ち間違い")
            await self._settle(tablet.client, reverse, wallet, tablet, asks=asks)

    async def _settle(
        self,
        client: FaultyClient,
        command: Command,
        wallet: Watcher,
        tablet: Watcher,
        *,
        asks: bool,
    ) -> None:
        asked = Asked(client, command, wallet.screen.account, tablet.screen.account)
        self.asked[command.id] = asked
        asked.reply = await (_ask(client, command) if asks else client.settle(command))
        self.answered += 1

    # -- what is so afterwards ---------------------------------------------------------------------

    async def shown(self) -> None:
        """Waits until every screen has come to the end of its feed."""
        pool, town = self._people.pool, self._people.town
        for watcher in self.watchers:
            place = await position(pool, town, watcher.screen.account)
            assert place is not None
            await self._until(partial(_at_end, watcher, place.seq), SHOWN_WITHIN_S, str(watcher))

    async def reckon(self) -> None:
        """Nothing lost, nothing doubled, every outcome known, every confirmation shown once."""
        await self.finish()
        await self.shown()
        await self._outcomes()
        await self._entries()
        await self._feeds()
        await self._acks()
        assert await problems(self._people.pool) == []

    async def _outcomes(self) -> None:
        """Whoever asks by their own id hears what was answered, byte for byte."""

        async def one(payment: UUID, asked: Asked) -> None:
            assert isinstance(asked.reply, Result), (asked.command, asked.reply)
            told = await asked.client.status(payment)
            assert told.state is State.PROCESSED, asked.command
            assert told.receipt is not None
            assert bytes(told.receipt) == bytes(asked.reply.result)

        pairs = list(self.asked.items())
        for start in range(0, len(pairs), STATUSES_AT_ONCE):
            await asyncio.gather(*(one(*pair) for pair in pairs[start : start + STATUSES_AT_ONCE]))

    async def _entries(self) -> None:
        """The journal has one entry for each command that was sent, and no other."""
        rows = await self._people.pool.fetch(
            "SELECT id, kind, wallet, shop, amount FROM koban.entry WHERE shop = ANY ($1)",
            [tablet.screen.account for tablet in self.tablets],
        )
        entries = Counter(row["id"] for row in rows)
        assert entries - Counter(list(self.asked)) == Counter(), "paid and not asked for, or twice"
        assert Counter(list(self.asked)) - entries == Counter(), "answered and not in the journal"
        for row in rows:
            asked = self.asked[row["id"]]
            assert isinstance(asked.reply, Result)
            receipt = receipt_of(asked.reply)
            assert receipt is not None
            told = (receipt.kind, receipt.amount, asked.wallet, asked.shop)
            assert told == (row["kind"], row["amount"], row["wallet"], row["shop"])

    async def _feeds(self) -> None:
        """Each screen was handed each event of its feed once, in order; each command is in two."""
        for watcher in self.watchers:
            client, account = watcher.client, watcher.screen.account
            assert client.resyncs == 0, watcher.screen
            assert self._lossy or (client.repeats, client.gaps) == (0, 0), watcher.screen
            seqs = [event.seq for event in watcher.events]
            assert seqs == list(range(watcher.begin + 1, watcher.begin + 1 + len(seqs)))
            mine = [
                payment
                for payment, asked in self.asked.items()
                if account in {asked.wallet, asked.shop}
            ]
            assert sorted(watcher.shown) == sorted(mine), watcher.screen

    async def _acks(self) -> None:
        """The ledger knows of each payment that both have seen it."""
        pool, town = self._people.pool, self._people.town
        for watcher in self.watchers:
            # What a killed gateway was told and had not noted yet, a screen says again.
            await watcher.client.ack(watcher.client.seq, Stage.SHOWN)
        async with asyncio.timeout(SHOWN_WITHIN_S):
            while True:
                left = await unshown(pool, town, now() - timedelta(hours=1), now(), 10_000)
                if not any(one.payment in self.asked for one in left):
                    break
                await asyncio.sleep(0.1)


def _at_end(watcher: Watcher, seq: int) -> bool:
    return watcher.client.seq >= seq


async def _insist(make: Callable[[], Command], client: FaultyClient) -> Reply:
    """Has something answered that may as well be asked again under another id."""
    while True:
        with suppress(Unanswered):
            return await client.settle(make(), IMPATIENCE_S)


async def _ask(client: FaultyClient, command: Command) -> Reply:
    """Settles a command as a careful person does: without an answer, ask before sending again."""
    while True:
        try:
            return await client.settle(command, IMPATIENCE_S)
        except Unanswered:
            told = await _status(client, command.id)
            while told.state is State.IN_PROGRESS:
                await asyncio.sleep(0.1)
                told = await _status(client, command.id)
            if told.state is State.PROCESSED:
                assert isinstance(told.receipt, Raw)
                return Result(command.id, told.receipt)


async def _status(client: FaultyClient, payment: UUID) -> StatusAnswer:
    while True:
        with suppress(Unanswered):
            return await client.status(payment, IMPATIENCE_S)
