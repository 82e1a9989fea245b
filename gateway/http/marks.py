"""Whose a scanned code is: shops for wallets, payers for tills; and the marks that shops have."""

from starlette.responses import Response

from gateway.http.acts import acting
from gateway.http.call import Call
from gateway.http.pictures import qr_svg
from gateway.http.shops import no_shop, shop_of
from gateway.http.town import shop_info
from gateway.protocol import api
from gateway.protocol.api_marks import (
    Mark,
    Marks,
    NewMark,
    PayerRead,
    Reader,
    ReadPayer,
    ReadShop,
    Scheme,
)
from gateway.qr.marks import check_new_mark, normal_mark
from gateway.qr.prefixes import Owner, Prefixes, Route
from gateway.qr.refusal import QrRefused
from gateway.qr.scanned import OwnCode, read_payers, read_scanned
from gateway.qr.sticker import write_sticker
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger import accounts, marks
from ledger.accounts import Shop
from ledger.database import Connection

# What each reason of `gateway.qr.refusal` is over HTTP, and what else may be told of a text.
READ_ERRORS = (
    "scan_broken",
    "scan_altered",
    "scan_foreign",
    "scan_card",
    "scan_other_town",
    "scan_not_shop",
    "scan_unknown",
)
PAYER_ERRORS = (
    "scan_broken",
    "scan_foreign",
    "scan_card",
    "scan_other_town",
    "scan_not_payer",
)
MARK_ERRORS = ("scan_broken", "scan_altered", "mark_taken")


async def read_shop(call: Call) -> api.ShopInfo:
    """The shop that a text identifies. Looking changes nothing."""
    body = call.body_as(ReadShop)
    try:
        shop = await _look_up(call, body)
    except QrRefused as refused:
        raise _refusal(refused, "text") from None
    if shop is None:
        raise Refused("scan_unknown", field="text")
    return shop_info(shop)


async def read_payer(call: Call) -> PayerRead:
    """Whether a code that a till has scanned is one of this town's wallets; else whose it is."""
    text = call.body_as(ReadPayer).text
    try:
        return PayerRead(read_payers(text, call.town.code, _prefixes(call)))
    except QrRefused as refused:
        raise _refusal(refused, "text") from None


async def list_marks(call: Call) -> Marks:
    """What identifies a shop beside its own number."""
    shop = await shop_of(call)
    found = await marks.marks(call.context.pool, call.town.number, shop.account)
    return Marks([_told(mark) for mark in found], _sticker_text(call, shop))


async def add_mark(call: Call) -> Mark:
    """Gives a shop a mark; giving it the same again changes nothing."""
    body, shop = call.body_as(NewMark), await shop_of(call)
    mark = new_mark(body)
    async with acting(call) as act:
        added = await put_mark(call, act.connection, shop.account, body.scheme, mark)
        facts = {"scheme": body.scheme, "mark": mark}
        await act.record("shop.mark_added", f"shop:{shop.account}", after=facts)
    return _told(added)


def new_mark(body: NewMark) -> str:
    """A mark to be given, in its scheme's normal form.

    Raises:
        Refused: it is none, or none that may be given.
    """
    mark = _normal(body)
    try:
        check_new_mark(body.scheme, mark)
    except QrRefused as refused:
        raise _refusal(refused, "mark") from None
    return mark


async def put_mark(
    call: Call, connection: Connection, shop: int, scheme: Scheme, mark: str
) -> marks.Mark:
    """Gives a shop a mark, in the transaction of an act.

    Raises:
        Refused: ``mark_taken``; ``not_found``, there is no such shop.
    """
    added = await marks.add_mark(connection, call.town.number, shop, scheme, mark, call.now)
    if added is None:
        raise no_shop()
    if added.shop != shop:
        message = f"Shop {added.shop} has this mark; take it off there first."
        raise Refused("mark_taken", message, field="mark")
    return added


async def remove_mark(call: Call) -> api.Done:
    """Takes a mark off a shop: from now on it identifies nobody."""
    body, shop = call.body_as(NewMark), await shop_of(call)
    mark = _normal(body)
    async with acting(call) as act:
        removed = await marks.remove_mark(
            act.connection, call.town.number, shop.account, body.scheme, mark, call.now
        )
        if not removed:
            raise Refused("not_found", "The shop has no such mark.", field="mark")
        facts = {"scheme": body.scheme, "mark": mark}
        await act.record("shop.mark_removed", f"shop:{shop.account}", before=facts)
    return api.Done()


async def unified_sticker(call: Call) -> Response:
    """The QR of a shop's own sticker in the standard's form (EMVCo MPM)."""
    svg = qr_svg(_sticker_text(call, await shop_of(call)))
    headers = {"Cache-Control": "private, max-age=3600"}
    return Response(svg, media_type="image/svg+xml", headers=headers)


async def _look_up(call: Call, body: ReadShop) -> Shop | None:
    pool, town = call.context.pool, call.town.number
    if body.by is not Reader.CODE:
        scheme = Scheme(body.by.value)
        return await marks.shop_by_mark(pool, town, scheme, normal_mark(scheme, body.text))
    found = read_scanned(body.text, call.town.code, _prefixes(call))
    if isinstance(found, OwnCode):
        return await accounts.shop_by_code(pool, town, found.code)
    return await marks.shop_by_mark(pool, town, found.scheme, found.mark)


def _prefixes(call: Call) -> Prefixes:
    """Whose payers' codes are whose; of two towns with the same prefix this one counts."""
    towns = [*call.context.towns.values(), call.town]
    routes = {each.profile.payments.code_prefix: each for each in towns}
    return Prefixes(Route(prefix, Owner.TOWN, each.code) for prefix, each in routes.items())


def _normal(body: NewMark) -> str:
    try:
        return normal_mark(body.scheme, body.mark)
    except QrRefused as refused:
        raise _refusal(refused, "mark") from None


def _sticker_text(call: Call, shop: Shop) -> str:
    return write_sticker(call.town.code, call.town.profile.town.name, shop.code, shop.name)


def _told(mark: marks.Mark) -> Mark:
    return Mark(Scheme(mark.scheme), mark.mark, milliseconds(mark.added_at))


def _refusal(refused: QrRefused, field: str) -> Refused:
    return Refused(f"scan_{refused.reason}", refused.message, field=field)
