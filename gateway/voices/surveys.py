"""``koban surveys``: what was asked, and what was answered.

    list TOWN [--json]                  the newest surveys, and how many have answered each
    results TOWN SURVEY [--json]        how often each answer was given; free words are not counted
    export TOWN SURVEY [--format csv|json] [--encoding utf-8|shift_jis] [--file FILE]

SURVEY is its code. ``export`` gives every answer: as CSV a line a wallet or shop, in UTF-8 with the
mark that Excel asks for, or in Shift_JIS; a cell that Excel would reckon is made harmless. As JSON
one object a line. A survey that is answered without names says neither whose an answer is nor when
it came. Without ``--file`` it goes to stdout. Ends with 0, or with 1 and one sentence why not.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from gateway.http.surveys import answer_rows, headings, line, paper
from gateway.http.tables import MARK, PAGE_LINES, csv_lines, in_shift_jis
from gateway.office import Office, OfficeFault, as_json, done, taught
from gateway.progress import Progress
from gateway.protocol import api_surveys as api
from gateway.refused import Refused
from ledger import surveys
from ledger.surveys import Given, Survey

LISTED_MAX = 50


async def act(office: Office, options: argparse.Namespace) -> str:
    """Does what the command line says; what to print.

    Raises:
        OfficeFault, LedgerError: it was not done.
    """
    found = await surveys.surveys(office.pool, office.town, LISTED_MAX)
    counts = await surveys.answer_counts(office.pool, office.town, [one.survey for one in found])
    if options.act == "list":
        if options.json:
            return as_json([line(each, counts[each.survey]) for each in found])
        return "\n".join(_line(office, each, counts[each.survey]) for each in found) or "None."
    survey = next((each for each in found if each.code == options.survey), None)
    if survey is None:
        raise OfficeFault(f"there is no survey {options.survey!r}; see: koban surveys list")
    if options.act == "results":
        given = await surveys.given_counts(office.pool, office.town, survey)
        if options.json:
            return as_json(api.SurveyResults(line(survey, counts[survey.survey]), given))
        return _results(office, survey, counts[survey.survey], given)
    return await export(office, survey, counts[survey.survey], options)


async def export(office: Office, survey: Survey, count: int, options: argparse.Namespace) -> str:
    """Writes every answer into a file, or to stdout; what to print then."""
    lines = await _every(office, survey, count)
    if options.format == "json":
        data = b"".join(msgspec.json.encode(paper(each)) + b"\n" for each in lines)
    else:
        zone = ZoneInfo(office.profile.town.time_zone)
        data = csv_lines(headings(survey), *answer_rows(survey, lines, zone))
        try:
            utf_8 = options.encoding == "utf-8"
            data = MARK + data if utf_8 else in_shift_jis(data.decode())
        except Refused as refused:
            raise OfficeFault(refused.body.message) from None
    if options.file is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return ""
    try:
        await asyncio.to_thread(options.file.write_bytes, data)
    except OSError as error:
        raise OfficeFault(f"--file: {options.file}: {error.strerror}") from None
    return f"{options.file}: {len(lines)} answers"


async def _every(office: Office, survey: Survey, count: int) -> list[Given]:
    """All answers, read a page at a time."""
    found: list[Given] = []
    with Progress("answers", count) as bar:
        while True:
            page = await surveys.answers(
                office.pool,
                office.vault,
                office.town,
                survey,
                found[-1].place if found else None,
                PAGE_LINES,
            )
            found += page
            bar.at(len(found))
            if len(page) < PAGE_LINES:
                return found


def _line(office: Office, survey: Survey, count: int) -> str:
    state = "open" if survey.open_at(office.now) else "closed"
    kind = ", without names" if survey.anonymous else ""
    title = survey.title.get(office.profile.town.languages[0], survey.code)
    return f"{survey.code:20} {state:6} to {survey.audience}{kind}, {count} answers: {title}"


def _results(office: Office, survey: Survey, count: int, given: dict[str, dict[str, int]]) -> str:
    lines = [_line(office, survey, count)]
    for code, answers in given.items():
        lines.append(f"{code}:")
        lines += [f"  {answer:20} {times}" for answer, times in answers.items()]
    return "\n".join(lines)


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line, read."""
    parser = taught("surveys", __doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    found = {name: acts.add_parser(name) for name in ("list", "results", "export")}
    for name, each in found.items():
        each.add_argument("town")
        if name != "list":
            each.add_argument("survey")
        if name != "export":
            each.add_argument("--json", action="store_true")
    found["export"].add_argument("--format", choices=("csv", "json"), default="csv")
    found["export"].add_argument("--encoding", choices=("utf-8", "shift_jis"), default="utf-8")
    found["export"].add_argument("--file", type=Path)
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> int:
    """The command; its exit status."""
    options = arguments(given)
    return done("surveys", options.town, lambda office: act(office, options))
