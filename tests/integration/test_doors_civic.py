"""The doors of civic platforms: consent, tokens, grants, and every wrong way to ask for them."""

import base64
import json
from typing import Any

import pytest

from config.profile import read_profile
from gateway.civic import dead_letters, office
from gateway.civic.office import checked_redirects
from gateway.office import Office, OfficeFault
from ledger import audit, clients, links, webhooks
from ledger.audit import Filter
from ledger.towns import load_town
from ledger.webhooks import ATTEMPTS_MAX
from notifier.webhooks import AddressRefused, check_address
from tests.support.civic import API, BACK, FORM, SECRET, Platform, open_platform, presses, returned
from tests.support.doors import Doors, Visitor
from tests.support.ledger import problems
from tests.support.programmes import budget, open_giving

HOOK = "https://hooks.machi.example/koban"


@pytest.fixture
async def operator(doors: Doors) -> Visitor:
    """Somebody of the office, who has opened a walk that is worth 500 once, with 1,200 to give."""
    visitor = await doors.operator()
    await open_giving(visitor, ceiling=1_200, amount=None, amount_max=1_000, per_person="always")
    return visitor


@pytest.fixture
async def platform(doors: Doors, operator: Visitor) -> Platform:
    """A platform that may give for it, and is told what happens."""
    opened = await open_platform(doors, programme="health")
    vault = doors.auth.vault
    await clients.set_webhook(doors.pool, vault, doors.town, opened.number, HOOK, "hook secret")
    return opened


async def told(doors: Doors) -> list[tuple[str, str | None, str | None]]:
    """What waits to be told, oldest first."""
    rows = await doors.pool.fetch(
        "SELECT kind, reference, reason FROM koban.webhook ORDER BY at, reference"
    )
    return [tuple(row) for row in rows]


async def test_the_page_asks_in_plain_words_and_keeps_to_itself(
    doors: Doors, platform: Platform
) -> None:
    """Who asks for what, in two languages; two buttons alike; in nobody's frame and no cache."""
    stranger, holder = doors.visitor(), await doors.holder(name="長岡 <花子>")
    first = await stranger.get(platform.address())
    assert (first.status_code, "つづける Continue" in first.text) == (200, True)
    page = await holder.get(platform.address("who balance"))
    for words in ("まちづくり広場", "長岡 &lt;花子&gt;", "お名前を見ること", "See your balance"):
        assert words in page.text, words
    assert "Give you points" not in page.text
    for value in ("allow", "refuse"):
        assert f'<button class="button" name="decision" value="{value}">' in page.text
    policy = page.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://machi.example" in policy
    assert (page.headers["x-frame-options"], page.headers["cache-control"]) == ("DENY", "no-store")
    refused = await presses(holder, platform.address(), "refuse")
    assert returned(refused) == {
        "error": "access_denied",
        "error_description": "The citizen has refused.",
        "state": "xyz",
        "iss": "https://koban.example/nagaoka/oauth",
    }
    elsewhere = doors.visitor(origin="https://evil.example")
    elsewhere.cookies = holder.cookies
    forged = await elsewhere.post(platform.address(), data={"decision": "allow"})
    assert (forged.status_code, forged.json()["code"]) == (403, "origin_refused")
    signed_out = await stranger.post(platform.address(), data={"decision": "allow"})
    assert (signed_out.status_code, "サインイン" in signed_out.text) == (200, True)
    for body in ("decision=perhaps", "decision=allow&decision=allow", "", "decision=%ff%00"):
        wrong = await holder.post(platform.address(), content=body, headers={"Content-Type": FORM})
        assert wrong.status_code in {400, 422}, body
    assert await doors.pool.fetchval("SELECT count(*) FROM people.link_code") == 0


async def test_wrong_ways_to_send_a_browser_here(doors: Doors, platform: Platform) -> None:
    """Without a safe way back a page says so; otherwise the platform itself is told."""
    holder = await doors.holder()
    dead_ends: list[dict[str, str | None]] = [
        {"client_id": "nobody"},
        {"client_id": "\0"},
        {"client_id": None},
        {"redirect_uri": None},
        {"redirect_uri": f"{BACK}/"},
        {"redirect_uri": f"{BACK}?more=1"},
        {"redirect_uri": "https://evil.example/back"},
        {"redirect_uri": "javascript:alert(1)"},
    ]
    for changes in dead_ends:
        for answer in (
            await holder.get(platform.address(**changes)),
            await holder.post(platform.address(**changes), data={"decision": "allow"}),
        ):
            assert (answer.status_code, "連携を始められません" in answer.text) == (400, True), (
                changes
            )
    ill_formed = await holder.get(f"{platform.address()}&scope=who&x=%zz;")
    assert ill_formed.status_code == 400
    sent_back: list[tuple[dict[str, str | None], str]] = [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "too-short"}, "invalid_request"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "who pay"}, "invalid_scope"),
    ]
    for changes, error in sent_back:
        for answer in (
            await holder.get(platform.address(**{"scope": "who", **changes})),
            await holder.post(
                platform.address(**{"scope": "who", **changes}), data={"decision": "allow"}
            ),
        ):
            assert answer.status_code == 303, (changes, answer.text)
            back = returned(answer)
            assert (back["error"], back["state"], "code" in back) == (error, "xyz", False), changes
    assert await doors.pool.fetchval("SELECT count(*) FROM people.link_code") == 0


async def test_wrong_ways_to_ask_for_tokens(doors: Doors, platform: Platform) -> None:
    """Each is told as RFC 6749 says, and uses nothing up: the right way works afterwards."""
    holder = await doors.holder()
    other = await open_platform(doors, code="other", secret="another secret altogether, known")
    code = await platform.brought(holder)
    cases: list[tuple[dict[str, str | None], int, str]] = [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_secret": None}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"client_id": "\0"}, 401, "invalid_client"),
        ({"code": "\0"}, 400, "invalid_grant"),
        ({"client_id": other.code, "client_secret": other.secret}, 400, "invalid_grant"),
        ({"code_verifier": None}, 400, "invalid_request"),
        ({"code_verifier": "another-verifier-of-43-to-128-characters-0123"}, 400, "invalid_grant"),
        ({"redirect_uri": None}, 400, "invalid_request"),
        ({"redirect_uri": "https://evil.example/back"}, 400, "invalid_request"),
        ({"code": "no such code"}, 400, "invalid_grant"),
        ({"code": None}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": None}, 400, "unsupported_grant_type"),
    ]
    for changes, status, error in cases:
        answer = await platform.exchanges(code, **changes)
        assert (answer.status_code, answer.json()["error"]) == (status, error), (changes, answer)
        assert answer.headers["cache-control"] == "no-store"
    program = doors.visitor(origin=None)
    for content, media, status in (
        ("{}", "application/json", 415),
        ("x" * 20_000, FORM, 413),
        ("grant_type=authorization_code&code=\xff".encode("latin-1"), FORM, 400),
        ("grant_type=refresh_token&refresh_token=x&refresh_token=y", FORM, 401),
    ):
        answer = await program.post(
            "/nagaoka/oauth/token", content=content, headers={"Content-Type": media}
        )
        assert answer.status_code == status, answer.text
    assert (await program.post("/atlantis/oauth/token", data={})).status_code == 404
    good = await platform.exchanges(code)
    assert good.status_code == 200, good.text
    tokens = good.json()
    assert (tokens["token_type"], tokens["expires_in"], tokens["scope"]) == (
        "Bearer",
        600,
        "who grant",
    )


async def test_the_client_proves_itself_by_basic_too(doors: Doors, platform: Platform) -> None:
    """RFC 6749, 2.3.1; and what the town publishes of itself names all of it (RFC 8414)."""
    code = await platform.brought(await doors.holder())
    basic = base64.b64encode(f"{platform.code}:{SECRET.replace(' ', '+')}".encode()).decode()
    program = doors.visitor(origin=None)
    described = (await program.get("/.well-known/oauth-authorization-server/nagaoka/oauth")).json()
    assert described["code_challenge_methods_supported"] == ["S256"]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": BACK,
        "code_verifier": "a-verifier-of-43-to-128-characters-0123456789",
    }
    answer = await program.post(
        described["token_endpoint"], data=form, headers={"Authorization": f"Basic {basic}"}
    )
    assert answer.status_code == 200, answer.text


async def test_a_code_works_once_and_for_a_minute(doors: Doors, platform: Platform) -> None:
    """The second time somebody has a copy: what the first became opens nothing any more."""
    holder = await doors.holder()
    late = await platform.brought(holder)
    doors.clock.advance(seconds=60)
    answer = await platform.exchanges(late)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    code = await platform.brought(holder)
    doors.clock.advance(seconds=59)
    tokens = (await platform.exchanges(code)).json()
    assert (await platform.calls(tokens["access_token"], "GET", "/citizen")).status_code == 200
    again = await platform.exchanges(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    dead = await platform.calls(tokens["access_token"], "GET", "/citizen")
    assert (dead.status_code, dead.json()["code"]) == (401, "token_invalid")
    assert dead.headers["www-authenticate"] == "Bearer"
    refreshed = await platform.refreshes(tokens["refresh_token"])
    assert (refreshed.status_code, refreshed.json()["error"]) == (400, "invalid_grant")
    assert (await holder.get(f"{API}/wallet/links")).json() == {"links": []}
    assert await told(doors) == [("link.ended", None, "reuse")]


async def test_refresh_tokens_work_for_one_step(doors: Doors, platform: Platform) -> None:
    """A lost answer may be asked for again; a copy that comes behind its follower ends the link."""
    holder = await doors.holder()
    first = await platform.links(holder, "who balance")
    lost = (await platform.refreshes(first["refresh_token"])).json()
    second = (await platform.refreshes(first["refresh_token"], scope="who")).json()
    assert (second["scope"], second["subject"]) == ("who", first["subject"])
    for token, path, status in (
        (lost["access_token"], "/citizen", 401),
        (second["access_token"], "/balance", 403),
        (second["access_token"], "/citizen", 200),
    ):
        assert (await platform.calls(token, "GET", path)).status_code == status, path
    wider = await platform.refreshes(second["refresh_token"], scope="who grant")
    assert (wider.status_code, wider.json()["error"]) == (400, "invalid_scope")
    third = (await platform.refreshes(second["refresh_token"])).json()
    assert third["scope"] == "who balance", "the consent stays whole"
    doors.clock.advance(minutes=10)
    over = await platform.calls(third["access_token"], "GET", "/citizen")
    assert over.status_code == 401
    stolen = await platform.refreshes(first["refresh_token"])
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
    assert (await platform.refreshes(third["refresh_token"])).status_code == 400
    assert await told(doors) == [("link.ended", None, "reuse")]


async def test_consents_end(doors: Doors, platform: Platform) -> None:
    """By the citizen, by the platform, by time, with the person; each at once and told."""
    holder = await doors.holder()
    tokens = await platform.links(holder)
    (link,) = (await holder.get(f"{API}/wallet/links")).json()["links"]
    assert (link["client"], link["name"], link["scopes"]) == (
        "machizukuri",
        "まちづくり広場",
        ["who", "grant"],
    )
    again = await platform.links(holder, "who")
    assert again["subject"] == tokens["subject"], "the same link, consented to anew"
    assert (await platform.calls(tokens["access_token"], "GET", "/citizen")).status_code == 401
    assert (await platform.refreshes(tokens["refresh_token"])).status_code == 400
    assert (await platform.calls(again["access_token"], "GET", "/citizen")).status_code == 200
    neighbour = await doors.holder("09087654321", "青山 太郎")
    path = f"{API}/wallet/links/{link['link']}/end"
    assert (await neighbour.post(path, json={})).status_code == 404
    assert (await holder.post(path, json={})).json() == {"links": []}
    assert (await holder.post(path, json={})).status_code == 404
    assert (await platform.calls(again["access_token"], "GET", "/citizen")).status_code == 401
    # The platform gives back: an access token alone, then all of it.
    tokens = await platform.links(holder)
    assert tokens["subject"] != again["subject"], "another link is another name"
    other = await open_platform(doors, code="other", secret="another secret altogether, known")
    for who, token, opens in (
        (other, "refresh_token", 200),
        (platform, "access_token", 401),
        (platform, "refresh_token", 401),
    ):
        answer = await who.asks("revoke", token=tokens[token])
        assert answer.status_code == 200, answer.text
        calls = await platform.calls(tokens["access_token"], "GET", "/citizen")
        assert calls.status_code == opens
    assert (await platform.asks("revoke", token="no such token")).status_code == 200
    assert (await platform.asks("revoke", token="x", client_secret="y")).status_code == 401
    assert (await platform.refreshes(tokens["refresh_token"])).status_code == 400
    # A year.
    tokens = await platform.links(neighbour)
    for _ in range(4):
        doors.clock.advance(days=73)
        tokens = (await platform.refreshes(tokens["refresh_token"])).json()
    doors.clock.advance(days=73)
    refreshed = await platform.refreshes(tokens["refresh_token"])
    assert (refreshed.status_code, refreshed.json()["error"]) == (400, "invalid_grant")
    # A person who is forgotten.
    holder = await doors.holder("09011112222", "青島 次郎")
    tokens = await platform.links(holder)
    operator, late = await doors.operator("課長"), await platform.brought(holder)
    erased = await operator.post(
        f"{API}/console/wallets/{holder.account}/erase",
        json={"wallet": holder.account, "reason": "退会"},
    )
    assert erased.status_code == 200, erased.text
    assert (await platform.calls(tokens["access_token"], "GET", "/citizen")).status_code == 401
    assert (await platform.exchanges(late)).json()["error"] == "invalid_grant"
    assert [reason for _, _, reason in await told(doors)] == ["citizen", "client", "erasure"]


async def test_grants_are_named_once_and_stay_within_the_budget(
    doors: Doors, platform: Platform, operator: Visitor
) -> None:
    """Asked for again it is the same; another body, citizen, activity or too much is refused."""
    holder, neighbour = await doors.holder(), await doors.holder("09087654321", "青山 太郎")
    tokens = await platform.links(holder, "grant balance")
    token = tokens["access_token"]
    theirs = (await platform.links(neighbour, "grant"))["access_token"]
    await operator.post(f"{API}/console/programmes", json=_programme("other"))
    made = await operator.post(f"{API}/console/activities", json=_activity("other", "fair"))
    assert made.status_code == 200, made.text
    walk = {"activity": "walk", "amount": 300}
    answer = await platform.calls(token, "POST", "/grants", walk, "k-1")
    assert answer.status_code == 200, answer.text
    granted = answer.json()
    assert (granted["key"], granted["subject"], granted["amount"], granted["outcome"]) == (
        "k-1",
        tokens["subject"],
        300,
        "done",
    )
    for same in ("k-1", '"k-1"'):
        again = await platform.calls(token, "POST", "/grants", walk, same)
        assert (again.status_code, again.json()) == (200, granted)
    cases: list[tuple[str, Any, str | None, int, str]] = [
        (token, {**walk, "amount": 301}, "k-1", 409, "id_reused"),
        (theirs, walk, "k-1", 409, "id_reused"),
        (token, walk, None, 400, "key_missing"),
        (token, walk, "a key with spaces", 400, "key_missing"),
        (token, walk, "k" * 65, 400, "key_missing"),
        (token, {"activity": "fair", "amount": 1}, "k-2", 403, "activity_not_yours"),
        (token, {"activity": "nothing", "amount": 1}, "k-2", 403, "activity_not_yours"),
        (token, {"activity": "walk", "amount": 901}, "k-3", 402, "over_budget"),
        (token, {"activity": "walk", "amount": 1_001}, "k-4", 402, "over_limit"),
        (token, {"activity": "walk"}, "k-5", 402, "amount_required"),
        (token, {"activity": "walk", "amount": 0}, "k-6", 422, "invalid"),
        (token, {"activity": "walk", "amount": 1, "recipient": "1"}, "k-6", 422, "invalid"),
        ("no token", walk, "k-7", 401, "token_invalid"),
        (tokens["refresh_token"], walk, "k-7", 401, "token_invalid"),
    ]
    for shown, body, key, status, code in cases:
        answer = await platform.calls(shown, "POST", "/grants", body, key)
        assert (answer.status_code, answer.json()["code"]) == (status, code), (body, answer.text)
    for shown, path, status, code in (
        (token, "/citizen", 403, "scope_missing"),
        (theirs, "/balance", 403, "scope_missing"),
        (theirs, "/grants/k-1", 404, "not_found"),
        (token, "/grants/k-9", 404, "not_found"),
    ):
        answer = await platform.calls(shown, "GET", path)
        assert (answer.status_code, answer.json()["code"]) == (status, code), path
    balance = (await platform.calls(token, "GET", "/balance")).json()
    assert (balance["total"], balance["parts"]) == (300, [{"instrument": "point", "amount": 300}])
    for shown, key, status in ((theirs, "k-1", 404), (token, "k-3", 402), (token, "k-9", 404)):
        answer = await platform.calls(shown, "POST", f"/grants/{key}/take-back", {})
        assert answer.status_code == status, answer.text
    for _ in range(2):
        back = await platform.calls(token, "POST", "/grants/k-1/take-back", {})
        assert (back.status_code, back.json()["reversed"]) == (200, 300), back.text
    assert (await budget(operator))["left"] == 1_200
    assert await told(doors) == [
        ("grant.granted", "k-1", None),
        ("grant.reversed", "k-1", None),
    ]
    assert await problems(doors.pool) == []


async def test_a_closed_platform_and_one_of_another_town(doors: Doors, platform: Platform) -> None:
    """Neither opens anything; reopened, the links are as they were."""
    holder = await doors.holder()
    tokens = await platform.links(holder)
    number = platform.number
    for state, statuses in (("closed", (401, 401, 400)), ("open", (200, 200, 200))):
        await doors.pool.execute(
            "UPDATE koban.acquirer SET state = $1 WHERE acquirer = $2", state, number
        )
        answers = (
            await platform.calls(tokens["access_token"], "GET", "/citizen"),
            await platform.refreshes(tokens["refresh_token"]),
            await holder.get(platform.address()),
        )
        assert tuple(answer.status_code for answer in answers) == statuses
    # The same at another town's doors, which knows none of it.
    hirakata = read_profile("hirakata")
    await load_town(doors.pool, hirakata, doors.clock.now)
    doors.context.take(hirakata)
    program = doors.visitor(origin=None)
    bearer = {"Authorization": f"Bearer {(await platform.links(holder))['access_token']}"}
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    form |= {"client_id": platform.code, "client_secret": platform.secret}
    for answer, status in (
        (await program.get("/api/hirakata/civic/citizen", headers=bearer), 401),
        (await program.post("/hirakata/oauth/token", data=form), 401),
        (await holder.get(platform.address().replace("nagaoka", "hirakata")), 400),
    ):
        assert answer.status_code == status, answer.text


def _programme(code: str) -> dict[str, Any]:
    return {
        "code": code,
        "department": "課",
        "name": "事業",
        "instrument": "point",
        "ceiling": 1_000,
    }


def _activity(programme: str, code: str) -> dict[str, Any]:
    return {
        "code": code,
        "programme": programme,
        "name": "市",
        "amount": None,
        "amount_max": 100,
        "starts_at": "2026-01-01T00:00",
        "ends_at": "2027-01-01T00:00",
    }


async def test_dead_letters_are_shown_and_sent_again(doors: Doors, platform: Platform) -> None:
    """After the last attempt nobody sends it, until an operator says so: once, with its line."""
    tokens = await platform.links(await doors.holder())
    await platform.asks("revoke", token=tokens["refresh_token"])
    for attempt in range(1, ATTEMPTS_MAX + 1):
        (due,) = await webhooks.take(doors.pool, doors.town, platform.number, 8, doors.clock.now)
        assert due.attempts == attempt
        assert (
            await webhooks.take(doors.pool, doors.town, platform.number, 8, doors.clock.now) == []
        )
        again = await webhooks.not_delivered(
            doors.pool, doors.town, due, "answered 503", doors.clock.now
        )
        assert again is (attempt < ATTEMPTS_MAX)
        doors.clock.advance(seconds=webhooks.PAUSES_S[attempt - 1])
    operator = await doors.operator("課長")
    listed = await operator.get(f"{API}/console/webhooks", params={"state": "dead"})
    (letter,) = listed.json()["webhooks"]
    assert (letter["client"], letter["kind"], letter["attempts"], letter["problem"]) == (
        "machizukuri",
        "link.ended",
        ATTEMPTS_MAX,
        "answered 503",
    )
    path = f"{API}/console/webhooks/{letter['webhook']}/retry"
    ops = await doors.operator("見る人", "ops")
    assert (await ops.post(path, json={})).status_code == 403
    assert (await operator.post(path, json={})).status_code == 200
    assert (await operator.post(path, json={})).status_code == 404
    (line,) = await audit.lines(doors.pool, doors.town, Filter(act="webhook"), None, 10)
    assert (line.act, line.subject) == ("webhook.retried", f"webhook:{letter['webhook']}")
    await webhooks.give_up(doors.pool, doors.town, platform.number, "gone", doors.clock.now)
    assert (await operator.post(path, json={})).status_code == 200, "it was dead again"
    (due,) = await webhooks.take(doors.pool, doors.town, platform.number, 8, doors.clock.now)
    await webhooks.delivered(doors.pool, doors.town, due.webhook, doors.clock.now)
    assert (await operator.get(f"{API}/console/webhooks")).json()["webhooks"][0]["state"] == (
        "delivered"
    )
    assert (await operator.get(f"{API}/console/clients")).json()["clients"][0][
        "webhook_url"
    ] == HOOK
    doors.clock.advance(days=91)
    await webhooks.sweep(doors.pool, doors.town, doors.clock.now)
    await links.sweep(doors.pool, doors.town, doors.clock.now)
    assert await told(doors) == []
    assert await doors.pool.fetchval("SELECT count(*) FROM people.link_token") == 0


def test_addresses_are_checked_before_they_are_kept() -> None:
    """Where webhooks go, and where browsers are sent back to."""
    for address in (
        "http://hooks.example/x",
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://10.0.0.1/x",
        "https://[::1]/x",
        "https://intranet/x",
        "https://hooks.example:8443/x",
        "https://user:pass@hooks.example/x",
        "https://hooks.example/x#y",
        "https://" + "x" * 600 + ".example/",
        "https://[bad/",
        "ftp://hooks.example/x",
    ):
        with pytest.raises(AddressRefused):
            check_address(address)
    check_address("https://hooks.example/x?y=1")
    check_address("http://127.0.0.1:9000/x", loopback=True)
    for uri in (
        "http://machi.example/back",
        "https://machi.example/back#x",
        "https://user@machi.example/back",
        "https://machi.example/ba ck",
        "https://machi.example/';script-src *",
        "javascript:alert(1)",
        "machi.example/back",
        "https:///back",
    ):
        with pytest.raises(OfficeFault, match="allowed is an https address"):
            checked_redirects([uri])
    assert checked_redirects([BACK, BACK, "http://127.0.0.1:8050/back"]) == [
        BACK,
        "http://127.0.0.1:8050/back",
    ]


OFFICE = (
    ("open new 名 --redirect http://x.example --scope who", "allowed is an https address"),
    ("open new 名 --redirect https://x.example/b --scope who pay", "--scope: found 'pay'"),
    ("open Not 名 --redirect https://x.example/b --scope who", "found 'Not' and '名'"),
    ("open machizukuri 名 --redirect https://x.example/b --scope who", "has the code"),
    ("secret nobody", "there is no client 'nobody'"),
    ("redirects machizukuri ftp://x.example", "allowed is an https address"),
    ("webhook machizukuri http://hooks.example/x", "not https on its usual port"),
    ("webhook machizukuri https://192.168.1.1/x", "not a public name"),
    ("webhooks retry", "say which letter, or --all"),
    ("webhooks retry 00000000-0000-0000-0000-000000000000", "no dead letter 00000000"),
)


async def test_the_office_is_told_what_is_wrong(
    doors: Doors, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each in a sentence, and nothing has changed; what is right leaves its line in the audit."""
    for name in ("POSTGRES_DSN", "REDIS_URL", "SECRET"):
        monkeypatch.setenv(f"KOBAN_{name}", "x" * 32)
    monkeypatch.setenv("KOBAN_PUBLIC_URL", "https://koban.example")
    profile = doors.context.towns["nagaoka"].profile
    there = Office(doors.pool, doors.auth.vault, profile, doors.clock.now)

    async def types(line: str) -> str:
        subject, _, rest = line.rpartition("webhooks ")
        module = dead_letters if subject or line.startswith("webhooks ") else office
        act, *words = rest.split()
        said: str = await module.act(there, module.arguments([act, "nagaoka", *words]))
        return said

    for line, problem in OFFICE:
        with pytest.raises(OfficeFault, match=problem):
            await types(line)
    assert await audit.lines(doors.pool, doors.town, Filter(act="client"), None, 10) == []
    (before,) = await clients.clients(doors.pool, doors.town)
    for line in ("secret machizukuri", "webhook machizukuri https://new.example/x"):
        assert "not shown again" in await types(line)
    assert "https://b.example/" in await types("redirects machizukuri https://b.example/")
    assert await types("close machizukuri") == "machizukuri is closed."
    (after,) = json.loads(await types("list --json"))
    assert (before.state, after["state"], after["webhook_url"], after["redirect_uris"]) == (
        "open",
        "closed",
        "https://new.example/x",
        ["https://b.example/"],
    )
    assert await types("webhook machizukuri") == "machizukuri is told nothing any more."
    assert "nowhere" in await types("list")
    assert await types("webhooks list") == "There are no such webhooks."
    assert (await platform.refreshes("x")).status_code == 401, "the secret is another one"
    found = await audit.lines(doors.pool, doors.town, Filter(act="client"), None, 10)
    assert {line.act for line in found} == {
        "client.secret_made",
        "client.webhook_changed",
        "client.redirects_changed",
        "client.state_changed",
    }
