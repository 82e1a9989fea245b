"""QR codes as SVG, drawn here: no script and no picture from elsewhere."""

import qrcode

QUIET_ZONE = 4  # Modules of white around the code, as ISO/IEC 18004 asks for.


def qr_svg(text: str) -> str:
    """A QR of the text with a quarter of its area to spare for dirt and scratches (level Q)."""
    code = qrcode.QRCode(
        error_correction=qrcode.constants.ERROR_CORRECT_Q, border=QUIET_ZONE, box_size=1
    )
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    side = len(rows)
    # One run of dark modules is one stroke-free rectangle: short, and without seams when printed.
    path = "".join(
        f"M{start} {y}h{length}v1h-{length}z"
        for y, row in enumerate(rows)
        for start, length in _runs(row)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" '
        f'shape-rendering="crispEdges" role="img" aria-label="QR">'
        f'<path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/>'
        f'<path fill="#000" d="{path}"/></svg>'
    )


def _runs(row: list[bool]) -> list[tuple[int, int]]:
    """Where dark modules stand in a row, as (first, how many)."""
    runs: list[tuple[int, int]] = []
    for x, dark in enumerate(row):
        if dark and runs and sum(runs[-1]) == x:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        elif dark:
            runs.append((x, 1))
    return runs


def sticker_url(public_url: str, town: str, shop_code: str) -> str:
    """What a shop's sticker says; a wallet takes the code from its end."""
    return f"{public_url}/{town}/s/{shop_code}"
