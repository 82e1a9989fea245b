"""The shop site's doors: what shops' staff see and do, each over the shops they stand over."""

from starlette.responses import Response

from gateway.http import transactions
from gateway.http.acts import acting
from gateway.http.call import Call
from gateway.http.cancelling import cancel
from gateway.http.people import keep
from gateway.http.queries import PaymentPath
from gateway.http.town import shop_info
from gateway.protocol import api, api_staff
from gateway.refused import Refused
from ledger import identity, staff
from ledger.identity import Guarded
from ledger.staff import Member


async def sign_in(call: Call) -> api.SignedIn:
    """Checks somebody's name and password."""
    body, doors = call.body_as(api_staff.StaffSignIn), call.context.auth.doors
    signed_in = await doors.sign_in_staff(call.town.number, body.name, body.password, call.now)
    return keep(call, signed_in)


async def me(call: Call) -> api_staff.StaffInfo:
    """Who is signed in, in which rank, and over which shops."""
    member = await present_member(call)
    shops = await staff.shops_under(call.context.pool, call.town.number, member.post)
    rank = member.post.rank
    return api_staff.StaffInfo(
        staff=member.staff,
        name=member.name,
        rank=rank,
        reversal_max=getattr(call.town.profile.reversals, f"{rank}_max"),
        shops=[shop_info(shop) for shop in shops],
    )


async def listed(call: Call) -> api_staff.Transactions:
    """Transactions of the shops they stand over, newest first."""
    return await transactions.listed(call, await _shops(call, await present_member(call)))


async def file(call: Call) -> Response:
    """The same as CSV."""
    return await transactions.file(call, await _shops(call, await present_member(call)))


async def cancel_payment(call: Call) -> api_staff.Cancelled:
    """Cancels a payment of their shops, in part or whole, within their rank's limit."""
    body, member = call.body_as(api_staff.CancelPayment), await present_member(call)
    payment, shops = call.path_as(PaymentPath).id, await _shops(call, member)
    return await cancel(call, payment, body, member.post.rank, shops)


async def change_own_password(call: Call) -> api.Done:
    """One's own; signed in elsewhere ends, signed in here goes on."""
    body, town, auth = call.body_as(api_staff.ChangePassword), call.town.number, call.context.auth
    member = await present_member(call)
    await auth.doors.check_password(
        town,
        Guarded.STAFF,
        member.name,
        member.password_hash,
        body.password,
        call.now,
        again=True,
    )
    password_hash = await auth.hashing.hash_password(body.new_password)
    async with acting(call) as act:
        await staff.set_password(act.connection, town, member.staff, password_hash)
        ended = await identity.end_sessions_of(
            act.connection, town, "staff", member.staff, call.now, keep=call.session.session
        )
        await act.record("staff.password_changed", f"staff:{member.staff}")
    await auth.sessions.told_ended(town, ended, "signed_out")
    return api.Done()


async def present_member(call: Call) -> Member:
    """Who is signed in, as they are now: a changed post holds at once."""
    number = call.session.staff
    assert number is not None
    member = await staff.staff_by_number(call.context.pool, call.town.number, number)
    if member is None or member.closed_at is not None:
        raise Refused("signed_out")
    return member


async def shop_under(call: Call, shop: int | None) -> int:
    """The shop with this number that they stand over; without a number the only one there is.

    Raises:
        Refused: ``invalid``, ``not_found``.
    """
    found = await _shops(call, await present_member(call))
    if shop is None:
        if len(found) == 1:
            return found[0]
        raise Refused("invalid", f"You stand over {len(found)} shops; name one.", field="shop")
    if shop not in found:
        raise Refused("not_found", "You stand over no shop with this number.", field="shop")
    return shop


async def _shops(call: Call, member: Member) -> list[int]:
    found = await staff.shops_under(call.context.pool, call.town.number, member.post)
    return [shop.account for shop in found]
