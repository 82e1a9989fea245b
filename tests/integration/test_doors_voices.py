"""Voices over HTTP: circulars and their pictures, proposals, shop requests; bad input."""

import io
import warnings
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import Image

from gateway import pictures
from gateway.http.gallery import BYTES_MAX, Gallery
from gateway.jobs.notices import sweep
from gateway.rates import PICTURE, Rates
from ledger.encryption import encrypt_again
from ledger.vault import Vault
from ledger.voices import circulars, shop_requests
from ledger.voices.pictures import Drawn, save
from tests.support.doors import SETTINGS, Doors, Visitor
from tests.support.jobs import Jobs

API = "/api/nagaoka"
NOTICE: dict[str, Any] = {
    "audience": "wallets",
    "title": {"ja": "花火の日", "en": "Fireworks"},
    "text": {"ja": "八月二日\n三日", "en": "2 and 3 August"},
}


def picture(form: str = "JPEG", size: tuple[int, int] = (320, 200), **more: Any) -> bytes:
    """A picture file."""
    kept = io.BytesIO()
    Image.new("RGB", size, "#a4262c").save(kept, form, **more)
    return kept.getvalue()


async def writes(operator: Visitor, **changes: Any) -> Any:
    """A circular, as the console shows it."""
    answer = await operator.post(f"{API}/console/notices", json=NOTICE | changes)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def reads(visitor: Visitor, who: str = "wallet", **query: Any) -> list[Any]:
    """What a wallet's or a tablet's notices tell, newest first."""
    answer = await visitor.get(f"{API}/{who}/notices", params=query)
    assert answer.status_code == 200, answer.text
    return [line["body"] for line in answer.json()["notices"]]


async def sends(visitor: Visitor, who: str = "wallet", **changes: Any) -> Any:
    """What telling the operator something comes to."""
    body = {"id": str(uuid4()), "kind": "report", "text": "街灯が\n消えている"} | changes
    return await visitor.post(f"{API}/{who}/proposals", json=body)


async def test_circulars_reach_whom_they_are_for(doors: Doors, jobs: Jobs) -> None:
    """All wallets, those with a kind of value, shops of a group, single ones; nobody else. One row
    each, marks for who has read it, and gone when withdrawn.
    """
    operator = await doors.operator()
    holder, other = await doors.holder(), await doors.holder("09011112222", "長岡 太郎")
    shops = [await doors.shop("八百屋 まるや"), await doors.shop("魚屋 うおまさ")]
    near, far = [await doors.tablet(operator, shop) for shop in shops]
    path = f"{API}/console/shops/{shops[0].account}/groups"
    assert (await operator.put(path, json={"groups": ["street"]})).status_code == 200
    await doors.pool.execute(
        """
        INSERT INTO koban.lot (town, wallet, instrument, expires_at, funder, remaining)
        SELECT $1, $2, 2, $3, fund, 5 FROM koban.fund WHERE town = $1 LIMIT 1
        """,
        doors.town,
        holder.account,
        doors.clock.now.replace(year=2027),
    )
    made = {
        "all": await writes(operator),
        "points": await writes(operator, instrument="point"),
        "one": await writes(operator, accounts=[other.account]),
        "street": await writes(operator, audience="shops", groups=["street"]),
        "shops": await writes(operator, audience="shops"),
    }
    assert await reads(holder) == []  # Published by the worker.
    await jobs.work()
    assert [body["title"] for body in await reads(holder)] == ["花火の日"] * 2
    assert len(await reads(other)) == 2
    assert [len(await reads(each, "terminal")) for each in (near, far)] == [2, 1]
    [told, _] = await reads(other, language="en")
    assert (told["language"], told["title"], told["text"]) == ("en", "Fireworks", "2 and 3 August")
    [told, _] = await reads(other, language="vi")
    assert (told["language"], told["text"]) == ("ja", "八月二日\n三日")

    page = (await holder.get(f"{API}/wallet/notices")).json()
    assert page["unread"] == 2
    newest = page["notices"][0]["notice"]
    for _ in range(2):
        left = await holder.post(f"{API}/wallet/notices/read", json={"up_to": newest})
        assert left.json() == {"unread": 0}
    assert all(
        line["read"] for line in (await holder.get(f"{API}/wallet/notices")).json()["notices"]
    )
    await doors.pool.execute("UPDATE koban.lot SET remaining = 0 WHERE wallet = $1", holder.account)
    assert len(await reads(holder)) == 2  # Read while it was for them.
    lines = (await operator.get(f"{API}/console/notices")).json()["circulars"]
    counts = {line["circular"]: (line["recipients"], line["readers"]) for line in lines}
    assert [counts[made[name]["circular"]] for name in made] == [
        *((2, 1), (1, 1), (1, 0), (1, 0), (2, 0)),
    ]
    assert await doors.pool.fetchval("SELECT count(*) FROM koban.notice") == 0
    gone = f"{API}/console/notices/{made['all']['circular']}/withdraw"
    assert (await operator.post(gone, json={})).json()["state"] == "withdrawn"
    again = await operator.post(gone, json={})
    assert (again.status_code, again.json()["code"]) == (409, "circular_over")
    assert [len(await reads(each)) for each in (holder, other)] == [1, 1]
    acts = await doors.pool.fetch("SELECT act FROM people.audit WHERE act LIKE 'circular%'")
    assert [row["act"] for row in acts] == [*["circular.made"] * 5, "circular.withdrawn"]


async def test_circulars_keep_their_times_and_are_swept(doors: Doors, jobs: Jobs) -> None:
    """Not before their time, not after it; what nobody needs goes after the town's days."""
    operator, holder = await doors.operator(), await doors.holder()
    sent = await operator.post(
        f"{API}/console/pictures", content=picture(), headers={"Content-Type": "image/jpeg"}
    )
    name = sent.json()["picture"]
    shown = [{"picture": name, "alt": {"ja": "花火"}}]
    await writes(
        operator, shown_from="2026-04-02T09:00", shown_until="2026-04-03T00:00", pictures=shown
    )
    missed = {"shown_from": "2026-04-03T01:00", "shown_until": "2026-04-03T02:00"}
    await writes(operator, **missed)  # No worker runs then.
    called_off = (await writes(operator, shown_from="2026-04-02T09:00"))["circular"]
    await operator.post(f"{API}/console/notices/{called_off}/withdraw", json={})
    for hours, count in ((0, 0), (20, 0), (1, 1), (15, 0)):
        doors.clock.advance(minutes=60 * hours)
        await jobs.worker.enqueue_due()
        await jobs.work()
        assert len(await reads(holder)) == count, doors.clock.now
    assert (await operator.get(f"{API}/pictures/{name}")).status_code == 200
    doors.clock.advance(days=400)
    now = doors.clock.now
    assert await circulars.due(doors.pool, doors.town, now) == []
    assert not await sweep(jobs.context, doors.town, due=now, now=now)
    left = await doors.pool.fetchrow(
        "SELECT (SELECT count(*) FROM koban.circular), (SELECT count(*) FROM koban.picture)"
    )
    assert left is not None
    assert tuple(left) == (0, 0)


async def test_pictures_are_drawn_anew_and_served_as_nothing_else(doors: Doors) -> None:
    """What a camera puts to it is gone, it stands as it was held, and its name is its digest."""
    operator, path = await doors.operator(), f"{API}/console/pictures"
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "SECRETCAMERA", 6
    data = picture(size=(3_200, 1_000), exif=exif)
    assert b"SECRETCAMERA" in data
    sent = await operator.post(path, content=data, headers={"Content-Type": "image/jpeg"})
    kept = sent.json()
    assert (kept["media"], kept["width"], kept["height"]) == ("image/jpeg", 500, 1_600)
    shown = await doors.visitor().get(f"{API}/pictures/{kept['picture']}")
    assert b"SECRETCAMERA" not in shown.content
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "immutable" in shown.headers["cache-control"]
    again = await operator.post(path, content=data, headers={"Content-Type": "image/jpeg"})
    assert again.json()["picture"] == kept["picture"]
    table: list[tuple[bytes, str, int, str]] = [
        (picture("GIF"), "image/jpeg", 422, "picture_refused"),
        (picture()[:200], "image/jpeg", 422, "picture_refused"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/png", 422, "picture_refused"),
        (b"", "image/png", 422, "picture_refused"),
        (picture("PNG", (4_000, 3_500)), "image/png", 422, "picture_refused"),
        (picture("WEBP", (4_000, 3_500)), "image/webp", 422, "picture_refused"),
        (picture("JPEG", (6_000, 5_000)), "image/jpeg", 422, "picture_refused"),
        (picture(), "image/svg+xml", 415, "media_type"),
        (bytes(pictures.BYTES_MAX + 1), "image/jpeg", 413, "too_large"),
    ]
    for content, media, status, code in table:
        refused = await operator.post(path, content=content, headers={"Content-Type": media})
        assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
    assert (await operator.get(f"{API}/pictures/{'0' * 64}")).status_code == 404
    assert await doors.pool.fetchval("SELECT count(*) FROM koban.picture") == 1
    acts = await doors.pool.fetch("SELECT act FROM people.audit")
    assert [row["act"] for row in acts] == ["picture.kept"] * 2


def test_a_transparent_picture_stays_so_unless_it_is_too_rich() -> None:
    """A logo is a PNG; what would be too large as one stands on white."""
    logo, rich = io.BytesIO(), io.BytesIO()
    Image.new("RGBA", (40, 30), (1, 2, 3, 40)).save(logo, "PNG")
    noise = Image.effect_noise((1_600, 1_200), 90)
    Image.merge("RGBA", [noise, noise.rotate(90), noise.rotate(180), noise]).save(rich, "WEBP")
    assert pictures.draw(logo.getvalue()).media == "image/png"
    assert pictures.draw(rich.getvalue()).media == "image/jpeg"


def test_drawing_makes_no_fault_of_others_warnings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Filters of warnings are the whole process's, and pictures are drawn beside payments."""
    found, check = list[Any](), pictures._check_size

    def beside(opened: Image.Image) -> None:
        with warnings.catch_warnings(record=True) as seen:
            warnings.warn("something is old", UserWarning, stacklevel=1)
            found.extend(seen)
        check(opened)

    monkeypatch.setattr(pictures, "_check_size", beside)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        pictures.draw(picture())
    assert len(found) == 1


async def test_a_gallery_keeps_what_was_looked_at_lately(doors: Doors) -> None:
    """Within its bound; what is gone from it is read again."""
    gallery, size = Gallery(), BYTES_MAX // 3
    names = [
        await save(
            doors.pool, doors.town, Drawn("image/png", 1, 1, bytes([each]) * size), doors.clock.now
        )
        for each in range(4)
    ]
    for name in (*names[:3], names[0], names[3]):
        assert await gallery.picture(doors.pool, doors.town, name) is not None
    await doors.pool.execute("DELETE FROM koban.picture")
    left = [await gallery.picture(doors.pool, doors.town, name) for name in names]
    assert [each is not None for each in left] == [True, False, True, True]
    assert await gallery.picture(doors.pool, doors.town + 1, names[0]) is None


async def test_what_is_sent_is_there_once_and_is_answered_once(doors: Doors, jobs: Jobs) -> None:
    """The same id is the same; a picture once; the answer is a notice; others see none of it."""
    operator, holder = await doors.operator(), await doors.holder()
    other = await doors.holder("09011112222", "長岡 太郎")
    tablet = await doors.tablet(operator, await doors.shop())
    sent_id = str(uuid4())
    first, again = [await sends(holder, id=sent_id, place="大手通1丁目") for _ in range(2)]
    assert (first.status_code, first.json()) == (200, again.json())
    number = first.json()["proposal"]
    assert (
        await sends(tablet, "terminal", kind="proposal", text="祭りの日は割引を")
    ).status_code == 200
    path = f"{API}/wallet/proposals/{number}/picture"
    headers = {"Content-Type": "image/jpeg"}
    for _ in range(9):
        wrong = await holder.post(path, content=b"no picture", headers=headers)
        assert (wrong.status_code, wrong.json()["code"]) == (422, "picture_refused")
    assert (await other.post(path, content=picture(), headers=headers)).status_code == 404
    assert (await holder.post(path, content=picture(), headers=headers)).json()["pictured"]
    twice = await holder.post(path, content=picture(), headers=headers)
    assert (twice.status_code, twice.json()["code"]) == (429, "too_fast")
    doors.context.limits.picture = Rates(PICTURE)
    twice = await holder.post(path, content=picture(), headers=headers)
    assert (twice.status_code, twice.json()["code"]) == (409, "proposal_closed")

    lines = (await operator.get(f"{API}/console/proposals", params={"open": "true"})).json()
    assert [(line["sender"], line["kind"]) for line in lines["proposals"]] == [
        *(("shop", "proposal"), ("wallet", "report")),
    ]
    seen = await operator.get(f"{API}/console/proposals/{number}/picture")
    assert (seen.headers["content-type"], seen.headers["cache-control"]) == (
        "image/jpeg",
        "no-store",
    )
    rows = await doors.pool.fetch("SELECT p::text AS line FROM people.proposal p")
    assert not any("街灯" in row["line"] or "大手通" in row["line"] for row in rows)
    reply = {"text": "直しました。\nありがとうございます。"}
    answer = f"{API}/console/proposals/{number}/answer"
    assert (await operator.post(answer, json=reply)).json()["closed_by"] == "係"
    late = await operator.post(answer, json=reply)
    assert (late.status_code, late.json()["code"]) == (409, "proposal_closed")
    await jobs.work()
    [told] = await reads(holder)
    assert told == {
        "kind": "answer",
        "about": "proposal",
        "number": number,
        "asked": "街灯が\n消えている",
        "text": reply["text"],
    }
    assert await reads(other) == []
    [own] = (await holder.get(f"{API}/wallet/proposals")).json()["proposals"]
    assert own["answer"] == reply["text"]
    [shops_own] = (await tablet.get(f"{API}/terminal/proposals")).json()["proposals"]
    closed = await operator.post(f"{API}/console/proposals/{shops_own['proposal']}/close", json={})
    assert (closed.json()["answer"], closed.json()["closed_by"]) == (None, "係")
    acts = await doors.pool.fetch("SELECT act FROM people.audit WHERE act LIKE 'proposal%'")
    assert [row["act"] for row in acts] == ["proposal.answered", "proposal.closed"]


async def test_so_much_is_taken_in_a_day(doors: Doors) -> None:
    """Ten of a kind, then it has to wait; the day after it goes on."""
    holder = await doors.holder()
    for _ in range(10):
        assert (await sends(holder)).status_code == 200
        doors.clock.advance(minutes=1)
    refused = await sends(holder)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_fast")
    assert refused.json()["retry_after_ms"] == (24 * 60 - 10) * 60_000
    path = f"{API}/wallet/shop-requests"
    asked = [
        await holder.post(path, json={"name": f"店{number}", "place": "大手通"})
        for number in range(11)
    ]
    assert [each.status_code for each in asked] == [200] * 10 + [429]
    assert asked[-1].json()["code"] == "too_fast"
    assert len((await holder.get(path)).json()["requests"]) == 10
    doors.clock.advance(days=1)
    assert (await sends(holder)).status_code == 200


async def test_who_asks_for_the_same_shop_is_counted_together(doors: Doors, jobs: Jobs) -> None:
    """However it is typed; what is the same in other words an operator says; all are answered."""
    operator, path = await doors.operator(), f"{API}/wallet/shop-requests"
    holders = [await doors.holder(f"0901111000{place}") for place in range(4)]
    asked = [
        ("Cafe 雪", "大手通 一丁目２番地"),
        ("ＣＡＦＥ　雪", "大手通1-2"),
        ("かふぇ・ゆき", "大手通"),
        ("本屋", "殿町"),
    ]
    for holder, (name, place) in zip(holders, asked, strict=True):
        answer = await holder.post(path, json={"name": name, "place": place})
        assert answer.status_code == 200, answer.text
    await holders[0].post(path, json={"name": "cafe雪", "place": "大手通1-2"})
    lines = (await operator.get(f"{API}/console/shop-requests")).json()["requests"]
    assert [(line["name"], line["askers"]) for line in lines] == [
        *(("Cafe 雪", 2), ("かふぇ・ゆき", 1), ("本屋", 1)),
    ]
    cafe, kana, books = [line["request"] for line in lines]
    into = {"into": cafe}
    merged = await operator.post(f"{API}/console/shop-requests/{kana}/merge", json=into)
    assert (merged.json()["request"], merged.json()["askers"]) == (cafe, 3)
    for number, status in ((kana, 404), (cafe, 409)):
        wrong = await operator.post(f"{API}/console/shop-requests/{number}/merge", json=into)
        assert wrong.status_code == status
    later = await holders[3].post(path, json={"name": "かふぇゆき", "place": "大手通"})
    assert (later.json()["request"], later.json()["askers"]) == (cafe, 4)
    door = f"{API}/console/shop-requests/{cafe}/answer"
    answered = await operator.post(door, json={"text": "来月から使えます"})
    assert (answered.json()["askers"], answered.json()["closed_by"]) == (4, "係")
    assert (await operator.post(door, json={"text": "x"})).status_code == 409
    await jobs.work()
    for holder in holders:
        [told] = await reads(holder)
        assert (told["about"], told["asked"], told["text"]) == (
            *("shop_request", "Cafe 雪", "来月から使えます"),
        )
    left = (await operator.get(f"{API}/console/shop-requests", params={"open": "true"})).json()
    assert [line["request"] for line in left["requests"]] == [books]
    acts = await doors.pool.fetch("SELECT act FROM people.audit WHERE act LIKE 'shop_request%'")
    assert [row["act"] for row in acts] == ["shop_request.merged", "shop_request.answered"]


async def test_what_people_wrote_goes_with_them_and_changes_keys(doors: Doors) -> None:
    """Under a new key it reads the same; of somebody erased nothing is left."""
    operator, holder = await doors.operator(), await doors.holder()
    other = await doors.holder("09011112222", "長岡 太郎")
    number = (await sends(holder, place="駅前")).json()["proposal"]
    await operator.post(f"{API}/console/proposals/{number}/answer", json={"text": "はい"})
    path = f"{API}/wallet/shop-requests"
    for who, name in ((holder, "本屋"), (holder, "花屋"), (other, "花屋")):
        await who.post(path, json={"name": name, "place": "殿町"})
    before = (await operator.get(f"{API}/console/proposals")).json()
    old, new = (0, SETTINGS.secret), (7, b"another secret of thirty-two letters")
    keys = "SELECT key_id FROM people.proposal UNION ALL SELECT key_id FROM people.shop_request"
    for vault in (Vault(dict([new, old])), Vault(dict([old, new]))):
        await encrypt_again(doors.pool, vault)
        assert [row["key_id"] for row in await doors.pool.fetch(keys)] == [vault.key_id] * 3
        asked = await shop_requests.ask(
            doors.pool, vault, doors.town, other.account, "花 屋", "殿町", doors.clock.now
        )
        assert asked.askers == 2
    assert (await operator.get(f"{API}/console/proposals")).json() == before
    erased = await operator.post(
        f"{API}/console/wallets/{holder.account}/erase",
        json={"wallet": holder.account, "reason": "解約"},
    )
    assert erased.status_code == 200, erased.text
    assert (await operator.get(f"{API}/console/proposals")).json()["proposals"] == []
    lines = (await operator.get(f"{API}/console/shop-requests")).json()["requests"]
    assert [(line["name"], line["askers"]) for line in lines] == [("花屋", 1)]
    assert await doors.pool.fetchval("SELECT count(*) FROM koban.notice") == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("Cafe 雪", "大手通1-2"), ("ｃａｆｅ雪", "大手通 一丁目２番"), True),
        (("八百屋 まるや", "殿町"), ("八百屋・まるや", "殿町"), True),
        (("まるや", "殿町"), ("まるや", "大手通"), False),
        (("まるや", "殿町"), ("まるや2", "殿町"), False),
    ],
)
def test_what_is_the_same_shop(one: tuple[str, str], other: tuple[str, str], *, same: bool) -> None:
    """The same name at the same place, however it was typed."""
    assert (shop_requests.same_shop(*one) == shop_requests.same_shop(*other)) is same


async def test_wrong_voices_are_refused_by_their_field(doors: Doors) -> None:
    """And nothing is kept."""
    operator, holder = await doors.operator(), await doors.holder()
    shop = await doors.shop()
    notices, voices = f"{API}/console/notices", f"{API}/wallet/proposals"
    wanted = f"{API}/wallet/shop-requests"
    sent = {"id": str(UUID(int=7)), "kind": "report", "text": "文"}
    alt = {"picture": "0" * 64, "alt": {"ja": "絵"}}
    table: list[tuple[Visitor, str, dict[str, Any], str]] = [
        *(
            (operator, notices, NOTICE | changes, field)
            for changes, field in (
                ({"audience": "all"}, "audience"),
                ({"title": {}}, "title"),
                ({"title": {"en": "x"}}, "title"),
                ({"title": {"ja": "x"}}, "text"),
                ({"title": {"ja": "x\ny", "en": "x"}}, "title"),
                ({"text": {"ja": "x", "en": "x", "xx": "x"}}, "text"),
                ({"title": {"ja": "x" * 101, "en": "x"}}, "title[...]"),
                ({"instrument": "gold"}, "instrument"),
                ({"audience": "shops", "instrument": "coin"}, "instrument"),
                ({"groups": ["street"]}, "groups"),
                ({"audience": "shops", "groups": ["moon"]}, "groups"),
                ({"accounts": [shop.account]}, "accounts"),
                ({"accounts": []}, "accounts"),
                ({"accounts": [holder.account], "instrument": "coin"}, "accounts"),
                ({"pictures": [alt]}, "pictures[0].picture"),
                ({"pictures": [alt | {"alt": {"en": "x"}}]}, "pictures[0].alt"),
                ({"shown_until": "2026-04-01T11:00"}, "shown_until"),
                (
                    {"shown_from": "2026-05-01T00:00", "shown_until": "2026-04-30T00:00"},
                    "shown_until",
                ),
                ({"shown_from": "soon"}, "shown_from"),
            )
        ),
        *(
            (holder, voices, sent | changes, field)
            for changes, field in (
                ({"id": "1"}, "id"),
                ({"kind": "praise"}, "kind"),
                ({"text": " \n "}, "text"),
                ({"text": "x" * 2_001}, "text"),
                ({"text": "a\u202eb"}, "text"),
                ({"place": "a\nb"}, "place"),
            )
        ),
        (holder, wanted, {"name": "・", "place": "殿町"}, "name"),
        (holder, wanted, {"name": "本屋", "place": " "}, "place"),
        (holder, wanted, {"name": "本屋"}, "place"),
    ]
    wrong = []
    for visitor, path, body, field in table:
        answer = await visitor.post(path, json=body)
        told = answer.json()
        if (answer.status_code, told.get("code"), told.get("field")) != (422, "invalid", field):
            wrong.append(f"{path} {body}: {answer.text}")
    assert not wrong, "\n".join(wrong)
    for path in ("proposals/9/answer", "shop-requests/9/answer", "notices/9/withdraw"):
        body = {"text": "x"} if path.endswith("answer") else {}
        assert (await operator.post(f"{API}/console/{path}", json=body)).status_code == 404, path
    kept = "SELECT (SELECT count(*) FROM koban.circular) + (SELECT count(*) FROM people.proposal)"
    assert await doors.pool.fetchval(f"{kept} + (SELECT count(*) FROM people.shop_request)") == 0
