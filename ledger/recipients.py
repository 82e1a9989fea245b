"""Who is meant: a person named by phone number, wallet number or IC card number, perhaps by name.

Departments' lists and systems name people so. Numbers are looked up many at once, by keyed digests
(`ledger.vault`); a name that is given beside a number has to be the registered one, as it is
written or as it is read (`ledger.likeness`), so that a slip in a number reaches nobody else.
"""

import asyncio
import re
from collections.abc import Sequence
from enum import StrEnum

from asyncpg import Record
from msgspec import Struct

from ledger.cards import normal_idm
from ledger.database import Executor, fetch_rows, load_queries
from ledger.identity import normal_phone
from ledger.likeness import kana_alike
from ledger.names import normal_kana, normal_name
from ledger.vault import Vault, owner

SQL = load_queries("recipients")

TAIL = 4  # So many last characters of a number may be shown and kept.

_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_APART = re.compile(r"[\s:()‐‑‒–—―ー−-]")
_WALLET = re.compile(r"[1-9][0-9]{0,14}")
_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]+", re.IGNORECASE)


class NamedBy(StrEnum):
    """What a person is named by."""

    PHONE = "phone"
    WALLET = "wallet"
    CARD = "card"


class Named(Struct, frozen=True):
    """A number in its normal form. ``widened``: it was written with full-width characters.

    ``name``: the name beside it, "" where there is none.
    """

    by: NamedBy
    number: str
    widened: bool = False
    name: str = ""

    @property
    def tail(self) -> str:
        """What may be shown and kept of it."""
        return self.number[-TAIL:]


class RecipientWrong(ValueError):
    """Nobody can be meant. ``code``: recipient_missing, recipient_unclear, number_shortened."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Found(Struct, frozen=True):
    """Whose wallet it is, or why it is none to grant to.

    ``problem``: recipient_unknown, number_shortened, card_blocked, wallet_closed, name_differs,
    name_not_known; "" where it is a wallet.
    """

    wallet: int | None
    problem: str = ""


def read_recipient(text: str, name: str = "") -> Named:
    """What a text names: 16 hexadecimal digits a card, from 0 or +81 on a phone, else a wallet.

    Raises:
        RecipientWrong: it names nobody.
    """
    narrow = text.strip().translate(_NARROW)
    compact = _APART.sub("", narrow)
    widened = narrow != text.strip()
    if not compact:
        raise RecipientWrong("recipient_missing")
    if _SCIENTIFIC.fullmatch(compact) and not re.fullmatch(r"[0-9A-Fa-f]{16}", compact):
        raise RecipientWrong("number_shortened")
    try:
        if len(compact) == 16:
            return Named(NamedBy.CARD, normal_idm(compact), widened, name)
        if compact.startswith(("0", "+81")):
            return Named(NamedBy.PHONE, normal_phone(compact), widened, name)
    except ValueError:
        raise RecipientWrong("recipient_unclear") from None
    if _WALLET.fullmatch(compact):
        return Named(NamedBy.WALLET, compact, widened, name)
    raise RecipientWrong("recipient_unclear")


async def find(pool: Executor, vault: Vault, town: int, named: Sequence[Named]) -> list[Found]:
    """Who they are, in their order; four queries, however many they are."""
    phones = await _by_digest(pool, "wallets_by_phone", vault, town, NamedBy.PHONE, named)
    cards = await _by_digest(pool, "wallets_by_card", vault, town, NamedBy.CARD, named)
    numbered = {each.number: int(each.number) for each in named if each.by is NamedBy.WALLET}
    by_number: dict[NamedBy, dict[str, int]] = {
        NamedBy.PHONE: {number: row["wallet"] for number, row in phones.items()},
        NamedBy.CARD: {number: row["wallet"] for number, row in cards.items()},
        NamedBy.WALLET: numbered,
    }
    wallets = [by_number[each.by].get(each.number) for each in named]
    rows = await fetch_rows(
        pool, SQL["wallet_states"], town, [wallet for wallet in wallets if wallet is not None]
    )
    states = {row["account"]: row["state"] for row in rows}
    blocked = {number for number, row in cards.items() if row["state"] != "open"}
    found = [
        _found(each, wallet, states, blocked) for each, wallet in zip(named, wallets, strict=True)
    ]
    return await _with_names(pool, vault, town, named, found)


async def find_one(pool: Executor, vault: Vault, town: int, text: str) -> Found:
    """Who one text names.

    Raises:
        RecipientWrong: it names nobody.
    """
    return (await find(pool, vault, town, [read_recipient(text)]))[0]


def _found(named: Named, wallet: int | None, states: dict[int, str], blocked: set[str]) -> Found:
    if wallet is None or wallet not in states:
        # A phone number that a spreadsheet took the 0 from looks like a wallet's.
        short = named.by is NamedBy.WALLET and len(named.number) in (9, 10)
        return Found(None, "number_shortened" if short else "recipient_unknown")
    if named.by is NamedBy.CARD and named.number in blocked:
        return Found(wallet, "card_blocked")
    return Found(wallet, "" if states[wallet] == "open" else "wallet_closed")


async def _by_digest(
    pool: Executor,
    query: str,
    vault: Vault,
    town: int,
    by: NamedBy,
    named: Sequence[Named],
) -> dict[str, Record]:
    """The rows of all that are named in one way, by their numbers."""
    field = "phone" if by is NamedBy.PHONE else "idm"
    numbers = {
        digest: each.number
        for each in named
        if each.by is by
        for digest in vault.digests(town, field, each.number)
    }
    if not numbers:
        return {}
    rows = await fetch_rows(pool, SQL[query], town, list(numbers))
    return {numbers[bytes(row["digest"])]: row for row in rows}


async def _with_names(
    pool: Executor, vault: Vault, town: int, named: Sequence[Named], found: list[Found]
) -> list[Found]:
    """The same, those with another name than was given refused."""
    asked = [
        each.wallet
        for name, each in zip(named, found, strict=True)
        if name.name and not each.problem and each.wallet is not None
    ]
    if not asked:
        return found
    rows = await fetch_rows(pool, SQL["names_of_wallets"], town, asked)
    # Decrypting and comparing some hundred names is no work for the event loop.
    return await asyncio.to_thread(_compared, vault, town, named, found, rows)


def _compared(
    vault: Vault, town: int, named: Sequence[Named], found: list[Found], rows: list[Record]
) -> list[Found]:
    kept = {row["wallet"]: row for row in rows}
    compared: list[Found] = []
    for given, each in zip(named, found, strict=True):
        problem = each.problem
        if given.name and not problem and each.wallet is not None:
            row = kept.get(each.wallet)
            if row is None:
                problem = "name_not_known"
            elif not _is_called(vault, town, row, given.name):
                problem = "name_differs"
        compared.append(Found(each.wallet, problem))
    return compared


def _is_called(vault: Vault, town: int, row: Record, name: str) -> bool:
    whose = owner(row["wallet"])

    def read(column: str, field: str) -> str:
        return vault.decrypt(row["key_id"], bytes(row[column]), town, whose, field)

    if normal_name(name) == normal_name(read("name_encrypted", "name")):
        return True
    try:
        reading = normal_kana(name)
    except ValueError:  # It is not written as it is read.
        return False
    if row["kana_encrypted"] is None:
        return False
    return kana_alike(reading, normal_kana(read("kana_encrypted", "kana")))
