"""Surveys over HTTP: asked at the console, answered once in wallets and at shops; bad input."""

import csv
import io
from typing import Any

import pytest

from tests.support.doors import Doors, Visitor

API = "/api/nagaoka"
JA = {"ja": "文"}
QUESTIONS: list[dict[str, Any]] = [
    {
        "kind": "choice",
        "code": "bus",
        "text": {"ja": "バスに乗りますか", "en": "Do you take the bus?"},
        "options": [
            {"code": "yes", "text": {"ja": "はい"}},
            {"code": "no", "text": {"ja": "いいえ"}, "next": "words"},
        ],
    },
    {"kind": "rating", "code": "stars", "text": {"ja": "バスは何点ですか"}},
    {
        "kind": "several",
        "code": "lines",
        "text": {"ja": "どの線ですか"},
        "required": False,
        "options": [{"code": "east", "text": JA}, {"code": "west", "text": JA}],
    },
    {"kind": "text", "code": "words", "text": {"ja": "ひとこと"}, "required": False},
]
SURVEY: dict[str, Any] = {
    "code": "bus",
    "title": {"ja": "バスのアンケート"},
    "audience": "wallets",
    "questions": QUESTIONS,
    "opens_at": "2026-04-01T12:00",
    "closes_at": "2026-04-08T00:00",
}


@pytest.fixture
async def operator(doors: Doors) -> Visitor:
    """An operator at the console."""
    return await doors.operator()


async def made(operator: Visitor, **changes: Any) -> Any:
    """A survey, as the console shows it."""
    answer = await operator.post(f"{API}/console/surveys", json=SURVEY | changes)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def answers(visitor: Visitor, survey: int, given: Any, who: str = "wallet") -> Any:
    """What answering comes to."""
    path = f"{API}/{who}/surveys/{survey}/answer"
    return await visitor.post(path, json={"answers": given})


async def test_a_survey_is_answered_once_and_counted(doors: Doors, operator: Visitor) -> None:
    """Seen, answered, seen as answered; counts by answer; the file has every word."""
    survey = (await made(operator))["survey"]
    holders = [await doors.holder(f"0901234567{number}") for number in range(3)]
    [seen] = (await holders[0].get(f"{API}/wallet/surveys")).json()["surveys"]
    assert (seen["title"], seen["answered"]) == (SURVEY["title"], False)
    assert [each["kind"] for each in seen["questions"]] == ["choice", "rating", "several", "text"]
    given: list[dict[str, Any]] = [
        {"bus": "yes", "stars": 4, "lines": ["west", "east"], "words": "=混む\n朝"},
        {"bus": "no"},
        {"bus": "yes", "stars": 4},
    ]
    for holder, each in zip(holders, given, strict=True):
        assert (await answers(holder, survey, each)).json() == {
            "survey": survey,
            "at": doors.clock.now_ms,
        }
    again = await answers(holders[0], survey, {"bus": "no"})
    assert (again.status_code, again.json()["code"]) == (409, "survey_answered")
    [seen] = (await holders[0].get(f"{API}/wallet/surveys")).json()["surveys"]
    assert seen["answered"]

    results = (await operator.get(f"{API}/console/surveys/{survey}/results")).json()
    assert results["survey"]["answers"] == 3
    assert results["counts"] == {
        "bus": {"yes": 2, "no": 1},
        "stars": {"4": 2},
        "lines": {"east": 1, "west": 1},
    }
    file = await operator.get(f"{API}/console/surveys/{survey}/results.csv")
    assert file.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"), newline="")))
    assert [row["account"] for row in rows] == [str(holder.account) for holder in holders]
    assert (rows[0]["lines"], rows[0]["words"]) == ("east; west", "'=混む\n朝")
    assert (rows[1]["stars"], rows[1]["answered_at"]) == ("", "2026-04-01 12:00:00")
    behind = await operator.get(
        f"{API}/console/surveys/{survey}/results.csv", params={"after": holders[1].account}
    )
    assert len(behind.text.splitlines()) == 2


async def test_shops_answer_theirs_and_wallets_do_not(doors: Doors, operator: Visitor) -> None:
    """Neither sees nor answers the other's; any of a shop's tablets answers for the shop."""
    shop = await doors.shop()
    tablets = [await doors.tablet(operator, shop) for _ in range(2)]
    holder = await doors.holder()
    theirs = (await made(operator, code="shops", audience="shops"))["survey"]
    ours = (await made(operator))["survey"]
    assert [
        each["survey"] for each in (await holder.get(f"{API}/wallet/surveys")).json()["surveys"]
    ]
    assert (await answers(holder, theirs, {"bus": "no"})).status_code == 404
    assert (await answers(tablets[0], ours, {"bus": "no"}, "terminal")).status_code == 404
    assert (await answers(tablets[0], theirs, {"bus": "no"}, "terminal")).status_code == 200
    assert (await answers(tablets[1], theirs, {"bus": "no"}, "terminal")).status_code == 409
    [seen] = (await tablets[1].get(f"{API}/terminal/surveys")).json()["surveys"]
    assert (seen["survey"], seen["answered"]) == (theirs, True)


async def test_a_survey_takes_answers_in_its_time_alone(doors: Doors, operator: Visitor) -> None:
    """Not seen before it opens; over when it closes, or when an operator closes it."""
    later = (await made(operator, opens_at="2026-04-02T00:00"))["survey"]
    early = (await made(operator, code="early", closes_at="2026-04-03T00:00"))["survey"]
    closed = (await made(operator, code="closed"))["survey"]
    holder = await doors.holder()
    assert (await answers(holder, later, {"bus": "no"})).status_code == 404
    shut = await operator.post(f"{API}/console/surveys/{closed}/close", json={})
    assert shut.json()["closes_at"] == doors.clock.now_ms
    again = await operator.post(f"{API}/console/surveys/{closed}/close", json={})
    assert (again.status_code, again.json()["code"]) == (409, "survey_over")
    doors.clock.advance(days=2)
    assert (await answers(holder, later, {"bus": "no"})).status_code == 200
    for survey in (early, closed):
        late = await answers(holder, survey, {"bus": "no"})
        assert (late.status_code, late.json()["code"]) == (409, "survey_over")
    seen = (await holder.get(f"{API}/wallet/surveys")).json()["surveys"]
    assert [each["survey"] for each in seen] == [later]
    colleague = await doors.operator("同僚")
    listed = (await colleague.get(f"{API}/console/surveys")).json()["surveys"]
    assert [(each["survey"], each["answers"]) for each in listed] == [
        *((closed, 0), (early, 0), (later, 1)),
    ]
    rows = await doors.pool.fetch("SELECT act FROM people.audit ORDER BY number")
    assert [row["act"] for row in rows] == [*["survey.made"] * 3, "survey.closed"]


async def test_what_a_forgotten_holder_said_is_forgotten(doors: Doors, operator: Visitor) -> None:
    """That they answered stays; what they said does not."""
    survey, holder = (await made(operator))["survey"], await doors.holder()
    said = {"bus": "no", "words": "わたしは長岡花子です"}
    assert (await answers(holder, survey, said)).status_code == 200
    erased = await operator.post(
        f"{API}/console/wallets/{holder.account}/erase",
        json={"wallet": holder.account, "reason": "解約"},
    )
    assert erased.status_code == 200, erased.text
    results = (await operator.get(f"{API}/console/surveys/{survey}/results")).json()
    assert (results["survey"]["answers"], results["counts"]["bus"]) == (1, {})
    file = await operator.get(f"{API}/console/surveys/{survey}/results.csv")
    assert "花子" not in file.text


async def test_a_survey_in_every_language_fits(doors: Doors, operator: Visitor) -> None:
    """Fifty questions with long words, far beyond what other bodies may have."""
    words = {"ja": "長い文" * 50, "en": "long words " * 30}
    many = [{"kind": "text", "code": f"q{place}", "text": words} for place in range(50)]
    line = await made(operator, questions=many)
    assert len(line["questions"]) == 50
    too_many = await operator.post(
        f"{API}/console/surveys", json=SURVEY | {"code": "x", "questions": many * 10}
    )
    assert (too_many.status_code, too_many.json()["code"]) == (413, "too_large")


async def test_wrong_answers_are_refused_by_their_question(doors: Doors, operator: Visitor) -> None:
    """And nothing is kept: the right answers are taken after all of them."""
    survey, holder = (await made(operator))["survey"], await doors.holder()
    table: list[tuple[Any, str]] = [
        ({}, "answers.bus"),
        ({"bus": "perhaps"}, "answers.bus"),
        ({"bus": "yes"}, "answers.stars"),
        ({"bus": "yes", "stars": 6}, "answers.stars"),
        ({"bus": "yes", "stars": 4.5}, "answers[...]"),
        ({"bus": "no", "stars": 4}, "answers.stars"),
        ({"bus": "no", "train": "yes"}, "answers.train"),
        ({"bus": "no", "words": "a" * 401}, "answers.words"),
        ({"bus": "no", "words": "a" * 2_001}, "answers[...]"),
        ({"bus": "no", "words": "\u0000"}, "answers.words"),
        (["no"], "answers"),
        (None, "answers"),
    ]
    wrong = []
    for given, field in table:
        answer = await answers(holder, survey, given)
        told = answer.json()
        if (answer.status_code, told.get("code"), told.get("field")) != (422, "invalid", field):
            wrong.append(f"{given}: {answer.text}")
    assert not wrong, "\n".join(wrong)
    assert (await answers(holder, survey + 1, {"bus": "no"})).status_code == 404
    assert (await answers(holder, survey, {"bus": "no"})).status_code == 200


async def test_wrong_surveys_are_refused_by_their_field(doors: Doors, operator: Visitor) -> None:
    """And none is made."""
    back = [*QUESTIONS[:3], QUESTIONS[3] | {"next": "bus"}]
    table: list[tuple[dict[str, Any], str]] = [
        ({"code": "Bus"}, "code"),
        ({"title": {}}, "title"),
        ({"title": {"en": "Bus"}}, "title"),
        ({"title": {"ja": "バス", "xx": "bus"}}, "title"),
        ({"audience": "everybody"}, "audience"),
        ({"questions": []}, "questions"),
        ({"questions": [{"kind": "essay", "code": "a", "text": JA}]}, "questions[0].kind"),
        ({"questions": [{"kind": "text", "code": "a"}]}, "questions[0].text"),
        ({"questions": back}, "questions.words"),
        ({"questions": [*QUESTIONS, QUESTIONS[0]]}, "questions.bus"),
        ({"opens_at": "2026-04-08T00:00"}, "closes_at"),
        ({"closes_at": "2026-04-01T11:00", "opens_at": "2026-04-01T10:00"}, "closes_at"),
        ({"opens_at": "yesterday"}, "opens_at"),
    ]
    wrong = []
    for changes, field in table:
        answer = await operator.post(f"{API}/console/surveys", json=SURVEY | changes)
        told = answer.json()
        if (answer.status_code, told.get("code"), told.get("field")) != (422, "invalid", field):
            wrong.append(f"{changes}: {answer.text}")
    assert not wrong, "\n".join(wrong)
    await made(operator)
    taken = await operator.post(f"{API}/console/surveys", json=SURVEY)
    assert (taken.status_code, taken.json()["code"]) == (409, "code_taken")
    assert await doors.pool.fetchval("SELECT count(*) FROM koban.survey") == 1
