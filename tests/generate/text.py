"""How values are written: money, quantities, dates, name keys."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

_LATIN = str.maketrans(
    "ıØøŁłĐđÐðĦħŦŧŊŋĸə",
    "IOOLLDDDDHHTTNNKƏ",
)
_TWO_LETTERS = str.maketrans(
    {"ß": "SS", "ẞ": "SS", "æ": "AE", "Æ": "AE", "œ": "OE", "Œ": "OE", "þ": "TH", "Þ": "TH"}
)
_ACCENTS = re.compile("[\u0300-\u036f]")
_SMALL = re.compile("[a-z\u03b1-\u03c9\u0430-\u052f\u0561-\u0586]")
"""Latin, Greek, Cyrillic, Armenian: the scripts whose small letters are folded."""
_NOT_A_LETTER = re.compile(
    r"[^A-Z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02AF\u0370-\u1FFF\u2C00-\u2DFF\u3005"
    r"\u3041-\u3096\u30A1-\u30FF\u3105-\u31FF\u3400-\u4DBF\u4E00-\u9FFF"
    r"\uA000-\uD7FF\uF900-\uFDFF\uFE70-\uFEFC\uFFFD\U00010000-\U0001EFFF\U00020000-\U0003FFFF]"
)
_CENTS = 100
_PRICE_UNITS = 100_000


def name_key(name: str) -> str:
    """Reduce a printed name to its key: accents off, capitals, letters only (formats 3)."""
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", name))
    plain = unicodedata.normalize("NFC", bare).translate(_LATIN).translate(_TWO_LETTERS)
    return _NOT_A_LETTER.sub("", _SMALL.sub(lambda match: match[0].upper(), plain))


def plain_name(name: str) -> str:
    """Write a name in letters A to Z, blanks and dots alone; its key stays the same."""
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", name))
    return re.sub("[^A-Za-z. ]", " ", bare)


def decimal(cents: int) -> str:
    """Write cents as a decimal string without commas: ``-1234.50``."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // _CENTS}.{abs(cents) % _CENTS:02}"


def grouped(cents: int) -> str:
    """Write hundredths with thousands commas: ``-1,234.50``."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // _CENTS:,}.{abs(cents) % _CENTS:02}"


def dollars(cents: int, *, sign_inside: bool = False) -> str:
    """Write cents as the activity report does: ``$1,234.50``, ``-$0.45`` or ``$-0.45``."""
    if cents >= 0:
        return "$" + grouped(cents)
    return "$" + grouped(cents) if sign_inside else "-$" + grouped(-cents)


def price(units: int, *, commas: bool = True) -> str:
    """Write a price per unit with five decimals; commas as printed, none as in the truth."""
    whole = units // _PRICE_UNITS
    return (
        f"{whole:,}.{units % _PRICE_UNITS:05}" if commas else f"{whole}.{units % _PRICE_UNITS:05}"
    )


def us_date(day: date) -> str:
    """Write a date as ``MM/DD/YYYY``."""
    return f"{day.month:02}/{day.day:02}/{day.year}"


def short_date(day: date) -> str:
    """Write a date as the report parameters do, without leading zeros: ``3/1/2025``."""
    return f"{day.month}/{day.day}/{day.year}"


def wrap(text: str, width: int = 40) -> list[str]:
    """Break a text at spaces so that a line has at most ``width`` characters where possible."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]
