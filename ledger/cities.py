"""A city (H11): a town that is filled with shops, tablets, wallets and cards, to measure it by.

Accounts are copied in at once, in one transaction that also says so; no value is: that comes by
`ledger.authorise` like all value, so the books of a city are right as any town's are. A town in
which anybody takes part is not filled.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from ledger.accounts import shop_code
from ledger.cards import card_owner
from ledger.database import (
    Connection,
    Executor,
    Pool,
    fetch_row,
    fetch_rows,
    load_queries,
    transaction,
    translated,
)
from ledger.errors import LedgerError
from ledger.requests import code_digest
from ledger.shops import listings
from ledger.shops.listings import Listing
from ledger.vault import Vault

SQL = load_queries("cities")

COPY_STEP = 20_000  # Rows of a COPY, so that progress shows and memory stays small.
IDM_PREFIX = 0x0139  # A made-up card's IDm begins with a maker's code that readers take.


class CityRefused(LedgerError):
    """The town is not filled; the message says why."""


class City(Struct, frozen=True):
    """How large a city is: ``tablets`` are spread over its shops. ``seed``: of all that is left to
    chance. ``finished_at``: when everybody had their value; None: not yet.
    """

    wallets: int
    shops: int
    tablets: int
    seed: int
    founded_at: datetime
    finished_at: datetime | None = None


class CityShop(Struct, frozen=True):
    """A shop to be, and the labels of its tablets."""

    name: str
    kind: str
    area: str
    groups: list[str]
    listing: Listing
    tablets: list[str]


async def city(pool: Executor, town: int) -> City | None:
    """What the town was filled with; None where it never was."""
    row = await fetch_row(pool, SQL["city"], town)
    return City(*row) if row else None


async def somebody(pool: Executor, town: int) -> bool:
    """Whether anybody takes part in the town: a wallet, a shop, a citizens' group."""
    row = await fetch_row(pool, SQL["holds_anybody"], town)
    assert row is not None
    return bool(row["somebody"])


async def found(
    pool: Pool,
    vault: Vault,
    town: int,
    new: City,
    shops: Sequence[CityShop],
    issuer: str | None,
    progress: Callable[[int], None],
) -> None:
    """Opens the shops, tablets and wallets, all or nothing; with ``issuer`` each wallet has a card.

    ``progress`` is told how many wallets and shops are there.

    Raises:
        CityRefused: somebody takes part in this town already.
    """
    async with transaction(pool) as connection:
        if await somebody(connection, town):
            raise CityRefused("somebody takes part in this town already; fill an empty one")
        sizes = (new.wallets, new.shops, new.tablets, new.seed, new.founded_at)
        await fetch_row(connection, SQL["found"], town, *sizes)
        await _open_shops(connection, town, shops, new.founded_at)
        progress(len(shops))
        done = len(shops)
        for first in range(0, new.wallets, COPY_STEP):
            count = min(COPY_STEP, new.wallets - first)
            wallets = await _numbers(connection, "numbers", count)
            await _copy(
                connection,
                "koban.account",
                ("town", "account", "kind", "opened_at"),
                [(town, wallet, "wallet", new.founded_at) for wallet in wallets],
            )
            if issuer is not None:
                await _open_cards(connection, vault, town, wallets, issuer, new.founded_at)
            done += count
            progress(done)


async def without_value(pool: Executor, town: int) -> list[int]:
    """The wallets in which nothing has been yet."""
    return [row["account"] for row in await fetch_rows(pool, SQL["without_value"], town)]


async def show_codes(
    pool: Pool, town: int, shown: Sequence[tuple[int, str, int]], now: datetime, ttl: timedelta
) -> None:
    """What `ledger.codes.issue_code` keeps for a top-up, for many at once: wallet, code, yen."""
    records = [
        (town, code_digest(code), wallet, "top_up", amount, now, now + ttl)
        for wallet, code, amount in shown
    ]
    columns = ("town", "code_digest", "wallet", "purpose", "amount", "issued_at", "expires_at")
    async with transaction(pool) as connection:
        await _copy(connection, "koban.code", columns, records)


async def finish(pool: Executor, town: int, now: datetime) -> int:
    """Everybody has their value; the yen that lie in the town's wallets."""
    await fetch_row(pool, SQL["analyse"])
    await fetch_row(pool, SQL["finish"], town, now)
    row = await fetch_row(pool, SQL["value"], town)
    assert row is not None
    return int(row["yen"])


async def _open_shops(
    connection: Connection, town: int, shops: Sequence[CityShop], now: datetime
) -> None:
    accounts = await _numbers(connection, "numbers", len(shops))
    stickers = await _numbers(connection, "shop_numbers", len(shops))
    each = list(zip(accounts, shops, strict=True))
    await _copy(
        connection,
        "koban.account",
        ("town", "account", "kind", "title", "opened_at", "groups"),
        [(town, account, "shop", shop.name, now, shop.groups or None) for account, shop in each],
    )
    await _copy(
        connection,
        "koban.shop",
        ("town", "shop", "code", "kind", "area"),
        [
            (town, account, shop_code(number), shop.kind, shop.area)
            for (account, shop), number in zip(each, stickers, strict=True)
        ],
    )
    await _copy(
        connection,
        "koban.listing",
        listings.COLUMNS,
        [listings.row_of(town, account, shop.name, shop.listing) for account, shop in each],
    )
    tablets = [(account, label) for account, shop in each for label in shop.tablets]
    numbers = await _numbers(connection, "terminal_numbers", len(tablets))
    await _copy(
        connection,
        "koban.terminal",
        ("town", "terminal", "shop", "label", "opened_at"),
        [
            (town, number, account, label, now)
            for (account, label), number in zip(tablets, numbers, strict=True)
        ],
    )


async def _open_cards(
    connection: Connection,
    vault: Vault,
    town: int,
    wallets: Sequence[int],
    issuer: str,
    now: datetime,
) -> None:
    columns = ("town", "card", "key_id", "idm_digest", "idm_encrypted", "tail", "issuer", "wallet")
    records = []
    numbers = await _numbers(connection, "card_numbers", len(wallets))
    for card, wallet in zip(numbers, wallets, strict=True):
        idm = f"{IDM_PREFIX:04X}{card:012X}"
        hidden = vault.encrypt(idm, town, card_owner(card), "idm")
        found = vault.digest(town, "idm", idm)
        records.append((town, card, vault.key_id, found, hidden, idm[-4:], issuer, wallet, now))
    await _copy(connection, "people.card", (*columns, "opened_at"), records)


async def _numbers(connection: Connection, name: str, count: int) -> list[int]:
    return [row["number"] for row in await fetch_rows(connection, SQL[name], count)]


async def _copy(
    connection: Connection,
    table: str,
    columns: Sequence[str],
    records: Sequence[tuple[object, ...]],
) -> None:
    schema, _, name = table.partition(".")
    with translated():
        await connection.copy_records_to_table(
            name, schema_name=schema, columns=list(columns), records=records
        )
