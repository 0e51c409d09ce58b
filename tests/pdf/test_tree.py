"""Pages are found by their numbers in any tree, and trees that contradict themselves are damage."""

import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NullObject,
    NumberObject,
)

from svc.pdf import PdfRefusedError
from svc.pdf.text import PdfText
from svc.pdf.tree import PageTree

SHAPES: st.SearchStrategy[Any] = st.recursive(
    st.just("page"), lambda kids: st.lists(kids, min_size=1, max_size=4), max_leaves=12
).filter(lambda shape: shape != "page")
"""A list is a node, its members are its children."""


def pages_in(shape: Any) -> int:  # noqa: ANN401 - a tree of lists
    """Return how many pages a tree has."""
    return 1 if shape == "page" else sum(map(pages_in, shape))


def document(shape: Any, count: int | None = None) -> bytes:  # noqa: ANN401 - a tree of lists
    """Return a PDF with this tree, whose root says it has `count` pages."""
    writer = PdfWriter()

    def node(shape: Any) -> IndirectObject:  # noqa: ANN401 - a tree of lists
        made: dict[str, Any]
        if shape == "page":
            made = {"/Type": NameObject("/Page"), "/MediaBox": ArrayObject([NumberObject(9)] * 4)}
        else:
            kids = [node(kid) if kid != "nothing" else NullObject() for kid in shape]
            pages = NumberObject(sum(pages_in(kid) for kid in shape if kid != "nothing"))
            resources = DictionaryObject({NameObject("/Marks"): NumberObject(len(shape))})
            made = {"/Type": NameObject("/Pages"), "/Kids": ArrayObject(kids), "/Count": pages}
            if len(shape) > 1:
                made["/Resources"] = resources
        found = DictionaryObject({NameObject(name): value for name, value in made.items()})
        return writer._add_object(found)

    root = node(shape)
    if count is not None:
        top = root.get_object()
        assert isinstance(top, DictionaryObject)
        top[NameObject("/Count")] = NumberObject(count)
    writer.root_object[NameObject("/Pages")] = root
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def tree_of(data: bytes) -> tuple[PageTree, PdfReader]:
    """Return the tree of a PDF and the library's reader of it."""
    reader = PdfReader(io.BytesIO(data))
    return PageTree(reader.root_object["/Pages"]), reader


def read_all(data: bytes) -> None:
    """Read all pages of a PDF."""
    text = PdfText(io.BytesIO(data), 100)
    for _ in text.pages(1, text.page_count):
        pass


@settings(max_examples=60, deadline=None)
@given(SHAPES, st.booleans())
def test_any_tree_gives_its_pages(shape: Any, backwards: bool) -> None:  # noqa: ANN401
    """The library's pages with their resources, whichever is asked for first."""
    tree, reader = tree_of(document(shape))
    assert tree.said == tree.count == len(reader.pages)
    numbers = range(1, tree.count + 1)
    for number in reversed(numbers) if backwards else numbers:
        page, resources = tree.page(number)
        wanted = reader.pages[number - 1]
        assert page.indirect_reference == wanted.indirect_reference
        assert page.get("/Resources", resources) == wanted.get("/Resources")


@pytest.mark.parametrize(
    ("shape", "count"),
    [
        (["page", "page"], 3),
        (["page", "page"], 1),
        (["page", "nothing"], 2),
        ([["page", "page"], ["page"]], 2),
        ([["page", "page"], "nothing"], 2),
        ([["page"], ["page", "page"], "page"], 3),
    ],
)
def test_a_tree_that_contradicts_itself_is_damage(shape: list[Any], count: int) -> None:
    """More pages are promised than are there, or fewer; some page is the one that shows it."""
    with pytest.raises(PdfRefusedError) as caught:
        read_all(document(shape, count))
    assert caught.value.code == "damaged_pdf"


def test_an_entry_that_is_nothing_is_no_page() -> None:
    """It is passed over where the count says so."""
    tree, _ = tree_of(document(["page", "nothing", "page"]))
    assert tree.count == 2
    assert tree.page(2)[0].get("/Type") == "/Page"


def test_a_tree_without_end_is_damage() -> None:
    """A node that is its own only child."""
    writer = PdfWriter(clone_from=io.BytesIO(document(["page"])))
    root = writer.root_object["/Pages"]
    assert isinstance(root, DictionaryObject)
    root[NameObject("/Kids")] = ArrayObject([writer.root_object.raw_get("/Pages")])
    with pytest.raises(ValueError, match="without end"):
        PageTree(root).page(1)
