"""Invented months of any size, with their truth.

``build`` makes the truth of one month, ``build_months`` of several; from it come
``activity.json`` in both shapes (``write_activity``) with what is wrong in it (``deviations``),
both PDFs (``pdf_car.render_car``, ``pdf_receipts.render_receipts``), and what reading them must
give (``expected``, with ``Month.aliases`` approved). ``strategies.months`` draws months for
property tests; the command is ``python -m tests.generate``. All names, cards and places are made
up; card numbers begin with 999999.
"""

from tests.generate.activity import SHAPES, Shape, write_activity
from tests.generate.build import build, build_months, without_aliases
from tests.generate.deviations import Deviation, csv_deviations, deviations
from tests.generate.expected import expected
from tests.generate.layout import Layout
from tests.generate.model import Month
from tests.generate.quirks import QUIRKS
from tests.generate.recipe import Recipe

__all__ = [
    "QUIRKS",
    "SHAPES",
    "Deviation",
    "Layout",
    "Month",
    "Recipe",
    "Shape",
    "build",
    "build_months",
    "csv_deviations",
    "deviations",
    "expected",
    "without_aliases",
    "write_activity",
]
