"""Questions of a survey and their answers: what can be asked, what is an answer, as tables."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.questions import (
    QUESTIONS,
    Question,
    TextQuestion,
    Wrong,
    check_answers,
    check_questions,
)

LANGUAGES = ["ja", "en"]
JA = {"ja": "文"}


def questions(*raw: dict[str, Any]) -> list[Question]:
    """Questions as they are sent."""
    return QUESTIONS.decode(msgspec.json.encode(list(raw)))


def choice(code: str, **more: Any) -> dict[str, Any]:
    options = [{"code": "yes", "text": JA}, {"code": "no", "text": JA}]
    return {"kind": "choice", "code": code, "text": JA, "options": options, **more}


def text(code: str, **more: Any) -> dict[str, Any]:
    return {"kind": "text", "code": code, "text": JA, **more}


# Whoever has children is asked of them; whoever has none goes on with the town; who is new ends.
SURVEY = questions(
    choice(
        "children",
        options=[
            {"code": "some", "text": JA},
            {"code": "none", "text": JA, "next": "town"},
            {"code": "new", "text": JA, "next": "end"},
        ],
    ),
    {"kind": "number", "code": "how_many", "text": JA, "least": 1, "most": 15},
    {
        "kind": "several",
        "code": "lessons",
        "text": JA,
        "most": 2,
        "options": [{"code": code, "text": JA} for code in ("swim", "piano", "abacus")],
    },
    {"kind": "rating", "code": "town", "text": JA, "most": 5},
    text("words", required=False, length_max=10),
)


@pytest.mark.parametrize(
    "answers",
    [
        {"children": "new"},
        {"children": "none", "town": 5},
        {"children": "none", "town": 1, "words": "よい町\nです"},
        {"children": "some", "how_many": 1, "lessons": ["swim"], "town": 3},
        {"children": "some", "how_many": 15, "lessons": ["piano", "swim"], "town": 3},
        {"children": "none", "town": 5, "words": None},
    ],
)
def test_answers_along_the_way_they_choose_are_taken(answers: dict[str, Any]) -> None:
    """In the order in which they were asked for; what is null was not answered."""
    check_questions(SURVEY, LANGUAGES)
    taken = check_answers(SURVEY, dict(reversed(answers.items())))
    order = [question.code for question in SURVEY]
    assert list(taken) == sorted(taken, key=order.index)
    assert set(taken) == {code for code, given in answers.items() if given is not None}


def test_several_chosen_options_are_kept_in_their_order() -> None:
    """However they were sent, so that the same answer is the same text."""
    answers = {"children": "some", "how_many": 2, "lessons": ["abacus", "swim"], "town": 3}
    assert check_answers(SURVEY, answers)["lessons"] == ["swim", "abacus"]


@pytest.mark.parametrize(
    ("answers", "wrong"),
    [
        ({}, "children"),
        ({"children": "many"}, "children"),
        ({"children": ["some"]}, "children"),
        ({"children": 1}, "children"),
        ({"children": "none"}, "town"),
        ({"children": "none", "town": 0}, "town"),
        ({"children": "none", "town": 6}, "town"),
        ({"children": "none", "town": "5"}, "town"),
        ({"children": "none", "town": True}, "town"),
        ({"children": "none", "town": 3.5}, "town"),
        ({"children": "none", "town": 3, "how_many": 2}, "how_many"),
        ({"children": "new", "town": 3}, "town"),
        ({"children": "none", "town": 3, "pets": "cat"}, "pets"),
        ({"children": "none", "town": 3, "words": ""}, "words"),
        ({"children": "none", "town": 3, "words": "  "}, "words"),
        ({"children": "none", "town": 3, "words": "あ" * 11}, "words"),
        ({"children": "none", "town": 3, "words": "a\0b"}, "words"),
        ({"children": "none", "town": 3, "words": "a\u202eb"}, "words"),
        ({"children": "some", "lessons": ["swim"], "town": 3}, "how_many"),
        ({"children": "some", "how_many": 0, "lessons": ["swim"], "town": 3}, "how_many"),
        ({"children": "some", "how_many": 16, "lessons": ["swim"], "town": 3}, "how_many"),
        ({"children": "some", "how_many": 1, "lessons": [], "town": 3}, "lessons"),
        ({"children": "some", "how_many": 1, "lessons": ["golf"], "town": 3}, "lessons"),
        ({"children": "some", "how_many": 1, "lessons": ["swim", "swim"], "town": 3}, "lessons"),
        (
            {"children": "some", "how_many": 1, "lessons": ["swim", "piano", "abacus"], "town": 3},
            "lessons",
        ),
        ({"children": "some", "how_many": 1, "lessons": "swim", "town": 3}, "lessons"),
    ],
)
def test_what_is_no_answer_is_refused_by_its_question(answers: dict[str, Any], wrong: str) -> None:
    """Missing, of another kind, out of bounds, not asked on this way, or unknown."""
    with pytest.raises(Wrong) as refused:
        check_answers(SURVEY, answers)
    assert refused.value.code == wrong


@pytest.mark.parametrize(
    ("raw", "wrong"),
    [
        ([text("a"), text("a")], "a"),
        ([text("end")], "end"),
        ([text("a", next="b")], "a"),
        ([text("a"), text("b", next="a")], "b"),
        ([text("a", next="a"), text("b")], "a"),
        ([text("a", next="c"), text("b"), text("c")], "b"),
        ([text("a", next="end"), text("b")], "b"),
        ([text("a", text={"en": "words"})], "a"),
        ([text("a", text=JA | {"fr": "mots"})], "a"),
        ([text("a", text={"ja": "\u202e文"})], "a"),
        ([choice("a", options=[{"code": "x", "text": JA}, {"code": "x", "text": JA}])], "a"),
        (
            [choice("a", options=[{"code": "x", "text": JA}, {"code": "y", "text": {"en": "y"}}])],
            "a",
        ),
        (
            [
                choice(
                    "a",
                    options=[
                        {"code": "x", "text": JA, "next": "end"},
                        {"code": "y", "text": JA, "next": "end"},
                    ],
                ),
                text("b"),
            ],
            "b",
        ),
        ([{"kind": "number", "code": "a", "text": JA, "least": 2, "most": 1}], "a"),
        ([{**choice("a"), "kind": "several", "most": 3}], "a"),
        ([{**choice("a"), "kind": "several", "least": 2, "most": 1}], "a"),
        (
            [
                {
                    **choice("a"),
                    "kind": "several",
                    "options": [
                        {"code": "x", "text": JA, "next": "end"},
                        {"code": "y", "text": JA},
                    ],
                }
            ],
            "a",
        ),
    ],
)
def test_questions_that_cannot_be_asked_are_refused(raw: list[dict[str, Any]], wrong: str) -> None:
    """Twice the same code, ways back or to nowhere, questions nobody comes to, words missing."""
    with pytest.raises(Wrong) as refused:
        check_questions(questions(*raw), LANGUAGES)
    assert refused.value.code == wrong


@pytest.mark.parametrize(
    "raw",
    [
        text("a") | {"colour": "red"},
        text("A"),
        text("a", kind="essay"),
        text("a", length_max=0),
        choice("a", options=[{"code": "x", "text": JA}]),
        {"kind": "rating", "code": "a", "text": JA, "most": 1},
        text("a", text={}),
    ],
)
def test_questions_of_another_form_are_refused_as_they_are_read(raw: dict[str, Any]) -> None:
    """Unknown fields and kinds, and bounds that leave nothing to answer."""
    with pytest.raises(msgspec.ValidationError):
        questions(raw)


@given(st.lists(st.booleans(), min_size=1, max_size=8), st.data())
def test_every_survey_comes_to_an_end(required: list[bool], data: st.DataObject) -> None:
    """Whatever question names whatever later one: answering what is asked for is enough."""
    codes = [f"q{place}" for place in range(len(required))]
    asked = [
        TextQuestion(
            code=code,
            text=JA,
            required=needed,
            next=data.draw(st.sampled_from([None, *codes[place + 1 :], "end"])),
        )
        for place, (code, needed) in enumerate(zip(codes, required, strict=True))
    ]
    answers: dict[str, Any] = {}
    for _ in codes:
        try:
            check_answers(asked, answers)
        except Wrong as missing:
            answers[missing.code] = "はい"
    assert list(check_answers(asked, answers)) == sorted(answers)
    assert set(answers) <= {code for code, needed in zip(codes, required, strict=True) if needed}
