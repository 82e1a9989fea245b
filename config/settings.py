"""How a process is set up: read once from the environment, checked, and passed on as a value."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct

from config.alerts import AlertsError, AlertSettings, load_alerts
from config.openid import OpenidError, OpenidSettings, load_openid
from config.providers import ProvidersError, ProviderSettings, load_providers
from config.values import is_loopback, words


class SettingsError(Exception):
    """A setting is missing or makes no sense; the message names it and says what is allowed."""


class Settings(Struct, frozen=True):
    """Everything a gateway process is told from outside."""

    postgres_dsn: str
    redis_url: str
    secret: bytes  # Keys for codes and tickets are derived from it; the same on every gateway.
    # Numbers and secrets that personal data is encrypted with, the present one first; key 0 is
    # always there and is `secret` unless it is named here.
    personal_keys: tuple[tuple[int, bytes], ...] = ()
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = (
        "http://127.0.0.1:8000"  # Scheme and host the screens use; its origin is allowed.
    )
    origins: tuple[str, ...] = ()  # Further exact origins that may open a websocket.
    towns: tuple[str, ...] = ()  # Codes; none: every town that was ever loaded.
    demo: bool = False
    log_level: str = "info"
    sms_url: str = ""  # Where the SMS provider's HTTP adapter sends; empty: no SMS can be sent.
    sms_key: str = ""
    vapid_private_key: str = ""  # PEM; empty: no Web Push.
    vapid_subject: str = ""  # ``mailto:`` or ``https:``: whom a push service may turn to.
    web_dir: str = ""  # The built screens; empty: terminal/web/dist beside the code.
    replica_dsn: str = ""  # Where reports are read; empty: on the primary, beside payments.
    # Where first-come sales have processes of their own (`gateway.sales`); empty: in the gateways.
    sales_url: str = ""
    providers: dict[str, ProviderSettings] = {}  # Outside providers, by the ways' names for them.
    openid: dict[str, OpenidSettings] = {}  # Identity providers, by the profiles' names for them.
    alerts: AlertSettings = AlertSettings()  # Who is told when something is amiss, and how.


def _bool(name: str, text: str) -> bool:
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"", "0", "false", "no", "off"}:
        return False
    raise SettingsError(f"{name} is {text!r}; it must be 1 or 0")


def _port(name: str, text: str) -> int:
    if text.isdecimal() and 0 < int(text) < 65536:
        return int(text)
    raise SettingsError(f"{name} is {text!r}; it must be a port number from 1 to 65535")


def _personal_keys(text: str) -> tuple[tuple[int, bytes], ...]:
    """``1:secret`` or ``2:new secret,1:old secret``, without spaces in a secret."""
    keys: dict[int, bytes] = {}
    for word in words(text):
        number, _, secret = word.partition(":")
        # What was sent is not told again: it may be a secret without its number.
        if not (number.isascii() and number.isdecimal() and int(number) <= 32_767):
            raise SettingsError(
                "KOBAN_PERSONAL_KEY holds a word that does not begin with a key's number from 0 to "
                "32767 and a colon; write it as 1:SECRET, the present key first"
            )
        if len(secret) < 32:
            raise SettingsError(
                f"KOBAN_PERSONAL_KEY's key {int(number)} has {len(secret)} characters; it needs at "
                "least 32"
            )
        if int(number) in keys:
            raise SettingsError(f"KOBAN_PERSONAL_KEY has two keys with the number {int(number)}")
        keys[int(number)] = secret.encode()
    return tuple(keys.items())


def _providers(path: str) -> dict[str, ProviderSettings]:
    try:
        return load_providers(Path(path)) if path else {}
    except ProvidersError as error:
        raise SettingsError(f"KOBAN_PROVIDERS: {error}") from None


def _openid(path: str) -> dict[str, OpenidSettings]:
    try:
        return load_openid(Path(path)) if path else {}
    except OpenidError as error:
        raise SettingsError(f"KOBAN_OPENID: {error}") from None


def _alerts(get: Callable[[str], str]) -> AlertSettings:
    try:
        return load_alerts(get)
    except AlertsError as error:
        raise SettingsError(str(error)) from None


def postgres_dsn(environ: Mapping[str, str] = os.environ) -> str:
    """``KOBAN_POSTGRES_DSN``, for a command that needs nothing else.

    Raises:
        SettingsError: it is not set.
    """
    if dsn := environ.get("KOBAN_POSTGRES_DSN", "").strip():
        return dsn
    raise SettingsError(
        "KOBAN_POSTGRES_DSN is not set; give it a URL such as postgresql://koban@db/koban"
    )


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Reads ``KOBAN_*`` from the environment.

    Raises:
        SettingsError: a value is missing or out of range, or the demo would be open to others.
    """

    def get(name: str, default: str = "") -> str:
        return environ.get(f"KOBAN_{name}", default).strip()

    def need(name: str, what: str) -> str:
        if value := get(name):
            return value
        raise SettingsError(f"KOBAN_{name} is not set; give it {what}")

    secret = need("SECRET", "at least 32 random characters, the same for every gateway of the town")
    if len(secret) < 32:
        raise SettingsError(f"KOBAN_SECRET has {len(secret)} characters; it needs at least 32")
    host, port = get("HOST", "127.0.0.1"), _port("KOBAN_PORT", get("PORT", "8000"))
    settings = Settings(
        postgres_dsn=need("POSTGRES_DSN", "a URL such as postgresql://koban@db/koban"),
        redis_url=need("REDIS_URL", "a URL such as redis://cache:6379/0"),
        secret=secret.encode(),
        personal_keys=_personal_keys(get("PERSONAL_KEY")),
        host=host,
        port=port,
        public_url=get("PUBLIC_URL", f"http://{host}:{port}").rstrip("/"),
        origins=words(get("ORIGINS")),
        towns=words(get("TOWNS")),
        demo=_bool("KOBAN_DEMO", get("DEMO")),
        log_level=get("LOG_LEVEL", "info"),
        sms_url=get("SMS_URL"),
        sms_key=get("SMS_KEY"),
        vapid_private_key=get("VAPID_PRIVATE_KEY"),
        vapid_subject=get("VAPID_SUBJECT"),
        web_dir=get("WEB_DIR"),
        replica_dsn=get("REPLICA_DSN"),
        sales_url=get("SALES_URL").rstrip("/"),
        providers=_providers(get("PROVIDERS")),
        openid=_openid(get("OPENID")),
        alerts=_alerts(get),
    )
    if settings.demo and not is_loopback(settings.host):
        raise SettingsError(
            f"KOBAN_DEMO is on and KOBAN_HOST is {settings.host}: the demo signs anybody in, so it "
            "listens on 127.0.0.1 only. Turn the demo off, or listen on 127.0.0.1"
        )
    if settings.vapid_private_key and not settings.vapid_subject.startswith(("mailto:", "https:")):
        raise SettingsError(
            "KOBAN_VAPID_SUBJECT is not set, but KOBAN_VAPID_PRIVATE_KEY is; give it an address "
            "that push services may write to, such as mailto:office@city.example"
        )
    return settings
