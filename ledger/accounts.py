"""Who takes part: wallets, shops, and the shops' terminals."""

from datetime import datetime

from msgspec import Struct

from ledger.database import Executor, fetch_row, fetch_rows, load_queries, transaction
from ledger.shops.words import grams, words_of

SQL = load_queries("accounts")


class Shop(Struct, frozen=True):
    """A shop. ``account`` is its number in the ledger, ``code`` what its sticker carries."""

    account: int
    code: str
    name: str
    kind: str
    area: str


class Terminal(Struct, frozen=True):
    """A shop's tablet. ``state``: waiting (for its enrolment), enrolled, revoked. ``groups``: of
    terminals, for campaigns. ``preset``: the code of the activity for which it grants.
    ``wiped_at``: when it came back after it was revoked, and had wiped itself.
    """

    terminal: int
    shop: int
    label: str
    state: str
    enrolled_at: datetime | None
    revoked_at: datetime | None
    groups: list[str]
    preset: str | None
    wiped_at: datetime | None


def shop_code(number: int) -> str:
    """Six digits and a Luhn check digit, so that a mistyped or misread code is refused."""
    digits = f"{number:06d}"
    return digits + str(check_digit(digits))


def check_digit(digits: str) -> int:
    """The Luhn (ISO/IEC 7812-1) check digit to put behind ``digits``."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return -total % 10


async def open_wallet(pool: Executor, town: int, now: datetime) -> int:
    """Opens an empty wallet and returns its account number."""
    row = await fetch_row(pool, SQL["open_wallet"], town, now)
    assert row is not None
    return int(row["account"])


async def open_wallets(pool: Executor, town: int, count: int, now: datetime) -> list[int]:
    """Opens ``count`` empty wallets."""
    return [row["account"] for row in await fetch_rows(pool, SQL["open_wallets"], town, now, count)]


async def wallets(pool: Executor, town: int) -> list[int]:
    """All wallets of a town, oldest first."""
    return [row["account"] for row in await fetch_rows(pool, SQL["wallets"], town)]


async def open_shop(
    pool: Executor, town: int, name: str, kind: str, area: str, now: datetime
) -> Shop:
    """Opens a shop, with a code for its sticker; it is found by its name from now on."""
    async with transaction(pool) as connection:
        row = await connection.fetchrow(SQL["open_shop_account"], town, name, now)
        assert row is not None
        account, code = row["account"], shop_code(row["number"])
        await connection.execute(SQL["open_shop"], town, account, code, kind, area)
        words = words_of(name)
        await connection.execute(SQL["open_listing"], town, account, words, grams(words))
    return Shop(account, code, name, kind, area)


async def open_group(pool: Executor, town: int, name: str, now: datetime) -> int:
    """Opens a citizens' group (市民団体), which is given value and spends none; its account."""
    row = await fetch_row(pool, SQL["open_group"], town, name, now)
    assert row is not None
    return int(row["account"])


async def shop_groups(pool: Executor, town: int, shop: int) -> list[str] | None:
    """The groups of shops that a shop belongs to; None where there is no such shop."""
    row = await fetch_row(pool, SQL["shop_groups"], town, shop)
    return list(row["groups"]) if row else None


async def set_shop_groups(pool: Executor, town: int, shop: int, groups: list[str]) -> bool:
    """Puts a shop into these groups of the town's profile; False where there is no such shop."""
    return await fetch_row(pool, SQL["set_shop_groups"], town, shop, groups) is not None


async def shop_by_code(pool: Executor, town: int, code: str) -> Shop | None:
    """The shop whose sticker carries ``code``, or None."""
    row = await fetch_row(pool, SQL["shop_by_code"], town, code)
    return Shop(*row) if row else None


async def shop(pool: Executor, town: int, account: int) -> Shop | None:
    """The shop with this account number, or None."""
    row = await fetch_row(pool, SQL["shop"], town, account)
    return Shop(*row) if row else None


async def shops(pool: Executor, town: int) -> list[Shop]:
    """All shops of a town, oldest first."""
    return [Shop(*row) for row in await fetch_rows(pool, SQL["shops"], town)]


async def open_terminal(
    pool: Executor, town: int, shop: int, label: str, now: datetime
) -> int | None:
    """A place for a tablet, waiting for its enrolment; None where there is no such shop."""
    row = await fetch_row(pool, SQL["open_terminal"], town, shop, label, now)
    return int(row["terminal"]) if row else None


async def terminals(pool: Executor, town: int, shop: int | None = None) -> list[Terminal]:
    """The tablets of a shop, or of the whole town."""
    return [Terminal(*row) for row in await fetch_rows(pool, SQL["terminals"], town, shop)]


async def terminal(pool: Executor, town: int, terminal: int) -> Terminal | None:
    """The tablet with this number, or None."""
    row = await fetch_row(pool, SQL["terminal"], town, terminal)
    return Terminal(*row) if row else None


async def wiped(pool: Executor, town: int, token_digest: bytes, now: datetime) -> bool:
    """Notes that a revoked tablet has wiped itself, which it says with the key that it had (its
    digest). False: this is no key of a revoked tablet, and nothing is noted.
    """
    return await fetch_row(pool, SQL["wiped"], town, token_digest, now) is not None


async def revoke_terminal(pool: Executor, town: int, terminal: int, now: datetime) -> bool:
    """From now on this tablet is refused. False where it was already, or never existed."""
    return await fetch_row(pool, SQL["revoke_terminal"], town, terminal, now) is not None


async def set_account_state(pool: Executor, town: int, account: int, state: str) -> bool:
    """Opens, freezes or closes an account; False where there is none."""
    return await fetch_row(pool, SQL["set_account_state"], town, account, state) is not None
