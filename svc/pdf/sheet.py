"""One page as rows of cells, and a record of which of them were understood."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from svc.pdf.cells import Cell, Rows, together
from svc.pdf.model import LooseLine, Place, Problem
from svc.pdf.values import AMOUNT, DATE, clean_text

PAGE_NUMBER: Final = re.compile(r"Page [0-9]+(?: ?(?:of|/) ?[0-9]+)?", re.IGNORECASE)
_LABEL_SPACE: Final = re.compile(r"\s+:")
_DATA: Final = re.compile(
    rf"(?<![0-9.,])(?:{AMOUNT.pattern}|{DATE.pattern}|[0-9]{{9}})(?![0-9]|[.,][0-9])"
)
"""What looks like an amount, a date or a number of nine digits."""


class Sheet:
    """The cells of a page, cleaned, by number: rows from the top, each from the left."""

    def __init__(self, page: int, rows: Rows) -> None:
        """Give each cell of page `page` its number; number n is line n + 1 of the page's text."""
        self.page = page
        cells = [cell for row in rows for cell in row]
        self.text = clean_text("\n".join([cell.text.replace("\n", " ") for cell in cells]))
        texts = self.text.split("\n") if cells else []
        self.cells: list[Cell] = [
            cell if cell.text == printed else _reworded(cell, printed)
            for cell, printed in zip(cells, texts, strict=True)
        ]
        self.labels: list[str] = [
            _LABEL_SPACE.sub(":", each) if ":" in each else each for each in texts
        ]
        """The texts with no space before a colon: what labels are compared with."""
        self.rows: list[range] = []
        start = 0
        for row in rows:
            self.rows.append(range(start, start + len(row)))
            start += len(row)
        self._taken = bytearray(len(self.cells))

    def __len__(self) -> int:
        """Return the number of cells."""
        return len(self.cells)

    def take(self, *numbers: int) -> None:
        """Note that these cells are understood."""
        for number in numbers:
            self._taken[number] = 1

    def is_taken(self, number: int) -> bool:
        """Tell whether a rule has taken a cell."""
        return self._taken[number] == 1

    def line(self, number: int) -> int:
        """Return the line of the page's text a cell is."""
        return number + 1

    def text_of(self, numbers: Iterable[int]) -> str | None:
        """Return cells of one row as one text, None when there are none."""
        cells = [self.cells[number] for number in numbers]
        if len(cells) == 1:
            return cells[0].text
        return together(cells).text if cells else None

    def problem(self, field: str, raw: str | None, reason: str, number: int | None) -> Problem:
        """Return a problem of this page at a cell (None: nowhere in particular)."""
        return Problem(field, raw, reason, self.page, None if number is None else number + 1)

    def row_text(self, row: Sequence[int]) -> str:
        """Return the texts of a row with a blank between them."""
        return " ".join([self.cells[number].text for number in row])

    def loose(self) -> tuple[LooseLine, ...]:
        """Return every cell nobody took, with its side of the data and whether it may be data.

        Page numbers outside the data are not worth a word. Doubtful is a cell inside the data that
        is neither an unknown label nor the text right behind one, and any that looks like data.
        """
        first = self._taken.find(1)
        last = self._taken.rfind(1)
        loose: list[LooseLine] = []
        behind_label = -1
        for number, cell in enumerate(self.cells):
            if self._taken[number]:
                continue
            place: Place = "inside"
            if first < 0 or number < first:
                place = "before"
            elif number > last:
                place = "after"
            if PAGE_NUMBER.fullmatch(cell.text) and place != "inside":
                continue
            is_label = cell.text.endswith(":")
            ignored = place != "inside" or is_label or behind_label == number
            behind_label = number + 1 if is_label else -1
            doubtful = not ignored or looks_like_data(cell.text)
            loose.append(LooseLine(number + 1, cell.text, place, doubtful))
        return tuple(loose)


def looks_like_data(text: str) -> bool:
    """Tell whether an amount, a date or a number of nine digits stands in a text."""
    return _DATA.search(text) is not None


def _reworded(cell: Cell, text: str) -> Cell:
    """Return a cell with another text; where its letters stand is then only roughly known."""
    text = text.strip()
    starts = (*cell.starts, *[cell.right] * len(text))[: len(text)]
    return cell._replace(text=text, starts=starts)


def after_label(line: str, label: str) -> str | None:
    """Return what follows `label` on a line ("" when alone), None when it is another line."""
    if not line.startswith(label):
        return None
    rest = line[len(label) :]
    return rest.strip() if not rest or label.endswith(":") or rest[0] == " " else None
