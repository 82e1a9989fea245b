"""What a mark looks like: one form for each, however it was read or typed.

Assumed, since no standard says it:

- A store code is letters and digits; case, width, spaces and hyphens mean nothing in it.
- A touched device yields an id as text: an NFC tag its serial number (`04:a2:24:5b`), a beacon its
  UUID. Colons, hyphens and spaces in it mean nothing.
- An electronic stamp is a pattern of touches which its maker's software on the phone turns into the
  stamp's id; that id reaches us as text and is treated as a device's.

Neither a device's nor a stamp's id is a secret: it tells which shop, as a sticker does. Paying
takes the payer's PIN all the same, and the wallet shows the shop's name first.
"""

import re
import unicodedata

from gateway.protocol.api_marks import Scheme
from gateway.qr.fields import broken
from gateway.qr.jpqr import jpqr_id, typed_jpqr_id
from gateway.qr.merchant import BEGINNING, read_merchant_code
from ledger.codes import is_well_formed

_SEPARATORS = re.compile(r"[\s:\-‐‑–−ー_.]+")
_WORD = re.compile(r"[0-9A-Z]{2,32}", re.ASCII)
_ID = re.compile(r"[0-9A-Z]{4,64}", re.ASCII)
_SHOP_CODE = re.compile(r"[0-9]{7}", re.ASCII)
_PAYER_DIGITS = re.compile(r"[0-9]{16,20}", re.ASCII)


def normal_mark(scheme: Scheme, text: str) -> str:
    """The form in which a mark is kept and looked up.

    Raises:
        QrRefused: broken or altered; the text cannot be a mark of this kind.
    """
    if scheme is Scheme.JPQR:
        return _jpqr(text.strip())
    bare = normal_digits(text).upper()
    if scheme is Scheme.STORE_CODE:
        if not _WORD.fullmatch(bare):
            raise broken("A store code is 2 to 32 letters and digits.")
        return bare
    if not _ID.fullmatch(bare):
        raise broken("The id of a device or stamp is 4 to 64 letters and digits.")
    return bare


def check_new_mark(scheme: Scheme, mark: str) -> None:
    """A store code that would be read as something else is not given to a shop.

    Raises:
        QrRefused: broken.
    """
    if scheme is not Scheme.STORE_CODE:
        return
    if is_shop_code(mark):
        raise broken("This number is one that our own stickers have; give the shop another code.")
    if is_payer_digits(mark):
        raise broken("16 to 20 digits are a payer's code; give the shop another code.")


def normal_digits(text: str) -> str:
    """A text of digits or letters in half width, without what may stand between them."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))


def is_shop_code(digits: str) -> bool:
    """Whether these are the seven digits of one of our own stickers."""
    return _SHOP_CODE.fullmatch(digits) is not None and is_well_formed(digits)


def is_payer_digits(digits: str) -> bool:
    """Whether these can be the digits that a payer shows."""
    return _PAYER_DIGITS.fullmatch(digits) is not None


def _jpqr(text: str) -> str:
    if not text.startswith(BEGINNING):
        return typed_jpqr_id(text)
    found = jpqr_id(read_merchant_code(text))
    if found is None:
        raise broken("This code has no JPQR account.")
    return found
