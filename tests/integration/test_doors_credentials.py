"""A wallet's own password and PIN, changed by whoever knows the present ones and nobody else."""

import pytest

from gateway.pins import PIN_LOCKOUT, PinMemory
from gateway.signin import PASSWORD_LOCKOUT
from tests.support.doors import PASSWORD, PIN, Doors, Visitor

API = "/api/nagaoka"
NEW = "another passphrase"
PHONE = "09012345678"


async def again(doors: Doors, password: str = PASSWORD) -> Visitor:
    """The same wallet on another phone; signed in only if the password is right."""
    visitor = doors.visitor()
    started = await visitor.post(
        f"{API}/wallet/sign-in", json={"phone": PHONE, "password": password}
    )
    if started.status_code == 200:
        body = {"challenge": started.json()["challenge"], "code": doors.phones.code(PHONE)}
        finished = await visitor.post(f"{API}/wallet/sign-in/finish", json=body)
        assert finished.status_code == 200, finished.text
    return visitor


async def signed_in(visitor: Visitor) -> bool:
    return (await visitor.get(f"{API}/wallet")).status_code == 200


async def test_a_new_password_signs_the_other_phones_out(doors: Doors) -> None:
    """The old one opens nothing any more, the new one does."""
    holder = await doors.holder(PHONE)
    other = await again(doors)
    assert await signed_in(other)
    answer = await holder.post(
        f"{API}/wallet/password", json={"password": PASSWORD, "new_password": NEW}
    )
    assert answer.status_code == 200, answer.text
    assert (await signed_in(holder), await signed_in(other)) == (True, False)
    assert doors.sockets.ended[-1].reason == "signed_out"
    assert not await signed_in(await again(doors))
    assert await signed_in(await again(doors, NEW))


async def test_guessing_at_the_present_password_ends(doors: Doors) -> None:
    """It is the same count as at the door: neither is a way around the other."""
    holder = await doors.holder(PHONE)
    body = {"password": "a wrong password", "new_password": NEW}
    for left in range(PASSWORD_LOCKOUT.failures - 1, -1, -1):
        answer = await holder.post(f"{API}/wallet/password", json=body)
        told = answer.json()
        assert (answer.status_code, told["code"], told["attempts_left"]) == (
            403,
            "password_wrong",
            left,
        )
    answer = await holder.post(f"{API}/wallet/password", json=body | {"password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (429, "password_locked")
    assert answer.json()["retry_after_ms"] > 0
    door = await holder.post(f"{API}/wallet/sign-in", json={"phone": PHONE, "password": PASSWORD})
    assert door.json()["code"] == "sign_in_locked"
    assert await signed_in(holder)


async def test_a_new_pin_is_the_only_one(doors: Doors) -> None:
    """Also for a socket here that knew the old one; other phones are signed out."""
    holder = await doors.holder(PHONE)
    other = await again(doors)
    pins, memory, now = doors.auth.pins, PinMemory(), doors.clock.now
    assert (await pins.verify(doors.town, holder.account, PIN, memory, now)).right
    assert memory.recognises(PIN, now)
    answer = await holder.post(f"{API}/wallet/pin", json={"pin": PIN, "new_pin": "8642"})
    assert answer.status_code == 200, answer.text
    assert not memory.recognises(PIN, now)
    assert (await signed_in(holder), await signed_in(other)) == (True, False)
    assert not (await pins.verify(doors.town, holder.account, PIN, memory, now)).right
    assert (await pins.verify(doors.town, holder.account, "8642", memory, now)).right


async def test_guessing_at_the_present_pin_ends(doors: Doors) -> None:
    """It is the same count as at a payment."""
    holder = await doors.holder(PHONE)
    body = {"pin": "0000", "new_pin": "8642"}
    for left in range(PIN_LOCKOUT.failures - 1, 0, -1):
        answer = await holder.post(f"{API}/wallet/pin", json=body)
        told = answer.json()
        assert (answer.status_code, told["code"], told["attempts_left"]) == (
            403,
            "pin_wrong",
            left,
        )
    for pin in ("0000", PIN):
        answer = await holder.post(f"{API}/wallet/pin", json=body | {"pin": pin})
        assert (answer.status_code, answer.json()["code"]) == (429, "pin_locked")
    verdict = await doors.auth.pins.verify(
        doors.town, holder.account, PIN, PinMemory(), doors.clock.now
    )
    assert verdict.locked_until is not None


BAD = [
    ("password", {"password": PASSWORD}, "new_password"),
    ("password", {"new_password": NEW}, "password"),
    ("password", {"password": PASSWORD, "new_password": "1234567"}, "new_password"),
    ("password", {"password": PASSWORD, "new_password": "x" * 129}, "new_password"),
    ("password", {"password": PASSWORD, "new_password": None}, "new_password"),
    ("password", {"password": PASSWORD, "new_password": NEW, "wallet": 1}, "wallet"),
    ("pin", {"pin": PIN}, "new_pin"),
    ("pin", {"new_pin": "8642"}, "pin"),
    ("pin", {"pin": PIN, "new_pin": "123"}, "new_pin"),
    ("pin", {"pin": PIN, "new_pin": "12345"}, "new_pin"),
    ("pin", {"pin": PIN, "new_pin": "abcd"}, "new_pin"),
    ("pin", {"pin": PIN, "new_pin": 1234}, "new_pin"),
    ("pin", {"pin": PIN, "new_pin": "８６４２"}, "new_pin"),
    ("pin", {"pin": f"{PIN}\n", "new_pin": "8642"}, "pin"),
]


@pytest.mark.parametrize(("door", "body", "field"), BAD)
async def test_bad_input_changes_nothing(
    doors: Doors, door: str, body: dict[str, object], field: str
) -> None:
    """The field is named, no guess is counted, the old secrets stay."""
    holder = await doors.holder(PHONE)
    before = await doors.pool.fetch("SELECT * FROM people.person")
    answer = await holder.post(f"{API}/wallet/{door}", json=body)
    told = answer.json()
    assert (answer.status_code, told["code"], told["field"]) == (422, "invalid", field)
    assert await doors.pool.fetch("SELECT * FROM people.person") == before
    assert await doors.pool.fetchval("SELECT count(*) FROM people.guard") == 0
