"""The lines of one page, and a record of which of them were understood."""

import re
from typing import Final

from svc.pdf.model import LooseLine, Place, Problem
from svc.pdf.values import AMOUNT

PAGE_NUMBER: Final = re.compile(r"Page [0-9]+(?: ?(?:of|/) ?[0-9]+)?", re.IGNORECASE)
_LABEL_SPACE: Final = re.compile(r"\s+:")


class PageLines:
    """The non-blank lines of a page's text, stripped, and which of them some rule has taken."""

    def __init__(self, page: int, text: str) -> None:
        """Split the text of page `page`; line numbers are those of `text`, from 1."""
        self.page = page
        self.texts: list[str] = []
        self.numbers: list[int] = []
        for number, line in enumerate(text.split("\n"), 1):
            stripped = line.replace("\xa0", " ").strip()
            if stripped:
                self.texts.append(stripped)
                self.numbers.append(number)
        self.labels: list[str] = [_LABEL_SPACE.sub(":", each) for each in self.texts]
        """The lines with no space before a colon: what labels are compared with."""
        self._taken = bytearray(len(self.texts))

    def __len__(self) -> int:
        """Return the number of lines that are not blank."""
        return len(self.texts)

    def take(self, start: int, stop: int) -> None:
        """Note that the lines `start` to `stop` (exclusive) are understood."""
        for index in range(start, min(stop, len(self.texts))):
            self._taken[index] = 1

    def is_taken(self, index: int) -> bool:
        """Tell whether a rule has taken the line at `index`."""
        return self._taken[index] == 1

    def problem(self, field: str, raw: str | None, reason: str, index: int | None) -> Problem:
        """Return a problem of this page at an index (None: nowhere in particular)."""
        return Problem(
            field, raw, reason, self.page, None if index is None else self.numbers[index]
        )

    def loose(self) -> tuple[LooseLine, ...]:
        """Return every line nobody took, with its side of the data and whether it may be data.

        Page numbers are not worth a word. Doubtful is a line inside the data that is neither an
        unknown label nor the text right behind one, and any line that holds an amount.
        """
        first = self._taken.find(1)
        last = self._taken.rfind(1)
        loose: list[LooseLine] = []
        behind_label = -1
        for index, text in enumerate(self.texts):
            if self._taken[index] or PAGE_NUMBER.fullmatch(text):
                continue
            place: Place = "inside"
            if first < 0 or index < first:
                place = "before"
            elif index > last:
                place = "after"
            is_label = text.endswith(":")
            ignored = place != "inside" or is_label or behind_label == index
            behind_label = index + 1 if is_label else -1
            doubtful = not ignored or AMOUNT.search(text) is not None
            loose.append(LooseLine(self.numbers[index], text, place, doubtful))
        return tuple(loose)


def after_label(line: str, label: str) -> str | None:
    """Return what follows `label` on a line ("" when alone), None when it is another line."""
    if not line.startswith(label):
        return None
    rest = line[len(label) :]
    return rest.strip() if not rest or label.endswith(":") or rest[0] == " " else None
