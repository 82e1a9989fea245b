"""How this gateway is: for what restarts it, for what sends it work, and for people.

``/healthz`` says that the process lives and how its parts are; it fails only when the process
should be restarted, which no lost Redis or Postgres asks for. ``/readyz`` says whether to send work
here: not without Postgres, and not while draining. Without Redis the work goes on: ``degraded``.
"""

from collections.abc import Callable
from enum import StrEnum

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gateway.metrics import Metrics


class Verdict(StrEnum):
    """How it is as a whole."""

    OK = "ok"
    DEGRADED = "degraded"  # Works, but without Redis: other gateways' events come by the poll.
    UNAVAILABLE = "unavailable"  # No payment can be decided now.
    DRAINING = "draining"


class Health(Struct, frozen=True):
    """What is asked at ``/healthz`` and ``/readyz``."""

    status: Verdict
    gateway: str
    postgres: bool
    redis: bool
    sessions: int
    waiting: int  # Commands at the counter that are in no batch yet.


def judge(*, postgres: bool, redis: bool, draining: bool) -> Verdict:
    """The parts' state as one word, the gravest first."""
    if draining:
        return Verdict.DRAINING
    if not postgres:
        return Verdict.UNAVAILABLE
    return Verdict.OK if redis else Verdict.DEGRADED


def health_routes(ask: Callable[[], Health], metrics: Metrics) -> list[BaseRoute]:
    """The three addresses; they take no sign-in and tell nothing about people."""

    def answer(health: Health, status: int) -> Response:
        return Response(
            msgspec.json.encode(health),
            status,
            {"Cache-Control": "no-store"},
            "application/json",
        )

    async def healthz(_request: Request) -> Response:
        return answer(ask(), 200)

    async def readyz(_request: Request) -> Response:
        health = ask()
        ready = health.status in {Verdict.OK, Verdict.DEGRADED}
        return answer(health, 200 if ready else 503)

    async def measured(_request: Request) -> Response:
        return Response(metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return [
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", measured),
    ]
