"""The bank in a story's words: an operator makes a file, a colleague takes it, the bank answers."""

from typing import Any

import httpx

from gateway.protocol.api_bank_files import ShownBankFile
from gateway.protocol.api_settlement import SettlementReview
from ledger.database import Pool
from ledger.grants import By
from ledger.settlement.bank_accounts import NewBankAccount, set_account
from ledger.vault import Vault
from tests.acceptance.nagaoka import Nagaoka, Tablet
from tests.acceptance.settling import Settling
from tests.support.gateways import SECRET

FILES = "/console/bank-files"


class Bank:
    """What the office does with its bank."""

    def __init__(self, office: Settling) -> None:
        self._office = office
        self._town = office.town

    async def tries_to_make(
        self, settled: SettlementReview, kind: str, day: str, **other: Any
    ) -> httpx.Response:
        """Asks for a file of a settlement, for a day."""
        number = settled.settlement.settlement
        body = {"settlement": number, "kind": kind, "transfer_on": day, **other}
        return await self._town.tries("POST", FILES, body)

    async def makes(self, settled: SettlementReview, kind: str, day: str) -> ShownBankFile:
        """The operator makes a file."""
        number = settled.settlement.settlement
        body = {"settlement": number, "kind": kind, "transfer_on": day}
        return await self._town.asks("POST", FILES, body, ShownBankFile)

    async def takes(self, file: ShownBankFile) -> bytes:
        """The colleague takes it to the bank."""
        path = f"{FILES}/{file.file.file}/take"
        answer = await self._town.posts(path, {}, self._office.colleague)
        assert answer.status_code == 200, answer.text
        return answer.content

    async def answers(self, file: ShownBankFile, result: bytes) -> ShownBankFile:
        """The bank's result is read."""
        return await self._town.uploads(f"{FILES}/{file.file.file}/result", result, ShownBankFile)

    async def tries_to_answer(self, file: ShownBankFile, result: bytes) -> dict[str, Any]:
        """The same, where it is refused: why."""
        path = f"{FILES}/{file.file.file}/result"
        answer = await self._town.tries_to_upload(path, result, "text/plain")
        assert answer.status_code >= 400
        found: dict[str, Any] = answer.json()
        return found

    async def does(self, file: ShownBankFile, act: str, **body: Any) -> ShownBankFile:
        """Confirms a transfer, or notes what came back."""
        return await self._town.asks("POST", f"{FILES}/{file.file.file}/{act}", body, ShownBankFile)


async def has_account(
    pool: Pool,
    town: Nagaoka,
    tablet: Tablet,
    holder: str,
    *,
    bank: str = "0140",
    branch: str = "021",
    number: str = "",
) -> None:
    """The office writes down where a shop is paid."""
    new = NewBankAccount(bank, branch, 1, number or f"{tablet.shop.shop:07}", holder)
    vault = Vault({0: SECRET.encode()})
    async with pool.acquire() as connection, connection.transaction():
        code = await connection.fetchval("SELECT town FROM koban.town WHERE code = $1", town.code)
        by = By(None, "会計課")
        await set_account(connection, vault, code, tablet.shop.shop, new, by, town.clock.now)
