"""``python -m loadtest.bench.rush``: a crowd that wants to buy at once, as cheaply as Python can.

It reads one order as a line of JSON and answers with one line of `RushFigures`. Applicants come
evenly spread over so many seconds, each joins, asks again exactly when it was told to, and goes
when the answer is final. Requests go over connections that stay open, as a balancer's do; their
latency counts from the moment at which they were meant to be sent.
"""

import asyncio
import gc
import heapq
import os
import sys
from collections import Counter
from pathlib import Path
from time import perf_counter, process_time
from urllib.parse import urlsplit

import msgspec
import uvloop
from msgspec import Struct

from gateway.protocol.api import ApiError
from gateway.protocol.api_sales import SalePlace
from loadtest.bench.figures import percentile

# The crowd's own processor time is not what is measured; whoever pays goes first.
NICENESS = 19
# Whoever has no final answer by then has none.
PATIENCE_S = 600.0

_place = msgspec.json.Decoder(SalePlace).decode
_error = msgspec.json.Decoder(ApiError).decode


class RushOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """``path``: the sale's address below ``url``. ``tokens``: of the applicants' sessions."""

    url: str
    path: str
    tokens: list[str]
    over_s: float
    connections: int = 64


class RushFigures(Struct, frozen=True):
    """What the crowd saw. ``finals``: how many ended with which state or error; ``places``: the
    numbers of the places that they were told to have. ``sold_out_s``: when the first heard so.
    """

    joins: int
    joins_per_s: float
    polls: int
    polls_per_s_most: int
    p50_ms: float
    p99_ms: float
    finals: dict[str, int]
    errors: dict[str, int]
    places: list[int]
    sold_out_s: float | None
    took_s: float
    generator_cpu: float


class Applicant:
    """One of the crowd, with the ticket that it was given last."""

    __slots__ = ("joined", "ticket", "token")

    def __init__(self, token: str) -> None:
        self.token = token
        self.ticket: str | None = None
        self.joined = False


class Crowd:
    """Everybody, and what is due when: a heap of moments, worked off by the connections."""

    def __init__(self, order: RushOrder) -> None:
        self._order = order
        self._host = urlsplit(order.url)
        people = [Applicant(token) for token in order.tokens]
        step_s = order.over_s / max(1, len(people))
        self._due = [(at * step_s, at, one) for at, one in enumerate(people)]
        self._turn = len(people)
        self._left = len(people)
        self._latencies: list[float] = []
        self._joined_at: list[float] = []
        self._polls: Counter[int] = Counter()
        self._finals: Counter[str] = Counter()
        self._errors: Counter[str] = Counter()
        self._places: list[int] = []
        self._sold_out_s: float | None = None
        self._began_s = 0.0

    async def rush(self) -> RushFigures:
        """Lets them come, and returns when everybody knows."""
        self._began_s, cpu_s = perf_counter(), process_time()
        try:
            async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as group:
                for _ in range(self._order.connections):
                    group.create_task(self._connection())
        except TimeoutError:
            self._finals["unanswered"] = self._left
        took_s = perf_counter() - self._began_s
        ordered = sorted(self._latencies)
        last_s = max(self._joined_at, default=0.0)
        return RushFigures(
            joins=len(self._joined_at),
            joins_per_s=len(self._joined_at) / last_s if last_s else 0.0,
            polls=self._polls.total(),
            polls_per_s_most=max(self._polls.values(), default=0),
            p50_ms=percentile(ordered, 0.50) * 1000,
            p99_ms=percentile(ordered, 0.99) * 1000,
            finals=dict(self._finals),
            errors=dict(self._errors),
            places=sorted(self._places),
            sold_out_s=self._sold_out_s,
            took_s=took_s,
            generator_cpu=(process_time() - cpu_s) / took_s,
        )

    async def _connection(self) -> None:
        reader, writer = await asyncio.open_connection(self._host.hostname, self._host.port)
        try:
            while self._left:
                wait_s = self._due[0][0] - self._now_s() if self._due else 0.05
                if wait_s > 0 or not self._due:
                    await asyncio.sleep(min(max(wait_s, 0.001), 0.05))
                    continue
                at_s, _, one = heapq.heappop(self._due)
                writer.write(self._request(one))
                status, body = await _answer(reader)
                self._latencies.append(self._now_s() - at_s)
                self._take(one, status, body)
        finally:
            writer.close()

    def _request(self, one: Applicant) -> bytes:
        ticket = one.ticket
        if one.joined:
            query = f"?ticket={ticket}" if ticket else ""
            head, body = f"GET {self._order.path}/place{query}", ""
        else:
            body = "{}"
            head = f"POST {self._order.path}/join"
        return (
            f"{head} HTTP/1.1\r\nHost: {self._host.netloc}\r\nAuthorization: Bearer {one.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        ).encode()

    def _take(self, one: Applicant, status: int, body: bytes) -> None:
        now_s = self._now_s()
        if status != 200:
            error = _error(body)
            self._errors[error.code] += 1
            if error.retry_after_ms is None:
                self._end(error.code)
            else:
                self._again(one, now_s + error.retry_after_ms / 1000)
            return
        if one.joined:
            self._polls[int(now_s)] += 1
        else:
            one.joined = True
            self._joined_at.append(now_s)
        place = _place(body)
        one.ticket = place.ticket or one.ticket
        if place.state == "sold_out" and self._sold_out_s is None:
            self._sold_out_s = now_s
        if place.ask_again_s is not None:
            self._again(one, now_s + place.ask_again_s)
            return
        if place.state == "served" and place.place is not None:
            self._places.append(place.place)
        self._end(place.state)

    def _again(self, one: Applicant, at_s: float) -> None:
        self._turn += 1
        heapq.heappush(self._due, (at_s, self._turn, one))

    def _end(self, how: str) -> None:
        self._finals[how] += 1
        self._left -= 1

    def _now_s(self) -> float:
        return perf_counter() - self._began_s


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """A response with a body of a told length, as the lane's are."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    at = head.index(b"content-length: ") + 16
    length = int(head[at : head.index(b"\r\n", at)])
    return int(head[9:12]), await reader.readexactly(length)


async def main() -> None:
    """Carries out the one order."""
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=RushOrder)
    crowd = Crowd(order)
    gc.collect()
    gc.disable()  # A collection would hold everybody up at once.
    sys.stdout.buffer.write(msgspec.json.encode(await crowd.rush()) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    os.nice(NICENESS)
    own_session = Path("/proc/self/autogroup")  # Linux may weigh sessions, not processes.
    if own_session.exists() and os.getsid(0) == os.getpid():
        own_session.write_text(str(NICENESS), encoding="ascii")
    uvloop.run(main())
