"""R8: a notice with a picture, shown from a time until a time."""

from hashlib import sha256
from io import BytesIO

import msgspec
from PIL import Image

from gateway.protocol import api_notices, api_voices
from tests.acceptance.conftest import Visit
from tests.acceptance.voices import photo, post, reads, writes
from tests.support.clock import Clock


async def test_r8_a_poster_is_shown_for_the_days_of_the_market(
    visit: Visit, dsn: str, clock: Clock
) -> None:
    """The office prepares the market's poster on Wednesday. On Friday at nine it is there, with the
    picture, which no longer says where it was taken; on Sunday at midnight it is gone. What is no
    picture is refused.
    """
    town = await visit("region-ring")
    ai = await town.registers("環 愛")
    data = photo(3_000, 1_500)
    sent = await town.tries_to_upload("/console/pictures", data, "image/jpeg")
    kept = msgspec.json.decode(sent.content, type=api_voices.PictureKept)
    assert (kept.width, kept.height) == (1_600, 800)
    refused = await town.tries_to_upload("/console/pictures", b"<svg onload='x'/>", "image/jpeg")
    assert refused.json()["code"] == "picture_refused"
    async with post(town, dsn, clock) as office:
        await writes(
            town,
            "wallets",
            title={"ja": "朝市"},
            text={"ja": "駅前の広場で"},
            pictures=[{"picture": kept.picture, "alt": {"ja": "野菜が並ぶ朝市の写真"}}],
            shown_from="2026-04-03T09:00",
            shown_until="2026-04-06T00:00",
        )
        told: list[api_notices.ExpiryWarning | api_notices.Circular | api_notices.Answer] = []
        for day, hour, seen in ((3, 8, 0), (3, 9, 1), (5, 23, 1), (6, 0, 0)):
            await office.waits_until(4, day, hour)
            ai = await town.signs_in()
            found = await reads(ai)
            assert len(found) == seen, (day, hour)
            told += found
    poster, again = told
    assert isinstance(poster, api_notices.Circular)
    assert poster == again
    [picture] = poster.pictures
    assert (picture.width, picture.height, picture.alt) == (1_600, 800, "野菜が並ぶ朝市の写真")
    shown = await town.sends("GET", f"/{picture.path}")
    assert sha256(shown.content).hexdigest() == kept.picture
    assert not Image.open(BytesIO(shown.content)).getexif()
    assert "immutable" in shown.headers["cache-control"]
