"""Rows of the table of routes: what operators write to many, and what people write to them."""

from gateway.http import circulars, proposals, shop_requests
from gateway.http.call import Endpoint
from gateway.pictures import BYTES_MAX, PICTURE_TYPES
from gateway.protocol import api_voices as api
from gateway.protocol.messages import Role

WALLET = (Role.WALLET,)
TERMINAL = (Role.TERMINAL,)
CONSOLE = (Role.CONSOLE,)

CIRCULAR_BYTES_MAX = 131_072  # Title, text and pictures' words in seven languages.
VOICE_BYTES_MAX = 16_384  # 2,000 characters, and where they are about.
PICTURE_ERRORS = ("picture_refused", "busy")

VOICES: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/pictures/{picture}",
        summary="A picture of a notice, for ever the same under its name.",
        handler=circulars.picture,
        path_parts=circulars.PicturePath,
        answer=None,
        media="image/jpeg, image/png",
    ),
    # -- circulars, at the console -----------------------------------------------------------------
    Endpoint(
        method="GET",
        path="/console/notices",
        summary="Notices that operators wrote, and how many have read them.",
        handler=circulars.listed,
        roles=CONSOLE,
        query=circulars.CircularsQuery,
        answer=api.CircularLines,
    ),
    Endpoint(
        method="POST",
        path="/console/notices",
        summary="Write a notice to wallets or shops, now or for a time that comes.",
        handler=circulars.make,
        roles=CONSOLE,
        operator=True,
        body=api.NewCircular,
        body_bytes_max=CIRCULAR_BYTES_MAX,
        answer=api.CircularLine,
    ),
    Endpoint(
        method="POST",
        path="/console/notices/{circular}/withdraw",
        summary="Show a notice to nobody any more.",
        handler=circulars.withdraw,
        roles=CONSOLE,
        operator=True,
        path_parts=circulars.CircularPath,
        answer=api.CircularLine,
        errors=("circular_over",),
    ),
    Endpoint(
        method="POST",
        path="/console/pictures",
        summary="Send a picture for a notice; it is drawn anew, without what a camera puts to it.",
        handler=circulars.add_picture,
        roles=CONSOLE,
        operator=True,
        file_bytes_max=BYTES_MAX,
        file_types=PICTURE_TYPES,
        answer=api.PictureKept,
        errors=PICTURE_ERRORS,
    ),
    # -- proposals and reports ---------------------------------------------------------------------
    *(
        endpoint
        for who, roles in (("wallet", WALLET), ("terminal", TERMINAL))
        for endpoint in (
            Endpoint(
                method="GET",
                path=f"/{who}/proposals",
                summary="What was sent to the operator from here, and the answers.",
                handler=proposals.own,
                roles=roles,
                query=proposals.OwnProposalsQuery,
                answer=api.OwnProposals,
            ),
            Endpoint(
                method="POST",
                path=f"/{who}/proposals",
                summary="Send the operator a proposal or a report.",
                handler=proposals.send,
                roles=roles,
                body=api.NewProposal,
                body_bytes_max=VOICE_BYTES_MAX,
                answer=api.OwnProposal,
            ),
            Endpoint(
                method="POST",
                path=f"/{who}/proposals/{{proposal}}/picture",
                summary="Put a picture to what was sent, once.",
                handler=proposals.add_picture,
                roles=roles,
                path_parts=proposals.ProposalPath,
                file_bytes_max=BYTES_MAX,
                file_types=PICTURE_TYPES,
                answer=api.OwnProposal,
                errors=(*PICTURE_ERRORS, "proposal_closed"),
            ),
        )
    ),
    Endpoint(
        method="GET",
        path="/console/proposals",
        summary="Proposals and reports of wallets and shops.",
        handler=proposals.listed,
        roles=CONSOLE,
        query=proposals.ProposalsQuery,
        answer=api.ProposalLines,
    ),
    Endpoint(
        method="GET",
        path="/console/proposals/{proposal}/picture",
        summary="What was shown with a proposal or a report.",
        handler=proposals.picture,
        roles=CONSOLE,
        path_parts=proposals.ProposalPath,
        answer=None,
        media="image/jpeg, image/png",
    ),
    Endpoint(
        method="POST",
        path="/console/proposals/{proposal}/answer",
        summary="Answer; whoever sent it is told by a notice.",
        handler=proposals.answer,
        roles=CONSOLE,
        operator=True,
        path_parts=proposals.ProposalPath,
        body=api.AnswerVoice,
        body_bytes_max=VOICE_BYTES_MAX,
        answer=api.ProposalLine,
        errors=("proposal_closed",),
    ),
    Endpoint(
        method="POST",
        path="/console/proposals/{proposal}/close",
        summary="It was seen to, and needs no answer.",
        handler=proposals.close,
        roles=CONSOLE,
        operator=True,
        path_parts=proposals.ProposalPath,
        answer=api.ProposalLine,
        errors=("proposal_closed",),
    ),
    # -- shop requests -----------------------------------------------------------------------------
    Endpoint(
        method="GET",
        path="/wallet/shop-requests",
        summary="The shops that this wallet asks for.",
        handler=shop_requests.own,
        roles=WALLET,
        answer=api.ShopRequestLines,
    ),
    Endpoint(
        method="POST",
        path="/wallet/shop-requests",
        summary="Ask for a shop that is not in yet.",
        handler=shop_requests.ask,
        roles=WALLET,
        body=api.AskForShop,
        answer=api.ShopRequestLine,
    ),
    Endpoint(
        method="GET",
        path="/console/shop-requests",
        summary="Shops that people ask for, first those that most ask for.",
        handler=shop_requests.listed,
        roles=CONSOLE,
        query=shop_requests.RequestsQuery,
        answer=api.ShopRequestLines,
    ),
    Endpoint(
        method="POST",
        path="/console/shop-requests/{request}/answer",
        summary="Answer; everybody who asks for the shop is told by a notice.",
        handler=shop_requests.answer,
        roles=CONSOLE,
        operator=True,
        path_parts=shop_requests.RequestPath,
        body=api.AnswerVoice,
        body_bytes_max=VOICE_BYTES_MAX,
        answer=api.ShopRequestLine,
        errors=("request_closed",),
    ),
    Endpoint(
        method="POST",
        path="/console/shop-requests/{request}/merge",
        summary="Say that one is the same as another, and count who asks for either together.",
        handler=shop_requests.merge,
        roles=CONSOLE,
        operator=True,
        path_parts=shop_requests.RequestPath,
        body=api.MergeRequests,
        answer=api.ShopRequestLine,
        errors=("request_closed",),
    ),
)
