"""Draws at the doors: who may apply, what is refused and how, the lottery, and claiming."""

import re
from datetime import timedelta
from typing import Any

import pytest
from msgspec import Struct

from gateway.jobs.draws import look, send_notices
from ledger import audit, offers
from ledger.audit import Filter
from ledger.lottery import read_drawing, replay
from ledger.purchasers import take_notices
from notifier.sms import NotSent, Unknown
from tests.support.doors import Doors, Visitor
from tests.support.draws import API, CODE, DrawOffice, applicant, new_draw, open_draw, phone
from tests.support.jobs import Jobs
from tests.support.ledger import problems

NUMBER = re.compile(r"[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]")


@pytest.fixture
async def office(doors: Doors) -> DrawOffice:
    """A draw of four places, open for a week."""
    return await open_draw(doors)


# -- applying --------------------------------------------------------------------------------------


async def test_somebody_applies_without_a_wallet_and_sees_how_it_is(office: DrawOffice) -> None:
    """By a code on the phone; the receipt number tells the state to who has the phone number."""
    made = await office.applies(1)
    assert made["state"] == "entered"
    assert len(made["receipt"].replace("-", "")) == 12
    assert await office.state(1, made["receipt"]) == "entered"
    body = {"receipt": made["receipt"], "phone": phone(2)}
    other = await office.doors.visitor().post(f"{API}/applications/find", json=body)
    assert (other.status_code, other.json()["code"]) == (404, "application_unknown")
    kept = await office.doors.pool.fetch("SELECT a::text AS row FROM people.applicant a")
    assert not any(word in kept[0]["row"] for word in (phone(1), "応募", made["receipt"]))
    body = {"receipt": made["receipt"], "phone": phone(1)}
    for status in (200, 409):
        withdrawn = await office.doors.visitor().post(f"{API}/applications/withdraw", json=body)
        assert withdrawn.status_code == status
    assert await office.state(1, made["receipt"]) == "withdrawn"
    assert (await office.applies(1))["state"] == "entered", "whoever withdrew may apply again"


async def test_a_second_application_is_refused(office: DrawOffice) -> None:
    """The same phone; the same person with another phone, typed in another way; the same wallet."""
    await office.applies(1)
    same_phone = await office.tries_to_apply(2, said_phone=phone(1))
    typed = {"name": applicant(1)["name"].replace(" ", "　"), "kana": "ああああいい"}
    same_person = await office.tries_to_apply(1, said_phone=phone(9), **typed)
    holder = await office.doors.holder(phone(1), "だれか")
    own = applicant(3)
    body = {key: own[key] for key in ("kana", "birth_date", "postal_code", "address", "group")}
    with_wallet = await holder.post(f"{API}/wallet/draws/{CODE}/applications", json=body)
    for answer in (same_phone, same_person, with_wallet):
        assert (answer.status_code, answer.json()["code"]) == (409, "already_applied"), answer.text
    assert await office.count("entered") == 1


async def test_who_is_like_somebody_or_one_of_many_waits_for_an_operator(doors: Doors) -> None:
    """One digit of a birth date, one address, one network: each is a reason, told to operators."""
    office = await open_draw(doors, address_max=2, network_max=2)
    await office.applies(1)
    near = await office.applies(2, kana=applicant(1)["kana"], birth_date="1951-01-03")
    assert near["state"] == "review"
    house = {"postal_code": "9400062", "address": "大手通 一丁目４番地１０"}
    for number, state in ((11, "entered"), (12, "entered"), (13, "review")):
        made = await office.applies(number, **house)
        assert made["state"] == state
        house = {"postal_code": "940-0062", "address": "大手通1-4-10"}
    for number, state in ((21, "entered"), (22, "entered"), (23, "review")):
        assert (await office.applies(number, "203.0.113.50"))["state"] == state
    for number, state in ((31, "entered"), (32, "entered"), (33, "review")):
        made = await office.applies(number, device="a random word of this browser")
        assert made["state"] == state
    doors.clock.advance(minutes=61)
    assert (await office.applies(24, "203.0.113.50"))["state"] == "entered", "an hour later"
    answer = await office.operator.get(f"{API}/console/draws/{CODE}/reviews")
    reviews = answer.json()["reviews"]
    reasons = [each["reasons"] for each in reviews]
    assert reasons == [["named_the_same"], ["address"], ["network"], ["device"]]
    assert len(reviews[0]["likes"]) == 1
    assert reviews[0]["applicant"]["phone_tail"] == phone(2)[-4:]
    watch = await doors.operator("当直", role="ops")
    assert (await watch.get(f"{API}/console/draws/{CODE}/reviews")).status_code == 403

    # The list is not frozen before they are decided; what is refused is told with its reason.
    await office.passes(7)
    waiting = await office.does("close", 409)
    assert waiting["code"] == "reviews_waiting"
    assert "4 applications" in waiting["message"]
    for each, accept in zip(reviews, (False, True, True, True), strict=True):
        path = f"{API}/console/applications/{each['application']}/decide"
        body = {"accept": accept} | ({} if accept else {"reason": "同じ人です"})
        decided = await office.operator.post(path, json=body)
        assert decided.status_code == 200, decided.text
        again = await office.operator.post(path, json=body)
        assert (again.status_code, again.json()["code"]) == (409, "application_settled")
    found = await doors.visitor().post(
        f"{API}/applications/find", json={"receipt": near["receipt"], "phone": phone(2)}
    )
    assert (found.json()["state"], found.json()["reason"]) == ("refused", "同じ人です")
    await office.does("close")
    lines = await audit.lines(doors.pool, doors.town, Filter(act="application.decided"), None, 10)
    assert len(lines) == 4


async def test_a_wallet_applies_in_one_step_and_has_its_place_at_once(
    office: DrawOffice, jobs: Jobs
) -> None:
    """Everybody wins here, so the notice has no number: the place is there."""
    doors = office.doors
    holder = await doors.holder()
    own = applicant(3)
    body = {key: own[key] for key in ("kana", "birth_date", "postal_code", "address", "group")}
    made = await holder.post(f"{API}/wallet/draws/{CODE}/applications", json=body)
    assert made.status_code == 200, made.text
    assert (await mine(holder))["state"] == "entered"
    await office.publishes()
    (award,) = await offers.awards_of(doors.pool, doors.town, holder.account)
    assert award.place == 1
    await told(doors, jobs)
    assert "当選しました" in doors.phones.messages[-1].text
    assert not NUMBER.search(doors.phones.messages[-1].text)


async def mine(holder: Visitor) -> dict[str, Any]:
    """A wallet's one application."""
    (found,) = (await holder.get(f"{API}/wallet/applications")).json()["applications"]
    application: dict[str, Any] = found
    return application


class Case(Struct):
    """What is said beside a good application, and the field that is refused."""

    name: str
    said: dict[str, Any]
    field: str


APPLICATIONS = [
    Case("an empty name", {"name": ""}, "name"),
    Case("a long name", {"name": "あ" * 61}, "name"),
    Case("a name turned round", {"name": "ハナ\u202eコ"}, "name"),
    Case("a reading in kanji", {"kana": "高橋 花子"}, "kana"),
    Case("no reading", {"kana": None}, "kana"),
    Case("a day that is not", {"birth_date": "1981-02-29"}, "birth_date"),
    Case("a day to come", {"birth_date": "2027-01-01"}, "birth_date"),
    Case("a Japanese year", {"birth_date": "昭和55年2月1日"}, "birth_date"),
    Case("a short postal code", {"postal_code": "940-062"}, "postal_code"),
    Case("letters for a postal code", {"postal_code": "ABC-DEFG"}, "postal_code"),
    Case("no address", {"address": ""}, "address"),
    Case("a long address", {"address": "町" * 201}, "address"),
    Case("a group that is not", {"group": "nobody"}, "group"),
    Case("no group", {"group": ""}, "group"),
    Case("nothing wished for", {"units": 0}, "units"),
    Case("more than allowed", {"units": 4}, "units"),
    Case("half a unit", {"units": 1.5}, "units"),
    Case("a short device", {"device": "x"}, "device"),
    Case("a field too many", {"weight": 100}, "weight"),
    Case("half a code", {"code": "12"}, "code"),
    Case("half a challenge", {"challenge": "x"}, "challenge"),
]


@pytest.mark.parametrize("case", APPLICATIONS, ids=lambda case: case.name)
async def test_what_is_wrong_in_an_application_is_named(office: DrawOffice, case: Case) -> None:
    """The field is told, nothing is kept, and the code by SMS is good for the corrected form."""
    visitor = office.doors.visitor()
    started = await visitor.post(f"{API}/draws/{CODE}/start", json={"phone": phone(1)})
    good = {
        "challenge": started.json()["challenge"],
        "code": office.doors.phones.code(phone(1)),
        **applicant(1),
    }
    wrong = await visitor.post(f"{API}/draws/{CODE}/applications", json={**good, **case.said})
    assert (wrong.status_code, wrong.json()["field"]) == (422, case.field), wrong.text
    assert await office.doors.pool.fetchval("SELECT count(*) FROM koban.application") == 0
    right = await visitor.post(f"{API}/draws/{CODE}/applications", json=good)
    assert right.status_code == 200, right.text


async def test_a_wrong_or_used_code_applies_for_nobody(office: DrawOffice) -> None:
    """A code is good once, for its own phone, and for applying alone."""
    visitor, doors = office.doors.visitor(), office.doors
    started = await visitor.post(f"{API}/draws/{CODE}/start", json={"phone": phone(1)})
    challenge, code = started.json()["challenge"], doors.phones.code(phone(1))
    other = f"{(int(code) + 1) % 1_000_000:06}"
    path = f"{API}/draws/{CODE}/applications"
    body = {"challenge": challenge, "code": other, **applicant(1)}
    wrong = await visitor.post(path, json=body)
    assert (wrong.status_code, wrong.json()["code"]) == (401, "code_wrong")
    register = {
        "challenge": challenge,
        "code": code,
        "password": "long enough",
        "pin": "4321",
        "name": "だれか",
    }
    no_wallet = await visitor.post(f"{API}/wallet/register/finish", json=register)
    assert no_wallet.json()["code"] == "challenge_over"
    assert (await visitor.post(path, json=body | {"code": code})).status_code == 200
    used = await visitor.post(path, json=body | {"code": code})
    assert (used.status_code, used.json()["code"]) == (410, "challenge_over")


async def test_before_and_after_its_time_nobody_applies(doors: Doors) -> None:
    """Told when it opens, and when it closed; at the very instants too."""
    opens = doors.clock.now + timedelta(hours=1)
    office = await open_draw(doors, opens_at=opens.isoformat())
    early = await office.tries_to_apply(1)
    assert (early.status_code, early.json()["code"]) == (409, "draw_not_open")
    assert "2026-04-01 13:00" in early.json()["message"], "the town's own time"
    assert early.json()["retry_after_ms"] == 3_600_000
    assert doors.phones.messages == []
    doors.clock.advance(minutes=60)
    made = await office.applies(2)
    # The form is sent a second too late, by who got a code in time.
    doors.clock.advance(days=6.9)
    visitor = doors.visitor()
    started = await visitor.post(f"{API}/draws/{CODE}/start", json={"phone": phone(4)})
    body = {
        "challenge": started.json()["challenge"],
        "code": doors.phones.code(phone(4)),
        **applicant(4),
    }
    doors.clock.advance(days=0.1)
    form = await visitor.post(f"{API}/draws/{CODE}/applications", json=body)
    assert (form.status_code, form.json()["code"]) == (409, "draw_closed")
    late = await office.tries_to_apply(3)
    assert (late.status_code, late.json()["code"]) == (409, "draw_closed")
    assert "2026-04-08 12:00" in late.json()["message"]
    assert await office.state(2, made["receipt"]) == "entered"


# -- opening and drawing ---------------------------------------------------------------------------

DRAWS = [
    Case("no places", {"places": 0}, "places"),
    Case("no groups", {"groups": []}, "groups"),
    Case("a group twice", {"groups": [{"code": "a", "name": "a"}] * 2}, "groups"),
    Case(
        "more in groups than there are",
        {"groups": [{"code": "a", "name": "a", "places": 5}]},
        "groups",
    ),
    Case("no weight", {"groups": [{"code": "a", "name": "a", "weight": 0}]}, "groups[0].weight"),
    Case("a capital", {"groups": [{"code": "A", "name": "a"}]}, "groups[0].code"),
    Case("neither amount nor coupon", {"amount": None}, "amount"),
    Case("amount and coupon", {"coupon": "spring"}, "amount"),
    Case("a coupon that is not", {"amount": None, "coupon": "spring", "units_max": 1}, "coupon"),
    Case("several units of a coupon", {"amount": None, "coupon": "spring"}, "units_max"),
    Case("closed before it opens", {"closes_at": "2026-03-01T00:00"}, "closes_at"),
    Case("claimed before it closes", {"claim_until": "2026-04-02T00:00"}, "claim_until"),
    Case("claimed when it is over", {"claim_until": "2027-04-02T00:00"}, "claim_until"),
    Case("no instant", {"closes_at": "soon"}, "closes_at"),
    Case("no days to claim again", {"redraw_days": 0}, "redraw_days"),
    Case("another remainder", {"remainder": "lost"}, "remainder"),
    Case("no code", {"code": "Spring!"}, "code"),
    Case("a taken code", {"code": CODE}, "code"),
]


@pytest.mark.parametrize("case", DRAWS, ids=lambda case: case.name)
async def test_what_is_wrong_in_a_draw_is_named(office: DrawOffice, case: Case) -> None:
    """And no offer is opened for it."""
    good = new_draw(office.doors) | {"code": "summer"}
    answer = await office.operator.post(f"{API}/console/draws", json={**good, **case.said})
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["field"] == case.field, answer.text
    assert await office.doors.pool.fetchval("SELECT count(*) FROM koban.offer") == 1


async def test_a_draw_goes_one_way_and_tells_no_secret_early(office: DrawOffice) -> None:
    """Each act at its stage alone; the list when it is frozen, the seed when it is published."""
    doors, visitor = office.doors, office.doors.visitor()
    for number in range(1, 9):
        await office.applies(number, group="resident" if number < 6 else "visitor")
    (told_first,) = (await visitor.get(f"{API}/draws")).json()["draws"]
    assert (told_first["stage"], told_first["digest"]) == ("open", None)

    async def refused(*acts: str) -> None:
        for act in acts:
            assert (await office.does(act, 409))["code"] == "draw_stage"

    await refused("close", "draw", "publish", "redraw")
    assert (await visitor.get(f"{API}/draws/{CODE}/file")).status_code == 409
    await office.passes(7)
    await refused("draw", "publish", "redraw")
    await office.does("close")
    frozen = read_drawing((await visitor.get(f"{API}/draws/{CODE}/file")).content)
    assert (frozen.seed, frozen.winners, len(frozen.entries)) == (None, None, 8)
    assert replay(frozen) == ["the seed and the result are not published yet"]
    await refused("close", "publish", "redraw")
    drawn = await office.does("draw")
    assert drawn["draw"]["stage"] == "drawn"
    assert (await visitor.get(f"{API}/draws/{CODE}")).json()["stage"] == "closed"
    assert read_drawing((await visitor.get(f"{API}/draws/{CODE}/file")).content) == frozen
    await refused("close", "draw", "redraw")
    await office.does("publish")
    await refused("close", "draw", "publish", "redraw")
    published = read_drawing((await visitor.get(f"{API}/draws/{CODE}/file")).content)
    assert replay(published) == []
    assert published.commitment == told_first["commitment"]
    assert published.digest == frozen.digest
    assert published.winners is not None
    assert len(published.winners) == 4
    assert [winner.pool for winner in published.winners].count("resident") == 2
    acts = [line.act for line in await audit.lines(doors.pool, doors.town, Filter(), None, 10)]
    assert acts[:4] == ["draw.published", "draw.drawn", "draw.closed", "draw.opened"]


@pytest.mark.parametrize("act", ["close", "draw", "publish", "redraw", "reviews"])
async def test_a_draw_that_is_not_is_not_found(office: DrawOffice, act: str) -> None:
    """At every door of the console, for everybody and for wallets."""
    method = "GET" if act == "reviews" else "POST"
    path = f"{API}/console/draws/winter/{act}"
    body: dict[str, Any] | None = None if act == "reviews" else {}
    answer = await office.operator.request(method, path, json=body)
    assert (answer.status_code, answer.json()["field"]) == (404, "code")
    visitor = office.doors.visitor()
    assert (await visitor.get(f"{API}/draws/winter/file")).status_code == 404
    start = await visitor.post(f"{API}/draws/winter/start", json={"phone": phone(1)})
    assert start.status_code == 404
    assert office.doors.phones.messages == []


# -- notices and purchaser numbers -----------------------------------------------------------------


async def told(doors: Doors, jobs: Jobs) -> dict[str, str]:
    """Notices go out; the text that each phone got last."""
    profile = doors.context.towns["nagaoka"].profile
    while await send_notices(jobs.context, doors.phones, profile, doors.clock.now):
        pass
    return {sms.to: sms.text for sms in doors.phones.messages if "draw" in sms.text}


async def numbers(doors: Doors, jobs: Jobs) -> dict[str, str]:
    """The purchaser numbers that phones were told last."""
    texts = await told(doors, jobs)
    return {
        to: found[0] for to, text in texts.items() if (found := NUMBER.search(text)) is not None
    }


async def claims(visitor: Visitor, number: str) -> tuple[int, str]:
    """Gives a number; the status, and the word for why not."""
    answer = await visitor.post(f"{API}/wallet/purchaser-number", json={"number": number})
    return answer.status_code, answer.json().get("code", "") if answer.is_error else ""


async def test_a_number_works_once_and_for_its_person_alone(office: DrawOffice, jobs: Jobs) -> None:
    """Whoever signed up with the application's phone gets the place; nobody else, and once."""
    doors = office.doors
    for number in range(1, 9):
        await office.applies(number)
    await office.publishes()
    won = await numbers(doors, jobs)
    assert len(won) == 4
    texts = await told(doors, jobs)
    assert len(texts) == 8, "losers are told, too"
    notices = [sms for sms in doors.phones.messages if "drawn" in sms.text]
    assert len(notices) == 8, "each once"
    assert len({sms.key for sms in notices}) == 8
    own, digits = next(iter(won.items()))
    stranger = await doors.holder("09000000001", "他人")
    assert await claims(stranger, digits) == (403, "number_wrong")
    holder = await doors.holder(own, "当選 者")
    typed = digits.translate({ord(str(digit)): 0xFF10 + digit for digit in range(10)})
    assert await claims(holder, typed.replace("-", "ー")) == (200, "")
    assert await claims(holder, digits) == (409, "number_used")
    assert await claims(stranger, digits) == (403, "number_wrong")
    assert len(await offers.awards_of(doors.pool, doors.town, holder.account)) == 1
    assert await offers.awards_of(doors.pool, doors.town, stranger.account) == []
    kept = await doors.pool.fetch("SELECT a::text AS row FROM people.applicant a")
    assert not any(digits.replace("-", "") in row["row"] for row in kept)
    progress = await office.progress()
    assert (progress["free"], progress["awarded"], progress["notices"]) == (3, 1, {"sent": 8})


async def test_guesses_are_counted_and_then_refused(office: DrawOffice) -> None:
    """Five in all, for all gateways; the right number waits until the lock is over."""
    holder = await office.doors.holder()
    for left in (4, 3, 2, 1, 0):
        body = {"number": f"{left:013}"}
        answer = await holder.post(f"{API}/wallet/purchaser-number", json=body)
        assert answer.json()["code"] == "number_wrong"
        assert answer.json().get("attempts_left") == left
    assert await claims(holder, "0000-0000-0000-0") == (429, "number_locked")
    office.doors.clock.advance(minutes=16)
    assert await claims(holder, "0000-0000-0000-0") == (403, "number_wrong")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"number": ""}, 422),
        ({"number": "1" * 31}, 422),
        ({"number": 1234567890123}, 422),
        ({"number": "1234", "phone": "09012345678"}, 422),
        ({"number": "not a number"}, 403),
        ({"number": "１２３４５６７８９０１２３"}, 403),
    ],
    ids=["nothing", "empty", "long", "a number", "a field too many", "words", "full width"],
)
async def test_what_is_no_number_is_refused(
    office: DrawOffice, body: dict[str, Any], status: int
) -> None:
    """With the field, and nothing is given."""
    holder = await office.doors.holder()
    answer = await holder.post(f"{API}/wallet/purchaser-number", json=body)
    assert answer.status_code == status, answer.text
    assert answer.json()["field"] in {"number", "phone"}
    assert await offers.awards_of(office.doors.pool, office.doors.town, holder.account) == []


async def test_what_is_not_claimed_is_drawn_again(office: DrawOffice, jobs: Jobs) -> None:
    """By the job, down the waiting list, until the list is empty; the old number works no more."""
    doors = office.doors
    for number in range(1, 8):
        await office.applies(number)
    await office.publishes()
    first = await numbers(doors, jobs)
    claimed, *lapsed = first.items()
    holder = await doors.holder(claimed[0], "当選 者")
    assert await claims(holder, claimed[1]) == (200, "")
    await office.passes(10)
    late = await doors.holder(lapsed[0][0], "遅刻 者")
    assert await claims(late, lapsed[0][1]) == (410, "number_over")
    await look(jobs.context, doors.town, due=doors.clock.now, now=doors.clock.now)
    progress = await office.progress()
    assert (progress["round"], progress["free"], progress["awarded"]) == (2, 3, 1)
    assert await office.count("lapsed") == 3
    second = {to: number for to, number in (await numbers(doors, jobs)).items() if to not in first}
    assert len(second) == 3
    assert await claims(late, lapsed[0][1]) == (410, "number_over")
    to, digits = next(iter(second.items()))
    assert await claims(await doors.holder(to, "繰上 者"), digits) == (200, "")
    await office.passes(10)
    await look(jobs.context, doors.town, due=doors.clock.now, now=doors.clock.now)
    assert (await office.progress())["round"] == 3
    assert await office.count("lapsed") == 5
    assert await office.count("waiting") == 0
    assert (await office.does("redraw", 409))["code"] == "draw_stage"
    file = await doors.visitor().get(f"{API}/draws/{CODE}/file")
    drawing = read_drawing(file.content)
    assert replay(drawing) == []
    assert [len(each.winners) for each in drawing.redraws] == [3, 0]
    lines = await audit.lines(doors.pool, doors.town, Filter(act="draw.redrawn"), None, 5)
    assert [line.actor for line in lines] == ["system", "system"]
    assert await problems(doors.pool) == []


async def test_a_place_given_up_goes_on_and_the_file_still_replays(
    office: DrawOffice, jobs: Jobs
) -> None:
    """Winners and waiting people withdraw; both are passed over, and everybody sees by whom."""
    doors = office.doors
    receipts = {number: (await office.applies(number))["receipt"] for number in range(1, 8)}
    await office.publishes()
    won = await numbers(doors, jobs)
    winner = next(number for number in receipts if phone(number) in won)
    waiting = next(number for number in receipts if phone(number) not in won)
    for number in (winner, waiting):
        body = {"receipt": receipts[number], "phone": phone(number)}
        gone = await doors.visitor().post(f"{API}/applications/withdraw", json=body)
        assert gone.json()["state"] == "withdrawn"
    holder = await doors.holder(phone(winner), "当選 者")
    assert await claims(holder, won[phone(winner)]) == (410, "number_over")
    await office.passes(10)
    redrawn = await office.does("redraw")
    counts = [each for each in redrawn["counts"] if each["state"] == "won"]
    assert sum(each["applications"] for each in counts) == 2, "of three who wait one has gone"
    file = await doors.visitor().get(f"{API}/draws/{CODE}/file")
    assert replay(read_drawing(file.content)) == []


async def test_notices_survive_a_provider_that_fails(office: DrawOffice, jobs: Jobs) -> None:
    """What did not go out waits, longer each time, under the same key; then it is given up."""
    doors = office.doors
    await office.applies(1)
    await office.publishes()
    for fault in (NotSent("away"), Unknown("no answer")):
        doors.phones.fault = fault
        await told(doors, jobs)
        assert (await office.progress())["notices"] == {"waiting": 1}
        doors.clock.advance(minutes=10)
    doors.phones.fault = None
    (number,) = (await numbers(doors, jobs)).values()
    assert (await office.progress())["notices"] == {"sent": 1}
    doors.clock.advance(minutes=60)
    before = len(doors.phones.messages)
    await told(doors, jobs)
    assert len(doors.phones.messages) == before
    holder = await doors.holder(phone(1), "当選 者")
    assert await claims(holder, number) == (200, "")


async def test_a_notice_whose_sender_died_is_sent_again_with_the_same_number(
    office: DrawOffice, jobs: Jobs
) -> None:
    """Under the same key, so that the provider makes one message of the two."""
    doors = office.doors
    await office.applies(1)
    await office.publishes()
    vault, town = doors.auth.vault, doors.town
    (taken,) = await take_notices(doors.pool, vault, town, 10, doors.clock.now)
    assert await take_notices(doors.pool, vault, town, 10, doors.clock.now) == []
    doors.clock.advance(minutes=11)
    (again,) = await take_notices(doors.pool, vault, town, 10, doors.clock.now)
    assert (again.number, again.key) == (taken.number, taken.key)
    assert again.number is not None
    # It did arrive: whoever gives the number is told no more.
    assert await claims(await doors.holder(phone(1), "当選 者"), again.number) == (200, "")
    doors.clock.advance(minutes=11)
    assert await take_notices(doors.pool, vault, town, 10, doors.clock.now) == []


async def test_a_winner_whose_wallet_is_frozen_gets_a_number_for_later(
    office: DrawOffice, jobs: Jobs
) -> None:
    """No place while it is frozen; the number works when it is open again, in time."""
    doors = office.doors
    holder = await doors.holder()
    own = applicant(3)
    body = {key: own[key] for key in ("kana", "birth_date", "postal_code", "address", "group")}
    await holder.post(f"{API}/wallet/draws/{CODE}/applications", json=body)
    await freeze(doors, holder, "frozen")
    await office.publishes()
    assert await offers.awards_of(doors.pool, doors.town, holder.account) == []
    (number,) = (await numbers(doors, jobs)).values()
    assert await claims(holder, number) == (402, "wallet_frozen")
    await freeze(doors, holder, "open")
    assert await claims(holder, number) == (200, "")
    assert (await mine(holder))["state"] == "claimed"


async def freeze(doors: Doors, holder: Visitor, state: str) -> None:
    """What an operator's decision about two accounts of one person does."""
    await doors.pool.execute(
        "UPDATE koban.account SET state = $2 WHERE account = $1", holder.account, state
    )


async def test_an_applicant_is_forgotten_and_the_list_stays(office: DrawOffice, jobs: Jobs) -> None:
    """By an operator; or with the wallet's holder. What was drawn stays as it was."""
    doors = office.doors
    for number in range(1, 7):
        await office.applies(number)
    await office.publishes()
    first = await doors.visitor().get(f"{API}/draws/{CODE}/file")
    number = await doors.pool.fetchval("SELECT min(application) FROM koban.application")
    path = f"{API}/console/applications/{number}/erase"
    wrong = await office.operator.post(path, json={"application": number + 1, "reason": "申出"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "application")
    done = await office.operator.post(path, json={"application": number, "reason": "申出"})
    assert (done.status_code, done.json()["state"]) == (200, "withdrawn")
    again = await office.operator.post(path, json={"application": number, "reason": "申出"})
    assert again.status_code == 404
    (line,) = await audit.lines(doors.pool, doors.town, Filter(act="applicant.erased"), None, 5)
    assert line.subject == f"application:{number}"
    holder = await doors.holder(phone(2), "応募 者")
    erased = await office.operator.post(
        f"{API}/console/wallets/{holder.account}/erase",
        json={"wallet": holder.account, "reason": "申出"},
    )
    assert erased.status_code == 200
    assert await doors.pool.fetchval("SELECT count(*) FROM people.applicant") == 4
    assert (await doors.visitor().get(f"{API}/draws/{CODE}/file")).content == first.content
    assert len(await told(doors, jobs)) == 4


# -- bad input at the other doors ------------------------------------------------------------------


class Knock(Struct):
    """A request that is wrong: where, with what, and the answer's status and field."""

    name: str
    path: str
    body: dict[str, Any]
    status: int
    told: str


OWN = {key: applicant(1)[key] for key in ("postal_code", "address", "group")}
BORN = {"kana": "アイ", "birth_date": "1980-02-01"}
FOUND = {"receipt": "1234-5678-9012", "phone": "09012345678"}
KNOCKS = [
    Knock("no phone", f"draws/{CODE}/start", {}, 422, "phone"),
    Knock("letters for a phone", f"draws/{CODE}/start", {"phone": "abc"}, 422, "phone"),
    Knock("a phone with hyphens", f"draws/{CODE}/start", {"phone": "090-1234-5678"}, 422, "phone"),
    Knock("a code with spaces", "draws/no such/start", {"phone": "09012345678"}, 422, "code"),
    *(
        knock
        for act in ("find", "withdraw")
        for knock in (
            Knock(f"{act} without a receipt", f"applications/{act}", {}, 422, "receipt"),
            Knock(
                f"{act} a long one",
                f"applications/{act}",
                FOUND | {"receipt": "1" * 31},
                422,
                "receipt",
            ),
            Knock(
                f"{act} words", f"applications/{act}", FOUND | {"receipt": "mine"}, 404, "receipt"
            ),
            Knock(f"{act} a wrong one", f"applications/{act}", FOUND, 404, "receipt"),
            Knock(f"{act} no phone", f"applications/{act}", FOUND | {"phone": "1"}, 422, "phone"),
        )
    ),
    Knock("no reading", f"wallet/draws/{CODE}/applications", OWN, 422, "kana"),
    Knock(
        "no birth date",
        f"wallet/draws/{CODE}/applications",
        OWN | {"kana": "アイ"},
        422,
        "birth_date",
    ),
    Knock(
        "a name too many",
        f"wallet/draws/{CODE}/applications",
        OWN | BORN | {"name": "x"},
        422,
        "name",
    ),
    Knock(
        "another group",
        f"wallet/draws/{CODE}/applications",
        OWN | BORN | {"group": "x"},
        422,
        "group",
    ),
    Knock(
        "too many units",
        f"wallet/draws/{CODE}/applications",
        OWN | BORN | {"units": 9},
        422,
        "units",
    ),
    Knock("no draw", "wallet/draws/winter/applications", OWN | BORN, 404, "code"),
    Knock("nothing to withdraw", f"wallet/draws/{CODE}/withdraw", {}, 404, "code"),
    Knock("no draw to withdraw", "wallet/draws/winter/withdraw", {}, 404, "code"),
    Knock(
        "decided by nobody", "console/applications/999/decide", {"accept": True}, 404, "application"
    ),
    Knock("no decision", "console/applications/999/decide", {}, 422, "accept"),
    Knock(
        "refused for nothing", "console/applications/999/decide", {"accept": False}, 422, "reason"
    ),
    Knock("no number", "console/applications/first/decide", {"accept": True}, 422, "application"),
    Knock(
        "erased for nothing", "console/applications/999/erase", {"application": 999}, 422, "reason"
    ),
    Knock(
        "nobody to erase",
        "console/applications/999/erase",
        {"application": 999, "reason": "申出"},
        404,
        "application",
    ),
]


@pytest.mark.parametrize("knock", KNOCKS, ids=lambda knock: knock.name)
async def test_what_is_wrong_at_a_door_is_named(office: DrawOffice, knock: Knock) -> None:
    """With its field; nothing is kept, nothing is sent, and nobody gets in without a session."""
    doors, visitor = office.doors, office.doors.visitor()
    if knock.path.startswith("console/"):
        visitor = office.operator
    elif knock.path.startswith("wallet/"):
        visitor = await doors.holder()
    sent = len(doors.phones.messages)
    answer = await visitor.post(f"{API}/{knock.path}", json=knock.body)
    assert (answer.status_code, answer.json()["field"]) == (knock.status, knock.told), answer.text
    assert len(doors.phones.messages) == sent
    assert await doors.pool.fetchval("SELECT count(*) FROM koban.application") == 0
    if visitor is office.operator or knock.path.startswith("wallet/"):
        nobody = await doors.visitor().post(f"{API}/{knock.path}", json=knock.body)
        assert (nobody.status_code, nobody.json()["code"]) == (401, "signed_out")
