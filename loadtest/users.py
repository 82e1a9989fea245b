"""What people do: they pay by sticker and by code, top up, pay twice, lose the signal, and look."""

import time
from uuid import UUID

import msgspec
from gevent.queue import Empty
from locust import User, task
from locust.exception import StopUser

from gateway.protocol.ids import new_id
from gateway.protocol.messages import (
    Charge,
    Confirm,
    Error,
    Pay,
    Purpose,
    ReadCode,
    Receipt,
    Result,
    Reverse,
    ShowCode,
    ShownCode,
    TopUp,
)
from loadtest.screen import Command, Screen, ScreenFault
from loadtest.town import Town, TroubleError

# Refusals that belong to a town's day. Anything else is a failure.
EXPECTED = {"duplicate_suspected", "insufficient_funds", "question_expired", "over_balance_cap"}
TOP_UP = 3_000
REVERSAL_SHARE = 0.05
TABLETS_WAIT_S = 60


class Actor(User):
    """Whoever has a screen."""

    abstract = True
    town: Town  # Set once, before anybody is made.
    screen: Screen | None = None

    def wait_time(self) -> float:
        """Around the hour's lull, which the shape sets."""
        return self.town.lull_s * self.town.chance.uniform(0.5, 1.5)

    def take(self, screen: Screen | None) -> Screen:
        """Opens the screen that this user has from now on."""
        if screen is None:
            raise StopUser
        self.screen = screen
        try:
            screen.open()
        except ScreenFault as fault:
            self.town.trouble("not connected", str(fault))
            raise StopUser from fault
        return screen

    def do(self, name: str, command: Command) -> Result | Error | None:
        """Sends a command, measures its answer, and counts what must not happen."""
        if self.screen is None:
            raise StopUser
        began_s = time.monotonic()
        self.town.latencies.tap(command.id, began_s)
        fault: Exception | None = None
        answer: Result | Error | None = None
        try:
            answer = self.screen.command(command)
        except ScreenFault as error:
            fault = error
        if isinstance(answer, Error):
            self.town.latencies.forget(command.id)
            if answer.code not in EXPECTED:
                fault = TroubleError(f"{name}: {answer.code} {answer.message or ''}")
        self.town.record("command", name, (time.monotonic() - began_s) * 1000, fault)
        return answer


class WalletUser(Actor):
    """A person with a wallet."""

    def on_start(self) -> None:
        """Waits for the shops to open, then goes into town."""
        self.town.open_for_business.wait(timeout=TABLETS_WAIT_S)
        self.take(self.town.leave_home())

    def on_stop(self) -> None:
        """Goes home."""
        if self.screen is not None:
            self.screen.close()
            self.town.go_home(self.screen)

    def _pay(self, shop: int, amount: int) -> None:
        answer = self.do("pay", Pay(new_id(), shop, amount, self.town.roster.pin))
        if isinstance(answer, Error):
            if answer.code == "insufficient_funds":
                self.top_up()
            elif answer.code == "duplicate_suspected" and answer.id is not None:
                self._confirm(answer.id)

    def _confirm(self, refused: UUID) -> None:
        """“Yes, both were meant.”"""
        self.do("confirm", Confirm(new_id(), refused, self.town.roster.pin))

    def _hold_up(self, purpose: Purpose, amount: int) -> None:
        pin = self.town.roster.pin if purpose is Purpose.PAY else None
        answer = self.do(f"show code ({purpose})", ShowCode(new_id(), purpose, amount, pin))
        if isinstance(answer, Result):
            code = msgspec.json.decode(answer.result, type=ShownCode).code
            shop = self.town.chance.choice(self.town.shops())
            self.town.hold_up(shop, purpose, code, amount)

    @task(8)
    def pay_by_sticker(self) -> None:
        """MPM."""
        chance = self.town.chance
        self._pay(chance.choice(self.town.shops()), chance.randint(100, 1_500))

    @task(5)
    def pay_by_code(self) -> None:
        """CPM."""
        self._hold_up(Purpose.PAY, self.town.chance.randint(100, 1_500))

    @task(1)
    def top_up(self) -> None:
        """Cash at the counter."""
        self._hold_up(Purpose.TOP_UP, TOP_UP)

    @task(1)
    def pay_twice(self) -> None:
        """Two coffees: the second has to be confirmed."""
        chance = self.town.chance
        shop, amount = chance.choice(self.town.shops()), chance.randint(100, 1_500)
        self._pay(shop, amount)
        self._pay(shop, amount)

    @task(1)
    def answer_questions(self) -> None:
        """A code's payment that looked like an earlier one was meant, too."""
        while self.screen is not None and self.screen.questions:
            asked = self.screen.questions.pop()
            if asked not in self.screen.seen.answers:
                self._confirm(asked)

    @task(1)
    def look(self) -> None:
        """The balance, over HTTP."""
        began_s, fault = time.monotonic(), None
        try:
            if self.screen is not None:
                self.screen.http("GET", "wallet/balance")
        except ScreenFault as error:
            fault = error
        self.town.record("http", "balance", (time.monotonic() - began_s) * 1000, fault)

    @task(1)
    def tunnel(self) -> None:
        """No signal for a moment."""
        if self.screen is not None:
            self.screen.drop()


class TabletUser(Actor):
    """A shop's tablet: scans what is held up, now and then cancels a payment."""

    def on_start(self) -> None:
        """Opens the shop."""
        self.take(self.town.open_shop())
        self.town.shop_opened()

    def wait_time(self) -> float:
        """It waits for customers, not for a while."""
        return 0

    @task
    def serve(self) -> None:
        """The next customer, if there is one within a moment."""
        if self.screen is None:
            raise StopUser
        try:
            purpose, code, amount = self.town.counters[self.screen.person.account].get(timeout=0.5)
        except Empty:
            return
        self.do("read code", ReadCode(new_id(), code))
        if purpose is Purpose.TOP_UP:
            self.do("top up", TopUp(new_id(), code, amount))
            return
        answer = self.do("charge", Charge(new_id(), code))
        if isinstance(answer, Result) and self.town.chance.random() < REVERSAL_SHARE:
            receipt = msgspec.json.decode(answer.result, type=Receipt)
            self.do("reverse", Reverse(new_id(), receipt.id, "打ち間違い"))


class OpsUser(Actor):
    """The operator's console: it follows everything, and looks back now and then."""

    def on_start(self) -> None:
        """Signs in at the console."""
        self.take(self.town.console())

    def wait_time(self) -> float:
        """Two seconds."""
        return 2.0

    @task
    def look_back(self) -> None:
        """The latest events, over HTTP."""
        self._get("console/events?limit=50")
        self._get("console/sessions")
        self._get("console/alerts")

    def _get(self, path: str) -> None:
        began_s, fault = time.monotonic(), None
        try:
            if self.screen is not None:
                self.screen.http("GET", path)
        except ScreenFault as error:
            fault = error
        name = path.partition("?")[0]
        self.town.record("http", name, (time.monotonic() - began_s) * 1000, fault)
