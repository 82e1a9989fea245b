"""What may be the same shop as one that applies, looked for at the moment when somebody decides."""

from msgspec import Struct

from ledger.database import Executor, fetch_rows, load_queries
from ledger.shops import search
from ledger.shops.applications import Application
from ledger.shops.search import Moment, Wanted
from ledger.shops.words import needles_of
from ledger.vault import Vault

SQL = load_queries("shop_applications")

CANDIDATES_MAX = 200  # Shops whose names hold the first word of the applicant's.


class Alike(Struct, frozen=True):
    """Something that may be the same shop: a ``shop``, or an application that is open or was of the
    same phone. ``why``: name_and_address | phone.
    """

    why: str
    shop: int | None
    application: int | None


async def alike(pool: Executor, vault: Vault, town: int, found: Application) -> list[Alike]:
    """What may be the same shop: of the same name at the same address, or of the same phone."""
    details, contact = found.details, found.contact
    wanted = Wanted(needles=needles_of(details.name)[:1])
    nowhen = Moment(0, found.applied_at.date())
    shops = await search.search(pool, town, wanted, nowhen, CANDIDATES_MAX)
    same = [
        Alike("name_and_address", each.shop.account, None)
        for each in shops
        if details.is_at(each.shop.name, each.listing.address)
    ]
    phones = vault.digests(town, "shop_phone", contact.phone) if contact else []
    rows = await fetch_rows(pool, SQL["alike"], town, found.application, phones)
    for row in rows:
        if row["same_phone"]:
            same.append(Alike("phone", row["shop"], row["application"]))
        elif details.is_at(row["name"], row["address"] or ""):
            same.append(Alike("name_and_address", None, row["application"]))
    if contact:
        told = await fetch_rows(pool, SQL["shops_with_telephone"], town, contact.phone)
        same += [Alike("phone", row["shop"], None) for row in told]
    return [each for each in same if found.shop is None or each.shop != found.shop]
