"""Draws apart from the doors: the command line, keys that change, and who comes at one time."""

import asyncio
import json
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

import gateway.draws
from gateway.jobs.draws import look, send_notices
from ledger import applicants, applications, draw_stages, draws, offers, purchasers
from ledger.applications import ApplicationRefused
from ledger.audit import ActorKind, Filter, lines
from ledger.database import transaction
from ledger.encryption import encrypt_again
from ledger.purchasers import NumberRefused, WhyNot
from ledger.vault import Unreadable, Vault
from tests.support.clock import Clock
from tests.support.doors import SETTINGS, Doors
from tests.support.draws import CODE, DrawOffice, applicant, new_draw, open_draw, phone
from tests.support.jobs import Jobs
from tests.support.ledger import problems

NEW_KEY = b"a new secret of the town, with 32 characters and more"


@pytest.fixture
async def office(doors: Doors) -> DrawOffice:
    """A draw of four places, open for a week."""
    return await open_draw(doors)


@pytest.fixture
def environ(dsn: str, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """What the command is told, as the gateway is."""
    for name, text in (
        ("POSTGRES_DSN", dsn),
        ("REDIS_URL", "redis://127.0.0.1:1"),
        ("SECRET", SETTINGS.secret.decode()),
    ):
        monkeypatch.setenv(f"KOBAN_{name}", text)
    monkeypatch.delenv("KOBAN_PERSONAL_KEY", raising=False)
    return monkeypatch


class Command:
    """``koban draws`` on the test's clock, and what it printed."""

    def __init__(self, clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
        self._clock, self._capsys = clock, capsys
        self.out = self.err = ""

    async def __call__(self, *words: str) -> int:
        self._capsys.readouterr()
        status = await asyncio.to_thread(gateway.draws.main, words, self._clock)
        self.out, self.err = self._capsys.readouterr()
        return status


@pytest.fixture
def ran(clock: Clock, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command."""
    return Command(clock, capsys)


async def a_number(office: DrawOffice, jobs: Jobs) -> tuple[str, str]:
    """A winner's phone and purchaser number, as they were sent."""
    notices = await purchasers.take_notices(
        office.doors.pool, office.doors.auth.vault, office.doors.town, 10, office.doors.clock.now
    )
    notice = next(each for each in notices if each.number is not None)  # Losers are told as well.
    assert notice.phone is not None
    assert notice.number is not None
    await purchasers.sent(office.doors.pool, office.doors.town, notice, office.doors.clock.now)
    return notice.phone, notice.number


# -- the command line ------------------------------------------------------------------------------


async def test_a_draw_from_the_command_line(
    doors: Doors,
    environ: pytest.MonkeyPatch,
    tmp_path: Path,
    ran: Command,
) -> None:
    """Opened, shown and refused, with a line in the audit and JSON to read."""
    file = tmp_path / "draw.json"
    file.write_text(json.dumps(new_draw(doors)), encoding="utf-8")
    assert await ran("open", "nagaoka", str(file)) == 0
    opened = json.loads(ran.out)
    assert (opened["draw"]["code"], opened["round"], opened["counts"]) == (CODE, 0, [])
    (line,) = await lines(doors.pool, doors.town, Filter(act="draw.opened"), None, 5)
    assert line.actor == ActorKind.COMMAND
    assert await ran("show", "nagaoka", CODE) == 0
    assert json.loads(ran.out) == opened
    assert await ran("redraw", "nagaoka", CODE, "--dry-run") == 0
    told = json.loads(ran.out)
    assert (told["free"], told["waiting"]) == (0, 0)
    for words, said in (
        (("open", "nagaoka", str(file)), "is or was used"),
        (("close", "nagaoka", CODE), "its applications are open"),
        (("draw", "nagaoka", CODE), "its applications are open"),
        (("publish", "nagaoka", CODE), "its applications are open"),
        (("redraw", "nagaoka", CODE), "its applications are open"),
        (("file", "nagaoka", CODE), "not frozen yet"),
        (("show", "nagaoka", "winter"), "no draw"),
        (("show", "atlantis", CODE), "no town 'atlantis'"),
        (("open", "nagaoka", str(tmp_path / "none.json")), "No such file"),
    ):
        assert await ran(*words) == 1, words
        assert said in ran.err, words


async def test_a_whole_draw_from_the_command_line(
    office: DrawOffice,
    environ: pytest.MonkeyPatch,
    tmp_path: Path,
    ran: Command,
) -> None:
    """Closed, drawn, published and drawn again, which needs no setting of the gateway's."""
    for number in range(1, 9):
        await office.applies(number)
    office.doors.clock.advance(days=7)
    for act, stage in (("close", "closed"), ("draw", "drawn"), ("publish", "published")):
        assert await ran(act, "nagaoka", CODE) == 0
        assert json.loads(ran.out)["draw"]["stage"] == stage
    assert await ran("file", "nagaoka", CODE) == 0
    file = tmp_path / "spring.json"
    file.write_text(ran.out, encoding="utf-8")
    environ.delenv("KOBAN_POSTGRES_DSN")
    environ.delenv("KOBAN_SECRET")
    assert await ran("replay", str(file)) == 0
    assert "the same winners" in ran.out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "No such file"),
        (b"", "no published draw"),
        (b"\x00\x01", "no published draw"),
        (b"[1, 2]", "no published draw"),
        (b'{"format": "koban.draw.1"}', "missing required field"),
        (b"[" * 100_000, "no published draw"),
    ],
    ids=["absent", "empty", "bytes", "a list", "half", "deep"],
)
async def test_what_is_no_draw_is_not_replayed(
    tmp_path: Path, text: bytes | None, said: str, ran: Command
) -> None:
    """One line that says why; no traceback."""
    file = tmp_path / "file.json"
    if text is not None:
        file.write_bytes(text)
    assert await ran("replay", str(file)) == 1
    assert said in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "truncated"),
        ("{}", "missing required field"),
        ('{"places": "four"}', "places"),
        ('{"weights": 1}', "weights"),
    ],
)
async def test_what_describes_no_draw_is_refused(
    doors: Doors,
    environ: pytest.MonkeyPatch,
    tmp_path: Path,
    text: str,
    said: str,
    ran: Command,
) -> None:
    """With what is wrong, and nothing is opened."""
    file = tmp_path / "draw.json"
    file.write_text(text, encoding="utf-8")
    assert await ran("open", "nagaoka", str(file)) == 1
    assert said in ran.err
    assert await doors.pool.fetchval("SELECT count(*) FROM koban.offer") == 0


# -- keys ------------------------------------------------------------------------------------------


async def test_a_key_is_changed_under_a_draw(office: DrawOffice, jobs: Jobs) -> None:
    """Applicants, numbers and seeds are read with the new key alone, and found as before."""
    doors = office.doors
    receipts = {number: (await office.applies(number))["receipt"] for number in range(1, 6)}
    await office.publishes()
    own, number = await a_number(office, jobs)
    both = Vault({7: NEW_KEY, 0: SETTINGS.secret})
    twice = await office.tries_to_apply(9)
    assert twice.json()["code"] == "draw_closed"
    await encrypt_again(doors.pool, both, step=2)
    new = Vault({7: NEW_KEY})
    for each, receipt in receipts.items():
        digits = applications.read_receipt(receipt)
        assert digits is not None
        found = await applications.by_receipt(doors.pool, new, doors.town, digits, phone(each))
        assert found is not None
        who = await applicants.applicant(doors.pool, new, doors.town, found.application)
        assert who is not None
        assert (who.phone, who.name) == (phone(each), applicant(each)["name"])
        old = Vault({0: SETTINGS.secret})
        with pytest.raises(Unreadable):
            await applicants.applicant(doors.pool, old, doors.town, found.application)
    draw = await draws.find_draw(doors.pool, doors.town, CODE)
    assert draw is not None
    file = await draw_stages.drawing(doors.pool, new, doors.town, "nagaoka", draw)
    assert file.seed is not None
    wallet = (await doors.holder(own)).account
    offer, units = await purchasers.claim(
        doors.pool, new, doors.town, wallet, own, number, doors.clock.now
    )
    assert (offer.code, units) == (CODE, 1)


async def test_somebody_is_found_again_while_keys_change(doors: Doors) -> None:
    """Under the old key, under the new one: it is one application all the same."""
    office = await open_draw(doors)
    await office.applies(1)
    draw = await draws.find_draw(doors.pool, doors.town, CODE)
    assert draw is not None
    both = Vault({7: NEW_KEY, 0: SETTINGS.secret})
    new = applications.NewApplication(
        applicants.Applicant(
            *("09011112222", applicant(1)["name"], applicant(1)["kana"]),
            date.fromisoformat(applicant(1)["birth_date"]),
            *("9400062", "殿町1"),
        ),
        *("resident", 1),
    )
    with pytest.raises(ApplicationRefused, match="twice"):
        await applications.apply(doors.pool, both, doors.town, CODE, new, doors.clock.now)


# -- at the same time ------------------------------------------------------------------------------


async def test_one_number_given_at_the_same_time_is_one_place(
    office: DrawOffice, jobs: Jobs
) -> None:
    """Ten screens of one wallet: one has it, the others hear that it was used."""
    doors = office.doors
    for number in range(1, 4):
        await office.applies(number)
    await office.publishes()
    own, digits = await a_number(office, jobs)
    wallet = (await doors.holder(own)).account

    async def claim() -> str:
        try:
            await purchasers.claim(
                doors.pool, doors.auth.vault, doors.town, wallet, own, digits, doors.clock.now
            )
        except NumberRefused as error:
            return error.why
        return "done"

    found = await asyncio.gather(*(claim() for _ in range(10)))
    assert sorted(found) == ["done", *[WhyNot.USED] * 9]
    assert len(await offers.awards_of(doors.pool, doors.town, wallet)) == 1
    assert await problems(doors.pool) == []


async def test_one_person_who_applies_ten_times_at_once_has_applied_once(
    office: DrawOffice,
) -> None:
    """However many gateways take it."""
    doors, who = office.doors, applicant(1)
    made = applicants.Applicant(
        *(phone(1), who["name"], who["kana"]),
        date.fromisoformat(who["birth_date"]),
        *(who["postal_code"], who["address"]),
    )
    new = applications.NewApplication(made, "resident", 1)

    async def apply(phone_number: str) -> str:
        one = replace(new, applicant=replace(made, phone=phone_number))
        try:
            await applications.apply(
                doors.pool, doors.auth.vault, doors.town, CODE, one, doors.clock.now
            )
        except ApplicationRefused as error:
            return error.why
        return "done"

    found = await asyncio.gather(*(apply(f"0901111{number:04}") for number in range(10)))
    assert sorted(found) == ["done", *["twice"] * 9]


async def test_many_workers_tell_each_person_once(office: DrawOffice, jobs: Jobs) -> None:
    """Four at a time, until nobody is left to be told."""
    doors = office.doors
    for number in range(1, 21):
        await office.applies(number)
    await office.publishes()
    profile = doors.context.towns["nagaoka"].profile
    before = len(doors.phones.messages)
    await asyncio.gather(
        *(send_notices(jobs.context, doors.phones, profile, doors.clock.now) for _ in range(4))
    )
    told = doors.phones.messages[before:]
    assert len(told) == 20
    assert len({sms.to for sms in told}) == 20
    assert (await office.progress())["notices"] == {"sent": 20}


async def test_redraws_at_the_same_time_are_one(office: DrawOffice, jobs: Jobs) -> None:
    """Of workers and an operator who come together one draws; the places are never too many."""
    doors = office.doors
    for number in range(1, 13):
        await office.applies(number)
    await office.publishes()
    await office.passes(10)
    now = doors.clock.now
    await asyncio.gather(*(look(jobs.context, doors.town, due=now, now=now) for _ in range(3)))
    progress = await office.progress()
    assert (progress["round"], progress["free"]) == (2, 4)
    assert await office.count("lapsed") == 4
    assert await office.count("won") == 4
    redraws = await lines(doors.pool, doors.town, Filter(act="draw.redrawn"), None, 5)
    assert len(redraws) == 1


async def test_a_worker_freezes_the_list_in_time_unless_somebody_has_to_look(
    doors: Doors, jobs: Jobs
) -> None:
    """With its line in the audit."""
    office = await open_draw(doors, address_max=1)
    house = {"postal_code": "9400062", "address": "大手通1-4-10"}
    await office.applies(1, **house)
    assert (await office.applies(2, **house))["state"] == "review"

    async def looked() -> str:
        now = doors.clock.now
        await look(jobs.context, doors.town, due=now, now=now)
        return str((await office.progress())["draw"]["stage"])

    assert await looked() == "open"
    await office.passes(7)
    assert await looked() == "over"
    number = await doors.pool.fetchval(
        "SELECT application FROM koban.application WHERE state = 'review'"
    )
    async with transaction(doors.pool) as connection:
        await applications.decide(
            connection, doors.town, number, accept=True, reason=None, by="係", now=doors.clock.now
        )
    assert await looked() == "closed"
    (line,) = await lines(doors.pool, doors.town, Filter(act="draw.closed"), None, 5)
    assert line.actor == ActorKind.SYSTEM
