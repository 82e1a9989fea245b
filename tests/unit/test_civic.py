"""What a platform believes of what it is told: the signature, now, and for the first time."""

import json
from datetime import UTC, datetime

import pytest

from gateway.civic.judge import Credentials, Judge, Known, credentials
from gateway.protocol.signing import sign
from scripts.civic_simulator import WebhookReader

BODY = b'{"id":"1"}'
NOW_S = 1_775_012_400
SECRET = "between the town and the platform"


def signed(**changes: str | int) -> dict[str, str]:
    """A telling's headers, lower-cased as servers see them."""
    made = {"key_id": "liqlid", "secret": SECRET, "created": NOW_S, "nonce": "n" * 22, **changes}
    headers = sign("POST", "/hook", "a=1", BODY, **made)  # type: ignore[arg-type]
    return {name.lower(): text for name, text in headers.items()}


def test_what_is_signed_is_taken_once() -> None:
    """Within five minutes; the same again is a replay, whatever it says."""
    reader = WebhookReader("liqlid", SECRET)
    assert reader.problem("/hook", "a=1", signed(), BODY, NOW_S + 300) == ""
    assert reader.problem("/hook", "a=1", signed(), BODY, NOW_S + 300) == "this came before"
    assert reader.problem("/hook", "a=1", signed(nonce="m" * 22), BODY, NOW_S) == ""


@pytest.mark.parametrize(
    ("headers", "body", "path", "now_s", "problem"),
    [
        ({}, BODY, "/hook", NOW_S, "are needed"),
        (signed(secret="another"), BODY, "/hook", NOW_S, "not the town's"),
        (signed(key_id="other"), BODY, "/hook", NOW_S, "not the town's"),
        (signed(), BODY, "/other", NOW_S, "not the town's"),
        (signed(), b'{"id":"2"}', "/hook", NOW_S, "digest"),
        (signed(), BODY, "/hook", NOW_S + 301, "too old"),
        (signed(), BODY, "/hook", NOW_S - 301, "too old"),
    ],
)
def test_everything_else_is_not(
    headers: dict[str, str], body: bytes, path: str, now_s: int, problem: str
) -> None:
    """Forged, altered, sent elsewhere, too late; and it uses no nonce up."""
    reader = WebhookReader("liqlid", SECRET)
    assert problem in reader.problem(path, "a=1", headers, body, now_s)
    assert reader.problem("/hook", "a=1", signed(), BODY, NOW_S) == ""


@pytest.mark.parametrize(
    ("authorization", "found"),
    [
        ("Basic bWFjaGk6YSslMkZi", Credentials("machi", "a /b")),
        ("basic bWFjaGk6", Credentials("machi", "")),
        ("Basic !", Credentials("", "")),
        ("Basic /w==", Credentials("", "")),
        ("Basic \u00e9", Credentials("", "")),
        ("Basic", Credentials("", "")),
        ("Bearer x", Credentials("form", "secret")),
        ("", Credentials("form", "secret")),
    ],
)
def test_who_a_client_says_it_is(authorization: str, found: Credentials) -> None:
    """By HTTP Basic, whose parts are form-encoded, or else by the form."""
    form = {"client_id": "form", "client_secret": "secret"}
    assert credentials(authorization, form) == found


@pytest.mark.parametrize("query", ["code=hidden", "code=hidden&a=%zz", "code=hidden b", "\u00e9"])
def test_what_stands_in_the_query_is_refused_and_not_repeated(query: str) -> None:
    """A token's address takes a form; whatever stands behind it is answered as RFC 6749 says."""
    judge = Judge(Known(None, datetime.now(UTC)), "https://pay.example.jp/nagaoka/oauth")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for ask in (judge.token, judge.revocation):
        said = ask(f"https://pay.example.jp/nagaoka/oauth/token?{query}", "token=x", form)
        assert (said.status, json.loads(said.body)["error"]) == (400, "invalid_request")
        assert "hidden" not in said.body
