"""A4 sheets in one font, drawn by hand so that they look made and not printed out.

Nothing in a document comes from the machine that draws it, so the same words give the same bytes. A
character that the font has not is shown as 〓, the printer's mark for a missing sort.
"""

import logging
from collections.abc import Sequence
from functools import cache
from importlib import resources

from fpdf import FPDF
from fpdf.enums import Align, TextMode
from fpdf.fonts import TTFFont
from msgspec import Struct

# One warning a page about each glyph that is not in the font, which `_shown` has seen to.
logging.getLogger("fpdf").setLevel(logging.ERROR)
logging.getLogger("fontTools").setLevel(logging.ERROR)

FONT = "NotoSansJP"
MISSING = "〓"
# Variation selectors choose between forms of a kanji; the font has one form of each.
SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))

MARGIN = 18.0  # Millimetres, like all lengths here.
WIDTH = 210.0 - 2 * MARGIN
ROW = 6.4
INK, SOFT, RULE, SHADE = (28, 27, 25), (107, 103, 95), (217, 212, 202), (246, 243, 238)
RED = (164, 38, 44)


class Column(Struct, frozen=True):
    """A table's column; amounts stand at the right. ``once``: what the row above has is not said
    again, but at the top of a page.
    """

    title: str
    width: float
    align: Align = Align.L
    once: bool = False


@cache
def _font_data() -> str:
    return str(resources.files("pylopdf_fonts_jp") / f"{FONT}-Regular.otf")


class Sheet(FPDF):
    """A document of the town's, with its colour and its foot."""

    def __init__(self, colour: tuple[int, int, int], foot: str) -> None:
        super().__init__(format="A4")
        self.colour, self.foot = colour, foot
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.set_auto_page_break(auto=True, margin=22)
        self.add_font(FONT, fname=_font_data())
        self.set_lang("ja")
        self.c_margin = 0.0

    def footer(self) -> None:
        """Whose statement it is and which page, on each."""
        self.set_y(-15)
        self.type(7.5, SOFT)
        self.cell(WIDTH - 10, 5, self.foot)
        self.cell(10, 5, f"{self.page_no()} / {{nb}}")

    def type(
        self, size: float, colour: tuple[int, int, int] = INK, *, strong: bool = False
    ) -> None:
        """Goes on in this size (points) and colour; strong letters have an outline of their own."""
        self.set_font(FONT, size=size)
        self.set_text_color(*colour)
        self.set_draw_color(*colour)
        self.set_line_width(size * 0.011 if strong else 0.2)
        self.text_mode = TextMode.FILL_STROKE if strong else TextMode.FILL

    def put(self, x: float, y: float, width: float, text: str, align: Align = Align.L) -> None:
        """One line at a place, made narrower where it is too long for its room."""
        text = self._shown(text)
        full = self.get_string_width(text)
        self.set_stretching(min(100.0, 100 * width / full) if full else 100)
        self.set_xy(x, y)
        self.cell(width, self.font_size * 1.5, text, align=align)
        self.set_stretching(100)

    def rule(self, y: float, colour: tuple[int, int, int] = RULE, width: float = 0.2) -> None:
        """A line over the whole width."""
        self.set_draw_color(*colour)
        self.set_line_width(width)
        self.line(MARGIN, y, MARGIN + WIDTH, y)

    def heading(self, text: str) -> None:
        """A part's title; it stays with the first lines below it."""
        if self.will_page_break(8 + 3 * ROW):
            self.add_page()
        self.set_y(self.get_y() + 5)
        y = self.get_y()
        self.set_fill_color(*self.colour)
        self.rect(MARGIN, y + 0.8, 1.4, 4.4, style="F")
        self.type(10.5, strong=True)
        self.put(MARGIN + 3.4, y, WIDTH, text)
        self.set_y(y + 7.4)

    def grid(self, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
        """A table whose head comes again on each page."""
        self._head(columns)
        above: Sequence[str] = [""] * len(columns)
        for place, row in enumerate(rows):
            if self.will_page_break(ROW):
                self.add_page()
                self._head(columns)
                above = [""] * len(columns)
            y = self.get_y()
            if place % 2:
                self.set_fill_color(*SHADE)
                self.rect(MARGIN, y, WIDTH, ROW, style="F")
            x = MARGIN
            self.type(8.5)
            for column, text, before in zip(columns, row, above, strict=True):
                if not column.once or text != before:
                    self.set_text_color(*(RED if text.startswith("−") else INK))
                    self.put(x + 1.2, y + 1, column.width - 2.4, text, column.align)
                x += column.width
            above = row
            self.set_y(y + ROW)
        self.rule(self.get_y())

    def _head(self, columns: Sequence[Column]) -> None:
        y, x = self.get_y(), MARGIN
        self.type(7.5, SOFT)
        for column in columns:
            self.put(x + 1.2, y + 0.6, column.width - 2.4, column.title, column.align)
            x += column.width
        self.rule(y + 5.2, INK, 0.25)
        self.set_y(y + 5.4)

    def _shown(self, text: str) -> str:
        font = self.current_font
        assert isinstance(font, TTFFont)
        kept = (c for c in text if not any(ord(c) in each for each in SELECTORS))
        return "".join(c if ord(c) in font.cmap else MISSING for c in kept)
