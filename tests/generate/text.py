"""How values are written: money, quantities, dates, name keys."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

_NOT_A_LETTER = re.compile("[^A-Z]")
_CENTS = 100
_PRICE_UNITS = 100_000


def name_key(name: str) -> str:
    """Reduce a printed name to its key: accents off, capitals, letters A-Z only (formats 3)."""
    decomposed = unicodedata.normalize("NFKD", name)
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _NOT_A_LETTER.sub("", bare.upper())


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
