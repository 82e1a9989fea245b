"""The HTTP API's bodies about bank files, banks, and the use of shops with their accounts."""

import datetime as dt
from typing import Annotated, Literal

from msgspec import Meta, Struct

from gateway.protocol.api_joining import ShopBankAccount

Number = Annotated[int, Meta(ge=1, le=9_007_199_254_740_991)]

Kind = Annotated[
    Literal["transfer", "collection"], Meta(description="総合振込 (kind 21) or 預金口座振替 (91).")
]
Reason = Annotated[str, Meta(min_length=1, max_length=100)]
Month = Annotated[
    str, Meta(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="YYYY-MM in the town's time.")
]


class NewBankFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A file of a released settlement's lines. ``transfer_on``: the banks' working day on which it
    is done. ``leave_out``: shops whose lines can stand in no file are left for another one.
    """

    settlement: Number
    kind: Kind
    transfer_on: dt.date
    leave_out: bool = False


class LeftOut(Struct, frozen=True):
    """A shop whose line can stand in no file as its account is, and why."""

    shop: int
    shop_code: str
    shop_name: str
    amount: int
    ja: str
    en: str


class BankFileDraft(Struct, frozen=True):
    """What a file would be: ``total`` in yen; ``first`` and ``changed``: how many of its accounts
    are paid the first time, or were changed since the last.
    """

    settlement: int
    kind: str
    transfer_on: dt.date
    lines: int
    total: int
    first: int
    changed: int
    left_out: list[LeftOut]


class BankFile(Struct, frozen=True):
    """A file for the bank. ``total`` in yen, ``sha256`` of its bytes; ``state``: made, taken (by
    somebody else than its maker), done (the bank has answered), discarded. Instants in ms.
    """

    file: int
    settlement: int
    kind: str
    transfer_on: dt.date
    lines: int
    total: int
    sha256: str
    state: str
    made_name: str
    made_at: int
    taken_name: str | None
    taken_at: int | None
    ended_name: str | None
    ended_at: int | None


class BankFileLine(Struct, frozen=True):
    """A line: ``amount`` yen to the shop, or from it. ``state``: in_file, paid, collected, failed,
    or where its amount went; ``result``: the bank's code; ``carried_to``: the next settlement.
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


class ShownBankFile(Struct, frozen=True):
    """A file and its lines. ``left_out``: when it was made, what is in no file. ``read_before``:
    the result that was sent had been read, and nothing has changed.
    """

    file: BankFile
    lines: list[BankFileLine]
    left_out: list[LeftOut] = []
    read_before: bool = False


class BankFiles(Struct, frozen=True):
    """Newest first; ``next``: ask for those before this one."""

    files: list[BankFile]
    next: int | None


class FailLines(Struct, frozen=True, forbid_unknown_fields=True):
    """Lines that the bank could not do, or that came back (組戻し), by their shops. All of a
    collection's: the bank did not take the file.
    """

    shops: Annotated[list[Number], Meta(min_length=1, max_length=1_000)]
    reason: Reason


class DiscardBankFile(Struct, frozen=True, forbid_unknown_fields=True):
    """Why a file that nobody has taken is not wanted."""

    reason: Reason


class BankBranch(Struct, frozen=True):
    """A bank's branch; ``edition``: the day of the list that it is in."""

    bank: str
    bank_name: str
    bank_kana: str
    branch: str
    branch_name: str
    branch_kana: str
    edition: str


class BankAccount(Struct, frozen=True):
    """A shop's account from ``valid_from`` (ms) on, until the next version's. ``tail``: the
    number's last digits; ``holder_kana``: as banks read it, empty where they could not.
    """

    version: int
    bank_code: str
    bank_name: str
    branch_code: str
    branch_name: str
    account_type: int
    tail: str
    holder_kana: str
    valid_from: int
    set_name: str
    set_at: int


class BankAccounts(Struct, frozen=True):
    """Every account that a shop has had, or will have, newest first."""

    accounts: list[BankAccount]


class NewBankAccount(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a shop is paid: from now on, or from the beginning of a day that is to come."""

    account: ShopBankAccount
    valid_from: dt.date | None = None


class LineByHand(Struct, frozen=True, forbid_unknown_fields=True):
    """A line that goes through no file: ``moved`` (paid or collected otherwise), or ``failed`` (its
    amount goes into the shop's next settlement).
    """

    became: Literal["moved", "failed"]
    reason: Reason


class SettledLine(Struct, frozen=True):
    """What became of a shop's line of a settlement."""

    settlement: int
    shop: int
    net: int
    state: str
    reason: str | None


class AskShopUse(Struct, frozen=True, forbid_unknown_fields=True):
    """From the first month to the last, as a file in UTF-8 or Shift_JIS."""

    since: Month
    until: Month
    encoding: Literal["utf-8", "shift_jis"] = "utf-8"
