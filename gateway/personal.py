"""Looks after personal data from the command line: ``python -m gateway.personal``.

    encrypt                        brings everything under the first key of KOBAN_PERSONAL_KEY
    erase TOWN WALLET --reason …   forgets a wallet's holder; the money stays as it is

``encrypt`` goes on beside running gateways, in steps; stopped at any point, it goes on from there.
Set up by the same ``KOBAN_*`` as the gateway. Ends with 0, or with 1 and one sentence that says why
not.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from config.settings import Settings, load
from gateway.office import DONE, OfficeFault, ended, number, taught
from ledger import audit, links, persons
from ledger.database import Pool, open_pool, transaction
from ledger.encryption import encrypt_again, encrypt_plain
from ledger.towns import town_number
from ledger.vault import Vault


class PersonalFault(OfficeFault):
    """It was not done; the message says why and what to do."""


async def encrypt(pool: Pool, vault: Vault) -> str:
    """Brings all that is encrypted under the present key; what to print."""
    plain = await encrypt_plain(pool, vault)
    people, cards, keys = await encrypt_again(pool, vault)
    found = f"{plain + people} people, {cards} cards and {keys} acquirers' keys"
    return f"{found} are now under key {vault.key_id}"


async def erase(
    pool: Pool, vault: Vault, town_code: str, wallet: int, reason: str, now: datetime
) -> str:
    """Forgets a wallet's holder, with a line in the audit; what to print.

    Gateways close the wallet's sockets when they look which sessions have ended.

    Raises:
        PersonalFault: there is no such town, or nobody holds the wallet.
    """
    town = await town_number(pool, town_code)
    if town is None:
        raise PersonalFault(f"there is no town {town_code!r}")
    async with transaction(pool) as connection:
        person = await persons.person_by_wallet(connection, vault, town, wallet)
        if person is None:
            raise PersonalFault(f"nobody holds a wallet {wallet} in {town_code}")
        await links.end_all(connection, town, wallet, now)
        ended = await persons.forget(connection, vault, town, person)
        await audit.record(
            connection,
            town,
            audit.at_command_line(),
            "person.erased",
            f"wallet:{wallet}",
            now,
            before={"person": True},
            after={"person": False, "sessions": len(ended), "reason": reason},
        )
    return f"the holder of wallet {wallet} is forgotten; {len(ended)} screens are signed out"


async def run(options: argparse.Namespace, settings: Settings) -> str:
    """Does what the command line says; what to print.

    Raises:
        PersonalFault, LedgerError: it was not done.
    """
    pool = await open_pool(settings.postgres_dsn, 1)
    try:
        vault = Vault.of(settings)
        if options.act == "encrypt":
            return await encrypt(pool, vault)
        now = datetime.now(UTC)
        return await erase(pool, vault, options.town, options.wallet, options.reason, now)
    finally:
        await pool.close()


def main(words: Sequence[str] | None = None) -> int:
    """The command; its exit status."""
    parser = taught("personal", __doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    acts.add_parser("encrypt", help="brings everything under the first key")
    act = acts.add_parser("erase", help="forgets a wallet's holder")
    act.add_argument("town")
    act.add_argument("wallet", type=number)
    act.add_argument("--reason", required=True)
    options = parser.parse_args(words)

    def act_now() -> int:
        print(asyncio.run(run(options, load())))
        return DONE

    return ended("personal", act_now)


if __name__ == "__main__":
    sys.exit(main())
