"""Rows of the table of routes: what everybody may know of the town's money."""

from gateway.http import public_figures
from gateway.http.call import Endpoint
from gateway.protocol import api_figures as api

FIGURES: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/figures",
        summary="What circulates, who takes part, challenges, gifts, events and campaigns.",
        handler=public_figures.figures,
        answer=api.TownFigures,
    ),
    Endpoint(
        method="GET",
        path="/events",
        summary="Events and activities that are on or to come, and what taking part is worth.",
        handler=public_figures.events,
        answer=api.EventsOfTown,
    ),
)
