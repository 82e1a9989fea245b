"""Identity providers: their file's mistakes by name, and every way to forge an ID token refused."""

import hmac
import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from config.openid import OpenidError, OpenidSettings, is_safe_address, load_openid
from config.settings import SettingsError, load
from gateway.openid.relying_party import challenge
from gateway.openid.tokens import TokenRefused, checked_subject, key_id

NOW = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)
NOW_S = int(NOW.timestamp())
NONCE = "the nonce of this very request"
SECRET = "a client secret of thirty-two characters"
KEY = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP256R1())
PUBLIC = KEY.public_key()
PUBLISHED = jwt.PyJWK(json.loads(jwt.algorithms.ECAlgorithm.to_jwk(PUBLIC)), algorithm="ES256")
BY_KEY = OpenidSettings("My-Number", "https://id.example", "koban", SECRET)
BY_SECRET = OpenidSettings("LINE", "https://id.example", "koban", SECRET, algorithm="HS256")
CLAIMS: dict[str, Any] = {
    "iss": "https://id.example",
    "sub": "somebody",
    "aud": "koban",
    "iat": NOW_S - 1,
    "exp": NOW_S + 300,
    "nonce": NONCE,
}


def signed(**changes: Any) -> str:
    """A token with the right signature; None takes a claim away."""
    claims = {name: value for name, value in (CLAIMS | changes).items() if value is not None}
    # Straight to the signature: the library would not sign some of this nonsense.
    return jwt.PyJWS().encode(json.dumps(claims).encode(), KEY, algorithm="ES256")


def subject(token: str) -> str:
    """Whose it is, at `NOW`."""
    key_id(token)
    return checked_subject(token, PUBLISHED, BY_KEY, NONCE, NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"aud": ["koban"]},
        {"aud": ["koban", "another"], "azp": "koban"},
        {"iat": NOW_S + 59, "exp": NOW_S + 300},
        {"exp": NOW_S - 59},
        {"iat": NOW_S - 599},
        {"nbf": NOW_S},
    ],
)
def test_a_true_token_is_believed(changes: dict[str, Any]) -> None:
    """With clocks a minute apart, too."""
    assert subject(signed(**changes)) == "somebody"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://id.example/"},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": []},
        {"aud": None},
        {"aud": ["koban", "another"]},
        {"aud": ["koban", "another"], "azp": "another"},
        {"azp": "another"},
        {"nonce": "of another request"},
        {"nonce": ""},
        {"nonce": 7},
        {"nonce": None},
        {"exp": NOW_S - 60},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": True},
        {"iat": NOW_S + 61},
        {"iat": NOW_S - 601},
        {"iat": None},
        {"nbf": NOW_S + 61},
        {"sub": ""},
        {"sub": None},
        {"sub": 7},
        {"sub": "x" * 256},
    ],
    ids=str,
)
def test_a_claim_that_is_not_right_is_refused(changes: dict[str, Any]) -> None:
    """Each of them alone, under the right signature."""
    with pytest.raises(TokenRefused):
        subject(signed(**changes))


def _part(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _with_public_key_as_secret() -> str:
    """The classic: an HMAC whose secret is the public key that everybody has."""
    pem = PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head, body = _part({"alg": "HS256", "typ": "JWT"}), _part(CLAIMS)
    mac = hmac.digest(pem, f"{head}.{body}".encode(), "sha256")
    return f"{head}.{body}.{urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def _changed_after_signing() -> str:
    head, _, signature = signed().split(".")
    return f"{head}.{_part(CLAIMS | {'sub': 'somebody else'})}.{signature}"


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(jwt.encode(CLAIMS, OTHER, algorithm="ES256"), id="another key"),
        pytest.param(jwt.encode(CLAIMS, "", algorithm="none"), id="no signature"),
        pytest.param(jwt.encode(CLAIMS, SECRET, algorithm="HS256"), id="the client's own secret"),
        pytest.param(_with_public_key_as_secret(), id="the public key as a secret"),
        pytest.param(_changed_after_signing(), id="changed after signing"),
        pytest.param(signed().rpartition(".")[0] + ".", id="signature cut off"),
        pytest.param("", id="nothing"),
        pytest.param("a.b.c", id="three letters"),
        pytest.param("{}", id="no token"),
        pytest.param("é.é.é", id="not ASCII"),
    ],
)
def test_a_forged_signature_is_refused(token: str) -> None:
    """Whatever the token says of its own algorithm."""
    with pytest.raises(TokenRefused):
        subject(token)


def test_a_secret_signs_where_the_settings_say_so() -> None:
    """LINE's web logins; and there a public key's signature is none."""
    token = jwt.encode(CLAIMS, SECRET, algorithm="HS256")
    assert checked_subject(token, SECRET, BY_SECRET, NONCE, NOW) == "somebody"
    for forged in (jwt.encode(CLAIMS, SECRET[::-1], algorithm="HS256"), signed()):
        with pytest.raises(TokenRefused):
            checked_subject(forged, SECRET, BY_SECRET, NONCE, NOW)


def test_the_challenge_is_the_standards() -> None:
    """RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://access.line.me", True),
        ("http://127.0.0.1:8040/line", True),
        ("http://localhost:8040/line", True),
        ("http://access.line.me", False),
        ("http://127.0.0.1.evil.example", False),
        ("https://user@id.example", False),
        ("https://id.example?x=1", False),
        ("https://id.example#x", False),
        ("https://", False),
        ("https://[", False),
        ("ftp://id.example", False),
        ("", False),
    ],
)
def test_secrets_go_to_safe_addresses_only(address: str, safe: bool) -> None:
    """Encrypted, or on this machine."""
    assert is_safe_address(address) is safe


GOOD = f"""
[line]
name = "LINE"
issuer = "https://access.line.me"
client_id = "1234567890"
client_secret = "{SECRET}"
algorithm = "HS256"
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('issuer = "https://access.line.me"', "", "line: Object missing required field `issuer`"),
        ("https://", "http://", "line.issuer is 'http://access.line.me'; it must be an https"),
        (SECRET, SECRET[:31], "line.client_secret has 31 characters; HS256 needs at least 32"),
        ('algorithm = "HS256"', 'algorithm = "none"', "line.algorithm: Invalid enum value 'none'"),
        ('name = "LINE"', 'name = "LINE"\nscopes = ["profile"]', "line.scopes is ['profile']"),
        ('name = "LINE"', 'name = "LINE"\nsecret = "x"', "line: Object contains unknown field"),
        ('name = "LINE"', 'name = ""', "line.name: Expected `str` of length >= 1"),
        ("[line]", "[LINE]", "Expected `str` matching regex"),
        ("[line]", "[sms]", "sms: this word means the code by SMS"),
        ("[line]", "[line", "not TOML in UTF-8"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    """By key, with what may stand there, and never with the secret."""
    file = tmp_path / "openid.toml"
    file.write_text(GOOD)
    assert load_openid(file)["line"].scopes == ("openid",)
    file.write_text(GOOD.replace(old, new))
    with pytest.raises(OpenidError) as caught:
        load_openid(file)
    assert said in str(caught.value)
    assert str(caught.value).startswith("openid.toml: ")
    assert SECRET[:31] not in str(caught.value)


def test_a_process_does_not_start_with_a_wrong_file(tmp_path: Path) -> None:
    """The setting is named, too."""
    environ = {
        "KOBAN_SECRET": "s" * 32,
        "KOBAN_POSTGRES_DSN": "postgresql://koban@db/koban",
        "KOBAN_REDIS_URL": "redis://cache:6379/0",
        "KOBAN_OPENID": str(tmp_path / "absent.toml"),
    }
    with pytest.raises(SettingsError, match=r"KOBAN_OPENID: absent\.toml: cannot be read"):
        load(environ)
