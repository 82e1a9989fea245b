"""What a scanned text says: to a wallet, which shop it is; to a till, whose payer's code it is.

Nothing is ever opened or called because a code says so: of an address only its town and its shop
code are read.
"""

import re
from urllib.parse import urlsplit

from msgspec import Struct

from gateway.protocol.api_marks import Scheme
from gateway.qr.fields import broken
from gateway.qr.jpqr import jpqr_id
from gateway.qr.marks import is_payer_digits, is_shop_code, normal_digits, normal_mark
from gateway.qr.merchant import BEGINNING, JAPAN, YEN, read_merchant_code
from gateway.qr.payer import is_payer_code, read_payer_code
from gateway.qr.prefixes import Owner, Prefixes
from gateway.qr.refusal import QrRefused, Reason
from gateway.qr.sticker import own_shop, own_towns

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE | re.ASCII)
_OTHERS = re.compile(r"(enrol|card)=")
_SHOP_IN_FRAGMENT = re.compile(r"shop=(.*)", re.DOTALL)


class OwnCode(Struct, frozen=True):
    """The seven digits that our own sticker carries."""

    code: str


class ForeignMark(Struct, frozen=True):
    """A mark of another scheme, in its normal form."""

    scheme: Scheme
    mark: str


def read_scanned(text: str, town: str, prefixes: Prefixes) -> OwnCode | ForeignMark:
    """What a scanned or typed text identifies in the town with this code.

    Raises:
        QrRefused: with the reason, where it identifies no shop of this town.
    """
    text = text.strip()
    if text.startswith(BEGINNING):
        return _merchant_code(text, town)
    if is_payer_code(text):
        read_payer_code(text)  # Refuses by itself what is no proper code.
        raise _payers("a wallet of another service")
    if _ADDRESS.match(text):
        return OwnCode(_address(text, town))
    return _typed(text, prefixes)


def read_payers(text: str, town: str, prefixes: Prefixes) -> str:
    """The digits of a code that a wallet of this town shows, from what a till has scanned.

    Raises:
        QrRefused: other_town, foreign or card, where it is somebody else's; broken or not_payer.
    """
    text = text.strip()
    if is_payer_code(text):
        operator = read_payer_code(text).operator
        raise QrRefused(
            Reason.FOREIGN,
            f"This is a JPQR code of another service's wallet (operator {operator}).",
        )
    digits = normal_digits(text)
    if not is_payer_digits(digits):
        raise QrRefused(Reason.NOT_PAYER, "This is no payer's code; ask the payer to show one.")
    route = prefixes.route(digits)
    if route.owner is not Owner.TOWN:
        raise QrRefused(Reason.FOREIGN, f"This is a code of {route.name}, not of this town.")
    if route.name != town:
        raise _other_town(route.name)
    return digits


def _merchant_code(text: str, town: str) -> OwnCode | ForeignMark:
    code = read_merchant_code(text)
    own = own_shop(code, town)
    jpqr = jpqr_id(code)
    if own is None and jpqr is None:
        if others := own_towns(code):
            raise _other_town(others[0])
        raise QrRefused(Reason.FOREIGN, "The code is of a service that this town takes no part in.")
    if code.country != JAPAN or code.currency != YEN:
        raise broken("The code is not of Japan and in yen, as a shop's here has to be.")
    if code.is_bill:
        raise QrRefused(
            Reason.NOT_SHOP,
            "The code is a bill for one payment; scan the shop's sticker instead.",
        )
    return OwnCode(own) if own is not None else ForeignMark(Scheme.JPQR, jpqr or "")


def _address(text: str, town: str) -> str:
    """The shop code in the address of a sticker."""
    try:
        address = urlsplit(text)
    except ValueError:
        raise broken("The address in the code is broken.") from None
    match [part for part in address.path.split("/") if part]:
        case [where, "s", code]:
            pass
        case [where, "wallet"] if found := _SHOP_IN_FRAGMENT.fullmatch(address.fragment):
            code = found[1]
        case [_, "tablet" | "wallet"] if _OTHERS.match(address.fragment):
            raise QrRefused(
                Reason.NOT_SHOP,
                "The code is a serial card or enrols a tablet; scan the shop's code.",
            )
        case _:
            where, code = "", ""
    if not code or address.scheme.lower() not in {"http", "https"}:
        raise QrRefused(Reason.FOREIGN, "The code is no shop's code of this currency.")
    if where != town:
        raise _other_town(where)
    if not is_shop_code(code):
        raise broken("The shop's number in the code does not hold; scan it again.")
    return code


def _typed(text: str, prefixes: Prefixes) -> OwnCode | ForeignMark:
    """A number or a word: typed, or in a plain QR or bar code."""
    try:
        mark = normal_mark(Scheme.STORE_CODE, text)
    except QrRefused:
        raise QrRefused(Reason.FOREIGN, "The code is no shop's code of this currency.") from None
    if is_shop_code(mark):
        return OwnCode(mark)
    if is_payer_digits(mark):
        route = prefixes.route(mark)
        what = "a wallet" if route.owner is Owner.TOWN else f"a wallet ({route.owner})"
        raise _payers(f"{what} of {route.name}")
    return ForeignMark(Scheme.STORE_CODE, mark)


def _payers(whose: str) -> QrRefused:
    return QrRefused(
        Reason.NOT_SHOP, f"This is a payer's code, shown by {whose}; scan the shop's code."
    )


def _other_town(town: str) -> QrRefused:
    shown = town if re.fullmatch(r"[a-z][a-z0-9-]{1,30}", town, re.ASCII) else "another town"
    return QrRefused(Reason.OTHER_TOWN, f"The code is of another town: {shown}.")
