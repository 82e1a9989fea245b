"""A town's own sticker in the standard's form: for tills and apps that expect an EMV code.

A town that is not registered with the JPQR council names its shops under an id of its own. EMVCo
lets anybody use a UUID without hyphens for that, with no registry to ask. One sticker may carry the
accounts of several towns, and a JPQR account beside them.
"""

import re

from gateway.qr.fields import broken, without_unshown
from gateway.qr.merchant import JAPAN, YEN, MerchantCode, write_merchant_code
from ledger.codes import is_well_formed

KOBAN_GUID = "7c9e5d20a4b84f6e9d3b16e2f8a0c541"

# Any field from 26 to 51 would do; JPQR stands in 26.
_FIELD = "51"
_TOWN, _SHOP = "01", "02"
_ANY_CATEGORY = "0000"  # ISO 18245 has no word for "not told".


def own_shop(code: MerchantCode, town: str) -> str | None:
    """The shop code that a sticker carries for this town; None where it carries none.

    Raises:
        QrRefused: broken; there is one, and its digits do not hold.
    """
    accounts = [each for each in code.accounts(KOBAN_GUID) if each.get(_TOWN) == town]
    if not accounts:
        return None
    shop = accounts[0].get(_SHOP, "")
    if len(accounts) > 1 or not re.fullmatch("[0-9]{7}", shop, re.ASCII):
        raise broken("The sticker's account does not name one shop.")
    if not is_well_formed(shop):
        raise broken("The shop's number on the sticker does not hold.")
    return shop


def own_towns(code: MerchantCode) -> list[str]:
    """The towns that a sticker has accounts for."""
    return [each.get(_TOWN, "") for each in code.accounts(KOBAN_GUID)]


def write_sticker(town: str, town_names: dict[str, str], shop: str, shop_name: str) -> str:
    """The text of a shop's own sticker; names are cut to the room that the standard has.

    ``town`` is the town's code, ``town_names`` its names by language, ``shop`` the shop's 7 digits.
    """
    english = town_names.get("en", "")
    city = english if re.fullmatch(r"[ -~]+", english, re.ASCII) else town
    account = f"0032{KOBAN_GUID}{_TOWN}{len(town):02d}{town}{_SHOP}07{shop}"
    name = without_unshown(shop_name)[:25] or shop
    return write_merchant_code(
        {
            "01": "11",
            _FIELD: account,
            "52": _ANY_CATEGORY,
            "53": YEN,
            "58": JAPAN,
            # Names in Latin letters only; the shop's own name follows in its language.
            "59": f"SHOP {shop}",
            "60": city.upper()[:15],
            "64": f"0002JA01{len(name):02d}{name}",
        }
    )
