"""Files that were attached to receipts as pages of a packet: PDFs as they are, images drawn on one.

Runs in the limited child of `packets.py`: the bytes are anybody's. Knows neither HTTP nor SQL.
"""

from __future__ import annotations

import io
from typing import Final

# Every part of the library that is needed, before the limits are there.
from PIL import (  # noqa: F401
    Image,
    ImageDraw,
    ImageFont,
    ImageOps,
    JpegImagePlugin,
    MpoImagePlugin,
    PdfImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
)
from pypdf import PdfReader

from svc.pdf.refusals import DAMAGED_PDF, NOT_A_PDF, TOO_LARGE, TOO_MANY_PAGES, PdfRefusedError
from svc.pdf.text import open_pdf

FORMATS: Final = (PngImagePlugin.PngImageFile.format, JpegImagePlugin.JpegImageFile.format)
BEGINS: Final = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
PDF_BEGINS: Final = b"%PDF-"
MAXIMUM_PIXELS: Final = 40_000_000
"""Of an image, drawn: what a page on a desk takes at 600 dots per inch."""
MAXIMUM_SIDE: Final = 65_500
"""Of an image, drawn: what a JPEG can have."""
BAND_ROWS: Final = 256
MAXIMUM_PAGES: Final = 100
PAGE_INCHES: Final = (8.27, 11.69)
QUALITY: Final = 95


def open_attachment(content: bytes) -> PdfReader:
    """Return the pages of a PDF, PNG or JPEG; raise PdfRefusedError when they cannot be shown."""
    if content.startswith(BEGINS):
        return PdfReader(io.BytesIO(_drawn(content)))
    if PDF_BEGINS not in content[:1024]:
        message = "The file is neither PDF, PNG nor JPEG, whatever its name says."
        raise PdfRefusedError(NOT_A_PDF, message)
    reader = open_pdf(io.BytesIO(content))
    try:
        pages = len(reader.pages)
    except Exception as error:  # pypdf raises other classes on damage
        raise PdfRefusedError(DAMAGED_PDF, "The PDF is damaged.") from error
    if not 1 <= pages <= MAXIMUM_PAGES:
        message = f"The PDF has {pages} pages; 1 to {MAXIMUM_PAGES} can be attached."
        raise PdfRefusedError(TOO_MANY_PAGES, message)
    return reader


def missing_page(words: str) -> PdfReader:
    """Return one page that says what is not shown here."""
    image = Image.new("L", (827, 1169), 255)
    ImageDraw.Draw(image).text((60, 60), words, fill=0, font=ImageFont.load_default())
    return PdfReader(io.BytesIO(_saved(image)))


def _drawn(content: bytes) -> bytes:
    """Return a PDF of one page with the image, upright, on white."""
    # Told by us, with what is allowed.
    Image.MAX_IMAGE_PIXELS = None
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MAXIMUM_PIXELS:
                message = f"The image has more than {MAXIMUM_PIXELS} pixels."
                raise PdfRefusedError(TOO_LARGE, message)
            if max(image.size) > MAXIMUM_SIDE:
                message = f"The image has a side of more than {MAXIMUM_SIDE} pixels."
                raise PdfRefusedError(TOO_LARGE, message)
            image.load()
            ImageOps.exif_transpose(image, in_place=True)
            if image.has_transparency_data:
                return _saved(_on_white(image))
            if image.mode.startswith("I"):  # 16 bits of grey, of which 8 are seen
                return _saved(image.point(lambda level: level * (1 / 256)).convert("L"))
            return _saved(image.convert("L" if image.mode in {"1", "L"} else "RGB"))
    except PdfRefusedError:
        raise
    except MemoryError as error:
        raise PdfRefusedError(TOO_LARGE, "The image needs too much memory.") from error
    except Exception as error:  # the library raises whatever a broken file makes it
        raise PdfRefusedError(DAMAGED_PDF, "The image is damaged.") from error


def _on_white(image: Image.Image) -> Image.Image:
    """Return an image on white, put there in bands: a second whole copy takes too much memory."""
    shown = Image.new("RGB", image.size, "white")
    for top in range(0, image.height, BAND_ROWS):
        edges = (0, top, image.width, min(top + BAND_ROWS, image.height))
        band = image.crop(edges).convert("RGBA")
        shown.paste(band, (0, top), band)
    return shown


def _saved(image: Image.Image) -> bytes:
    """Return a PDF of one page that is no larger than a sheet."""
    inches = PAGE_INCHES if image.height >= image.width else PAGE_INCHES[::-1]
    image.info.clear()  # a comment of the file would be written again
    dots = max(image.width / inches[0], image.height / inches[1], 72.0)
    result = io.BytesIO()
    image.save(result, "PDF", resolution=dots, quality=QUALITY)
    return result.getvalue()
