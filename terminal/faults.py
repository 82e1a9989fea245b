"""A screen on a bad day: the same client, with faults to be called by name in tests."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from terminal.client import Client


class FaultyClient(Client):
    """A `Client` whose connection can be torn, stopped, made to lose frames or to repeat them."""

    drops = False
    copies = 1
    frames_dropped = 0

    async def _send(self, frame: bytes) -> None:
        if self.drops:
            self.frames_dropped += 1
            return
        for _ in range(self.copies):
            await super()._send(frame)

    def send_to(self, url: str) -> None:
        """A balancer that sends the next connection to another gateway."""
        self._url = url

    def is_at(self, url: str) -> bool:
        """Whether this is the gateway it would go to."""
        return self._url == url

    def drop_socket(self) -> None:
        """The connection is torn: no close frame, and what was under way in it is lost."""
        if self._connection is not None:
            self._connection.transport.abort()

    @contextmanager
    def stop_reading(self) -> Iterator[None]:
        """The screen hangs: it reads nothing, so it answers no ping, and the gateway's queue fills.

        The receive buffer is made small, so that it fills after kilobytes rather than megabytes.
        """
        usual = 0
        self._reads.clear()
        transport = None if self._connection is None else self._connection.transport
        if isinstance(transport, asyncio.Transport):
            wire = transport.get_extra_info("socket")
            usual = wire.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            transport.pause_reading()
        try:
            yield
        finally:
            self._reads.set()
            if isinstance(transport, asyncio.Transport) and not transport.is_closing():
                # What waits is read as fast as before. (Linux tells twice what it was asked for.)
                wire = transport.get_extra_info("socket")
                wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, usual // 2)
                transport.resume_reading()

    @contextmanager
    def drop_frames_sent(self) -> Iterator[None]:
        """What is sent meanwhile never arrives; the connection stays."""
        self.drops = True
        try:
            yield
        finally:
            self.drops = False

    @contextmanager
    def duplicate_frames_sent(self, copies: int = 2) -> Iterator[None]:
        """Everything sent meanwhile arrives ``copies`` times."""
        self.copies = copies
        try:
            yield
        finally:
            self.copies = 1
