"""The demo's door: one request signs this browser in as a wallet, a tablet and an operator.

It is in the table of routes, but no process opens it without the demo setting, and a process with
that setting listens on loopback only (`config.settings`).
"""

from gateway.http.call import Call
from gateway.http.people import keep
from gateway.protocol import api
from gateway.protocol.messages import Role
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger import accounts, operators, persons


async def enter(call: Call) -> api.DemoEntered:
    """Signs in the town's first holder, its first shop's first tablet and its first operator."""
    pool, town = call.context.pool, call.town.number
    person = await persons.first_person(pool, call.context.auth.vault, town)
    operator = await operators.first_operator(pool, town)
    tablets = await accounts.terminals(pool, town)
    tablet = next((each for each in tablets if each.state != "revoked"), None)
    shop = await accounts.shop(pool, town, tablet.shop) if tablet else None
    if person is None or operator is None or tablet is None or shop is None:
        raise Refused("not_found", "The demo's people are not in this town yet; seed them first.")
    return api.DemoEntered(
        town=call.town.code,
        wallet=await _enter(call, Role.WALLET, person.wallet, person.name),
        terminal=await _enter(
            call, Role.TERMINAL, shop.account, shop.name, terminal=tablet.terminal
        ),
        console=await _enter(call, Role.CONSOLE, 0, operator.name, operator=operator.operator),
    )


async def _enter(
    call: Call,
    role: Role,
    account: int,
    name: str,
    *,
    terminal: int | None = None,
    operator: int | None = None,
) -> api.SignedIn:
    opened = await call.context.auth.sessions.open(
        call.town.number, role, account, name, call.now, terminal=terminal, operator=operator
    )
    expires_at = milliseconds(opened.expires_at)
    return keep(call, api.SignedIn(role, account, name, opened.token, expires_at))
