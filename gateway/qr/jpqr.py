"""JPQR (統一QR): the one sticker of many Japanese payment services, as Koban reads it.

Source: the council's guideline on merchant-presented codes (統一技術仕様ガイドライン MPM).
Koban never writes the council's id; a town that is not registered with it has stickers of its own
(`gateway.qr.sticker`).
"""

import re

from gateway.qr.fields import broken
from gateway.qr.merchant import JAPAN, LANGUAGE, YEN, MerchantCode

JPQR_GUID = "jp.or.paymentsjapan"

# The four parts of a shop's id: how many digits each subtag has.
_PARTS = {"01": 13, "02": 4, "03": 6, "04": 6}
_ID = re.compile(r"([0-9]{13})\.?([0-9]{4})\.?([0-9]{6})\.?([0-9]{6})", re.ASCII)


def jpqr_id(code: MerchantCode) -> str | None:
    """The shop's id in a JPQR sticker, its four parts with full stops between; None: no JPQR.

    Raises:
        QrRefused: broken; it says that it is JPQR, and breaks JPQR's rules.
    """
    accounts = code.accounts(JPQR_GUID)
    if not accounts:
        return None
    if len(accounts) > 1:
        raise broken("The code holds two JPQR accounts; a sticker has one.")
    if code.country != JAPAN or code.currency != YEN:
        raise broken("A JPQR code is of Japan (JP) and in yen (392); this one is not.")
    if "61" not in code.fields:
        raise broken("The JPQR code has no postcode (field 61).")
    language = code.template(LANGUAGE)
    if language.get("00") != "JA" or "02" in language:
        raise broken("The JPQR code has no Japanese name, or a city beside it (field 64).")
    [account] = accounts
    parts = {tag: value for tag, value in account.items() if tag != "00"}
    if set(parts) != set(_PARTS) or not all(
        re.fullmatch(f"[0-9]{{{digits}}}", parts[tag], re.ASCII) for tag, digits in _PARTS.items()
    ):
        raise broken("The JPQR account is not four numbers of 13, 4, 6 and 6 digits.")
    return ".".join(parts[tag] for tag in _PARTS)


def typed_jpqr_id(text: str) -> str:
    """A JPQR id that somebody typed, with full stops between its parts or without.

    Raises:
        QrRefused: broken.
    """
    found = _ID.fullmatch(text)
    if found is None:
        raise broken("A JPQR id is four numbers of 13, 4, 6 and 6 digits; scan the sticker.")
    return ".".join(found.groups())
