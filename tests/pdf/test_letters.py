"""Texts of which two letters are looked at are read as if all of them were."""

import io
from itertools import pairwise

import pypdfium2.raw as pdfium
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from svc.pdf.cells import Cell
from svc.pdf.letters import Letters
from svc.pdf.text import PdfText
from tests.pdf.samples import DATA

FONTS = {"F1": "Helvetica", "F2": "Helvetica-Bold", "F3": "Times-Italic", "F4": "Courier"}
AGAIN = "BT /F1 9 Tf 40 700 Td (Office chair 1,234,567.89 03/24/2025) Tj ET\n"
"""A text from which the widths of its letters are learnt."""


def document(*contents: str) -> bytes:
    """Return a PDF with these operators on its pages."""
    writer = PdfWriter()
    fonts = DictionaryObject()
    for name, base in FONTS.items():
        font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": f"/{base}"}
        fonts[NameObject(f"/{name}")] = DictionaryObject(
            {NameObject(key): NameObject(value) for key, value in font.items()}
        )
    for content in contents:
        page = writer.add_blank_page(612, 792)
        stream = DecodedStreamObject()
        stream.set_data(content.encode("latin-1"))
        page[NameObject("/Contents")] = writer._add_object(stream)
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def both_ways(data: bytes) -> list[tuple[list[Cell], list[Cell]]]:
    """Return the runs of each page, read by two letters a text and by all."""
    handle = pdfium.FPDF_LoadMemDocument64(data, len(data), None)
    quick, whole = Letters(), Letters(lessons=0)
    found = []
    for number in range(pdfium.FPDF_GetPageCount(handle)):
        page = pdfium.FPDF_LoadPage(handle, number)
        found.append((quick.runs(page), whole.runs(page)))
        pdfium.FPDF_ClosePage(page)
    pdfium.FPDF_CloseDocument(handle)
    return found


def check_same(data: bytes) -> None:
    """Check that both ways of reading give the same runs at the same places."""
    for quick, whole in both_ways(data):
        assert quick
        assert [run.text for run in quick] == [run.text for run in whole]
        for one, other in zip(quick, whole, strict=True):
            assert (one.x, one.right, one.y, one.size) == pytest.approx(
                (other.x, other.right, other.y, other.size), abs=0.01
            )
            assert one.starts == pytest.approx(other.starts, abs=0.08 * one.size)


def texts(data: bytes) -> list[list[str]]:
    """Return the texts of the cells of each page."""
    document = PdfText(io.BytesIO(data), 100)
    pages = document.pages(1, document.page_count)
    return [[cell.text for row in rows for cell in row] for _, rows, _ in pages]


@pytest.mark.parametrize("kind", ["car", "receipts"])
def test_the_sample_is_read_the_same(kind: str) -> None:
    """All its pages."""
    check_same((DATA / "small" / f"{kind}.pdf").read_bytes())


STATES = st.sampled_from(
    ["0 Tc", "0.3 Tc", "4 Tc", "-1 Tc", "0 Tw", "3 Tw", "80 Tz", "100 Tz", "4 Ts", "0 Ts"]
)
PIECES = st.tuples(
    st.sampled_from(sorted(FONTS)),
    st.sampled_from([6.6, 9, 9.5]),
    st.lists(STATES, max_size=2),
    st.sampled_from(["Office", " chair", "1,234.00", "03/24/2025", "Ave. 7", "  two", "fjord"]),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.lists(PIECES, min_size=1, max_size=5), min_size=1, max_size=4))
def test_fonts_and_spacing_are_seen(lines: list[list[tuple[str, float, list[str], str]]]) -> None:
    """Several fonts of one height, spaced, scaled, raised, one behind the other in one line."""
    content = AGAIN
    for number, line in enumerate(lines):
        content += f"BT 0 Tc 0 Tw 100 Tz 0 Ts 40 {600 - 40 * number} Td\n"
        for font, size, states, text in line:
            content += f"/{font} {size} Tf {' '.join(states)} ({text}) Tj\n"
        content += "ET\n"
    check_same(document(content, content))


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([["12", "3", "456", "78", "9.00"], ["1", ",", "2", "34", ".", "56"]]).flatmap(
        lambda parts: st.permutations(list(enumerate(parts)))
    )
)
@example([(0, "12"), (2, "456"), (1, "3"), (3, "78"), (4, "9.00")])
def test_an_array_that_jumps_is_read_as_it_is_shown(order: list[tuple[int, str]]) -> None:
    """The parts of an amount in any order at their places, by one operator."""
    parts = [text for _, text in sorted(order)]
    widths = [sum(278 if letter in ".," else 556 for letter in part) for part in parts]
    places = [sum(widths[:n]) for n in range(len(parts))]
    array, pen = "", 0
    for each, text in order:
        array += f"{pen - places[each]} ({text}) "
        pen = places[each] + widths[each]
    data = document(f"{AGAIN}BT /F1 9 Tf 40 600 Td [{array}] TJ ET")
    check_same(data)
    if min(map(len, parts)) < min(widths) / 500:
        assert texts(data) == [["Office chair 1,234,567.89 03/24/2025", "".join(parts)]]


def test_what_is_read_twice_is_at_the_same_places() -> None:
    """Starts grow from left to right, also where a letter hangs over."""
    for quick, _ in both_ways(document(AGAIN, AGAIN)):
        for run in quick:
            assert all(before < after for before, after in pairwise(run.starts))
