"""Merchant-presented codes (MPM): what a shop's sticker of any service says, read and written.

Source: EMVCo QRCPS Merchant-Presented Mode, sections 3 and 4. Strict on purpose: a code that is not
wholly as the standard wants it may be somebody's forgery, and paying the wrong shop is worse than
scanning again.
"""

import re
from collections.abc import Mapping
from decimal import Decimal

from msgspec import Struct

from gateway.qr.fields import broken, check_sum, is_shown, read_fields, write_fields
from gateway.qr.refusal import QrRefused, Reason

BEGINNING = "000201"  # The payload's format, version 01; always first.
CODE_MAX = 512  # Characters of a whole code.
YEN = "392"
JAPAN = "JP"

ACCOUNTS = range(2, 52)
ACCOUNT_TEMPLATES = range(26, 52)
FREE_TEMPLATES = range(80, 100)
ADDITIONAL, LANGUAGE = "62", "64"
MANDATORY = {"52": "category", "53": "currency", "58": "country", "59": "name", "60": "city"}

_END = re.compile(r"6304([0-9A-F]{4})", re.ASCII)
_AMOUNT = r"(?=.{1,13}\Z)[0-9]+(\.[0-9]+)?"
_ASCII = r"[ -~]"

# What the value of a tag looks like; other tags may hold anything that can be shown.
_FORMS = {
    "01": r"1[12]",
    "52": r"[0-9]{4}",
    "53": r"[0-9]{3}",
    "54": _AMOUNT,
    "55": r"0[123]",
    "56": _AMOUNT,
    "57": r"[0-9]{1,2}(\.[0-9]{1,2})?",
    "58": r"[A-Z]{2}",
    "59": _ASCII + "{1,25}",
    "60": _ASCII + "{1,15}",
    "61": _ASCII + "{1,10}",
    **{f"{tag:02}": _ASCII + "+" for tag in ACCOUNTS},
}
_ADDITIONAL_FORMS = {f"{tag:02}": _ASCII + "{1,25}" for tag in range(1, 9)}
_LANGUAGE_FORMS = {"00": r"[A-Z]{2}", "01": r".{1,25}", "02": r".{1,15}"}
_FREE_FORMS = {"00": _ASCII + "{1,32}"}


class MerchantCode(Struct, frozen=True):
    """A code that is as the standard wants it. ``fields``: by tag, without 00 and the check sum."""

    fields: dict[str, str]

    @property
    def currency(self) -> str:
        """ISO 4217, three digits; yen is 392."""
        return self.fields["53"]

    @property
    def country(self) -> str:
        """ISO 3166-1, two letters."""
        return self.fields["58"]

    @property
    def amount(self) -> Decimal | None:
        """What is to be paid, in units of the currency; None where the payer enters it."""
        return Decimal(self.fields["54"]) if "54" in self.fields else None

    @property
    def is_bill(self) -> bool:
        """Whether it asks for one payment at one time, as a sticker never does."""
        return self.fields.get("01") == "12" or "54" in self.fields

    def accounts(self, guid: str) -> list[dict[str, str]]:
        """The shop's accounts at the service with this globally unique id (its subtag 00)."""
        templates = (self.template(f"{tag:02}") for tag in ACCOUNT_TEMPLATES)
        return [each for each in templates if each.get("00") == guid]

    def template(self, tag: str) -> dict[str, str]:
        """The fields inside a template; none where the code has no such tag."""
        return read_fields(self.fields.get(tag, ""), f"Field {tag}")


def read_merchant_code(text: str) -> MerchantCode:
    """Reads a merchant-presented code.

    The check sum is looked at first, so that whatever was changed on its way is told as altered.

    Raises:
        QrRefused: altered, broken.
    """
    if len(text) > CODE_MAX:
        raise broken(f"The code has {len(text)} characters; {CODE_MAX} is the most.")
    end = _END.fullmatch(text[-8:])
    if end is None:
        raise broken("The code does not end with its check sum; it may be cut off.")
    if check_sum(text[:-4]) != end[1]:
        raise QrRefused(Reason.ALTERED, "The code's check sum does not hold; scan it again.")
    fields = read_fields(text, "The code")
    tags = list(fields)
    if tags[0] != "00" or fields["00"] != "01":
        raise broken("The code does not begin with the format's version 01.")
    if tags[-1] != "63":
        raise broken("The check sum is not the code's last field.")
    inner = {tag: value for tag, value in fields.items() if tag not in {"00", "63"}}
    _check(inner)
    return MerchantCode(inner)


def write_merchant_code(fields: Mapping[str, str]) -> str:
    """The text of a code with these fields, in this order, with its beginning and its check sum.

    Raises:
        QrRefused: broken; the fields are not as the standard wants them.
    """
    for tag in {"00", "63"} & set(fields):
        raise broken(f"Field {tag} is written by itself.")
    text = BEGINNING + write_fields(fields, "The code") + "6304"
    if len(text) + 4 > CODE_MAX:
        raise broken(f"The code has {len(text) + 4} characters; {CODE_MAX} is the most.")
    _check(fields)
    return text + check_sum(text)


def _check(fields: Mapping[str, str]) -> None:
    """All rules on fields, apart from those on the first and the last.

    Raises:
        QrRefused: broken.
    """
    for tag, word in MANDATORY.items():
        if tag not in fields:
            raise broken(f"The code has no {word} (field {tag}).")
    if not any(f"{tag:02}" in fields for tag in ACCOUNTS):
        raise broken("The code names no account of the shop (fields 02 to 51).")
    _check_forms(fields, _FORMS, "The code")
    _check_amounts(fields)
    for tag, value in fields.items():
        inside = f"Field {tag}"
        if tag == LANGUAGE:
            _check_template(value, _LANGUAGE_FORMS, inside, needs=("00", "01"))
        elif tag == ADDITIONAL:
            _check_template(value, _ADDITIONAL_FORMS, inside)
        elif int(tag) in ACCOUNT_TEMPLATES or int(tag) in FREE_TEMPLATES:
            _check_template(value, _FREE_FORMS, inside, needs=("00",))


def _check_template(
    value: str, forms: Mapping[str, str], where: str, needs: tuple[str, ...] = ()
) -> None:
    fields = read_fields(value, where)
    for tag in needs:
        if tag not in fields:
            raise broken(f"{where}: it has no field {tag}.")
    _check_forms(fields, forms, where)


def _check_forms(fields: Mapping[str, str], forms: Mapping[str, str], where: str) -> None:
    for tag, value in fields.items():
        if not is_shown(value):
            raise broken(f"{where}: field {tag} holds characters that cannot be shown.")
        if tag in forms and not re.fullmatch(forms[tag], value, re.ASCII | re.DOTALL):
            raise broken(f"{where}: field {tag} is not as it has to be.")


def _check_amounts(fields: Mapping[str, str]) -> None:
    """Amounts are above zero and whole where the currency has nothing smaller; the fee's fields (56
    fixed, 57 a share) stand where field 55 promises them and nowhere else.
    """
    for tag in ("54", "56"):
        if tag not in fields:
            continue
        if Decimal(fields[tag]) == 0:
            raise broken(f"The amount in field {tag} is zero.")
        if fields["53"] == YEN and "." in fields[tag]:
            raise broken(f"The amount in field {tag} has decimals; yen have none.")
    for tag, promise in (("56", "02"), ("57", "03")):
        if (tag in fields) != (fields.get("55") == promise):
            raise broken(f"Field {tag} stands exactly where field 55 is {promise}.")
