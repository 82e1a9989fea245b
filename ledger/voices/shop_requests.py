"""Shop requests (加盟店リクエスト, R7): shops that people ask for because they are not in yet.

Several who ask for the same shop are counted together: the same name at the same place, however it
was typed. What is the same in other words an operator says (`merge`); who asks for it in those
words later is counted there too.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from asyncpg import Record
from msgspec import Struct

from ledger import notices
from ledger.addresses import normal_address
from ledger.database import (
    Connection,
    Executor,
    chosen,
    fetch_row,
    fetch_rows,
    load_queries,
    transaction,
)
from ledger.notices import Added, NewNotice
from ledger.vault import Vault
from ledger.voices.proposals import DAY_MAX, KIND, TooMany

SQL = load_queries("shop_requests")

DAY = timedelta(days=1)
_BETWEEN = re.compile(r"[\s\-‐-―・･.,、。'’\"“”()（）「」&]+")


class ShopRequest(Struct, frozen=True):
    """A shop that people ask for; ``name`` and ``place`` as the first of them wrote. ``askers``:
    how many they are. ``asked_at``: when the first did, or whoever looks at their own.
    """

    request: int
    name: str
    place: str
    answer: str | None
    askers: int
    asked_at: datetime
    closed_at: datetime | None
    closed_by: str | None


def same_shop(name: str, place: str) -> str:
    """What is equal for the same shop: spaces, width, case and marks between words do not count,
    and the place is compared as addresses are.
    """
    plain = _BETWEEN.sub("", unicodedata.normalize("NFKC", name)).casefold()
    return f"{plain}\0{normal_address(place)}"


# -- asking ----------------------------------------------------------------------------------------


async def ask(
    pool: Executor, vault: Vault, town: int, wallet: int, name: str, place: str, now: datetime
) -> ShopRequest:
    """A wallet asks for a shop; asking again changes nothing. Who asks for it, counted together.

    Raises:
        TooMany: the wallet has asked for `DAY_MAX` shops within a day.
    """
    key = same_shop(name, place)
    async with transaction(pool) as connection:
        await connection.execute(SQL["lock_requests"], town)
        row = await connection.fetchrow(
            SQL["request_of"], town, vault.digests(town, "shop_request", key)
        )
        number = row["request"] if row else await _add(connection, vault, town, name, place, now)
        if await connection.fetchrow(SQL["add_asker"], town, number, wallet, now) is not None:
            since = await connection.fetchrow(SQL["asked_since"], town, wallet, now - DAY)
            assert since is not None
            if since["count"] > DAY_MAX:
                raise TooMany(since["first"] + DAY)
        found = await request(connection, vault, town, number)
        assert found is not None
        return found


async def _add(
    connection: Connection, vault: Vault, town: int, name: str, place: str, now: datetime
) -> int:
    number: int = await connection.fetchval(SQL["next_request"])
    await connection.execute(
        SQL["add_request"], town, number, *_kept(vault, town, number, name, place), now
    )
    return number


async def asked_by(
    pool: Executor, vault: Vault, town: int, wallet: int, limit: int
) -> list[ShopRequest]:
    """The shops that a wallet asks for, the newest first."""
    rows = await fetch_rows(pool, SQL["asked_by"], town, wallet, limit)
    return [_request(vault, town, row) for row in rows]


async def forget(connection: Connection, town: int, wallet: int) -> None:
    """The wallet's holder asks for nothing any more; what nobody else asks for goes too."""
    await connection.execute(SQL["forget_asker"], town, wallet)


# -- at the console --------------------------------------------------------------------------------


async def requests(
    pool: Executor, vault: Vault, town: int, limit: int, *, only_open: bool = False
) -> list[ShopRequest]:
    """Shops that are asked for, first those that most ask for; only those without an answer."""
    query, arguments = chosen(
        SQL["requests"], town=town, request=None, only_open=only_open, limit=limit
    )
    return [_request(vault, town, row) for row in await fetch_rows(pool, query, *arguments)]


async def request(pool: Executor, vault: Vault, town: int, number: int) -> ShopRequest | None:
    """The request of this number; None where there is none, or it was found to be another."""
    query, arguments = chosen(SQL["requests"], town=town, request=number, only_open=False, limit=1)
    row = await fetch_row(pool, query, *arguments)
    return _request(vault, town, row) if row else None


async def answer(
    connection: Connection, vault: Vault, town: int, number: int, text: str, by: str, now: datetime
) -> list[Added] | None:
    """Tells everybody who asks for it, by a notice; the new notices. None where there is no such
    request, or it was answered before.
    """
    row = await connection.fetchrow(SQL["take_request"], town, number)
    if row is None or row["closed_at"] is not None:
        return None
    name, place = _read(vault, town, row, "name"), _read(vault, town, row, "place")
    digest, key_id, name_kept, place_kept = _kept(vault, town, number, name, place)
    hidden = vault.encrypt(text, town, _owner(number), "answer")
    await connection.execute(
        SQL["close_request"],
        *(town, number, now, by, hidden, key_id, name_kept, place_kept, digest),
    )
    body = msgspec.json.encode({"about": "shop_request", "number": number}).decode()
    askers = await connection.fetch(SQL["askers"], town, number)
    new = [NewNotice(row["wallet"], f"shop_request:{number}", body) for row in askers]
    return await notices.add(connection, town, KIND, new, now)


async def merge(connection: Connection, town: int, number: int, into: int) -> bool:
    """One request is found to be the same as another, and whoever asks for it asks for that one.
    False where they are not two open requests.
    """
    await connection.execute(SQL["lock_requests"], town)
    for each in sorted((number, into)):
        row = await connection.fetchrow(SQL["take_request"], town, each)
        if row is None or row["closed_at"] is not None or number == into:
            return False
    await connection.execute(SQL["merge_askers"], town, number, into)
    await connection.execute(SQL["merge_request"], town, number, into)
    return True


async def answers(
    pool: Executor, vault: Vault, town: int, numbers: Sequence[int]
) -> dict[int, tuple[str, str]]:
    """The shop's name and the answer, by request; those that were answered."""
    rows = await fetch_rows(pool, SQL["answers_to_requests"], town, list(numbers))
    return {
        row["request"]: (_read(vault, town, row, "name"), _read(vault, town, row, "answer"))
        for row in rows
    }


async def encrypt_again(pool: Executor, vault: Vault, step: int) -> int:
    """Brings some requests under the vault's first key; how many.

    Raises:
        Unreadable: one is under a key that the vault has not.
    """
    async with transaction(pool) as connection:
        rows = await connection.fetch(SQL["requests_under_other_keys"], vault.key_id, step)
        for row in rows:
            town, number = row["town"], row["request"]
            name, place = _read(vault, town, row, "name"), _read(vault, town, row, "place")
            answered = None
            if row["answer_encrypted"] is not None:
                text = _read(vault, town, row, "answer")
                answered = vault.encrypt(text, town, _owner(number), "answer")
            kept = _kept(vault, town, number, name, place)
            await connection.execute(SQL["write_request"], town, number, *kept, answered)
        return len(rows)


# -- between rows and texts ------------------------------------------------------------------------


def _owner(number: int) -> str:
    return f"shop_request:{number}"


def _kept(
    vault: Vault, town: int, number: int, name: str, place: str
) -> tuple[bytes, int, bytes, bytes]:
    """Digest, key, name and place as they are kept."""
    return (
        vault.digest(town, "shop_request", same_shop(name, place)),
        vault.key_id,
        vault.encrypt(name, town, _owner(number), "name"),
        vault.encrypt(place, town, _owner(number), "place"),
    )


def _read(vault: Vault, town: int, row: Record, field: str) -> str:
    kept, number = row[f"{field}_encrypted"], row["request"]
    return vault.decrypt(row["key_id"], kept, town, _owner(number), field)


def _request(vault: Vault, town: int, row: Record) -> ShopRequest:
    return ShopRequest(
        row["request"],
        _read(vault, town, row, "name"),
        _read(vault, town, row, "place"),
        _read(vault, town, row, "answer") if row["answer_encrypted"] is not None else None,
        row["askers"],
        row["asked_at"],
        row["closed_at"],
        row["closed_by"],
    )
