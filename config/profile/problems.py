"""What can be wrong with single keys: a walk over the file that names every one, not the first."""

import types
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct, inspect

SHOWN_MAX = 60  # Characters of a value that a message repeats.

Hint = Any  # What stands behind a field's colon: no one type covers all that may.


class Problem(Struct, frozen=True):
    """One thing wrong. ``key`` is its place in the file, such as ``ways[2].min``."""

    key: str
    found: str
    allowed: str

    def __str__(self) -> str:
        return f"{self.key}: found {self.found}; allowed is {self.allowed}"


def shown(value: object) -> str:
    """A value as it stands in a TOML file, cut where it is long."""
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, dict):
        text = "a table"
    elif isinstance(value, str):
        text = f'"{value}"'
    else:
        text = str(value)
    return text if len(text) <= SHOWN_MAX else f"{text[: SHOWN_MAX - 1]}…"


def one_of(codes: Iterable[str]) -> str:
    """These codes, as what is allowed."""
    return f"one of {', '.join(codes) or '(there are none)'}"


def twice(key: str, field: str, values: Iterable[object]) -> Iterator[Problem]:
    """A problem for each of a list of tables whose ``field`` an earlier one has already."""
    seen: dict[object, int] = {}
    for place, value in enumerate(values):
        if value in seen:
            yield Problem(
                f"{key}[{place}].{field}", shown(value), f"another one than {key}[{seen[value]}]'s"
            )
        seen.setdefault(value, place)


def wrong_keys(value: object, hint: Hint, key: str = "") -> Iterator[Problem]:
    """Every key of ``value`` that is missing, unknown, or holds what ``hint`` does not allow."""
    core = _core(hint)
    if isinstance(core, type) and issubclass(core, Struct):
        if isinstance(value, dict):
            yield from _wrong_in_table(value, core, key)
        else:
            yield Problem(key, shown(value), f"a table with {_names(core)}")
        return
    parts = _parts(value, core, key)
    found = [problem for part, one, place in parts for problem in wrong_keys(one, part, place)]
    if not found:
        try:
            msgspec.convert(value, hint)
        except msgspec.ValidationError:
            found = [Problem(key, shown(value), allowed(inspect.type_info(hint)))]
    yield from found


def _wrong_in_table(table: dict[str, Any], struct: type[Struct], key: str) -> Iterator[Problem]:
    hints = get_type_hints(struct, include_extras=True)
    prefix = f"{key}." if key else ""
    for name in table:
        if name not in hints:
            yield Problem(f"{prefix}{name}", "a key that nothing reads", _names(struct))
    for field in msgspec.structs.fields(struct):
        if field.name in table:
            yield from wrong_keys(table[field.name], hints[field.name], f"{prefix}{field.name}")
        elif field.required:
            what = allowed(inspect.type_info(hints[field.name]))
            yield Problem(f"{prefix}{field.name}", "nothing", what)


def _core(hint: Hint) -> Hint:
    """A type without its bounds and without None."""
    origin: object = get_origin(hint)
    if origin is Annotated:
        return _core(get_args(hint)[0])
    if origin in (Union, types.UnionType):
        return _core(next(one for one in get_args(hint) if one is not type(None)))
    return hint


def _parts(value: object, core: Hint, key: str) -> list[tuple[Hint, object, str]]:
    """What is inside a list or a table of freely chosen keys: type, value, place."""
    origin: object = get_origin(core)
    if origin is list and isinstance(value, list):
        (part,) = get_args(core)
        return [(part, one, f"{key}[{place}]") for place, one in enumerate(value)]
    if origin is dict and isinstance(value, dict):
        name_part, part = get_args(core)
        names = [(name_part, name, f"{key}.{name}") for name in value]
        return [*names, *((part, one, f"{key}.{name}") for name, one in value.items())]
    return []


def _names(struct: type[Struct]) -> str:
    return f"the keys {', '.join(struct.__struct_fields__)}"


def allowed(kind: inspect.Type) -> str:
    """What may stand where this type stands, in words."""
    match kind:
        case inspect.IntType(ge=least, le=most):
            words = "a whole number" + ("" if least is None else f" from {least} to {most}")
        case inspect.StrType(pattern=pattern):
            words = "text in quotes" if pattern is None else f"text of the form {pattern}"
        case inspect.BoolType():
            words = "true or false"
        case inspect.DateType():
            words = f"a date such as {date(2027, 2, 28)}"
        case inspect.LiteralType(values=values):
            words = f"one of {', '.join(shown(value) for value in values)}"
        case inspect.UnionType(types=members):
            some = [one for one in members if not isinstance(one, inspect.NoneType)]
            words = " or ".join(map(allowed, some))
        case inspect.ListType(item_type=item, min_length=least):
            words = f"a list{' of at least one' if least else ''}, each {allowed(item)}"
        case inspect.DictType(key_type=name, value_type=item):
            keys = f", its keys {allowed(name)}" if isinstance(name, inspect.LiteralType) else ""
            words = f"a table{keys}, each value {allowed(item)}"
        case inspect.StructType(cls=struct):
            words = f"a table with {_names(struct)}"
        case _:
            raise TypeError(f"no words for {kind}")
    return words
