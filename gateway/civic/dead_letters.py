"""What platforms are told: ``koban webhooks …`` shows it, and sends dead letters again.

    list TOWN [--state waiting|delivered|dead] [--limit N] [--json]    newest first
    retry TOWN WEBHOOK                 sends a dead letter again, as often as at first
    retry TOWN --all                   sends every dead letter again

A letter waits until the platform has taken it, with pauses that grow from a minute to four hours;
after twelve attempts in nearly a day it is dead, and nobody sends it until somebody says so here or
at the console. Platforms do each letter once by its id, so sending again does no harm.

Set up by the same ``KOBAN_*`` as the gateway. Ends with 0, or with 1 and one sentence why not.
"""

import argparse
import json
from collections.abc import Sequence
from uuid import UUID

import msgspec

from gateway.jobs.civic import look_at
from gateway.office import Office, OfficeFault, done, taught
from ledger import webhooks
from ledger.database import transaction
from ledger.webhooks import WebhookLine

LINES_MAX = 1_000


async def act(office: Office, options: argparse.Namespace) -> str:
    """Does what the command line says; what to print.

    Raises:
        OfficeFault, LedgerError: it was not done.
    """
    if options.act == "list":
        found = await webhooks.lines(office.pool, office.town, options.state, options.limit)
        if options.json:
            return json.dumps([msgspec.to_builtins(each) for each in found], ensure_ascii=False)
        return "\n".join(_line(each) for each in found) or "There are no such webhooks."
    return await retry(office, options.webhook, every=options.all)


async def retry(office: Office, webhook: UUID | None, *, every: bool) -> str:
    """Lets dead letters be sent again, each with its line in the audit."""
    if every == (webhook is not None):
        raise OfficeFault("say which letter, or --all")
    async with transaction(office.pool) as connection:
        wanted = await webhooks.dead(connection, office.town) if webhook is None else [webhook]
        for each in wanted:
            kind = await webhooks.retry(connection, office.town, each, office.now)
            if kind is None:
                raise OfficeFault(
                    f"no dead letter {each}; koban webhooks list --state dead names them"
                )
            after = {"kind": kind}
            await office.note(connection, "webhook.retried", f"webhook:{each}", after=after)
        await look_at(connection, office.town, office.now)
    return f"{len(wanted)} sent again." if wanted else "There are no dead letters."


def _line(each: WebhookLine) -> str:
    said = f"{each.webhook}  {each.at:%Y-%m-%d %H:%M}  {each.client:16} {each.kind:14} {each.state}"
    if each.problem and each.state != "delivered":
        said += f"  after {each.attempts} attempts: {each.problem}"
    return said


def _limit(text: str) -> int:
    if text.isascii() and text.isdecimal() and 0 < int(text) <= LINES_MAX:
        return int(text)
    raise argparse.ArgumentTypeError(f"found {text!r}; allowed is 1 to {LINES_MAX}")


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line, read."""
    parser = taught("webhooks", __doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    listing = acts.add_parser("list")
    listing.add_argument("town")
    listing.add_argument("--state", choices=("waiting", "delivered", "dead"))
    listing.add_argument("--limit", type=_limit, default=50, metavar="N")
    listing.add_argument("--json", action="store_true")
    again = acts.add_parser("retry")
    again.add_argument("town")
    again.add_argument("webhook", nargs="?", type=UUID, metavar="WEBHOOK")
    again.add_argument("--all", action="store_true")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """The command; its exit status."""
    options = arguments(words)
    return done("webhooks", options.town, lambda office: act(office, options))
