"""Asking a town's counter from away from a session: somebody waits for the answer, not for ever."""

import asyncio
from collections.abc import Callable

from gateway.counter import Answer, Done, Trouble
from ledger.requests import Request

DECIDE_MAX_S = 20.0  # A healthy answer takes milliseconds.

Submit = Callable[[Request, Done], None]


async def ask(submit: Submit, request: Request) -> Answer:
    """The counter's answer; where none comes in `DECIDE_MAX_S`, that it is unavailable.

    It may still be decided then, and the same request again is answered with what was.
    """
    answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

    def take(answer: Answer) -> None:
        if not answered.done():
            answered.set_result(answer)

    submit(request, take)
    try:
        async with asyncio.timeout(DECIDE_MAX_S):
            return await answered
    except TimeoutError:
        return Trouble.UNAVAILABLE
