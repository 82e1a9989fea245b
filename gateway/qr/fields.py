"""The form of merchant-presented codes: fields of a 2-digit tag, a 2-digit length and a value.

Source: EMVCo QRCPS Merchant-Presented Mode, section 3. The length counts characters, not bytes, and
a field is never empty. The check sum at the end runs over the UTF-8 bytes of everything before it.
"""

import re
import unicodedata
from binascii import crc_hqx
from collections.abc import Mapping

from gateway.qr.refusal import QrRefused, Reason

VALUE_MAX = 99  # Characters; the length has two digits.

_HEAD = re.compile(r"([0-9]{2})([0-9]{2})", re.ASCII)
_TAG = re.compile(r"[0-9]{2}", re.ASCII)
_UNSHOWN = {"Cc", "Cf", "Cs"}  # Unicode's classes of controls, format marks and half characters.


def broken(message: str) -> QrRefused:
    """The refusal of a text that is not as the standard wants it."""
    return QrRefused(Reason.BROKEN, message)


def read_fields(text: str, where: str) -> dict[str, str]:
    """The fields of a text by tag, in their order; ``where`` is what the text is, for the message.

    Raises:
        QrRefused: broken; a tag stands twice, a length is wrong, or something is left over.
    """
    fields: dict[str, str] = {}
    at = 0
    while at < len(text):
        head = _HEAD.match(text, at)
        if head is None:
            raise broken(f"{where}: there is no tag and length at character {at + 1}.")
        tag, length = head[1], int(head[2])
        value = text[at + 4 : at + 4 + length]
        if length == 0 or len(value) < length:
            raise broken(f"{where}: field {tag} says it has {length} characters, and has not.")
        if tag in fields:
            raise broken(f"{where}: field {tag} stands twice.")
        fields[tag] = value
        at += 4 + length
    return fields


def write_fields(fields: Mapping[str, str], where: str) -> str:
    """Fields as text, in the order of the mapping.

    Raises:
        QrRefused: broken; a tag is not two digits, or a value has not 1 to 99 characters.
    """
    for tag, value in fields.items():
        if not _TAG.fullmatch(tag):
            raise broken(f"{where}: {tag!r} is no tag; a tag is two digits.")
        if not 1 <= len(value) <= VALUE_MAX:
            raise broken(f"{where}: field {tag} has {len(value)} characters; 1 to 99 fit.")
    return "".join(f"{tag}{len(value):02d}{value}" for tag, value in fields.items())


def is_shown(text: str) -> bool:
    """Whether every character of a text can be shown, and none turns or hides its neighbours."""
    return text == without_unshown(text)


def without_unshown(text: str) -> str:
    """A text without what `is_shown` refuses."""
    return "".join(each for each in text if unicodedata.category(each) not in _UNSHOWN)


def check_sum(text: str) -> str:
    """CRC-16/CCITT-FALSE of a text's UTF-8 bytes, as four upper-case hexadecimal digits.

    It finds every single altered ASCII character: such an alteration touches 8 bits, and 16 check
    bits find any that lie within 16. An exchanged kanji touches up to 20; some of those are missed,
    but only names for people hold kanji, and no payment goes by a name.

    Raises:
        QrRefused: broken; the text holds half a character and has no UTF-8 bytes.
    """
    try:
        return f"{crc_hqx(text.encode(), 0xFFFF):04X}"
    except UnicodeEncodeError:
        raise broken("The code holds half a character.") from None
