"""Tables made of structs: a column for each field, named by `words`."""

import datetime as dt
from collections.abc import Iterable, Sequence

from msgspec import Struct

from config.profile import Profile
from gateway.protocol.api_reports import Language, ReportColumn, ReportTable
from gateway.reports.words import COLUMNS, HIDDEN, TABLES, UNKNOWN, VALUES

Cell = str | int | float | None


def table(
    name: str,
    kind: type[Struct],
    rows: Iterable[Struct],
    *,
    hides: bool = False,
    called: dict[str, str] | None = None,
) -> ReportTable:
    """A table of these structs. ``called``: columns that are called otherwise than their fields."""
    fields = list(kind.__struct_fields__)
    columns = [_column((called or {}).get(field, field)) for field in fields]
    ja, en = TABLES[name]
    texts = [column.unit == "text" for column in columns]
    return ReportTable(
        name,
        ja,
        en,
        columns,
        [
            [_cell(getattr(row, field), text) for field, text in zip(fields, texts, strict=True)]
            for row in rows
        ],
        hides,
    )


def _column(key: str) -> ReportColumn:
    word = COLUMNS[key]
    return ReportColumn(key, word.ja, word.en, word.unit)


def _cell(value: object, text: bool) -> Cell:
    match value:
        case bool():
            return "inside" if value else "outside"
        case None:
            return None
        case dt.date():
            return value.isoformat()
        case float():
            return round(value, 4)
        case int() | str():
            return str(value) if text else value
        case _:
            raise TypeError(f"no cell holds a {type(value).__name__}")


def headings(found: ReportTable, language: Language) -> list[str]:
    """The first line of a file."""
    return [getattr(column, language) for column in found.columns]


def cells(
    found: ReportTable, names: dict[str, str], language: Language
) -> Iterable[Sequence[Cell]]:
    """The other lines of a file: words instead of codes, and a mark for what is hidden. ``names``:
    of the kinds of value, by their codes.
    """
    side = ("ja", "en").index(language)

    def told(column: ReportColumn, value: Cell) -> Cell:
        if value is None:
            if column.unit == "text":
                return UNKNOWN[side]
            return HIDDEN if found.hides else None
        if column.key == "instrument":
            return names.get(str(value), value)
        words = VALUES.get(column.key, {}).get(str(value))
        return words[side] if words else value

    for row in found.rows:
        yield [told(column, value) for column, value in zip(found.columns, row, strict=True)]


def instrument_names(profile: Profile, language: Language) -> dict[str, str]:
    """What the town's kinds of value are called, by their codes."""
    return {each.code: each.name.get(language, each.name["ja"]) for each in profile.instruments}
