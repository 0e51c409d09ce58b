"""What the tests of the PDF reader share: the sample documents and their truth."""

import functools
import json
from pathlib import Path
from typing import Any, Final

from svc.pdf import ReceiptsDocument, ReportDocument, parse_here

DATA: Final = Path(__file__).parents[1] / "data"


@functools.cache
def truth(sample: str) -> Any:  # noqa: ANN401 - JSON
    """Return the `expected.json` of a sample."""
    return json.loads((DATA / sample / "expected.json").read_text(encoding="utf-8"))


@functools.cache
def report_of(path: str) -> ReportDocument:
    """Return a PDF below the test data as an activity report."""
    document = parse_here((DATA / path).read_bytes(), "car")
    assert isinstance(document, ReportDocument)
    return document


@functools.cache
def receipts_of(path: str) -> ReceiptsDocument:
    """Return a PDF below the test data as receipts."""
    document = parse_here((DATA / path).read_bytes(), "receipts")
    assert isinstance(document, ReceiptsDocument)
    return document
