"""Single values: amounts, dates, card numbers and the cleaning of a page's text."""

import datetime
import re
from typing import Final

AMOUNT: Final = re.compile(
    r"(?:(?:-\$|\$-|\$)(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+|)|-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+))"
    r"\.[0-9]{2}"
)
"""`$1,234.56`, `-$0.45`, `$-0.45`, `$.45`, `-12.00`: two decimals always, and never only `.45`."""
MONEY: Final = re.compile(r"(?:-\$|\$-|\$)(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+|)\.[0-9]{2}")
QUANTITY: Final = re.compile(r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+|)\.[0-9]{2}")
PRICE: Final = re.compile(r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+|)\.[0-9]{5}")
DATE: Final = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
CARD: Final = re.compile(r"([0-9]{6})(?:[0-9]{6}|[Xx*]{6})([0-9]{4})")
DIGITS: Final = re.compile(r"[0-9]+")

LONGEST_TEXT: Final = 255
"""Letters that a name or another text of a row may have."""

MAXIMUM_DIGITS: Final = 12
"""Digits before the point that an amount may have; a longer one is not an amount of a card."""

_GROUPS: Final = re.compile(r"[0-9]{4}([ -])[0-9]{4}\1[0-9]{4}\1[0-9]{4}")
_CONTROL: Final = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_BREAKS: Final = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


def decimal_text(printed: str) -> str | None:
    """Return a printed number as a plain decimal string, None when it has too many digits.

    The caller has matched it with one of the patterns above. Minus zero becomes zero.
    """
    negative = "-" in printed
    whole, _, fraction = printed.translate(_SIGNS).partition(".")
    whole = whole.lstrip("0") or "0"
    if len(whole) > MAXIMUM_DIGITS:
        return None
    number = f"{whole}.{fraction}"
    return f"-{number}" if negative and number.strip("0.") else number


_SIGNS: Final = str.maketrans("", "", "-$,")


def amount(printed: str) -> str | None:
    """Return an amount with two decimals, with or without a currency sign, or None."""
    return decimal_text(printed) if AMOUNT.fullmatch(printed) else None


def iso_date(printed: str) -> str | None:
    """Return `MM/DD/YYYY` (leading zeros or not) as an ISO date, None when there is no such day."""
    match = DATE.fullmatch(printed)
    if match is None:
        return None
    month, day, year = (int(part) for part in match.groups())
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        return None


def clean_text(text: str) -> str:
    """Return the text of a page without what no database text can hold.

    Any line break becomes LF; control characters and lone surrogates become U+FFFD.
    """
    return _CONTROL.sub("\ufffd", _BREAKS.sub("\n", text))


def card_mask(printed: str) -> str | None:
    """Return a card number as `999999XXXXXX1193`, None when it is not of that form."""
    match = CARD.fullmatch(_ungrouped(printed))
    return None if match is None else f"{match[1]}XXXXXX{match[2]}"


def full_number(printed: str) -> str | None:
    """Return a card number that is printed whole, None when it is masked or not of that form."""
    number = _ungrouped(printed)
    return number if CARD.fullmatch(number) and number.isdecimal() else None


def _ungrouped(printed: str) -> str:
    """Return a card number printed in groups of four, with blanks or dashes, as one."""
    match = _GROUPS.fullmatch(printed)
    return printed if match is None else printed.replace(match[1], "")
