"""Surveys (アンケート): questions to wallets or to shops, each answered once (rows C5, N15).

A survey's questions never change once it is there, so every answer was to the same ones. A coupon
can be for those alone who answered one (`ledger.coupons`).
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import msgspec
from asyncpg import Record
from msgspec import Struct

from ledger.database import Executor, chosen, fetch_row, fetch_rows, load_queries
from ledger.questions import QUESTIONS, Answer, Question, TextQuestion

SQL = load_queries("surveys")


class Audience(StrEnum):
    """Who is asked."""

    WALLETS = "wallets"
    SHOPS = "shops"


class NewSurvey(Struct, frozen=True):
    """A survey to make, of sound questions (`ledger.questions.check_questions`)."""

    code: str
    title: dict[str, str]  # By language.
    audience: Audience
    questions: list[Question]
    opens_at: datetime
    closes_at: datetime


class Survey(NewSurvey, frozen=True, kw_only=True):
    """A survey; ``closes_at`` is earlier than it was made with where an operator closed it."""

    survey: int

    def open_at(self, now: datetime) -> bool:
        """Whether it takes answers at ``now``."""
        return self.opens_at <= now < self.closes_at


class Given(Struct, frozen=True):
    """What one account answered: by question, in the order in which they were asked."""

    account: int
    at: datetime
    answers: dict[str, Answer]


_decode_title = msgspec.json.Decoder(dict[str, str]).decode
_decode_answers = msgspec.json.Decoder(dict[str, str | int | list[str]]).decode


async def add(pool: Executor, town: int, new: NewSurvey) -> int | None:
    """Makes a survey: its number, or None where its code is taken."""
    row = await fetch_row(
        pool,
        SQL["add_survey"],
        town,
        new.code,
        msgspec.json.encode(new.title).decode(),
        new.audience,
        msgspec.json.encode(new.questions).decode(),
        new.opens_at,
        new.closes_at,
    )
    return row["survey"] if row else None


async def surveys(
    pool: Executor,
    town: int,
    limit: int,
    *,
    audience: Audience | None = None,
    at: datetime | None = None,
) -> list[Survey]:
    """The town's surveys, newest first; ``at``: only those that take answers then."""
    return await _found(pool, town, limit, audience=audience, at=at)


async def survey(pool: Executor, town: int, number: int) -> Survey | None:
    """The survey of this number, or None."""
    found = await _found(pool, town, 1, survey=number)
    return found[0] if found else None


async def close(pool: Executor, town: int, survey: int, now: datetime) -> bool:
    """From ``now`` on it takes no answer; False where there is none, or it was over."""
    return await fetch_row(pool, SQL["close_survey"], town, survey, now) is not None


async def answer(
    pool: Executor, town: int, survey: int, account: int, answers: dict[str, Answer], now: datetime
) -> bool:
    """Keeps an account's answers, which fit the questions; False where it has answered before."""
    text = msgspec.json.encode(answers).decode()
    return await fetch_row(pool, SQL["add_answer"], town, survey, account, now, text) is not None


async def answered(pool: Executor, town: int, numbers: Sequence[int], account: int) -> set[int]:
    """Which of some surveys an account has answered."""
    rows = await fetch_rows(pool, SQL["answered"], town, list(numbers), account)
    return {row["survey"] for row in rows}


async def answer_counts(pool: Executor, town: int, numbers: Sequence[int]) -> dict[int, int]:
    """How many have answered each of some surveys."""
    rows = await fetch_rows(pool, SQL["answer_counts"], town, list(numbers))
    return dict.fromkeys(numbers, 0) | {row["survey"]: row["count"] for row in rows}


async def given_counts(pool: Executor, town: int, survey: Survey) -> dict[str, dict[str, int]]:
    """How often each answer was given, by question; free words are not counted."""
    counted = [each.code for each in survey.questions if not isinstance(each, TextQuestion)]
    counts: dict[str, dict[str, int]] = {code: {} for code in counted}
    for row in await fetch_rows(pool, SQL["given_counts"], town, survey.survey, counted):
        counts[row["code"]][row["value"]] = row["count"]
    return counts


async def answers(pool: Executor, town: int, survey: int, after: int, limit: int) -> list[Given]:
    """What accounts behind ``after`` answered, in the order of their numbers."""
    rows = await fetch_rows(pool, SQL["answers"], town, survey, after, limit)
    return [Given(row["wallet"], row["at"], _decode_answers(row["answers"])) for row in rows]


async def _found(
    pool: Executor,
    town: int,
    limit: int,
    *,
    survey: int | None = None,
    audience: Audience | None = None,
    at: datetime | None = None,
) -> list[Survey]:
    query, arguments = chosen(
        SQL["surveys"], town=town, survey=survey, audience=audience, at=at, limit=limit
    )
    return [_survey(row) for row in await fetch_rows(pool, query, *arguments)]


def _survey(row: Record) -> Survey:
    return Survey(
        row["code"],
        _decode_title(row["title"]),
        Audience(row["audience"]),
        QUESTIONS.decode(row["questions"]),
        row["opens_at"],
        row["closes_at"],
        survey=row["survey"],
    )
