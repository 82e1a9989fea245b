"""What the console's doors and the command line do with bank files alike."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from config.profile import Profile
from gateway.banking import files
from gateway.banking.files import CollectionFile
from gateway.banking.requests import Drawn, check_transfer_day, drawn
from gateway.banking.results import RESULTS, results
from ledger import bank_files, bank_results
from ledger.bank_files import BankFile, BankFileRefused, NewFile
from ledger.database import Connection, Executor
from ledger.grants import By
from ledger.settlement import settlements
from ledger.settlement.lines import transfers
from ledger.settlement.refusals import SettlementRefused
from ledger.vault import Vault


class DeskRefused(Exception):
    """It was not done. ``code``: bank_not_set (the town's profile has no `bank`), lines_none (no
    line is to move so), lines_unfit (some cannot stand in a file, and were not left out by word).
    """

    def __init__(self, code: str, draft: Drawn | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.draft = draft


class Desk(Struct, frozen=True):
    """Where bank files of a town are made and read. ``vault`` has the keys of what is encrypted."""

    profile: Profile
    vault: Vault

    @property
    def town(self) -> int:
        """The town's number."""
        return self.profile.town.number

    def today(self, now: datetime) -> date:
        """The town's day."""
        return now.astimezone(ZoneInfo(self.profile.town.time_zone)).date()

    async def draft(
        self, pool: Executor, settlement: int, kind: str, day: date, now: datetime
    ) -> Drawn:
        """What a file would be; nothing is kept.

        Raises:
            DeskRefused: bank_not_set.
            DayRefused: banks do nothing on this day.
            SettlementRefused: settlement_unknown, settlement_state.
        """
        if self.profile.bank is None:
            raise DeskRefused("bank_not_set")
        check_transfer_day(day, self.today(now))
        found = await settlements.settlement(pool, self.town, settlement)
        if found is None:
            raise SettlementRefused("settlement_unknown")
        if found.state not in ("released", "closed"):
            raise SettlementRefused("settlement_state", found.state)
        lines = await transfers(pool, self.vault, self.town, settlement)
        return drawn(self.profile.bank, kind, settlement, day, lines)

    async def make(
        self,
        connection: Connection,
        settlement: int,
        kind: str,
        day: date,
        by: By,
        now: datetime,
        *,
        leave_out: bool,
    ) -> tuple[BankFile, Drawn]:
        """Writes a file of all lines that are to move so, and keeps it; ``leave_out``: lines that
        can stand in no file stay where they are.

        Raises:
            DeskRefused: bank_not_set, lines_none, lines_unfit.
            DayRefused, SettlementRefused: as `draft`.
            BankingRefused: a sum has no room in its columns.
        """
        draft = await self.draft(connection, settlement, kind, day, now)
        if draft.unfit and not leave_out:
            raise DeskRefused("lines_unfit", draft)
        if draft.file is None:
            raise DeskRefused("lines_none", draft)
        pairs = [(line.shop, abs(line.net)) for line in draft.fit]
        new = NewFile(settlement, kind, day, files.write(draft.file), pairs)
        return await bank_files.add(connection, self.vault, self.town, new, by, now), draft

    async def read_result(
        self, connection: Connection, number: int, data: bytes, by: By, now: datetime
    ) -> bool:
        """Reads what the bank sent back for a collection; False: this very result was read for this
        file before, and nothing has changed.

        Raises:
            BankingRefused: it is no result, or of another file, or was altered.
            BankFileRefused: see `ledger.bank_results.keep_result`.
        """
        answer = files.read(data)
        records = files.records_of(data)
        earlier = await bank_results.known_result(connection, self.town, records)
        if earlier == number:
            return False
        if earlier is not None:
            raise BankFileRefused("result_known", file=earlier)
        request = files.read(await bank_files.content(connection, self.vault, self.town, number))
        if not isinstance(request, CollectionFile):
            raise BankFileRefused("file_kind")
        codes = results(request, answer)
        await bank_results.keep_result(
            connection,
            self.vault,
            self.town,
            number,
            data,
            records,
            codes,
            {code: f"{code} {words[0]}" for code, words in RESULTS.items()},
            by,
            now,
        )
        return True


def file_name(town: str, file: BankFile) -> str:
    """What a file is called where it is downloaded."""
    return f"{town}-{file.kind}-{file.file}-{file.transfer_on:%Y%m%d}.txt"
