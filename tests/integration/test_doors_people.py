"""How people come in: registration, sign-in, the console; and how guessing ends."""

import asyncio
import re
from uuid import uuid4

import pytest

from gateway.passwords import Busy
from gateway.rates import Rate, Rates
from gateway.routes.table import ENDPOINTS
from gateway.signin import CHALLENGE_TTL_S, PASSWORD_LOCKOUT, SMS_MAX
from notifier.sms import Unknown
from tests.support.doors import PASSWORD, PIN, Doors, Visitor

API = "/api/nagaoka"
PHONE = "09011112222"


async def start(visitor: Visitor, phone: str = PHONE) -> str:
    answer = await visitor.post(f"{API}/wallet/register", json={"phone": phone})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["challenge"])


def finish(challenge: str, code: str, **other: str) -> dict[str, str]:
    body = {"challenge": challenge, "code": code, "password": PASSWORD, "pin": PIN, "name": "花子"}
    return body | other


def wrong(code: str) -> str:
    return "000000" if code != "000000" else "111111"


async def test_registration_opens_a_wallet_and_signs_in(doors: Doors) -> None:
    """The token is in an HttpOnly cookie of this town's API alone."""
    visitor = doors.visitor()
    challenge = await start(visitor)
    answer = await visitor.post(
        f"{API}/wallet/register/finish", json=finish(challenge, doors.phones.code(PHONE))
    )
    assert answer.status_code == 200
    body = answer.json()
    assert (body["role"], body["name"]) == ("wallet", "花子")
    cookie = answer.headers["set-cookie"]
    assert f"koban_wallet={body['token']}" in cookie
    for word in ("HttpOnly", "SameSite=strict", "Secure", "Path=/api/nagaoka", "Max-Age=7776000"):
        assert word in cookie
    me = (await visitor.get(f"{API}/wallet")).json()
    assert me == {"wallet": body["account"], "name": "花子", "phone_tail": "2222"}


async def test_a_program_uses_the_token_as_bearer(doors: Doors) -> None:
    """Without an Origin and without cookies, the token alone counts."""
    holder = await doors.holder()
    token = holder.cookies["koban_wallet"]
    program = doors.visitor(origin=None)
    program.headers["Authorization"] = f"Bearer {token}"
    assert (await program.get(f"{API}/wallet")).json()["wallet"] == holder.account
    assert (await program.post(f"{API}/ticket", json={"role": "wallet"})).status_code == 200


async def test_signing_in_takes_password_and_code(doors: Doors) -> None:
    """Two factors; each alone opens nothing."""
    holder = await doors.holder(PHONE)
    visitor = doors.visitor()
    started = await visitor.post(
        f"{API}/wallet/sign-in", json={"phone": PHONE, "password": PASSWORD}
    )
    assert started.status_code == 200
    assert "token" not in started.text
    assert (await visitor.get(f"{API}/wallet")).status_code == 401
    body = {"challenge": started.json()["challenge"], "code": doors.phones.code(PHONE)}
    finished = await visitor.post(f"{API}/wallet/sign-in/finish", json=body)
    assert finished.json()["account"] == holder.account
    again = await visitor.post(f"{API}/wallet/sign-in/finish", json=body)
    assert (again.status_code, again.json()["code"]) == (410, "challenge_over")


async def test_a_full_width_password_is_the_same_password(doors: Doors) -> None:
    """Phones' keyboards write full-width letters into password fields."""
    await doors.holder(PHONE)
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else "\u3000" for c in PASSWORD)
    answer = await doors.visitor().post(
        f"{API}/wallet/sign-in", json={"phone": PHONE, "password": wide}
    )
    assert answer.status_code == 200


async def test_a_registration_code_does_not_sign_in(doors: Doors) -> None:
    """A challenge is for one purpose."""
    visitor = doors.visitor()
    body = {"challenge": await start(visitor), "code": doors.phones.code(PHONE)}
    answer = await visitor.post(f"{API}/wallet/sign-in/finish", json=body)
    assert (answer.status_code, answer.json()["code"]) == (410, "challenge_over")


async def test_a_code_can_be_tried_five_times(doors: Doors) -> None:
    """The sixth try is too late, even with the right code."""
    visitor = doors.visitor()
    challenge = await start(visitor)
    code = doors.phones.code(PHONE)
    left = []
    for _ in range(5):
        answer = await visitor.post(
            f"{API}/wallet/register/finish", json=finish(challenge, wrong(code))
        )
        assert (answer.status_code, answer.json()["code"]) == (401, "code_wrong")
        left.append(answer.json()["attempts_left"])
    assert left == [4, 3, 2, 1, 0]
    late = await visitor.post(f"{API}/wallet/register/finish", json=finish(challenge, code))
    assert late.json()["code"] == "challenge_over"


async def test_a_code_expires(doors: Doors) -> None:
    """At its last second it works, afterwards it does not."""
    visitor = doors.visitor()
    challenge = await start(visitor)
    doors.clock.advance(seconds=CHALLENGE_TTL_S)
    late = await visitor.post(
        f"{API}/wallet/register/finish", json=finish(challenge, doors.phones.code(PHONE))
    )
    assert (late.status_code, late.json()["code"]) == (410, "challenge_over")
    challenge = await start(visitor)
    doors.clock.advance(seconds=CHALLENGE_TTL_S - 1)
    timely = await visitor.post(
        f"{API}/wallet/register/finish", json=finish(challenge, doors.phones.code(PHONE))
    )
    assert timely.status_code == 200


async def test_an_invented_challenge_is_refused(doors: Doors) -> None:
    """Nothing tells an invented one from an old one."""
    answer = await doors.visitor().post(
        f"{API}/wallet/register/finish", json=finish("x" * 43, "123456")
    )
    assert (answer.status_code, answer.json()["code"]) == (410, "challenge_over")


async def test_registering_a_known_number_tells_its_holder_only(doors: Doors) -> None:
    """The answer is as for any number; no code was sent, and none can be right."""
    await doors.holder(PHONE)
    visitor = doors.visitor()
    challenge = await start(visitor)
    assert "登録されています" in doors.phones.messages[-1].text
    answer = await visitor.post(f"{API}/wallet/register/finish", json=finish(challenge, "123456"))
    assert (answer.status_code, answer.json()["code"]) == (401, "code_wrong")


async def test_two_registrations_of_one_number_open_one_wallet(doors: Doors) -> None:
    """Both hold the phone; the second one is told to sign in, and no wallet is left over."""
    visitor = doors.visitor()
    bodies = []
    for _ in range(2):
        challenge = await start(visitor)
        bodies.append(finish(challenge, doors.phones.code(PHONE)))
    answers = await asyncio.gather(
        *(doors.visitor().post(f"{API}/wallet/register/finish", json=body) for body in bodies)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    refused = max(answers, key=lambda answer: answer.status_code)
    assert refused.json()["code"] == "already_registered"
    count = await doors.pool.fetchval("SELECT count(*) FROM koban.account WHERE kind = 'wallet'")
    assert count == 1


@pytest.mark.parametrize("known", [True, False], ids=["a holder", "nobody"])
async def test_wrong_passwords_lock_whoever_has_the_number(doors: Doors, *, known: bool) -> None:
    """A number that nobody has is answered and locked the same way, so guessing tells nothing."""
    if known:
        await doors.holder(PHONE)
    visitor = doors.visitor()
    body = {"phone": PHONE, "password": "wrong horse battery"}
    left = []
    for _ in range(PASSWORD_LOCKOUT.failures):
        answer = await visitor.post(f"{API}/wallet/sign-in", json=body)
        assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_wrong")
        left.append(answer.json()["attempts_left"])
    assert left == list(range(9, -1, -1))
    right = {"phone": PHONE, "password": PASSWORD}
    locked = await doors.visitor("198.51.100.9").post(f"{API}/wallet/sign-in", json=right)
    assert (locked.status_code, locked.json()["code"]) == (429, "sign_in_locked")
    assert locked.json()["retry_after_ms"] == 300_000
    assert locked.headers["retry-after"] == "300"
    doors.clock.advance(seconds=300)
    opened = await visitor.post(f"{API}/wallet/sign-in", json=right)
    assert opened.status_code == (200 if known else 401)


async def test_a_guess_at_nobody_costs_as_much_as_at_a_holder(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One argon2 check each, with the same parameters: the time tells nothing either."""
    await doors.holder(PHONE)
    checked: list[str] = []
    matches = doors.auth.hashing.passwords.matches

    async def seen(known: str, secret: bytes) -> bool:
        checked.append(known.rsplit("$", 2)[0])
        return await matches(known, secret)

    monkeypatch.setattr(doors.auth.hashing.passwords, "matches", seen)
    for phone in (PHONE, "08000000000"):
        body = {"phone": phone, "password": "wrong horse battery"}
        await doors.visitor().post(f"{API}/wallet/sign-in", json=body)
    assert checked == ["$argon2id$v=19$m=19456,t=2,p=1"] * 2


async def test_guesses_made_at_once_do_not_pass_the_limit(doors: Doors) -> None:
    """Thirty parallel guesses are ten counted ones and twenty refused ones."""
    await doors.holder(PHONE)
    body = {"phone": PHONE, "password": "wrong horse battery"}
    visitor = doors.visitor()
    answers = await asyncio.gather(
        *(visitor.post(f"{API}/wallet/sign-in", json=body) for _ in range(30))
    )
    codes = [answer.json()["code"] for answer in answers]
    assert codes.count("sign_in_wrong") == 10
    assert codes.count("sign_in_locked") == 20


async def test_a_phone_is_sent_five_codes_an_hour(doors: Doors) -> None:
    """Also when they are asked for at the same instant; an hour later it may go on."""
    answers = await asyncio.gather(
        *(doors.visitor().post(f"{API}/wallet/register", json={"phone": PHONE}) for _ in range(9))
    )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200] * SMS_MAX + [429] * (9 - SMS_MAX)
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["code"] == "sms_too_many"
    assert len(doors.phones.messages) == SMS_MAX
    other = await doors.visitor().post(f"{API}/wallet/register", json={"phone": "08099998888"})
    assert other.status_code == 200
    doors.clock.advance(minutes=60)
    assert await start(doors.visitor())


async def test_without_a_provider_nobody_is_left_waiting(doors: Doors) -> None:
    """Certainly not sent is said; maybe sent goes on, since the code may well arrive."""
    doors.phones.go_away()
    answer = await doors.visitor().post(f"{API}/wallet/register", json={"phone": PHONE})
    assert (answer.status_code, answer.json()["code"]) == (503, "sms_unavailable")
    doors.phones.fault = Unknown("no answer came")
    answer = await doors.visitor().post(f"{API}/wallet/register", json={"phone": PHONE})
    assert answer.status_code == 200


async def test_a_crowd_at_the_door_is_told_that_it_is_busy(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then nothing was counted, and the SMS code is still good."""
    visitor = doors.visitor()
    challenge = await start(visitor)
    code = doors.phones.code(PHONE)
    workers = doors.auth.hashing.passwords
    with monkeypatch.context() as full:
        full.setattr(workers, "_waiting_max", 0)
        with pytest.raises(Busy):
            workers.ensure_room()
        answer = await visitor.post(f"{API}/wallet/register/finish", json=finish(challenge, code))
        assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    answer = await visitor.post(f"{API}/wallet/register/finish", json=finish(challenge, code))
    assert answer.status_code == 200


async def test_an_operator_signs_in_with_name_and_password(doors: Doors) -> None:
    """And is locked out like anybody; who does not exist is answered the same."""
    operator = await doors.operator("市役所")
    me = (await operator.get(f"{API}/console/me")).json()
    assert me == {"name": "市役所", "role": "operator"}
    visitor = doors.visitor()
    for name in ("市役所", "だれか"):
        body = {"name": name, "password": "wrong horse battery"}
        for _ in range(PASSWORD_LOCKOUT.failures):
            answer = await visitor.post(f"{API}/console/sign-in", json=body)
            assert answer.json()["code"] == "sign_in_wrong"
        locked = await visitor.post(
            f"{API}/console/sign-in", json={"name": name, "password": PASSWORD}
        )
        assert (locked.status_code, locked.json()["code"]) == (429, "sign_in_locked")
    assert (await operator.get(f"{API}/console/me")).status_code == 200


async def test_ops_read_everything_and_change_nothing(doors: Doors) -> None:
    """Every row of the table that needs an operator refuses them."""
    watch = await doors.operator("当直", role="ops")
    doors.context.limits.account = Rates(Rate(burst=1_000, per_s=1))  # The table is long.
    for endpoint in ENDPOINTS:
        if endpoint.operator:
            path = re.sub(r"{\w+}", "1", endpoint.path)
            answer = await watch.request(endpoint.method, f"{API}{path}", json={})
            assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed"), path
    # Nobody else at the console changes anything but what is their own.
    own = {"/console/sign-in", "/console/sign-out", "/console/password"}
    # These look only: by what belongs in no address, or by a whole campaign's terms.
    own |= {"/console/cards/find", "/console/campaigns/preview"}
    console = [one for one in ENDPOINTS if one.path.startswith("/console") and one.changes]
    assert {one.path for one in console if not one.operator} == own
    assert (await watch.get(f"{API}/console/events")).status_code == 200


async def test_signing_out_ends_the_session_and_its_sockets(doors: Doors) -> None:
    """The cookie goes, the token opens nothing, and the websocket side is told."""
    holder = await doors.holder()
    token = holder.cookies["koban_wallet"]
    answer = await holder.post(f"{API}/wallet/sign-out", json={})
    assert answer.json() == {}
    assert "Max-Age=0" in answer.headers["set-cookie"]
    [ended] = doors.sockets.ended
    assert (ended.town, ended.reason, len(ended.sessions)) == (doors.town, "signed_out", 1)
    program = doors.visitor(origin=None)
    program.headers["Authorization"] = f"Bearer {token}"
    again = await program.get(f"{API}/wallet")
    assert (again.status_code, again.json()["code"]) == (401, "signed_out")
    assert again.headers["www-authenticate"] == "Bearer"


async def test_a_session_ends_by_itself(doors: Doors) -> None:
    """A wallet's after ninety days."""
    holder = await doors.holder()
    doors.clock.advance(days=89.9)
    assert (await holder.get(f"{API}/wallet")).status_code == 200
    doors.clock.advance(days=0.1)
    assert (await holder.get(f"{API}/wallet")).status_code == 401


async def test_a_session_of_one_role_is_none_of_another(doors: Doors) -> None:
    """A wallet's token is no key to the console, however it is sent."""
    holder = await doors.holder()
    program = doors.visitor(origin=None)
    program.headers["Authorization"] = f"Bearer {holder.cookies['koban_wallet']}"
    for path in ("console/me", "terminal", "console/events"):
        answer = await program.get(f"{API}/{path}")
        assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")
    assert (await program.get(f"{API}/wallet/payments/{uuid4()}")).status_code == 200
