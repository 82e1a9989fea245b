"""Surveys: asked at the console, answered in wallets and at shops, once each (C5, N15)."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct
from starlette.responses import Response

from gateway.http.acts import acting
from gateway.http.call import Call
from gateway.http.campaign_terms import instant
from gateway.http.days import local_time
from gateway.http.queries import Number, Page
from gateway.http.tables import LINES_MAX, PAGE_LINES, Encoding, table
from gateway.protocol import api_surveys as api
from gateway.protocol import api_voices
from gateway.protocol.messages import Role
from gateway.refused import Refused
from gateway.signin import milliseconds
from ledger import surveys
from ledger.database import Executor
from ledger.questions import Wrong, check_answers, check_questions, check_words
from ledger.surveys import Audience, Given, NewSurvey, Survey

ANSWER_ERRORS = ("survey_over", "survey_answered")
OPEN_MAX = 50  # Surveys that are open at the same time; nobody answers more.


class SurveyPath(Struct, frozen=True):
    survey: Number


# An account, or the paper of a survey without names.
After = Annotated[
    str, Meta(pattern=r"^([0-9]{1,15}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$", max_length=36)
]


class SurveyFileQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``after``: only answers behind this account (or, without names, this paper); a file of 50,000
    lines goes on in the next. ``encoding``: UTF-8 with the mark that Excel asks for, or Shift_JIS.
    """

    after: After = "0"
    encoding: Encoding = "utf-8"


class PapersQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """``after``: only answers behind this account, or this paper."""

    after: After = "0"
    limit: Page = 200


class SurveysQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """The newest surveys."""

    limit: Page = 50


# -- who answers -----------------------------------------------------------------------------------


async def open_now(call: Call) -> api.OpenSurveys:
    """The surveys that whoever asks can answer now, or has answered."""
    pool, town = call.context.pool, call.town.number
    found = await surveys.surveys(pool, town, OPEN_MAX, audience=_audience(call), at=call.now)
    numbers = [each.survey for each in found]
    answered = await surveys.answered(pool, town, numbers, call.session.account)
    return api.OpenSurveys(
        [
            api.OpenSurvey(
                each.survey,
                each.code,
                each.title,
                each.questions,
                milliseconds(each.closes_at),
                each.survey in answered,
                each.anonymous,
            )
            for each in found
        ]
    )


async def answer(call: Call) -> api.SurveyAnswered:
    """Keeps the answers, which are given once."""
    number, town = call.path_as(SurveyPath).survey, call.town.number
    survey = await _known(call.context.pool, town, number)
    if survey.audience is not _audience(call) or survey.opens_at > call.now:
        raise _unknown()
    if not survey.open_at(call.now):
        raise Refused("survey_over", field="survey")
    given = call.body_as(api.AnswerSurvey).answers
    try:
        answers = check_answers(survey.questions, given)
    except Wrong as wrong:
        raise Refused("invalid", f"{wrong}.", field=f"answers.{wrong.code}"[:100]) from wrong
    account = call.session.account
    pool, vault = call.context.pool, call.context.auth.vault
    kept = await surveys.answer(pool, vault, town, survey, account, answers, call.now)
    if not kept:
        raise Refused("survey_answered", field="survey")
    return api.SurveyAnswered(number, milliseconds(call.now))


def _audience(call: Call) -> Audience:
    return Audience.WALLETS if call.session.role == Role.WALLET else Audience.SHOPS


# -- at the console --------------------------------------------------------------------------------


async def listed(call: Call) -> api.SurveyLines:
    """The town's surveys, and how many have answered."""
    pool, town = call.context.pool, call.town.number
    found = await surveys.surveys(pool, town, call.query_as(SurveysQuery).limit)
    counts = await surveys.answer_counts(pool, town, [each.survey for each in found])
    return api.SurveyLines([line(each, counts[each.survey]) for each in found])


async def make(call: Call) -> api.SurveyLine:
    """Makes a survey; its questions then stand."""
    body, profile = call.body_as(api.NewSurvey), call.town.profile
    zone = ZoneInfo(profile.town.time_zone)
    new = NewSurvey(
        body.code,
        body.title,
        Audience(body.audience),
        body.questions,
        instant(body.opens_at, zone, "opens_at"),
        instant(body.closes_at, zone, "closes_at"),
        body.anonymous,
    )
    if not new.opens_at < new.closes_at or new.closes_at <= call.now:
        text = "closes_at: a survey closes after it opens, and in the future."
        raise Refused("invalid", text, field="closes_at")
    try:
        check_words("title", new.title, profile.town.languages)
        check_questions(new.questions, profile.town.languages)
    except Wrong as wrong:
        field = "title" if wrong.code == "title" else f"questions.{wrong.code}"
        raise Refused("invalid", f"{wrong}.", field=field) from wrong
    async with acting(call) as act:
        number = await surveys.add(act.connection, call.town.number, new)
        if number is None:
            raise Refused("code_taken", field="code")
        facts = {
            "code": new.code,
            "questions": len(new.questions),
            "anonymous": new.anonymous,
        }
        await act.record("survey.made", f"survey:{number}", after=facts)
        made = await _known(act.connection, call.town.number, number)
    return line(made, 0)


async def close(call: Call) -> api.SurveyLine:
    """From now on the survey takes no answer."""
    number, town = call.path_as(SurveyPath).survey, call.town.number
    async with acting(call) as act:
        before = await _known(act.connection, town, number)
        if not await surveys.close(act.connection, town, number, call.now):
            raise Refused("survey_over", field="survey")
        await act.record("survey.closed", f"survey:{number}", after={"code": before.code})
        closed = await _known(act.connection, town, number)
        counts = await surveys.answer_counts(act.connection, town, [number])
    return line(closed, counts[number])


async def results(call: Call) -> api.SurveyResults:
    """How often each answer was given."""
    number, pool, town = call.path_as(SurveyPath).survey, call.context.pool, call.town.number
    survey = await _known(pool, town, number)
    counts = await surveys.answer_counts(pool, town, [number])
    return api.SurveyResults(
        line(survey, counts[number]), await surveys.given_counts(pool, town, survey)
    )


async def papers(call: Call) -> api_voices.SurveyPapers:
    """Every answer, a page at a time."""
    query, town = call.query_as(PapersQuery), call.town.number
    survey = await _known(call.context.pool, town, call.path_as(SurveyPath).survey)
    found = await surveys.answers(
        call.context.pool, call.context.auth.vault, town, survey, place(query.after), query.limit
    )
    return api_voices.SurveyPapers(
        [paper(each) for each in found],
        str(found[-1].place) if len(found) == query.limit else None,
    )


async def results_file(call: Call) -> Response:
    """Answers as a file for spreadsheets, a line an account, in the order of their numbers."""
    query, town = call.query_as(SurveyFileQuery), call.town.number
    pool, vault = call.context.pool, call.context.auth.vault
    survey = await _known(pool, town, call.path_as(SurveyPath).survey)
    after, lines = place(query.after), list[Given]()
    while len(lines) < LINES_MAX:
        page = await surveys.answers(pool, vault, town, survey, after, PAGE_LINES)
        if not page:
            break
        lines += page
        after = page[-1].place
    rows = answer_rows(survey, lines, call.town.zone)
    name = f"survey-{survey.code}.csv"
    return await asyncio.to_thread(table, name, headings(survey), rows, query.encoding)


def place(after: str) -> int | UUID:
    """Behind which answers a page begins."""
    return int(after) if after.isdecimal() else UUID(after)


def paper(given: Given) -> api_voices.SurveyPaper:
    """One set of answers as JSON has it."""
    at = None if given.at is None else milliseconds(given.at)
    return api_voices.SurveyPaper(given.account, at, given.answers)


def headings(survey: Survey) -> list[str]:
    """The first line of a file of answers; without names it has neither account nor time."""
    codes = [question.code for question in survey.questions]
    return codes if survey.anonymous else ["account", "answered_at", *codes]


def answer_rows(
    survey: Survey, lines: Iterable[Given], zone: ZoneInfo
) -> Iterator[Sequence[object]]:
    """The lines of a file of answers."""
    codes = [question.code for question in survey.questions]
    for given in lines:
        cells = [_cell(given, code) for code in codes]
        whose = [] if given.at is None else [given.account, local_time(given.at, zone)]
        yield [*whose, *cells]


def _cell(given: Given, code: str) -> object:
    """One answer in one cell; of several options their codes, one behind the other."""
    answer = given.answers.get(code)
    return "; ".join(answer) if isinstance(answer, list) else answer


async def _known(pool: Executor, town: int, number: int) -> Survey:
    survey = await surveys.survey(pool, town, number)
    if survey is None:
        raise _unknown()
    return survey


def _unknown() -> Refused:
    return Refused("not_found", "There is no survey with this number.", field="survey")


def line(survey: Survey, count: int) -> api.SurveyLine:
    """A survey as the console shows it."""
    return api.SurveyLine(
        survey.survey,
        survey.code,
        survey.title,
        survey.audience,
        survey.questions,
        milliseconds(survey.opens_at),
        milliseconds(survey.closes_at),
        count,
        survey.anonymous,
    )
