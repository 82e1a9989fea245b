"""Reading what was sent: bounded, strict, and with the wrong field named."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct
from starlette.requests import Request

from gateway.refused import Refused

BODY_BYTES_MAX = 16_384  # The largest body that makes sense, a push subscription, is below 2 KiB.

# What a list may be called: by standards, by Windows where Excel is installed, and by programs.
FILE_TYPES = ("text/csv", "text/plain", "application/vnd.ms-excel", "application/octet-stream")

# How msgspec says where something is wrong: "Expected `str` - at `$.phone`".
AT = re.compile(r"^(?P<what>.*?)(?: - at `\$\.?(?P<where>.*)`)?$", re.DOTALL)
HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# The same in what people write over several lines.
HIDDEN_IN_LINES = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
FIELD = re.compile(r"(?:unknown|required) field `([^`]*)`")


async def read_body(request: Request, bytes_max: int = BODY_BYTES_MAX) -> bytes:
    """The whole body.

    Raises:
        Refused: ``too_large``, as soon as that is certain.
    """
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared) > bytes_max:
        raise Refused("too_large", f"The body may have {bytes_max} bytes.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > bytes_max:
            raise Refused("too_large", f"The body may have {bytes_max} bytes.")
    return bytes(body)


def decode_body(body: bytes, content_type: str, kind: type[Struct] | None) -> Struct | None:
    """The body as the endpoint's struct; None where it takes none (empty, or ``{}``).

    Raises:
        Refused: ``media_type``, ``malformed``, ``invalid`` (with the field).
    """
    if kind is None and not body:
        return None
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise Refused("media_type")
    try:
        decoded = msgspec.json.decode(body, type=kind or Nothing, strict=True)
    except msgspec.ValidationError as error:
        raise invalid(error, "The body") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refused("malformed") from None
    check_texts(decoded)
    return decoded if kind else None


def decode_form(body: bytes, content_type: str, kind: type[Struct]) -> Struct:
    """A page's form as the endpoint's struct.

    Raises:
        Refused: ``media_type``, ``malformed``, ``invalid`` (with the field).
    """
    if content_type.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise Refused("media_type", "Send the form as application/x-www-form-urlencoded.")
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        raise Refused("malformed", "The body is no form.") from None
    if len(fields := dict(pairs)) < len(pairs):
        raise Refused("malformed", "The form has a field twice.")
    decoded: Struct = decode_texts(fields, kind, "The form")
    return decoded


def check_file(content_type: str, types: Sequence[str] = FILE_TYPES) -> None:
    """A file comes as it is, under one of the names that browsers and programs give to such.

    Raises:
        Refused: ``media_type``.
    """
    if content_type.partition(";")[0].strip().lower() not in types:
        raise Refused("media_type", f"Send the file itself as one of {', '.join(types)}.")


def decode_texts(texts: dict[str, Any], kind: type[Struct], what: str) -> Any:  # noqa: ANN401
    """Texts of an address (its query, its path) as a struct.

    Raises:
        Refused: ``invalid`` (with the field).
    """
    try:
        decoded = msgspec.convert(texts, kind, strict=False)
    except msgspec.ValidationError as error:
        raise invalid(error, what) from None
    check_texts(decoded)
    return decoded


class Nothing(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of an endpoint that takes none."""


def invalid(error: msgspec.ValidationError, what: str) -> Refused:
    """The refusal that names the field."""
    found = AT.match(str(error))
    problem = found["what"] if found else str(error)
    where = (found["where"] if found else None) or ""
    if named := FIELD.search(problem):
        where = f"{where}.{named[1]}" if where else named[1]
    # The field's own name is enough of what was sent: values may be secrets.
    place = f"{what}'s field {where}" if where else what
    return Refused("invalid", f"{place}: {problem}.", field=where[:100] or None)


def check_texts(decoded: Struct) -> None:
    """No text holds what cannot be shown: Postgres keeps no zero byte, and a name that turns the
    direction of the line deceives whoever reads it. A struct names in ``LINES`` the fields that
    may have several lines. Words by language are left to `ledger.questions.check_words`.

    Raises:
        Refused: ``invalid``, with the field.
    """
    _check_fields(decoded, "")


def _check_fields(decoded: Struct, inside: str) -> None:
    lines = getattr(type(decoded), "LINES", ())
    for field in decoded.__struct_fields__:
        hidden = HIDDEN_IN_LINES if field in lines else HIDDEN
        _check(getattr(decoded, field), f"{inside}{field}", hidden)


def _check(value: object, field: str, hidden: re.Pattern[str]) -> None:
    match value:
        case str():
            if hidden.search(value):
                text = f"The field {field} holds characters that cannot be shown."
                raise Refused("invalid", text, field=field[:100])
        case Struct():
            _check_fields(value, f"{field}.")
        case list():
            for place, each in enumerate(value):
                _check(each, f"{field}[{place}]", hidden)
