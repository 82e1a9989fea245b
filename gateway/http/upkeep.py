"""What the console sees of the service's upkeep: verifications of the books, and backups (N20)."""

from gateway.http.call import Call
from gateway.protocol import api_running
from gateway.signin import milliseconds
from ledger import upkeep as kept

LINES = 30  # A month of nights.


async def upkeep(call: Call) -> api_running.Upkeep:
    """The latest verifications and backups, newest first."""
    pool, town = call.context.pool, call.town.number
    return api_running.Upkeep(
        [
            api_running.VerificationLine(
                milliseconds(each.started_at),
                milliseconds(each.finished_at),
                each.entries,
                each.problems,
                list(each.first_problems),
            )
            for each in await kept.verifications(pool, town, LINES)
        ],
        [
            api_running.BackupLine(
                each.label,
                milliseconds(each.started_at),
                milliseconds(each.finished_at),
                each.bytes,
            )
            for each in await kept.backups(pool, town, LINES)
        ],
    )
