"""Operators by operators: who may sign in at the console, and what they may do there."""

from starlette.responses import Response

from gateway.http import transactions
from gateway.http.acts import Act, acting
from gateway.http.call import Call
from gateway.http.cancelling import cancel
from gateway.http.queries import OperatorPath, PaymentPath
from gateway.protocol import api, api_staff
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger import identity, operators
from ledger.identity import Guarded
from ledger.operators import Operator, OperatorNameTaken
from ledger.requests import Rank


async def listed(call: Call) -> api_staff.Operators:
    """Everybody who is or was an operator."""
    found = await operators.operators(call.context.pool, call.town.number)
    return api_staff.Operators([_line(each) for each in found])


async def add(call: Call) -> api_staff.OperatorLine:
    """Lets somebody in at the console."""
    body, town = call.body_as(api_staff.NewOperator), call.town.number
    password_hash = await call.context.auth.hashing.hash_password(body.password)
    async with acting(call) as act:
        try:
            number = await operators.add_operator(
                act.connection, town, body.name, password_hash, body.role, call.now
            )
        except OperatorNameTaken as error:
            raise Refused("name_taken", field="name") from error
        await act.record("operator.added", f"operator:{number}", after={"role": body.role})
    return api_staff.OperatorLine(
        number, body.name, body.role, milliseconds(call.now), closed_at=None
    )


async def set_role(call: Call) -> api.Done:
    """Lets an operator change things, or only look; at once, wherever they are signed in."""
    role = call.body_as(api_staff.OperatorRole).role
    async with acting(call) as act:
        operator = await _present(call, act)
        if role != "operator":
            await _not_the_last(call, act, operator)
        await operators.set_role(act.connection, call.town.number, operator.operator, role)
        await act.record(
            "operator.role_changed",
            f"operator:{operator.operator}",
            before={"role": operator.role},
            after={"role": role},
        )
    return api.Done()


async def set_password(call: Call) -> api.Done:
    """Gives an operator a new password, and signs them out everywhere."""
    body, town = call.body_as(api_staff.NewPassword), call.town.number
    password_hash = await call.context.auth.hashing.hash_password(body.password)
    async with acting(call) as act:
        operator = await _present(call, act)
        number = operator.operator
        await operators.set_password(act.connection, town, number, password_hash)
        ended = await identity.end_sessions_of(act.connection, town, "console", number, call.now)
        await act.record("operator.password_changed", f"operator:{number}")
    await call.context.auth.sessions.told_ended(town, ended, "signed_out")
    return api.Done()


async def close(call: Call) -> api.Done:
    """Lets an operator in no more. Their name stays theirs, for the audit's sake."""
    town = call.town.number
    async with acting(call) as act:
        operator = await _present(call, act)
        await _not_the_last(call, act, operator)
        number = operator.operator
        await operators.close(act.connection, town, number, call.now)
        ended = await identity.end_sessions_of(act.connection, town, "console", number, call.now)
        await act.record(
            "operator.closed", f"operator:{number}", before={"role": operator.role}, after={}
        )
    await call.context.auth.sessions.told_ended(town, ended, "signed_out")
    return api.Done()


async def change_own_password(call: Call) -> api.Done:
    """One's own; signed in elsewhere ends, signed in here goes on."""
    body, town = call.body_as(api_staff.ChangePassword), call.town.number
    number = await check_own_password(call, body.password)
    password_hash = await call.context.auth.hashing.hash_password(body.new_password)
    async with acting(call) as act:
        await operators.set_password(act.connection, town, number, password_hash)
        ended = await identity.end_sessions_of(
            act.connection, town, "console", number, call.now, keep=call.session.session
        )
        await act.record("operator.password_changed", f"operator:{number}")
    await call.context.auth.sessions.told_ended(town, ended, "signed_out")
    return api.Done()


async def check_own_password(call: Call, password: str) -> int:
    """Asks the signed-in operator for the password again; their number.

    Raises:
        Refused: ``password_wrong``, ``password_locked``.
        Busy: too many hashes wait; nothing was counted.
    """
    number = call.session.operator
    assert number is not None
    operator = await operators.operator_by_number(call.context.pool, call.town.number, number)
    assert operator is not None
    await call.context.auth.doors.check_password(
        call.town.number,
        Guarded.OPERATOR,
        operator.name,
        operator.password_hash,
        password,
        call.now,
        again=True,
    )
    return number


async def transactions_listed(call: Call) -> api_staff.Transactions:
    """All transactions of the town, newest first."""
    return await transactions.listed(call)


async def transactions_file(call: Call) -> Response:
    """The same as CSV."""
    return await transactions.file(call)


async def cancel_payment(call: Call) -> api_staff.Cancelled:
    """Cancels any payment of the town, in part or whole, once the password was found right."""
    body = call.body_as(api_staff.ConsoleCancelPayment)
    await check_own_password(call, body.password)
    return await cancel(call, call.path_as(PaymentPath).id, body, Rank.OPERATOR)


async def _present(call: Call, act: Act) -> Operator:
    """The operator in the path, who has not left; nobody else changes operators meanwhile."""
    await act.alone()
    number = call.path_as(OperatorPath).operator
    operator = await operators.operator_by_number(act.connection, call.town.number, number)
    if operator is None:
        raise Refused("not_found", "There is no operator with this number.", field="operator")
    if operator.closed_at is not None:
        raise Refused("left", field="operator")
    return operator


async def _not_the_last(call: Call, act: Act, operator: Operator) -> None:
    if operator.role == "operator" and not await operators.another_operator(
        act.connection, call.town.number, operator.operator
    ):
        raise Refused("last_operator", field="operator")


def _line(operator: Operator) -> api_staff.OperatorLine:
    closed_at = operator.closed_at
    return api_staff.OperatorLine(
        operator=operator.operator,
        name=operator.name,
        role=operator.role,
        created_at=milliseconds(operator.created_at),
        closed_at=None if closed_at is None else milliseconds(closed_at),
    )
