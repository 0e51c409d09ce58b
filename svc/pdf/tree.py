"""The page tree of an opened PDF, read no further than the pages that are asked for.

Each child reads some pages of a document; looking at all others would cost a tenth of its time.
Whatever contradicts itself on the way to a page is damage, and some child goes each way.
"""

from bisect import bisect_right
from itertools import accumulate
from typing import Any, Final

from pypdf.generic import ArrayObject, DictionaryObject

_DEEPEST: Final = 50
"""Nodes above a page; real trees have three or four."""


class PageTree:
    """Finds pages by number; each node is looked through once at most."""

    def __init__(self, root: Any) -> None:  # noqa: ANN401 - whatever stands in a file
        """Begin at the root. Raises ValueError when it is none."""
        self._root = _dictionary(root)
        self._ends: dict[int, list[int]] = {}
        self.said = self._said(self._root)
        """How many pages the root says there are, None when it does not say."""
        self.count = self._pages_of(self._root, 0)
        """How many there are, as far as nodes that were looked through tell."""

    def page(self, number: int) -> tuple[DictionaryObject, Any]:
        """Return a page (from 1) and the resources it inherits. Raises ValueError on damage."""
        node, index, resources = self._root, number - 1, None
        for _ in range(_DEEPEST):
            resources = node.get("/Resources", resources)
            kids = _kids(node)
            if self._is_flat(node):
                kid = _dictionary(kids[index])
                if _is_page(kid):
                    return kid, resources
                if self._said(kid) != 1:
                    raise ValueError("a node among pages that is not one page")
                index = 0
            else:
                ends = self._ends_of(node, 0)
                place = bisect_right(ends, index)
                kid = _dictionary(kids[place])
                if _is_page(kid):
                    return kid, resources
                index -= ends[place - 1] if place else 0
            node = kid
        raise ValueError("a page tree without end")

    def _pages_of(self, node: DictionaryObject, depth: int) -> int:
        """Return how many pages are below a node, its word taken where its children fit it."""
        if self._is_flat(node):
            return len(_kids(node))
        ends = self._ends_of(node, depth)
        return ends[-1] if ends else 0

    def _is_flat(self, node: DictionaryObject) -> bool:
        """Tell whether all children of a node are pages, if its word is true."""
        return self._said(node) == len(_kids(node))

    def _ends_of(self, node: DictionaryObject, depth: int) -> list[int]:
        """Return for each child of a node how many pages there are with it and those before it."""
        found = self._ends.get(id(node))
        if found is None:
            if depth > _DEEPEST:
                raise ValueError("a page tree without end")
            sizes = []
            for each in _kids(node):
                kid = each.get_object()
                if not isinstance(kid, DictionaryObject) or not kid:
                    sizes.append(0)
                elif _is_page(kid):
                    sizes.append(1)
                else:
                    said = self._said(kid)
                    sizes.append(self._pages_of(kid, depth + 1) if said is None else said)
            found = list(accumulate(sizes))
            total = found[-1] if found else 0
            if node is not self._root and self._said(node) not in (None, total):
                raise ValueError("a node that does not have the pages it should have")
            self._ends[id(node)] = found
        return found

    @staticmethod
    def _said(node: DictionaryObject) -> int | None:
        """Return how many pages a node says are below it."""
        count = node.get("/Count")
        count = count.get_object() if count is not None else None
        if count is None:
            return None
        if not isinstance(count, int) or count < 0:
            raise ValueError("a count of pages that is none")
        return int(count)


def _dictionary(found: Any) -> DictionaryObject:  # noqa: ANN401 - whatever stands in a file
    """Return what stands there, a dictionary that is not empty."""
    found = found.get_object() if found is not None else None
    if not isinstance(found, DictionaryObject) or not found:
        raise ValueError("a page that cannot be found")
    return found


def _kids(node: DictionaryObject) -> ArrayObject:
    """Return the children of a node."""
    kids = node.get("/Kids")
    kids = kids.get_object() if kids is not None else None
    if not isinstance(kids, ArrayObject):
        raise ValueError("a node without children")
    return kids


def _is_page(node: DictionaryObject) -> bool:
    """Tell whether a node of the tree is a page."""
    kind = node.get("/Type")
    return kind == "/Page" or (kind is None and "/Kids" not in node)
