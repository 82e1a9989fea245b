"""Signed requests: HTTP Message Signatures (RFC 9421, HMAC-SHA256), Content-Digest (RFC 9530).

One form of it, and no other: the signature covers the method, the path, the query and the digest of
the body; its parameters are the instant it was made at, the key's id and a nonce. A request has

    Content-Digest: sha-256=:…:
    Signature-Input: sig=("@method" "@path" "@query" "content-digest");created=…;keyid="…";nonce="…"
    Signature: sig=:…:

and what is signed is, joined by line feeds,

    "@method": POST
    "@path": /api/nagaoka/acquirer/payments
    "@query": ?
    "content-digest": sha-256=:…:
    "@signature-params": ("@method" "@path" "@query" "content-digest");created=…;keyid="…";nonce="…"

``@query`` is the query with its question mark, and the question mark alone where there is none. A
request without a body has the digest of no bytes.
"""

import base64
import hashlib
import hmac
import re

from msgspec import Struct

COVERED = ("@method", "@path", "@query", "content-digest")
ALGORITHM = "hmac-sha256"

_COVERED = "(" + " ".join(f'"{name}"' for name in COVERED) + ")"
_INPUT = re.compile(
    r"(?P<label>[a-z*][a-z0-9_.*-]{0,31})=(?P<params>"
    + re.escape(_COVERED)
    + r'(?P<parameters>(?:;[a-z]+=(?:[0-9]{1,15}|"[A-Za-z0-9_.+/=-]{1,128}"))+))'
)
_PARAMETER = re.compile(r';([a-z]+)=(?:([0-9]+)|"([^"]*)")')
_SIGNATURE = re.compile(r"(?P<label>[a-z*][a-z0-9_.*-]{0,31})=:(?P<mac>[A-Za-z0-9+/]{43}=):")
_NONCE = re.compile(r"[A-Za-z0-9_.+/=-]{16,64}")


class NotSigned(Exception):
    """The signature's headers are not as they have to be; the message says what is wrong."""


class Signed(Struct, frozen=True):
    """What a request's signature says. ``params`` is what follows the label, as it was sent."""

    key_id: str
    created: int  # Seconds since 1970.
    nonce: str
    params: str
    mac: bytes


def content_digest(body: bytes) -> str:
    """The value of ``Content-Digest``."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def signature_base(components: list[tuple[str, str]], params: str) -> bytes:
    """What is signed (RFC 9421, 2.5)."""
    lines = [f'"{name}": {value}' for name, value in components]
    return "\n".join([*lines, f'"@signature-params": {params}']).encode()


def covered(method: str, path: str, query: str, digest: str) -> list[tuple[str, str]]:
    """The covered components of a request; ``query`` without its question mark."""
    return list(zip(COVERED, (method.upper(), path, f"?{query}", digest), strict=True))


def mac_of(secret: str, base: bytes) -> bytes:
    """The signature itself; the key is the secret as it was given out, in UTF-8."""
    return hmac.digest(secret.encode(), base, "sha256")


def sign(
    method: str,
    path: str,
    query: str,
    body: bytes,
    *,
    key_id: str,
    secret: str,
    created: int,
    nonce: str,
) -> dict[str, str]:
    """The three headers that sign a request."""
    digest = content_digest(body)
    params = f'{_COVERED};created={created};keyid="{key_id}";nonce="{nonce}";alg="{ALGORITHM}"'
    mac = mac_of(secret, signature_base(covered(method, path, query, digest), params))
    return {
        "Content-Digest": digest,
        "Signature-Input": f"sig={params}",
        "Signature": f"sig=:{base64.b64encode(mac).decode()}:",
    }


def read_signature(signature_input: str, signature: str) -> Signed:
    """Reads the two headers, strictly.

    Raises:
        NotSigned: they are missing, or not of the one form that is taken.
    """
    if not signature_input or not signature:
        raise NotSigned("Signature-Input and Signature are needed")
    found, given = _INPUT.fullmatch(signature_input), _SIGNATURE.fullmatch(signature)
    if found is None:
        raise NotSigned(f"Signature-Input must be sig={_COVERED};created=…;keyid=…;nonce=…")
    if given is None or given["label"] != found["label"]:
        raise NotSigned(f"Signature must be {found['label']}=:…: with 32 bytes in Base64")
    parameters = _PARAMETER.findall(found["parameters"])
    numbers = {name: int(number) for name, number, _ in parameters if number}
    texts = {name: text for name, number, text in parameters if not number}
    if len(numbers) + len(texts) != len(parameters):
        raise NotSigned("Signature-Input has a parameter twice")
    if unknown := (set(numbers) - {"created"}) | (set(texts) - {"keyid", "nonce", "alg"}):
        raise NotSigned(f"Signature-Input may not have {', '.join(sorted(unknown))}")
    if "created" not in numbers or "keyid" not in texts or "nonce" not in texts:
        raise NotSigned("Signature-Input needs created, keyid and nonce")
    if texts.get("alg", ALGORITHM) != ALGORITHM:
        raise NotSigned(f"Signature-Input's alg must be {ALGORITHM}")
    if _NONCE.fullmatch(texts["nonce"]) is None:
        raise NotSigned("Signature-Input's nonce must have 16 to 64 characters")
    mac = base64.b64decode(given["mac"])
    return Signed(texts["keyid"], numbers["created"], texts["nonce"], found["params"], mac)


def matches(signed: Signed, secret: str, components: list[tuple[str, str]]) -> bool:
    """Whether the signature is this secret's over these components, in constant time."""
    return hmac.compare_digest(
        signed.mac, mac_of(secret, signature_base(components, signed.params))
    )
