"""A2: an outside civic platform, linked by a citizen's consent, gives points for taking part."""

import re
from argparse import Namespace
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gateway.civic import dead_letters, office
from gateway.giving import programmes
from gateway.jobs.table import JOBS
from gateway.jobs.worker import Worker
from gateway.office import Office, at_office
from ledger import upkeep
from ledger.database import Pool
from ledger.webhooks import ATTEMPTS_MAX, PAUSES_S
from scripts.civic_simulator import PlatformSettings
from tests.acceptance.browser import Browser
from tests.acceptance.conftest import Visit
from tests.acceptance.granting import left, opens_activity, opens_programme
from tests.acceptance.nagaoka import Holder, Nagaoka
from tests.support.civic import CivicProcess
from tests.support.clock import Clock
from tests.support.house import House
from tests.support.jobs import Jobs
from tests.support.ledger import problems

TOWN = "higashimurayama"


@pytest.fixture
async def town(visit: Visit) -> Nagaoka:
    """The city thanks whoever takes part in town-making, with 1,000 points in all."""
    town = await visit(TOWN)
    await opens_programme(town, "machi", "point", 1_000)
    terms: dict[str, Any] = {"amount_max": 500, "per_person": "always"}
    await opens_activity(town, "machi", "ideas", "まちづくりの提案", None, **terms)
    return town


@pytest.fixture
async def platform(
    town: Nagaoka, house: House, tmp_path: Path, clock: Clock
) -> AsyncIterator[CivicProcess]:
    """The platform, registered by the office at the command line; a process of its own."""
    process = CivicProcess(tmp_path)
    scopes = ("--scope", "who", "balance", "grant")
    back = ("--redirect", process.back)
    said = await _office(clock, "clients", "open", "liqlid", "まちづくり広場", *back, *scopes)
    hook = await _office(
        clock, "clients", "webhook", "liqlid", f"{process.url}/webhooks?from=koban"
    )
    options = programmes.arguments(["allow", TOWN, "machi", "liqlid"])
    await at_office(TOWN, clock.now, lambda there: programmes.act(there, options))
    settings = PlatformSettings(
        gateway=house.url,
        town=TOWN,
        client_id="liqlid",
        client_secret=_printed(said, "client secret"),
        back=process.back,
        webhook_key=_printed(hook, "key id"),
        webhook_secret=_printed(hook, "secret"),
    )
    await process.begins(settings, clock.now)
    yield process
    await process.kill()


@pytest.fixture
async def work(house: House, clock: Clock, platform: CivicProcess) -> AsyncIterator[Jobs]:
    """A worker beside the gateway, who works when it is told to."""
    async with Worker(house.settings, JOBS, now=clock) as worker:
        yield Jobs(worker, clock)


async def _office(clock: Clock, subject: str, act: str, *words: str) -> str:
    """What the office types: koban SUBJECT ACT TOWN WORDS."""
    module = {"clients": office, "webhooks": dead_letters}[subject]
    options: Namespace = module.arguments([act, TOWN, *words])

    async def do(there: Office) -> str:
        said: str = await module.act(there, options)
        return said

    return await at_office(TOWN, clock.now, do)


async def _undelivered(pool: Pool, clock: Clock) -> int:
    """What the watchman sees of it."""
    return sum(state.undelivered for state in await upkeep.states(pool, clock.now))


def _printed(said: str, name: str) -> str:
    found = re.search(rf"^{name} +(\S+)$", said, re.MULTILINE)
    assert found, said
    return found[1]


async def links(town: Nagaoka, platform: CivicProcess, holder: Holder, decision: str) -> Any:
    """From the platform's page to the town's, a button, and back: what the platform then shows."""
    browser = Browser(town, holder=holder)
    sent = await browser.opens(f"{platform.url}/start")
    assert sent.status_code == 303, sent.text
    pressed = await browser.presses(sent.headers["location"], decision)
    assert pressed.status_code == 303, pressed.text
    back = await browser.opens(pressed.headers["location"])
    return back.json()


async def told(platform: CivicProcess) -> list[tuple[str, str | None, int | None]]:
    """What the platform was told, in few words."""
    found = await platform.asked("GET", "/told")
    return [(one["kind"], one.get("key"), one.get("amount")) for one in found]


async def test_a2_a_citizen_links_and_is_thanked(
    town: Nagaoka, platform: CivicProcess, work: Jobs, clock: Clock, pool: Pool
) -> None:
    """Sayuri says no first, then yes. The platform knows her name and balance, and gives her 300
    points for an idea: once, though it asks twice. She spends 120; 180 go back when the idea turns
    out to be somebody else's. It is told of both, and that she has ended the link.
    """
    sayuri = await town.registers("東村山 小百合")
    shop = await town.opens("だんご 久米川")
    assert await links(town, platform, sayuri, "refuse") == {"error": "access_denied"}
    linked = await links(town, platform, sayuri, "allow")
    subject, idea = linked["subject"], {"key": "idea-17", "activity": "ideas", "amount": 300}
    assert linked["scope"] == "who balance grant"
    for _ in range(2):
        granted = await platform.asked("POST", "/grants", {"subject": subject, **idea})
        assert (granted["outcome"], granted["amount"], granted["subject"]) == ("done", 300, subject)
    heard = await sayuri.hears()
    assert (heard.kind, heard.receipt.amount) == ("grant", 300)
    assert await sayuri.holds() == {"point": 300}
    assert await left(town, "machi") == (300, 700)
    seen = await platform.asked("GET", f"/citizens/{subject}")
    assert (seen["citizen"]["name"], seen["balance"]["total"]) == ("東村山 小百合", 300)

    clock.advance(minutes=11)  # The access token is over; the platform refreshes it by itself.
    await sayuri.pays(shop.shop, 120)
    back = await platform.asked("POST", "/grants/idea-17/take-back", {"subject": subject})
    assert (back["amount"], back["reversed"]) == (300, 180)
    assert await sayuri.holds() == {}
    refused = {"subject": subject, "key": "idea-18", "activity": "ideas", "amount": 501}
    assert (await platform.asked("POST", "/grants", refused, 402))["code"] == "over_limit"

    (link,) = (await sayuri.looks("wallet/links", dict[str, Any]))["links"]
    assert (link["client"], link["name"]) == ("liqlid", "まちづくり広場")
    assert (await sayuri.sends(f"/wallet/links/{link['link']}/end", {})).status_code == 200
    late = {"subject": subject, "key": "idea-19", "activity": "ideas", "amount": 100}
    await platform.asked("POST", "/grants", late, 401)
    await platform.behaves(clock.now)
    await work.work()
    assert sorted(await told(platform)) == [
        ("grant.granted", "idea-17", 300),
        ("grant.reversed", "idea-17", 180),
        ("link.ended", None, None),
    ]
    assert await problems(pool) == []


async def test_a2_what_a_platform_did_not_hear_is_sent_again(
    town: Nagaoka, platform: CivicProcess, work: Jobs, clock: Clock, pool: Pool
) -> None:
    """It is down for more than a day: the letter is dead, which is an alert; the office sees it and
    sends it again.
    Whoever plays an old letter again, or signs one by another secret, is not heard.
    """
    sayuri = await town.registers("東村山 小百合")
    subject = (await links(town, platform, sayuri, "allow"))["subject"]
    await platform.behaves(clock.now, webhook_status=503)
    idea = {"subject": subject, "key": "idea-1", "activity": "ideas", "amount": 200}
    await platform.asked("POST", "/grants", idea)
    for pause_s in PAUSES_S:
        await work.work()
        clock.advance(seconds=pause_s)
        await platform.behaves(clock.now, webhook_status=503)
    assert await told(platform) == []
    listed = await _office(clock, "webhooks", "list", "--state", "dead")
    assert f"after {ATTEMPTS_MAX} attempts: answered 503" in listed
    assert await _undelivered(pool, clock) == 1
    await platform.behaves(clock.now)
    assert await _office(clock, "webhooks", "retry", "--all") == "1 sent again."
    await work.work()
    assert await _undelivered(pool, clock) == 0
    assert await told(platform) == [("grant.granted", "idea-1", 200)]
    forged = await platform.answers("POST", "/webhooks", {"id": subject, "kind": "link.ended"})
    assert forged.status_code == 401
    assert (
        await _office(clock, "webhooks", "list", "--state", "dead") == "There are no such webhooks."
    )
