"""What the bank answered, and what people note by hand: the lines of its files move, or fail.

A transfer is confirmed when its day has come, but for lines that were noted to have failed; some
come back later still (組戻し). A collection's result is read from the bank's own file, once, and
kept encrypted. What failed goes into the shop's next settlement (`ledger.settlement.lines`).

Every function takes the connection of the caller's transaction.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256

from ledger.bank_files import (
    COLLECTION,
    RESULT,
    SQL,
    TRANSFER,
    BankFileRefused,
    held_file,
    lines,
    owner_of,
    text_of,
)
from ledger.database import Connection, Executor, fetch_row, load_queries, translated
from ledger.grants import By
from ledger.settlement.lines import Line, line, mark_failed, mark_paid
from ledger.settlement.refusals import SettlementRefused
from ledger.vault import Vault

LINES = load_queries("settlement_lines")

COLLECTED = "0"  # The bank's code for a line that it has collected.


async def confirm(
    connection: Connection, town: int, number: int, by: By, today: date, now: datetime
) -> None:
    """The bank has done a transfer, but for the lines that were said to have failed.

    Raises:
        BankFileRefused: file_unknown, file_kind, file_state, too_soon.
    """
    held = await held_file(connection, town, number)
    if held.kind != TRANSFER:
        raise BankFileRefused("file_kind")
    if held.state != "taken":
        raise BankFileRefused("file_state", held.state)
    if held.transfer_on > today:
        raise BankFileRefused("too_soon")
    found = await lines(connection, town, number)
    moved = [each.shop for each in found if each.state == "in_file"]
    await mark_paid(connection, town, held.settlement, moved, now)
    await _end(connection, town, number, by, now)


async def fail(
    connection: Connection,
    town: int,
    number: int,
    shops: Sequence[int],
    reason: str,
    by: By,
    now: datetime,
) -> None:
    """Lines that the bank could not do, or that came back (組戻し): noted by hand. A collection's
    come with its result, and by hand only what came back after that, or all of them at once: the
    bank did not take the file.

    Raises:
        BankFileRefused: file_unknown, file_state, line_unknown.
        SettlementRefused: line_state: it failed before, or its amount went on already.
    """
    held = await held_file(connection, town, number)
    known = {each.shop for each in await lines(connection, town, number)}
    not_taken = held.kind == COLLECTION and held.state == "taken" and known <= set(shops)
    if held.state not in ({"taken", "done"} if held.kind == TRANSFER or not_taken else {"done"}):
        raise BankFileRefused("file_state", held.state)
    for shop in shops:
        if shop not in known:
            raise BankFileRefused("line_unknown", shop=shop)
        await mark_failed(connection, town, held.settlement, shop, reason, now)
    if not_taken:
        await _end(connection, town, number, by, now)


async def by_hand(
    connection: Connection,
    town: int,
    settlement: int,
    shop: int,
    failed: str | None,
    now: datetime,
) -> Line:
    """A released line goes through no file: it was moved otherwise, or ``failed`` for this reason.

    Raises:
        SettlementRefused: line_state: it stands in a file, has moved, or is not there.
    """
    held = await fetch_row(connection, LINES["hold"], town, settlement, [shop])
    if held is None or held["state"] != "released":
        raise SettlementRefused("line_state", held["state"] if held else "", shop)
    if failed is None:
        await mark_paid(connection, town, settlement, [shop], now)
    else:
        await mark_failed(connection, town, settlement, shop, failed, now)
    found = await line(connection, town, settlement, shop)
    assert found is not None
    return found


async def known_result(pool: Executor, town: int, records: bytes) -> int | None:
    """The file that these very records were read for as a result, or None."""
    row = await fetch_row(pool, SQL["by_result"], town, sha256(records).digest())
    return row["file"] if row else None


async def keep_result(
    connection: Connection,
    vault: Vault,
    town: int,
    number: int,
    data: bytes,
    records: bytes,
    results: Sequence[str],
    reasons: Mapping[str, str],
    by: By,
    now: datetime,
) -> None:
    """Keeps what the bank sent back for a collection: the bytes ``data``, their ``records`` alone,
    and a code for each line. What was collected is, what was not fails for the code's reason.

    Raises:
        BankFileRefused: file_unknown, file_kind, file_state, result_known, result_other.
    """
    held = await held_file(connection, town, number)
    earlier = await known_result(connection, town, records)
    if earlier is not None:
        raise BankFileRefused("result_known", file=earlier)
    if held.kind != COLLECTION:
        raise BankFileRefused("file_kind")
    if held.result_digest is not None:
        raise BankFileRefused("result_other")
    if held.state != "taken":
        raise BankFileRefused("file_state", held.state)
    found = await lines(connection, town, number)
    pairs = list(zip(found, results, strict=True))
    collected = [each.shop for each, code in pairs if code == COLLECTED]
    await mark_paid(connection, town, held.settlement, collected, now)
    for each, code in pairs:
        if code != COLLECTED:
            reason = reasons[code]
            await mark_failed(connection, town, held.settlement, each.shop, reason, now)
    await _end(connection, town, number, by, now, _encrypted(vault, town, number, data, records))
    with translated():
        await connection.execute(SQL["keep_results"], town, number, list(results))


async def _end(
    connection: Connection,
    town: int,
    number: int,
    by: By,
    now: datetime,
    result: tuple[bytes, bytes, int] | None = None,
) -> None:
    kept, digest, key = result or (None, None, None)
    with translated():
        await connection.execute(SQL["end"], town, number, by.name, now, kept, digest, key)


def _encrypted(
    vault: Vault, town: int, number: int, data: bytes, records: bytes
) -> tuple[bytes, bytes, int]:
    kept = vault.encrypt(text_of(data), town, owner_of(number), RESULT)
    return kept, sha256(records).digest(), vault.key_id
