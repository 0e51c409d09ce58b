"""The words that months are made of can be printed and are told apart."""

from __future__ import annotations

from reportlab.pdfbase.ttfonts import TTFont

from tests.generate.ink import EMBEDDED
from tests.generate.vocabulary import FIRST_NAMES, HARD_NAMES, LAST_ENDS, LAST_STARTS, TRADES


def test_the_embedded_fonts_have_every_letter() -> None:
    """A letter without a shape would be printed as nothing and read back as something else."""
    letters = set("".join(merchant for trade in TRADES for merchant in trade.foreign))
    letters.update(*(first + last for first, last in HARD_NAMES))
    for font in EMBEDDED:
        shapes = TTFont(font, f"{font}.ttf").face.charToGlyph
        assert {letter for letter in letters if ord(letter) not in shapes} == set()


def test_a_merchant_name_longer_than_the_column_is_still_told_apart() -> None:
    """The first 18 characters name one merchant, so that a cut name leads to one."""
    names = [name for trade in TRADES for name in (*trade.merchants, *trade.foreign)]
    assert len({name[:18] for name in names}) == len(names)


def test_there_are_names_for_large_months() -> None:
    """A hundred thousand people can have different names."""
    assert len(set(FIRST_NAMES)) * len(set(LAST_STARTS)) * len(set(LAST_ENDS)) > 100_000
