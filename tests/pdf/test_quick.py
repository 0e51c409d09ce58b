"""The quick reading of simple pages gives the lines of pypdf's plain text, or gives up."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
)

from svc.pdf.quick import QuickText
from tests.pdf.samples import DATA


def lines(text: str) -> list[str]:
    """Return the lines of a text without blanks at their ends, and no blank ones."""
    return [line.strip() for line in text.split("\n") if line.strip()]


def document(contents: bytes) -> PdfReader:
    """Return a one-page document with this content stream and three fonts."""
    writer = PdfWriter()
    page = writer.add_blank_page(width=600, height=400)
    stream = DecodedStreamObject()
    stream.set_data(contents)
    fonts = DictionaryObject()
    for name, base in (("/F1", "/Helvetica"), ("/F2", "/Courier-Bold")):
        font = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject(base),
                NameObject("/Encoding"): NameObject("/WinAnsiEncoding"),
            }
        )
        fonts[NameObject(name)] = writer._add_object(font)
    encoding = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Encoding"),
            NameObject("/Differences"): ArrayObject(
                [NumberObject(65), NameObject("/eacute"), NameObject("/B"), NameObject("/fi")]
            ),
        }
    )
    special = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Times-Roman"),
            NameObject("/Encoding"): encoding,
        }
    )
    fonts[NameObject("/F3")] = writer._add_object(special)
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    page[NameObject("/Contents")] = writer._add_object(stream)
    buffer = io.BytesIO()
    writer.write(buffer)
    return PdfReader(buffer)


NUMBERS = st.sampled_from(["0", "1", "-1", "12", "6.5", "-12", ".5", "40", "7.999"])
CELLS = st.sampled_from(
    ["(ABC)", "(a b)", "( )", r"(x\(y\)z)", r"(\351\101B)", "<414243>", "<4 1 9>", "(caf\xe9)"]
)
STRINGS = st.one_of(CELLS, st.sampled_from(["()", r"(\\n\n)", "($1.00)", "(A\\\nB)"]))
OPERATIONS = st.one_of(
    st.builds("1 0 0 1 {} {} Tm".format, NUMBERS, NUMBERS),
    st.builds("{0} 0 0 {0} {1} {2} Tm".format, st.sampled_from(["1", "2", ".5"]), NUMBERS, NUMBERS),
    st.builds("{} {} Td".format, NUMBERS, NUMBERS),
    st.builds("{} {} TD".format, NUMBERS, NUMBERS),
    st.builds("{} TL".format, NUMBERS),
    st.builds("{} Tj T*".format, STRINGS),
    st.builds("{} Tj".format, STRINGS),
    st.builds("{} '".format, STRINGS),
    st.builds("[{} {} {}] TJ".format, STRINGS, NUMBERS, STRINGS),
    st.builds(
        "/{} {} Tf".format, st.sampled_from(["F1", "F2", "F3"]), st.sampled_from(["1", "8", "12"])
    ),
    st.sampled_from(
        ["T*", "ET BT", "q", "Q", ".5 g", "1 0 0 1 5 9 cm", "2 0 0 2 0 0 cm", "0 1 -1 0 0 0 cm"]
    ),
    st.sampled_from(
        ["/Span <</MCID 0>> BDC", "EMC", "2 Tc", "0 0 9 9 re f*", "% note\n", "/None Do"]
    ),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(OPERATIONS, max_size=25))
def test_simple_or_not_the_lines_are_those_of_pypdf(operations: list[str]) -> None:
    """Whatever the stream holds: the same lines, or None."""
    stream = "\n".join(["BT", "/F1 10 Tf", *operations, "ET"]).encode("latin-1")
    (page,) = document(stream).pages
    quick = QuickText().text_of(page)
    if quick is not None:
        assert lines(quick) == lines(page.extract_text())


ROWS = st.lists(
    st.tuples(st.integers(0, 500), st.integers(0, 60), CELLS, st.sampled_from(["F1", "F2", "F3"])),
    max_size=20,
)


@settings(max_examples=80, deadline=None)
@given(ROWS)
def test_cells_that_end_their_line_are_always_simple(rows: list[tuple[int, int, str, str]]) -> None:
    """As the reports write them: one text operation a cell, each followed by a new line."""
    stream = "\n".join(
        f"BT /{font} 7 Tf 9 TL 1 0 0 1 {x} {12 * y} Tm {string} Tj T* ET"
        for x, y, string, font in rows
    ).encode("latin-1")
    (page,) = document(stream).pages
    quick = QuickText().text_of(page)
    assert quick is not None
    assert lines(quick) == lines(page.extract_text())


@pytest.mark.parametrize("path", ["small/car.pdf", "small/receipts.pdf", "medium/car.pdf"])
def test_all_pages_of_the_samples_are_simple(path: str) -> None:
    """And read alike."""
    quick = QuickText()
    for page in PdfReader(DATA / path).pages:
        text = quick.text_of(page)
        assert text is not None
        assert lines(text) == lines(page.extract_text())


@pytest.mark.parametrize(
    "contents",
    [
        b"BT /F1 9 Tf 1 0 0 1 0 0 Tm (one) Tj 1 0 0 1 90 0 Tm (two) Tj ET",
        b"BT /F1 9 Tf 1 0 0 1 0 0 Tm [(one) -900 (two)] TJ ET",
        b"BT /F1 9 Tf 0 1 -1 0 0 0 Tm (turned) Tj ET",
        b"BT /F9 9 Tf 1 0 0 1 0 0 Tm (no font) Tj ET",
        b"BT /F1 9 Tf 1 0 0 1 0 0 Tm (open Tj ET",
        b"BI /W 1 ID x EI BT /F1 9 Tf 1 0 0 1 0 0 Tm (x) Tj ET",
    ],
)
def test_what_widths_or_rare_things_decide_is_left_to_pypdf(contents: bytes) -> None:
    """Cells side by side without a new line, gaps in a string, turned text, damage."""
    (page,) = document(contents).pages
    assert QuickText().text_of(page) is None
