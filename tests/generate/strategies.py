"""Hypothesis strategies over months and layouts; a failing example names its whole input."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import strategies as st

from tests.generate.build import build
from tests.generate.layout import DRAWINGS, Layout
from tests.generate.model import Month
from tests.generate.recipe import Recipe

SEEDS = st.integers(min_value=0, max_value=2**31)


def layouts() -> st.SearchStrategy[Layout]:
    """Draw layouts; shrinks to a small seed, not to the usual layout.

    Texts are drawn whole and in their order, which some readers of these months go by.
    """
    return SEEDS.map(
        lambda seed: replace(Layout.varied(random.Random(seed)), drawing=DRAWINGS[0])  # noqa: S311 - test data
    )


def months(
    max_employees: int = 12, max_receipts: int = 40, *, min_receipts: int = 1
) -> st.SearchStrategy[Month]:
    """Draw months, usual and difficult ones, in any layout.

    Without receipts there is no receipt report: a PDF has at least one page.
    """
    return st.builds(
        lambda employees, receipts, seed, recipe, layout: build(
            employees, receipts, seed, recipe=recipe, layout=layout
        ),
        st.integers(min_value=1, max_value=max_employees),
        st.integers(min_value=min_receipts, max_value=max_receipts),
        SEEDS,
        st.sampled_from([Recipe(), Recipe.difficult()]),
        layouts(),
    )
