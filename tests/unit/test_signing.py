"""Signatures: the standard's own example, and a table of what makes one worthless."""

import base64
import hmac
from collections.abc import Callable
from typing import Any

import pytest

from gateway.protocol.signing import (
    NotSigned,
    content_digest,
    covered,
    mac_of,
    matches,
    read_signature,
    sign,
    signature_base,
)

SECRET = "a secret that was given out once"
BODY = b'{"payment_id":"order-1","amount":480}'
PATH = "/api/nagaoka/acquirer/payments"
NONCE = "0123456789abcdef"
REQUEST = {"method": "POST", "path": PATH, "query": "", "body": BODY}


def signed(**changes: Any) -> dict[str, str]:
    """The headers of a signed request."""
    request = {**REQUEST, "key_id": "key-1", "secret": SECRET, "created": 1_775_000_000}
    return sign(**{**request, "nonce": NONCE, **changes})


def holds(headers: dict[str, str], secret: str = SECRET, **changes: Any) -> bool:
    """Whether the gateway takes a request, perhaps altered on its way, with these headers."""
    came = {**REQUEST, **changes}
    if headers["Content-Digest"] != content_digest(came["body"]):
        return False
    read = read_signature(headers["Signature-Input"], headers["Signature"])
    parts = covered(came["method"], came["path"], came["query"], headers["Content-Digest"])
    return matches(read, secret, parts)


def test_the_signature_is_the_standards() -> None:
    """RFC 9421, B.2.5: the example with a shared secret."""
    secret = base64.b64decode(
        "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=="
    )
    base = signature_base(
        [
            ("date", "Tue, 20 Apr 2021 02:07:55 GMT"),
            ("@authority", "example.com"),
            ("content-type", "application/json"),
        ],
        '("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"',
    )
    mac = hmac.digest(secret, base, "sha256")
    assert base64.b64encode(mac) == b"pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8="


def test_the_digest_is_the_standards() -> None:
    """RFC 9530: the digest of the JSON in its examples, line feed and all."""
    assert content_digest(b'{"hello": "world"}\n') == (
        "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"
    )
    assert content_digest(b"") == "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"


def test_what_is_signed_is_written_out() -> None:
    """The lines that an acquirer's own program has to make."""
    headers = signed(query="a=1")
    read = read_signature(headers["Signature-Input"], headers["Signature"])
    assert (read.key_id, read.created, read.nonce) == ("key-1", 1_775_000_000, NONCE)
    base = signature_base(covered("post", PATH, "a=1", headers["Content-Digest"]), read.params)
    assert base.decode().split("\n") == [
        '"@method": POST',
        f'"@path": {PATH}',
        '"@query": ?a=1',
        f'"content-digest": {content_digest(BODY)}',
        f'"@signature-params": {read.params}',
    ]
    assert read.params == (
        '("@method" "@path" "@query" "content-digest");created=1775000000;keyid="key-1"'
        f';nonce="{NONCE}";alg="hmac-sha256"'
    )
    assert read.mac == mac_of(SECRET, base)


def test_an_untouched_request_is_taken() -> None:
    """With a body and without one."""
    assert holds(signed())
    assert holds(signed(method="GET", body=b""), method="GET", body=b"")


ALTERED: dict[str, dict[str, Any]] = {
    "another method": {"method": "PUT"},
    "another path": {"path": f"{PATH}/order-1/cancel"},
    "another town": {"path": PATH.replace("nagaoka", "region-ring")},
    "a query": {"query": "amount=1"},
    "another body": {"body": BODY.replace(b"480", b"48")},
    "a longer body": {"body": BODY + b" "},
    "no body": {"body": b""},
    "another secret": {"secret": f"{SECRET}."},
}


@pytest.mark.parametrize("changes", ALTERED.values(), ids=ALTERED)
def test_an_altered_request_is_not_taken(changes: dict[str, Any]) -> None:
    """Whatever is covered was changed on the way."""
    assert not holds(signed(), **changes)


Rewrite = Callable[[dict[str, str]], dict[str, str]]


def swap(header: str, old: str, new: str) -> Rewrite:
    """A header with something else in it."""

    def rewrite(headers: dict[str, str]) -> dict[str, str]:
        assert old in headers[header]
        return {**headers, header: headers[header].replace(old, new)}

    return rewrite


FORGED: dict[str, Rewrite] = {
    "a later instant": swap("Signature-Input", "created=1775000000", "created=1775000299"),
    "another nonce": swap("Signature-Input", NONCE, NONCE[::-1]),
    "another key's name": swap("Signature-Input", "key-1", "key-2"),
    "the algorithm left out": swap("Signature-Input", ';alg="hmac-sha256"', ""),
    "an emptied digest": swap("Content-Digest", content_digest(BODY), content_digest(b"")),
    "another's signature": lambda headers: {
        **headers,
        "Signature": signed(secret="?")["Signature"],
    },
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_forged_header_is_not_taken(forge: Rewrite) -> None:
    """The signature covers its own parameters."""
    assert not holds(forge(signed()))


INPUT = '("@method" "@path" "@query" "content-digest");created=1;keyid="k";nonce="0123456789abcdef"'
MAC = "sig=:" + base64.b64encode(bytes(32)).decode() + ":"
MALFORMED = {
    "nothing": ("", ""),
    "no signature": (f"sig={INPUT}", ""),
    "no input": ("", MAC),
    "another label": (f"sig={INPUT}", MAC.replace("sig", "gis")),
    "the method not covered": (f"sig={INPUT}".replace('"@method" ', ""), MAC),
    "the body not covered": (f"sig={INPUT}".replace(' "content-digest"', ""), MAC),
    "another order": (f"sig={INPUT}".replace('"@method" "@path"', '"@path" "@method"'), MAC),
    "no instant": (f"sig={INPUT}".replace(";created=1", ""), MAC),
    "an instant in words": (f"sig={INPUT}".replace("created=1", 'created="now"'), MAC),
    "a huge instant": (f"sig={INPUT}".replace("created=1", f"created={10**16}"), MAC),
    "no key": (f"sig={INPUT}".replace(';keyid="k"', ""), MAC),
    "no nonce": (f"sig={INPUT}".partition(";nonce")[0], MAC),
    "a short nonce": (f"sig={INPUT}".replace("0123456789abcdef", "0123456789abcde"), MAC),
    "a long nonce": (f"sig={INPUT}".replace("0123456789abcdef", "0" * 65), MAC),
    "a nonce twice": (f'sig={INPUT};nonce="0123456789abcdef"', MAC),
    "a number for a name": (f"sig={INPUT}".replace('keyid="k"', "keyid=1"), MAC),
    "another algorithm": (f'sig={INPUT};alg="rsa-v1_5-sha256"', MAC),
    "a parameter of its own": (f'sig={INPUT};tag="x"', MAC),
    "two signatures": (f"sig={INPUT}, other={INPUT}", MAC),
    "a quote inside": (f"sig={INPUT}".replace('"k"', '"k\\""'), MAC),
    "a line feed inside": (f"sig={INPUT}".replace('"k"', '"k\n"'), MAC),
    "a short signature": (f"sig={INPUT}", "sig=:AAAA:"),
    "a signature in hex": (f"sig={INPUT}", f"sig={'00' * 32}"),
    "a line feed at the end": (f"sig={INPUT}\n", MAC),
}


@pytest.mark.parametrize("headers", MALFORMED.values(), ids=MALFORMED)
def test_another_form_is_refused_in_words(headers: tuple[str, str]) -> None:
    """One form is taken, so that nothing can be read in two ways."""
    with pytest.raises(NotSigned, match="Signature"):
        read_signature(*headers)
