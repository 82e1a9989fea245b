"""Codes as they stand in the world: the standards' own examples, and stickers made for a story."""

from gateway.qr.merchant import write_merchant_code

EMVCO_EXAMPLE = (
    "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802CN"
    "5914BEST TRANSPORT6007BEIJING64200002ZH0104最佳运输0202北京540523.725303156550201623303041234"
    "0603***0708A60086670902ME91320016A0112233449988770708123456786304A13A"
)
JPQR_EXAMPLE = (
    "0002016003xxx01021129300012D156000000000510A93FO3230Q31280012D1560000000103081234567826680019"
    "jp.or.paymentsjapan01130000000000001020400010306000001040600000153033925903xxx64180002JA0108"
    "メルペイ カフェ520441115802JP610710661436304DEE9"
)
JPQR_EXAMPLE_ID = "0000000000001.0001.000001.000001"

# A code with as little as the standard allows.
SMALLEST = {
    "26": "0019jp.example.payments0104shop",
    "52": "5411",
    "53": "392",
    "58": "JP",
    "59": "MARUYA",
    "60": "NAGAOKA",
}


def jpqr_account(company: str = "1234567890123", store: str = "000001") -> str:
    """A shop's account in the JPQR scheme, as field 26 has it."""
    ids = f"01{len(company):02d}{company}02040001030600000104{len(store):02d}{store}"
    return f"0019jp.or.paymentsjapan{ids}"


def jpqr_fields(account: str = "") -> dict[str, str]:
    """The fields of a JPQR sticker that keeps the scheme's rules."""
    return SMALLEST | {
        "01": "11",
        "26": account or jpqr_account(),
        "61": "9400062",
        "64": "0002JA0105まるや青果",
    }


def jpqr_sticker(account: str = "") -> str:
    """The text of a shop's JPQR sticker."""
    return write_merchant_code(jpqr_fields(account))
