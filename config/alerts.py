"""Whom the service tells when something is amiss, and by which mail server: ``KOBAN_ALERT_*`` and
``KOBAN_SMTP_*``.
"""

import re
from collections.abc import Callable
from typing import Literal, get_args
from urllib.parse import urlsplit

from msgspec import Struct

from config.values import is_loopback, words

ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")

Encryption = Literal["starttls", "tls", "none"]


class AlertsError(Exception):
    """A setting is missing or makes no sense; the message names it and says what is allowed."""


class SmtpSettings(Struct, frozen=True):
    """The mail server that takes alerts. ``user`` empty: it asks for no password."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    encryption: Encryption = "starttls"


class AlertSettings(Struct, frozen=True):
    """Whom to tell. Without ``smtp`` no mail, without ``url`` no webhook goes out.

    ``watch_url``: where workers look whether the gateways answer; empty: they do not look.
    ``backup_hours_max``: a newest backup older than that is an alert; 0: nobody is told.
    """

    smtp: SmtpSettings | None = None
    mail: tuple[str, ...] = ()
    url: str = ""
    key: str = ""
    watch_url: str = ""
    backup_hours_max: int = 0


def load_alerts(get: Callable[[str], str]) -> AlertSettings:
    """Reads the settings; ``get`` gives one by its name without ``KOBAN_``, or nothing.

    Raises:
        AlertsError: one is missing or out of range.
    """
    mail = words(get("ALERT_MAIL"))
    if wrong := [word for word in mail if not ADDRESS.fullmatch(word)]:
        raise AlertsError(f"KOBAN_ALERT_MAIL holds {wrong[0]!r}, which is no mail address")
    smtp = _smtp(get) if mail or get("SMTP_HOST") else None
    if smtp is not None and not mail:
        raise AlertsError("KOBAN_ALERT_MAIL is not set, but KOBAN_SMTP_HOST is; say who is told")
    url, key = get("ALERT_URL"), get("ALERT_KEY")
    parts = urlsplit(url)
    if url and parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        raise AlertsError(f"KOBAN_ALERT_URL is {url!r}; it must begin with https://")
    if url and len(key) < 32:
        raise AlertsError(f"KOBAN_ALERT_KEY has {len(key)} characters; a signature needs 32")
    watch_url = get("WATCH_URL").rstrip("/")
    if watch_url and not watch_url.startswith(("http://", "https://")):
        raise AlertsError(f"KOBAN_WATCH_URL is {watch_url!r}; it must begin with http(s)://")
    hours = _hours(get("BACKUP_HOURS_MAX") or "0")
    return AlertSettings(smtp, mail, url, key, watch_url, hours)


def _smtp(get: Callable[[str], str]) -> SmtpSettings:
    host, sender, text = get("SMTP_HOST"), get("SMTP_FROM"), get("SMTP_PORT") or "587"
    if not host:
        raise AlertsError("KOBAN_SMTP_HOST is not set, but KOBAN_ALERT_MAIL is; name a mail server")
    if not ADDRESS.fullmatch(sender):
        raise AlertsError(
            f"KOBAN_SMTP_FROM is {sender!r}; give it the mail address that alerts come from"
        )
    if not (text.isascii() and text.isdecimal() and 0 < int(text) < 65536):
        raise AlertsError(f"KOBAN_SMTP_PORT is {text!r}; it must be a port number from 1 to 65535")
    encryption = get("SMTP_ENCRYPTION") or "starttls"
    if encryption not in get_args(Encryption):
        allowed = ", ".join(get_args(Encryption))
        raise AlertsError(f"KOBAN_SMTP_ENCRYPTION is {encryption!r}; allowed is {allowed}")
    user, password = get("SMTP_USER"), get("SMTP_PASSWORD")
    if encryption == "none" and user and not is_loopback(host):
        raise AlertsError(
            "KOBAN_SMTP_ENCRYPTION is none and KOBAN_SMTP_USER is set: the password would cross "
            "the network in the clear; use starttls or tls"
        )
    return SmtpSettings(host, int(text), sender, user, password, encryption)  # type: ignore[arg-type]


def _hours(text: str) -> int:
    if text.isascii() and text.isdecimal() and int(text) <= 24 * 31:
        return int(text)
    raise AlertsError(f"KOBAN_BACKUP_HOURS_MAX is {text!r}; allowed are 0 to {24 * 31} hours")
