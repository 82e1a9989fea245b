"""``koban law``: what the law on prepaid value (資金決済法) asks of a town.

    reference-date TOWN DATE [--json | --csv]  the half-year that ends with DATE, a 基準日: 31 March
                                               or 30 September
    report TOWN DATE                           notes that its figures are reported; they are kept
                                               word for word, to be held against the journal
    refund-list TOWN INSTRUMENT [--at DAY]     who is owed how much of a kind of value at DAY's end
                                               (without it, now), as CSV with name and phone number
    refund-notice TOWN INSTRUMENT --begins DAY [--days N] [--json]
                                               the public notice, for 60 days or more
    display TOWN [--json]                      what everybody is shown

Reads the journal from one snapshot beside payments; no value is ever moved. That the list of names
was read is noted in the audit. A date that is past is told the same for ever. Set up by the same
``KOBAN_*`` as the gateway. Ends with 0, or with 1 and one sentence why not.
"""

import argparse
from collections.abc import Iterator, Sequence
from datetime import date

import msgspec
from msgspec import Struct

from gateway.http.tables import csv_lines
from gateway.law import display, reckoning
from gateway.office import Office, OfficeFault, day, done, number, reading, taught
from gateway.protocol.api_law import LawDisplay, LawHalfYear, ReferenceDate
from gateway.refused import Refused
from ledger.database import transaction

MARK = "\ufeff"
DAYS_MAX = 3_650  # Ten years of claims.
TIME_MAX_S = 3_600  # A city's years take minutes; nobody waits at a browser.


async def act(office: Office, options: argparse.Namespace) -> str:
    """Does what the command line says; what to print.

    Raises:
        OfficeFault, LedgerError: it was not done.
    """
    try:
        return await _ACTS[options.act](office, options)
    except Refused as refused:
        raise OfficeFault(refused.body.message) from refused


async def _reckoned(office: Office, day: date) -> ReferenceDate:
    async with reading(office) as room:
        return await reckoning.reference_date(
            room, office.pool, office.profile, day, office.now, TIME_MAX_S
        )


async def _reference_date(office: Office, options: argparse.Namespace) -> str:
    found = await _reckoned(office, options.date)
    if options.csv:
        return _csv(csv_lines(reckoning.HEADINGS, *reckoning.rows(found)))
    return _json(found) if options.json else "\n".join(_told(found))


async def _report(office: Office, options: argparse.Namespace) -> str:
    found = await _reckoned(office, options.date)
    async with transaction(office.pool) as connection:
        if not await reckoning.keep_report(
            connection, office.profile, found, office.by, office.now
        ):
            raise OfficeFault(f"{found.date} was reported before; see it: koban law reference-date")
        facts = {"unspent": found.counted.unspent, "deposit": found.deposit.owed}
        await office.note(connection, "law.reported", f"reference_date:{found.date}", after=facts)
    return f"{found.date} is noted as reported; {found.deposit.owed:,} yen have to be deposited."


async def _refund_list(office: Office, options: argparse.Namespace) -> str:
    one = reckoning.instrument_of(office.profile, options.instrument)
    async with reading(office) as room:
        found = await reckoning.refunds(
            room, office.vault, office.profile, one, options.at, office.now, TIME_MAX_S
        )
    async with transaction(office.pool) as connection:
        facts = {"lines": len(found), "amount": sum(each.amount for each in found)}
        await office.note(connection, "law.refunds_listed", f"instrument:{one.code}", after=facts)
    rows = reckoning.refund_rows(one, found)
    return _csv(csv_lines(reckoning.REFUND_HEADINGS, *rows))


async def _refund_notice(office: Office, options: argparse.Namespace) -> str:
    one = reckoning.instrument_of(office.profile, options.instrument)
    if options.days > DAYS_MAX:
        raise OfficeFault(f"--days: found {options.days}; allowed is {DAYS_MAX} at most")
    found = display.notice(office.profile, one, options.begins, options.days)
    return _json(found) if options.json else found.text


async def _display(office: Office, options: argparse.Namespace) -> str:
    found = display.display(office.profile)
    return _json(found) if options.json else "\n".join(_shown(found))


_ACTS = {
    "reference-date": _reference_date,
    "report": _report,
    "refund-list": _refund_list,
    "refund-notice": _refund_notice,
    "display": _display,
}


def _told(found: ReferenceDate) -> Iterator[str]:
    """A half-year, for people."""
    state = "final" if found.final else "so far"
    yield f"{found.issuer}: {found.since} to {found.date} ({state}, entry {found.last_entry:,})"
    heads = ("opening", "issued", "recovered", "expired", "refunded", "unspent")
    yield f"  {'':34}" + "".join(f"{head:>15}" for head in heads)
    for kind in found.kinds:
        doubts = f": {', '.join(kind.doubts)}" if kind.standing == "counted" else ""
        yield f"  {kind.instrument} ({kind.standing}{doubts})"
        for part, half_year in (("paid for", kind.paid), ("given free", kind.free)):
            yield f"    {part:32}" + _figures(half_year)
    yield f"  {'counted, all together':34}" + _figures(found.counted)
    deposit = found.deposit
    if deposit.owed:
        yield (
            f"Deposit: {deposit.unspent:,} is more than {deposit.above:,}; "
            f"half of it at least: {deposit.owed:,} yen."
        )
    else:
        yield f"Deposit: none, {deposit.unspent:,} is not more than {deposit.above:,}."
    due = found.report_due
    yield "Report: nothing to report." if due is None else f"Report and deposit: by {due}."
    if (reported := found.reported) is not None:
        same = "the same" if reported.same else "OTHER figures than these"
        yield f"Reported by {reported.by}: {same}."


def _figures(found: LawHalfYear) -> str:
    return "".join(f"{yen:>15,}" for yen in msgspec.structs.astuple(found))


def _shown(found: LawDisplay) -> Iterator[str]:
    """The display, as it is shown."""
    yield f"発行者　{found.issuer}"
    yield f"所在地　{found.address}"
    yield f"苦情・相談　{found.complaints}"
    yield f"限度額　1回 {found.payment_max:,}円、残高 {found.balance_cap:,}円"
    for value in found.values:
        shops = f"（{'、'.join(value.shops)}のみ）" if value.shops else ""
        yield f"期間　{value.name}{shops}　{value.period}"
    yield f"使えるところ　{found.where}"
    yield f"残高の確認　{found.balance}"
    yield f"約款　{found.terms}"
    yield f"注意　{found.cautions}"
    yield f"資金の保全　{found.deposit}"
    yield f"補償　{found.compensation}"


def _csv(lines: bytes) -> str:
    """Behind the mark by which spreadsheets know UTF-8: without it they spoil every name."""
    return MARK + lines.decode().rstrip()


def _json(told: Struct) -> str:
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode()


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line, read."""
    parser = taught("law", __doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    one = acts.add_parser("reference-date", help="the half-year that ends with a 基準日")
    one.add_argument("town", metavar="TOWN")
    one.add_argument("date", type=day, metavar="DATE")
    form = one.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="for programs")
    form.add_argument("--csv", action="store_true", help="for spreadsheets")
    one = acts.add_parser("report", help="note that its figures are reported")
    one.add_argument("town", metavar="TOWN")
    one.add_argument("date", type=day, metavar="DATE")
    one = acts.add_parser("refund-list", help="who is owed how much, as CSV")
    one.add_argument("town", metavar="TOWN")
    one.add_argument("instrument", metavar="INSTRUMENT")
    one.add_argument("--at", type=day, metavar="DAY", help="at the end of this day")
    one = acts.add_parser("refund-notice", help="the public notice of a refund procedure")
    one.add_argument("town", metavar="TOWN")
    one.add_argument("instrument", metavar="INSTRUMENT")
    one.add_argument("--begins", type=day, required=True, metavar="DAY")
    one.add_argument("--days", type=number, default=60, metavar="N")
    one.add_argument("--json", action="store_true", help="for programs")
    one = acts.add_parser("display", help="what everybody is shown")
    one.add_argument("town", metavar="TOWN")
    one.add_argument("--json", action="store_true", help="for programs")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """The command; its exit status."""
    options = arguments(words)
    return done("law", options.town, lambda office: act(office, options))
