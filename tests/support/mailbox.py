"""A mail server and an address for webhooks, as the person in charge has them: both keep what came.

The mail server is a real one (aiosmtpd) in a thread of its own: it takes mail after STARTTLS and a
password only.
"""

import datetime as dt
import ssl
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from aiosmtpd import smtp
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from config.alerts import AlertSettings, SmtpSettings
from tests.support.gateways import free_port

USER, SMTP_PASSWORD = "koban", "the mail server's own password"
PERSON = "person-in-charge@city.example"


class Mailbox:
    """What was mailed to the person in charge, oldest first."""

    def __init__(self, port: int, certificate: Path) -> None:
        self.mails: list[EmailMessage] = []
        self.refuses = False  # From now on every mail is refused for the moment.
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=port,
            tls_context=context,
            require_starttls=True,
            authenticator=self._authenticate,
            auth_required=True,
        )
        self.settings = AlertSettings(
            smtp=SmtpSettings("127.0.0.1", port, "koban@city.example", USER, SMTP_PASSWORD),
            mail=(PERSON,),
        )

    @property
    def subjects(self) -> list[str]:
        """The subjects, oldest first."""
        return [str(mail["Subject"]) for mail in self.mails]

    def open(self) -> None:
        """Begins to take mail."""
        self._controller.start()

    def close(self) -> None:
        """Takes no more."""
        self._controller.stop()

    def _authenticate(self, *said: object) -> AuthResult:
        """``said``: the server, session, envelope, mechanism, and last who it claims to be."""
        right = said[-1] == LoginPassword(USER.encode(), SMTP_PASSWORD.encode())
        return AuthResult(success=right, handled=right)  # Else the server itself says no.

    async def handle_DATA(  # noqa: N802 - as the server calls it.
        self, server: smtp.SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Takes a mail."""
        if self.refuses:
            return "451 try again later"
        assert envelope.rcpt_tos == [PERSON]
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


def _certificate(folder: Path) -> Path:
    """A certificate for this machine, with its key, which signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail of the tests")])
    now = dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "mail.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
def mailbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """The mailbox of the person in charge; this machine trusts its server."""
    certificate = _certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    made = Mailbox(free_port(), certificate)
    made.open()
    yield made
    made.close()
