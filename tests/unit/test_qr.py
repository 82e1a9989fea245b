"""Scanned codes as texts: what is read, what is refused, and with which reason."""

import base64
from collections.abc import Callable
from decimal import Decimal

import pytest

from gateway.protocol.api_marks import Scheme
from gateway.qr.fields import check_sum
from gateway.qr.jpqr import jpqr_id
from gateway.qr.marks import check_new_mark, normal_mark
from gateway.qr.merchant import MerchantCode, read_merchant_code, write_merchant_code
from gateway.qr.payer import PayerCode, read_payer_code
from gateway.qr.prefixes import Owner, Prefixes, Route
from gateway.qr.refusal import QrRefused, Reason
from gateway.qr.scanned import ForeignMark, OwnCode, read_payers, read_scanned
from gateway.qr.sticker import KOBAN_GUID, own_shop, own_towns, write_sticker
from ledger.accounts import shop_code
from tests.support.codes import (
    EMVCO_EXAMPLE,
    JPQR_EXAMPLE,
    JPQR_EXAMPLE_ID,
    SMALLEST,
    jpqr_account,
    jpqr_fields,
    jpqr_sticker,
)

NAGAOKA = {"ja": "長岡市", "en": "Nagaoka"}
SHOP = shop_code(123)
PREFIXES = Prefixes(
    [
        Route("82", Owner.ISSUER, "a large wallet"),
        Route("8201", Owner.TOWN, "nagaoka"),
        Route("8202", Owner.TOWN, "hirakata"),
        Route("820199", Owner.ACQUIRER, "a payment company"),
    ]
)


def reason_of(act: Callable[[], object]) -> Reason:
    """Why something was refused; its words are whole sentences."""
    with pytest.raises(QrRefused) as refused:
        act()
    assert refused.value.message.endswith(".")
    return refused.value.reason


def sealed(text: str) -> str:
    """A text with a right check sum behind it, whatever the text is."""
    return f"{text}6304{check_sum(text + '6304')}"


# -- merchants' codes ------------------------------------------------------------------------------


def test_the_check_sum_is_the_standards() -> None:
    """CRC-16/CCITT-FALSE has this value for these digits; kanji count by their UTF-8 bytes."""
    assert check_sum("123456789") == "29B1"
    assert check_sum("") == "FFFF"
    assert check_sum(EMVCO_EXAMPLE[:-4]) == "A13A"
    assert check_sum(JPQR_EXAMPLE[:-4]) == "DEE9"


def test_the_standards_own_example_is_read() -> None:
    """With its two accounts, its names in two scripts and its amount."""
    code = read_merchant_code(EMVCO_EXAMPLE)
    assert (code.country, code.currency, code.amount) == ("CN", "156", Decimal("23.72"))
    assert code.is_bill
    assert code.fields["59"] == "BEST TRANSPORT"
    assert code.template("64") == {"00": "ZH", "01": "最佳运输", "02": "北京"}
    assert code.accounts("D15600000000") == [{"00": "D15600000000", "05": "A93FO3230Q"}]
    assert jpqr_id(code) is None


def test_a_jpqr_sticker_is_read_whatever_the_order_of_its_fields() -> None:
    """Between the first and the last any order will do."""
    code = read_merchant_code(JPQR_EXAMPLE)
    assert jpqr_id(code) == JPQR_EXAMPLE_ID
    assert (code.amount, code.is_bill) == (None, False)
    assert next(iter(code.fields)) == "60"


@pytest.mark.parametrize("example", [EMVCO_EXAMPLE, JPQR_EXAMPLE])
def test_every_altered_character_of_an_example_is_noticed(example: str) -> None:
    """One character at a time, each place: another digit, another letter, or a kanji."""
    for place, character in enumerate(example):
        for other in ("0", "1", "9", "A", "z", " ", "店"):
            if other == character:
                continue
            altered = example[:place] + other + example[place + 1 :]
            assert reason_of(lambda text=altered: read_merchant_code(text)) in {  # type: ignore[misc]
                Reason.ALTERED,
                Reason.BROKEN,
            }


@pytest.mark.parametrize("example", [EMVCO_EXAMPLE, JPQR_EXAMPLE])
def test_every_lost_doubled_or_swapped_character_is_noticed(example: str) -> None:
    """What a hasty copy does to a text."""
    for place in range(len(example)):
        before, character, after = example[:place], example[place], example[place + 1 :]
        changed = [before + after, before + character * 2 + after]
        if after and after[0] != character:
            changed.append(before + after[0] + character + after[1:])
        for text in changed:
            with pytest.raises(QrRefused):
                read_merchant_code(text)


BROKEN_TEXTS = {
    "nothing": "",
    "no code": "hello",
    "only a check sum": sealed(""),
    "the version missing": sealed(write_merchant_code(SMALLEST)[6:-8]),
    "another version": sealed("000202" + write_merchant_code(SMALLEST)[6:-8]),
    "the version not first": sealed(write_merchant_code(SMALLEST)[6:-8] + "000201"),
    "the version twice": sealed(write_merchant_code(SMALLEST)[:-8] + "000201"),
    "a lower-case check sum": JPQR_EXAMPLE[:-4] + "dee9",
    "a character behind the end": JPQR_EXAMPLE + " ",
    "cut off": JPQR_EXAMPLE[:-1],
    "a field cut off": sealed(write_merchant_code(SMALLEST)[:-8] + "6109123"),
    "a field of no length": sealed(write_merchant_code(SMALLEST)[:-8] + "6100"),
    "a length that is no number": sealed(write_merchant_code(SMALLEST)[:-8] + "61x2"),
    "a length in full-width digits": sealed(write_merchant_code(SMALLEST)[:-8] + "61０３123"),
    "a field twice": sealed(write_merchant_code(SMALLEST)[:-8] + "5303392"),
    "too long": sealed("000201" + "".join(f"{tag}9907{'x' * 97}" for tag in range(80, 86))),
    "half a character": "000201\ud8006304ABCD",
    "a check sum inside another field": sealed(write_merchant_code(SMALLEST)[:-8] + "7008"),
}


@pytest.mark.parametrize("text", BROKEN_TEXTS.values(), ids=BROKEN_TEXTS.keys())
def test_a_text_that_is_no_whole_code_is_broken(text: str) -> None:
    """Though its check sum may be right."""
    assert reason_of(lambda: read_merchant_code(text)) is Reason.BROKEN


def test_a_right_form_with_a_wrong_check_sum_is_altered() -> None:
    """Told apart from broken: scanning again may help."""
    assert reason_of(lambda: read_merchant_code(JPQR_EXAMPLE[:-4] + "0000")) is Reason.ALTERED


BROKEN_FIELDS = {
    "no account": {"26": None},
    "no category": {"52": None},
    "no currency": {"53": None},
    "no country": {"58": None},
    "no name": {"59": None},
    "no city": {"60": None},
    "a category of letters": {"52": "food"},
    "a currency in letters": {"53": "JPY"},
    "a country in lower case": {"58": "jp"},
    "a long name": {"59": "x" * 26},
    "a name outside ASCII": {"59": "まるや"},
    "a long city": {"60": "x" * 16},
    "a long postcode": {"61": "x" * 11},
    "an unknown way of beginning": {"01": "13"},
    "an account without an id": {"26": "0104shop"},
    "an account that is no template": {"26": "shop"},
    "an account outside ASCII": {"26": "0003jp.0103みせ"},
    "an empty account": {"26": ""},
    "an account too long": {"26": "0099" + "x" * 99},
    "yen with decimals": {"54": "999.123"},
    "yen with a point": {"54": "999."},
    "no amount": {"54": "0"},
    "an amount with a comma": {"54": "1,000"},
    "a negative amount": {"54": "-5"},
    "a long amount": {"54": "1" * 14},
    "an amount in full-width digits": {"54": "１００"},
    "a fee that is not promised": {"56": "100"},
    "a promised fee that is not there": {"55": "02"},
    "a share that is not promised": {"55": "02", "56": "100", "57": "5"},
    "names without a language": {"64": "0102店名"},
    "names without a name": {"64": "0002JA"},
    "a language of three letters": {"64": "0003JPN0102店名"},
    "a name with a turn in it": {"64": "0002JA0103店\u202e名"},
    "a bill number too long": {"62": "0126" + "x" * 26},
    "a free template without an id": {"80": "0702ab"},
    "a tag of letters": {"xx": "1"},
    "a tag of one digit": {"1": "1"},
    "the beginning": {"00": "01"},
    "the check sum": {"63": "ABCD"},
}


@pytest.mark.parametrize("change", BROKEN_FIELDS.values(), ids=BROKEN_FIELDS.keys())
def test_a_code_against_the_standard_is_neither_written_nor_read(
    change: dict[str, str | None],
) -> None:
    """The writer and the reader hold the same rules."""
    fields = {tag: value for tag, value in (SMALLEST | change).items() if value is not None}
    assert reason_of(lambda: write_merchant_code(fields)) is Reason.BROKEN
    body = "".join(f"{tag}{len(value):02d}{value}" for tag, value in fields.items())
    assert reason_of(lambda: read_merchant_code(sealed("000201" + body))) is Reason.BROKEN


@pytest.mark.parametrize(
    ("change", "amount"),
    [
        ({}, None),
        ({"54": "999"}, Decimal(999)),
        ({"53": "840", "54": "9.99"}, Decimal("9.99")),
        ({"55": "02", "56": "100"}, None),
        ({"55": "03", "57": "5.5"}, None),
        ({"55": "01"}, None),
        ({"61": "9400062", "62": "0104b1230704till"}, None),
        ({"65": "何でも"}, None),
        ({"80": "0003jp.0102ab"}, None),
        ({"64": "0002JA0103まるや0203長岡市"}, None),
    ],
)
def test_a_code_by_the_standard_is_written_and_read(
    change: dict[str, str], amount: Decimal | None
) -> None:
    """What is read is what was written."""
    written = write_merchant_code(SMALLEST | change)
    code = read_merchant_code(written)
    assert code == MerchantCode(SMALLEST | change)
    assert code.amount == amount


# -- JPQR ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"58": "CN"},
        {"53": "156"},
        {"61": None},
        {"64": None},
        {"64": "0002EN0106Maruya"},
        {"64": "0002JA0103まるや0203長岡市"},
        {"26": jpqr_account(company="123456789012")},
        {"26": jpqr_account(company="123456789012X")},
        {"26": jpqr_account(store="00001")},
        {"26": jpqr_account().replace("02040001", "")},
        {"26": jpqr_account() + "0501x"},
        {"27": jpqr_account()},
    ],
)
def test_a_jpqr_account_against_jpqrs_rules_is_broken(change: dict[str, str | None]) -> None:
    """It says that it is JPQR, so it has to be."""
    fields = {tag: value for tag, value in (jpqr_fields() | change).items() if value is not None}
    code = read_merchant_code(write_merchant_code(fields))
    assert reason_of(lambda: jpqr_id(code)) is Reason.BROKEN


def test_a_jpqr_account_may_stand_in_any_account_field() -> None:
    """26 is the custom, not the rule."""
    fields = jpqr_fields() | {"26": "0003jp.", "51": jpqr_account()}
    code = read_merchant_code(write_merchant_code(fields))
    assert jpqr_id(code) == "1234567890123.0001.000001.000001"


# -- our own sticker -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["八百屋 まるや", "x" * 60, "名" * 60, "A\u202eB", "\u200b", "やおや👨‍👩‍👧"]
)
def test_a_towns_own_sticker_names_its_shop(name: str) -> None:
    """Whatever the shop is called, the sticker can be written, and names the shop to this town."""
    text = write_sticker("nagaoka", NAGAOKA, SHOP, name)
    code = read_merchant_code(text)
    assert own_shop(code, "nagaoka") == SHOP
    assert own_shop(code, "hirakata") is None
    assert own_towns(code) == ["nagaoka"]
    assert "paymentsjapan" not in text
    assert read_scanned(text, "nagaoka", PREFIXES) == OwnCode(SHOP)


def test_a_town_without_a_latin_name_goes_by_its_code() -> None:
    """The standard's city holds Latin letters only."""
    code = read_merchant_code(write_sticker("nagaoka", {"ja": "長岡市"}, SHOP, "まるや"))
    assert code.fields["60"] == "NAGAOKA"


# -- payers' codes ---------------------------------------------------------------------------------


def ber(tag: int, value: bytes) -> bytes:
    """One field of BER-TLV."""
    length = bytes([len(value)]) if len(value) < 0x80 else bytes([0x81, len(value)])
    return bytes([tag]) + length + value


def payer_text(inside: bytes, version: bytes = b"JPQR1", behind: bytes = b"") -> str:
    """A payer's code with this application template."""
    return base64.b64encode(ber(0x85, version) + ber(0x61, inside) + behind).decode()


OPERATOR, PAYMENT = ber(0x4F, b"12345678"), ber(0x57, b"8765432101234567")


@pytest.mark.parametrize("free", [b"", b"x", b"{}" * 70])
def test_a_jpqr_payer_code_is_read(free: bytes) -> None:
    """Whose it is, and for which payment, however long it is and whatever stands beside it."""
    inside = OPERATOR + PAYMENT + (ber(0x99, free) if free else b"")
    text = payer_text(inside + bytes([0x9F, 0x25, 0x01, 0x30]), behind=ber(0x62, b""))
    assert text.startswith("hQVKUFFS")
    assert read_payer_code(text) == PayerCode("12345678", "8765432101234567", free)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("hQVDUFYwMWETTwegAAAAVVVVUAhQcm9kdWN0MQ==", Reason.CARD),
        ("hQVDUFY", Reason.CARD),
        (payer_text(OPERATOR + PAYMENT, version=b"JPQR2"), Reason.FOREIGN),
        (payer_text(OPERATOR), Reason.BROKEN),
        (payer_text(PAYMENT), Reason.BROKEN),
        (payer_text(OPERATOR + OPERATOR + PAYMENT), Reason.BROKEN),
        (payer_text(OPERATOR + PAYMENT + ber(0x99, b"a") + ber(0x99, b"b")), Reason.BROKEN),
        (payer_text(OPERATOR + PAYMENT, behind=ber(0x61, OPERATOR + PAYMENT)), Reason.BROKEN),
        (payer_text(ber(0x4F, b"") + PAYMENT), Reason.BROKEN),
        (payer_text(ber(0x4F, b"\x00\x01") + PAYMENT), Reason.BROKEN),
        (payer_text(ber(0x4F, b"x" * 65) + PAYMENT), Reason.BROKEN),
        (payer_text(OPERATOR + PAYMENT)[:-4], Reason.BROKEN),
        (payer_text(OPERATOR + PAYMENT + b"\x9f"), Reason.BROKEN),
        (payer_text(OPERATOR + PAYMENT + b"\x99\x80"), Reason.BROKEN),
        (payer_text(OPERATOR + PAYMENT + b"\x99\x81\x01x"), Reason.BROKEN),
        (payer_text(OPERATOR + PAYMENT + b"\x99\x82\x00\x01x"), Reason.BROKEN),
        (payer_text(OPERATOR + PAYMENT + b"\x99\x84\x00\x00\x00\x01x"), Reason.BROKEN),
        (base64.b64encode(ber(0x61, OPERATOR + PAYMENT)).decode(), Reason.BROKEN),
        ("hQVKUFFSMQ=", Reason.BROKEN),
        ("hQVKUFFSMR==", Reason.BROKEN),
        ("hQVKUFFS店", Reason.BROKEN),
        ("hQVKUFFS" + "A" * 600, Reason.BROKEN),
        ("", Reason.BROKEN),
    ],
)
def test_another_payer_code_is_refused_with_its_reason(text: str, reason: Reason) -> None:
    """EMV's own is known for what it is."""
    assert reason_of(lambda: read_payer_code(text)) is reason


@pytest.mark.parametrize(
    ("digits", "name"),
    [
        ("8201000000000000", "nagaoka"),
        ("82010000000000000000", "nagaoka"),
        ("8202000000000000", "hirakata"),
        ("8201990000000000", "a payment company"),
        ("8201980000000000", "nagaoka"),
        ("8203000000000000", "a large wallet"),
    ],
)
def test_digits_go_to_the_longest_prefix(digits: str, name: str) -> None:
    """Several towns, an acquirer and a foreign issuer side by side."""
    assert PREFIXES.route(digits).name == name


@pytest.mark.parametrize(
    ("digits", "reason"),
    [
        ("9901000000000000", Reason.FOREIGN),
        ("820100000000000", Reason.BROKEN),
        ("820100000000000000000", Reason.BROKEN),
        ("８２０１００００００００００００", Reason.BROKEN),
        ("82010000000000 0", Reason.BROKEN),
        ("", Reason.BROKEN),
    ],
)
def test_digits_of_nobody_known_are_refused(digits: str, reason: Reason) -> None:
    """16 to 20 digits, and a prefix that somebody has."""
    assert reason_of(lambda: PREFIXES.route(digits)) is reason


@pytest.mark.parametrize("prefixes", [["82", "82"], [""], ["82a"], ["1" * 16], ["８２"]])
def test_prefixes_that_cannot_be_are_a_mistake_of_the_set_up(prefixes: list[str]) -> None:
    """Two with the same one would make a coin's throw of a payment."""
    routes = [Route(prefix, Owner.ISSUER, str(place)) for place, prefix in enumerate(prefixes)]
    with pytest.raises(ValueError, match="prefix"):
        Prefixes(routes)


# -- marks, and any text ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scheme", "text", "mark"),
    [
        (Scheme.JPQR, JPQR_EXAMPLE, JPQR_EXAMPLE_ID),
        (Scheme.JPQR, JPQR_EXAMPLE_ID, JPQR_EXAMPLE_ID),
        (Scheme.JPQR, f" {JPQR_EXAMPLE_ID.replace('.', '')}\n", JPQR_EXAMPLE_ID),
        (Scheme.STORE_CODE, "a-017", "A017"),
        (Scheme.STORE_CODE, "Ａー０１７", "A017"),
        (Scheme.STORE_CODE, " 12 34 ", "1234"),
        (Scheme.DEVICE, "04:a2:24:5b", "04A2245B"),
        (Scheme.DEVICE, "04A2245B", "04A2245B"),
        (Scheme.STAMP, "st_9f3c-11", "ST9F3C11"),
    ],
)
def test_a_mark_has_one_form(scheme: Scheme, text: str, mark: str) -> None:
    """However it was read or typed."""
    assert normal_mark(scheme, text) == mark
    assert normal_mark(scheme, mark) == mark


@pytest.mark.parametrize(
    ("scheme", "text", "reason"),
    [
        (Scheme.JPQR, "123", Reason.BROKEN),
        (Scheme.JPQR, JPQR_EXAMPLE[:-1] + "8", Reason.ALTERED),
        (Scheme.JPQR, EMVCO_EXAMPLE, Reason.BROKEN),
        (Scheme.STORE_CODE, "A", Reason.BROKEN),
        (Scheme.STORE_CODE, "A" * 33, Reason.BROKEN),
        (Scheme.STORE_CODE, "店", Reason.BROKEN),
        (Scheme.STORE_CODE, "---", Reason.BROKEN),
        (Scheme.DEVICE, "04A", Reason.BROKEN),
        (Scheme.DEVICE, "https://example.jp/x", Reason.BROKEN),
        (Scheme.STAMP, "x" * 65, Reason.BROKEN),
        (Scheme.STAMP, "", Reason.BROKEN),
    ],
)
def test_what_cannot_be_a_mark_is_refused(scheme: Scheme, text: str, reason: Reason) -> None:
    """Before anybody is asked whose it is."""
    assert reason_of(lambda: normal_mark(scheme, text)) is reason


@pytest.mark.parametrize("mark", [SHOP, "1234567890123456"])
def test_a_store_code_is_nothing_that_is_read_otherwise(mark: str) -> None:
    """A code like a sticker's number would be another shop's one day."""
    assert reason_of(lambda: check_new_mark(Scheme.STORE_CODE, mark)) is Reason.BROKEN
    check_new_mark(Scheme.DEVICE, mark)
    check_new_mark(Scheme.STORE_CODE, "A017")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"https://koban.example/nagaoka/s/{SHOP}", OwnCode(SHOP)),
        (f"HTTP://127.0.0.1:8000/nagaoka/s/{SHOP}/", OwnCode(SHOP)),
        (f"https://koban.example/nagaoka/wallet#shop={SHOP}", OwnCode(SHOP)),
        (SHOP, OwnCode(SHOP)),
        (f" {SHOP[:3]} {SHOP[3:]} ", OwnCode(SHOP)),
        (JPQR_EXAMPLE, ForeignMark(Scheme.JPQR, JPQR_EXAMPLE_ID)),
        (jpqr_sticker(), ForeignMark(Scheme.JPQR, "1234567890123.0001.000001.000001")),
        ("A-017", ForeignMark(Scheme.STORE_CODE, "A017")),
        ("1234567", ForeignMark(Scheme.STORE_CODE, "1234567")),
        (
            write_merchant_code(jpqr_fields() | {"51": f"0032{KOBAN_GUID}0107nagaoka0207{SHOP}"}),
            OwnCode(SHOP),
        ),
        (
            write_merchant_code(jpqr_fields() | {"51": f"0032{KOBAN_GUID}0108hirakata0207{SHOP}"}),
            ForeignMark(Scheme.JPQR, "1234567890123.0001.000001.000001"),
        ),
    ],
)
def test_a_scanned_text_is_a_shop_or_a_mark(text: str, found: OwnCode | ForeignMark) -> None:
    """Our own account goes before JPQR's where a sticker has both."""
    assert read_scanned(text, "nagaoka", PREFIXES) == found


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", Reason.FOREIGN),
        ("こんにちは", Reason.FOREIGN),
        ("https://qr.example.ne.jp/28180104abc", Reason.FOREIGN),
        (f"ftp://koban.example/nagaoka/s/{SHOP}", Reason.FOREIGN),
        ("https://[broken", Reason.BROKEN),
        ("WIFI:S:shop;T:WPA;P:secret;;", Reason.FOREIGN),
        ("https://koban.example/nagaoka/s/1234567", Reason.BROKEN),
        ("https://koban.example/nagaoka/s/１２３４５６６", Reason.BROKEN),
        (f"https://koban.example/hirakata/s/{SHOP}", Reason.OTHER_TOWN),
        ("https://koban.example/nagaoka/tablet#enrol=" + "x" * 43, Reason.NOT_SHOP),
        ("https://koban.example/nagaoka/wallet#card=" + "1" * 20, Reason.NOT_SHOP),
        ("https://koban.example/nagaoka/wallet", Reason.FOREIGN),
        (write_sticker("hirakata", NAGAOKA, SHOP, "まるや"), Reason.OTHER_TOWN),
        (EMVCO_EXAMPLE, Reason.FOREIGN),
        (write_merchant_code(SMALLEST), Reason.FOREIGN),
        (JPQR_EXAMPLE[:-1] + "8", Reason.ALTERED),
        (JPQR_EXAMPLE[:-4], Reason.BROKEN),
        (write_merchant_code(jpqr_fields() | {"54": "500"}), Reason.NOT_SHOP),
        (write_merchant_code(jpqr_fields() | {"01": "12"}), Reason.NOT_SHOP),
        (
            write_merchant_code(SMALLEST | {"51": f"0032{KOBAN_GUID}0107nagaoka02071234567"}),
            Reason.BROKEN,
        ),
        (
            write_merchant_code(
                SMALLEST | {"51": f"0032{KOBAN_GUID}0107nagaoka0207{SHOP}", "53": "156"}
            ),
            Reason.BROKEN,
        ),
        (payer_text(OPERATOR + PAYMENT), Reason.NOT_SHOP),
        ("hQVKUFFS", Reason.BROKEN),
        ("hQVDUFYwMWETTwegAAAAVVVV", Reason.CARD),
        ("8201 0000 0000 0000", Reason.NOT_SHOP),
        ("99010000000000000000", Reason.FOREIGN),
    ],
)
def test_any_other_text_is_refused_with_its_reason(text: str, reason: Reason) -> None:
    """The wallet tells the payer why, and what to scan instead."""
    assert reason_of(lambda: read_scanned(text, "nagaoka", PREFIXES)) is reason


@pytest.mark.parametrize(
    "text", ["8201000000000000", "8201 0000-0000 0000 0000", "８２０１００００００００００００"]
)
def test_a_till_reads_this_towns_payers(text: str) -> None:
    """However the digits are grouped."""
    assert read_payers(text, "nagaoka", PREFIXES).startswith("8201000000000000")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("8202000000000000", Reason.OTHER_TOWN),
        ("8201990000000000", Reason.FOREIGN),
        ("8203000000000000", Reason.FOREIGN),
        ("9901000000000000", Reason.FOREIGN),
        (payer_text(OPERATOR + PAYMENT), Reason.FOREIGN),
        ("hQVKUFFS", Reason.BROKEN),
        ("hQVDUFYwMWETTwegAAAAVVVV", Reason.CARD),
        (JPQR_EXAMPLE, Reason.NOT_PAYER),
        (f"https://koban.example/nagaoka/s/{SHOP}", Reason.NOT_PAYER),
        ("820100000000000", Reason.NOT_PAYER),
        ("", Reason.NOT_PAYER),
    ],
)
def test_a_till_is_told_whose_another_code_is(text: str, reason: Reason) -> None:
    """Another town's wallet, another service's, a card, or nothing that a payer shows."""
    assert reason_of(lambda: read_payers(text, "nagaoka", PREFIXES)) is reason
