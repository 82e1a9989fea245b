"""What an acquirer can ask for: authorise, ask again, cancel, refund.

Each act is kept in the ledger under the acquirer's own id before it goes to the counter, so that
any gateway can say of an id that it is in progress; it is answered from what the ledger says then.
"""

from datetime import datetime, timedelta
from uuid import UUID

import structlog

from gateway.acquirers.ids import IdMaker
from gateway.acquirers.views import payment_view, refund_view
from gateway.asking import Submit, ask
from gateway.counter import Trouble
from gateway.protocol.api_acquirer import (
    AcquirerPayment,
    AcquirerRefund,
    AskRefund,
    Authorise,
)
from gateway.protocol.messages import State
from gateway.refused import Refused
from ledger import acquirers
from ledger.acquirers import Acquirer, Refund, Standing
from ledger.authorise import Decision
from ledger.database import Pool
from ledger.outcomes import Outcome
from ledger.requests import Kind, Rank, Request, request_digest

ASK_AGAIN_MS = 2_000
CANCEL_REASON = "決済代行による取消"

log = structlog.get_logger(__name__)


class Desk:
    """One acquirer's desk, for one request.

    Args:
        submit: the town's counter.
        question_ttl: how long a payer may take to answer a duplicate question.
        now: the instant of the request.
    """

    def __init__(
        self,
        acquirer: Acquirer,
        *,
        pool: Pool,
        town: int,
        town_code: str,
        ids: IdMaker,
        submit: Submit,
        question_ttl: timedelta,
        now: datetime,
    ) -> None:
        self._acquirer = acquirer
        self._pool = pool
        self._town = town
        self._town_code = town_code
        self._ids = ids
        self._submit = submit
        self._question_ttl = question_ttl
        self._now = now

    # -- payments ----------------------------------------------------------------------------------

    async def authorise(self, ask: Authorise) -> AcquirerPayment:
        """Takes a payment. Returns only when it is paid.

        Raises:
            Refused: an outcome of the ledger, which is final; ``id_reused``, ``cancelled``,
                ``merchant_unknown``, ``acquirer_closed``; or ``undecided``.
        """
        request = await self._see(ask)
        if request is not None:
            await self._decided(request)
        known = await self._standing(ask.payment_id)
        view = self._view(ask.payment_id, known)
        if view.outcome == Outcome.DONE:
            return view
        if view.state is State.IN_PROGRESS:
            raise Refused(view.outcome or "undecided", retry_after_ms=ASK_AGAIN_MS)
        raise Refused(view.outcome or "internal")

    async def payment(self, reference: str) -> AcquirerPayment:
        """Where a payment stands."""
        return self._view(reference, await self._standing(reference))

    async def cancel(self, reference: str) -> AcquirerPayment:
        """Makes sure that nothing is paid under an id, now or ever; what was paid is given back.

        Raises:
            Refused: ``undecided``, or the reason why what was paid cannot be given back.
        """
        ids = self._ids.payment(self._town_code, self._acquirer.code, reference)
        pool, town, acquirer = self._pool, self._town, self._acquirer.acquirer
        await acquirers.mark_cancelled(pool, town, acquirer, reference, ids, self._now)
        known = await self._known(reference)
        if known.outcome is None:
            # A charge without a code is refused, and the id is taken: an authorisation that is
            # under way at this moment comes before it or finds its id used for something else.
            await self._decided(Request(known.payment, Kind.CHARGE))
            known = await self._known(reference)
        if known.paid and not known.undone:
            request = Request(
                known.cancel,
                Kind.REVERSE,
                shop=known.shop,
                refers=known.paid_as,
                reason=CANCEL_REASON,
                rank=Rank.OPERATOR,
            )
            decision = await self._decided(request)
            known = await self._known(reference)
            if not known.undone:
                raise Refused(decision.outcome)
        return self._view(reference, known)

    # -- refunds -----------------------------------------------------------------------------------

    async def refund(self, payment_reference: str, ask: AskRefund) -> AcquirerRefund:
        """Gives back a part of a payment, or all that is left. Returns only when it is done.

        Raises:
            Refused: an outcome of the ledger, which is final; ``id_reused``, ``not_paid``;
                or ``undecided``.
        """
        known = await self._refund(ask.refund_id)
        request = None
        if known is None:
            request = await self._reverse(payment_reference, ask)
            seen = await acquirers.see_refund(
                self._pool,
                self._town,
                self._acquirer.acquirer,
                ask.refund_id,
                payment_reference,
                request,
                self._now,
            )
            known = None if seen else await self._refund(ask.refund_id)
        if known is not None:
            asked = (payment_reference, ask.amount, ask.reason)
            if asked != (known.payment_reference, known.amount, known.reason):
                raise Refused("id_reused", field="refund_id")
            request = _again(known)
        if known is None or known.outcome is None:
            assert request is not None
            await self._decided(request)
            known = await self._refund(ask.refund_id)
        view = refund_view(ask.refund_id, known)
        if view.outcome != Outcome.DONE:
            raise Refused(view.outcome or "undecided")
        return view

    async def refunded(self, reference: str) -> AcquirerRefund:
        """Where a refund stands."""
        return refund_view(reference, await self._refund(reference))

    # -- the steps ---------------------------------------------------------------------------------

    async def _see(self, ask: Authorise) -> Request | None:
        """Keeps that an authorisation has come; what is to be decided, if anything still is."""
        pool, town, acquirer = self._pool, self._town, self._acquirer
        shop = await acquirers.merchant_shop(pool, town, acquirer.acquirer, ask.merchant_id)
        if shop is not None and acquirer.state == "open":
            ids = self._ids.payment(self._town_code, acquirer.code, ask.payment_id)
            request = _charge(ids.payment, shop, ask)
            if await acquirers.see_payment(
                *(pool, town, acquirer.acquirer, ask.payment_id),
                *(ids, ask.merchant_id, request, self._now),
            ):
                return request
        known = await self._standing(ask.payment_id)
        if known is None:
            # What was named before keeps its answer; what is new needs an open acquirer and a shop.
            if acquirer.state != "open":
                raise Refused("acquirer_closed")
            raise Refused("merchant_unknown", field="merchant_id")
        if known.request_digest is None:
            raise Refused("cancelled", field="payment_id")
        request = _charge(known.payment, known.shop, ask)
        same = known.merchant == ask.merchant_id and request_digest(request) == known.request_digest
        if not same:
            raise Refused("id_reused", field="payment_id")
        return request if known.outcome is None and known.cancelled_at is None else None

    async def _reverse(self, payment_reference: str, ask: AskRefund) -> Request:
        """The reversal that a refund asks for."""
        known = await self._standing(payment_reference)
        if known is None or not known.paid:
            raise Refused("not_paid", field="payment_id")
        return Request(
            self._ids.refund(self._town_code, self._acquirer.code, ask.refund_id),
            Kind.REVERSE,
            shop=known.shop,
            refers=known.paid_as,
            amount=ask.amount,
            reason=ask.reason,
            rank=Rank.HEADQUARTERS,
        )

    async def _standing(self, reference: str) -> Standing | None:
        """Where a payment stands, surely: a cancelled question may have a yes that came just before
        and is being decided, so such a look goes behind whatever is.
        """
        pool, town, acquirer = self._pool, self._town, self._acquirer.acquirer
        known = await acquirers.standing(pool, town, acquirer, reference)
        if known is None or known.cancelled_at is None or not known.asked:
            return known
        assert known.wallet is not None
        return await acquirers.standing_behind(pool, town, acquirer, reference, known.wallet)

    def _view(self, reference: str, known: Standing | None) -> AcquirerPayment:
        return payment_view(reference, known, self._question_ttl, self._now)

    async def _known(self, reference: str) -> Standing:
        """The standing of an id that was named."""
        known = await self._standing(reference)
        assert known is not None
        return known

    async def _refund(self, reference: str) -> Refund | None:
        return await acquirers.refund(self._pool, self._town, self._acquirer.acquirer, reference)

    async def _decided(self, request: Request) -> Decision:
        """The ledger's decision, through the counter.

        Raises:
            Refused: ``undecided``: not known, or not yet.
        """
        answer = await ask(self._submit, request)
        log.info(
            "acquirer.asked",
            town=self._town_code,
            acquirer=self._acquirer.code,
            kind=request.kind,
            id=str(request.id),
            outcome=answer.value if isinstance(answer, Trouble) else answer.outcome.value,
        )
        if isinstance(answer, Trouble):
            raise Refused("undecided", retry_after_ms=ASK_AGAIN_MS)
        return answer


def _charge(payment: UUID, shop: int | None, ask: Authorise) -> Request:
    """The payment that an authorisation asks for. It has no terminal of ours."""
    return Request(payment, Kind.CHARGE, shop=shop, code=ask.code, amount=ask.amount)


def _again(known: Refund) -> Request:
    """The reversal that a refund asked for when it first came."""
    return Request(
        known.refund,
        Kind.REVERSE,
        shop=known.shop,
        refers=known.refers,
        amount=known.amount,
        reason=known.reason,
        rank=Rank.HEADQUARTERS,
    )
