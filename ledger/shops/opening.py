"""What accepting an application makes: a shop with everything that it applied with.

All of it happens in the caller's transaction, so a shop is there whole or not at all. Also the
invitation that lets its manager in at the shop site: a one-time code, of which a digest is kept.
"""

from datetime import datetime

from ledger import accounts
from ledger.accounts import Shop
from ledger.database import Connection, fetch_row, load_queries
from ledger.grants import By
from ledger.identity import digest
from ledger.settlement import bank_accounts
from ledger.shops import listings
from ledger.shops.applicants import Contact
from ledger.shops.applications import Details
from ledger.vault import Vault

SQL = load_queries("shops")


async def open_applied(
    connection: Connection,
    vault: Vault,
    town: int,
    details: Details,
    contact: Contact | None,
    groups: list[str],
    by: By,
    now: datetime,
) -> Shop:
    """Opens the shop: its account and sticker, listing, groups, and bank account if it told one."""
    name, kind, area = details.name, details.kind, details.area
    shop = await accounts.open_shop(connection, town, name, kind, area, now)
    await listings.keep(connection, town, shop.account, name, details.listing)
    if groups:
        await accounts.set_shop_groups(connection, town, shop.account, groups)
    if contact is not None and contact.bank_account is not None:
        account = contact.bank_account
        await bank_accounts.set_account(connection, vault, town, shop.account, account, by, now)
    return shop


async def invite(
    connection: Connection, town: int, shop: int, code: str, expires_at: datetime
) -> None:
    """Invites a shop's manager with a new code; the shop's older ones work no longer."""
    await fetch_row(connection, SQL["void_invitations"], town, shop)
    await fetch_row(connection, SQL["add_invitation"], town, digest(code), shop, expires_at)


async def use_invitation(connection: Connection, town: int, code: str, now: datetime) -> int | None:
    """The shop that a code invites to, once; None: it was used, is too old or unknown."""
    row = await fetch_row(connection, SQL["use_invitation"], town, digest(code), now)
    return int(row["shop"]) if row else None
