"""What the ledger does for an order: the value comes, goes, or comes back; once, by its id."""

from collections.abc import Awaitable, Callable
from uuid import UUID, uuid5

from gateway.asking import Submit, ask
from gateway.counter import Trouble
from ledger.authorise import Decision
from ledger.database import Pool
from ledger.load_states import Word
from ledger.loads import Heard, LoadOrder, Source
from ledger.outcomes import Outcome
from ledger.requests import Kind, Rank, Request
from ledger.towns import provider_account

# None: nothing was decided, or it is not known what; the same request may be sent again.
Decide = Callable[[Request], Awaitable[Decision | None]]


def through(submit: Submit) -> Decide:
    """Decides at a town's counter, as the screens' requests are."""

    async def decide(request: Request) -> Decision | None:
        answer = await ask(submit, request)
        return None if isinstance(answer, Trouble) else answer

    return decide


def return_id(order: UUID) -> UUID:
    """The id of the reversal that gives an order's value back: always the same one."""
    return uuid5(order, "return")


class Teller:
    """One town's. Each act may be repeated for ever and is done once."""

    def __init__(self, pool: Pool, town: int, decide: Decide) -> None:
        self._pool = pool
        self._town = town
        self._decide = decide

    async def give(self, order: LoadOrder) -> Heard | None:
        """The provider has the money: the value goes into the wallet. None: ask again."""
        return await self._does(
            await self._moving(Kind.LOAD, order),
            done=Word.GIVEN,
            refused=Word.NOT_GIVEN,
        )

    async def take(self, order: LoadOrder) -> Heard | None:
        """The value leaves the wallet, before anybody is told. None: ask again."""
        return await self._does(
            await self._moving(Kind.UNLOAD, order),
            done=Word.TAKEN,
            refused=Word.NOT_TAKEN,
        )

    async def give_back(self, order: LoadOrder) -> Heard | None:
        """The other side will not have it: it goes back to the same lots. None: ask again."""
        return await self._does(
            Request(
                return_id(order.id),
                Kind.REVERSE,
                shop=await self._account(order),
                refers=order.id,
                reason="交換できませんでした",
                rank=Rank.OPERATOR,
            ),
            done=Word.GIVEN_BACK,
            refused=Word.NOT_GIVEN_BACK,
        )

    async def _moving(self, kind: Kind, order: LoadOrder) -> Request:
        """What moves an order's value under the order's own id, in or out."""
        return Request(
            order.id,
            kind,
            wallet=order.wallet,
            shop=await self._account(order),
            way=order.way,
            amount=order.amount,
        )

    async def _does(self, request: Request, *, done: Word, refused: Word) -> Heard | None:
        decision = await self._decide(request)
        if decision is None:
            return None
        if decision.outcome is Outcome.DONE:
            return Heard(done, Source.LEDGER)
        return Heard(refused, Source.LEDGER, reason=decision.outcome.value)

    async def _account(self, order: LoadOrder) -> int | None:
        return await provider_account(self._pool, self._town, order.way)
