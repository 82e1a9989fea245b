"""The way to one identity provider and back: where to send a browser, and whom it comes back as."""

import asyncio
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import quote, urlencode

import jwt
import msgspec
from msgspec import Struct

from config.openid import OpenidSettings, is_safe_address
from gateway.openid.fetching import Fetcher, ProviderAway
from gateway.openid.tokens import TokenRefused, checked_subject, key_id

CACHED_FOR = timedelta(hours=1)
# Keys change between two looks: one that we do not know is looked for, but not at every token.
KEYS_AGAIN_AFTER = timedelta(minutes=1)
DISCOVERY = "/.well-known/openid-configuration"


class Metadata(Struct, frozen=True):
    """What we need of a provider's description of itself (OpenID Connect Discovery 1.0)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class CodeRefused(Exception):
    """The provider does not take the code, or its answer to it has no ID token."""


class RelyingParty:
    """One provider, as one process knows it; what it publishes is kept for an hour."""

    def __init__(self, settings: OpenidSettings, fetcher: Fetcher) -> None:
        self.settings = settings
        self._fetcher = fetcher
        self._lock = asyncio.Lock()
        self._metadata: tuple[Metadata, datetime] | None = None
        self._keys: tuple[list[jwt.PyJWK], datetime] | None = None

    async def address(
        self, redirect_uri: str, state: str, nonce: str, verifier: str, now: datetime
    ) -> str:
        """Where the browser goes to say who it is.

        Raises:
            ProviderAway: the provider says nothing useful of itself.
        """
        metadata = await self._described(now)
        query = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(self.settings.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
        }
        return f"{metadata.authorization_endpoint}?{urlencode(query, quote_via=quote)}"

    async def subject(
        self, code: str, redirect_uri: str, nonce: str, verifier: str, now: datetime
    ) -> str:
        """Who came back, by the provider's name for them.

        Raises:
            ProviderAway: the provider does not answer.
            CodeRefused: the provider does not take the code.
            TokenRefused: its token is not to be believed.
        """
        metadata = await self._described(now)
        token = await self._token(metadata, code, redirect_uri, verifier)
        key = await self._key(metadata, token, now)
        return checked_subject(token, key, self.settings, nonce, now)

    async def _token(self, metadata: Metadata, code: str, redirect_uri: str, verifier: str) -> str:
        settings = self.settings
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        basic: tuple[str, str] | None = None
        if settings.authentication == "client_secret_basic":
            # RFC 6749, 2.3.1: both are form-encoded before they are joined.
            basic = (quote(settings.client_id, safe=""), quote(settings.client_secret, safe=""))
        else:
            form |= {"client_id": settings.client_id, "client_secret": settings.client_secret}
        answer = await self._fetcher.post(metadata.token_endpoint, settings.timeout_s, form, basic)
        if answer.status >= 500:
            raise ProviderAway(f"the token endpoint answers {answer.status}")
        token = answer.body.get("id_token")
        if answer.status != 200 or not isinstance(token, str):
            raise CodeRefused(f"the token endpoint answers {answer.status} without an ID token")
        return token

    async def _described(self, now: datetime) -> Metadata:
        async with self._lock:
            if self._metadata is None or now - self._metadata[1] > CACHED_FOR:
                self._metadata = (await self._describe(), now)
            return self._metadata[0]

    async def _describe(self) -> Metadata:
        issuer = self.settings.issuer
        answer = await self._fetcher.get(
            issuer.removesuffix("/") + DISCOVERY, self.settings.timeout_s
        )
        try:
            metadata = msgspec.convert(answer.body, Metadata)
        except msgspec.ValidationError:
            raise ProviderAway(f"discovery answers {answer.status}, incomplete") from None
        if metadata.issuer != issuer:
            raise ProviderAway("discovery names another issuer")
        addresses = (metadata.authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri)
        if not all(is_safe_address(address) for address in addresses):
            raise ProviderAway("discovery names an address that is not https")
        return metadata

    async def _key(self, metadata: Metadata, token: str, now: datetime) -> jwt.PyJWK | str:
        """What the token is to be checked with."""
        named = key_id(token)
        if self.settings.algorithm == "HS256":
            return self.settings.client_secret
        async with self._lock:
            if self._keys is None or now - self._keys[1] > CACHED_FOR:
                self._keys = (await self._published(metadata), now)
            found = _chosen(self._keys[0], named)
            if found is None and now - self._keys[1] > KEYS_AGAIN_AFTER:
                self._keys = (await self._published(metadata), now)
                found = _chosen(self._keys[0], named)
        if found is None:
            raise TokenRefused("kid: no key that the provider publishes")
        return found

    async def _published(self, metadata: Metadata) -> list[jwt.PyJWK]:
        answer = await self._fetcher.get(metadata.jwks_uri, self.settings.timeout_s)
        try:
            return list(jwt.PyJWKSet.from_dict(answer.body).keys)
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
            raise ProviderAway(f"the keys' address answers {answer.status}, no keys") from None


def challenge(verifier: str) -> str:
    """The code challenge of a verifier (RFC 7636, 4.2, S256)."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _chosen(keys: list[jwt.PyJWK], named: str | None) -> jwt.PyJWK | None:
    """The key that is named, or the only one there is where none is named."""
    signing = [key for key in keys if key.public_key_use in {None, "sig"}]
    if named is None:
        return signing[0] if len(signing) == 1 else None
    return next((key for key in signing if key.key_id == named), None)
