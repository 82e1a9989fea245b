"""Sends mail to the person in charge, through the town's own mail server (SMTP, RFC 5321).

The standard library's client does it, in a thread: alerts are few, and a mail server that hangs
holds up nothing else. The server's certificate is checked against what the machine trusts.
"""

import asyncio
import smtplib
import ssl
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from msgspec import Struct

from config.alerts import SmtpSettings

TIMEOUT_S = 10.0  # Of each step; a mail server that needs longer is as good as away.


class MailNotSent(Exception):
    """The mail server has not taken it; the message says what it said."""


class Mail(Struct, frozen=True):
    """One mail. ``key`` makes it one, however often it is sent: mail programs show it once."""

    key: str
    at: datetime
    subject: str
    text: str


class MailSender:
    """The way to a mail server. ``recipients``: their addresses; all get the same mail."""

    def __init__(self, smtp: SmtpSettings, recipients: Sequence[str]) -> None:
        self._smtp = smtp
        self._recipients = list(recipients)

    async def send(self, mail: Mail) -> None:
        """Hands a mail to the server.

        Raises:
            MailNotSent: it was not taken, or not for everybody.
        """
        try:
            await asyncio.to_thread(self._send, self._message(mail))
        except (OSError, smtplib.SMTPException) as error:
            # What a server says may name recipients, who are people.
            raise MailNotSent(type(error).__name__) from error

    def _message(self, mail: Mail) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._smtp.sender
        message["To"] = ", ".join(self._recipients)
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(mail.at)
        message["Message-ID"] = f"<{mail.key}@{self._domain}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence answers it.
        message.set_content(mail.text)
        return message

    @property
    def _domain(self) -> str:
        return self._smtp.sender.partition("@")[2]

    def _send(self, message: EmailMessage) -> None:
        smtp = self._smtp
        context = ssl.create_default_context()
        if smtp.encryption == "tls":
            client: smtplib.SMTP = smtplib.SMTP_SSL(
                smtp.host, smtp.port, self._domain, timeout=TIMEOUT_S, context=context
            )
        else:
            client = smtplib.SMTP(smtp.host, smtp.port, self._domain, timeout=TIMEOUT_S)
        with client:
            if smtp.encryption == "starttls":
                client.starttls(context=context)
            if smtp.user:
                client.login(smtp.user, smtp.password)
            if refused := client.send_message(message):
                raise smtplib.SMTPRecipientsRefused(refused)
