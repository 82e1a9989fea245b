"""Pictures that people send, made safe to show: looked at by what is in them, and drawn anew.

What a file is called and claims to be does not count. A JPEG, PNG or WebP is decoded within bounds
and encoded again, so nothing but its dots is kept: no place and no camera (Exif), no comments, no
second file behind the picture. It is turned as the camera was held, and made as small as a screen
shows it.
"""

import asyncio
import io
import warnings
from concurrent.futures import ThreadPoolExecutor

from PIL import Image, ImageOps

from gateway.passwords import Busy
from gateway.refused import Refused
from ledger.voices.pictures import Drawn

PICTURE_TYPES = ("image/jpeg", "image/png", "image/webp", "application/octet-stream")
FORMATS = ("JPEG", "PNG", "WEBP")
BYTES_MAX = 8_388_608  # What a phone's camera makes is below 8 MiB.
# A JPEG is decoded as small as it is kept. Others are decoded whole, at 4 bytes a dot and several
# times over: a file of 50 kB could take half a gigabyte from the payments beside it.
PIXELS_MAX = {"JPEG": 25_000_000, "PNG": 13_000_000, "WEBP": 13_000_000}
SIDE_MAX = 1_600  # Of what is kept: twice the width of a phone's screen, in its finer dots.
KEPT_BYTES_MAX = 1_500_000
QUALITY = 82
WAITING_MAX = 8  # Some two seconds of work for the one thread.

_painter = ThreadPoolExecutor(1, thread_name_prefix="pictures")
_waiting = 0


class PictureWrong(Exception):
    """What is wrong with a picture, in a sentence without its full stop."""


async def drawn_anew(data: bytes, field: str = "body") -> Drawn:
    """The picture in ``data``, drawn anew in a thread of its own.

    Raises:
        Refused: ``picture_refused``, with why.
        Busy: too many pictures wait.
    """
    global _waiting  # noqa: PLW0603 - one count for the one thread.
    if _waiting >= WAITING_MAX:
        raise Busy
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_painter, draw, data)
    except PictureWrong as error:
        raise Refused("picture_refused", f"{error}.", field=field) from None
    finally:
        _waiting -= 1


def draw(data: bytes) -> Drawn:
    """The picture in ``data``, drawn anew: a JPEG, or a PNG where parts are transparent.

    Raises:
        PictureWrong: what is wrong with it.
    """
    try:
        with warnings.catch_warnings():
            # Of this alone: the filter holds for all threads, also for that of the payments.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
                _check_size(opened)
                opened.draft("RGB", (SIDE_MAX, SIDE_MAX))
                transparent = opened.has_transparency_data
                picture: Image.Image = opened
                mode = "RGBA" if transparent else "RGB"
                # Made small before it is turned, so that there are few copies of the large one.
                if opened.mode != mode:
                    picture = opened.convert(mode)
                picture.thumbnail((SIDE_MAX, SIDE_MAX))
                picture = ImageOps.exif_transpose(picture)
    except PictureWrong:
        raise
    except Exception as error:  # A decoder says in many ways that it cannot.
        raise PictureWrong("this is no whole JPEG, PNG or WebP picture") from error
    if transparent:
        kept = _encoded(picture, "PNG")
        if len(kept) <= KEPT_BYTES_MAX:
            return Drawn("image/png", *picture.size, kept)
        # Too rich for a PNG: on white, as it would be seen on paper.
        paper = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(paper, picture).convert("RGB")
    return Drawn("image/jpeg", *picture.size, _encoded(picture, "JPEG"))


def _check_size(picture: Image.Image) -> None:
    width, height = picture.size
    most = PIXELS_MAX[picture.format or "PNG"]
    if width * height > most:
        text = f"the picture has {width} x {height} dots; allowed are {most:,} in all"
        raise PictureWrong(text)


def _encoded(picture: Image.Image, form: str) -> bytes:
    # A fresh picture has none of what the decoder found beside the dots.
    fresh = Image.new(picture.mode, picture.size)
    fresh.paste(picture)
    kept = io.BytesIO()
    if form == "JPEG":
        fresh.save(kept, form, quality=QUALITY, optimize=True)
    else:
        fresh.save(kept, form, optimize=True)
    return kept.getvalue()
