"""Payer-presented codes (CPM) of other services: JPQR's are read, EMV's own are known and refused.

Such a code is Base64 of BER-TLV: 85 names the format, 61 holds 4F (the operator), 57 (the
payment's id) and 99 (free). Source: the council's guideline on payer-presented codes
(【利用者提示型】CPM) and EMVCo QRCPS Consumer-Presented Mode. Our own payer codes are digits
(`ledger.codes`), which `gateway.qr.prefixes` tells apart.
"""

import base64
import binascii
import re

from msgspec import Struct

from gateway.qr.fields import broken
from gateway.qr.refusal import QrRefused, Reason

JPQR_BEGINNING = "hQVKUFFS"  # Base64 of 85 05 "JPQR", whatever its version.
CARD_BEGINNING = "hQVDUFY"  # Base64 of 85 05 "CPV", EMV's own.
CODE_MAX = 512  # Characters, as many as a code of EMV's may have.

_FORMAT, _APPLICATION, _OPERATOR, _PAYMENT, _FREE = "85", "61", "4F", "57", "99"
_SHOWN = re.compile(r"[!-~]{1,64}", re.ASCII)


class PayerCode(Struct, frozen=True):
    """A JPQR payer code: whose wallet shows it, for which payment. ``free`` is the operator's."""

    operator: str
    payment: str
    free: bytes


def is_payer_code(text: str) -> bool:
    """Whether a text begins as a payer-presented code of JPQR or EMV does."""
    return text.startswith((JPQR_BEGINNING, CARD_BEGINNING))


def read_payer_code(text: str) -> PayerCode:
    """Reads a JPQR payer code. Fields that it may have beside its own are passed over.

    Raises:
        QrRefused: card, for EMV's own; foreign, for a version that is not known; broken.
    """
    if text.startswith(CARD_BEGINNING):
        raise QrRefused(Reason.CARD, "This is a payment card in a phone; a card terminal takes it.")
    fields = read_ber(_from_base64(text), "The code")
    if not fields or fields[0][0] != _FORMAT:
        raise broken("The code does not begin with its format.")
    if fields[0][1] != b"JPQR1":
        raise QrRefused(Reason.FOREIGN, "The payer's code is of a kind that is not known here.")
    inside = read_ber(_one(fields, _APPLICATION), "The payer's part")
    free = [value for tag, value in inside if tag == _FREE]
    if len(free) > 1:
        raise broken(f"The payer's code has field {_FREE} twice.")
    return PayerCode(
        operator=_shown(_one(inside, _OPERATOR)),
        payment=_shown(_one(inside, _PAYMENT)),
        free=free[0] if free else b"",
    )


def read_ber(data: bytes, where: str) -> list[tuple[str, bytes]]:
    """The fields of BER-TLV data (ISO/IEC 8825-1, definite lengths in their shortest form), each as
    its tag in hexadecimal and its value.

    Raises:
        QrRefused: broken.
    """
    fields, at = [], 0
    while at < len(data):
        tag_end = at + 1
        if data[at] & 0x1F == 0x1F:  # The tag goes on as long as the high bit says so.
            while tag_end < len(data) and data[tag_end] & 0x80:
                tag_end += 1
            tag_end += 1
        start, length = _length(data, tag_end, where)
        if start + length > len(data):
            raise broken(f"{where} is cut off.")
        fields.append((data[at:tag_end].hex().upper(), data[start : start + length]))
        at = start + length
    return fields


def _length(data: bytes, at: int, where: str) -> tuple[int, int]:
    """Where a value starts, and how many bytes it has."""
    if at >= len(data):
        raise broken(f"{where} is cut off.")
    first = data[at]
    if first < 0x80:
        return at + 1, first
    more = first & 0x7F
    digits = data[at + 1 : at + 1 + more]
    length = int.from_bytes(digits)
    if more not in {1, 2} or len(digits) < more or length < (0x80 if more == 1 else 0x100):
        raise broken(f"{where} has a length that is not in its shortest form.")
    return at + 1 + more, length


def _from_base64(text: str) -> bytes:
    if len(text) > CODE_MAX:
        raise broken(f"The code has {len(text)} characters; {CODE_MAX} is the most.")
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise broken("The payer's code is not Base64.") from None
    # Several texts mean the same bytes; only the proper one is the code.
    if base64.b64encode(data).decode() != text:
        raise broken("The payer's code is not proper Base64.")
    return data


def _one(fields: list[tuple[str, bytes]], tag: str) -> bytes:
    values = [value for each, value in fields if each == tag]
    if len(values) != 1:
        raise broken(f"The payer's code has field {tag} {len(values)} times; it has to be once.")
    return values[0]


def _shown(value: bytes) -> str:
    text = value.decode("latin-1")
    if not _SHOWN.fullmatch(text):
        raise broken("The payer's code holds an id that is not 1 to 64 characters of ASCII.")
    return text
