"""Bodies about surveys (C5, N15): what operators ask, what people answer, and what came out."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from gateway.protocol.api_campaigns import LocalTime
from gateway.protocol.api_coupons import CouponCode
from ledger.questions import QUESTIONS_MAX, TEXT_MAX, Question, Words

Questions = Annotated[list[Question], Meta(min_length=1, max_length=QUESTIONS_MAX)]
GivenText = Annotated[str, Meta(max_length=TEXT_MAX)]
GivenAnswers = Annotated[
    dict[str, GivenText | int | Annotated[list[GivenText], Meta(max_length=100)]],
    Meta(
        max_length=QUESTIONS_MAX,
        description="By the question's code: an option's code, a list of them, words, a number.",
    ),
]


class NewSurvey(Struct, frozen=True, forbid_unknown_fields=True):
    """Questions to all wallets or all shops, answered from ``opens_at`` to before ``closes_at``.

    ``title`` by language. Questions come in their order, unless one, or the option chosen, names
    another ``next`` that stands behind it, or "end". ``anonymous``: what is answered is kept apart
    from who has answered.
    """

    code: CouponCode
    title: Words
    audience: Literal["wallets", "shops"]
    questions: Questions
    opens_at: LocalTime
    closes_at: LocalTime
    anonymous: bool = False


class SurveyLine(Struct, frozen=True):
    """A survey, and how many ``answers`` it has so far. Instants in ms since 1970."""

    survey: int
    code: str
    title: dict[str, str]
    audience: str
    questions: list[Question]
    opens_at: int
    closes_at: int
    answers: int
    anonymous: bool


class SurveyLines(Struct, frozen=True):
    """The newest first."""

    surveys: list[SurveyLine]


class SurveyResults(Struct, frozen=True):
    """``counts``: by question, how often each answer was given; of several chosen each counts. Free
    words are in the file alone.
    """

    survey: SurveyLine
    counts: dict[str, dict[str, int]]


class OpenSurvey(Struct, frozen=True):
    """A survey that takes answers now. ``answered``: by this wallet or shop. ``anonymous``: nobody
    learns who has given which answers.
    """

    survey: int
    code: str
    title: dict[str, str]
    questions: list[Question]
    closes_at: int
    answered: bool
    anonymous: bool


class OpenSurveys(Struct, frozen=True):
    """The newest first."""

    surveys: list[OpenSurvey]


class AnswerSurvey(Struct, frozen=True, forbid_unknown_fields=True):
    """All answers at once; what was not asked after them is left out."""

    answers: GivenAnswers


class SurveyAnswered(Struct, frozen=True):
    """The answers are kept."""

    survey: int
    at: int
