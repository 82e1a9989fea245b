"""Tickets and sessions: each ticket opens one websocket, and a session that ended opens none."""

import asyncio

from gateway.tickets import TICKET_TTL_S
from ledger import identity
from ledger.identity import Session
from tests.support.doors import Doors, Visitor

API = "/api/nagaoka"


async def ticket(visitor: Visitor, role: str = "wallet") -> str:
    answer = await visitor.post(f"{API}/ticket", json={"role": role})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["ticket"])


async def redeem(doors: Doors, text: str) -> Session | None:
    return await doors.auth.sessions.redeem_ticket(doors.town, text, doors.clock.now)


async def test_a_ticket_opens_one_websocket(doors: Doors) -> None:
    """It tells who is there; brought again, it is refused."""
    holder = await doors.holder()
    text = await ticket(holder)
    session = await redeem(doors, text)
    assert session is not None
    assert (session.role, session.account, session.name) == ("wallet", holder.account, "長岡 花子")
    assert await redeem(doors, text) is None


async def test_of_many_who_bring_the_same_ticket_one_is_let_in(doors: Doors) -> None:
    """Postgres decides, so this holds across gateways."""
    text = await ticket(await doors.holder())
    found = await asyncio.gather(*(redeem(doors, text) for _ in range(20)))
    assert sum(1 for session in found if session is not None) == 1


async def test_a_ticket_is_good_for_half_a_minute(doors: Doors) -> None:
    """Up to its last second."""
    holder = await doors.holder()
    old, timely = await ticket(holder), await ticket(holder)
    doors.clock.advance(seconds=TICKET_TTL_S - 1)
    assert await redeem(doors, timely)
    doors.clock.advance(seconds=1)
    assert await redeem(doors, old) is None


async def test_an_invented_ticket_and_another_towns_are_refused(doors: Doors) -> None:
    """A ticket belongs to its town."""
    text = await ticket(await doors.holder())
    assert await redeem(doors, "x" * 43) is None
    other_town = doors.town + 1
    assert await doors.auth.sessions.redeem_ticket(other_town, text, doors.clock.now) is None


async def test_a_ticket_of_a_session_that_ended_is_refused(doors: Doors) -> None:
    """Signing out takes the tickets along."""
    holder = await doors.holder()
    text = await ticket(holder)
    await holder.post(f"{API}/wallet/sign-out", json={})
    assert await redeem(doors, text) is None


async def test_a_ticket_is_for_the_role_that_the_body_names(doors: Doors) -> None:
    """A browser with three roles gets three different tickets, and none for a role it has not."""
    operator = await doors.operator()
    assert (await redeem(doors, await ticket(operator, "console"))) is not None
    answer = await operator.post(f"{API}/ticket", json={"role": "wallet"})
    assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")


async def test_a_revoked_tablet_is_out_at_once(doors: Doors) -> None:
    """Its token, its tickets, its sockets and its enrolment codes all end."""
    operator, shop = await doors.operator(), await doors.shop()
    tablet = await doors.tablet(operator, shop)
    text = await ticket(tablet, "terminal")
    number = (await tablet.get(f"{API}/terminal")).json()["terminal"]
    again = await operator.post(f"{API}/console/terminals/{number}/enrolment", json={})
    code = again.json()["qr"].partition("#enrol=")[2]
    revoked = await operator.post(f"{API}/console/terminals/{number}/revoke", json={})
    assert revoked.json() == {}
    [ended] = doors.sockets.ended
    assert ended.reason == "revoked"
    assert (await tablet.get(f"{API}/terminal")).json()["code"] == "signed_out"
    assert await redeem(doors, text) is None
    enrol = await doors.visitor().post(f"{API}/terminal/enrol", json={"code": code})
    assert (enrol.status_code, enrol.json()["code"]) == (410, "enrolment_refused")
    more = await operator.post(f"{API}/console/terminals/{number}/enrolment", json={})
    assert (more.status_code, more.json()["code"]) == (409, "terminal_revoked")
    listed = (await operator.get(f"{API}/console/terminals")).json()["terminals"]
    assert [(each["terminal"], each["state"]) for each in listed] == [(number, "revoked")]
    assert (await operator.post(f"{API}/console/terminals/{number}/revoke", json={})).json() == {}


async def test_an_enrolment_code_works_once_and_a_day(doors: Doors) -> None:
    """Of two tablets that scan it at the same instant, one is enrolled."""
    operator, shop = await doors.operator(), await doors.shop()
    code = await doors.enrolment(operator, shop)
    answers = await asyncio.gather(
        *(doors.visitor().post(f"{API}/terminal/enrol", json={"code": code}) for _ in range(5))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 410, 410, 410, 410]
    late = await doors.enrolment(operator, shop)
    doors.clock.advance(days=1)
    answer = await doors.visitor().post(f"{API}/terminal/enrol", json={"code": late})
    assert answer.json()["code"] == "enrolment_refused"


async def test_enrolling_again_replaces_the_earlier_tablet(doors: Doors) -> None:
    """One terminal is one tablet: the earlier device key ends, and its sockets with it."""
    operator, shop = await doors.operator(), await doors.shop()
    tablet = await doors.tablet(operator, shop)
    number = (await tablet.get(f"{API}/terminal")).json()["terminal"]
    codes = []
    for _ in range(2):
        made = await operator.post(f"{API}/console/terminals/{number}/enrolment", json={})
        codes.append(made.json()["qr"].partition("#enrol=")[2])
    newer = doors.visitor()
    voided = await newer.post(f"{API}/terminal/enrol", json={"code": codes[0]})
    assert voided.json()["code"] == "enrolment_refused"
    assert (await newer.post(f"{API}/terminal/enrol", json={"code": codes[1]})).status_code == 200
    [ended] = doors.sockets.ended
    assert ended.reason == "revoked"
    assert (await tablet.get(f"{API}/terminal")).status_code == 401
    assert (await newer.get(f"{API}/terminal")).json()["terminal"] == number


async def test_sessions_that_ended_are_found_without_being_told(doors: Doors) -> None:
    """A gateway that missed the news asks about the sockets it holds."""
    holders = [await doors.holder(f"0901234000{digit}") for digit in range(3)]
    sessions = []
    for holder in holders:
        session = await redeem(doors, await ticket(holder))
        assert session is not None
        sessions.append(session.session)
    await holders[1].post(f"{API}/wallet/sign-out", json={})
    ended = await identity.ended_sessions(doors.pool, doors.town, sessions, doors.clock.now)
    assert ended == [sessions[1]]
    doors.clock.advance(days=90)
    ended = await identity.ended_sessions(doors.pool, doors.town, sessions, doors.clock.now)
    assert set(ended) == set(sessions)


async def test_sweeping_leaves_what_still_opens_something(doors: Doors) -> None:
    """What has expired is deleted, a month after; open sessions and fresh failures stay."""
    holder = await doors.holder()
    await ticket(holder)
    body = {"phone": "09012345678", "password": "wrong horse battery"}
    await holder.post(f"{API}/wallet/sign-in", json=body)
    await identity.sweep(doors.pool, doors.clock.now)
    tables = ("session", "ticket", "challenge", "guard")

    async def counts() -> list[int]:
        return [await doors.pool.fetchval(f"SELECT count(*) FROM people.{t}") for t in tables]

    assert await counts() == [1, 1, 1, 1]
    doors.clock.advance(days=31)
    await identity.sweep(doors.pool, doors.clock.now)
    assert await counts() == [1, 0, 0, 0]
    doors.clock.advance(days=90)
    await identity.sweep(doors.pool, doors.clock.now)
    assert await counts() == [0, 0, 0, 0]
