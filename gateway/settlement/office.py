"""``koban settlements``: what the town and its shops owe each other, made and released.

    make TOWN --until INSTANT [--since INSTANT] [--group G | --shop CODE ...] [--remark R]
        [--payout-min YEN] [--collection-min YEN] [--by OPERATOR] [--dry-run] [--json]
    show TOWN N [--lines] [--json]           what there is to look at before it is released
    release TOWN N --by OPERATOR --reviewed DIGEST [--dry-run] [--json]
    discard TOWN N [--dry-run] [--json]      lets go of one that was not released
    list TOWN [--state S] [--json]           the newest, with their totals

``make`` settles every entry of the period that no settlement has, so giving it twice settles
nothing twice; without ``--since`` from the town's beginning. Per shop, in yen: payments accepted,
less cash taken for top-ups, points issued, and fees, and with what was carried over. More than 0
is to be paid to the shop, less to be collected; below the town's minimum (``--payout-min 1``: pay
out everything, at a programme's end) it goes on to the shop's next settlement. Another than its
maker looks at it (``show``) and releases it with the digest that was shown: where a bank account
or anything else has changed since, nothing is released. Then: koban bank-files, koban statements.
CODE is the 7 digits of a sticker; INSTANT is ISO 8601, without an offset the town's own time.
"""

import argparse
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from gateway.office import Office, OfficeFault, as_json, number, taught
from gateway.progress import Progress
from gateway.protocol.api_settlement import Settlement, SettlementReview
from gateway.settlement.desk import acting, known_group, settled, shop_number
from gateway.settlement.views import line_view, review_view, settlement_view
from ledger.database import transaction
from ledger.grants import By
from ledger.settlement import lines, review, settlements
from ledger.settlement.refusals import SettlementRefused
from ledger.settlement.settlements import STEPS, NewSettlement, Terms

LISTED_MAX = 20


async def act(office: Office, options: argparse.Namespace) -> str:
    """Does what the command line says; what to print.

    Raises:
        OfficeFault, SettlementRefused, LedgerError: it was not done.
    """
    match options.act:
        case "make":
            shown = await make(office, options)
        case "release":
            shown = await release(office, options)
        case "discard":
            return await discard(office, options)
        case "list":
            return await listed(office, options)
        case _:
            if options.lines:
                return await line_list(office, options)
            shown = await _looked(office, options.number)
    return as_json(shown) if options.json else "\n".join(_told(office, shown))


async def make(office: Office, options: argparse.Namespace) -> SettlementReview:
    """Makes a settlement, or says what it would be."""
    rules = office.profile.settlement
    shops = [await shop_number(office, code) for code in options.shop or ()]
    new = NewSettlement(
        until_at=office.instant(options.until, "--until"),
        terms=Terms(
            options.payout_min or rules.payout_min,
            options.collection_min or rules.collection_min,
            rules.fee_rounding,
        ),
        from_at=office.instant(options.since, "--since") if options.since else None,
        shop_group=known_group(office, options.group),
        shops=shops or None,
        remark=options.remark,
    )
    by = await acting(office, options.by)
    with Progress("settling", STEPS) as bar:
        if options.dry_run:
            seen = await review.preview(
                office.pool, office.town, new, by, office.now, at_step=bar.at
            )
            return review_view(office.profile, seen, kept=False)
        async with transaction(office.pool) as connection:
            number = await settlements.make(
                connection, office.town, new, by, office.now, at_step=bar.at
            )
            seen = await review.review(connection, office.town, number, office.now)
            one = seen.settlement
            after = {
                "since": one.from_at.isoformat(),
                "until": one.until_at.isoformat(),
                "scope": one.scope,
                "lines": one.lines,
                "net": one.net,
                "by": by.name,
            }
            await office.note(connection, "settlement.made", f"settlement:{number}", after=after)
    return review_view(office.profile, seen)


async def release(office: Office, options: argparse.Namespace) -> SettlementReview:
    """Lets a settlement's amounts move, in the name of an operator who looked at it."""
    by, number = await acting(office, options.by), options.number
    async with transaction(office.pool) as connection:
        await settlements.hold(connection, office.town, number)
        seen = await review.review(connection, office.town, number, office.now)
        if seen.digest != options.reviewed:
            raise OfficeFault(
                f"--reviewed: settlement {number} is not what was looked at; look again: "
                f"koban settlements show {options.town} {number}"
            )
        if by == By(seen.settlement.made_by, seen.settlement.made_name):
            raise SettlementRefused("same_operator")
        if options.dry_run:
            return review_view(office.profile, seen)
        await settlements.release(connection, office.town, number, by, office.now)
        one = seen.settlement
        await office.note(
            connection,
            "settlement.released",
            f"settlement:{number}",
            before={"made_by": one.made_name, "digest": seen.digest},
            after={"paid_out": one.paid_out, "collected": one.collected, "by": by.name},
        )
    return await _looked(office, number)


async def discard(office: Office, options: argparse.Namespace) -> str:
    """Lets go of a settlement that was not released."""
    async with transaction(office.pool) as connection:
        await settlements.hold(connection, office.town, options.number)
        if not options.dry_run:
            await settlements.discard(
                connection, office.town, options.number, office.by, office.now
            )
            await office.note(connection, "settlement.discarded", f"settlement:{options.number}")
    one = settlement_view(await _known(office, options.number))
    return as_json(one) if options.json else _line(office, one)


async def listed(office: Office, options: argparse.Namespace) -> str:
    """The newest settlements."""
    found = await settlements.settlements(
        office.pool, office.town, state=options.state, limit=LISTED_MAX
    )
    views = [settlement_view(each) for each in found]
    if options.json:
        return as_json(views)
    return "\n".join(_line(office, each) for each in views) or "There are no settlements."


async def line_list(office: Office, options: argparse.Namespace) -> str:
    """What a settlement says to each shop."""
    await _known(office, options.number)
    found = [
        line_view(each) for each in await lines.lines(office.pool, office.town, options.number)
    ]
    if options.json:
        return as_json(found)
    return "\n".join(
        f"{each.shop_code} {each.state:9} {each.accepted:>12,} accepted {each.topped_up:>12,} cash "
        f"{each.issued:>10,} issued {each.fees:>9,} fees {each.carried_in:>+10,} carried "
        f"= {each.net:>+13,} yen  {each.shop_name}"
        for each in found
    )


async def _looked(office: Office, number: int) -> SettlementReview:
    found = await review.review(office.pool, office.town, number, office.now)
    return review_view(office.profile, found)


async def _known(office: Office, number: int) -> settlements.Settlement:
    found = await settlements.settlement(office.pool, office.town, number)
    if found is None:
        raise SettlementRefused("settlement_unknown")
    return found


def _line(office: Office, one: Settlement) -> str:
    zone = ZoneInfo(office.profile.town.time_zone)
    since, until = (
        datetime.fromtimestamp(at / 1000, UTC).astimezone(zone) for at in (one.since, one.until)
    )
    return (
        f"settlement {one.settlement:<5} {one.state:9} {since:%Y-%m-%d %H:%M} to "
        f"{until:%Y-%m-%d %H:%M}  {one.lines} shops, {one.entries:,} entries; pays "
        f"{one.paid_out:,} yen to {one.payouts}, collects {one.collected:,} from "
        f"{one.collections}, carries {one.carried:,} of {one.carrying}; fees {one.fees:,}"
    )


def _told(office: Office, seen: SettlementReview) -> Iterator[str]:
    """All that there is to look at, for people."""
    one = seen.settlement
    yield _line(office, one)
    yield f"made by {one.made_by}" + (f", released by {one.released_by}" if one.released_by else "")
    for charge in seen.charges:
        yield f"  {charge.funder} owes {charge.amount:,} yen for {charge.instrument}"
    yield "the largest changes:"
    for change in seen.changes:
        yield (
            f"  {change.shop_code} {change.shop_name}: {change.now:+,} yen, usually "
            f"{change.usual:+,} ({change.difference:+,})"
        )
    none = "" if seen.accounts else " none"
    yield f"bank accounts that are not the ones of the last time:{none}"
    for account in seen.accounts:
        was, now = (
            "none" if each is None else f"{each.bank}-{each.branch} …{each.tail}"
            for each in (account.before, account.after)
        )
        yield (
            f"  {account.what:8} {account.shop_code} {account.shop_name}: {was} → {now}, "
            f"{account.net:+,} yen"
        )
    if not seen.digest:
        yield "Nothing of it was kept."
    elif one.state == "made":
        yield (
            f"Nothing has moved. Next, by another operator: koban settlements release "
            f"{office.profile.town.code} {one.settlement} --by NAME --reviewed {seen.digest}"
        )


def _yen(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 10_000_000:
        raise argparse.ArgumentTypeError(f"found {text!r}; allowed is 1 to 10000000 yen")
    return int(text)


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line, read."""
    parser = taught("settlements", __doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    found = {name: acts.add_parser(name) for name in ("make", "show", "release", "discard", "list")}
    for each in found.values():
        each.add_argument("town")
        each.add_argument("--json", action="store_true")
    for name in ("show", "release", "discard"):
        found[name].add_argument("number", type=number)
    for name in ("make", "release", "discard"):
        found[name].add_argument("--dry-run", action="store_true")
    made = found["make"]
    made.add_argument("--until", required=True, metavar="INSTANT")
    made.add_argument("--since", metavar="INSTANT")
    whose = made.add_mutually_exclusive_group()
    whose.add_argument("--group")
    whose.add_argument("--shop", action="append", metavar="CODE")
    made.add_argument("--remark", default="")
    made.add_argument("--payout-min", type=_yen, metavar="YEN")
    made.add_argument("--collection-min", type=_yen, metavar="YEN")
    made.add_argument("--by", metavar="OPERATOR")
    found["show"].add_argument("--lines", action="store_true")
    found["release"].add_argument("--by", required=True, metavar="OPERATOR")
    found["release"].add_argument("--reviewed", required=True, metavar="DIGEST")
    found["list"].add_argument("--state", choices=("made", "released", "closed", "discarded"))
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """The command; its exit status."""
    options = arguments(words)
    return settled("settlements", options.town, lambda office: act(office, options))
