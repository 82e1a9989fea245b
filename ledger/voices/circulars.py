"""Circulars (回覧): notices that operators write, to all wallets or shops or some of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec
from asyncpg import Record
from msgspec import Struct

from ledger.database import Executor, Pool, chosen, fetch_row, fetch_rows, load_queries, transaction
from ledger.identity import Push

SQL = load_queries("circulars")

Audience = Literal["wallet", "shop"]


class Picture(Struct, frozen=True):
    """A picture in a circular. ``picture``: its digest in hexadecimal digits; ``alt``: what is to
    be seen on it, by language; its size in pixels.
    """

    picture: str
    alt: dict[str, str]
    width: int
    height: int


class NewCircular(Struct, frozen=True, kw_only=True):
    """A circular to make. ``title`` and ``text`` by language. At most one of ``instrument`` (for
    those who hold this kind of value, by its number), ``groups`` (of shops) and ``accounts`` is
    given; without, it is for the whole audience.
    """

    audience: Audience
    title: dict[str, str]
    text: dict[str, str]
    shown_from: datetime
    shown_until: datetime
    pictures: list[Picture] = []
    instrument: int | None = None
    groups: list[str] | None = None
    accounts: list[int] | None = None


class Circular(NewCircular, frozen=True, kw_only=True):
    """A circular. ``notice``: its number since it was published; ``recipients``: how many it was
    for then, ``readers``: how many have read it.
    """

    circular: int
    made_by: str
    made_at: datetime
    notice: int | None
    published_at: datetime | None
    recipients: int | None
    readers: int
    pushed_at: datetime | None
    withdrawn_at: datetime | None

    def state_at(self, now: datetime) -> Literal["waiting", "shown", "over", "withdrawn"]:
        """What has become of it by ``now``."""
        if self.withdrawn_at is not None:
            return "withdrawn"
        if self.shown_until <= now:
            return "over"
        return "waiting" if self.notice is None else "shown"


class Told(Struct, frozen=True):
    """Some of the phones that are to be told of a circular, each with its wallet."""

    notice: int
    title: dict[str, str]
    text: dict[str, str]
    phones: list[tuple[int, Push]]


class Fresh(Struct, frozen=True):
    """What was published just now. ``accounts`` None: it is for the audience, or a part of it."""

    notice: int
    audience: Audience | None
    accounts: list[int] | None


_words = msgspec.json.Decoder(dict[str, str]).decode
_pictures = msgspec.json.Decoder(list[Picture]).decode


async def add(
    connection: Executor, town: int, new: NewCircular, made_by: str, now: datetime
) -> int:
    """Makes a circular, which is published when its time has come; its number."""
    row = await fetch_row(
        connection,
        SQL["add_circular"],
        town,
        new.audience,
        new.instrument,
        new.groups,
        new.accounts,
        _json(new.title),
        _json(new.text),
        _json(new.pictures),
        new.shown_from,
        new.shown_until,
        made_by,
        now,
    )
    assert row is not None
    return int(row["circular"])


async def unknown_accounts(
    pool: Executor, town: int, audience: Audience, accounts: Sequence[int]
) -> list[int]:
    """Those of some accounts that are no wallets, or no shops."""
    rows = await fetch_rows(pool, SQL["unknown_accounts"], town, audience, list(accounts))
    return [row["account"] for row in rows]


async def circulars(
    pool: Executor, town: int, limit: int, before: int | None = None
) -> list[Circular]:
    """The town's circulars before a number (None: from the newest on), newest first."""
    return await _found(pool, town, limit, before=before)


async def circular(pool: Executor, town: int, number: int) -> Circular | None:
    """The circular of this number, or None."""
    found = await _found(pool, town, 1, circular=number)
    return found[0] if found else None


async def withdraw(connection: Executor, town: int, circular: int, now: datetime) -> bool:
    """From now on nobody is shown or told it; False where it was withdrawn or is over."""
    return await fetch_row(connection, SQL["withdraw"], town, circular, now) is not None


# -- publishing ------------------------------------------------------------------------------------


async def due(pool: Executor, town: int, now: datetime) -> list[int]:
    """The circulars whose time has come and is not over, and which are not published."""
    return [row["circular"] for row in await fetch_rows(pool, SQL["due"], town, now)]


async def publish(pool: Executor, town: int, circular: int, now: datetime) -> bool:
    """Gives a circular its number among the notices: from now on it is seen. False where it has
    one, or must not be seen now. May be called again at any moment.
    """
    return await fetch_row(pool, SQL["publish"], town, circular, now) is not None


async def next_phones(
    pool: Pool, town: int, circular: int, count: int, now: datetime
) -> Told | None:
    """The next phones to tell, about ``count``; None: there is nobody left to be told.

    They are marked as told, so whoever dies before telling them leaves some untold, and nobody is
    told twice; the notice waits for all of them.
    """
    async with transaction(pool) as connection:
        row = await connection.fetchrow(SQL["take_pushing"], town, circular, now)
        if row is None:
            return None
        if row["recipients"] is None:
            await connection.execute(SQL["count_recipients"], town, circular, now)
        phones = await connection.fetch(SQL["next_phones"], town, circular, now, count)
        if not phones:
            await connection.execute(SQL["all_pushed"], town, circular, now)
            return None
        await connection.execute(SQL["pushed_to"], town, circular, phones[-1]["wallet"])
    told = [(phone["wallet"], Push(*phone[1:])) for phone in phones]
    return Told(row["notice"], _words(row["title"]), _words(row["text"]), told)


async def fresh(pool: Executor, town: int, since: datetime, limit: int) -> list[Fresh]:
    """What was published after an instant, but warnings of expiry."""
    rows = await fetch_rows(pool, SQL["fresh"], town, since, limit)
    return [Fresh(*row) for row in rows]


# -- between rows and circulars --------------------------------------------------------------------


async def _found(
    pool: Executor,
    town: int,
    limit: int,
    *,
    circular: int | None = None,
    before: int | None = None,
) -> list[Circular]:
    query, arguments = chosen(
        SQL["circulars"], town=town, circular=circular, before=before, limit=limit
    )
    return [_circular(row) for row in await fetch_rows(pool, query, *arguments)]


def _circular(row: Record) -> Circular:
    known = dict(row)
    return Circular(
        **known
        | {
            "title": _words(known["title"]),
            "text": _words(known["text"]),
            "pictures": _pictures(known["pictures"]),
        }
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
