"""The records of both kinds of file, as 全銀協 lays them out, and their columns."""

from datetime import date

from msgspec import Struct

from gateway.banking.columns import Column, bank, blank, choice, code, number, party

TRANSFER = "21"  # 総合振込
COLLECTION = "91"  # 預金口座振替


class Header(Struct, frozen=True):
    """Whose file it is. ``day``: when it is to be done, as MMDD; the account is the client's."""

    kind: str
    client_code: str
    client_name: str
    day: str
    bank: str
    bank_name: str
    branch: str
    branch_name: str
    account_type: str
    account: str


class Transfer(Struct, frozen=True):
    """A payment of ``amount`` yen. ``new``: 1 the first to this account, 2 it was changed, 0 else;
    ``handling``: the transfer class, 7 or 0 as the client's bank wants it.
    """

    bank: str
    bank_name: str
    branch: str
    branch_name: str
    account_type: str
    account: str
    name: str
    amount: int
    new: str
    customer: str
    reference: str
    handling: str


class Collection(Struct, frozen=True):
    """An amount of yen to collect. ``result``: what became of it; in a request 0 as well."""

    bank: str
    bank_name: str
    branch: str
    branch_name: str
    account_type: str
    account: str
    name: str
    amount: int
    new: str
    customer: str
    result: str


class TransferTrailer(Struct, frozen=True):
    """The sums of a transfer file; amounts in yen."""

    count: int
    total: int


class CollectionTrailer(Struct, frozen=True):
    """The sums of a collection file; in a request nothing is collected and nothing failed."""

    count: int
    total: int
    collected_count: int
    collected_total: int
    failed_count: int
    failed_total: int


class End(Struct, frozen=True):
    """The last record, which says nothing."""


HEADER: tuple[Column, ...] = (
    choice("", "データ区分", 1, "1"),
    choice("kind", "種別コード", 2, TRANSFER, COLLECTION),
    choice("", "コード区分", 4, "0"),
    code("client_code", "委託者コード", 5, 10),
    party("client_name", "委託者名", 15, 40),
    code("day", "取組日", 55, 4),
    code("bank", "仕向銀行番号", 59, 4),
    bank("bank_name", "仕向銀行名", 63, 15),
    code("branch", "仕向支店番号", 78, 3),
    bank("branch_name", "仕向支店名", 81, 15),
    choice("account_type", "預金種目", 96, "1", "2", "9"),
    code("account", "口座番号", 97, 7),
    blank(104, 120),
)
TRANSFER_LINE: tuple[Column, ...] = (
    choice("", "データ区分", 1, "2"),
    code("bank", "被仕向銀行番号", 2, 4),
    bank("bank_name", "被仕向銀行名", 6, 15),
    code("branch", "被仕向支店番号", 21, 3),
    bank("branch_name", "被仕向支店名", 24, 15),
    choice("", "手形交換所番号", 39, "0000"),
    choice("account_type", "預金種目", 43, "1", "2", "4", "9"),
    code("account", "口座番号", 44, 7),
    party("name", "受取人名", 51, 30),
    number("amount", "振込金額", 81, 10, least=1),
    choice("new", "新規コード", 91, "0", "1", "2"),
    code("customer", "顧客コード1", 92, 10),
    code("reference", "顧客コード2", 102, 10),
    choice("handling", "振込区分", 112, "7", "0"),
    blank(113, 113),  # The EDI mark: both customer codes are ours.
    blank(114, 120),
)
COLLECTION_LINE: tuple[Column, ...] = (
    choice("", "データ区分", 1, "2"),
    code("bank", "引落銀行番号", 2, 4),
    bank("bank_name", "引落銀行名", 6, 15),
    code("branch", "引落支店番号", 21, 3),
    bank("branch_name", "引落支店名", 24, 15),
    blank(39, 42),
    choice("account_type", "預金種目", 43, "1", "2", "3", "9"),
    code("account", "口座番号", 44, 7),
    party("name", "預金者名", 51, 30),
    number("amount", "引落金額", 81, 10, least=1),
    choice("new", "新規コード", 91, "0", "1", "2"),
    code("customer", "顧客番号", 92, 20),
    choice("result", "振替結果コード", 112, "0", "1", "2", "3", "4", "8", "9"),
    blank(113, 120),
)
_SUMS = (
    choice("", "データ区分", 1, "8"),
    number("count", "合計件数", 2, 6),
    number("total", "合計金額", 8, 12),
)
TRANSFER_TRAILER: tuple[Column, ...] = (*_SUMS, blank(20, 120))
COLLECTION_TRAILER: tuple[Column, ...] = (
    *_SUMS,
    number("collected_count", "振替済件数", 20, 6),
    number("collected_total", "振替済金額", 26, 12),
    number("failed_count", "振替不能件数", 38, 6),
    number("failed_total", "振替不能金額", 44, 12),
    blank(56, 120),
)
END: tuple[Column, ...] = (choice("", "データ区分", 1, "9"), blank(2, 120))


def month_day(day: date) -> str:
    """A day as a header has it: MMDD. The year is nowhere in the file."""
    return day.strftime("%m%d")
