"""N15: users and shops are asked, answer in their apps, and the office takes the results along."""

import csv
import io
from typing import Any

import msgspec

from gateway.protocol import api_surveys, api_voices
from tests.acceptance.coupon_city import answers, at, saves_file
from tests.acceptance.nagaoka import Nagaoka

JA = {"ja": "文"}
BUS: list[dict[str, Any]] = [
    {
        "kind": "choice",
        "code": "bus",
        "text": {"ja": "バスに乗りますか", "en": "Do you take the bus?"},
        "options": [
            {"code": "yes", "text": {"ja": "はい"}},
            {"code": "no", "text": {"ja": "いいえ"}, "next": "why"},
        ],
    },
    {"kind": "rating", "code": "stars", "text": {"ja": "何点ですか"}, "next": "end"},
    {"kind": "text", "code": "why", "text": {"ja": "なぜですか"}},
]
TILL = [{"kind": "number", "code": "tablets", "text": {"ja": "端末は何台ですか"}}]


async def asks(town: Nagaoka, code: str, **other: Any) -> int:
    """The office asks: the survey's number."""
    body = {
        "code": code,
        "title": {"ja": "アンケート"},
        "opens_at": at(town, minutes=-1),
        "closes_at": at(town, days=7),
        **other,
    }
    return (await town.asks("POST", "/console/surveys", body, api_surveys.SurveyLine)).survey


async def test_n15_users_and_shops_answer_and_the_office_exports(nagaoka: Nagaoka) -> None:
    """Users are asked about the bus, each by the way that their answers choose and once; shops
    about their tills; users once more without names. The office takes the answers along, for Excel
    in both encodings and as JSON: no cell reckons, and without names nobody is in the file.
    """
    hanako = await nagaoka.registers("長岡 花子")
    taro = await nagaoka.registers("長岡 太郎", "09022222222")
    maruya = await nagaoka.opens("八百屋 まるや")
    bus = await asks(nagaoka, "bus", audience="wallets", questions=BUS)
    till = await asks(nagaoka, "till", audience="shops", questions=TILL)
    quiet = await asks(nagaoka, "quiet", audience="wallets", questions=BUS, anonymous=True)
    [first, second] = (await hanako.looks("wallet/surveys", api_surveys.OpenSurveys)).surveys
    assert [(each.code, each.anonymous) for each in (first, second)] == [
        *(("quiet", True), ("bus", False)),
    ]
    said: dict[str, Any] = {"bus": "no", "why": "=HYPERLINK(遠い)"}
    for survey in (bus, quiet):
        assert await answers(hanako, survey, {"bus": "yes", "stars": 4}) == "done"
        assert await answers(taro, survey, said | {"stars": 4}) == "invalid"
        assert await answers(taro, survey, said) == "done"
        assert await answers(taro, survey, said) == "survey_answered"
    answered = await maruya.sends(f"/terminal/surveys/{till}/answer", {"answers": {"tablets": 2}})
    assert answered.status_code == 200, answered.text

    people = [str(hanako.account), str(taro.account)]
    for survey, named in ((bus, True), (quiet, False)):
        for encoding, codec in (("utf-8", "utf-8-sig"), ("shift_jis", "cp932")):
            file = await saves_file(
                nagaoka, f"/console/surveys/{survey}/results.csv?encoding={encoding}"
            )
            lines = list(csv.DictReader(io.StringIO(file.decode(codec), newline="")))
            told = {(line["bus"], line["stars"], line["why"]) for line in lines}
            assert told == {("yes", "4", ""), ("no", "", "'=HYPERLINK(遠い)")}
            assert [line.get("account") for line in lines] == (people if named else [None, None])
            assert ("answered_at" in lines[0]) is named
        path = f"/console/surveys/{survey}/answers"
        page = await nagaoka.asks("GET", path, None, api_voices.SurveyPapers)
        assert {paper.account for paper in page.papers} == (
            {hanako.account, taro.account} if named else {None}
        )
        assert said in [paper.answers for paper in page.papers]
        path = f"/console/surveys/{survey}/results"
        results = await nagaoka.asks("GET", path, None, api_surveys.SurveyResults)
        assert results.counts == {"bus": {"yes": 1, "no": 1}, "stars": {"4": 1}}
    results = await nagaoka.asks(
        "GET", f"/console/surveys/{till}/results", None, api_surveys.SurveyResults
    )
    assert results.counts == {"tablets": {"2": 1}}
    path = f"/console/surveys/{bus}/results.csv?encoding=latin-1"
    refused = await nagaoka.tries("GET", path, None)
    assert msgspec.json.decode(refused.content)["field"] == "encoding"
