"""C5: a coupon for those alone who answered a survey."""

import csv
import io
from typing import Any

from gateway.protocol import api_surveys
from tests.acceptance.conftest import Visit
from tests.acceptance.coupon_city import (
    TOWN,
    answers,
    at,
    coupons_of,
    gets_tickets,
    makes_coupon,
    paid_with,
    parts,
    pays_with,
    saves_file,
)

QUESTIONS: list[dict[str, Any]] = [
    {
        "kind": "choice",
        "code": "shops_here",
        "text": {"ja": "商店街で買い物をしますか", "en": "Do you shop in the high street?"},
        "options": [
            {"code": "often", "text": {"ja": "よくする", "en": "Often"}},
            {"code": "never", "text": {"ja": "しない", "en": "Never"}, "next": "why_not"},
        ],
    },
    {
        "kind": "rating",
        "code": "pleased",
        "text": {"ja": "満足度は", "en": "How pleased are you?"},
        "next": "end",
    },
    {"kind": "text", "code": "why_not", "text": {"ja": "なぜですか", "en": "Why?"}},
]


async def test_c5_who_answers_has_the_coupon(visit: Visit) -> None:
    """Ai shops often and says how pleased she is; Ken never does and says why. Yui does not answer.
    The first two pay with the coupon, and the office reads what was said.
    """
    town = await visit(TOWN)
    body = {
        "code": "high_street",
        "title": {"ja": "商店街のアンケート", "en": "Our high street"},
        "audience": "wallets",
        "questions": QUESTIONS,
        "opens_at": at(town, minutes=-1),
        "closes_at": at(town, days=14),
    }
    survey = await town.asks("POST", "/console/surveys", body, api_surveys.SurveyLine)
    await makes_coupon(
        town, "thanks", budget=10_000, discount=300, survey="high_street", per_person=1
    )
    ai, ken, yui = [
        await town.registers(name, f"0901111000{place}")
        for place, name in enumerate(("券田 愛", "券田 健", "券田 結"))
    ]
    bakery = await town.opens("パン屋 麦")
    await gets_tickets(town, ai, ken, yui)
    thanks = (await coupons_of(ai))["thanks"]
    assert (thanks.terms.survey, thanks.why_not) == ("high_street", "coupon_not_yours")
    assert await pays_with(ai, bakery.shop, 800, "thanks") == "coupon_not_yours"

    [asked] = (await ai.looks("wallet/surveys", api_surveys.OpenSurveys)).surveys
    assert (asked.survey, asked.answered) == (survey.survey, False)
    assert asked.title["en"] == "Our high street"
    assert await answers(ai, survey.survey, {"shops_here": "often"}) == "invalid"
    assert await answers(ai, survey.survey, {"shops_here": "often", "pleased": 5}) == "done"
    assert await answers(ai, survey.survey, {"shops_here": "often", "pleased": 1}) == (
        "survey_answered"
    )
    said = {"shops_here": "never", "why_not": "遠い"}
    assert await answers(ken, survey.survey, said | {"pleased": 3}) == "invalid"
    assert await answers(ken, survey.survey, said) == "done"

    for holder in (ai, ken):
        assert (await coupons_of(holder))["thanks"].why_not is None
        paid = await paid_with(holder, bakery.shop, 800, "thanks")
        assert parts(paid) == {"coupon": 300, "common_ticket": 500}
    assert await pays_with(yui, bakery.shop, 800, "thanks") == "coupon_not_yours"

    path = f"/console/surveys/{survey.survey}/results"
    results = await town.asks("GET", path, None, api_surveys.SurveyResults)
    assert results.survey.answers == 2
    assert results.counts == {"shops_here": {"often": 1, "never": 1}, "pleased": {"5": 1}}
    file = await saves_file(town, f"{path}.csv")
    assert file.startswith(b"\xef\xbb\xbf")
    lines = list(csv.DictReader(io.StringIO(file.decode("utf-8-sig"))))
    assert [(line["shops_here"], line["pleased"], line["why_not"]) for line in lines] == [
        ("often", "5", ""),
        ("never", "", "遠い"),
    ]
