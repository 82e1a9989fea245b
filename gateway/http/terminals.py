"""What an operator sets for a terminal: the activity it grants for, and its groups."""

from gateway.http.acts import Act, acting
from gateway.http.call import Call
from gateway.http.queries import TerminalPath
from gateway.protocol.api_terminals import Preset, TerminalGroups
from gateway.refused import Refused
from ledger import accounts, terminals
from ledger.accounts import Terminal


async def set_preset(call: Call) -> Preset:
    """From now on the tablet grants for this activity, or for none."""
    body, town = call.body_as(Preset), call.town.number
    async with acting(call) as act:
        before = await _terminal(call, act)
        if not await terminals.set_preset(act.connection, town, before.terminal, body.activity):
            raise Refused(
                "invalid",
                "A tablet grants for activities of a fixed amount; there is none with this code.",
                field="activity",
            )
        await act.record(
            "terminal.preset_changed",
            _subject(before),
            before={"preset": before.preset},
            after={"preset": body.activity},
        )
    return body


async def set_groups(call: Call) -> TerminalGroups:
    """Puts a tablet into these groups and no others; campaigns go by it from now on."""
    groups, town = sorted(set(call.body_as(TerminalGroups).groups)), call.town.number
    async with acting(call) as act:
        before = await _terminal(call, act)
        await terminals.set_groups(act.connection, town, before.terminal, groups)
        await act.record(
            "terminal.groups_changed",
            _subject(before),
            before={"groups": before.groups},
            after={"groups": groups},
        )
    return TerminalGroups(groups)


async def _terminal(call: Call, act: Act) -> Terminal:
    number = call.path_as(TerminalPath).terminal
    found = await accounts.terminal(act.connection, call.town.number, number)
    if found is None:
        raise Refused("not_found", "There is no terminal with this number.", field="terminal")
    return found


def _subject(terminal: Terminal) -> str:
    return f"terminal:{terminal.terminal}"
