"""Frames that are written in one turn of the event loop leave in one system call.

uvloop hands every write to the network at once. A decided batch writes the payer's result and
event, and a busy shop's many events, one behind the other in the same turn, and the system calls
cost more than all else that is done for those frames: two fifths of the process at full load. So
they are gathered until the turn ends, or until there are enough of them. Nothing waits for a timer.
"""

import asyncio

# Past this they go at once: gathered bytes are outside of the transport's flow control.
GATHERED_BYTES_MAX = 65_536


class GatheringTransport(asyncio.Transport):
    """Stands before a transport; every write of a turn becomes one."""

    __slots__ = ("_bytes", "_frames", "_loop", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._frames: list[bytes | bytearray | memoryview] = []
        self._bytes = 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Takes bytes; they leave at the end of this turn."""
        if not self._frames:
            self._loop.call_soon(self._flush)
        self._frames.append(data)
        self._bytes += len(data)
        if self._bytes >= GATHERED_BYTES_MAX:
            self._flush()

    def _flush(self) -> None:
        frames = self._frames
        if not frames:
            return
        self._frames = []
        self._bytes = 0
        # A connection that was lost meanwhile takes nothing any more; its reader learns that too.
        if not self._transport.is_closing():
            self._transport.write(frames[0] if len(frames) == 1 else b"".join(frames))

    def close(self) -> None:
        """Closes behind what was written."""
        self._flush()
        self._transport.close()

    def abort(self) -> None:
        """Closes at once."""
        self._frames.clear()
        self._transport.abort()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()

    def get_extra_info(self, name: str, default: object = None) -> object:
        return self._transport.get_extra_info(name, default)
