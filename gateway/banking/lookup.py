"""``koban bank``: banks and branches, how they read a name, and where shops are paid.

    check BANK BRANCH               the branch with these codes (4 and 3 digits), such as 0140 020
    name NAME                       how banks read a name, such as 株式会社アオキ: ｶ)ｱｵｷ
    set TOWN SHOP BANK BRANCH TYPE NUMBER HOLDER [--from DAY] [--dry-run]
                                    writes a shop's account down, from now or from a day on
    show TOWN SHOP                  every account that a shop has had, newest first

SHOP is a sticker's 7 digits; TYPE is 1 (普通), 2 (当座), 4 (貯蓄) or 9; NUMBER has 7 digits; HOLDER
is in kana. Each answers in JSON with ``--json``; of a number only its end is told. ``check`` and
``name`` ask no database.
"""

import argparse
import sys
import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import msgspec

from gateway.banking import banks
from gateway.banking.banks import BranchUnknown
from gateway.banking.faults import BankingRefused
from gateway.banking.kana import party_name
from gateway.http.bank_accounts import facts, view
from gateway.http.shop_details import checked_account
from gateway.office import DONE, NOT_DONE, Office, OfficeFault, as_json, day, done, taught
from gateway.protocol import api_bank_files as api
from gateway.protocol.api_joining import ShopBankAccount
from gateway.refused import Refused
from ledger import accounts
from ledger.database import transaction
from ledger.settlement import bank_accounts
from ledger.settlement.bank_accounts import NewBankAccount

DIGITS = 7  # Of an account's number.


def answer(options: argparse.Namespace) -> str:
    """What ``check`` and ``name`` print.

    Raises:
        BranchUnknown, BankingRefused: there is no such branch; no bank could read the name.
    """
    if options.act == "name":
        half = party_name(options.name)
        return as_json({"name": half}) if options.json else half
    found = banks.branch(options.bank, options.branch)
    if options.json:
        return as_json(found)
    return (
        f"{found.bank} {found.bank_name} ({found.bank_kana}), "
        f"{found.branch} {found.branch_name} ({found.branch_kana}); list of {banks.edition()}"
    )


async def act(office: Office, options: argparse.Namespace) -> str:
    """What ``set`` and ``show`` do; what to print.

    Raises:
        OfficeFault, LedgerError: it was not done.
    """
    shop = await accounts.shop_by_code(office.pool, office.town, options.shop)
    if shop is None:
        raise OfficeFault(f"there is no shop {options.shop!r}; it is the sticker's 7 digits")
    if options.act == "set":
        new, valid_from = _checked(options), _beginning(office, options.since)
        if options.dry_run:
            holder = party_name(new.holder)
            if options.json:
                where = {"bank": new.bank_code, "branch": new.branch_code, "holder_kana": holder}
                return as_json({"shop": options.shop, **where, "dry_run": True})
            return f"{shop.name} would be paid to {_named(new)} as {holder}"
        await _set(office, shop.account, new, valid_from)
    found = await bank_accounts.versions(office.pool, office.vault, office.town, shop.account)
    views = [view(each) for each in found]
    if options.json:
        return as_json(api.BankAccounts(views))
    zone = ZoneInfo(office.profile.town.time_zone)
    return "\n".join(_line(each, zone) for each in views) or f"{shop.name} has no bank account."


async def _set(office: Office, shop: int, new: NewBankAccount, valid_from: datetime | None) -> None:
    async with transaction(office.pool) as connection:
        before = await bank_accounts.account_at(
            connection, office.vault, office.town, shop, office.now
        )
        kept = await bank_accounts.set_account(
            connection, office.vault, office.town, shop, new, office.by, office.now, valid_from
        )
        await office.note(
            connection,
            "shop.bank_account_changed",
            f"shop:{shop}",
            before=facts(before) if before else None,
            after=facts(kept) | {"valid_from": kept.valid_from.isoformat()},
        )


def _checked(options: argparse.Namespace) -> NewBankAccount:
    said = {
        "bank_code": options.bank,
        "branch_code": options.branch,
        "account_type": options.type,
        "number": options.number,
        "holder": options.holder,
    }
    try:
        return checked_account(msgspec.convert(said, ShopBankAccount), "account")
    except (Refused, msgspec.ValidationError) as error:
        told = error.body.message if isinstance(error, Refused) else str(error)
        raise OfficeFault(told or "it is no bank account") from None


def _beginning(office: Office, day: date | None) -> datetime | None:
    """The day's midnight on the town's clocks."""
    if day is None:
        return None
    at = datetime.combine(day, time(), ZoneInfo(office.profile.town.time_zone)).astimezone(UTC)
    if at <= office.now:
        raise OfficeFault("--from: say a day that is to come, or leave it out for now")
    return at


def _named(account: NewBankAccount) -> str:
    found = banks.branch(account.bank_code, account.branch_code)
    return f"{found.bank_name} {found.branch_name} …{account.number[-3:]}"


def _line(account: api.BankAccount, zone: ZoneInfo) -> str:
    since = datetime.fromtimestamp(account.valid_from / 1000, zone)
    return (
        f"{account.version:3} from {since:%Y-%m-%d %H:%M} {account.bank_code} {account.bank_name} "
        f"{account.branch_code} {account.branch_name} {account.account_type} …{account.tail} "
        f"{account.holder_kana}, written down by {account.set_name}"
    )


def _account_number(text: str) -> str:
    """Its seven digits, also where they were typed wide."""
    half = unicodedata.normalize("NFKC", text)
    if not (len(half) == DIGITS and half.isascii() and half.isdecimal()):
        told = f"found {text!r}; allowed are {DIGITS} digits, with zeros before a shorter number"
        raise argparse.ArgumentTypeError(told)
    return half


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line, read."""
    parser = taught("bank", __doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    found = {name: acts.add_parser(name) for name in ("check", "name", "set", "show")}
    for each in found.values():
        each.add_argument("--json", action="store_true")
    found["check"].add_argument("bank")
    found["check"].add_argument("branch")
    found["name"].add_argument("name")
    for name in ("set", "show"):
        found[name].add_argument("town")
        found[name].add_argument("shop")
    for name in ("bank", "branch"):
        found["set"].add_argument(name)
    found["set"].add_argument("type", type=int, choices=(1, 2, 4, 9))
    found["set"].add_argument("number", type=_account_number)
    found["set"].add_argument("holder")
    found["set"].add_argument("--from", dest="since", type=day)
    found["set"].add_argument("--dry-run", action="store_true")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """The command; its exit status."""
    options = arguments(words)
    if options.act in ("set", "show"):
        return done("bank", options.town, lambda office: act(office, options))
    try:
        print(answer(options))
    except (BranchUnknown, BankingRefused) as error:
        print(f"koban bank: {error}", file=sys.stderr)
        return NOT_DONE
    return DONE
