"""Rows of the table of routes: expiry, and what expired value is for."""

from gateway.http import expiry
from gateway.http.call import Endpoint
from gateway.protocol import api_expiry as api
from gateway.protocol.messages import Role

CONSOLE = (Role.CONSOLE,)

EXPIRY: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/purposes",
        summary="What expired value is for, and what came to each purpose so far.",
        handler=expiry.purposes,
        answer=api.PurposeSums,
    ),
    Endpoint(
        method="GET",
        path="/console/expiry",
        summary="What a midnight would carry away, and where to; nothing is written.",
        handler=expiry.preview,
        roles=CONSOLE,
        query=expiry.ExpiryQuery,
        answer=api.ExpiryPreview,
    ),
    Endpoint(
        method="GET",
        path="/console/expiry/runs",
        summary="The midnights so far: what was carried away, and how far the last one is.",
        handler=expiry.runs,
        roles=CONSOLE,
        query=expiry.ExpiryRunsQuery,
        answer=api.ExpiryRuns,
    ),
)
