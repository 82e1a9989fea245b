"""Secrets stay where they belong: not in the log, not in the database, not in an address."""

import logging
import re

import pytest
from structlog.testing import capture_logs

from tests.support.doors import MANAGER_PIN, PASSWORD, PIN, Doors

API = "/api/nagaoka"
PHONE = "09012345678"
PUSH = {
    "endpoint": "https://push.example.com/send/very-private",
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcx"
    "aOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
}


async def live_through_everything(doors: Doors) -> dict[str, str]:
    """Signs everybody in, fails at everything once, and returns all secrets that were used."""
    holder, operator = await doors.holder(PHONE), await doors.operator()
    code = doors.phones.code(PHONE)
    shop = await doors.shop()
    enrolment = await doors.enrolment(operator, shop)
    tablet = doors.visitor()
    await tablet.post(f"{API}/terminal/enrol", json={"code": enrolment})
    await tablet.post(f"{API}/terminal/enrol", json={"code": enrolment})
    ticket = (await holder.post(f"{API}/ticket", json={"role": "wallet"})).json()["ticket"]
    await doors.auth.sessions.redeem_ticket(doors.town, ticket, doors.clock.now)
    unused = (await holder.post(f"{API}/ticket", json={"role": "wallet"})).json()["ticket"]
    await holder.put(f"{API}/wallet/push", json=PUSH)
    await holder.put(
        f"{API}/wallet/push", json=PUSH | {"endpoint": "https://10.0.0.1/very-private"}
    )
    wrong = "a wrong password"
    await holder.post(f"{API}/wallet/sign-in", json={"phone": PHONE, "password": wrong})
    await operator.post(f"{API}/console/sign-in", json={"name": "係", "password": wrong})
    post = {"rank": "shop", "shop": shop.account}
    member = {"name": "店長", "password": PASSWORD}
    await operator.post(f"{API}/console/staff", json=member | post)
    site = doors.visitor()
    await site.post(f"{API}/staff/sign-in", json=member | {"password": wrong})
    await site.post(f"{API}/staff/sign-in", json=member)
    started = await holder.post(
        f"{API}/wallet/sign-in", json={"phone": PHONE, "password": PASSWORD}
    )
    sign_in_code = doors.phones.code(PHONE)
    challenge = started.json()["challenge"]
    body = {"challenge": challenge, "code": "000000" if sign_in_code != "000000" else "1" * 6}
    await holder.post(f"{API}/wallet/sign-in/finish", json=body)
    await holder.post(f"{API}/wallet/register", json={"phone": PHONE, "pin": PIN})
    await holder.post(
        f"{API}/wallet/register",
        content=f'{{"phone": "{PHONE}", ',
        headers={"Content-Type": "application/json"},
    )
    return {
        "the wallet's token": holder.cookies["koban_wallet"],
        "the tablet's token": tablet.cookies["koban_terminal"],
        "the console's token": operator.cookies["koban_console"],
        "the shop site's token": site.cookies["koban_staff"],
        "a used ticket": ticket,
        "a fresh ticket": unused,
        "the enrolment code": enrolment,
        "the challenge": challenge,
        "the SMS code": f"'{code}'",
        "the second SMS code": f"'{sign_in_code}'",
        "the password": PASSWORD,
        "a wrong password": wrong,
    }


async def test_no_secret_and_no_phone_number_is_logged(
    doors: Doors, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also not by what fails, and not by the libraries at their most talkative."""
    caplog.set_level(logging.DEBUG)
    with capture_logs() as lines:
        secrets = await live_through_everything(doors)

        async def fail(*_: object) -> None:
            raise ValueError(f"DETAIL: Key (town, phone)=(1, {PHONE}) already exists")

        visitor = doors.visitor()
        monkeypatch.setattr(doors.auth.doors, "register", fail)
        answer = await visitor.post(f"{API}/wallet/register", json={"phone": PHONE})
        assert answer.status_code == 500
    assert any(line["event"] == "http.fault" for line in lines)
    logged = f"{lines}\n{caplog.text}"
    secrets |= {"the phone number": PHONE, "the push address": "very-private"}
    assert [name for name, secret in secrets.items() if secret in logged] == []


async def test_no_secret_is_kept_as_it_is(doors: Doors) -> None:
    """A dump of every table of people opens nothing."""
    secrets = await live_through_everything(doors)
    tables = await doors.pool.fetch(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'people'"
    )
    filled = {"person", "guard", "challenge", "operator", "session", "ticket", "enrolment"}
    filled |= {"manager", "push", "staff", "audit"}
    assert filled <= {table for (table,) in tables}
    kept = ""
    for (table,) in tables:
        rows = await doors.pool.fetch(f'SELECT t::text FROM people."{table}" AS t')
        assert rows or table not in filled, f"{table} is empty: it is not seen what it keeps"
        kept += "\n".join(row[0] for row in rows)
    secrets |= {"the phone number": PHONE, "the name": "長岡 花子"}
    secrets |= {"the PIN": PIN, "the manager's PIN": MANAGER_PIN}
    found = []
    for name, quoted in secrets.items():
        secret = quoted.strip("'")
        # By themselves, or as bytes in hex; four digits inside a digest are chance.
        alone = rf"(?<![0-9A-Za-z+/]){re.escape(secret)}(?![0-9A-Za-z+/])"
        if re.search(alone, kept) or (len(secret) > 6 and secret.encode().hex() in kept):
            found.append(name)
    assert found == []
    row = await doors.pool.fetchrow("SELECT password_hash, pin_hash FROM people.person")
    assert row is not None
    assert row["pin_hash"].startswith("$argon2id$v=19$m=8192,t=1,p=1$")
    assert row["password_hash"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_the_enrolment_code_reaches_no_server_on_its_way(doors: Doors) -> None:
    """It stands in the QR's fragment, which browsers keep to themselves."""
    operator, shop = await doors.operator(), await doors.shop()
    made = await operator.post(
        f"{API}/console/shops/{shop.account}/terminals", json={"label": "レジ"}
    )
    address, mark, code = made.json()["qr"].partition("#")
    assert mark == "#"
    assert code.startswith("enrol=")
    assert "?" not in address
