"""What phones say: whole sentences, with a shop and without one."""

from datetime import date

import msgspec
import pytest

from notifier.push_messages import (
    SENTENCES,
    SENTENCES_WITHOUT_SHOP,
    answer_message,
    circular_message,
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


def test_what_an_office_writes_fits_into_a_push_in_every_language() -> None:
    """However long it is: whole characters of it, with a mark where there is more; on one line."""
    languages = ("ja", "en", "zh-Hans", "zh-Hant", "ko", "vi", "ja-easy")
    words = {language: f"{language}：雪が\n降ります。" * 100 for language in languages}
    message = circular_message(
        town="nagaoka", notice=7, at=1, titles=words, texts=words, first="ja"
    )
    assert len(msgspec.json.encode(message)) < 3_900  # RFC 8291 leaves 3,993 of 4,096 bytes.
    for language in languages:
        told = message.texts[language]
        assert told.title.startswith(f"{language}：")
        assert told.title.endswith("…")
        assert "\n" not in told.title + told.body
        assert "\ufffd" not in told.title + told.body
    short = circular_message(
        town="t",
        notice=7,
        at=1,
        titles={"en": "A", "ko": "B"},
        texts={"en": "a", "ko": "b"},
        first="en",
    )
    assert {language: told.title for language, told in short.texts.items()} == {
        "ja": "A",
        "en": "A",
        "ko": "B",
    }


def test_an_answer_is_pushed_without_its_words() -> None:
    """What was asked and answered is read in the wallet alone."""
    message = answer_message(town="t", notice=7, at=1, languages=["ja", "vi"])
    assert (message.id, message.kind, list(message.texts)) == ("7", "answer", ["ja"])
