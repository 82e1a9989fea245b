"""Many questions as one: who asks within the same few milliseconds is answered by one call."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class Batches(Generic[Question, Answer]):
    """Gathers questions and has ``work`` answer them, in their order.

    Args:
        work: answers a batch; what it raises, each of the batch's askers gets.
        gather_s: how long the first waits for others.
        batch_max: with so many a batch leaves at once.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Question]], Awaitable[Sequence[Answer]]],
        gather_s: float,
        batch_max: int,
    ) -> None:
        self._work = work
        self._gather_s = gather_s
        self._batch_max = batch_max
        self._waiting: list[tuple[Question, asyncio.Future[Answer]]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._under_way: set[asyncio.Task[None]] = set()

    async def ask(self, question: Question) -> Answer:
        """The answer to one question."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        self._waiting.append((question, future))
        if len(self._waiting) >= self._batch_max:
            self._leave()
        elif self._timer is None:
            self._timer = loop.call_later(self._gather_s, self._leave)
        return await future

    def _leave(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        batch, self._waiting = self._waiting, []
        task = asyncio.create_task(self._carry_out(batch), name="sale batch")
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _carry_out(self, batch: list[tuple[Question, asyncio.Future[Answer]]]) -> None:
        try:
            answers = await self._work([question for question, _ in batch])
        except Exception as error:  # noqa: BLE001 - each asker gets it, and tells it on.
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), answer in zip(batch, answers, strict=True):
            if not future.done():
                future.set_result(answer)
