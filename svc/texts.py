"""What is told or logged of texts that a caller sent: no card number, however it is written."""

from __future__ import annotations

import re
import secrets

# Ids of ours pass; then any 13 digits or more with up to three signs between that are no letters.
# Wider than the rule of the database, which has to leave texts as they are where it can.
_DIGITS = re.compile(
    r"(?<![0-9a-f])(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32}|[0-9a-f]{64})"
    r"(?![0-9a-f])|(?P<number>\d(?:[\W_]{0,3}\d){12,})"
)
HIDDEN = "[card number]"


_LETTERS = str.maketrans("0123456789", "abcdefabcd")


def new_id() -> str:
    """Return a random id of 32 letters a to f, as the database takes ids of tokens and sign-ins.

    With digits one in thousands would look like a card's number, be hidden in the log and refused.
    """
    return secrets.token_hex(16).translate(_LETTERS)


def hidden(text: str) -> str:
    """Return a text with whatever could be a card number taken out."""
    return _DIGITS.sub(lambda found: HIDDEN if found["number"] else found[0], text)
