"""Surveys (アンケート): questions to wallets or to shops, each answered once (rows C5, N15).

A survey's questions never change once it is there, so every answer was to the same ones. A coupon
can be for those alone who answered one (`ledger.coupons`). Free words are kept encrypted.

An anonymous survey keeps who has answered apart from what was answered, and of the latter neither
the account nor the time: nothing here or at any door brings the two together again. (Whoever has
the database's own files may see in which order rows came.)
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

import msgspec
from asyncpg import Record
from msgspec import Struct

from ledger.database import (
    Connection,
    Executor,
    chosen,
    fetch_row,
    fetch_rows,
    load_queries,
    transaction,
)
from ledger.questions import QUESTIONS, Answer, Question, TextQuestion
from ledger.vault import Vault, owner

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
    anonymous: bool = False


class Survey(NewSurvey, frozen=True, kw_only=True):
    """A survey; ``closes_at`` is earlier than it was made with where an operator closed it."""

    survey: int

    def open_at(self, now: datetime) -> bool:
        """Whether it takes answers at ``now``."""
        return self.opens_at <= now < self.closes_at


class Given(Struct, frozen=True):
    """What one account answered: by question, in the order in which they were asked. Without a
    name, ``account`` and ``at`` are None. ``place``: the page's next begins behind it.
    """

    account: int | None
    at: datetime | None
    answers: dict[str, Answer]
    place: int | UUID


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
        new.anonymous,
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
    pool: Executor,
    vault: Vault,
    town: int,
    survey: Survey,
    account: int,
    answers: dict[str, Answer],
    now: datetime,
) -> bool:
    """Keeps an account's answers, which fit the questions; False where it has answered before."""
    free = {each.code for each in survey.questions if isinstance(each, TextQuestion)}
    words = {code: given for code, given in answers.items() if code in free}
    chosen_ones = _json({code: given for code, given in answers.items() if code not in free})

    def hidden(whose: str) -> tuple[int | None, bytes | None]:
        if not words:
            return None, None
        return vault.key_id, vault.encrypt(_json(words), town, whose, _field(survey.survey))

    async with transaction(pool) as connection:
        kept = ("{}", None, None) if survey.anonymous else (chosen_ones, *hidden(owner(account)))
        taken = await connection.fetchrow(
            SQL["add_answer"], town, survey.survey, account, now, *kept
        )
        if taken is not None and survey.anonymous:
            paper = uuid4()
            await connection.execute(
                SQL["add_paper"],
                *(town, survey.survey, paper, chosen_ones, *hidden(_paper(paper))),
            )
    return taken is not None


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


async def answers(
    pool: Executor, vault: Vault, town: int, survey: Survey, after: int | UUID | None, limit: int
) -> list[Given]:
    """What was answered behind the `Given.place` ``after`` (None: from the first on), in the order
    of accounts, or without names in one that says nothing.

    Raises:
        Unreadable: free words are under a key that the vault has not.
    """
    number = survey.survey
    if survey.anonymous:
        behind = after if isinstance(after, UUID) else None
        rows = await fetch_rows(pool, SQL["papers"], town, number, behind, limit)
        return [
            Given(None, None, _answers(vault, town, survey, _paper(row[0]), row), row["paper"])
            for row in rows
        ]
    first = after if isinstance(after, int) else 0
    rows = await fetch_rows(pool, SQL["answers"], town, number, first, limit)
    return [
        Given(row[0], row["at"], _answers(vault, town, survey, owner(row[0]), row), row["wallet"])
        for row in rows
    ]


async def encrypt_again(connection: Connection, vault: Vault, step: int) -> int:
    """Brings some free words under the vault's first key; how many.

    Raises:
        Unreadable: some are under a key that the vault has not.
    """
    count = 0
    async with transaction(connection):
        for name, write, whose in (
            ("words_under_other_keys", "encrypt_words", owner),
            ("papers_under_other_keys", "encrypt_paper", _paper),
        ):
            for row in await connection.fetch(SQL[name], vault.key_id, step):
                town, survey, who, key_id, kept = row
                again = vault.encrypt_again(key_id, kept, town, whose(who), _field(survey))
                await connection.execute(SQL[write], town, survey, who, vault.key_id, again)
                count += 1
    return count


def _answers(vault: Vault, town: int, survey: Survey, whose: str, row: Record) -> dict[str, Answer]:
    """Chosen answers and free words together."""
    found, field = _decode_answers(row["answers"]), _field(survey.survey)
    if row["words_encrypted"] is not None:
        words = vault.decrypt(row["key_id"], row["words_encrypted"], town, whose, field)
        found |= _decode_answers(words)
    return {each.code: found[each.code] for each in survey.questions if each.code in found}


def _paper(paper: UUID) -> str:
    return f"survey_paper:{paper}"


def _field(survey: int) -> str:
    return f"survey:{survey}"


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


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
        row["anonymous"],
        survey=row["survey"],
    )
