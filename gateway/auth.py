"""Who is there, and may they: the one object that the gateway's other parts ask.

- `Auth.sessions`: `redeem_ticket` for the websocket's first frame, tokens, sign-out, revocation;
  when a session ends, the ``on_ended`` it was made with is awaited, so that sockets close.
- `Auth.pins`: `verify` with the socket's own `PinMemory`, `verify_manager`.
- `Auth.vault`: what reads and writes personal data.
- `Auth.doors`: registration, sign-in, enrolment, the console.
- `Auth.openid`: identities at providers, linked and signed in by.

Lockouts and SMS counts are in Postgres and hold for all gateways; what is in memory (threads, PIN
memories) belongs to this process and may be lost at any time.
"""

import asyncio
from datetime import UTC, datetime, timedelta

import structlog

from config.settings import Settings
from gateway.openid.doors import OpenidDoors
from gateway.passwords import Hashing
from gateway.pins import Pins
from gateway.signin import SignIn, Texter
from gateway.tickets import OnEnded, Sessions
from ledger import cards, identity, openid
from ledger.codes import forget_codes
from ledger.database import Pool
from ledger.errors import LedgerError
from ledger.vault import Vault

SWEEP_EVERY_S = 600.0
# A code scanned the day after is still told apart from one that never was.
CODES_KEPT = timedelta(days=2)

log = structlog.get_logger(__name__)


class Auth:
    """Everything about signing in, for all towns of a process."""

    def __init__(
        self, settings: Settings, pool: Pool, *, on_ended: OnEnded, sms: Texter | None
    ) -> None:
        self._pool = pool
        self.vault = Vault.of(settings)
        self.hashing = Hashing(settings.secret)
        self.pins = Pins(pool, self.hashing)
        self.sessions = Sessions(pool, self.vault, on_ended)
        self.doors = SignIn(settings, pool, self.vault, self.hashing, self.sessions, sms)
        self.openid = OpenidDoors(settings, pool, self.vault, self.sessions)

    async def sweep_forever(self) -> None:
        """Deletes what has expired, every ten minutes; run as a task, cancelled at the end."""
        while True:
            try:
                await identity.sweep(self._pool, datetime.now(UTC))
                await cards.sweep(self._pool, datetime.now(UTC))
                await openid.sweep(self._pool, datetime.now(UTC))
                await forget_codes(self._pool, datetime.now(UTC) - CODES_KEPT)
            except LedgerError as error:
                log.warning("identity.sweep_failed", problem=str(error))
            await asyncio.sleep(SWEEP_EVERY_S)

    def close(self) -> None:
        """Ends the hashing threads."""
        self.hashing.close()
