"""Moving what is encrypted to the present key: from no key (earlier databases) and from older ones.

Both go on in steps of a few hundred, a transaction each, beside everything else; stopped at any
point, they go on from there. A gateway calls `encrypt_plain` when it starts; changing keys is a
command (``python -m gateway.personal encrypt``).
"""

from ledger import applicants, bank_files, clients, draw_stages, members, openid, surveys
from ledger.acquirers import VAULT_FIELD
from ledger.cards import card_owner
from ledger.database import Connection, Pool, load_queries, translated
from ledger.persons import COLUMNS, Person, person_of, row_of
from ledger.settlement import bank_accounts
from ledger.shops import applicants as shop_applicants
from ledger.shops import changes as shop_changes
from ledger.vault import Vault
from ledger.voices import proposals, shop_requests

SQL = load_queries("encryption")

STEP = 500
UNCOUNTED = tuple(
    each.encrypt_again
    for each in (
        applicants,
        bank_accounts,
        bank_files,
        clients,
        draw_stages,
        members,
        openid,
        proposals,
        shop_applicants,
        shop_changes,
        shop_requests,
        surveys,
    )
)


async def encrypt_plain(pool: Pool, vault: Vault, step: int = STEP) -> int:
    """Encrypts the holders of a database from before there was encryption; how many there were."""
    count = 0
    with translated():
        async with pool.acquire() as connection:
            while await connection.fetchval(SQL["plain_is_there"]):
                async with connection.transaction():
                    await connection.execute(SQL["lock_plain"])
                    if await connection.fetchval(SQL["plain_is_there"]):
                        count += await _encrypt_some(connection, vault, step)
            await members.encrypt_plain(connection, vault, step)
    return count


async def _encrypt_some(connection: Connection, vault: Vault, step: int) -> int:
    rows = await connection.fetch(SQL["take_plain"], step)
    if not rows:
        await connection.execute(SQL["drop_plain"])
        return 0
    await connection.copy_records_to_table(
        "person",
        schema_name="people",
        columns=COLUMNS,
        records=[
            row_of(vault, row["town"], Person(*row[1:6]), row["registered_at"]) for row in rows
        ],
    )
    return len(rows)


async def encrypt_again(pool: Pool, vault: Vault, step: int = STEP) -> tuple[int, int, int]:
    """Brings every person, card and acquirer's key under the vault's first key; how many of each.

    All of `UNCOUNTED` goes with them: linked identities, bank accounts, what people wrote.

    Raises:
        Unreadable: something is under a key that the vault has not; what came before it is done.
    """
    persons = cards = acquirer_keys = 0
    with translated():
        async with pool.acquire() as connection:
            while done := await _persons_again(connection, vault, step):
                persons += done
            while done := await _cards_again(connection, vault, step):
                cards += done
            while done := await _acquirer_keys_again(connection, vault, step):
                acquirer_keys += done
            for again in UNCOUNTED:
                while await again(connection, vault, step):
                    pass
    return persons, cards, acquirer_keys


async def _persons_again(connection: Connection, vault: Vault, step: int) -> int:
    async with connection.transaction():
        rows = await connection.fetch(SQL["persons_under_other_keys"], vault.key_id, step)
        changes = []
        for row in rows:
            town, registered_at = row["town"], row["registered_at"]
            person = person_of(vault, town, row[2:])
            changes.append(row_of(vault, town, person, registered_at)[:11])
        await connection.executemany(SQL["encrypt_person"], changes)
    return len(rows)


async def _cards_again(connection: Connection, vault: Vault, step: int) -> int:
    async with connection.transaction():
        rows = await connection.fetch(SQL["cards_under_other_keys"], vault.key_id, step)
        changes = []
        for town, card, key_id, kept in rows:
            idm = vault.decrypt(key_id, kept, town, card_owner(card), "idm")
            found, hidden = (
                vault.digest(town, "idm", idm),
                vault.encrypt(idm, town, card_owner(card), "idm"),
            )
            changes.append((town, card, vault.key_id, found, hidden))
        await connection.executemany(SQL["encrypt_card"], changes)
    return len(rows)


async def _acquirer_keys_again(connection: Connection, vault: Vault, step: int) -> int:
    async with connection.transaction():
        rows = await connection.fetch(SQL["acquirer_keys_under_other_keys"], vault.key_id, step)
        changes = []
        for town, key_id, under, kept in rows:
            hidden = vault.encrypt_again(under, kept, town, key_id, VAULT_FIELD)
            changes.append((town, key_id, vault.key_id, hidden))
        await connection.executemany(SQL["encrypt_acquirer_key"], changes)
    return len(rows)
