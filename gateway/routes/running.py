"""Rows of the table of routes: the service's running: planned stops, verifications, backups."""

from gateway.http import stops, upkeep
from gateway.http.call import Endpoint
from gateway.protocol import api, api_running
from gateway.protocol.messages import Role

CONSOLE = (Role.CONSOLE,)

RUNNING: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/stops",
        summary="The planned stops ahead, and one that is under way.",
        handler=stops.ahead,
        answer=api_running.StopsAhead,
    ),
    Endpoint(
        method="GET",
        path="/console/stops",
        summary="The planned stops, also those that are over, the latest first.",
        handler=stops.list_stops,
        roles=CONSOLE,
        query=stops.StopsQuery,
        answer=api_running.Stops,
    ),
    Endpoint(
        method="POST",
        path="/console/stops",
        summary="Plan a stop; every session is told at once.",
        handler=stops.plan_stop,
        roles=CONSOLE,
        operator=True,
        body=api_running.PlanStop,
        answer=api_running.StopPlanned,
    ),
    Endpoint(
        method="PUT",
        path="/console/stops/{stop}",
        summary="Put a planned stop at another time, or tell of it in other words.",
        handler=stops.move_stop,
        roles=CONSOLE,
        operator=True,
        path_parts=stops.StopPath,
        body=api_running.PlanStop,
        answer=api_running.StopPlanned,
        errors=("stop_over",),
    ),
    Endpoint(
        method="POST",
        path="/console/stops/{stop}/cancel",
        summary="Call a stop off, or say that it is over before its time.",
        handler=stops.cancel_stop,
        roles=CONSOLE,
        operator=True,
        path_parts=stops.StopPath,
        answer=api.Done,
        errors=("stop_over",),
    ),
    Endpoint(
        method="GET",
        path="/console/upkeep",
        summary="The latest verifications of the books, and the latest backups.",
        handler=upkeep.upkeep,
        roles=CONSOLE,
        answer=api_running.Upkeep,
    ),
)
