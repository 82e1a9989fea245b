"""What clients and citizens ask for: read and held, judged, and written in one transaction."""

import re
from datetime import datetime
from uuid import uuid4

import msgspec
import structlog
from msgspec import Struct

from gateway.civic.judge import (
    ACCESS_LIFE,
    CODE_LIFE,
    LINK_LIFE,
    REFRESH_LIFE,
    Answered,
    Judge,
    Known,
    credentials,
    form_of,
)
from ledger import clients, links
from ledger.clients import Client
from ledger.database import Connection, Executor, Pool, transaction
from ledger.links import Consent, Link, NewTokens

CLIENT_ID = re.compile(r"[a-z][a-z0-9-]{1,30}")

log = structlog.get_logger(__name__)


class Asked(Struct, frozen=True):
    """A request of a client to one of the two addresses that take forms."""

    uri: str
    body: str
    authorization: str

    @property
    def headers(self) -> dict[str, str]:
        """Those that the library looks at."""
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return form | ({"Authorization": self.authorization} if self.authorization else {})


class CivicDesk:
    """A town's provider of OAuth 2.0. ``issuer`` is what it calls itself (RFC 8414)."""

    def __init__(self, pool: Pool, town: int, issuer: str) -> None:
        self._pool = pool
        self._town = town
        self._issuer = issuer

    async def client(self, code: str) -> Client | None:
        """The client with this id."""
        return await self._client(self._pool, code)

    def judge(self, client: Client | None, now: datetime) -> Judge:
        """Judges what a browser brings that a client has sent here."""
        return Judge(Known(client, now), self._issuer)

    async def allow(self, client: Client, wallet: int, uri: str, now: datetime) -> str:
        """The citizen has consented: where the browser goes. Raises as `Judge.look`."""
        judge = self.judge(client, now)
        scopes, parts = judge.look(uri)
        location = judge.allow(uri, scopes)
        consent = Consent(
            client.client, wallet, scopes, parts["redirect_uri"], parts["code_challenge"]
        )
        await links.add_code(self._pool, self._town, judge.code, consent, now + CODE_LIFE)
        log.info("civic.consented", town=self._town, client=client.code, wallet=wallet)
        return location

    async def token(self, asked: Asked, now: datetime) -> Answered:
        """A code, or a refresh token, becomes tokens."""
        form = form_of(asked.body)
        anew = form.get("grant_type") == "refresh_token"
        code = "" if anew else form.get("code", "")
        refresh = form.get("refresh_token", "") if anew else ""
        async with transaction(self._pool) as connection:
            known = await self._known(connection, asked, form, code, refresh, now)
            judge = Judge(known, self._issuer)
            answered = judge.token(asked.uri, asked.body, asked.headers)
            if judge.reused:
                await self._end_stolen(connection, known)
            if not judge.tokens:
                return answered
            link = await self._link(connection, known, code, refresh)
            kept = _new_tokens(judge.tokens, known)
            await links.keep_tokens(connection, self._town, link, kept)
        told = judge.tokens | {"subject": str(link.subject)}
        return Answered(answered.headers, msgspec.json.encode(told).decode(), answered.status)

    async def revoke(self, asked: Asked, now: datetime) -> Answered:
        """A client gives a token back: an access token alone, or with a refresh token the link."""
        form = form_of(asked.body)
        token = form.get("token", "")
        async with transaction(self._pool) as connection:
            known = await self._known(connection, asked, form, "", token, now)
            judge = Judge(known, self._issuer)
            answered = judge.revocation(asked.uri, asked.body, asked.headers)
            if judge.revoked:
                assert known.token is not None
                if known.token.kind == "access":
                    await links.revoke_token(connection, self._town, token, now)
                else:
                    link = known.token.link.link
                    await links.end_known(connection, self._town, link, "client", now)
        return answered

    async def _known(
        self,
        connection: Connection,
        asked: Asked,
        form: dict[str, str],
        code: str,
        token: str,
        now: datetime,
    ) -> Known:
        who = credentials(asked.authorization, form)
        client = await self._client(connection, who.client_id)
        proven = client is not None and await clients.secret_is(
            connection, self._town, client.client, who.secret
        )
        if not proven:  # It learns nothing, and holds nothing.
            return Known(client, now)
        held = await links.hold_token(connection, self._town, token) if token else None
        return Known(
            client,
            now,
            proven,
            await links.hold_code(connection, self._town, code) if code else None,
            held,
            held is not None and await links.is_stolen(connection, self._town, held),
        )

    async def _client(self, executor: Executor, code: str) -> Client | None:
        if not CLIENT_ID.fullmatch(code):  # Whatever strangers write there.
            return None
        return await clients.client(executor, self._town, code)

    async def _link(self, connection: Connection, known: Known, code: str, refresh: str) -> Link:
        if known.code is not None:
            return await links.use_code(
                connection, self._town, code, uuid4(), known.now + LINK_LIFE, known.now
            )
        assert known.token is not None
        return await links.follow(connection, self._town, refresh, known.token, known.now)

    async def _end_stolen(self, connection: Connection, known: Known) -> None:
        link = known.token.link.link if known.token is not None else None
        if known.code is not None:
            link = known.code.link
        assert link is not None  # What comes again has become a link before.
        await links.end_known(connection, self._town, link, "reuse", known.now)
        log.warning("civic.reused", town=self._town, link=link)


def _new_tokens(made: dict[str, object], known: Known) -> NewTokens:
    now = known.now
    if known.code is not None:
        consented, ends_at = known.code.consent.scopes, now + LINK_LIFE
    else:
        assert known.token is not None
        consented, ends_at = known.token.scopes, known.token.link_expires_at
    return NewTokens(
        str(made["access_token"]),
        str(made["scope"]).split(),
        min(now + ACCESS_LIFE, ends_at),
        str(made["refresh_token"]),
        consented,
        min(now + REFRESH_LIFE, ends_at),
    )
