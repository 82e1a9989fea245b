"""Platforms at the console: which there are, what they are told, and letters sent again by hand."""

from typing import Literal
from uuid import UUID

from msgspec import Struct

from gateway.http.acts import acting
from gateway.http.call import Call
from gateway.http.queries import Page
from gateway.jobs.civic import look_at
from gateway.protocol import api, api_civic
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger import clients, webhooks


class WebhooksQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``state``: only those in this one."""

    state: Literal["waiting", "delivered", "dead"] | None = None
    limit: Page = 50


class WebhookPath(Struct, frozen=True):
    webhook: UUID


async def list_clients(call: Call) -> api_civic.Clients:
    """The platforms that citizens can link."""
    found = await clients.clients(call.context.pool, call.town.number)
    return api_civic.Clients(
        [
            api_civic.ClientLine(
                each.code,
                each.name,
                each.state == "open",
                each.scopes,
                each.redirect_uris,
                each.webhook_url,
            )
            for each in found
        ]
    )


async def list_webhooks(call: Call) -> api_civic.Webhooks:
    """What the platforms are told, newest first."""
    query = call.query_as(WebhooksQuery)
    found = await webhooks.lines(call.context.pool, call.town.number, query.state, query.limit)
    return api_civic.Webhooks(
        [
            api_civic.WebhookLine(
                each.webhook,
                each.client,
                each.kind,
                each.subject,
                each.reference,
                milliseconds(each.at),
                each.state,
                each.attempts,
                milliseconds(each.next_at) if each.state == "waiting" else None,
                each.problem,
            )
            for each in found
        ]
    )


async def retry(call: Call) -> api.Done:
    """Sends a dead letter again, as often as at first."""
    webhook = call.path_as(WebhookPath).webhook
    async with acting(call) as act:
        kind = await webhooks.retry(act.connection, call.town.number, webhook, call.now)
        if kind is None:
            raise Refused("not_found", "No dead letter has this number.", field="webhook")
        await look_at(act.connection, call.town.number, call.now)
        await act.record("webhook.retried", f"webhook:{webhook}", after={"kind": kind})
    return api.Done()
