"""What may change from report to report without changing what it says (formats 1.1, 1.2, 2.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from tests.generate.ink import Change, Drawn

Size = tuple[float, float]

PORTRAIT_SIZES: tuple[Size, ...] = ((612, 792), (595.28, 841.89), (612, 1008))
"""Letter, A4 and legal in points; the activity report turns them to landscape."""

FONTS = ("Helvetica", "Times-Roman", "Courier", "Vera")
"""Three of the fonts every reader has and one that is embedded as a subset."""

DETAIL_WORDS = (
    "Expense Detail - Card Transaction - ",
    "Expense Report - Transaction Detail - ",
    "Expense Card Transaction ",
)
"""What may stand before the date of a receipt page."""


DRAWINGS = ("plain", "halved", "kerned", "kerned without blanks", "reversed")
"""How texts are drawn: each at once, in two halves, letter by letter, from the page's last on."""


def halves(drawn: Drawn) -> Iterator[Drawn]:
    """Yield a text in two parts, the second first, cut where no blank stands."""
    at = len(drawn.text) // 2
    if at and " " not in drawn.text[at - 1 : at + 1]:
        yield from reversed(drawn.cut(at))
    else:
        yield drawn


@dataclass(frozen=True, slots=True)
class Layout:
    """One way of printing both reports; the defaults look like the usual ones.

    ``unknown_labels`` adds labels with values where other texts may stand; ``inner_label`` adds one
    among the fields of a receipt, which a parser may report but must not take for a value.
    """

    font: str = "Helvetica"
    font_size: float = 6.6
    page_size: Size = PORTRAIT_SIZES[0]
    rows_per_page: int = 32
    parameters: bool = True
    joined_employee_id: bool = False
    drawn_twice: bool = True
    sign_inside: bool = False
    footer: bool = True
    group_summary: bool = False
    unknown_labels: bool = False
    inner_label: bool = False
    pictures: bool = True
    scattered: bool = False
    detail_words: str = DETAIL_WORDS[0]
    drawing: str = DRAWINGS[0]

    def change(self) -> Change | None:
        """Return what the way of drawing makes of each text."""
        if self.drawing == "halved":
            return halves
        if self.drawing.startswith("kerned"):
            # In a font of one width a blank nobody drew is as wide as a gap between two cells.
            skips = self.drawing.endswith("without blanks") and self.font != "Courier"
            return lambda drawn: (drawn._replace(kerning=12, skips_blanks=skips),)
        return None

    @classmethod
    def varied(cls, rng: random.Random) -> Layout:
        """Draw a layout; every combination reads back to the same values."""
        return cls(
            font=rng.choice(FONTS),
            font_size=rng.choice((5.2, 6.0, 6.6, 7.1)),
            page_size=rng.choice(PORTRAIT_SIZES),
            rows_per_page=rng.choice((5, 7, 11, 18, 25, 32, 40)),
            parameters=rng.random() < 0.8,
            joined_employee_id=rng.random() < 0.4,
            drawn_twice=rng.random() < 0.7,
            sign_inside=rng.random() < 0.3,
            footer=rng.random() < 0.7,
            group_summary=rng.random() < 0.4,
            unknown_labels=rng.random() < 0.4,
            inner_label=rng.random() < 0.2,
            pictures=rng.random() < 0.5,
            scattered=rng.random() < 0.3,
            detail_words=rng.choice(DETAIL_WORDS),
            drawing=rng.choice(DRAWINGS),
        )
