"""The questions of a survey (アンケート), and what is an answer to them. Pure rules.

Questions stand in the order in which they are asked. What comes next may depend on the answer: each
option, or the question itself, can name a later question, or `END`. It never goes back, so every
survey comes to an end. Answers are held against the way that they themselves choose: what was not
asked on it cannot be answered, and what was has to be, unless the question is optional.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta, Struct

END = "end"  # Instead of a question's code: nothing more is asked.

QUESTIONS_MAX = 100
TEXT_MAX = 2_000

Words = Annotated[dict[str, Annotated[str, Meta(min_length=1, max_length=500)]], Meta(min_length=1)]
QuestionCode = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,30}$", max_length=31)]
Bound = Annotated[int, Meta(ge=-1_000_000_000, le=1_000_000_000)]


class Option(Struct, frozen=True, forbid_unknown_fields=True):
    """A possible answer. ``next``: the question after it, or "end"; none: the question says."""

    code: QuestionCode
    text: Words
    next: QuestionCode | None = None


class Asked(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every question has. ``text`` by language; ``next``: the question after it, or "end";
    none: the one that stands behind it.
    """

    code: QuestionCode
    text: Words
    required: bool = True
    next: QuestionCode | None = None


class ChoiceQuestion(
    Asked, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind", tag="choice"
):
    """One of some options; the answer is its code."""

    options: Annotated[list[Option], Meta(min_length=2, max_length=100)]


class SeveralQuestion(
    Asked, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind", tag="several"
):
    """From ``least`` to ``most`` of some options; the answer is a list of their codes."""

    options: Annotated[list[Option], Meta(min_length=2, max_length=100)]
    least: Annotated[int, Meta(ge=1, le=100)] = 1
    most: Annotated[int, Meta(ge=1, le=100)] | None = None


class TextQuestion(
    Asked, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind", tag="text"
):
    """Free words, at most ``length_max`` characters."""

    length_max: Annotated[int, Meta(ge=1, le=TEXT_MAX)] = 400


class NumberQuestion(
    Asked, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind", tag="number"
):
    """A whole number from ``least`` to ``most``."""

    least: Bound = 0
    most: Bound = 1_000_000


class RatingQuestion(
    Asked, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind", tag="rating"
):
    """From 1 to ``most`` points, such as stars."""

    most: Annotated[int, Meta(ge=2, le=10)] = 5


Question: TypeAlias = (
    ChoiceQuestion | SeveralQuestion | TextQuestion | NumberQuestion | RatingQuestion
)
Answer: TypeAlias = str | int | list[str]

_HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

QUESTIONS = msgspec.json.Decoder(list[Question])


class Wrong(Exception):
    """Which question or answer is wrong, and what is allowed."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code, self.text = code, text


# -- questions -------------------------------------------------------------------------------------


def check_questions(questions: Sequence[Question], languages: Collection[str]) -> None:
    """Refuses questions that cannot be asked. Words are in some of the town's ``languages``, and
    always in the first.

    Raises:
        Wrong: the first that is wrong.
    """
    places = {question.code: place for place, question in enumerate(questions)}
    if END in places:
        raise Wrong(END, "this word means the end of the survey; call the question otherwise")
    reached = {0}
    for place, question in enumerate(questions):
        if places[question.code] != place:
            raise Wrong(question.code, "two questions have this code")
        check_words(question.code, question.text, languages)
        _check_bounds(question)
        for option in _options(question):
            check_words(question.code, option.text, languages)
        for target in _targets(question):
            after = len(questions) if target == END else places.get(target, -1)
            if after <= place:
                text = f"found next {target!r}; allowed is a question behind this one, or {END!r}"
                raise Wrong(question.code, text)
            reached.add(after)
        if _goes_on(question):
            reached.add(place + 1)
        if place not in reached:
            raise Wrong(question.code, "no answer leads to this question")


def check_words(code: str, words: dict[str, str], languages: Collection[str]) -> None:
    """Refuses words, of what is called ``code``, that cannot be shown or are in no right language.

    Raises:
        Wrong: what is wrong with them.
    """
    first = next(iter(languages))
    if first not in words:
        raise Wrong(code, f"the words in {first} are missing")
    if unknown := [language for language in words if language not in languages]:
        raise Wrong(code, f"found words in {unknown[0]!r}; the town has {', '.join(languages)}")
    if not all(_shown(text) for text in words.values()):
        raise Wrong(code, "the words hold characters that cannot be shown")


def _check_bounds(question: Question) -> None:
    codes = [option.code for option in _options(question)]
    if len(set(codes)) < len(codes):
        raise Wrong(question.code, "two options have the same code")
    if isinstance(question, NumberQuestion) and question.least > question.most:
        raise Wrong(question.code, "least is above most")
    if isinstance(question, SeveralQuestion):
        if any(option.next for option in question.options):
            raise Wrong(question.code, "several options can be chosen, so none names the next")
        most = len(codes) if question.most is None else question.most
        if not question.least <= most <= len(codes):
            raise Wrong(question.code, f"least and most have to be within 1 and {len(codes)}")


def _options(question: Question) -> Sequence[Option]:
    return question.options if isinstance(question, ChoiceQuestion | SeveralQuestion) else ()


def _targets(question: Question) -> Iterator[str]:
    if question.next is not None:
        yield question.next
    for option in _options(question):
        if option.next is not None:
            yield option.next


def _goes_on(question: Question) -> bool:
    """Whether some answer, or none, leads to the question that stands behind this one."""
    if question.next is not None:
        return False
    if not isinstance(question, ChoiceQuestion) or not question.required:
        return True
    return any(option.next is None for option in question.options)


# -- answers ---------------------------------------------------------------------------------------


def check_answers(questions: Sequence[Question], answers: dict[str, Any]) -> dict[str, Answer]:
    """The answers in the order in which they were asked for.

    Raises:
        Wrong: the first that is missing, is no answer to its question, or was not asked for.
    """
    places = {question.code: place for place, question in enumerate(questions)}
    taken: dict[str, Answer] = {}
    place = 0
    while place < len(questions):
        question = questions[place]
        given = answers.get(question.code)
        target = question.next
        if given is not None:
            taken[question.code] = _answer(question, given)
            target = _chosen_next(question, given) or target
        elif question.required:
            raise Wrong(question.code, "this question has to be answered")
        place = place + 1 if target is None else places.get(target, len(questions))
    for code, given in answers.items():
        if code not in places:
            raise Wrong(code, "there is no such question")
        if code not in taken and given is not None:
            raise Wrong(code, "this is not asked after these answers; leave it out")
    return taken


def _answer(question: Question, given: object) -> Answer:
    """What was given, as an answer to this question."""
    codes = [option.code for option in _options(question)]
    if isinstance(question, ChoiceQuestion):
        if isinstance(given, str) and given in codes:
            return given
        raise Wrong(question.code, f"allowed is one of {', '.join(codes)}")
    if isinstance(question, SeveralQuestion):
        several = question.most or len(codes)
        if isinstance(given, list) and question.least <= len(given) <= several:
            chosen = [code for code in codes if code in given]
            if len(chosen) == len(given):
                return chosen
        text = f"allowed are {question.least} to {several} different ones of {', '.join(codes)}"
        raise Wrong(question.code, text)
    if isinstance(question, TextQuestion):
        most = question.length_max
        if isinstance(given, str) and given.strip() and len(given) <= most and _shown(given):
            return given
        raise Wrong(question.code, f"allowed are 1 to {most} characters that can be shown")
    least = question.least if isinstance(question, NumberQuestion) else 1
    if isinstance(given, int) and not isinstance(given, bool) and least <= given <= question.most:
        return given
    raise Wrong(question.code, f"allowed is a whole number from {least} to {question.most}")


def _shown(text: str) -> bool:
    """Whether all of it can be shown, on one line or several. Postgres keeps no zero byte, and
    signs that turn the direction of a line deceive whoever reads it.
    """
    return _HIDDEN.search(text) is None


def _chosen_next(question: Question, given: object) -> str | None:
    options = question.options if isinstance(question, ChoiceQuestion) else ()
    return next((option.next for option in options if option.code == given), None)
