"""argon2id for passwords and PINs, in threads of their own and never without bound.

Hashing costs tens of milliseconds on purpose. It runs in small thread pools (argon2 lets go of the
interpreter's lock), so the event loop goes on, and one pool for passwords and one for PINs, so a
flood of sign-ins cannot hold up payments. Who waits when the queue is full is told `Busy` at once.
"""

import asyncio
import os
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

# Passwords: OWASP's recommended minimum for argon2id, 19 MiB and two passes: 33 ms here. With one
# thread a core, a sign-in attempt costs a guesser as much as it costs us and little memory.
PASSWORD = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# PINs: 10,000 of them fall to any search that has all it needs, whatever one check costs. What
# keeps them is the lockout and, for a stolen database, the key that is not in it. So the check is
# kept short (8 MiB, one pass: 6 ms): each new session makes one, also after a thousand reconnects.
PIN = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1)

PASSWORDS_WAITING_MAX = 60  # About two seconds of work for one thread.
PINS_WAITING_MAX = 300  # The same.


class Busy(Exception):
    """As many hashes wait as can be made in about two seconds."""


class Hashing:
    """Makes and checks hashes. ``secret`` is the process's (`Settings.secret`)."""

    def __init__(self, secret: bytes, threads: int | None = None) -> None:
        threads = threads or max(1, (os.cpu_count() or 2) // 2)
        self._pin_key = blake2b(secret, digest_size=32, person=b"koban.pin").digest()
        self.passwords = Workers(PASSWORD, threads, PASSWORDS_WAITING_MAX * threads)
        self.pins = Workers(PIN, threads, PINS_WAITING_MAX * threads)
        # What a guess at somebody unknown is checked against, to take as long as any other.
        self._nobody = PASSWORD.hash(os.urandom(16))

    async def hash_password(self, password: str) -> str:
        """The hash to keep of a password.

        Raises:
            Busy: too many hashes wait.
        """
        return await self.passwords.hash(_normal(password))

    async def password_is(self, known: str | None, password: str) -> bool:
        """Whether the password has this hash; None (nobody) takes as long to be false."""
        matches = await self.passwords.matches(known or self._nobody, _normal(password))
        return matches and known is not None

    async def hash_pin(self, pin: str) -> str:
        """The hash to keep of a PIN.

        Raises:
            Busy: too many hashes wait.
        """
        return await self.pins.hash(self._keyed(pin))

    async def pin_is(self, known: str, pin: str) -> bool:
        """Whether the PIN has this hash."""
        return await self.pins.matches(known, self._keyed(pin))

    def _keyed(self, pin: str) -> bytes:
        return blake2b(pin.encode(), key=self._pin_key, digest_size=32).digest()

    def close(self) -> None:
        """Ends the threads; hashes that wait are not made."""
        self.passwords.close()
        self.pins.close()


class Workers:
    """One kind of hash, its threads, and how many may wait for them."""

    def __init__(self, hasher: PasswordHasher, threads: int, waiting_max: int) -> None:
        self._hasher = hasher
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="argon2")
        self._waiting_max = waiting_max
        self.waiting = 0

    def ensure_room(self) -> None:
        """Asks before something is counted that the hash will decide.

        Raises:
            Busy: too many hashes wait.
        """
        if self.waiting >= self._waiting_max:
            raise Busy

    async def hash(self, secret: bytes) -> str:
        self.ensure_room()
        self.waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._hasher.hash, secret)
        finally:
            self.waiting -= 1

    async def matches(self, known: str, secret: bytes) -> bool:
        """Never refuses: callers ask `ensure_room` before they count the attempt."""
        self.waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._matches, known, secret)
        finally:
            self.waiting -= 1

    def _matches(self, known: str, secret: bytes) -> bool:
        try:
            return self._hasher.verify(known, secret)
        except VerifyMismatchError:
            return False

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _normal(password: str) -> bytes:
    """The same password from any keyboard: full-width letters and digits count as plain ones."""
    return unicodedata.normalize("NFKC", password).encode()
