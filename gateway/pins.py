"""The wallet's PIN at a payment, and the shop manager's above the clerk's limit.

The first right PIN of a session is checked with argon2; from then on the session itself remembers a
keyed fast hash of it, in its own memory and under a key of its own, so that a payment costs no
argon2 and no database. One wrong PIN makes the session forget: the next one, right or wrong, goes
the long way, past the failures and the lock kept in Postgres, which no new session resets.
"""

from datetime import datetime, timedelta
from hashlib import blake2b
from hmac import compare_digest
from os import urandom
from weakref import WeakKeyDictionary

from msgspec import Struct

from gateway.passwords import Hashing
from ledger import identity, persons
from ledger.database import Pool
from ledger.identity import Guarded, LockoutPolicy

# Five wrong, then 15 minutes; five more, an hour; then a day each time: about 5 guesses a day at
# 10,000 PINs. A week without a wrong one forgets the failures.
PIN_LOCKOUT = LockoutPolicy(failures=5, lock_s=(900, 3_600, 86_400), forget_after=timedelta(days=7))

# A lock that was brought by another gateway's sessions reaches this one within this.
MEMORY_TTL_S = 600


class PinVerdict(Struct, frozen=True):
    """``right``, or why not: ``locked_until``, or how many attempts are left before a lock."""

    right: bool
    attempts_left: int = 0
    locked_until: datetime | None = None


RIGHT = PinVerdict(right=True)


class PinMemory:
    """What one session remembers of the right PIN. Each socket has its own; it is never stored."""

    __slots__ = ("__weakref__", "_digest", "_key", "_until")

    def __init__(self) -> None:
        self._key = urandom(32)
        self._digest: bytes | None = None
        self._until: datetime | None = None

    def recognises(self, pin: str, now: datetime) -> bool:
        """Whether this is the PIN that was right before. Constant time; no I/O."""
        if self._digest is None or self._until is None or now >= self._until:
            return False
        return compare_digest(self._digest, self._hash(pin))

    def remember(self, pin: str, now: datetime) -> None:
        self._digest = self._hash(pin)
        self._until = now + timedelta(seconds=MEMORY_TTL_S)

    def forget(self) -> None:
        self._digest = None

    def _hash(self, pin: str) -> bytes:
        return blake2b(pin.encode(), key=self._key, digest_size=16).digest()


class Pins:
    """Checks PINs; counts wrong ones."""

    def __init__(self, pool: Pool, hashing: Hashing) -> None:
        self._pool = pool
        self._hashing = hashing
        self._holders: WeakKeyDictionary[PinMemory, tuple[int, int]] = WeakKeyDictionary()

    async def verify(
        self, town: int, wallet: int, pin: str, memory: PinMemory, now: datetime
    ) -> PinVerdict:
        """Whether this is the wallet's PIN.

        Raises:
            Busy: too many checks wait; nothing was counted.
            LedgerUnavailable: the database is away.
        """
        if memory.recognises(pin, now):
            return RIGHT
        memory.forget()
        verdict = await self._check(
            town, Guarded.PIN, str(wallet), await self._pin_hash(town, wallet), pin, now
        )
        if verdict.right:
            memory.remember(pin, now)
            self._holders[memory] = (town, wallet)
        elif verdict.locked_until:
            # Locked is locked: also for the sessions that knew the PIN.
            self._forget(town, wallet)
        return verdict

    async def change(
        self, town: int, wallet: int, pin: str, new_pin: str, now: datetime
    ) -> PinVerdict:
        """Gives a wallet a new PIN, if ``pin`` is its present one; no session here knows the old
        one afterwards.

        Raises:
            Busy: too many hashes wait; nothing was changed.
            LedgerUnavailable: the database is away.
        """
        known = await self._pin_hash(town, wallet)
        verdict = await self._check(town, Guarded.PIN, str(wallet), known, pin, now)
        if verdict.right:
            new_hash = await self._hashing.hash_pin(new_pin)
            await identity.change_wallet_pin(self._pool, town, wallet, new_hash)
        if verdict.right or verdict.locked_until:
            self._forget(town, wallet)
        return verdict

    async def verify_manager(self, town: int, shop: int, pin: str, now: datetime) -> PinVerdict:
        """Whether this is the PIN of the shop's manager. Never remembered: it is rarely asked.

        Raises:
            Busy: too many checks wait; nothing was counted.
            LedgerUnavailable: the database is away.
        """
        known = await identity.manager_pin_hash(self._pool, town, shop)
        return await self._check(town, Guarded.MANAGER_PIN, str(shop), known, pin, now)

    def _forget(self, town: int, wallet: int) -> None:
        for memory, holder in list(self._holders.items()):
            if holder == (town, wallet):
                memory.forget()

    async def _pin_hash(self, town: int, wallet: int) -> str | None:
        return await persons.pin_hash(self._pool, town, wallet)

    async def _check(
        self, town: int, kind: Guarded, subject: str, known: str | None, pin: str, now: datetime
    ) -> PinVerdict:
        self._hashing.pins.ensure_room()
        attempt = await identity.attempt(self._pool, town, kind, subject, PIN_LOCKOUT, now)
        if attempt is None:
            until = await identity.locked_until(self._pool, town, kind, subject, now)
            return PinVerdict(right=False, locked_until=until or now)
        if known is not None and await self._hashing.pin_is(known, pin):
            await identity.clear_guard(self._pool, town, kind, subject)
            return RIGHT
        return PinVerdict(
            right=False,
            attempts_left=-attempt.failures % PIN_LOCKOUT.failures,
            locked_until=attempt.locked_until,
        )
