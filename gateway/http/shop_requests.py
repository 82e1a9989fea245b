"""Shop requests: people ask for shops that are not in yet; the console sees which most ask for
(R7).
"""

from msgspec import Struct

from gateway.http.acts import acting
from gateway.http.call import Call
from gateway.http.proposals import too_many
from gateway.http.queries import Number, Page
from gateway.jobs.notices import defer_pushes
from gateway.protocol import api_voices as api
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger.voices import shop_requests
from ledger.voices.proposals import TooMany
from ledger.voices.shop_requests import ShopRequest

OWN_MAX = 200


class RequestPath(Struct, frozen=True):
    request: Number


class RequestsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``open``: only those without an answer. Those that most ask for come first."""

    open: bool = False
    limit: Page = 50


async def ask(call: Call) -> api.ShopRequestLine:
    """Asks for a shop; who asks for the same one is counted together."""
    body, wallet = call.body_as(api.AskForShop), call.session.account
    for field in ("name", "place"):
        if not shop_requests.same_shop(body.name, body.place).split("\0")[field == "place"]:
            raise Refused("invalid", f"{field}: write which shop, and where it is.", field=field)
    pool, vault, town = call.context.pool, call.context.auth.vault, call.town.number
    try:
        found = await shop_requests.ask(pool, vault, town, wallet, body.name, body.place, call.now)
    except TooMany as error:
        raise too_many(error, call.now) from None
    return line(found)


async def own(call: Call) -> api.ShopRequestLines:
    """The shops that this wallet asks for."""
    pool, vault, town = call.context.pool, call.context.auth.vault, call.town.number
    found = await shop_requests.asked_by(pool, vault, town, call.session.account, OWN_MAX)
    return api.ShopRequestLines([line(each) for each in found])


async def listed(call: Call) -> api.ShopRequestLines:
    """The shops that people ask for."""
    query, pool = call.query_as(RequestsQuery), call.context.pool
    found = await shop_requests.requests(
        pool, call.context.auth.vault, call.town.number, query.limit, only_open=query.open
    )
    return api.ShopRequestLines([line(each) for each in found])


async def answer(call: Call) -> api.ShopRequestLine:
    """Answers; everybody who asks for the shop is told by a notice."""
    number, text = call.path_as(RequestPath).request, call.body_as(api.AnswerVoice).text
    town, vault = call.town.number, call.context.auth.vault
    async with acting(call) as act:
        before = await shop_requests.request(act.connection, vault, town, number)
        if before is None:
            raise _unknown()
        told = await shop_requests.answer(
            act.connection, vault, town, number, text, call.session.name, call.now
        )
        if told is None:
            raise Refused("request_closed", field="request")
        await defer_pushes(act.connection, town, told)
        facts = {"askers": before.askers}
        await act.record("shop_request.answered", f"shop_request:{number}", after=facts)
        found = await shop_requests.request(act.connection, vault, town, number)
    assert found is not None
    return line(found)


async def merge(call: Call) -> api.ShopRequestLine:
    """One is the same as another; who asks for it, then and later, asks for that one."""
    number, into = call.path_as(RequestPath).request, call.body_as(api.MergeRequests).into
    town, vault = call.town.number, call.context.auth.vault
    async with acting(call) as act:
        before = await shop_requests.request(act.connection, vault, town, number)
        if before is None:
            raise _unknown()
        if not await shop_requests.merge(act.connection, town, number, into):
            text = "into: it has to be another request that is open, as this one."
            raise Refused("request_closed", text, field="into")
        facts = {"into": into, "askers": before.askers}
        await act.record("shop_request.merged", f"shop_request:{number}", after=facts)
        found = await shop_requests.request(act.connection, vault, town, into)
    assert found is not None
    return line(found)


def line(one: ShopRequest) -> api.ShopRequestLine:
    """A request as the console and the wallet show it."""
    return api.ShopRequestLine(
        one.request,
        one.name,
        one.place,
        one.askers,
        milliseconds(one.asked_at),
        milliseconds(one.closed_at) if one.closed_at else None,
        one.closed_by,
        one.answer,
    )


def _unknown() -> Refused:
    return Refused("not_found", "There is no such request, or it is another.", field="request")
