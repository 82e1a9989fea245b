"""All rows of the table of routes together, and the routes made of them.

A row says who may ask, what is sent and what comes back; `gateway.http.call` holds every request to
its row, and the OpenAPI document is made from the same rows. Pages are in `gateway.http.pages`.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gateway.documents import document_routes
from gateway.http import console, demo, people, preview, terminal, town, wallet, wiping
from gateway.http.call import Endpoint, Guard, answer
from gateway.http.context import HttpContext
from gateway.http.pages import page_routes
from gateway.http.queries import (
    CodePath,
    DayQuery,
    EventsQuery,
    HistoryQuery,
    PaymentPath,
    ShopPath,
    TerminalPath,
    TerminalsQuery,
)
from gateway.protocol import api, api_preview
from gateway.protocol.messages import Role
from gateway.routes.acquirers import ACQUIRERS
from gateway.routes.bank_files import BANK_FILES
from gateway.routes.campaigns import CAMPAIGNS
from gateway.routes.challenges import CHALLENGES
from gateway.routes.civic import CIVIC
from gateway.routes.coupons import COUPONS
from gateway.routes.draws import DRAWS
from gateway.routes.expiry import EXPIRY
from gateway.routes.figures import FIGURES
from gateway.routes.groups import GROUPS
from gateway.routes.jobs import JOB_ENDPOINTS
from gateway.routes.joining import JOINING
from gateway.routes.law import LAW
from gateway.routes.loads import LOADS
from gateway.routes.marks import MARKS
from gateway.routes.notices import NOTICES
from gateway.routes.openid import OPENID
from gateway.routes.people import CARDS, PEOPLE
from gateway.routes.programmes import PROGRAMMES
from gateway.routes.reports import REPORTS
from gateway.routes.running import RUNNING
from gateway.routes.sales import SALES
from gateway.routes.sending import SENDING
from gateway.routes.settlement import SETTLEMENT
from gateway.routes.shops import SHOPS
from gateway.routes.staff import STAFF_ENDPOINTS
from gateway.routes.statements import STATEMENTS
from gateway.routes.surveys import SURVEYS
from gateway.routes.terminals import TERMINALS
from gateway.routes.voices import VOICES

EVERYBODY: tuple[Role, ...] = ()
WALLET = (Role.WALLET,)
TERMINAL = (Role.TERMINAL,)
CONSOLE = (Role.CONSOLE,)

SMS_ERRORS = ("sms_too_many", "sms_unavailable")
CODE_ERRORS = ("challenge_over", "code_wrong")
PASSWORD_ERRORS = ("sign_in_wrong", "sign_in_locked", "busy")

ENDPOINTS: tuple[Endpoint, ...] = (
    # -- for everybody -----------------------------------------------------------------------------
    Endpoint(
        method="GET",
        path="/town",
        summary="The town: its names, its money, and the limits a screen has to know.",
        handler=town.town,
        answer=api.TownInfo,
    ),
    Endpoint(
        method="GET",
        path="/shops",
        summary="All shops of the town.",
        handler=town.shops,
        answer=api.Shops,
    ),
    Endpoint(
        method="GET",
        path="/shops/{code}",
        summary="The shop whose sticker carries this code.",
        handler=town.shop,
        path_parts=CodePath,
        answer=api.ShopInfo,
    ),
    Endpoint(
        method="POST",
        path="/ticket",
        summary="A ticket that opens one websocket, once, soon; the body says for which role.",
        handler=town.ticket,
        roles=(Role.WALLET, Role.TERMINAL, Role.CONSOLE),
        body=api.TicketRequest,
        answer=api.Ticket,
    ),
    # -- wallets -----------------------------------------------------------------------------------
    Endpoint(
        method="POST",
        path="/wallet/register",
        summary="Ask for a wallet: a one-time code goes to the phone by SMS.",
        handler=people.register,
        guard=Guard.DOOR,
        body=api.RegisterStart,
        answer=api.Challenge,
        errors=SMS_ERRORS,
    ),
    Endpoint(
        method="POST",
        path="/wallet/register/finish",
        summary="Open the wallet with the code, a password and a PIN, and sign in.",
        handler=people.finish_registration,
        guard=Guard.DOOR,
        body=api.RegisterFinish,
        answer=api.SignedIn,
        errors=(
            *CODE_ERRORS,
            *("already_registered", "identity_taken", "busy"),
            *("claim_over", "ic_card_blocked", "ic_card_taken"),
        ),
    ),
    Endpoint(
        method="POST",
        path="/wallet/sign-in",
        summary="Sign in with phone number and password: a one-time code comes by SMS.",
        handler=people.sign_in,
        guard=Guard.DOOR,
        body=api.SignIn,
        answer=api.Challenge,
        errors=(*PASSWORD_ERRORS, *SMS_ERRORS),
    ),
    Endpoint(
        method="POST",
        path="/wallet/sign-in/finish",
        summary="Finish signing in with the code.",
        handler=people.finish_sign_in,
        guard=Guard.DOOR,
        body=api.SignInCode,
        answer=api.SignedIn,
        errors=CODE_ERRORS,
    ),
    Endpoint(
        method="POST",
        path="/wallet/sign-out",
        summary="Sign this wallet screen out and close its websockets.",
        handler=people.sign_out,
        roles=WALLET,
        answer=api.Done,
    ),
    Endpoint(
        method="GET",
        path="/wallet",
        summary="Who is signed in.",
        handler=wallet.wallet,
        roles=WALLET,
        answer=api.WalletInfo,
    ),
    Endpoint(
        method="GET",
        path="/wallet/balance",
        summary="What can be spent now, by instrument and expiry.",
        handler=wallet.balance,
        roles=WALLET,
        answer=api.Balance,
    ),
    Endpoint(
        method="GET",
        path="/wallet/preview",
        summary="What a payment would use and bring, lot by lot, or why it would be refused.",
        handler=preview.preview,
        roles=WALLET,
        query=api_preview.PreviewQuery,
        answer=api_preview.Preview,
    ),
    Endpoint(
        method="GET",
        path="/wallet/history",
        summary="The wallet's payments, top-ups and reversals, newest first.",
        handler=wallet.history,
        roles=WALLET,
        query=HistoryQuery,
        answer=api.History,
    ),
    Endpoint(
        method="GET",
        path="/wallet/payments/{id}",
        summary="What became of a command of this wallet, by the id its screen made.",
        handler=wallet.payment,
        roles=WALLET,
        path_parts=PaymentPath,
        answer=api.StatusBody,
    ),
    Endpoint(
        method="PUT",
        path="/wallet/push",
        summary="Where this browser can be reached by Web Push when the wallet is not open.",
        handler=wallet.save_push,
        roles=WALLET,
        body=api.PushSubscription,
        answer=api.Done,
    ),
    Endpoint(
        method="DELETE",
        path="/wallet/push",
        summary="Send this browser no more pushes.",
        handler=wallet.forget_push,
        roles=WALLET,
        answer=api.Done,
    ),
    # -- the shop's tablet -------------------------------------------------------------------------
    Endpoint(
        method="POST",
        path="/terminal/enrol",
        summary="Become a shop's terminal with the one-time code of an enrolment QR.",
        handler=people.enrol,
        guard=Guard.DOOR,
        body=api.Enrol,
        answer=api.SignedIn,
        errors=("enrolment_refused",),
    ),
    Endpoint(
        method="POST",
        path="/terminal/sign-out",
        summary="Give up this tablet's device key and close its websockets.",
        handler=people.sign_out,
        roles=TERMINAL,
        answer=api.Done,
    ),
    Endpoint(
        method="POST",
        path="/terminal/wiped",
        summary="Say with an ended device key that this tablet has wiped itself.",
        handler=wiping.wiped,
        answer=api.Wiped,
    ),
    Endpoint(
        method="GET",
        path="/terminal",
        summary="This tablet and its shop.",
        handler=terminal.terminal,
        roles=TERMINAL,
        answer=api.TerminalInfo,
    ),
    Endpoint(
        method="GET",
        path="/terminal/day",
        summary="The shop's sums of a day.",
        handler=terminal.day,
        roles=TERMINAL,
        query=DayQuery,
        answer=api.Day,
    ),
    Endpoint(
        method="GET",
        path="/terminal/history",
        summary="The shop's payments, top-ups and reversals, newest first.",
        handler=wallet.history,
        roles=TERMINAL,
        query=HistoryQuery,
        answer=api.History,
    ),
    Endpoint(
        method="GET",
        path="/terminal/payments/{id}",
        summary="What became of a command of this shop's tablets, by the id the screen made.",
        handler=wallet.payment,
        roles=TERMINAL,
        path_parts=PaymentPath,
        answer=api.StatusBody,
    ),
    # -- the console -------------------------------------------------------------------------------
    Endpoint(
        method="POST",
        path="/console/sign-in",
        summary="Sign in at the console with name and password.",
        handler=people.sign_in_operator,
        guard=Guard.DOOR,
        body=api.ConsoleSignIn,
        answer=api.SignedIn,
        errors=PASSWORD_ERRORS,
    ),
    Endpoint(
        method="POST",
        path="/console/sign-out",
        summary="Sign out and close the console's websockets.",
        handler=people.sign_out,
        roles=CONSOLE,
        answer=api.Done,
    ),
    Endpoint(
        method="GET",
        path="/console/me",
        summary="Who is signed in, and in which role.",
        handler=console.me,
        roles=CONSOLE,
        answer=api.Operator,
    ),
    Endpoint(
        method="GET",
        path="/console/shops",
        summary="All shops.",
        handler=town.shops,
        roles=CONSOLE,
        answer=api.Shops,
    ),
    Endpoint(
        method="POST",
        path="/console/shops",
        summary="Open a shop.",
        handler=console.open_shop,
        roles=CONSOLE,
        operator=True,
        body=api.NewShop,
        answer=api.ShopInfo,
        errors=("busy",),
    ),
    Endpoint(
        method="PUT",
        path="/console/shops/{shop}/manager-pin",
        summary="Change the PIN of a shop's manager.",
        handler=console.set_manager_pin,
        roles=CONSOLE,
        operator=True,
        path_parts=ShopPath,
        body=api.ManagerPin,
        answer=api.Done,
        errors=("busy",),
    ),
    Endpoint(
        method="GET",
        path="/console/shops/{shop}/sticker.svg",
        summary="The QR of a shop's sticker.",
        handler=console.sticker,
        roles=CONSOLE,
        path_parts=ShopPath,
        answer=None,
        media="image/svg+xml",
    ),
    Endpoint(
        method="GET",
        path="/console/terminals",
        summary="The town's terminals, or one shop's.",
        handler=console.terminals,
        roles=CONSOLE,
        query=TerminalsQuery,
        answer=api.Terminals,
    ),
    Endpoint(
        method="POST",
        path="/console/shops/{shop}/terminals",
        summary="Make a terminal and the QR that enrols a tablet as it.",
        handler=console.open_terminal,
        roles=CONSOLE,
        operator=True,
        path_parts=ShopPath,
        body=api.NewTerminal,
        answer=api.Enrolment,
    ),
    Endpoint(
        method="POST",
        path="/console/terminals/{terminal}/enrolment",
        summary="A new enrolment QR; the terminal's older ones work no longer.",
        handler=console.enrol_again,
        roles=CONSOLE,
        operator=True,
        path_parts=TerminalPath,
        answer=api.Enrolment,
        errors=("terminal_revoked",),
    ),
    Endpoint(
        method="POST",
        path="/console/terminals/{terminal}/revoke",
        summary="Refuse a tablet from now on and close its websockets.",
        handler=console.revoke_terminal,
        roles=CONSOLE,
        operator=True,
        path_parts=TerminalPath,
        answer=api.Done,
    ),
    Endpoint(
        method="GET",
        path="/console/events",
        summary="The town's events, newest first.",
        handler=console.events,
        roles=CONSOLE,
        query=EventsQuery,
        answer=api.Events,
    ),
    Endpoint(
        method="GET",
        path="/console/sessions",
        summary="Who is connected to this gateway.",
        handler=console.sessions,
        roles=CONSOLE,
        answer=api.Sessions,
    ),
    Endpoint(
        method="GET",
        path="/console/alerts",
        summary="What needs a person now.",
        handler=console.alerts,
        roles=CONSOLE,
        answer=api.Alerts,
    ),
    *ACQUIRERS,
    *PEOPLE,
    *BANK_FILES,
    *CARDS,
    *COUPONS,
    *CAMPAIGNS,
    *CHALLENGES,
    *CIVIC,
    *DRAWS,
    *EXPIRY,
    *FIGURES,
    *GROUPS,
    *JOB_ENDPOINTS,
    *JOINING,
    *LAW,
    *LOADS,
    *MARKS,
    *NOTICES,
    *OPENID,
    *PROGRAMMES,
    *REPORTS,
    *RUNNING,
    *SALES,
    *SENDING,
    *SETTLEMENT,
    *SHOPS,
    *STAFF_ENDPOINTS,
    *STATEMENTS,
    *SURVEYS,
    *VOICES,
    *TERMINALS,
    # -- the demo ----------------------------------------------------------------------------------
    Endpoint(
        method="POST",
        path="/demo/enter",
        summary="Demo only: sign this browser in as a wallet, a tablet and an operator.",
        handler=demo.enter,
        guard=Guard.DOOR,
        answer=api.DemoEntered,
        demo=True,
    ),
)


def http_routes(context: HttpContext) -> list[BaseRoute]:
    """Every route of the API and every page.

    The pages end with a catch-all for ``/{town}/...``, so this list comes last in the application;
    `gateway.http.pages.exception_handlers` says what is answered elsewhere.
    """
    return [
        *(
            _route(endpoint, context)
            for endpoint in ENDPOINTS
            if context.settings.demo or not endpoint.demo
        ),
        *document_routes(ENDPOINTS, context.settings.public_url),
        *page_routes(context),
    ]


def _route(endpoint: Endpoint, context: HttpContext) -> Route:
    async def serve(request: Request) -> Response:
        return await answer(endpoint, context, request)

    return Route(
        f"/api/{{town}}{endpoint.path}",
        serve,
        methods=[endpoint.method],
        name=f"{endpoint.method} {endpoint.path}",
    )
