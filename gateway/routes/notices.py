"""Rows of the table of routes: notices to wallets and to shops."""

from gateway.http import notices
from gateway.http.call import Endpoint
from gateway.protocol import api_notices as api
from gateway.protocol.messages import Role

WALLET = (Role.WALLET,)
TERMINAL = (Role.TERMINAL,)

NOTICES: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/wallet/notices",
        summary="The wallet's notices, newest first, and how many are unread.",
        handler=notices.newest,
        roles=WALLET,
        query=notices.NoticesQuery,
        answer=api.Notices,
    ),
    Endpoint(
        method="POST",
        path="/wallet/notices/read",
        summary="Mark the wallet's notices up to one of them as read.",
        handler=notices.mark_read,
        roles=WALLET,
        body=api.ReadNotices,
        answer=api.UnreadNotices,
    ),
    Endpoint(
        method="GET",
        path="/terminal/notices",
        summary="The shop's notices, newest first, and how many are unread.",
        handler=notices.newest,
        roles=TERMINAL,
        query=notices.NoticesQuery,
        answer=api.Notices,
    ),
    Endpoint(
        method="POST",
        path="/terminal/notices/read",
        summary="Mark the shop's notices up to one of them as read.",
        handler=notices.mark_read,
        roles=TERMINAL,
        body=api.ReadNotices,
        answer=api.UnreadNotices,
    ),
)
