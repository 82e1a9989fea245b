"""Whether a town's colour can be read: contrast by WCAG 2.2."""

PAPER = "#faf7f0"  # The screens' paper-white, --paper in base.css.
TEXT_CONTRAST_MIN = 4.5  # WCAG 2.2 AA, success criterion 1.4.3.


def _luminance(colour: str) -> float:
    """Relative luminance by WCAG's definition, of #rrggbb."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1.0 to 21.0; the order does not matter."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)
