"""What each command means: from the screen's message to a request of the ledger, and back.

Commands for money go through the counter; the others are answered directly, each in a task of its
own, because they wait for the database. Who asks is taken from the session, never from the message.
"""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from msgspec import Raw

from config.profile import Profile
from gateway.connection import Connection
from gateway.counter import Counter
from gateway.passwords import Busy
from gateway.pins import PinMemory, Pins, PinVerdict
from gateway.protocol.messages import (
    Charge,
    CodeRead,
    Confirm,
    Give,
    GrantHere,
    Issue,
    Pay,
    Purpose,
    ReadCode,
    Result,
    Retry,
    Reverse,
    Send,
    ShowCode,
    ShownCode,
    State,
    Status,
    StatusAnswer,
    TopUp,
    encode,
)
from gateway.trail import Trail
from ledger import terminals
from ledger.codes import is_well_formed, issue_code, read_code
from ledger.database import Pool
from ledger.errors import LedgerError
from ledger.outcomes import Outcome
from ledger.reading import status
from ledger.requests import Kind, Rank, Request

BUSY_RETRY_MS = 500

log = structlog.get_logger("gateway.handlers")


class Handlers:
    """One town's commands."""

    def __init__(
        self, profile: Profile, *, pool: Pool, counter: Counter, pins: Pins, trail: Trail
    ) -> None:
        self._town = profile.town.number
        self._code_prefix = profile.payments.code_prefix
        self._pool = pool
        self._counter = counter
        self._pins = pins
        self._trail = trail
        self._table: dict[type, Callable[[Connection, Any], None]] = {
            Pay: self._pay,
            Send: self._send,
            Give: self._give,
            Charge: self._charge,
            Confirm: self._confirm,
            TopUp: self._top_up,
            Issue: self._issue,
            GrantHere: self._grant,
            Reverse: self._reverse,
            ShowCode: self._show_code,
            ReadCode: self._read_code,
            Status: self._status,
        }

    def take(self, profile: Profile) -> None:
        """Goes by these rules from now on."""
        self._code_prefix = profile.payments.code_prefix

    def handle(self, connection: Connection, command: object) -> None:
        """Carries out a command that the session has let through."""
        self._table[type(command)](connection, command)

    # -- money -------------------------------------------------------------------------------------

    def _pay(self, connection: Connection, pay: Pay) -> None:
        assert connection.who is not None
        request = Request(
            pay.id,
            Kind.PAY,
            wallet=connection.who.account,
            shop=pay.shop,
            amount=pay.amount,
            coupons=tuple(pay.coupons),
        )
        self._with_pin(connection, pay.id, pay.pin, partial(self._submit, connection, request))

    def _send(self, connection: Connection, send: Send) -> None:
        assert connection.who is not None
        wallet = connection.who.account
        request = Request(
            send.id, Kind.SEND, wallet=wallet, shop=send.recipient, amount=send.amount
        )
        self._with_pin(connection, send.id, send.pin, partial(self._submit, connection, request))

    def _give(self, connection: Connection, give: Give) -> None:
        assert connection.who is not None
        wallet = connection.who.account
        request = Request(give.id, Kind.GIVE, wallet=wallet, shop=give.group, amount=give.amount)
        self._with_pin(connection, give.id, give.pin, partial(self._submit, connection, request))

    def _confirm(self, connection: Connection, confirm: Confirm) -> None:
        assert connection.who is not None
        request = Request(
            confirm.id, Kind.CONFIRM, wallet=connection.who.account, refers=confirm.refused
        )
        self._with_pin(
            connection, confirm.id, confirm.pin, partial(self._submit, connection, request)
        )

    def _charge(self, connection: Connection, charge: Charge) -> None:
        self._of_shop(connection, charge.id, Kind.CHARGE, code=charge.code, amount=charge.amount)

    def _top_up(self, connection: Connection, top_up: TopUp) -> None:
        self._of_shop(connection, top_up.id, Kind.TOP_UP, code=top_up.code, amount=top_up.amount)

    def _issue(self, connection: Connection, issue: Issue) -> None:
        self._of_shop(connection, issue.id, Kind.ISSUE, code=issue.code, amount=issue.purchase)

    def _grant(self, connection: Connection, grant: GrantHere) -> None:
        self._spawn(connection, grant.id, self._grant_by_preset(connection, grant))

    async def _grant_by_preset(self, connection: Connection, grant: GrantHere) -> None:
        who = connection.who
        assert who is not None
        assert who.terminal is not None
        found = await terminals.activity_for(self._pool, self._town, who.terminal, grant.id)
        if found is None:
            connection.refuse(grant.id, "no_preset", Retry.NEW_ID)
            return
        activity, amount = found
        # The amount is the activity's, whatever amount to pay stands in the code.
        request = Request(
            grant.id,
            Kind.GRANT,
            terminal=who.terminal,
            code=grant.code,
            amount=amount,
            way=activity,
        )
        self._submit(connection, request)

    def _reverse(self, connection: Connection, reverse: Reverse) -> None:
        if reverse.manager_pin is not None:
            self._spawn(connection, reverse.id, self._reverse_as_manager(connection, reverse))
        else:
            self._reverse_as(connection, reverse, Rank.CLERK)

    def _reverse_as(self, connection: Connection, reverse: Reverse, rank: Rank) -> None:
        self._of_shop(
            connection,
            reverse.id,
            Kind.REVERSE,
            refers=reverse.payment,
            amount=reverse.amount,
            reason=reverse.reason,
            rank=rank,
        )

    async def _reverse_as_manager(self, connection: Connection, reverse: Reverse) -> None:
        who = connection.who
        assert who is not None
        assert reverse.manager_pin is not None
        verdict = await self._pins.verify_manager(
            self._town, who.account, reverse.manager_pin, connection.now()
        )
        if verdict.right:
            self._reverse_as(connection, reverse, Rank.SHOP)
        else:
            self._refuse_pin(connection, reverse.id, verdict)

    def _of_shop(
        self,
        connection: Connection,
        id: UUID,  # noqa: A002 - the word of the messages.
        kind: Kind,
        *,
        code: str | None = None,
        amount: int | None = None,
        refers: UUID | None = None,
        reason: str | None = None,
        rank: Rank = Rank.CLERK,
    ) -> None:
        who = connection.who
        assert who is not None
        request = Request(
            id,
            kind,
            shop=who.account,
            terminal=who.terminal,
            code=code,
            amount=amount,
            refers=refers,
            reason=reason,
            rank=rank,
        )
        self._submit(connection, request)

    def _submit(self, connection: Connection, request: Request) -> None:
        self._trail.asked(connection, request)
        self._counter.submit(request, partial(connection.answer, request.id))

    # -- PINs --------------------------------------------------------------------------------------

    def _with_pin(
        self, connection: Connection, command: UUID, pin: str, act: Callable[[], None]
    ) -> None:
        """Acts at once where the session knows the PIN, else when it has been checked."""
        memory = connection.memory
        if memory is None:
            memory = connection.memory = PinMemory()
        if memory.recognises(pin, connection.now()):
            act()
        else:
            self._spawn(connection, command, self._check_pin(connection, command, pin, act))

    async def _check_pin(
        self, connection: Connection, command: UUID, pin: str, act: Callable[[], None]
    ) -> None:
        assert connection.who is not None
        assert connection.memory is not None
        verdict = await self._pins.verify(
            self._town, connection.who.account, pin, connection.memory, connection.now()
        )
        if verdict.right:
            act()
        else:
            self._refuse_pin(connection, command, verdict)

    def _refuse_pin(self, connection: Connection, command: UUID, verdict: PinVerdict) -> None:
        if verdict.locked_until is not None:
            wait = max(timedelta(), verdict.locked_until - connection.now())
            wait_ms = round(wait.total_seconds() * 1000)
            connection.refuse(command, "pin_locked", Retry.NEW_ID, retry_after_ms=wait_ms)
        else:
            left = verdict.attempts_left
            connection.refuse(command, "pin_wrong", Retry.NEW_ID, attempts_left=left)

    # -- the rest ----------------------------------------------------------------------------------

    def _show_code(self, connection: Connection, show: ShowCode) -> None:
        if show.purpose is Purpose.PAY and show.pin is None:
            connection.refuse(show.id, "invalid", Retry.NEW_ID, message="pin: needed to pay")
        elif show.purpose is Purpose.TOP_UP and show.amount is None:
            connection.refuse(show.id, "invalid", Retry.NEW_ID, message="amount: needed to top up")
        elif show.purpose is Purpose.TOP_UP and show.coupons:
            connection.refuse(show.id, "invalid", Retry.NEW_ID, message="coupons: only to pay with")
        elif show.purpose is Purpose.PAY and show.pin is not None:
            make = partial(self._make_code_soon, connection, show)
            self._with_pin(connection, show.id, show.pin, make)
        else:
            self._make_code_soon(connection, show)

    def _make_code_soon(self, connection: Connection, show: ShowCode) -> None:
        self._spawn(connection, show.id, self._make_code(connection, show))

    async def _make_code(self, connection: Connection, show: ShowCode) -> None:
        assert connection.who is not None
        issued = await issue_code(
            self._pool,
            self._town,
            connection.who.account,
            show.purpose.value,
            show.amount,
            connection.now(),
            self._code_prefix,
            show.coupons,
        )
        shown = ShownCode(
            code=issued.code,
            qr=issued.code,
            purpose=show.purpose,
            amount=show.amount,
            expires_at=int(issued.expires_at.timestamp() * 1000),
        )
        connection.send(encode(Result(show.id, Raw(encode(shown)))))

    def _read_code(self, connection: Connection, read: ReadCode) -> None:
        if is_well_formed(read.code):
            self._spawn(connection, read.id, self._look_at_code(connection, read))
        else:
            connection.refuse(read.id, Outcome.CODE_UNKNOWN, Retry.NEVER)

    async def _look_at_code(self, connection: Connection, read: ReadCode) -> None:
        found = await read_code(self._pool, self._town, read.code)
        if found is None:
            connection.refuse(read.id, Outcome.CODE_UNKNOWN, Retry.NEVER)
        elif found.used:
            connection.refuse(read.id, Outcome.CODE_USED, Retry.NEVER)
        elif found.expires_at <= connection.now():
            connection.refuse(read.id, Outcome.CODE_EXPIRED, Retry.NEVER)
        else:
            expires_at = int(found.expires_at.timestamp() * 1000)
            answer = CodeRead(Purpose(found.purpose), found.amount, expires_at)
            connection.send(encode(Result(read.id, Raw(encode(answer)))))

    def _status(self, connection: Connection, ask: Status) -> None:
        if self._counter.in_progress(ask.payment):
            self._tell_status(connection, ask, State.IN_PROGRESS, None)
        else:
            self._spawn(connection, ask.id, self._look_up(connection, ask))

    async def _look_up(self, connection: Connection, ask: Status) -> None:
        who = connection.who
        assert who is not None
        receipt = await status(self._pool, self._town, who.account, ask.payment)
        if receipt is None:
            # What has come in meanwhile is not lost: it is on its way.
            here = self._counter.in_progress(ask.payment)
            state = State.IN_PROGRESS if here else State.NOT_FOUND
            self._tell_status(connection, ask, state, None)
        else:
            self._tell_status(connection, ask, State.PROCESSED, receipt)

    def _tell_status(
        self, connection: Connection, ask: Status, state: State, receipt: str | None
    ) -> None:
        raw = None if receipt is None else Raw(receipt.encode())
        answer = StatusAnswer(ask.payment, state, raw)
        connection.send(encode(Result(ask.id, Raw(encode(answer)))))

    # -- what takes time ---------------------------------------------------------------------------

    def _spawn(
        self, connection: Connection, command: UUID, work: Coroutine[Any, Any, None]
    ) -> None:
        if not connection.spawn(self._guarded(connection, command, work)):
            work.close()
            connection.refuse(command, "busy", Retry.SAME_ID, retry_after_ms=BUSY_RETRY_MS)

    async def _guarded(
        self, connection: Connection, command: UUID, work: Coroutine[Any, Any, None]
    ) -> None:
        """Turns what keeps a command from being carried out into an answer."""
        try:
            await work
        except Busy:
            connection.refuse(command, "busy", Retry.SAME_ID, retry_after_ms=BUSY_RETRY_MS)
        except LedgerError as error:
            log.warning("command_unavailable", id=str(command), error=str(error))
            connection.refuse(command, "unavailable", Retry.SAME_ID, retry_after_ms=BUSY_RETRY_MS)
