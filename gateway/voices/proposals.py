"""``koban proposals``: what wallets and shops tell the office, and which shops people ask for.

    list TOWN [--open] [--json]             the newest proposals and reports
    answer TOWN PROPOSAL --text WORDS       answers; whoever sent it is told by a notice
    close TOWN PROPOSAL                     it was seen to, and needs no answer
    shops TOWN [--open] [--json]            shops that people ask for, first what most ask for
    answer-shop TOWN REQUEST --text WORDS   answers everybody who asks for it
    merge-shops TOWN REQUEST --into OTHER   the one is the same as the other

``--open``: only what waits for an answer. What people wrote is personal data: what is printed here
belongs in no file that is kept. Ends with 0, or with 1 and one sentence why not.
"""

import argparse
from collections.abc import Sequence

from gateway.http import proposals as proposals_http
from gateway.http import shop_requests as requests_http
from gateway.jobs.notices import defer_pushes
from gateway.office import Office, OfficeFault, as_json, done, number, taught
from ledger.database import transaction
from ledger.voices import proposals, shop_requests
from ledger.voices.proposals import Proposal
from ledger.voices.shop_requests import ShopRequest

LISTED_MAX = 50
TEXT_MAX = 2_000


async def act(office: Office, options: argparse.Namespace) -> str:
    """Does what the command line says; what to print.

    Raises:
        OfficeFault, LedgerError: it was not done.
    """
    text: str = getattr(options, "text", "-")
    if not 0 < len(text.strip()) <= TEXT_MAX:
        raise OfficeFault(f"--text: allowed are 1 to {TEXT_MAX:,} characters")
    pool, vault, town = office.pool, office.vault, office.town
    match options.act:
        case "answer" | "close":
            answer = text if options.act == "answer" else None
            await _close(office, options.proposal, answer)
            found = [await proposals.proposal(pool, vault, town, options.proposal)]
            return "\n".join(_line(each) for each in found if each)
        case "list":
            sent = await proposals.proposals(pool, vault, town, LISTED_MAX, only_open=options.open)
            if options.json:
                return as_json([proposals_http.line(each) for each in sent])
            return "\n".join(_line(each) for each in sent) or "Nothing was sent."
        case "answer-shop":
            await _answer_shop(office, options.request, text)
        case "merge-shops":
            await _merge(office, options.request, options.into)
        case _:
            pass
    only_open = getattr(options, "open", False)
    asked = await shop_requests.requests(pool, vault, town, LISTED_MAX, only_open=only_open)
    if getattr(options, "json", False):
        return as_json([requests_http.line(each) for each in asked])
    return "\n".join(_shop(each) for each in asked) or "Nobody asks for a shop."


async def _close(office: Office, number: int, text: str | None) -> None:
    async with transaction(office.pool) as connection:
        told = await proposals.close(
            connection, office.vault, office.town, number, text, office.by.name, office.now
        )
        if told is None:
            raise OfficeFault(f"nothing that is open was sent as {number}; nothing was changed")
        await defer_pushes(connection, office.town, told)
        deed = "proposal.closed" if text is None else "proposal.answered"
        await office.note(connection, deed, f"proposal:{number}")


async def _answer_shop(office: Office, number: int, text: str) -> None:
    async with transaction(office.pool) as connection:
        told = await shop_requests.answer(
            connection, office.vault, office.town, number, text, office.by.name, office.now
        )
        if told is None:
            raise OfficeFault(f"there is no open request {number}; nothing was changed")
        await defer_pushes(connection, office.town, told)
        subject = f"shop_request:{number}"
        after = {"askers": len(told)}
        await office.note(connection, "shop_request.answered", subject, after=after)


async def _merge(office: Office, number: int, into: int) -> None:
    async with transaction(office.pool) as connection:
        if not await shop_requests.merge(connection, office.town, number, into):
            raise OfficeFault(f"{number} and {into} are not two open requests; nothing was changed")
        subject = f"shop_request:{number}"
        await office.note(connection, "shop_request.merged", subject, after={"into": into})


def _line(one: Proposal) -> str:
    who = f"{'shop' if one.from_shop else 'wallet'} {one.account}"
    where = f" ({one.place})" if one.place else ""
    shown = ", with a picture" if one.pictured else ""
    state = "open" if one.closed_at is None else f"closed by {one.closed_by}"
    answer = f"\n  answer: {one.answer}" if one.answer else ""
    return f"{one.kind} {one.proposal} of {who}{where}{shown}, {state}:\n  {one.text}{answer}"


def _shop(one: ShopRequest) -> str:
    state = "open" if one.closed_at is None else f"answered by {one.closed_by}: {one.answer}"
    return f"request {one.request:<5} {one.askers:5} ask for {one.name} ({one.place}), {state}"


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line, read."""
    parser = taught("proposals", __doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    names = ("list", "answer", "close", "shops", "answer-shop", "merge-shops")
    found = {name: acts.add_parser(name) for name in names}
    for each in found.values():
        each.add_argument("town")
    for name in ("list", "shops"):
        found[name].add_argument("--open", action="store_true")
        found[name].add_argument("--json", action="store_true")
    for name in ("answer", "close"):
        found[name].add_argument("proposal", type=number)
    for name in ("answer-shop", "merge-shops"):
        found[name].add_argument("request", type=number)
    for name in ("answer", "answer-shop"):
        found[name].add_argument("--text", required=True)
    found["merge-shops"].add_argument("--into", type=number, required=True)
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> int:
    """The command; its exit status."""
    options = arguments(given)
    return done("proposals", options.town, lambda office: act(office, options))
