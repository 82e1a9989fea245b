"""Rows of the table of routes: what an operator sets for terminals."""

from gateway.http import terminals
from gateway.http.call import Endpoint
from gateway.http.queries import TerminalPath
from gateway.protocol import api_terminals
from gateway.protocol.messages import Role

CONSOLE = (Role.CONSOLE,)

TERMINALS: tuple[Endpoint, ...] = (
    Endpoint(
        method="PUT",
        path="/console/terminals/{terminal}/preset",
        summary="Set the activity for which a tablet grants, or that it grants for none.",
        handler=terminals.set_preset,
        roles=CONSOLE,
        operator=True,
        path_parts=TerminalPath,
        body=api_terminals.Preset,
        answer=api_terminals.Preset,
    ),
    Endpoint(
        method="PUT",
        path="/console/terminals/{terminal}/groups",
        summary="Put a tablet into groups of terminals, whose rates campaigns change together.",
        handler=terminals.set_groups,
        roles=CONSOLE,
        operator=True,
        path_parts=TerminalPath,
        body=api_terminals.TerminalGroups,
        answer=api_terminals.TerminalGroups,
    ),
)
