"""Shops' bank accounts at the console: what they are, and another one from now or a day on."""

import datetime as dt
from datetime import UTC, datetime, time

from gateway.banking import banks
from gateway.banking.faults import BankingRefused
from gateway.banking.kana import party_name
from gateway.http.acts import acting
from gateway.http.call import Call
from gateway.http.queries import ShopPath
from gateway.http.shop_details import checked_account
from gateway.protocol import api_bank_files as api
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger import accounts
from ledger.grants import By
from ledger.settlement import bank_accounts
from ledger.settlement.bank_accounts import BankAccount
from ledger.vault import Vault


async def show(call: Call) -> api.BankAccounts:
    """Every account that a shop has had, newest first; of the number its last digits alone."""
    shop, town = await _shop(call), call.town.number
    vault = Vault.of(call.context.settings)
    found = await bank_accounts.versions(call.context.pool, vault, town, shop)
    return api.BankAccounts([view(each) for each in found])


async def change(call: Call) -> api.BankAccount:
    """Writes down where a shop is paid, from now on or from a day's beginning on."""
    body, shop, town = call.body_as(api.NewBankAccount), await _shop(call), call.town.number
    new = checked_account(body.account, "account")
    valid_from = _beginning(call, body.valid_from)
    vault = Vault.of(call.context.settings)
    by = By(call.session.operator, call.session.name)
    async with acting(call) as act:
        before = await bank_accounts.account_at(act.connection, vault, town, shop, call.now)
        kept = await bank_accounts.set_account(
            act.connection, vault, town, shop, new, by, call.now, valid_from
        )
        await act.record(
            "shop.bank_account_changed",
            f"shop:{shop}",
            before=facts(before) if before else None,
            after=facts(kept) | {"valid_from": kept.valid_from.isoformat()},
        )
    return view(kept)


def view(account: BankAccount) -> api.BankAccount:
    """An account as it is shown."""
    names = banks.names(account.bank_code, account.branch_code)
    try:
        holder = party_name(account.holder)
    except BankingRefused:
        holder = ""
    return api.BankAccount(
        account.version,
        account.bank_code,
        names[0],
        account.branch_code,
        names[1],
        account.account_type,
        account.number_tail,
        holder,
        milliseconds(account.valid_from),
        account.set_name,
        milliseconds(account.set_at),
    )


def facts(account: BankAccount) -> dict[str, object]:
    """What the audit keeps of an account; a number's end says whether it is another one."""
    return {
        "version": account.version,
        "bank": account.bank_code,
        "branch": account.branch_code,
        "tail": account.number_tail,
    }


def _beginning(call: Call, day: dt.date | None) -> datetime | None:
    """The day's midnight on the town's clocks; today and before it are now."""
    if day is None:
        return None
    at = datetime.combine(day, time(), call.town.zone).astimezone(UTC)
    if at <= call.now:
        raise Refused("invalid", "Say a day that is to come, or none for now.", field="valid_from")
    return at


async def _shop(call: Call) -> int:
    shop = call.path_as(ShopPath).shop
    if await accounts.shop(call.context.pool, call.town.number, shop) is None:
        raise Refused("not_found", "There is no such shop.", field="shop")
    return shop
