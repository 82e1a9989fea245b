"""The citizen's own links to platforms: seen, and ended."""

import structlog
from msgspec import Struct

from gateway.http.call import Call
from gateway.http.queries import Number
from gateway.protocol import api_civic as api
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger import links

log = structlog.get_logger(__name__)


class LinkPath(Struct, frozen=True):
    link: Number


async def list_links(call: Call) -> api.Links:
    """The consents of this wallet that hold."""
    found = await links.of_wallet(
        call.context.pool, call.town.number, call.session.account, call.now
    )
    return api.Links(
        [
            api.Link(
                each.link,
                each.client,
                each.name,
                each.scopes,
                milliseconds(each.linked_at),
                milliseconds(each.expires_at),
            )
            for each in found
        ]
    )


async def end(call: Call) -> api.Links:
    """Ends a consent: the platform's tokens open nothing from now on."""
    number = call.path_as(LinkPath).link
    ended = await links.end(
        call.context.pool, call.town.number, call.session.account, number, call.now
    )
    if not ended:
        raise Refused("not_found", "This wallet has no such link, or has ended it.", field="link")
    log.info("link.ended", town=call.town.number, wallet=call.session.account, link=number)
    return await list_links(call)
