"""What a phone says when its wallet is not open: a title and one line, by language.

The push service in between cannot read it. The wallet's service worker picks the language its
owner chose, and knows by ``id`` and ``kind`` what it has already shown.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from msgspec import Struct


class PushText(Struct, frozen=True):
    """What stands in the notification."""

    title: str
    body: str


class PushMessage(Struct, frozen=True):
    """What is sent, encrypted, to a wallet's service worker."""

    town: str  # Its code in addresses: touching the notification opens /{town}/wallet.
    id: str  # The receipt's id, or the notice's number.
    kind: str  # The event's kind (payment, top_up, reversal, duplicate_question) or the notice's.
    at: int  # Milliseconds since the Unix epoch.
    texts: dict[str, PushText]  # By language.


# Title and body by kind and language. Whole sentences, because phones read them aloud.
SENTENCES: dict[str, dict[str, tuple[str, str]]] = {
    "payment": {
        "ja": ("お支払い {amount}円", "{shop}でのお支払いが完了しました"),
        "en": ("Paid {amount} yen", "Your payment at {shop} is complete"),
    },
    "top_up": {
        "ja": ("チャージ {amount}円", "{shop}でのチャージが完了しました"),
        "en": ("Topped up {amount} yen", "Your top-up at {shop} is complete"),
    },
    "reversal": {
        "ja": ("取消 {amount}円", "{shop}が取り消しました"),
        "en": ("Cancelled {amount} yen", "Cancelled by {shop}"),
    },
    "duplicate_question": {
        "ja": ("同じお支払いがもう一度？ {amount}円", "{shop}：開いて確かめてください"),
        "en": ("The same payment again? {amount} yen", "{shop}: open to confirm or refuse"),
    },
}

# The same where no shop had a part in it: value came from a provider or off a card.
SENTENCES_WITHOUT_SHOP: dict[str, dict[str, tuple[str, str]]] = {
    "top_up": {
        "ja": ("チャージ {amount}円", "チャージが完了しました"),
        "en": ("Topped up {amount} yen", "Your top-up is complete"),
    },
    "reversal": {
        "ja": ("取消 {amount}円", "お取引が取り消されました"),
        "en": ("Cancelled {amount} yen", "A transaction was cancelled"),
    },
    # To whom it was sent; who sent it has just done so.
    "send": {
        "ja": ("受け取り {amount}円", "送られた分が財布に入りました"),
        "en": ("Received {amount} yen", "Somebody has sent it to your wallet"),
    },
}

# Before value ends; ``what`` is its name, or what stands for several kinds of it.
EXPIRY_SENTENCES: dict[str, tuple[str, str]] = {
    "ja": ("期限が近い{what}があります", "{amount}円分は{day}まで使えます"),
    "en": ("{what}: use soon", "{amount} yen can be spent until {day}"),
}
# When the operator has answered; what, the wallet alone shows.
ANSWER_SENTENCES: dict[str, tuple[str, str]] = {
    "ja": ("お返事が届きました", "運営からのお返事です。お知らせを開いてご覧ください"),
    "en": ("You have an answer", "From the town's office: open your notices to read it"),
}

# A push holds about four thousand bytes, in all languages together.
WRITTEN_BYTES_MAX = 3_000

SEVERAL_KINDS: dict[str, str] = {"ja": "残高", "en": "Your balance"}


def push_message(
    *,
    town: str,
    kind: str,
    payment: str,
    at: int,
    amount: int,
    shop: str,
    languages: Iterable[str],
) -> PushMessage | None:
    """The push of one event, or None where a phone has nothing to say about its kind.

    ``amount`` is in yen, ``at`` in milliseconds since the Unix epoch, ``shop`` a name or "". A
    language that has no sentences yet is left out; Japanese is always there.
    """
    sentences = (SENTENCES if shop else SENTENCES_WITHOUT_SHOP).get(kind)
    if sentences is None:
        return None
    texts = {
        language: PushText(title.format(amount=f"{amount:,}"), body.format(shop=shop))
        for language, (title, body) in sentences.items()
        if language == "ja" or language in languages
    }
    return PushMessage(town, payment, kind, at, texts)


def expiry_warning_message(
    *,
    town: str,
    notice: int,
    at: int,
    amount: int,
    last_day: date,
    name: Mapping[str, str] | None,
    languages: Iterable[str],
) -> PushMessage:
    """The push of a notice that ``amount`` yen can be spent until the end of ``last_day``.

    ``name``: the words for this kind of value by language; None where it is of several kinds. A
    language that has no sentences yet is left out; Japanese is always there.
    """
    days = {"ja": f"{last_day.month}月{last_day.day}日", "en": f"{last_day:%B} {last_day.day}"}
    names = SEVERAL_KINDS if name is None else SEVERAL_KINDS | dict(name)
    texts = {
        language: PushText(
            title.format(what=names[language]),
            body.format(amount=f"{amount:,}", day=days[language]),
        )
        for language, (title, body) in EXPIRY_SENTENCES.items()
        if language == "ja" or language in languages
    }
    return PushMessage(town, str(notice), "expiry_warning", at, texts)


def circular_message(
    *,
    town: str,
    notice: int,
    at: int,
    titles: Mapping[str, str],
    texts: Mapping[str, str],
    first: str,
) -> PushMessage:
    """The push of what an operator wrote: its title, and how its text begins, by language.

    A phone falls back to Japanese; where there is none, the town's ``first`` language stands there.
    """
    titles, texts = {"ja": titles[first], **titles}, {"ja": texts[first], **texts}
    bytes_max = WRITTEN_BYTES_MAX // (2 * len(titles))
    told = {
        language: PushText(_cut(title, bytes_max), _cut(texts[language], bytes_max))
        for language, title in titles.items()
    }
    return PushMessage(town, str(notice), "circular", at, told)


def answer_message(*, town: str, notice: int, at: int, languages: Iterable[str]) -> PushMessage:
    """The push of the operator's answer to what a person sent, which says nothing of either."""
    texts = {
        language: PushText(*sentences)
        for language, sentences in ANSWER_SENTENCES.items()
        if language == "ja" or language in languages
    }
    return PushMessage(town, str(notice), "answer", at, texts)


def _cut(text: str, bytes_max: int) -> str:
    """The beginning of a text, on one line, in whole characters; a mark says that there is more."""
    text = " ".join(text.split())
    if len(text.encode()) <= bytes_max:
        return text
    return text.encode()[: bytes_max - 3].decode(errors="ignore") + "…"
