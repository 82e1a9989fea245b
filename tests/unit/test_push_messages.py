"""What phones say: whole sentences, with a shop and without one."""

from datetime import date

import pytest

from notifier.push_messages import (
    SENTENCES,
    SENTENCES_WITHOUT_SHOP,
    expiry_warning_message,
    push_message,
)


def texts(kind: str, shop: str) -> list[tuple[str, str]]:
    """The title and the body of a push, by language."""
    made = push_message(
        town="nagaoka",
        kind=kind,
        payment="1",
        at=0,
        amount=10_000,
        shop=shop,
        languages=["ja", "en"],
    )
    return [] if made is None else [(text.title, text.body) for text in made.texts.values()]


def test_a_top_up_names_its_shop_where_there_is_one() -> None:
    """In cash at a shop, or from a provider that is none."""
    assert texts("top_up", "まるや") == [
        ("チャージ 10,000円", "まるやでのチャージが完了しました"),
        ("Topped up 10,000 yen", "Your top-up at まるや is complete"),
    ]
    assert texts("top_up", "") == [
        ("チャージ 10,000円", "チャージが完了しました"),
        ("Topped up 10,000 yen", "Your top-up is complete"),
    ]


def test_what_was_sent_has_arrived() -> None:
    """Told to whom it was sent, without a name: the wallet itself says more."""
    assert texts("send", "") == [
        ("受け取り 10,000円", "送られた分が財布に入りました"),
        ("Received 10,000 yen", "Somebody has sent it to your wallet"),
    ]


@pytest.mark.parametrize("kind", sorted(SENTENCES_WITHOUT_SHOP))
def test_no_sentence_has_a_gap(kind: str) -> None:
    """Without a shop nothing is said of one, in the languages that shops are told in."""
    assert set(SENTENCES_WITHOUT_SHOP[kind]) == set(SENTENCES["payment"])
    assert not any("{shop}" in body for _, body in SENTENCES_WITHOUT_SHOP[kind].values())


def test_what_needs_a_shop_is_not_said_without_one() -> None:
    """No phone asks about a payment nowhere."""
    assert texts("payment", "") == []


def test_what_ends_is_told_with_its_last_good_day() -> None:
    """By its name where it is of one kind; in the town's languages that have sentences."""

    def told(name: dict[str, str] | None) -> dict[str, tuple[str, str]]:
        message = expiry_warning_message(
            town="nagaoka",
            notice=7,
            at=0,
            amount=1_460,
            last_day=date(2026, 10, 31),
            name=name,
            languages=["ja", "en", "pt"],
        )
        assert (message.kind, message.id) == ("expiry_warning", "7")
        return {language: (text.title, text.body) for language, text in message.texts.items()}

    assert told({"ja": "ポイント", "en": "Points"}) == {
        "ja": ("期限が近いポイントがあります", "1,460円分は10月31日まで使えます"),
        "en": ("Points: use soon", "1,460 yen can be spent until October 31"),
    }
    assert [title for title, _ in told(None).values()] == [
        "期限が近い残高があります",
        "Your balance: use soon",
    ]
