"""Frames of one turn leave together, and none is lost on the way."""

import asyncio

from gateway.gathering import GATHERED_BYTES_MAX, GatheringTransport


class Wire(asyncio.Transport):
    """Remembers what was done to it."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[bytes | str] = []
        self.lost = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.done.append(bytes(data))

    def close(self) -> None:
        self.done.append("closed")

    def abort(self) -> None:
        self.done.append("aborted")

    def is_closing(self) -> bool:
        return self.lost


def gathering() -> tuple[Wire, GatheringTransport]:
    """A wire, and what gathers before it."""
    wire = Wire()
    return wire, GatheringTransport(wire, asyncio.get_running_loop())


async def test_writes_of_one_turn_leave_together_in_order() -> None:
    """Nothing leaves before the turn ends; then everything in one write."""
    wire, transport = gathering()
    for data in (b"a", b"b", b"c"):
        transport.write(data)
    assert wire.done == []
    await asyncio.sleep(0)
    transport.write(b"d")
    await asyncio.sleep(0)
    assert wire.done == [b"abc", b"d"]


async def test_closing_sends_what_was_written_before() -> None:
    """A close frame written in the same turn still leaves."""
    wire, transport = gathering()
    transport.write(b"last words")
    transport.close()
    await asyncio.sleep(0)
    assert wire.done == [b"last words", "closed"]


async def test_aborting_sends_nothing() -> None:
    """What a peer will not read is dropped with it."""
    wire, transport = gathering()
    transport.write(b"never mind")
    transport.abort()
    await asyncio.sleep(0)
    assert wire.done == ["aborted"]


async def test_much_leaves_at_once() -> None:
    """So much in one turn comes under the transport's flow control without delay."""
    wire, transport = gathering()
    transport.write(b"x" * GATHERED_BYTES_MAX)
    assert wire.done == [b"x" * GATHERED_BYTES_MAX]
    transport.write(b"y")
    await asyncio.sleep(0)
    assert wire.done[1:] == [b"y"]


async def test_a_lost_connection_takes_nothing() -> None:
    """A transport that was closed below raises when written to, so it is left alone."""
    wire, transport = gathering()
    transport.write(b"too late")
    wire.lost = True
    await asyncio.sleep(0)
    assert wire.done == []
