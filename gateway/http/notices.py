"""Notices (お知らせ, N8), as wallets and shops' tablets read them."""

import msgspec
from msgspec import Struct

from gateway.http.call import Call
from gateway.http.queries import Number, Page
from gateway.protocol import api_notices as api
from gateway.signin import milliseconds
from ledger import notices

read_body = msgspec.json.Decoder(api.ExpiryWarning).decode


class NoticesQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``before``: only notices before this one; without it, the newest."""

    before: Number | None = None
    limit: Page = 50


async def newest(call: Call) -> api.Notices:
    """A page of the notices of the session's account, wallet or shop."""
    query, pool, town = call.query_as(NoticesQuery), call.context.pool, call.town.number
    account = call.session.account
    found = await notices.newest(pool, town, account, query.before, query.limit)
    return api.Notices(
        [
            api.NoticeLine(
                each.notice,
                milliseconds(each.created_at),
                each.read_at is not None,
                read_body(each.body),
            )
            for each in found
        ],
        next=found[-1].notice if len(found) == query.limit else None,
        unread=await notices.unread(pool, town, account),
    )


async def mark_read(call: Call) -> api.UnreadNotices:
    """The account's notices up to one of them are read, on all of its screens."""
    pool, town, account = call.context.pool, call.town.number, call.session.account
    await notices.mark_read(pool, town, account, call.body_as(api.ReadNotices).up_to, call.now)
    return api.UnreadNotices(await notices.unread(pool, town, account))
