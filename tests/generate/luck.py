"""Random draws, few and cheap: one month of 100,000 receipts takes millions of them."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


class Luck:
    """A seeded source of draws; equal seeds give equal months."""

    def __init__(self, seed: int | str) -> None:
        """Seed the source; a text and the same text again draw the same."""
        self.random = random.Random(f"month {seed}")  # noqa: S311 - test data, not secrets
        self._draw = self.random.random

    def chance(self, share: float) -> bool:
        """Return True in about ``share`` of all calls."""
        return self._draw() < share

    def pick(self, items: Sequence[T]) -> T:
        """Return one item, each equally likely."""
        return items[int(self._draw() * len(items))]

    def between(self, low: int, high: int) -> int:
        """Return a whole number from ``low`` to ``high``, both included."""
        return low + int(self._draw() * (high - low + 1))

    def digits(self, count: int) -> str:
        """Return ``count`` digits, leading zeros allowed."""
        return f"{int(self._draw() * 10**count):0{count}}"
