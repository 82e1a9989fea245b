"""What operators do: shops, terminals, enrolment, revocation; and what they see of the town."""

from datetime import datetime, timedelta

from msgspec import Raw
from starlette.responses import Response

from gateway.http.acts import Act, acting
from gateway.http.call import Call
from gateway.http.pictures import qr_svg, sticker_url
from gateway.http.queries import EventsQuery, ShopPath, TerminalPath, TerminalsQuery
from gateway.http.shops import no_shop, shop_of
from gateway.http.town import shop_info
from gateway.protocol import api
from gateway.refused import Refused
from gateway.signin import milliseconds
from gateway.tickets import new_token
from ledger import accounts, identity, outbox

# A tablet is enrolled while somebody stands at it, but fifty codes may be printed the day before.
ENROLMENT_TTL_S = 86_400


async def me(call: Call) -> api.Operator:
    """Who is signed in."""
    return api.Operator(call.session.name, call.session.operator_role or "ops")


async def open_shop(call: Call) -> api.ShopInfo:
    """Opens a shop with its manager's PIN."""
    body, town = call.body_as(api.NewShop), call.town.number
    pin_hash = await call.context.auth.hashing.hash_pin(body.manager_pin)
    async with acting(call) as act:
        shop = await accounts.open_shop(
            act.connection, town, body.name, body.kind, body.area, call.now
        )
        await identity.set_manager_pin(act.connection, town, shop.account, pin_hash)
        await act.record(
            "shop.opened",
            f"shop:{shop.account}",
            after={"title": body.name, "kind": body.kind, "area": body.area},
        )
    return shop_info(shop)


async def set_manager_pin(call: Call) -> api.Done:
    """Changes the PIN of a shop's manager."""
    shop = await shop_of(call)
    pin_hash = await call.context.auth.hashing.hash_pin(call.body_as(api.ManagerPin).manager_pin)
    async with acting(call) as act:
        await identity.set_manager_pin(act.connection, call.town.number, shop.account, pin_hash)
        await act.record("shop.manager_pin_changed", f"shop:{shop.account}")
    return api.Done()


async def terminals(call: Call) -> api.Terminals:
    """The tablets of the town or of one shop."""
    shop = call.query_as(TerminalsQuery).shop
    found = await accounts.terminals(call.context.pool, call.town.number, shop)
    connected = call.context.live.connected_terminals(call.town.number)
    return api.Terminals(
        [
            api.Terminal(
                terminal=each.terminal,
                shop=each.shop,
                label=each.label,
                state=each.state,
                enrolled_at=_milliseconds(each.enrolled_at),
                revoked_at=_milliseconds(each.revoked_at),
                wiped_at=_milliseconds(each.wiped_at),
                connected=each.terminal in connected,
                groups=each.groups,
                preset=each.preset,
            )
            for each in found
        ]
    )


async def open_terminal(call: Call) -> api.Enrolment:
    """A place for one more tablet at a shop, and the code to enrol it with."""
    shop, label = call.path_as(ShopPath).shop, call.body_as(api.NewTerminal).label
    async with acting(call) as act:
        number = await accounts.open_terminal(
            act.connection, call.town.number, shop, label, call.now
        )
        if number is None:
            raise no_shop()
        enrolment = await new_enrolment(call, act, number)
        await act.record(
            "terminal.opened", f"terminal:{number}", after={"shop": shop, "label": label}
        )
    return enrolment


async def enrol_again(call: Call) -> api.Enrolment:
    """A new code for a tablet: one that waits, or one that is to be replaced."""
    number = call.path_as(TerminalPath).terminal
    async with acting(call) as act:
        known = await accounts.terminal(act.connection, call.town.number, number)
        if known is None:
            raise Refused("not_found", "There is no terminal with this number.", field="terminal")
        if known.state == "revoked":
            raise Refused("terminal_revoked", field="terminal")
        enrolment = await new_enrolment(call, act, number)
        await act.record("terminal.enrolment_made", f"terminal:{number}")
    return enrolment


async def revoke_terminal(call: Call) -> api.Done:
    """Refuses a tablet from now on, for good. Doing it again does it again."""
    number, town = call.path_as(TerminalPath).terminal, call.town.number
    async with acting(call) as act:
        known = await accounts.terminal(act.connection, town, number)
        if known is None:
            raise Refused("not_found", "There is no terminal with this number.", field="terminal")
        await accounts.revoke_terminal(act.connection, town, number, call.now)
        ended = await identity.end_terminal_sessions(act.connection, town, number, call.now)
        await act.record(
            "terminal.revoked",
            f"terminal:{number}",
            before={"state": known.state},
            after={"state": "revoked"},
        )
    # The ledger refuses its payments by now; this closes its sockets.
    await call.context.auth.sessions.told_ended(town, ended, "revoked")
    return api.Done()


async def sticker(call: Call) -> Response:
    """The QR of a shop's sticker."""
    shop = await shop_of(call)
    svg = qr_svg(sticker_url(call.context.settings.public_url, call.town.code, shop.code))
    headers = {"Cache-Control": "private, max-age=3600"}
    return Response(svg, media_type="image/svg+xml", headers=headers)


async def events(call: Call) -> api.Events:
    """The town's events, newest first."""
    query = call.query_as(EventsQuery)
    found = await outbox.events_before(
        call.context.pool,
        call.town.number,
        query.before,
        query.limit,
        kind=query.kind,
        account=query.account,
    )
    return api.Events(
        events=[
            api.EventLine(
                number=past.event.number,
                account=past.event.account,
                seq=past.event.seq,
                kind=past.event.kind,
                at=milliseconds(past.at),
                body=Raw(past.event.body.encode()),
            )
            for past in found
        ],
        next=found[-1].event.number if len(found) == query.limit else None,
    )


async def sessions(call: Call) -> api.Sessions:
    """Who is connected to the gateway that answers."""
    return api.Sessions(call.context.live.session_lines(call.town.number))


async def alerts(call: Call) -> api.Alerts:
    """What needs a person now."""
    return api.Alerts(call.context.live.alert_lines(call.town.number))


async def new_enrolment(call: Call, act: Act, terminal: int) -> api.Enrolment:
    code, expires_at = new_token(), call.now + timedelta(seconds=ENROLMENT_TTL_S)
    await identity.add_enrolment(act.connection, call.town.number, terminal, code, expires_at)
    # In the fragment, which browsers send to no server: it reaches no log on its way.
    qr = f"{call.context.settings.public_url}/{call.town.code}/tablet#enrol={code}"
    return api.Enrolment(terminal, qr, qr_svg(qr), milliseconds(expires_at))


def _milliseconds(at: datetime | None) -> int | None:
    return None if at is None else milliseconds(at)
