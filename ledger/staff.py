"""Shop staff: who signs in at the shop site, in which rank, and which shops they stand over.

A clerk and a shop's manager have one shop; headquarters have their chain's shops, an area's manager
those of the chain in one area. A post is what somebody holds: the rank, and over what.
"""

from datetime import datetime

import asyncpg
from asyncpg import UniqueViolationError
from msgspec import Struct
from msgspec.structs import astuple

from ledger.accounts import Shop
from ledger.database import Executor, fetch_row, fetch_rows, load_queries, translated
from ledger.errors import LedgerError
from ledger.requests import Rank

SQL = load_queries("staff")


class StaffNameTaken(LedgerError):
    """Somebody in this town has this name at the shop site, or had it."""


class ChainNameTaken(LedgerError):
    """The town has a chain of this name."""


class Post(Struct, frozen=True):
    """A rank, and what it stands over: headquarters a ``chain``; area a ``chain`` and an ``area``;
    shop and clerk a ``shop``.
    """

    rank: Rank
    chain: int | None = None
    area: str | None = None
    shop: int | None = None

    @property
    def problem(self) -> tuple[str, str] | None:
        """The field that is missing or one too many, and what to do about it."""
        needed = {
            Rank.HEADQUARTERS: {"chain"},
            Rank.AREA: {"chain", "area"},
            Rank.SHOP: {"shop"},
            Rank.CLERK: {"shop"},
        }.get(self.rank)
        if needed is None:
            return "rank", "nobody of a shop's staff has this rank"
        for field in ("chain", "area", "shop"):
            given = getattr(self, field) is not None
            if given != (field in needed):
                word = "needs" if field in needed else "has no"
                return field, f"the rank {self.rank} {word} {field}"
        return None


class Member(Struct, frozen=True):
    """Somebody who may sign in at the shop site; not any more once they are closed."""

    staff: int
    name: str
    password_hash: str
    post: Post
    added_at: datetime
    closed_at: datetime | None


class Chain(Struct, frozen=True):
    """Shops that belong together."""

    chain: int
    name: str
    shops: list[int]


async def add_staff(
    pool: Executor, town: int, name: str, password_hash: str, post: Post, now: datetime
) -> int:
    """Lets somebody in at the shop site; their number. The post was found to be sound.

    Raises:
        StaffNameTaken: the name is somebody's, or was.
    """
    with translated():
        try:
            number = await pool.fetchval(
                SQL["add_staff"], town, name, password_hash, *astuple(post), now
            )
        except UniqueViolationError as error:
            raise StaffNameTaken(f"there is somebody of the name {name!r} already") from error
    return int(number)


async def staff_by_name(pool: Executor, town: int, name: str) -> Member | None:
    """Whoever has this name; None also for one who left."""
    return _member(await fetch_row(pool, SQL["staff_by_name"], town, name))


async def staff_by_number(pool: Executor, town: int, staff: int) -> Member | None:
    """Whoever has this number, also one who left."""
    return _member(await fetch_row(pool, SQL["staff_by_number"], town, staff))


async def staff(pool: Executor, town: int) -> list[Member]:
    """Everybody who is or was of a shop's staff, oldest first."""
    rows = await fetch_rows(pool, SQL["staff"], town)
    return [member for row in rows if (member := _member(row)) is not None]


async def set_post(pool: Executor, town: int, staff: int, post: Post) -> None:
    """Gives somebody another post. The post was found to be sound."""
    await fetch_row(pool, SQL["set_staff_post"], town, staff, *astuple(post))


async def set_password(pool: Executor, town: int, staff: int, password_hash: str) -> None:
    """Gives somebody a new password. What is signed in is ended apart (`end_sessions_of`)."""
    await fetch_row(pool, SQL["set_staff_password"], town, staff, password_hash)


async def close(pool: Executor, town: int, staff: int, now: datetime) -> bool:
    """Lets somebody in no more; False where they had left already."""
    return await fetch_row(pool, SQL["close_staff"], town, staff, now) is not None


async def shops_under(pool: Executor, town: int, post: Post) -> list[Shop]:
    """The shops that a post stands over now, oldest first."""
    rows = await fetch_rows(pool, SQL["shops_under"], town, post.chain, post.area, post.shop)
    return [Shop(*row) for row in rows]


# -- chains ----------------------------------------------------------------------------------------


async def add_chain(pool: Executor, town: int, name: str, now: datetime) -> Chain:
    """A new chain, with no shops yet.

    Raises:
        ChainNameTaken: the town has a chain of this name.
    """
    with translated():
        try:
            number = await pool.fetchval(SQL["add_chain"], town, name, now)
        except UniqueViolationError as error:
            raise ChainNameTaken(f"there is a chain {name!r} already") from error
    return Chain(int(number), name, [])


async def chains(pool: Executor, town: int) -> list[Chain]:
    """The town's chains, oldest first."""
    return [Chain(*row) for row in await fetch_rows(pool, SQL["chains"], town)]


async def chain(pool: Executor, town: int, chain: int) -> Chain | None:
    """The chain with this number, or None."""
    row = await fetch_row(pool, SQL["chain"], town, chain)
    return Chain(*row) if row else None


async def set_shop_chain(
    pool: Executor, town: int, shop: int, chain: int | None
) -> tuple[bool, int | None]:
    """Puts a shop into a chain, or into none: whether there is this shop, and its chain before."""
    row = await fetch_row(pool, SQL["shop_chain"], town, shop)
    if row is None:
        return False, None
    await fetch_row(pool, SQL["set_shop_chain"], town, shop, chain)
    return True, row["chain"]


def _member(row: asyncpg.Record | None) -> Member | None:
    if row is None:
        return None
    number, name, password_hash, rank, *over, added_at, closed_at = row
    return Member(number, name, password_hash, Post(Rank(rank), *over), added_at, closed_at)
