"""Once a second: the console's figures, and what they say that needs a person."""

from collections.abc import Callable

from gateway.alerts import Key
from gateway.hub import Hub
from gateway.metrics import Metrics
from gateway.protocol.messages import Figures, Role, encode

STATES = {
    "redis_down": "Redis is away: payments go on, news between gateways comes later",
    "postgres_down": "Postgres is away: no payment can be decided",
}


class Bulletin:
    """One gateway's figures. Rates are differences between two looks."""

    def __init__(self, metrics: Metrics, monotonic: Callable[[], float]) -> None:
        self._metrics = metrics
        self._monotonic = monotonic
        self._at = monotonic()
        self._done = metrics.done
        self._refused = metrics.refused
        self._rates = (0.0, 0.0)

    def look(self) -> None:
        """Notes the rates since the last look; call it about once a second."""
        now, metrics = self._monotonic(), self._metrics
        passed = max(now - self._at, 0.001)
        self._rates = (
            (metrics.done - self._done) / passed,
            (metrics.refused - self._refused) / passed,
        )
        self._at, self._done, self._refused = now, metrics.done, metrics.refused

    def publish(self, hub: Hub, *, redis: bool, postgres: bool) -> None:
        """Sets a town's alerts, and sends its consoles the figures."""
        hub.alerts.set("redis_down", STATES["redis_down"], active=not redis)
        hub.alerts.set("postgres_down", STATES["postgres_down"], active=not postgres)
        unshown = hub.confirmations.unshown
        hub.alerts.replace(
            "unshown",
            {
                Key("unshown", one.account, one.payment): f"not shown at the {one.kind}'s screens"
                for one in unshown.values()
            },
        )
        if not hub.tail.consoles:
            return
        metrics = self._metrics
        hub.tail.tell(
            encode(
                Figures(
                    at=hub.now_ms(),
                    payments_per_s=round(self._rates[0], 1),
                    refusals_per_s=round(self._rates[1], 1),
                    decide_p50_ms=_ms(metrics.decide_s.percentile(0.5)),
                    decide_p99_ms=_ms(metrics.decide_s.percentile(0.99)),
                    both_shown_p50_ms=_ms(metrics.both_shown_s.percentile(0.5)),
                    both_shown_p99_ms=_ms(metrics.both_shown_s.percentile(0.99)),
                    wallets=hub.count(Role.WALLET),
                    terminals=hub.count(Role.TERMINAL),
                    consoles=hub.count(Role.CONSOLE),
                    queue_frames=hub.queue_frames,
                    unshown=len(unshown),
                    redis_ok=redis,
                    postgres_ok=postgres,
                )
            )
        )


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
