"""Rows of the table of routes: outside civic platforms, linked by a citizen's consent (A2)."""

from gateway.civic.scopes import BALANCE, GRANT, WHO
from gateway.http import civic, consent, links, webhooks
from gateway.http.activity_codes import GRANT_ERRORS
from gateway.http.call import Endpoint
from gateway.protocol import api, api_civic
from gateway.protocol.messages import Role

WALLET = (Role.WALLET,)
CONSOLE = (Role.CONSOLE,)

CIVIC: tuple[Endpoint, ...] = (
    # -- the citizen -------------------------------------------------------------------------------
    Endpoint(
        method="GET",
        path="/oauth/authorise",
        summary="The page that asks a citizen whether a platform may be linked.",
        handler=consent.ask,
        page=True,
        answer=None,
        media="text/html",
        errors=("oauth_wrong",),
    ),
    Endpoint(
        method="POST",
        path="/oauth/authorise",
        summary="The citizen allows it or not, and goes back to the platform.",
        handler=consent.decide,
        page=True,
        body=api_civic.Decision,
        answer=None,
        media="text/html",
        errors=("oauth_wrong",),
    ),
    Endpoint(
        method="GET",
        path="/wallet/links",
        summary="The platforms that this wallet is linked to.",
        handler=links.list_links,
        roles=WALLET,
        answer=api_civic.Links,
    ),
    Endpoint(
        method="POST",
        path="/wallet/links/{link}/end",
        summary="End a link: the platform's tokens open nothing from now on.",
        handler=links.end,
        roles=WALLET,
        path_parts=links.LinkPath,
        answer=api_civic.Links,
    ),
    # -- the platform ------------------------------------------------------------------------------
    Endpoint(
        method="GET",
        path="/civic/citizen",
        summary="Who has linked (scope who).",
        handler=civic.citizen,
        scope=WHO,
        answer=api_civic.Citizen,
    ),
    Endpoint(
        method="GET",
        path="/civic/balance",
        summary="What the citizen has: the sum, and of each kind (scope balance).",
        handler=civic.balance,
        scope=BALANCE,
        answer=api_civic.CitizenBalance,
    ),
    Endpoint(
        method="POST",
        path="/civic/grants",
        summary="Grant for taking part (scope grant). 200 alone means granted.",
        handler=civic.grant,
        scope=GRANT,
        header="Idempotency-Key",
        body=api_civic.AskCivicGrant,
        answer=api_civic.CivicGrant,
        errors=(
            *GRANT_ERRORS,
            *("key_missing", "acquirer_closed", "activity_not_yours", "undecided"),
        ),
    ),
    Endpoint(
        method="GET",
        path="/civic/grants/{key}",
        summary="Ask what became of a grant, by the platform's key: the one true answer.",
        handler=civic.granted,
        scope=GRANT,
        path_parts=civic.CivicGrantPath,
        answer=api_civic.CivicGrant,
    ),
    Endpoint(
        method="POST",
        path="/civic/grants/{key}/take-back",
        summary="Take back what is unspent of a grant that was given by mistake.",
        handler=civic.take_back,
        scope=GRANT,
        path_parts=civic.CivicGrantPath,
        answer=api_civic.CivicGrant,
        errors=("payment_unknown", "value_spent", "already_reversed", "undecided"),
    ),
    # -- the office --------------------------------------------------------------------------------
    Endpoint(
        method="GET",
        path="/console/clients",
        summary="The platforms that citizens can link.",
        handler=webhooks.list_clients,
        roles=CONSOLE,
        answer=api_civic.Clients,
    ),
    Endpoint(
        method="GET",
        path="/console/webhooks",
        summary="What platforms are told, and the letters that nobody sends any more.",
        handler=webhooks.list_webhooks,
        roles=CONSOLE,
        query=webhooks.WebhooksQuery,
        answer=api_civic.Webhooks,
    ),
    Endpoint(
        method="POST",
        path="/console/webhooks/{webhook}/retry",
        summary="Send a dead letter again.",
        handler=webhooks.retry,
        roles=CONSOLE,
        operator=True,
        path_parts=webhooks.WebhookPath,
        answer=api.Done,
    ),
)
