"""Which sound an event makes, and what a phone says when its wallet is not open."""

import pytest

from config.profile import SoundPair, read_profile
from notifier.push_messages import SENTENCES, push_message
from notifier.sounds import sound_of

NAGAOKA = read_profile("nagaoka")


@pytest.mark.parametrize(
    ("kind", "role", "sound"),
    [
        ("payment", "wallet", "paid"),
        ("payment", "terminal", "paid"),
        ("top_up", "wallet", "topped_up"),
        ("reversal", "terminal", "attention"),
        ("duplicate_question", "wallet", "attention"),
        ("refusal", "terminal", "refused"),
        ("payment", "console", ""),
        ("announcement", "wallet", ""),
    ],
)
def test_the_profile_says_which_sound_is_heard(kind: str, role: str, sound: str) -> None:
    """By kind and by who listens; what the town gave no sound is silent."""
    assert sound_of(NAGAOKA.sounds, kind, role) == sound


def test_the_two_ends_may_sound_differently() -> None:
    """A town may keep its wallets silent and its tablets loud."""
    sounds = {"payment": SoundPair(wallet="", terminal="paid")}
    assert sound_of(sounds, "payment", "wallet") == ""
    assert sound_of(sounds, "payment", "terminal") == "paid"


@pytest.mark.parametrize("kind", sorted(SENTENCES))
def test_every_push_speaks_every_language_of_the_town(kind: str) -> None:
    """Nagaoka's languages are all there, with the amount and the shop in them."""
    made = push_message(
        town="nagaoka",
        kind=kind,
        payment="p",
        at=0,
        amount=12_345,
        shop="八百屋",
        languages=NAGAOKA.town.languages,
    )
    assert made is not None
    assert set(made.texts) == set(NAGAOKA.town.languages)
    for text in made.texts.values():
        assert "12,345" in text.title
        assert "八百屋" in text.body


def test_a_phone_says_nothing_about_what_is_none_of_its_business() -> None:
    """Refusals are seen on the open screen; they make no push."""
    assert (
        push_message(
            town="n", kind="refusal", payment="p", at=0, amount=1, shop="s", languages=["ja"]
        )
        is None
    )
