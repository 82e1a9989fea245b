"""The trail of a payment in the log: one id, from the screen that asked to those that showed it.

    asked ─▶ decided ─▶ handed_out (each feed) ─▶ shown (each party)

Every payment leaves a trail while there are few of them. When there are many, a fixed number a
second do, each with its whole trail, so that the log never costs more than a bounded share of the
work. At the level ``debug`` all do. Nothing in it is secret: ids, account numbers, outcomes.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from ledger.authorise import Decision, FeedEvent
from ledger.requests import Request

if TYPE_CHECKING:
    from gateway.connection import Connection

TRAILS_PER_S = 5.0
# Trails that are being followed; the oldest are let go of.
FOLLOWED_MAX = 2_000

log = structlog.get_logger("gateway.trail")


class Trail:
    """A process's trails. ``everything``: follow all of them."""

    def __init__(self, monotonic: Callable[[], float], *, everything: bool = False) -> None:
        self._monotonic = monotonic
        self._everything = everything
        self._tokens = TRAILS_PER_S
        self._tokens_at = monotonic()
        self._followed: dict[UUID, None] = {}

    def asked(self, connection: "Connection", request: Request) -> None:
        """A command for money has come in; whether it is followed is decided here."""
        now = self._monotonic()
        self._tokens = min(TRAILS_PER_S, self._tokens + (now - self._tokens_at) * TRAILS_PER_S)
        self._tokens_at = now
        if self._tokens < 1 and not self._everything:
            return
        self._tokens -= 1
        if len(self._followed) >= FOLLOWED_MAX:
            del self._followed[next(iter(self._followed))]
        self._followed[request.id] = None
        log.info(
            "asked",
            id=str(request.id),
            kind=request.kind.value,
            session=connection.session.name,
            wallet=request.wallet,
            shop=request.shop,
            terminal=request.terminal,
            amount=request.amount,
        )

    def decided(self, decisions: Sequence[Decision]) -> None:
        """A batch was decided."""
        if self._followed:
            for decision in decisions:
                if decision.id in self._followed:
                    log.info(
                        "decided",
                        id=str(decision.id),
                        outcome=decision.outcome.value,
                        repeated=decision.repeated,
                        batch=len(decisions),
                    )

    def handed_out(self, event: FeedEvent, listeners: int) -> None:
        """An event was sent to the sessions of its feed."""
        if event.subject in self._followed:
            log.info(
                "handed_out",
                id=str(event.subject),
                kind=event.kind,
                account=event.account,
                seq=event.seq,
                listeners=listeners,
            )

    def shown(self, payments: Sequence[UUID], by: str, account: int) -> None:
        """A screen has shown these payments."""
        if self._followed:
            for payment in payments:
                if payment in self._followed:
                    log.info("shown", id=str(payment), by=by, account=account)
