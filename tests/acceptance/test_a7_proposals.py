"""A7: users and shops tell the operator what they think and what is broken; they are answered."""

from gateway.protocol import api_notices, api_people, api_voices
from tests.acceptance.conftest import Visit
from tests.acceptance.nagaoka import Nagaoka, Screen
from tests.acceptance.voices import is_told, photo, proposes, reads

TOWN = "higashimurayama"


async def open_ones(town: Nagaoka) -> list[api_voices.ProposalLine]:
    """What waits for the office."""
    path = "/console/proposals?open=true"
    return (await town.asks("GET", path, None, api_voices.ProposalLines)).proposals


async def answered(screen: Screen) -> api_notices.Answer:
    """The office's answer, which comes by itself."""
    await is_told(screen)
    [told] = await reads(screen)
    assert isinstance(told, api_notices.Answer)
    return told


async def test_a7_people_propose_and_report_and_are_answered(visit: Visit) -> None:
    """Ai reports a broken lamp with a photo, the baker proposes a discount day. The office reads
    who says what, where, and sees the photo; both answers come to their screens at once, and to
    nobody else's. When Ai leaves the town nothing of what she wrote is left.
    """
    town = await visit(TOWN)
    ai = await town.registers("東 愛")
    ken = await town.registers("東 健", "09022222222")
    bakery = await town.opens("パン屋 麦")
    lamp = await proposes(ai, "report", "街灯が消えています。\n夜は暗いです。", "本町の公園")
    path = f"/wallet/proposals/{lamp.proposal}/picture"
    sent = await ai.uploads(path, photo(400, 300), "image/jpeg")
    assert sent.json()["pictured"]
    day = await proposes(bakery, "proposal", "毎月八日をパンの日に")
    stranger = await ken.uploads(path, photo(4, 3), "image/jpeg")
    assert stranger.status_code == 404

    waiting = await open_ones(town)
    assert [(each.sender, each.account, each.kind, each.place) for each in waiting] == [
        ("shop", bakery.account, "proposal", None),
        ("wallet", ai.account, "report", "本町の公園"),
    ]
    seen = await town.tries("GET", f"/console/proposals/{lamp.proposal}/picture", None)
    assert (seen.headers["content-type"], b"at home" in seen.content) == ("image/jpeg", False)
    for number, text in ((lamp.proposal, "直しました"), (day.proposal, "よい案です")):
        await town.asks(
            "POST",
            f"/console/proposals/{number}/answer",
            {"text": text},
            api_voices.ProposalLine,
        )
    told = await answered(ai)
    assert (told.asked, told.text) == ("街灯が消えています。\n夜は暗いです。", "直しました")
    assert (await answered(bakery)).text == "よい案です"
    assert await reads(ken) == []
    assert await open_ones(town) == []

    body = {"wallet": ai.account, "reason": "転出"}
    await town.asks("POST", f"/console/wallets/{ai.account}/erase", body, api_people.Erased)
    left = await town.asks("GET", "/console/proposals", None, api_voices.ProposalLines)
    assert [each.account for each in left.proposals] == [bakery.account]
