"""A shop's name and bank account: its manager asks for another one, an operator decides."""

from msgspec import Struct

from gateway.http.acts import acting
from gateway.http.call import Call
from gateway.http.listings import own_shop
from gateway.http.shop_details import checked_account
from gateway.protocol import api
from gateway.protocol import api_joining as joining
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger.grants import By
from ledger.requests import Rank
from ledger.settlement.bank_accounts import TAIL_DIGITS
from ledger.shops import changes
from ledger.shops.changes import Change, Wish

LIST_MAX = 200


class ChangePath(Struct, frozen=True):
    change: joining.Number


async def ask(call: Call) -> joining.ShopChanges:
    """A shop's manager asks for another name or bank account; a newer wish replaces an older."""
    body, shop = call.body_as(joining.WantedChange), await own_shop(call, Rank.SHOP)
    if (body.name is None) == (body.bank_account is None):
        raise Refused("invalid", "Ask for another name or another bank account.", field="name")
    if body.name is not None and not body.name.strip():
        raise Refused("invalid", "The field name is empty.", field="name")
    account = checked_account(body.bank_account, "bank_account") if body.bank_account else None
    wish = Wish(body.name.strip() if body.name else None, account)
    staff = call.session.staff
    assert staff is not None
    async with acting(call) as act:
        await act.alone()
        number = await changes.ask(
            act.connection,
            call.context.auth.vault,
            call.town.number,
            shop.account,
            wish,
            staff,
            call.now,
        )
        after = {"change": number, "kind": wish.kind.value}
        await act.record("shop.change_asked", f"shop:{shop.account}", after=after)
    return await _listed(call, shop.account, waiting=False)


async def own(call: Call) -> joining.ShopChanges:
    """What one's shop asked for, and what became of it."""
    shop = await own_shop(call, Rank.SHOP)
    return await _listed(call, shop.account, waiting=False)


async def listed(call: Call) -> joining.ShopChanges:
    """What shops asked for."""
    return await _listed(call, None, waiting=call.query_as(joining.ChangesQuery).waiting)


async def decide(call: Call) -> api.Done:
    """Lets a wish hold from now on, or says why not."""
    body, town, vault = call.body_as(joining.DecideChange), call.town, call.context.auth.vault
    if not body.accepted and body.reason is None:
        raise Refused("invalid", "Say why not; the shop reads it.", field="reason")
    by, number = By(call.session.operator, call.session.name), call.path_as(ChangePath).change
    async with acting(call) as act:
        found = await changes.change(act.connection, vault, town.number, number)
        if found is None:
            raise Refused("not_found", "Nothing with this number was asked for.", field="change")
        if found.state != "waiting":
            raise Refused("change_decided", field="change")
        await changes.decide(
            act.connection,
            vault,
            town.number,
            found,
            by,
            call.now,
            accepted=body.accepted,
            reason=body.reason,
        )
        after = {"change": number, "kind": found.kind.value, "accepted": body.accepted}
        await act.record("shop.change_decided", f"shop:{found.shop}", after=after)
    call.context.public_answers.forget(town.number)
    return api.Done()


async def _listed(call: Call, shop: int | None, *, waiting: bool) -> joining.ShopChanges:
    found = await changes.changes(
        call.context.pool,
        call.context.auth.vault,
        call.town.number,
        shop=shop,
        waiting=waiting,
        limit=LIST_MAX,
    )
    return joining.ShopChanges([_line(each) for each in found])


def _line(found: Change) -> joining.ShopChangeLine:
    decided_at = found.decided_at
    return joining.ShopChangeLine(
        change=found.change,
        shop=found.shop,
        shop_name=found.shop_name,
        kind=found.kind.value,
        wish=_wish(found.wish),
        state=found.state,
        asked_by=found.staff_name,
        asked_at=milliseconds(found.asked_at),
        decided_at=None if decided_at is None else milliseconds(decided_at),
        decided_by=found.decided_by,
        reason=found.reason,
    )


def _wish(wish: Wish) -> str:
    if wish.name is not None:
        return wish.name
    account = wish.bank_account
    assert account is not None
    tail = account.number[-TAIL_DIGITS:]
    return f"{account.bank_code}-{account.branch_code} …{tail} {account.holder}"
