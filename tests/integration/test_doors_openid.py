"""The doors of identity providers: bad input, browsers that come back wrong, keys that change."""

import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from config.profile import read_profile
from gateway.openid.doors import OpenidDoors
from ledger import openid, persons
from ledger.database import transaction
from ledger.encryption import encrypt_again
from ledger.openid import Identity
from ledger.vault import Vault
from tests.support.doors import ORIGIN, SETTINGS, Doors, Visitor
from tests.support.openid import OpenidProcess

API, PAGE = "/api/nagaoka/wallet/openid", "/nagaoka/wallet/openid"
TEXT = "x" * 43


@pytest.fixture
async def office(doors: Doors, identities: OpenidProcess) -> AsyncIterator[Doors]:
    """The doors of a town that switches two providers on, one of which nobody has set up."""
    profile = read_profile("nagaoka")
    people = replace(profile.people, sign_in=("sms", "line", "mynumber", "elsewhere"))
    doors.context.take(replace(profile, people=people))
    auth = doors.auth
    auth.openid = OpenidDoors(
        replace(SETTINGS, openid=identities.settings), doors.pool, auth.vault, auth.sessions
    )
    await identities.behave(now_s=doors.clock.now.timestamp())
    yield doors
    doors.context.take(profile)


async def goes(visitor: Visitor, purpose: str, provider: str = "line") -> str:
    """Where the browser is sent."""
    answer = await visitor.post(f"{API}/{provider}/start", json={"purpose": purpose})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["address"])


async def proves(
    visitor: Visitor, identities: OpenidProcess, purpose: str, person: str = "hanako"
) -> httpx.Response:
    """There and back."""
    return await visitor.get(await identities.chosen(await goes(visitor, purpose), person))


@pytest.mark.parametrize(
    ("who", "path", "body", "status", "code"),
    [
        ("nobody", "line/start", {}, 422, "invalid"),
        ("nobody", "line/start", {"purpose": "pay"}, 422, "invalid"),
        ("nobody", "line/start", {"purpose": "sign_in", "wallet": 1}, 422, "invalid"),
        ("nobody", "LINE/start", {"purpose": "sign_in"}, 422, "invalid"),
        ("nobody", "sms/start", {"purpose": "sign_in"}, 404, "openid_unknown"),
        ("nobody", "portal/start", {"purpose": "sign_in"}, 404, "openid_unknown"),
        ("nobody", "elsewhere/start", {"purpose": "sign_in"}, 503, "openid_closed"),
        ("nobody", "line/start", {"purpose": "link"}, 401, "signed_out"),
        ("nobody", "line/unlink", {}, 401, "signed_out"),
        ("holder", "line/unlink", {"force": True}, 422, "invalid"),
        ("holder", "line/start", b"{", 400, "malformed"),
    ],
)
async def test_bad_input_gets_a_clear_error(
    office: Doors, who: str, path: str, body: Any, status: int, code: str
) -> None:
    """And leaves nothing behind."""
    visitor = await office.holder() if who == "holder" else office.visitor()
    sent = {"content": body} if isinstance(body, bytes) else {"json": body}
    headers = {"Content-Type": "application/json"}
    answer = await visitor.post(f"{API}/{path}", headers=headers, **sent)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await office.pool.fetchval("SELECT count(*) FROM people.identity_attempt") == 0


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?code=x",
        "?state=",
        f"?state={TEXT}&code={TEXT}",
        f"?state={TEXT}&state={TEXT}&code={TEXT}",
        f"?state={'x' * 5_000}&code={TEXT}",
        "?state=%00&code=%ff",
        f"?state={TEXT}&error=<script>alert(1)</script>",
    ],
)
async def test_nonsense_that_comes_back_is_a_page_and_nothing_else(
    office: Doors, query: str
) -> None:
    """In both languages, with a way on, and without a word of what came."""
    answer = await office.visitor().get(f"{PAGE}/line/callback{query}")
    assert answer.status_code == 410
    assert "手続きの時間が過ぎたか" in answer.text
    assert "start again" in answer.text
    assert "<script" not in answer.text
    for other, status in (("portal", 404), ("elsewhere", 503)):
        answer = await office.visitor().get(f"{PAGE}/{other}/callback{query[:1]}")
        assert answer.status_code in {status, 410}
    assert (await office.visitor().get("/atlantis/wallet/openid/line/callback")).status_code == 404


async def test_the_way_back_is_for_ten_minutes_and_an_open_session(
    office: Doors, identities: OpenidProcess
) -> None:
    """Too late, signed out meanwhile, or a link that began at another provider."""
    holder = await office.holder()
    back = await identities.chosen(await goes(holder, "link"), "hanako")
    other = str(back).replace("/line/", "/mynumber/")
    assert (await holder.get(other)).status_code == 410
    office.clock.advance(minutes=10)
    assert (await holder.get(back)).status_code == 410
    await identities.behave(now_s=office.clock.now.timestamp())
    back = await identities.chosen(await goes(holder, "link"), "hanako")
    await holder.post("/api/nagaoka/wallet/sign-out", json={})
    assert (await holder.get(back)).status_code == 410
    assert await office.pool.fetchval("SELECT count(*) FROM people.identity") == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"signature": "wrong"},
        {"signature": "none"},
        {"audience": "another"},
        {"nonce": "another"},
        {"expired": True},
    ],
    ids=str,
)
async def test_a_forged_token_signs_nobody_in(
    office: Doors, identities: OpenidProcess, wrong: dict[str, Any]
) -> None:
    """Refused with a page; no session, and the attempt is used up."""
    assert (await proves(await office.holder(), identities, "link")).status_code == 303
    visitor = office.visitor()
    await identities.behave(now_s=office.clock.now.timestamp(), **wrong)
    refused = await proves(visitor, identities, "sign_in")
    assert (refused.status_code, "本人確認の結果を" in refused.text) == (502, True)
    assert "koban_wallet" not in visitor.cookies
    assert await office.pool.fetchval("SELECT count(*) FROM people.identity_attempt") == 0


async def test_another_providers_answer_is_refused(
    office: Doors, identities: OpenidProcess
) -> None:
    """RFC 9207: the code goes to nobody but who gave it."""
    visitor = office.visitor()
    back = await identities.chosen(await goes(visitor, "sign_in"), "hanako")
    mixed = back.copy_set_param("iss", identities.settings["mynumber"].issuer)
    assert (await visitor.get(mixed)).status_code == 502


async def test_a_wallet_has_one_identity_of_a_provider(
    office: Doors, identities: OpenidProcess
) -> None:
    """The same again changes nothing; another one is refused until the first is unlinked."""
    holder = await office.holder()
    for person, status in (("hanako", 303), ("hanako", 303), ("taro", 409)):
        assert (await proves(holder, identities, "link", person)).status_code == status
    linked = (await holder.get(API)).json()["identities"]
    assert linked == [{"provider": "line", "linked_at": office.clock.now_ms}]
    for _ in range(2):
        assert (await holder.post(f"{API}/line/unlink", json={})).json() == {"identities": []}
    assert (await proves(holder, identities, "link", "taro")).status_code == 303


async def test_cookies_are_for_the_way_back_alone(office: Doors, identities: OpenidProcess) -> None:
    """The attempt's is Lax, as it comes back from another site; the session's stays Strict."""
    await proves(await office.holder(), identities, "link")
    visitor = office.visitor()
    answer = await visitor.post(f"{API}/line/start", json={"purpose": "sign_in"})
    cookie = answer.headers["set-cookie"]
    for word in ("HttpOnly", "Secure", "SameSite=lax", f"Path={PAGE}/line/callback"):
        assert word in cookie
    done = await visitor.get(await identities.chosen(answer.json()["address"], "hanako"))
    session, gone = done.headers.get_list("set-cookie")
    assert "SameSite=strict" in session
    assert "Max-Age=0" in gone
    assert done.headers["cache-control"] == "no-store"
    assert (await visitor.get("/api/nagaoka/wallet")).status_code == 200


async def test_no_secret_of_it_is_logged_or_kept(
    office: Doors, identities: OpenidProcess, caplog: pytest.LogCaptureFixture
) -> None:
    """State, code, cookie, client secret, who it is: in no line, and in no row as they are."""
    caplog.set_level(logging.DEBUG, "gateway")
    holder = await office.holder()
    with capture_logs() as lines:
        back = await identities.chosen(await goes(holder, "link"), "hanako")
        kept = str(await office.pool.fetch("SELECT * FROM people.identity_attempt"))
        cookie = holder.cookies["koban_openid"]
        assert (await holder.get(back)).status_code == 303
    kept += str(await office.pool.fetch("SELECT * FROM people.identity"))
    logged = f"{lines}\n{caplog.text}"
    secrets = [back.params["state"], back.params["code"], cookie, "line-hanako"]
    secrets += [identities.settings["line"].client_secret]
    assert [one for one in secrets if one in logged or one in kept] == []
    assert "identity.linked" in logged


async def test_identities_follow_the_key_and_go_with_their_person(
    office: Doors, identities: OpenidProcess
) -> None:
    """Found under the old key, moved to the new one, found still; erased with whose they are."""
    holder = await office.holder()
    await proves(holder, identities, "link")
    who = Identity("line", identities.settings["line"].issuer, "line-hanako")
    old, new = SETTINGS.secret, b"a new secret for personal data, long enough for it"
    both, after = Vault({1: new, 0: old}), Vault({1: new})
    assert await openid.wallet_of(office.pool, both, office.town, who) == holder.account
    await encrypt_again(office.pool, both)
    assert await openid.wallet_of(office.pool, after, office.town, who) == holder.account
    person = await persons.person_by_wallet(office.pool, after, office.town, holder.account)
    assert person is not None
    async with transaction(office.pool) as connection:
        await persons.forget(connection, after, office.town, person)
    assert await openid.wallet_of(office.pool, after, office.town, who) is None


async def test_a_browser_knocks_so_often_and_no_more(office: Doors) -> None:
    """The doors' own limit for an address, on the way there and on the way back."""
    visitor = office.visitor("198.51.100.9")
    codes = {
        (await visitor.get(f"{ORIGIN}{PAGE}/line/callback?state={TEXT}")).status_code
        for _ in range(200)
    }
    assert codes == {410, 429}
    refused = await visitor.post(f"{API}/line/start", json={"purpose": "sign_in"})
    assert (refused.status_code, refused.json()["code"]) == (429, "too_fast")
