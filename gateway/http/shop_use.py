"""The use of each shop with its bank account, as a file (C7)."""

import asyncio
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from starlette.responses import Response

from config.profile import Profile
from gateway.banking import banks
from gateway.http.acts import acting
from gateway.http.call import Call
from gateway.http.tables import table
from gateway.protocol import api_bank_files as api
from gateway.refused import Refused
from gateway.reports.asking import told
from ledger.reports import periods
from ledger.settlement.bank_accounts import BankAccount, accounts_at
from ledger.shop_use import Use, use
from ledger.vault import Vault

MONTHS_MAX = 12  # A year's journal is the most that is read at once.
HEADINGS = (
    *("月", "店舗コード", "店舗名", "区分", "種別", "件数", "金額", "取消件数", "取消金額"),
    *("銀行コード", "銀行名", "支店コード", "支店名", "預金種目", "口座番号", "口座名義"),
)
KINDS = {"payment": "利用", "top_up": "チャージ", "issue": "発行"}
ACCOUNT_TYPES = {1: "普通", 2: "当座", 4: "貯蓄", 9: "その他"}


async def export(call: Call) -> Response:
    """What was used at each shop in some months, a line a shop, kind of act and kind of value, with
    the shop's account as it is now. It holds account numbers, so it leaves a line in the audit.
    """
    body, town = call.body_as(api.AskShopUse), call.town
    since, last = _first(body.since), _first(body.until)
    months = (last.year - since.year) * 12 + last.month - since.month + 1
    if not 1 <= months <= MONTHS_MAX:
        raise Refused("invalid", f"Ask for 1 to {MONTHS_MAX} months, in order.", field="until")
    until = periods.month_of(last, town.zone).last + dt.timedelta(days=1)
    vault = Vault.of(call.context.settings)
    async with told(), call.context.reports.snapshot() as connection:
        found = await use(connection, town.number, since, until)
    accounts = await accounts_at(call.context.pool, vault, town.number, None, call.now)
    name = f"{town.code}-use-{body.since}-{body.until}.csv"

    def file() -> Response:
        return table(name, HEADINGS, _rows(town.profile, found, accounts), body.encoding)

    answer = await asyncio.to_thread(file)  # A city's year takes a second, which payments keep.
    async with acting(call) as act:
        await act.record(
            "shop_use.exported",
            f"town:{town.code}",
            after={"since": body.since, "until": body.until, "lines": len(found)},
        )
    return answer


def _rows(
    profile: Profile, found: Sequence[Use], accounts: Mapping[int, BankAccount]
) -> Iterator[tuple[object, ...]]:
    names = {each.number: each.name["ja"] for each in profile.instruments}
    for each in found:
        yield (
            *(each.month, each.shop_code, each.shop_name, KINDS.get(each.kind, each.kind)),
            *(names.get(each.instrument, str(each.instrument)), each.count, each.amount),
            *(each.refunds, each.refunded),
            *_account(accounts.get(each.shop)),
        )


def _first(month: str) -> dt.date:
    return dt.date.fromisoformat(f"{month}-01")


def _account(account: BankAccount | None) -> tuple[str, ...]:
    """The seven cells of an account; empty where a shop has none."""
    if account is None:
        return ("",) * 7
    bank, branch = banks.names(account.bank_code, account.branch_code)
    return (
        *(account.bank_code, bank, account.branch_code, branch),
        *(ACCOUNT_TYPES[account.account_type], account.number, account.holder),
    )
