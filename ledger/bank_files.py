"""Bank files (全銀): what of a settlement went to the bank, and what the bank said.

    made → taken → done         taken by somebody else than its maker; done when the bank answered
    made → discarded            nobody had taken it, and its lines may be in another file

A line of a settlement is in one live file at most (an index sees to that), so nobody is paid twice.
What is in a file, byte for byte, is the gateway's (`gateway.banking`); here it is kept, encrypted,
and its lines in the settlement book follow: `in_file`, then paid, collected or failed, a failed
line's amount going into the shop's next settlement (`ledger.bank_results`).

Every function that changes something takes the connection of the caller's transaction.
"""

from collections.abc import Sequence
from datetime import date, datetime
from hashlib import sha256

from asyncpg import Record
from msgspec import Struct

from ledger.database import (
    Connection,
    Executor,
    chosen,
    fetch_row,
    fetch_rows,
    load_queries,
    translated,
)
from ledger.errors import LedgerError
from ledger.grants import By
from ledger.settlement.lines import mark_in_file, mark_released
from ledger.vault import Vault

SQL = load_queries("bank_files")

TRANSFER, COLLECTION = "transfer", "collection"
CONTENT, RESULT = "bank_file", "bank_result"  # What they are called in the vault.


class BankFileRefused(LedgerError):
    """It was not done, and nothing has changed.

    ``code``: file_unknown, file_state (it is in the state ``state``), same_operator (who made it
    does not take it), file_kind (the other kind of file), too_soon (its day has not come),
    result_known (file ``file`` has this very result), result_other (another result was read for it
    before), line_unknown (shop ``shop`` is not in it).
    """

    def __init__(self, code: str, state: str = "", file: int = 0, shop: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.state = state
        self.file = file
        self.shop = shop


class NewFile(Struct, frozen=True):
    """A file that was written. ``lines``: (shop, amount in yen), in the order of its records."""

    settlement: int
    kind: str
    transfer_on: date
    content: bytes
    lines: Sequence[tuple[int, int]]


class BankFile(Struct, frozen=True):
    """A file. ``total`` in yen; ``digest``: SHA-256 of its bytes; ``made_by`` and ``taken_by`` are
    operators' numbers, none for who stood at the machine's command line.
    """

    file: int
    settlement: int
    kind: str
    transfer_on: date
    lines: int
    total: int
    digest: bytes
    state: str
    made_by: int | None
    made_name: str
    made_at: datetime
    taken_by: int | None
    taken_name: str | None
    taken_at: datetime | None
    ended_name: str | None
    ended_at: datetime | None
    result_digest: bytes | None


class FileLine(Struct, frozen=True):
    """A line. ``state``: the settlement line's; ``result``: the bank's code, once it has come;
    ``carried_to``: the settlement that has the amount now, where it failed.
    """

    line: int
    shop: int
    shop_code: str
    shop_name: str
    amount: int
    state: str
    result: str | None
    reason: str | None
    carried_to: int | None


# -- looking ---------------------------------------------------------------------------------------


async def files(
    pool: Executor,
    town: int,
    settlement: int | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[BankFile]:
    """A town's files, or one settlement's, newest first."""
    return await _files(pool, town, None, settlement, before, limit)


async def file(pool: Executor, town: int, number: int) -> BankFile | None:
    """The file with this number."""
    return next(iter(await _files(pool, town, number, None, None, 1)), None)


async def _files(
    pool: Executor,
    town: int,
    number: int | None,
    settlement: int | None,
    before: int | None,
    limit: int,
) -> list[BankFile]:
    sql, values = chosen(
        SQL["files"], town=town, number=number, settlement=settlement, before=before, limit=limit
    )
    return [_file(row) for row in await fetch_rows(pool, sql, *values)]


async def lines(pool: Executor, town: int, number: int) -> list[FileLine]:
    """A file's lines, in the order of its records."""
    return [FileLine(*row) for row in await fetch_rows(pool, SQL["lines"], town, number)]


async def content(pool: Executor, vault: Vault, town: int, number: int) -> bytes:
    """A file's bytes, as they were written.

    Raises:
        BankFileRefused: file_unknown.
    """
    row = await fetch_row(pool, SQL["content"], town, number)
    if row is None:
        raise BankFileRefused("file_unknown")
    kept = vault.decrypt(
        row["vault_key"], row["content_encrypted"], town, owner_of(number), CONTENT
    )
    return bytes_of(kept)


# -- what is done ----------------------------------------------------------------------------------


async def add(
    connection: Connection, vault: Vault, town: int, new: NewFile, by: By, now: datetime
) -> BankFile:
    """Keeps a file that was written; its lines stand in it from now on.

    Raises:
        SettlementRefused: line_state: a line is not to move, or stands in another file.
    """
    await mark_in_file(connection, town, new.settlement, [shop for shop, _ in new.lines], now)
    with translated():
        await connection.execute(SQL["lock"], town)
        number = await connection.fetchval(SQL["next_file"], town)
        await connection.execute(
            SQL["add"],
            town,
            number,
            new.settlement,
            new.kind,
            new.transfer_on,
            len(new.lines),
            sum(amount for _, amount in new.lines),
            vault.encrypt(text_of(new.content), town, owner_of(number), CONTENT),
            sha256(new.content).digest(),
            vault.key_id,
            by.operator,
            by.name,
            now,
        )
        await connection.execute(
            SQL["add_lines"],
            town,
            number,
            new.settlement,
            [shop for shop, _ in new.lines],
            [amount for _, amount in new.lines],
        )
    return await held_file(connection, town, number)


async def take(
    connection: Connection, vault: Vault, town: int, number: int, by: By, now: datetime
) -> bytes:
    """The file's bytes for somebody who takes it to the bank, which its maker does not do; taken
    before, it is the same again.

    Raises:
        BankFileRefused: file_unknown, same_operator, file_state.
    """
    held = await held_file(connection, town, number)
    if held.state == "discarded":
        raise BankFileRefused("file_state", held.state)
    if held.made_name == by.name or (by.operator is not None and held.made_by == by.operator):
        raise BankFileRefused("same_operator")
    if held.state == "made":
        with translated():
            await connection.execute(SQL["take"], town, number, by.operator, by.name, now)
    return await content(connection, vault, town, number)


async def discard(connection: Connection, town: int, number: int, by: By, now: datetime) -> None:
    """Lets go of a file that nobody has taken: its lines are to move as before.

    Raises:
        BankFileRefused: file_unknown, file_state.
    """
    held = await held_file(connection, town, number, "made")
    shops = [each.shop for each in await lines(connection, town, number)]
    await mark_released(connection, town, held.settlement, shops, now)
    with translated():
        await connection.execute(SQL["discard"], town, number, by.name, now)


async def encrypt_again(connection: Connection, vault: Vault, step: int) -> int:
    """Brings some of the files under the vault's first key; how many."""
    async with connection.transaction():
        rows = await connection.fetch(SQL["under_other_keys"], vault.key_id, step)
        changes = []
        for town, number, key, kept, result_key, result in rows:
            owner = owner_of(number)
            again = vault.encrypt_again(key, kept, town, owner, CONTENT)
            answer = None
            if result is not None:
                answer = vault.encrypt_again(result_key, result, town, owner, RESULT)
            changes.append((town, number, vault.key_id, again, answer))
        await connection.executemany(SQL["encrypt"], changes)
    return len(rows)


async def held_file(
    connection: Connection, town: int, number: int, state: str | None = None
) -> BankFile:
    """A file that nobody else changes until the end of the transaction.

    Raises:
        BankFileRefused: file_unknown; file_state, where it is not in ``state``.
    """
    row = await fetch_row(connection, SQL["hold"], town, number)
    if row is None:
        raise BankFileRefused("file_unknown")
    held = _file(row)
    if state is not None and held.state != state:
        raise BankFileRefused("file_state", held.state)
    return held


def _file(row: Record) -> BankFile:
    return BankFile(*row)


def owner_of(number: int) -> str:
    """Whose a file's bytes, and those of its result, are in the vault."""
    return f"bank_file:{number}"


def text_of(data: bytes) -> str:
    """Bytes as the vault keeps them: each is a letter, whatever it stands for."""
    return data.decode("latin-1")


def bytes_of(text: str) -> bytes:
    """The bytes again."""
    return text.encode("latin-1")
