"""What a gateway knows at this moment: its health, its gauges, what the console asks for."""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from functools import partial
from uuid import UUID

from gateway.counter import Answer, Counter
from gateway.health import Health, judge
from gateway.hub import Hub
from gateway.metrics import Metrics
from gateway.protocol.api import AlertLine, SessionLine
from gateway.protocol.messages import Role
from ledger.requests import Request
from notifier.broker import Broker
from notifier.locks import Locks
from notifier.push import PushSender


class Live:
    """A view over the parts of a running gateway. ``hubs`` and ``counters`` are by town number."""

    def __init__(
        self,
        hubs: Mapping[int, Hub],
        counters: Mapping[int, Counter],
        locks: Locks,
        broker: Broker,
        draining: Callable[[], bool],
    ) -> None:
        self._hubs = hubs
        self._counters = counters
        self._locks = locks
        self._broker = broker
        self._draining = draining

    def health(self) -> Health:
        """How this gateway is."""
        postgres = all(hub.relay.healthy for hub in self._hubs.values())
        redis = self._locks.healthy and self._broker.healthy
        return Health(
            status=judge(postgres=postgres, redis=redis, draining=self._draining()),
            gateway=self._broker.gateway,
            postgres=postgres,
            redis=redis,
            sessions=sum(len(hub.connections) for hub in self._hubs.values()),
            waiting=sum(counter.waiting for counter in self._counters.values()),
        )

    def measure(self, metrics: Metrics, push: PushSender | None) -> None:
        """Adds the gauges that are asked for when somebody looks."""
        gauge = metrics.gauge
        if push is not None:
            for result in ("delivered", "gone", "failed", "dropped"):
                count = partial(getattr, push.counts, result)
                gauge("koban_pushes", "Web pushes, by what came of it.", count, result=result)
            gauge(
                "koban_pushes_waiting",
                "Web pushes in the queue.",
                partial(getattr, push, "waiting"),
            )
        gauge("koban_redis_up", "1 while Redis works.", lambda: self.health().redis)
        gauge("koban_postgres_up", "1 while Postgres works.", lambda: self.health().postgres)

    def measure_town(self, metrics: Metrics, hub: Hub, counter: Counter) -> None:
        """Adds a town's gauges."""
        gauge, code = metrics.gauge, hub.code
        for role in Role:
            count = partial(hub.count, role)
            gauge("koban_sessions", "Sessions, by role.", count, town=code, role=role)
        waiting = partial(getattr, counter, "waiting")
        gauge("koban_waiting", "Commands not in a batch yet.", waiting, town=code)
        frames = partial(getattr, hub, "queue_frames")
        gauge("koban_queue_frames", "Frames that screens have not read.", frames, town=code)
        unshown = partial(_unshown, hub)
        gauge("koban_unshown", "Not shown to a party.", unshown, town=code)

    def connected_terminals(self, town: int) -> AbstractSet[int]:
        """Terminals with an open socket here."""
        return {
            one.who.terminal
            for one in self._hubs[town].connections
            if one.who is not None and one.who.terminal is not None
        }

    def session_lines(self, town: int) -> list[SessionLine]:
        """Every open socket of the town."""
        return self._hubs[town].lines()

    def alert_lines(self, town: int) -> list[AlertLine]:
        """What needs a person now, newest first."""
        return self._hubs[town].alerts.lines()

    def in_progress(self, town: int, payment: UUID) -> bool:
        """Whether a command with this id waits or is being decided here."""
        return self._counters[town].in_progress(payment)

    def submit(self, town: int, request: Request, done: Callable[[Answer], None]) -> None:
        """Brings a request to the town's counter; ``done`` gets its answer, later or at once."""
        self._counters[town].submit(request, done)


def _unshown(hub: Hub) -> float:
    return len(hub.confirmations.unshown)
