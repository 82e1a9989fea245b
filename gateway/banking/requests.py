"""A settlement's lines as a file for the bank, and the lines of which none can be made."""

from collections.abc import Sequence
from datetime import date, timedelta

from msgspec import Struct

from config.profile import BankSection
from gateway.banking import records
from gateway.banking.banks import Branch, BranchUnknown, branch
from gateway.banking.days import is_business_day, next_business_day
from gateway.banking.faults import BankingRefused
from gateway.banking.files import BankFile, CollectionFile, TransferFile
from gateway.banking.kana import party_name
from gateway.banking.records import Collection, Header, Transfer, month_day
from ledger.bank_files import TRANSFER
from ledger.settlement import lines

# A file says no year; the banks take one some weeks ahead.
DAYS_AHEAD_MAX = 60
COLLECTED_TYPES = (1, 2, 9)


class Unfit(Struct, frozen=True):
    """A line that can stand in no file as its account is now, and why."""

    line: lines.Transfer
    ja: str
    en: str


class Drawn(Struct, frozen=True):
    """What a file would be. ``fit`` are its lines in order; ``file`` is None without any."""

    kind: str
    day: date
    fit: list[lines.Transfer]
    unfit: list[Unfit]
    file: BankFile | None

    @property
    def total(self) -> int:
        """The sum in yen."""
        return sum(abs(each.net) for each in self.fit)


class DayRefused(Exception):
    """Banks do not work on this day, or it is past or too far off; the message says which one is
    meant.
    """


def check_transfer_day(day: date, today: date) -> None:
    """A day on which banks will do what they are told today.

    Raises:
        DayRefused: it is past, no working day, or more than `DAYS_AHEAD_MAX` days ahead.
    """
    if day < today:
        raise DayRefused(f"{day} is past; the next working day is {next_business_day(today)}")
    if day > today + timedelta(days=DAYS_AHEAD_MAX):
        raise DayRefused(f"{day} is more than {DAYS_AHEAD_MAX} days ahead")
    if not is_business_day(day):
        after = next_business_day(day)
        raise DayRefused(f"banks do not work on {day}; the next working day is {after}")


def drawn(
    bank: BankSection,
    kind: str,
    settlement: int,
    day: date,
    transfers: Sequence[lines.Transfer],
) -> Drawn:
    """The file of one kind of a settlement's lines that are to move.

    Raises:
        BranchUnknown: the town's own bank or branch is none.
    """
    own = branch(bank.bank_code, bank.branch_code)
    pays = kind == TRANSFER
    fit: list[lines.Transfer] = []
    unfit: list[Unfit] = []
    paid: list[Transfer] = []
    asked: list[Collection] = []
    for each in transfers:
        if each.state != "released" or (each.net > 0) != pays:
            continue
        try:
            if pays:
                paid.append(_transfer(each, settlement, bank.transfer_class))
            else:
                asked.append(_collection(each))
        except _Wanting as found:
            unfit.append(Unfit(each, found.ja, found.en))
        else:
            fit.append(each)
    header = _header(bank, own, kind, day)
    file: BankFile | None = None
    if fit:
        file = TransferFile(header, tuple(paid)) if pays else CollectionFile(header, tuple(asked))
    return Drawn(kind, day, fit, unfit, file)


class _Wanting(Exception):
    def __init__(self, ja: str, en: str) -> None:
        super().__init__(en)
        self.ja = ja
        self.en = en


def _header(bank: BankSection, own: Branch, kind: str, day: date) -> Header:
    pays = kind == TRANSFER
    return Header(
        kind=records.TRANSFER if pays else records.COLLECTION,
        client_code=bank.transfer_client if pays else bank.collection_client,
        client_name=bank.client_name,
        day=month_day(day),
        bank=own.bank,
        bank_name=own.bank_kana,
        branch=own.branch,
        branch_name=own.branch_kana,
        account_type=bank.account_type,
        account=bank.account_number,
    )


def _transfer(line: lines.Transfer, settlement: int, handling: str) -> Transfer:
    return Transfer(
        *_account(line),
        amount=line.net,
        new=str(line.new_code),
        customer=f"{line.shop:010}",
        reference=f"{settlement:010}",
        handling=handling,
    )


def _collection(line: lines.Transfer) -> Collection:
    if line.account is not None and line.account.account_type not in COLLECTED_TYPES:
        raise _Wanting(
            "貯蓄預金からは口座振替ができません。",
            "nothing can be collected from a savings account",
        )
    return Collection(
        *_account(line),
        amount=-line.net,
        new=str(line.new_code),
        customer=f"{line.shop:020}",
        result="0",
    )


def _account(line: lines.Transfer) -> tuple[str, str, str, str, str, str, str]:
    account = line.account
    if account is None:
        raise _Wanting(
            "承認の時に口座の登録がありません。手で不能として、次の精算で支払ってください。",
            "it had no bank account at the release; fail it by hand, and the next settlement pays",
        )
    try:
        found = branch(account.bank_code, account.branch_code)
        name = party_name(account.holder)
    except BranchUnknown as error:
        raise _Wanting("銀行または支店の番号がありません。", str(error)) from None
    except BankingRefused as error:
        raise _Wanting(f"口座名義: {error.fault.ja}", f"holder: {error.fault.en}") from None
    return (
        found.bank,
        found.bank_kana,
        found.branch,
        found.branch_kana,
        str(account.account_type),
        account.number,
        name,
    )
