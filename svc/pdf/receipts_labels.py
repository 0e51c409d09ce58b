"""Which cells of a receipt page are its labels, and which cells belong to which of them.

What people type may look like a label: a title `Amount: 45.00`, a file `Page 1`, a purpose that
ends in a colon. So labels are looked for as one arrangement that fits the whole page in order, and
a value is what stands right of its label or under it (or above it, where the layout says so), not
what looks like one.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from svc.pdf.model import Problem
from svc.pdf.sheet import Sheet

HEADINGS: Final = ("Request Number", "Employee", "Expense Type")
LABELS: Final = (
    "Expense Title:",
    "Transaction ID:",
    "Amount:",
    "Address:",
    "Purpose:",
    "Merchant Name:",
    "Merchant Address:",
    "Accounts Coding Type:",
    "Attachment Name:",
    "Request Type:",
)
"""The labels that end in a colon, in order, without the space some have before it."""

CODE_LABELS: Final = ("Job", "Phase", "Cost Type", "GL Account")
ABOVE: Final = frozenset({"Expense Title:", "Accounts Coding Type:"})
"""Labels whose value stands above them."""

ONE_LINE: Final = frozenset(
    {*HEADINGS, "Transaction ID:", "Amount:", "Accounts Coding Type:", "Expense Title:"}
    | {"Request Type:", *CODE_LABELS}
)
"""Labels whose value is a single line."""

_RANK: Final = {
    **dict.fromkeys(HEADINGS, 0),
    "Expense Title:": 1,
    "Transaction ID:": 1,
    "Amount:": 2,
    "Address:": 3,
    "Purpose:": 4,
    "Merchant Name:": 5,
    "Merchant Address:": 5,
    "Accounts Coding Type:": 6,
    **dict.fromkeys(CODE_LABELS, 7),
    "Attachment Name:": 8,
    "Request Type:": 8,
}
"""A label of a higher rank never stands above one of a lower."""

_RANKED: Final = (*LABELS, *HEADINGS, *CODE_LABELS)
"""All of them, those first that every page has."""

_LINE: Final = 2.0
"""Ems from one line of a text to the next, at most; and from a label to its value."""

_COLUMN: Final = 1.0
"""Ems by which the lines of one text may begin apart."""

_GRID: Final = 4.0
"""Points: left edges are looked up in steps of this."""

_FAR: Final = 2.0
"""Ems between two texts of one line that are hardly one text."""


class Label(NamedTuple):
    """A label that was found: its name, its cell, and what stands behind it in the same cell."""

    name: str
    number: int
    rest: str


Candidates = dict[str, list[Label]]
"""Every cell that may be a label, by name, from the top."""


class Arrangement:
    """The labels of a page, the cells that belong to each, and what was doubtful about it."""

    def __init__(self, sheet: Sheet, found: Candidates) -> None:
        """Choose labels among those found, and find their values."""
        self.sheet = sheet
        self.problems: list[Problem] = []
        self.row_of = {n: row for row, numbers in enumerate(sheet.rows) for n in numbers}
        self.labels = self._choose(found)
        self._is_label = {label.number for label in self.labels.values()}
        self._values: dict[str, list[list[int]]] = {}
        self._owner: dict[int, str] = {}
        self._over: set[int] = set()
        self._assign()

    def at(self, name: str | None) -> int | None:
        """Return the cell of a label, None when it is not on the page."""
        return self.labels[name].number if name in self.labels else None

    def owns(self, number: int) -> bool:
        """Tell whether a cell is a label or belongs to one."""
        return number in self._is_label or number in self._owner

    def lines(self, name: str) -> list[str]:
        """Return the lines of a label's value, from the top."""
        label = self.labels.get(name)
        texts = [label.rest] if label is not None and label.rest else []
        for numbers in self._values.get(name, []):
            self.sheet.take(*numbers)
            texts.append(self.sheet.text_of(numbers) or "")
        return texts

    def is_apart(self, name: str) -> bool:
        """Tell whether a line of a label's value holds texts that stand far apart."""
        cells = self.sheet.cells
        return any(
            cells[b].x - cells[a].right > _FAR * cells[a].size
            for numbers in self._values.get(name, ())
            if len(numbers) > 1
            for a, b in pairwise(numbers)
        )

    # --- which cells are labels ------------------------------------------------------------------

    def _choose(self, found: Candidates) -> dict[str, Label]:
        """Return one label of each name: the arrangement in which all stand in order.

        A label alone in its cell is preferred to one with text behind it. Where two are left, the
        first is taken, and that is a problem of the receipt.
        """
        only = {name: all_[0] for name, all_ in found.items() if len(all_) == 1}
        places = sorted([(self.row_of[each.number], _RANK[name]) for name, each in only.items()])
        ranks = [rank for _, rank in places]
        if len(only) == len(found) and ranks == sorted(ranks):
            self.sheet.take(*[each.number for each in only.values()])
            return only
        alone = {name: [each for each in all_ if not each.rest] for name, all_ in found.items()}
        certain = self._in_order([all_[0] for all_ in alone.values() if len(all_) == 1])
        chosen: dict[str, Label] = {}
        for name in (each for each in _RANKED if each in found):
            all_ = found[name]
            others = [each for each in (*certain, *chosen.values()) if each.name != name]
            fitting = [each for each in all_ if self._fits(each, others)]
            if not fitting:
                continue
            best = [each for each in fitting if not each.rest] or fitting
            chosen[name] = best[0]
            self.sheet.take(best[0].number)
            if len(fitting) > 1:
                printed = " / ".join(self.sheet.cells[each.number].text for each in fitting)
                reason = f"`{name}` stands on the page more than once"
                self.problems.append(
                    self.sheet.problem("labels", printed, reason, fitting[-1].number)
                )
        return chosen

    def _in_order(self, labels: list[Label]) -> list[Label]:
        """Return these labels without those that contradict most of the others."""
        while True:
            against = [sum(not self._fits(each, [o]) for o in labels) for each in labels]
            worst = max(against, default=0)
            if worst == 0:
                return labels
            worst_of_all = [each for each, n in zip(labels, against, strict=True) if n == worst]
            optional = [each for each in worst_of_all if each.name not in LABELS]
            labels = [each for each in labels if each not in (optional or worst_of_all)]

    def _fits(self, label: Label, others: Iterable[Label]) -> bool:
        """Tell whether a label stands in order with all others; one that is no label fits none."""
        row, rank = self.row_of[label.number], _RANK[label.name]
        for other in others:
            other_row, other_rank = self.row_of[other.number], _RANK[other.name]
            if other_rank < rank and other_row > row:
                return False
            if other_rank > rank and other_row < row:
                return False
        return True

    # --- which cells belong to them --------------------------------------------------------------

    def _assign(self) -> None:
        """Give every cell to the label above it, left of it, or above its text; or to none."""
        above = {self.labels[name].number: name for name in ABOVE if name in self.labels}
        claimed = self._claimed(above)
        names = {label.number: label.name for label in self.labels.values()}
        self._over = self._labels_over_text(set(names) | set(claimed))
        columns: dict[int, int] = {}  # the last cell at each left edge, from the top
        for row in self.sheet.rows:
            left: str | None = None
            for number in row:
                if number in names:
                    left = names[number]
                    continue
                if number in claimed:
                    left = claimed[number]
                    self._give(number, left)
                    continue
                before = self._column_above(columns, number)
                if before is not None and self._goes_on(before, names, above):
                    left = names.get(before) or self._owner[before]
                    self._give(number, left)
                elif self.labels_end(number) and self._is_far(number, left):
                    left = None
                elif left is not None and self._may_follow(number, left):
                    self._give(number, left)
            for number in row:
                columns[round(self.sheet.cells[number].x / _GRID)] = number

    def _labels_over_text(self, others: set[int]) -> set[int]:
        """Return the labels right under which a value stands: none is looked for beside them."""
        over: set[int] = set()
        for label in self.labels.values():
            row = self.row_of[label.number]
            for below in self.sheet.rows[row + 1 : row + 3]:
                for number in below:
                    if number not in others and self._is_under(number, label.number):
                        over.add(label.number)
        return over

    def labels_end(self, number: int) -> bool:
        """Tell whether a cell ends as a label does."""
        return self.sheet.cells[number].text.endswith(":")

    def _column_above(self, columns: dict[int, int], number: int) -> int | None:
        """Return the last cell above in the column of a cell, when the cell is its next line."""
        cells = self.sheet.cells
        cell = cells[number]
        place = round(cell.x / _GRID)
        reach = int(_COLUMN * cell.size / _GRID) + 1
        found, distance = None, float("inf")
        for near in range(place - reach, place + reach + 1):
            above = columns.get(near)
            if above is not None and self._is_under(number, above):
                away = abs(cells[above].x - cell.x)
                if away < distance:
                    found, distance = above, away
        return found

    def _claimed(self, above: dict[int, str]) -> dict[int, str]:
        """Return the cells right above the labels whose value stands there."""
        claimed: dict[int, str] = {}
        for number, name in above.items():
            row = self.row_of[number]
            if self.labels[name].rest or row == 0:
                continue
            taken = {label.number for label in self.labels.values()}
            for numbers in self._lines_above(row):
                value = [n for n in numbers if self._is_under(number, n) and n not in taken]
                if value:
                    claimed[value[0]] = name
                    break
        return claimed

    def _lines_above(self, row: int) -> Sequence[range]:
        """Return the two rows above a row, the nearer first."""
        return [self.sheet.rows[each] for each in (row - 1, row - 2) if each >= 0]

    def _is_under(self, number: int, upper: int) -> bool:
        """Tell whether a cell stands under another as the next line of a text does."""
        cell, other = self.sheet.cells[number], self.sheet.cells[upper]
        size = cell.size if cell.size > other.size else other.size
        return (
            0 < other.y - cell.y <= _LINE * size
            and -_COLUMN * size <= cell.x - other.x <= _COLUMN * size
        )

    def _goes_on(self, before: int, names: dict[int, str], above: dict[int, str]) -> bool:
        """Tell whether the value of a label goes on below the cell `before`."""
        if before in names:
            name = names[before]
            if self.labels[name].rest:
                return name not in ONE_LINE
            return before not in above and not self._values.get(name)
        owner = self._owner.get(before)
        if owner is None or owner in ONE_LINE:
            return False
        return before == self._values[owner][-1][0]

    def _may_follow(self, number: int, name: str) -> bool:
        """Tell whether a cell may be the value, or its next word, right of a label or a value."""
        label, values = self.labels.get(name), self._values.get(name)
        row = self.row_of[number]
        if values:
            last = values[-1][-1]
            return self.row_of[last] == row
        if label is None or name in ABOVE or label.number in self._over:
            return False
        return self.row_of[label.number] == row

    def _is_far(self, number: int, name: str | None) -> bool:
        """Tell whether a cell stands far from the value left of it, or there is none."""
        values = self._values.get(name or "")
        if not values:
            return True
        before, cell = self.sheet.cells[values[-1][-1]], self.sheet.cells[number]
        return cell.x - before.right > _FAR * cell.size

    def _give(self, number: int, name: str) -> None:
        """Make a cell part of a label's value: in the line it stands in."""
        values = self._values.setdefault(name, [])
        if values and self.row_of[values[-1][-1]] == self.row_of[number]:
            values[-1].append(number)
        else:
            values.append([number])
        self._owner[number] = name


def candidates(sheet: Sheet) -> Candidates:
    """Return every cell that may be a label, by name, from the top."""
    found: Candidates = {}
    for number, text in enumerate(sheet.labels):
        name, colon, rest = text.partition(":")
        if colon:
            name += colon
            if name in _RANK:
                found.setdefault(name, []).append(Label(name, number, rest.strip()))
        elif text in _RANK:
            found.setdefault(text, []).append(Label(text, number, ""))
        if text[:1] in _FIRST_LETTERS:
            for name in CODE_LABELS:
                rest = text[len(name) + 1 :]
                if text.startswith(f"{name} ") and rest[:1].isdigit():
                    found.setdefault(name, []).append(Label(name, number, rest))
    return found


_FIRST_LETTERS: Final = frozenset(name[0] for name in CODE_LABELS)
