"""Rows of the table of routes: whose a scanned code is, and the marks that shops have."""

from gateway.http import marks
from gateway.http.call import Endpoint
from gateway.http.queries import ShopPath
from gateway.protocol import api, api_marks
from gateway.protocol.messages import Role

WALLET = (Role.WALLET,)
TERMINAL = (Role.TERMINAL,)
CONSOLE = (Role.CONSOLE,)

MARKS: tuple[Endpoint, ...] = (
    Endpoint(
        method="POST",
        path="/shops/read",
        summary="The shop that a text identifies which a wallet has scanned, typed or touched.",
        handler=marks.read_shop,
        roles=WALLET,
        body=api_marks.ReadShop,
        answer=api.ShopInfo,
        errors=marks.READ_ERRORS,
    ),
    Endpoint(
        method="POST",
        path="/terminal/codes/read",
        summary="Whether a scanned payer's code is of this town, and whose it is if not.",
        handler=marks.read_payer,
        roles=TERMINAL,
        body=api_marks.ReadPayer,
        answer=api_marks.PayerRead,
        errors=marks.PAYER_ERRORS,
    ),
    Endpoint(
        method="GET",
        path="/console/shops/{shop}/unified-sticker.svg",
        summary="The QR of a shop's sticker as an EMV code, for apps and tills that expect one.",
        handler=marks.unified_sticker,
        roles=CONSOLE,
        path_parts=ShopPath,
        answer=None,
        media="image/svg+xml",
    ),
    Endpoint(
        method="GET",
        path="/console/shops/{shop}/marks",
        summary="What identifies a shop beside its own sticker.",
        handler=marks.list_marks,
        roles=CONSOLE,
        path_parts=ShopPath,
        answer=api_marks.Marks,
    ),
    Endpoint(
        method="POST",
        path="/console/shops/{shop}/marks",
        summary="Give a shop a mark: its JPQR sticker, a store code, a device's or a stamp's id.",
        handler=marks.add_mark,
        roles=CONSOLE,
        operator=True,
        path_parts=ShopPath,
        body=api_marks.NewMark,
        answer=api_marks.Mark,
        errors=marks.MARK_ERRORS,
    ),
    Endpoint(
        method="POST",
        path="/console/shops/{shop}/marks/remove",
        summary="Take a mark off a shop.",
        handler=marks.remove_mark,
        roles=CONSOLE,
        operator=True,
        path_parts=ShopPath,
        body=api_marks.NewMark,
        answer=api.Done,
        errors=("scan_broken", "scan_altered"),
    ),
)
