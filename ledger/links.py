"""Links (連携, A2): a citizen's consents to clients, and the codes and tokens that follow.

A link holds for a year, or until the citizen, the client or a theft ends it; nothing of it opens
anything then. Codes and tokens are kept as digests. A refresh token works for one step: with its
follower in use it is a stolen copy, and the link ends. Until somebody has shown the follower it may
come again, because then the answer that brought the follower was lost.
"""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from ledger.acquirers import Acquirer
from ledger.database import Connection, Executor, fetch_row, fetch_rows, load_queries
from ledger.identity import digest

SQL = load_queries("links")


class Consent(Struct, frozen=True):
    """What a citizen has allowed, and where the browser brings the code that says so."""

    client: int
    wallet: int
    scopes: list[str]
    redirect_uri: str
    challenge: str


class Code(Struct, frozen=True):
    """A code and what it stands for; ``link``: what it has become, where it was used."""

    consent: Consent
    expires_at: datetime
    used_at: datetime | None
    link: int | None


class Link(Struct, frozen=True):
    """A consent that holds. ``subject`` is what its client calls the citizen."""

    link: int
    subject: UUID
    generation: int


class HeldToken(Struct, frozen=True):
    """A token that a client shows. ``scopes`` are its own; ``last``: no other was made after it."""

    link: Link
    client: int
    kind: str
    generation: int
    scopes: list[str]
    expires_at: datetime
    revoked_at: datetime | None
    link_expires_at: datetime
    ended_at: datetime | None

    def holds(self, now: datetime) -> bool:
        """Whether it is in time, and its link too."""
        return self.expires_at > now and self.link_expires_at > now and self.ended_at is None


class NewTokens(Struct, frozen=True):
    """Tokens as a client gets them, this once. The refresh token keeps the whole consent."""

    access: str
    access_scopes: list[str]
    access_expires_at: datetime
    refresh: str
    refresh_scopes: list[str]
    refresh_expires_at: datetime


class Linked(Struct, frozen=True):
    """Who an access token speaks for: the citizen's wallet, to this client by its ``subject``."""

    link: int
    wallet: int
    subject: UUID
    scopes: list[str]
    client: Acquirer


class LinkLine(Struct, frozen=True):
    """A consent as its citizen sees it; ``client`` is its code."""

    link: int
    client: str
    name: str
    scopes: list[str]
    linked_at: datetime
    expires_at: datetime


# -- codes -----------------------------------------------------------------------------------------


async def add_code(
    pool: Executor, town: int, code: str, consent: Consent, expires_at: datetime
) -> None:
    """Keeps that a citizen has consented."""
    await fetch_row(
        pool,
        SQL["add_code"],
        town,
        digest(code),
        consent.client,
        consent.wallet,
        consent.scopes,
        consent.redirect_uri,
        consent.challenge,
        expires_at,
    )


async def hold_code(connection: Connection, town: int, code: str) -> Code | None:
    """The code, held until the end of the transaction; None where there is none."""
    row = await fetch_row(connection, SQL["hold_code"], town, digest(code))
    return None if row is None else Code(Consent(*row[:5]), *row[5:])


async def use_code(
    connection: Connection, town: int, code: str, subject: UUID, expires_at: datetime, now: datetime
) -> Link:
    """Makes the link that a held code consents to: a new one by this ``subject``, or the one that
    is open already, whose earlier tokens open nothing any more.
    """
    row = await fetch_row(connection, SQL["hold_code"], town, digest(code))
    assert row is not None
    new = (town, row["wallet"], row["client"], row["scopes"], now, expires_at)
    made = await fetch_row(connection, SQL["renew_link"], *new)
    if made is None:
        made = await fetch_row(connection, SQL["open_link"], *new, subject)
        assert made is not None
    await fetch_row(connection, SQL["use_code"], town, digest(code), now, made["link"])
    # Unknown, not revoked: a client that still has one of them has stolen nothing.
    await fetch_row(connection, SQL["forget_tokens"], town, made["link"])
    return Link(*made)


# -- tokens ----------------------------------------------------------------------------------------


async def hold_token(connection: Connection, town: int, token: str) -> HeldToken | None:
    """The token and its link, held until the end of the transaction; None where there is none."""
    row = await fetch_row(connection, SQL["hold_token"], town, digest(token))
    if row is None:
        return None
    return HeldToken(
        Link(row["link"], row["subject"], row["link_generation"]),
        row["client"],
        row["kind"],
        row["generation"],
        row["scopes"],
        row["expires_at"],
        row["revoked_at"],
        row["link_expires_at"],
        row["ended_at"],
    )


async def is_stolen(connection: Connection, town: int, held: HeldToken) -> bool:
    """Whether a refresh token comes from somebody who should not have it: it was revoked, or tokens
    that were made after it have been shown.
    """
    if held.revoked_at is not None:
        return True
    row = await fetch_row(connection, SQL["followers_used"], town, held.link.link, held.generation)
    assert row is not None
    return bool(row["used"])


async def follow(
    connection: Connection, town: int, token: str, held: HeldToken, now: datetime
) -> Link:
    """A held refresh token is used: its link one step on, for which tokens can be kept."""
    link = held.link
    await fetch_row(connection, SQL["mark_used"], town, digest(token), now)
    await fetch_row(connection, SQL["revoke_followers"], town, link.link, held.generation, now)
    await fetch_row(connection, SQL["set_generation"], town, link.link, link.generation + 1)
    return Link(link.link, link.subject, link.generation + 1)


async def keep_tokens(connection: Connection, town: int, link: Link, new: NewTokens) -> None:
    """Keeps the tokens of a link's present generation."""
    tokens = (
        (new.access, "access", new.access_scopes, new.access_expires_at),
        (new.refresh, "refresh", new.refresh_scopes, new.refresh_expires_at),
    )
    for token, kind, scopes, expires_at in tokens:
        await fetch_row(
            connection,
            SQL["add_token"],
            town,
            digest(token),
            link.link,
            kind,
            link.generation,
            scopes,
            expires_at,
        )


async def revoke_token(pool: Executor, town: int, token: str, now: datetime) -> None:
    """One token opens nothing any more; its link holds."""
    await fetch_row(pool, SQL["revoke_token"], town, digest(token), now)


async def linked(pool: Executor, town: int, token: str, now: datetime) -> Linked | None:
    """Who an access token speaks for; None where it opens nothing, or nothing any more."""
    row = await fetch_row(pool, SQL["linked"], town, digest(token), now)
    if row is None:
        return None
    if not row["seen"]:
        await fetch_row(pool, SQL["mark_used"], town, digest(token), now)
    client = Acquirer(row["acquirer"], row["code"], row["name"], row["state"])
    return Linked(row["link"], row["wallet"], row["subject"], row["scopes"], client)


# -- links -----------------------------------------------------------------------------------------


async def of_wallet(pool: Executor, town: int, wallet: int, now: datetime) -> list[LinkLine]:
    """The consents of a citizen that hold, oldest first."""
    rows = await fetch_rows(pool, SQL["links_of_wallet"], town, wallet, now)
    return [LinkLine(*row) for row in rows]


async def end(pool: Executor, town: int, wallet: int, link: int, now: datetime) -> bool:
    """The citizen ends a link, and its client is told; False where there is no such open link."""
    return bool(await fetch_rows(pool, SQL["end_links"], town, wallet, link, now, "citizen"))


async def end_known(connection: Connection, town: int, link: int, by: str, now: datetime) -> None:
    """Ends a link that is known by its number. ``by``: client, or reuse: what should come once came
    from somebody else too.
    """
    row = await fetch_row(connection, SQL["wallet_of_link"], town, link)
    if row is not None:
        await fetch_rows(connection, SQL["end_links"], town, row["wallet"], link, now, by)


async def end_all(pool: Executor, town: int, wallet: int, now: datetime) -> int:
    """Ends every link of a wallet whose holder is being erased, before that; how many. A code that
    is still on its way makes no other.
    """
    await fetch_row(pool, SQL["forget_codes"], town, wallet)
    return len(await fetch_rows(pool, SQL["end_links"], town, wallet, None, now, "erasure"))


async def sweep(pool: Executor, town: int, now: datetime) -> None:
    """Forgets codes and tokens that are over for a day: nobody needs to tell them from others."""
    await fetch_row(pool, SQL["sweep_codes"], town, now)
    await fetch_row(pool, SQL["sweep_tokens"], town, now)
