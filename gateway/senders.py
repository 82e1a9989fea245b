"""Ways to reach people who are not connected, as the settings name them."""

from urllib.parse import urlsplit

from config.settings import Settings, SettingsError
from config.values import is_loopback
from ledger.database import Pool
from ledger.identity import forget_endpoint
from notifier.push import PushSender
from notifier.sms import SmsSender
from notifier.subscriptions import Subscription


def open_sms(settings: Settings) -> SmsSender | None:
    """The way to the SMS provider; None where none is named."""
    return SmsSender(settings.sms_url, settings.sms_key) if settings.sms_url else None


def is_here(settings: Settings) -> bool:
    """Whether this gateway is reached from this machine only: then addresses of it may be told."""
    return is_loopback(urlsplit(settings.public_url).hostname or "")


def open_push(settings: Settings, pool: Pool) -> PushSender | None:
    """Web Push, not started yet; None where there is no key.

    Raises:
        SettingsError: the key is none.
    """
    if not settings.vapid_private_key:
        return None

    async def forget(gone: Subscription) -> None:
        await forget_endpoint(pool, gone.town, gone.endpoint)

    # The demo's browsers may name a push service on this machine, as the tests do.
    try:
        return PushSender(
            settings.vapid_private_key, settings.vapid_subject, forget, loopback=settings.demo
        )
    except ValueError as error:
        raise SettingsError(f"KOBAN_VAPID_PRIVATE_KEY is no PEM key on P-256: {error}") from None
