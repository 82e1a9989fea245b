"""Linking an identity to a wallet, and signing in by it: what starts, and what comes back.

What begins here ends in `finish`, with the provider's answer: it is refused, or the identity is the
wallet's, or its wallet is signed in. Nothing of it is written before the provider's token holds.
"""

from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Literal
from uuid import UUID

import structlog
from msgspec import Struct

from config.settings import Settings
from gateway.openid.fetching import Fetcher, ProviderAway
from gateway.openid.relying_party import CodeRefused, RelyingParty
from gateway.openid.tokens import TokenRefused
from gateway.protocol.messages import Role
from gateway.refused import Refused
from gateway.tickets import Opened, Sessions, new_token
from ledger import openid, persons
from ledger.database import Pool
from ledger.openid import AnotherIdentity, Attempt, Identity, IdentityElsewhere, SessionOver
from ledger.vault import Vault

ATTEMPT_LIFE = timedelta(minutes=10)  # Long enough to install an app and read a My-Number card.

log = structlog.get_logger(__name__)


class Place(Struct, frozen=True):
    """Which town, and which of the providers that its profile switches on."""

    town: int
    town_code: str
    provider: str


class Departure(Struct, frozen=True):
    """Where the browser goes, and the secret that its cookie brings back."""

    address: str
    browser: str


class Return(Struct, frozen=True):
    """What a browser comes back with: the provider's answer, and its own cookie's secret."""

    browser: str
    state: str
    code: str | None = None
    error: str | None = None
    issuer: str | None = None


class OpenidDoors:
    """The identity providers of one process, for all its towns."""

    def __init__(
        self,
        settings: Settings,
        pool: Pool,
        vault: Vault,
        sessions: Sessions,
        fetcher: Fetcher | None = None,
    ) -> None:
        self._pool = pool
        self._vault = vault
        self._sessions = sessions
        self._public_url = settings.public_url
        self._key = blake2b(settings.secret, digest_size=32, person=b"koban.openid").digest()
        asks = fetcher or Fetcher()
        self.parties = {code: RelyingParty(each, asks) for code, each in settings.openid.items()}

    async def start(
        self,
        place: Place,
        purpose: Literal["link", "sign_in"],
        wallet: int | None,
        session: UUID | None,
        now: datetime,
    ) -> Departure:
        """Sends a browser to a provider; ``wallet`` and ``session`` are whose, to link.

        Raises:
            Refused: ``openid_closed``, ``openid_unavailable``.
        """
        party, state, browser = self._party(place), new_token(), new_token()
        nonce, verifier = self._derived("nonce", state), self._derived("verifier", state)
        try:
            address = await party.address(self._callback(place), state, nonce, verifier, now)
        except ProviderAway as error:
            raise _away(place, error) from error
        await openid.add_attempt(
            self._pool,
            place.town,
            state,
            browser,
            place.provider,
            Attempt(purpose, wallet, session),
            now + ATTEMPT_LIFE,
        )
        return Departure(address, browser)

    async def finish(self, place: Place, back: Return, now: datetime) -> Opened | None:
        """Takes a browser that comes back: the session of the wallet that is signed in, or None
        where an identity was linked.

        Raises:
            Refused: any code that begins with ``openid_``.
        """
        party = self._party(place)
        attempt = await openid.take_attempt(
            self._pool, place.town, back.state, back.browser, place.provider, now
        )
        if attempt is None:
            raise Refused("openid_over")
        identity = await self._identity(place, party, back, now)
        if attempt.purpose == "sign_in":
            return await self._sign_in(place.town, identity, now)
        assert attempt.wallet is not None
        assert attempt.session is not None  # The database's CHECK says so.
        await self._link(place.town, attempt.wallet, attempt.session, identity, now)
        return None

    async def unlink(self, town: int, wallet: int, provider: str) -> None:
        """The identity of this provider opens the wallet no longer."""
        if await openid.unlink(self._pool, town, wallet, provider):
            log.info("identity.unlinked", town=town, wallet=wallet, provider=provider)

    async def _identity(
        self, place: Place, party: RelyingParty, back: Return, now: datetime
    ) -> Identity:
        issuer = party.settings.issuer
        if back.issuer is not None and back.issuer != issuer:
            # RFC 9207: the answer of another provider, which must not learn this one's code.
            raise _untrue(place, "iss: another provider's answer")
        if back.error is not None:
            raise Refused("openid_cancelled")
        if back.code is None:
            raise _untrue(place, "neither a code nor an error")
        nonce, verifier = self._derived("nonce", back.state), self._derived("verifier", back.state)
        try:
            subject = await party.subject(back.code, self._callback(place), nonce, verifier, now)
        except ProviderAway as error:
            raise _away(place, error) from error
        except (CodeRefused, TokenRefused) as error:
            raise _untrue(place, str(error)) from error
        return Identity(place.provider, issuer, subject)

    async def _link(
        self, town: int, wallet: int, session: UUID, identity: Identity, now: datetime
    ) -> None:
        try:
            await openid.link(self._pool, self._vault, town, wallet, session, identity, now)
        except SessionOver as error:
            raise Refused("openid_over") from error
        except IdentityElsewhere as error:
            raise Refused("openid_taken") from error
        except AnotherIdentity as error:
            raise Refused("openid_linked") from error
        log.info("identity.linked", town=town, wallet=wallet, provider=identity.provider)

    async def _sign_in(self, town: int, identity: Identity, now: datetime) -> Opened:
        wallet = await openid.wallet_of(self._pool, self._vault, town, identity)
        if wallet is None:
            raise Refused("openid_unlinked")
        person = await persons.person_by_wallet(self._pool, self._vault, town, wallet)
        if person is None:  # Erased at this moment.
            raise Refused("openid_unlinked")
        log.info("identity.signed_in", town=town, wallet=wallet, provider=identity.provider)
        return await self._sessions.open(town, Role.WALLET, wallet, person.name, now)

    def _party(self, place: Place) -> RelyingParty:
        party = self.parties.get(place.provider)
        if party is None:
            raise Refused("openid_closed")
        return party

    def _callback(self, place: Place) -> str:
        """The address that is registered with the provider."""
        return f"{self._public_url}{callback_path(place.town_code, place.provider)}"

    def _derived(self, use: str, state: str) -> str:
        """A secret of 256 bits that follows from the state: 43 characters that fit anywhere."""
        bits = blake2b(f"{use}\0{state}".encode(), key=self._key, digest_size=32).digest()
        return urlsafe_b64encode(bits).rstrip(b"=").decode()


def callback_path(town_code: str, provider: str) -> str:
    """Where a provider sends the browser back to."""
    return f"/{town_code}/wallet/openid/{provider}/callback"


def _away(place: Place, error: ProviderAway) -> Refused:
    log.warning("openid.away", town=place.town, provider=place.provider, problem=str(error))
    return Refused("openid_unavailable")


def _untrue(place: Place, problem: str) -> Refused:
    log.warning("openid.refused", town=place.town, provider=place.provider, problem=problem)
    return Refused("openid_refused")
