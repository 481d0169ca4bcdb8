"""Reading images: what is written there is recognised. Runs in the child process (see child.py)."""

import io
import warnings
from collections.abc import Iterator

from PIL import Image, ImageOps, UnidentifiedImageError

from atende.outbound.extraction.errors import NoRecognition, Refused
from atende.outbound.extraction.pdf.document import tidied
from atende.outbound.extraction.pdf.page import Page
from atende.outbound.extraction.pdf.scans import INSTALL, named, pieces
from atende.outbound.extraction.result import Picture, Read, Recognise

MAX_PIXELS = 50_000_000
MAX_PAGES = 200
_FORMATS = ("PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP")
_LARGEST = 3_500
_SMALL = 1_000
"""A shorter side of an image below this is drawn larger: letters of a screen are too small to be recognised."""
_DAMAGED = "The image is damaged and cannot be opened. Save it again and send it again."


def image(data: bytes, recognise: Recognise) -> Read:
    """The text of each page of an image (a TIFF can have several). Raises Refused."""
    Image.MAX_IMAGE_PIXELS = None  # its size is checked here
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _read(data, recognise)


def _read(data: bytes, recognise: Recognise) -> Read:
    try:
        opened = Image.open(io.BytesIO(data), formats=_FORMATS)
        count = min(getattr(opened, "n_frames", 1), MAX_PAGES) if opened.format == "TIFF" else 1
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise Refused(_DAMAGED) from error
    _check(opened)
    try:
        found = recognise(_pictures(opened, count))
    except NoRecognition as error:
        raise Refused(INSTALL) from error
    pages = []
    for number in range(1, count + 1):
        seen = found.get(number, [])
        page = Page(number, _LARGEST, _LARGEST)
        page.pieces = pieces(seen, 1.0)
        pages.append(page)
    notes = ["Text was recognised in the image; it may have errors."] if count == 1 else []
    if count > 1:
        notes.append(f"Text was recognised in the images of {named(sorted(found))}; it may have errors.")
    if late := [number for number in range(1, count + 1) if number not in found]:
        notes.append(f"There was no time to recognise the text on {named(late)}. Send the file in parts.")
    if not any(page.pieces for page in pages):
        raise Refused("No text was found in the image.")
    return Read(tidied(pages), has_pages=count > 1, metadata={"pages": count}, notes=notes)


def _check(opened: Image.Image) -> None:
    width, height = opened.size
    if width * height > MAX_PIXELS:
        raise Refused(
            f"The image has {width} x {height} pixels; at most {MAX_PIXELS // 1_000_000} million are possible."
        )


def _pictures(opened: Image.Image, count: int) -> Iterator[Picture]:
    for number in range(count):
        try:
            opened.seek(number)
            _check(opened)
            grey = _grey(opened)
        except (OSError, ValueError, SyntaxError, EOFError) as error:
            if count == 1:
                raise Refused(_DAMAGED) from error
            continue
        yield Picture(number + 1, *grey.size, grey.tobytes())


def _grey(opened: Image.Image) -> Image.Image:
    """Upright, grey, with full contrast, in a size in which letters are recognised."""
    if opened.format == "JPEG":
        opened.draft("L", (_LARGEST, _LARGEST))
    grey = ImageOps.exif_transpose(opened)
    if grey.mode in {"RGBA", "LA", "PA"} or "transparency" in grey.info:
        on_white = Image.new("RGBA", grey.size, "white")
        on_white.alpha_composite(grey.convert("RGBA"))
        grey = on_white
    grey = grey.convert("L")
    scale = _scale(max(grey.size), max(1, min(grey.size)))
    if scale != 1:
        size = (max(1, round(grey.width * scale)), max(1, round(grey.height * scale)))
        grey = grey.resize(size, Image.Resampling.BICUBIC if scale > 1 else Image.Resampling.BOX)
    return ImageOps.autocontrast(grey)


def _scale(longer: int, shorter: int) -> float:
    if longer > _LARGEST:
        return _LARGEST / longer
    return min(3.0, _SMALL / shorter, _LARGEST / longer) if shorter < _SMALL else 1.0
