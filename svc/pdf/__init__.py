"""Bytes of the two PDF reports to plain rows; knows neither HTTP nor SQL.

`parse_pdf` reads a document in limited child processes; `parse_here` reads one in this process,
for files known to be harmless. Rows: `svc.pdf.model`. Layouts: docs/formats.md 1 and 2.
"""

from svc.pdf.documents import build_document
from svc.pdf.limits import Limits
from svc.pdf.model import PARSER_VERSION, Document, Kind, ReceiptsDocument, ReportDocument, plain
from svc.pdf.parent import parse_here, parse_pdf
from svc.pdf.refusals import PdfRefusedError

__all__ = [
    "PARSER_VERSION",
    "Document",
    "Kind",
    "Limits",
    "PdfRefusedError",
    "ReceiptsDocument",
    "ReportDocument",
    "build_document",
    "parse_here",
    "parse_pdf",
    "plain",
]
