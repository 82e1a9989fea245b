"""How people and tablets come in: registration, password and SMS code, operators, enrolment.

Nothing here tells whether a phone number is registered: answers and their timing are the same, a
lockout counts for numbers that nobody has, and who registers with a known number is told so by SMS,
where only its holder reads it. Whoever has proved to hold the phone may know.
"""

from datetime import date, datetime, timedelta
from hashlib import blake2b
from secrets import randbelow
from typing import Protocol
from urllib.parse import urlsplit

import structlog

from config.settings import Settings
from gateway.passwords import Hashing
from gateway.protocol import api
from gateway.protocol.messages import Role
from gateway.refused import Refused
from gateway.tickets import SESSION_LIFE, Sessions, new_token
from ledger import cards, identity, operators, persons, staff
from ledger.cards import CardRefused
from ledger.database import Pool, transaction
from ledger.identity import Guarded, LockoutPolicy
from ledger.ids import uuid7
from ledger.names import checked_birth_date, normal_kana
from ledger.persons import IdentityTaken, Newcomer, PhoneTaken, Tried
from ledger.vault import Vault
from notifier.sms import NotSent, Sms, Unknown

CHALLENGE_TTL_S = 300
CHALLENGE_ATTEMPTS_MAX = 5  # Of a million codes.
SMS_MAX = 5  # Codes to one phone within the window: enough for a bad line, too few to annoy.
SMS_WINDOW = timedelta(hours=1)

# Ten wrong passwords, then five minutes, fifteen, an hour each time. Signed-in screens go on.
PASSWORD_LOCKOUT = LockoutPolicy(
    failures=10, lock_s=(300, 900, 3_600), forget_after=timedelta(days=1)
)

SIGN_IN_REFUSALS = ("sign_in_wrong", "sign_in_locked")

log = structlog.get_logger(__name__)


class Texter(Protocol):
    """What sends text messages; `notifier.sms.SmsSender` does."""

    async def send(self, sms: Sms) -> str:
        """Sends one message.

        Raises:
            NotSent: it certainly did not go out.
            Unknown: it may have gone out.
        """
        ...


class SignIn:
    """The doors of one process, for all its towns. ``sms`` None: no text messages can be sent."""

    def __init__(
        self,
        settings: Settings,
        pool: Pool,
        vault: Vault,
        hashing: Hashing,
        sessions: Sessions,
        sms: Texter | None,
    ) -> None:
        self._pool = pool
        self._vault = vault
        self._hashing = hashing
        self._sessions = sessions
        self._sms = sms
        self._key = blake2b(settings.secret, digest_size=32, person=b"koban.codes").digest()
        self._host = urlsplit(settings.public_url).hostname or ""

    # -- wallets -----------------------------------------------------------------------------------

    async def register(self, town: int, phone: str, now: datetime) -> api.Challenge:
        """Sends a code to a phone that shall get a wallet.

        Raises:
            Refused: ``sms_too_many``, ``sms_unavailable``.
        """
        known = await persons.person_by_phone(self._pool, self._vault, town, phone)
        return await self._challenge(town, phone, None, registered=known is not None, now=now)

    async def finish_registration(
        self, town: int, finish: api.RegisterFinish, asked: str, today: date, now: datetime
    ) -> api.SignedIn:
        """Opens the wallet of whoever holds the phone, and signs them in.

        ``asked`` is what the town asks for (its profile's ``people.identity``), ``today`` its date.

        Raises:
            Refused: ``invalid`` (the code was not used), ``challenge_over``, ``code_wrong``,
                ``already_registered``, ``identity_taken``, and why a card is refused.
            Busy: too many hashes wait; the code was not used.
        """
        check_attributes(finish, asked, today)
        self._hashing.passwords.ensure_room()
        self._hashing.pins.ensure_room()
        tried = await self._tried(town, finish.challenge, "register", finish.code, now)
        password_hash = await self._hashing.hash_password(finish.password)
        pin_hash = await self._hashing.hash_pin(finish.pin)
        newcomer = Newcomer(
            tried.phone, finish.name, password_hash, pin_hash, finish.kana, finish.birth_date
        )
        try:
            wallet = await self._registered(town, newcomer, finish.card, now)
        except PhoneTaken as error:
            raise Refused("already_registered") from error
        except IdentityTaken as error:
            raise Refused("identity_taken") from error
        except CardRefused as refused:
            raise Refused(refused.code, field="card") from refused
        log.info("wallet.registered", town=town, wallet=wallet)
        return await self._signed_in(town, Role.WALLET, wallet, newcomer.name, now)

    async def _registered(
        self, town: int, newcomer: Newcomer, claim: str | None, now: datetime
    ) -> int:
        """The newcomer's wallet: a new one, or the one that the claimed card has opened so far."""
        async with transaction(self._pool) as connection:
            card = await cards.use_claim(connection, town, claim, now) if claim else None
            wallet = card.wallet if card else None
            return await persons.register(connection, self._vault, town, newcomer, now, wallet)

    async def sign_in(self, town: int, body: api.SignIn, now: datetime) -> api.Challenge:
        """Checks a wallet's password and sends the code that is the second factor.

        Raises:
            Refused: ``sign_in_wrong``, ``sign_in_locked``, ``sms_too_many``, ``sms_unavailable``.
            Busy: too many hashes wait; nothing was counted.
        """
        person = await persons.person_by_phone(self._pool, self._vault, town, body.phone)
        known = person.password_hash if person else None
        await self.check_password(town, Guarded.PASSWORD, body.phone, known, body.password, now)
        assert person is not None  # The password of nobody is never right.
        return await self._challenge(town, body.phone, person.wallet, registered=False, now=now)

    async def finish_sign_in(
        self, town: int, finish: api.SignInCode, now: datetime
    ) -> api.SignedIn:
        """Signs a wallet in with the code.

        Raises:
            Refused: ``challenge_over``, ``code_wrong``.
        """
        tried = await self._tried(town, finish.challenge, "sign_in", finish.code, now)
        assert tried.wallet is not None  # The database's CHECK says so.
        person = await persons.person_by_wallet(self._pool, self._vault, town, tried.wallet)
        if person is None:  # Erased between the password and the code.
            raise Refused("challenge_over", field="challenge")
        return await self._signed_in(town, Role.WALLET, tried.wallet, person.name, now)

    async def prove_phone(self, town: int, phone: str, now: datetime) -> api.Challenge:
        """Sends a code to a phone that somebody without a wallet says is theirs.

        Raises:
            Refused: ``sms_too_many``, ``sms_unavailable``.
        """
        return await self._challenge(town, phone, None, registered=False, now=now, purpose="apply")

    async def proven_phone(self, town: int, challenge: str, code: str, now: datetime) -> str:
        """The phone of whoever knows the code that was sent to it; a code is good once.

        Raises:
            Refused: ``challenge_over``, ``code_wrong``.
        """
        return (await self._tried(town, challenge, "apply", code, now)).phone

    async def forget_guesses(self, town: int, phone: str) -> None:
        """Guesses at the password of a phone number are counted no more: its person is erased."""
        subject = self._keyed(Guarded.PASSWORD.value, phone).hex()
        await identity.clear_guard(self._pool, town, Guarded.PASSWORD, subject)

    # -- tablets and the console -------------------------------------------------------------------

    async def enrol(self, town: int, code: str, now: datetime) -> api.SignedIn:
        """Makes a browser the terminal that an enrolment code is for; its token is the device key.

        Raises:
            Refused: ``enrolment_refused``.
        """
        token, life = new_token(), SESSION_LIFE[Role.TERMINAL]
        enrolled = await identity.enrol(self._pool, town, code, token, uuid7(), now, life)
        if enrolled is None:
            raise Refused("enrolment_refused", field="code")
        await self._sessions.told_ended(town, enrolled.ended, "revoked")
        log.info("terminal.enrolled", town=town, shop=enrolled.shop, terminal=enrolled.terminal)
        return api.SignedIn(
            Role.TERMINAL, enrolled.shop, enrolled.shop_name, token, milliseconds(now + life)
        )

    async def sign_in_operator(
        self, town: int, body: api.ConsoleSignIn, now: datetime
    ) -> api.SignedIn:
        """Signs an operator in at the console.

        Raises:
            Refused: ``sign_in_wrong``, ``sign_in_locked``.
            Busy: too many hashes wait; nothing was counted.
        """
        operator = await operators.operator_by_name(self._pool, town, body.name)
        known = operator.password_hash if operator else None
        await self.check_password(town, Guarded.OPERATOR, body.name, known, body.password, now)
        assert operator is not None  # The password of nobody is never right.
        log.info("operator.signed_in", town=town, operator=operator.operator)
        return await self._signed_in(
            town, Role.CONSOLE, 0, operator.name, now, operator=operator.operator
        )

    async def sign_in_staff(
        self, town: int, name: str, password: str, now: datetime
    ) -> api.SignedIn:
        """Signs somebody of a shop's staff in at the shop site.

        Raises:
            Refused: ``sign_in_wrong``, ``sign_in_locked``.
            Busy: too many hashes wait; nothing was counted.
        """
        member = await staff.staff_by_name(self._pool, town, name)
        known = member.password_hash if member else None
        await self.check_password(town, Guarded.STAFF, name, known, password, now)
        assert member is not None  # The password of nobody is never right.
        log.info("staff.signed_in", town=town, staff=member.staff)
        return await self._signed_in(town, Role.STAFF, 0, member.name, now, staff=member.staff)

    # -- their common parts ------------------------------------------------------------------------

    async def check_password(
        self,
        town: int,
        kind: Guarded,
        who: str,
        known: str | None,
        password: str,
        now: datetime,
        *,
        again: bool = False,
    ) -> None:
        """Counts a guess at a password, then looks at it. ``again``: of somebody signed in.

        Raises:
            Refused: ``sign_in_wrong``, ``sign_in_locked``; again, ``password_wrong`` and
                ``password_locked``.
            Busy: too many hashes wait; nothing was counted.
        """
        wrong, locked = ("password_wrong", "password_locked") if again else SIGN_IN_REFUSALS
        self._hashing.passwords.ensure_room()
        subject = self._keyed(kind.value, who).hex()
        attempt = await identity.attempt(self._pool, town, kind, subject, PASSWORD_LOCKOUT, now)
        if attempt is None:
            until = await identity.locked_until(self._pool, town, kind, subject, now) or now
            left_ms = max(1, milliseconds(until) - milliseconds(now))
            raise Refused(locked, retry_after_ms=left_ms)
        if not await self._hashing.password_is(known, password):
            left = -attempt.failures % PASSWORD_LOCKOUT.failures
            raise Refused(wrong, attempts_left=left)
        await identity.clear_guard(self._pool, town, kind, subject)

    async def _challenge(
        self,
        town: int,
        phone: str,
        wallet: int | None,
        *,
        registered: bool,
        now: datetime,
        purpose: str | None = None,
    ) -> api.Challenge:
        if self._sms is None:
            raise Refused("sms_unavailable", "No SMS provider is set up (KOBAN_SMS_URL).")
        challenge, code = new_token(), f"{randbelow(1_000_000):06}"
        expires_at = now + timedelta(seconds=CHALLENGE_TTL_S)
        kept = persons.Challenge(
            challenge=challenge,
            purpose=purpose or ("register" if wallet is None else "sign_in"),
            phone=phone,
            wallet=wallet,
            code_digest=None if registered else self._keyed(challenge, code),
            expires_at=expires_at,
        )
        if not await persons.open_challenge(
            self._pool, self._vault, town, kept, SMS_MAX, SMS_WINDOW, now
        ):
            retry_after_ms = int(SMS_WINDOW.total_seconds() * 1000)
            raise Refused("sms_too_many", retry_after_ms=retry_after_ms)
        text = known_number_text() if registered else code_text(code, self._host)
        key = uuid7()
        try:
            await self._sms.send(Sms(key=key, to=phone, text=text))
        except NotSent as error:
            raise Refused("sms_unavailable") from error
        except Unknown:
            # It may well arrive: whoever gets no code asks for another one.
            log.warning("sms.unknown", town=town, key=str(key))
        return api.Challenge(challenge, milliseconds(expires_at))

    async def _tried(
        self, town: int, challenge: str, purpose: str, code: str, now: datetime
    ) -> Tried:
        tried = await persons.try_challenge(
            self._pool,
            self._vault,
            town,
            challenge,
            purpose,
            self._keyed(challenge, code),
            CHALLENGE_ATTEMPTS_MAX,
            now,
        )
        if tried is None:
            raise Refused("challenge_over", field="challenge")
        if not tried.matched:
            left = CHALLENGE_ATTEMPTS_MAX - tried.attempts
            raise Refused("code_wrong", field="code", attempts_left=left)
        return tried

    async def _signed_in(
        self,
        town: int,
        role: Role,
        account: int,
        name: str,
        now: datetime,
        *,
        operator: int | None = None,
        staff: int | None = None,
    ) -> api.SignedIn:
        opened = await self._sessions.open(
            town, role, account, name, now, operator=operator, staff=staff
        )
        return api.SignedIn(role, account, name, opened.token, milliseconds(opened.expires_at))

    def _keyed(self, *words: str) -> bytes:
        return blake2b("\0".join(words).encode(), key=self._key, digest_size=32).digest()


def check_attributes(finish: api.RegisterFinish, asked: str, today: date) -> None:
    """Who somebody is has to be complete where the town asks for it, and possible everywhere.

    Raises:
        Refused: ``invalid``, with the field.
    """
    for field, other in (("kana", finish.birth_date), ("birth_date", finish.kana)):
        if getattr(finish, field) is None and (other is not None or asked != "phone"):
            raise Refused(
                "invalid",
                "This town asks for the reading of your name and your birth date.",
                field=field,
            )
    try:
        field = "kana"
        if finish.kana is not None:
            normal_kana(finish.kana)
        field = "birth_date"
        if finish.birth_date is not None:
            checked_birth_date(finish.birth_date, today)
    except ValueError as error:
        raise Refused("invalid", f"The field {field}: {error}.", field=field) from None


def milliseconds(at: datetime) -> int:
    """An instant as the API tells it."""
    return round(at.timestamp() * 1000)


def code_text(code: str, host: str) -> str:
    """The SMS with a code. Its last line lets phones offer the code to this site's pages only."""
    return (
        f"認証コード {code}\n{CHALLENGE_TTL_S // 60}分以内に入力してください。"
        f"だれにも教えないでください。\nYour code is {code}.\n\n@{host} #{code}"
    )


def known_number_text() -> str:
    """The SMS to a phone that somebody tries to register again."""
    return (
        "この電話番号はすでに登録されています。サインインしてください。心当たりがなければ、"
        "何もする必要はありません。\nThis number is registered already; please sign in."
    )
