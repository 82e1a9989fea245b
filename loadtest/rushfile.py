"""``locust -f loadtest/rushfile.py --headless --host URL``: a first-come sale, by a roster's file.

Every wallet of the roster wants a place of the town's sale that opens last: they come within a
minute (or ``KOBAN_LOADTEST_RUSH_S`` seconds), join, ask again when they are told to, and go home
with a place or without. The exit status is 1 where somebody never heard, an answer made no sense,
or more places were told than there are.
"""

import os
from collections import Counter

import gevent
import msgspec
from gevent.event import Event as Flag
from locust import HttpUser, LoadTestShape, events, task
from locust.clients import ResponseContextManager
from locust.env import Environment
from locust.exception import StopUser
from locust.runners import LocalRunner

from gateway.protocol.api import ApiError
from gateway.protocol.api_sales import SaleInfo, SalePlace, Sales
from loadtest.roster import Person, read_roster

ROSTER = read_roster()
RUSH_S = float(os.environ.get("KOBAN_LOADTEST_RUSH_S", "60"))
# Whoever has no final answer so long after the last has come is not waited for.
PATIENCE_S = 600.0


class Queue:
    """What all applicants of the process share."""

    def __init__(self) -> None:
        self.at_home: list[Person] = list(ROSTER.wallets)
        self.ended: Counter[str] = Counter()
        self.places: Counter[int] = Counter()
        self.sale: SaleInfo | None = None
        self.everybody = Flag()

    def end(self, how: str) -> None:
        """Somebody knows what became of it."""
        self.ended[how] += 1
        if self.ended.total() == len(ROSTER.wallets):
            self.everybody.set()


QUEUE = Queue()


class Applicant(HttpUser):
    """Somebody who wants a place."""

    person: Person | None = None
    ticket: str | None = None

    def on_start(self) -> None:
        """The next wallet of the roster; which sale it is, the first one looks up."""
        self.person = QUEUE.at_home.pop() if QUEUE.at_home else None
        if QUEUE.sale is None:
            answer = self.client.get(f"/api/{ROSTER.town}/sales")
            QUEUE.sale = msgspec.json.decode(answer.content, type=Sales).sales[-1]

    def wait_time(self) -> float:
        """The answers say when to come again."""
        return 0.0

    @task
    def buy(self) -> None:
        """Joins, and asks again until the answer is final."""
        wait_s = self._ask("POST", "join") if self.person else None
        while wait_s is not None:
            gevent.sleep(wait_s)
            # Who was told to wait before they could join has no ticket, and joins now.
            wait_s = self._ask("GET", "place") if self.ticket else self._ask("POST", "join")
        raise StopUser

    def _ask(self, method: str, act: str) -> float | None:
        """One question: seconds until the next, or None."""
        assert QUEUE.sale is not None
        assert self.person is not None
        ticket = {"ticket": self.ticket} if self.ticket else {}
        joining = act == "join"
        path = f"/api/{ROSTER.town}/sales/{QUEUE.sale.offer}/{act}"
        headers = {"Authorization": f"Bearer {self.person.token}"}
        with self.client.request(
            method,
            path,
            name=act,
            headers=headers,
            json=ticket if joining else None,
            params=None if joining else ticket,
            catch_response=True,
        ) as answer:
            return self._take(answer)

    def _take(self, answer: ResponseContextManager) -> float | None:
        try:
            if answer.status_code != 200:
                error = msgspec.json.decode(answer.content, type=ApiError)
                if error.retry_after_ms is None:
                    answer.failure(error.code)  # type: ignore[no-untyped-call]
                    QUEUE.end(error.code)
                    return None
                answer.success()  # type: ignore[no-untyped-call]  # Told to wait: that belongs to a rush.
                return error.retry_after_ms / 1000
            place = msgspec.json.decode(answer.content, type=SalePlace)
        except msgspec.DecodeError as error:
            answer.failure(f"unreadable: {error}")  # type: ignore[no-untyped-call]
            return 5.0
        self.ticket = place.ticket or self.ticket
        if place.ask_again_s is not None:
            return float(place.ask_again_s)
        if place.state == "served" and place.place is not None:
            QUEUE.places[place.place] += 1
        QUEUE.end(place.state)
        return None


class Rush(LoadTestShape):
    """Everybody within a minute; it ends when the last one knows."""

    def tick(self) -> tuple[int, float] | None:
        """All of them, so many a second; None ends the run."""
        late = self.get_run_time() > RUSH_S + PATIENCE_S  # type: ignore[no-untyped-call]
        if QUEUE.everybody.is_set() or late:
            return None
        # Who has gone home is not replaced.
        return len(ROSTER.wallets) - QUEUE.ended.total(), len(ROSTER.wallets) / RUSH_S


@events.init.add_listener  # type: ignore[untyped-decorator]
def found(environment: Environment, **_: object) -> None:
    """The verdict needs what everybody heard."""
    if not isinstance(environment.runner, LocalRunner):
        raise SystemExit("the verdict needs what everybody heard: run everything in one process")


@events.test_stop.add_listener  # type: ignore[untyped-decorator]
def give_verdict(environment: Environment, **_: object) -> None:
    """Whether all heard something final, and no place was told twice or over."""
    sale, unheard = QUEUE.sale, len(ROSTER.wallets) - QUEUE.ended.total()
    twice = [place for place, count in QUEUE.places.items() if count > 1]
    over = [] if sale is None else [place for place in QUEUE.places if place > sale.places]
    print(f"\nVERDICT: {dict(QUEUE.ended)}; {len(QUEUE.places)} places")
    for finding in (
        *([f"{unheard} never heard"] if unheard else []),
        *([f"told twice: {twice[:10]}"] if twice else []),
        *([f"over: {over[:10]}"] if over else []),
    ):
        print(f"  FINDING {finding}")
    failures = environment.runner.stats.total.num_failures if environment.runner else 0
    wrong = unheard or twice or over or failures or not QUEUE.places
    environment.process_exit_code = 1 if wrong else 0
