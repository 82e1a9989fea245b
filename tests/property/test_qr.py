"""Any text at all, and any code at all: never another exception, never a wrong check sum."""

import base64
from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from gateway.protocol.api_marks import Scheme
from gateway.qr.fields import check_sum, is_shown
from gateway.qr.jpqr import jpqr_id
from gateway.qr.marks import normal_mark
from gateway.qr.merchant import MerchantCode, read_merchant_code, write_merchant_code
from gateway.qr.payer import read_ber, read_payer_code
from gateway.qr.prefixes import Owner, Prefixes, Route
from gateway.qr.refusal import QrRefused, Reason
from gateway.qr.scanned import read_payers, read_scanned
from gateway.qr.sticker import own_shop, write_sticker
from tests.support.codes import EMVCO_EXAMPLE, JPQR_EXAMPLE, jpqr_sticker

Found = TypeVar("Found")

PREFIXES = Prefixes([Route("8201", Owner.TOWN, "nagaoka")])
ASCII = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
# Everything a program may hold as text, half characters included.
ANY_TEXT = st.text(st.characters(), max_size=600)
SHOWN = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1)

# Twice the usual hundred: a text costs microseconds.
often = settings(max_examples=200, deadline=None)


def ascii_text(most: int, least: int = 1) -> st.SearchStrategy[str]:
    """Printable ASCII of a length."""
    return st.text(ASCII, min_size=least, max_size=most)


def shown_text(most: int) -> st.SearchStrategy[str]:
    """Any script of a length."""
    return SHOWN.map(lambda text: text[:most])


def template(guid: str, more: dict[str, str]) -> str:
    """The text of a template with an id."""
    parts = {"00": guid} | more
    return "".join(f"{tag}{len(value):02d}{value}" for tag, value in parts.items())


tags = st.integers(min_value=1, max_value=9).map(lambda tag: f"{tag:02}")
accounts = st.builds(template, ascii_text(32), st.dictionaries(tags, ascii_text(20), max_size=2))
optional = st.fixed_dictionaries(
    {},
    optional={
        "01": st.sampled_from(["11", "12"]),
        "02": ascii_text(99),
        "51": accounts,
        "54": st.integers(min_value=1, max_value=10**12).map(str),
        "55": st.just("01"),
        "61": ascii_text(10),
        "62": st.builds(lambda text: f"01{len(text):02d}{text}", ascii_text(25)),
        "64": st.builds(lambda name: f"0002JA01{len(name):02d}{name}", shown_text(25)),
        "70": shown_text(60),
        "80": st.builds(template, ascii_text(32), st.fixed_dictionaries({"07": shown_text(20)})),
    },
)
mandatory = st.fixed_dictionaries(
    {
        "26": accounts,
        "52": st.from_regex(r"\A[0-9]{4}\Z", alphabet="0123456789"),
        "53": st.from_regex(r"\A[0-9]{3}\Z", alphabet="0123456789"),
        "58": st.from_regex(r"\A[A-Z]{2}\Z"),
        "59": ascii_text(25),
        "60": ascii_text(15),
    }
)


@st.composite
def codes(draw: st.DrawFn) -> dict[str, str]:
    """The fields of a code by the standard, in any order."""
    fields = draw(mandatory) | draw(optional)
    order = draw(st.permutations(sorted(fields)))
    assume(sum(len(value) + 4 for value in fields.values()) <= 512 - 14)
    return {tag: fields[tag] for tag in order}


def taken(act: Callable[[], Found]) -> Found | None:
    """What came of it, or None where it was refused; any other exception fails the test."""
    try:
        return act()
    except QrRefused as refused:
        said = refused
    assert said.message.endswith(".")
    assert said.reason in Reason
    return None


@often
@given(codes())
def test_what_is_written_is_read(fields: dict[str, str]) -> None:
    """Field by field, in the order in which they were given."""
    text = write_merchant_code(fields)
    code = read_merchant_code(text)
    assert code == MerchantCode(fields)
    assert list(code.fields) == list(fields)
    assert write_merchant_code(code.fields) == text
    taken(lambda: jpqr_id(code))
    taken(lambda: own_shop(code, "nagaoka"))


@often
@given(codes(), st.data())
def test_a_single_altered_character_is_always_caught(
    fields: dict[str, str], data: st.DataObject
) -> None:
    """Wherever an ASCII character stands, no other ASCII character can take its place."""
    text = write_merchant_code(fields)
    places = [place for place, character in enumerate(text) if character.isascii()]
    place = data.draw(st.sampled_from(places))
    other = data.draw(st.characters(max_codepoint=0x7F).filter(lambda each: each != text[place]))
    with pytest.raises(QrRefused):
        read_merchant_code(text[:place] + other + text[place + 1 :])


def test_an_exchanged_kanji_can_pass_but_moves_no_money() -> None:
    """16 check bits cannot find every exchange of 24: the gap is in the name for people alone."""
    sticker = jpqr_sticker()
    kanji = sticker.index("青")
    gap = (int.from_bytes("青".encode()) ^ 0x011021).to_bytes(3).decode()
    forged = sticker[:kanji] + gap + sticker[kanji + 1 :]
    assert forged != sticker
    read, meant = read_merchant_code(forged), read_merchant_code(sticker)
    assert jpqr_id(read) == jpqr_id(meant)
    assert {tag: value for tag, value in read.fields.items() if tag != "64"} == {
        tag: value for tag, value in meant.fields.items() if tag != "64"
    }


@often
@given(codes(), st.integers(min_value=0, max_value=0xFFFF))
def test_a_wrong_check_sum_is_never_taken(fields: dict[str, str], wrong: int) -> None:
    """Of all 65,536 only one is right."""
    text = write_merchant_code(fields)
    assume(f"{wrong:04X}" != text[-4:])
    with pytest.raises(QrRefused) as refused:
        read_merchant_code(f"{text[:-4]}{wrong:04X}")
    assert refused.value.reason is Reason.ALTERED


@often
@given(
    st.one_of(
        ANY_TEXT,
        ANY_TEXT.map(lambda text: f"000201{text}"),
        st.text("0123456789", max_size=200).map(lambda text: f"000201{text}"),
        st.text("0123456789abc店", max_size=80).map(lambda text: f"000201{text}6304"),
    )
)
@example(EMVCO_EXAMPLE)
@example(JPQR_EXAMPLE)
def test_any_text_is_read_or_refused(text: str) -> None:
    """And with a right check sum put behind it, its fields are looked at all the same."""
    for each in (text, _sealed(text)):
        code = taken(lambda each=each: read_merchant_code(each))  # type: ignore[misc]
        if code is not None:
            assert each[-4:] == check_sum(each[:-4])
            assert all(is_shown(value) for value in code.fields.values())
            taken(lambda code=code: jpqr_id(code))  # type: ignore[misc]
            taken(lambda code=code: own_shop(code, "nagaoka"))  # type: ignore[misc]


def _sealed(text: str) -> str:
    text += "6304"
    try:
        return text + check_sum(text)
    except QrRefused:
        return text


@often
@given(
    st.one_of(
        ANY_TEXT,
        ANY_TEXT.map(lambda text: f"https://{text}"),
        ANY_TEXT.map(lambda text: f"https://koban.example/nagaoka/s/{text}"),
        ANY_TEXT.map(lambda text: f"hQVKUFFS{text}"),
        st.text("0123456789 -", max_size=24),
        st.binary(max_size=300).map(lambda data: base64.b64encode(data).decode()),
        st.binary(max_size=300).map(
            lambda data: base64.b64encode(b"\x85\x05JPQR1" + data).decode()
        ),
    )
)
def test_any_scanned_text_is_something_or_refused(text: str) -> None:
    """Whatever a camera makes of a wall."""
    taken(lambda: read_scanned(text, "nagaoka", PREFIXES))
    taken(lambda: read_payer_code(text))
    taken(lambda: read_payers(text, "nagaoka", PREFIXES))
    taken(lambda: PREFIXES.route(text))


@often
@given(st.binary(max_size=300))
def test_any_bytes_are_fields_or_refused(data: bytes) -> None:
    """And what is read is all that was there."""
    fields = taken(lambda: read_ber(data, "The code"))
    if fields is not None:
        written = b"".join(
            bytes.fromhex(tag) + _length(len(value)) + value for tag, value in fields
        )
        assert written == data


def _length(length: int) -> bytes:
    if length < 0x80:
        return bytes([length])
    return bytes([0x81, length]) if length < 0x100 else b"\x82" + length.to_bytes(2)


@often
@given(st.sampled_from(Scheme), ANY_TEXT)
def test_a_marks_form_is_its_own_form(scheme: Scheme, text: str) -> None:
    """Making it normal again changes nothing, so what was kept is found."""
    mark = taken(lambda: normal_mark(scheme, text))
    if mark is not None:
        assert normal_mark(scheme, mark) == mark
        assert 2 <= len(mark) <= 64
        assert mark.isascii()


@often
@given(
    st.lists(st.text("0123456789", min_size=1, max_size=6), unique=True, max_size=12),
    st.text("0123456789", min_size=16, max_size=20),
)
def test_the_longest_prefix_decides(known: list[str], digits: str) -> None:
    """As looking at all of them, one by one, would find."""
    prefixes = Prefixes(Route(prefix, Owner.ISSUER, prefix) for prefix in known)
    best = max((each for each in known if digits.startswith(each)), key=len, default=None)
    route = taken(lambda: prefixes.route(digits))
    assert (route.prefix if route else None) == best


@often
@given(st.text(st.characters(), max_size=80), st.dictionaries(st.just("en"), ANY_TEXT))
def test_a_sticker_can_be_written_for_any_shop(name: str, town_names: dict[str, str]) -> None:
    """No name of a shop or a town keeps it from having one."""
    text = write_sticker("nagaoka", town_names, "1234566", name)
    assert own_shop(read_merchant_code(text), "nagaoka") == "1234566"
