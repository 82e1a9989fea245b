"""JSON Schemas of the protocol's structs, with all that their source says about them.

msgspec knows types and bounds. Added here: what ready-made JSON (``Raw``) carries, and the comments
that stand behind fields and enum members, so that the published documents say what the source says.
"""

import inspect
import io
import tokenize
from collections.abc import Iterable
from enum import Enum
from functools import cache
from typing import Any

import msgspec
from msgspec import Struct

from gateway.protocol.payloads import PAYLOADS

Schema = dict[str, Any]

VERSION = "1.0.0"  # Of both descriptions: the first number is the subprotocol's.

REFERENCE = "#/components/schemas/{name}"


@cache
def line_comments(cls: type) -> dict[str, str]:
    """The comment at the end of each field's or member's line in the source, by name."""
    found: dict[str, str] = {}
    name = ""
    for token in tokenize.generate_tokens(io.StringIO(inspect.getsource(cls)).readline):
        if token.type == tokenize.NEWLINE:
            name = ""
        elif token.type == tokenize.NAME and not name:
            name = token.string
        elif token.type == tokenize.COMMENT and name:
            found[name] = token.string.lstrip("# ")
    return found


def prose(text: str | None) -> str:
    """A docstring as Markdown, without its indentation."""
    return inspect.cleandoc(text or "").replace("``", "`")


def reference(cls: type) -> Schema:
    """A reference to a struct's schema."""
    return {"$ref": REFERENCE.format(name=cls.__name__)}


def one_of(types: tuple[type, ...]) -> Schema:
    """A reference to the one struct, or to any of several."""
    if len(types) == 1:
        return reference(types[0])
    return {"anyOf": [reference(cls) for cls in types]}


def components(types: Iterable[type[Struct]]) -> dict[str, Schema]:
    """The schemas by name: of these structs, of what they contain, and of their payloads."""
    wanted = list(dict.fromkeys(types))
    payloads = [cls for fields in PAYLOADS.values() for of in fields.values() for cls in of]
    _, schemas = msgspec.json.schema_components([*wanted, *payloads], ref_template=REFERENCE)
    for cls in _reached([*wanted, *payloads]):
        _describe(cls, schemas[cls.__name__])
    return dict(sorted(schemas.items()))


def _reached(types: Iterable[type[Struct]]) -> list[type]:
    """The structs and enums that these structs lead to, themselves among them."""
    found: dict[type, None] = {}
    waiting: list[Any] = [msgspec.inspect.type_info(cls) for cls in types]
    while waiting:
        info = waiting.pop()
        cls = getattr(info, "cls", None)
        if cls in found:
            continue
        if isinstance(info, (msgspec.inspect.StructType, msgspec.inspect.EnumType)):
            found[info.cls] = None
        if isinstance(info, msgspec.inspect.StructType):
            waiting.extend(field.type for field in info.fields)
        inner = [getattr(info, part, None) for part in ("type", "item_type", "value_type")]
        waiting.extend(part for part in inner if part is not None)
        waiting.extend(getattr(info, "types", ()))
    return list(found)


def _describe(cls: type, schema: Schema) -> None:
    """Adds to one schema what its source says."""
    comments = line_comments(cls)
    text = prose(vars(cls).get("__doc__"))
    schema.pop("description", None)
    if issubclass(cls, Enum):
        members = [
            f"- `{member.value}`: {comments[member.name]}"
            for member in cls
            if member.name in comments
        ]
        text = "\n\n".join(part for part in (text, "\n".join(members)) if part)
        schema["enum"] = [member.value for member in cls]
    if text:
        schema["description"] = text
    for name, field in schema.get("properties", {}).items():
        if (payload := PAYLOADS.get(cls, {}).get(name)) is not None:
            nullable = "anyOf" in field
            field.clear()
            field.update(
                {"anyOf": [one_of(payload), {"type": "null"}]} if nullable else one_of(payload)
            )
        if name in comments and "$ref" not in field:
            field["description"] = comments[name]


def parameters(cls: type[Struct], place: str) -> list[Schema]:
    """A struct's fields as OpenAPI parameters in ``place`` (path or query)."""
    _, schemas = msgspec.json.schema_components([cls], ref_template=REFERENCE)
    schema = schemas[cls.__name__]
    described = prose(vars(cls).get("__doc__"))
    found = []
    for name, field in schema["properties"].items():
        # Left out, not null: an address has no null.
        kinds = [kind for kind in field.get("anyOf", [field]) if kind != {"type": "null"}]
        inner = dict(kinds[0])
        parameter = {"name": name, "in": place, "required": name in schema.get("required", ())}
        text = inner.pop("description", None) or line_comments(cls).get(name)
        if text or f"`{name}`" in described:
            parameter["description"] = text or described
        found.append({**parameter, "schema": inner})
    return found
