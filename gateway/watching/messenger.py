"""Tells the person in charge, by every way that the settings name."""

from datetime import UTC, datetime
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

import msgspec
import structlog
from msgspec import Struct

from config.alerts import AlertSettings
from gateway.watching.kinds import KINDS
from gateway.watching.rule import Word
from ledger.alerts import Trouble
from notifier.alert_webhook import AlertNotTaken, AlertWebhook
from notifier.mail import Mail, MailNotSent, MailSender

# The towns are in Japan, and so is whoever is woken.
ZONE = ZoneInfo("Asia/Tokyo")
HEADINGS = {
    Word.BEGAN: ("発生", "began"),
    Word.LASTS: ("継続中", "still lasts"),
    Word.ENDED: ("復旧", "is over"),
}

log = structlog.get_logger("gateway.watching")


class Body(Struct, frozen=True):
    """What the webhook gets. ``town`` None: the whole service. Instants in ms since 1970."""

    word: str
    kind: str
    town: str | None
    began_at: int
    at: int
    text: dict[str, str]


class Telling(Struct, frozen=True):
    """A word about a trouble, as it goes out. ``town``: its code, None for the whole service."""

    trouble: Trouble
    word: Word
    town: str | None
    at: datetime

    @property
    def key(self) -> UUID:
        """The same however often this word is told, by whichever gateway."""
        town, kind, began, told = (
            self.trouble.town,
            self.trouble.kind,
            self.trouble.began_at,
            self.trouble.told_at,
        )
        return uuid5(NAMESPACE_URL, f"koban:alert:{town}:{kind}:{began}:{self.word}:{told}")

    def mail(self) -> Mail:
        """As a mail."""
        kind, (ja, en) = KINDS[self.trouble.kind], HEADINGS[self.word]
        where_ja, where_en = (self.town or "全体"), (self.town or "the whole service")
        began = self.trouble.began_at
        lines = [
            f"{ja}: {kind.ja}。",
            f"対象: {where_ja}",
            f"開始: {began.astimezone(ZONE):%Y-%m-%d %H:%M:%S} (日本時間)",
            *([kind.next_ja] if self.word is not Word.ENDED else []),
            "",
            f"{kind.en}. This {en}.",
            f"Where: {where_en}",
            f"Since: {began.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
            *([kind.next_en] if self.word is not Word.ENDED else []),
            "",
            "Koban",
        ]
        subject = f"[Koban] {ja}: {kind.ja} ({self.town or '全体'})"
        return Mail(str(self.key), self.at, subject, "\n".join(lines))

    def body(self) -> bytes:
        """As the webhook's body."""
        kind = KINDS[self.trouble.kind]
        return msgspec.json.encode(
            Body(
                self.word.value,
                self.trouble.kind,
                self.town,
                int(self.trouble.began_at.timestamp() * 1000),
                int(self.at.timestamp() * 1000),
                {"ja": kind.ja, "en": kind.en},
            )
        )


class Messenger:
    """Every way to the person in charge. What a way has taken is not sent to it again."""

    def __init__(self, settings: AlertSettings) -> None:
        self._mail = MailSender(settings.smtp, settings.mail) if settings.smtp else None
        self._webhook = AlertWebhook(settings.url, settings.key) if settings.url else None
        self._taken: set[tuple[str, UUID]] = set()
        self.unsent = 0  # Words that a way did not take at a try; for the metrics.

    @property
    def ways(self) -> list[str]:
        """The names of the ways that there are."""
        named = (("mail", self._mail), ("webhook", self._webhook))
        return [name for name, way in named if way is not None]

    async def tell(self, telling: Telling) -> bool:
        """Sends a word by every way; whether all have taken it by now."""
        for way in self.ways:
            if (way, telling.key) in self._taken:
                continue
            try:
                await self._send(way, telling)
            except (MailNotSent, AlertNotTaken) as error:
                self.unsent += 1
                kind = telling.trouble.kind
                log.warning("alert_not_sent", way=way, kind=kind, error=str(error))
            else:
                self._taken.add((way, telling.key))
        if any((way, telling.key) not in self._taken for way in self.ways):
            return False
        self._taken -= {(way, telling.key) for way in self.ways}
        return True

    async def _send(self, way: str, telling: Telling) -> None:
        if way == "mail" and self._mail is not None:
            await self._mail.send(telling.mail())
        elif self._webhook is not None:
            await self._webhook.send(telling.key, telling.body())

    async def close(self) -> None:
        """Closes what is open."""
        if self._webhook is not None:
            await self._webhook.close()
