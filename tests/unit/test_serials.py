"""Serial cards' digits: unguessable, checked before anybody is asked, read as people write them."""

import pytest

from ledger.accounts import check_digit
from ledger.serials import CARD_DIGITS, make_digits, printed, read_digits

CARD = "1234567890123456789"
CARD += str(check_digit(CARD))


def test_cards_have_more_than_sixty_random_bits() -> None:
    """Nineteen random digits; a thousand cards are all different and all whole."""
    assert 10 ** (CARD_DIGITS - 1) > 2**60
    made = {make_digits() for _ in range(1_000)}
    assert len(made) == 1_000
    assert all(read_digits(each) == each for each in made)


@pytest.mark.parametrize(
    "text",
    [
        CARD,
        printed(CARD),
        printed(CARD).replace("-", " "),
        f" {CARD}\n",
        CARD.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"}),
        printed(CARD).replace("-", "－"),
        printed(CARD).replace("-", "ー"),
        f"https://koban.example/digital-coupon/wallet#serial={CARD}",
    ],
)
def test_digits_are_read_as_people_write_them(text: str) -> None:
    """With spaces, hyphens of any kind, full width, or as the card's QR has them."""
    assert read_digits(text) == CARD


@pytest.mark.parametrize(
    "text",
    [
        "",
        CARD[:-1],
        CARD + "0",
        CARD[:-1] + str((int(CARD[-1]) + 1) % 10),
        CARD[1] + CARD[0] + CARD[2:],
        CARD.replace("5", "x"),
        CARD.replace("1", "١"),
        f"https://koban.example/#code={CARD}",
    ],
)
def test_what_cannot_be_a_card_is_told_at_once(text: str) -> None:
    """Too few, too many, mistyped, swapped, or no digits at all."""
    assert read_digits(text) is None


def test_every_mistyped_digit_is_found() -> None:
    """One wrong digit anywhere is refused."""
    for place, right in enumerate(CARD):
        for digit in "0123456789":
            if digit != right:
                assert read_digits(CARD[:place] + digit + CARD[place + 1 :]) is None
