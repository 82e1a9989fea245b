"""The HTTP API's bodies about scanned codes: what identifies a shop, and whose a payer's is."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

# As many characters as the largest QR can hold.
ScannedText = Annotated[str, Meta(min_length=1, max_length=4_296)]


class Scheme(StrEnum):
    """What kind of mark identifies a shop."""

    JPQR = "jpqr"  # The id in the shop's JPQR sticker.
    STORE_CODE = "store_code"  # The number or word that a programme gave the shop.
    DEVICE = "device"  # The id of something to touch: an NFC tag, a beacon.
    STAMP = "stamp"  # The id of an electronic stamp (電子スタンプ) pressed on the phone.


class Reader(StrEnum):
    """How a screen came by a text: only the screen knows that."""

    CODE = "code"  # Scanned by the camera, or typed.
    DEVICE = "device"  # Read from a touched device.
    STAMP = "stamp"  # Told by the electronic stamp's pattern.


class ReadShop(Struct, frozen=True, forbid_unknown_fields=True):
    """A text as it was read, unchanged."""

    text: ScannedText
    by: Reader = Reader.CODE


class ReadPayer(Struct, frozen=True, forbid_unknown_fields=True):
    """What a till has scanned, unchanged."""

    text: ScannedText


class PayerRead(Struct, frozen=True):
    """It is a wallet's of this town; whether it can be used is asked with `read_code`."""

    code: str


class NewMark(Struct, frozen=True, forbid_unknown_fields=True):
    """``mark``: as it was read or typed; for JPQR the sticker's whole text, or its id alone."""

    scheme: Scheme
    mark: ScannedText


class Mark(Struct, frozen=True):
    """A mark in the one form in which it is kept."""

    scheme: Scheme
    mark: str
    added_at: int


class Marks(Struct, frozen=True):
    """A shop's marks, oldest first. ``sticker``: the text of the shop's own sticker as EMV code."""

    marks: list[Mark]
    sticker: str
