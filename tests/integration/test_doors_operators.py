"""Operators by operators: added, bounded, closed; and everybody's own password and PIN."""

import asyncio
from typing import Any

from gateway.signin import PASSWORD_LOCKOUT
from tests.support.doors import PASSWORD, Doors, Visitor

API = "/api/nagaoka"
NEW = "another passphrase"


async def sign_in(visitor: Visitor, name: str, password: str) -> str:
    """The code of the refusal; "" where there was none."""
    body = {"name": name, "password": password}
    answer = await visitor.post(f"{API}/console/sign-in", json=body)
    return "" if answer.status_code == 200 else str(answer.json()["code"])


async def listed(operator: Visitor) -> dict[str, dict[str, Any]]:
    answer = await operator.get(f"{API}/console/operators")
    assert answer.status_code == 200, answer.text
    return {line["name"]: line for line in answer.json()["operators"]}


async def test_operators_let_each_other_in(doors: Doors) -> None:
    """A new one signs in; a name is one person's for good."""
    first = await doors.operator("課長")
    body = {"name": "新人", "password": PASSWORD, "role": "ops"}
    added = await first.post(f"{API}/console/operators", json=body)
    assert added.status_code == 200, added.text
    visitor = doors.visitor()
    assert await sign_in(visitor, "新人", PASSWORD) == ""
    assert (await visitor.get(f"{API}/console/me")).json() == {"name": "新人", "role": "ops"}
    assert set(await listed(visitor)) == {"課長", "新人"}
    again = await first.post(f"{API}/console/operators", json=body)
    assert (again.status_code, again.json()["code"]) == (409, "name_taken")


async def test_a_role_holds_at_once(doors: Doors) -> None:
    """Who may only look from now on changes nothing more, without signing in again."""
    first, second = await doors.operator("課長"), await doors.operator("係長")
    number = (await listed(first))["係長"]["operator"]
    path = f"{API}/console/operators/{number}/role"
    chain = {"name": "まるや"}
    assert (await second.post(f"{API}/console/chains", json=chain)).status_code == 200
    assert (await first.put(path, json={"role": "ops"})).status_code == 200
    refused = await second.post(f"{API}/console/chains", json={"name": "かどや"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    back = await second.put(path, json={"role": "operator"})
    assert back.json()["code"] == "not_allowed"


async def test_the_last_operator_stays(doors: Doors) -> None:
    """Somebody can always change things: not closed, not made to look only; ops do not count."""
    first = await doors.operator("課長")
    await doors.operator("当直", role="ops")
    number = (await listed(first))["課長"]["operator"]
    for method, path, body in (
        ("PUT", "role", {"role": "ops"}),
        ("POST", "close", {}),
    ):
        answer = await first.request(method, f"{API}/console/operators/{number}/{path}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "last_operator")
    assert (await listed(first))["課長"]["closed_at"] is None


async def test_two_who_close_each_other_leave_one(doors: Doors) -> None:
    """At the same instant: one of them comes first, and the other is signed out or refused."""
    first, second = await doors.operator("課長"), await doors.operator("係長")
    numbers = {name: line["operator"] for name, line in (await listed(first)).items()}
    answers = await asyncio.gather(
        first.post(f"{API}/console/operators/{numbers['係長']}/close", json={}),
        second.post(f"{API}/console/operators/{numbers['課長']}/close", json={}),
    )
    assert sorted(answer.status_code == 200 for answer in answers) == [False, True]
    row = await doors.pool.fetchrow(
        "SELECT count(*) AS left FROM people.operator WHERE closed_at IS NULL"
    )
    assert row is not None
    assert row["left"] == 1


async def test_acts_at_the_same_instant_are_numbered_without_gaps(doors: Doors) -> None:
    """Also beside refused ones, which take no number."""
    operator = await doors.operator("課長")
    names = [f"店 {number % 15}" for number in range(25)]
    answers = await asyncio.gather(
        *(operator.post(f"{API}/console/chains", json={"name": name}) for name in names)
    )
    assert sorted(answer.status_code for answer in answers) == [200] * 15 + [409] * 10
    rows = await doors.pool.fetch("SELECT number FROM people.audit ORDER BY number")
    assert [row["number"] for row in rows] == list(range(1, 16))


async def test_who_left_is_out_at_once(doors: Doors) -> None:
    """Their sessions end, their password opens nothing, their name stays taken."""
    first, second = await doors.operator("課長"), await doors.operator("係長")
    number = (await listed(first))["係長"]["operator"]
    close = f"{API}/console/operators/{number}/close"
    assert (await first.post(close, json={})).status_code == 200
    assert doors.sockets.ended[-1].reason == "signed_out"
    assert (await second.get(f"{API}/console/me")).status_code == 401
    assert await sign_in(second, "係長", PASSWORD) == "sign_in_wrong"
    assert (await listed(first))["係長"]["closed_at"] == doors.clock.now_ms
    for path, body in (("close", {}), ("password", {"password": NEW}), ("role", {"role": "ops"})):
        method = "POST" if path == "close" else "PUT"
        answer = await first.request(method, f"{API}/console/operators/{number}/{path}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "left")
    body = {"name": "係長", "password": PASSWORD, "role": "operator"}
    answer = await first.post(f"{API}/console/operators", json=body)
    assert answer.json()["code"] == "name_taken"


async def test_a_forgotten_password_is_given_anew(doors: Doors) -> None:
    """By another operator; what was open with the old one ends."""
    first, second = await doors.operator("課長"), await doors.operator("係長")
    number = (await listed(first))["係長"]["operator"]
    answer = await first.put(f"{API}/console/operators/{number}/password", json={"password": NEW})
    assert answer.status_code == 200, answer.text
    assert (await second.get(f"{API}/console/me")).status_code == 401
    assert await sign_in(second, "係長", PASSWORD) == "sign_in_wrong"
    assert await sign_in(second, "係長", NEW) == ""


async def test_ones_own_password_needs_the_present_one(doors: Doors) -> None:
    """Guesses count as at the door; this screen stays signed in, others do not."""
    first, elsewhere = await doors.operator("課長"), doors.visitor()
    assert await sign_in(elsewhere, "課長", PASSWORD) == ""
    path, body = f"{API}/console/password", {"password": PASSWORD, "new_password": NEW}
    wrong = await first.post(path, json=body | {"password": "a wrong password"})
    assert (wrong.status_code, wrong.json()["attempts_left"]) == (
        403,
        PASSWORD_LOCKOUT.failures - 1,
    )
    assert (await first.post(path, json=body)).status_code == 200
    assert (await elsewhere.get(f"{API}/console/me")).status_code == 401
    assert (await first.get(f"{API}/console/me")).status_code == 200
    assert await sign_in(elsewhere, "課長", NEW) == ""


async def test_ops_change_their_own_password_too(doors: Doors) -> None:
    """It is the one thing they change."""
    watch = await doors.operator("当直", role="ops")
    answer = await watch.post(
        f"{API}/console/password", json={"password": PASSWORD, "new_password": NEW}
    )
    assert answer.status_code == 200, answer.text
    assert await sign_in(doors.visitor(), "当直", NEW) == ""
