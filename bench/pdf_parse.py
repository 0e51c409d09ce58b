"""Pages per second from bytes to rows, beside pypdf's bare `extract_text` on the same pages.

`python -m bench.pdf_parse [--runs N] [car.pdf receipts.pdf]`; without files the medium sample is
repeated to 210 report pages and 3,000 receipts. Prints a Markdown table of medians.
"""

import argparse
import io
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from pypdf import PdfReader, PdfWriter

from svc.pdf import Kind, Limits, parse_here, parse_pdf

SAMPLE: Final = Path(__file__).parents[1] / "tests" / "data" / "medium"
REPEATS: Final[dict[Kind, int]] = {"car": 3, "receipts": 5}


def repeated(kind: Kind) -> bytes:
    """Return the pages of the medium sample several times over, summary pages last."""
    writer = PdfWriter()
    path = SAMPLE / f"{kind}.pdf"
    pages = len(PdfReader(path).pages) - (kind == "car")
    for _ in range(REPEATS[kind]):
        writer.append(path, pages=(0, pages))
    if kind == "car":
        writer.append(path, pages=(pages, pages + 1))
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def bare(data: bytes) -> None:
    """Do what pypdf alone would: the plain text of every page."""
    for page in PdfReader(io.BytesIO(data)).pages:
        page.extract_text()


def seconds(work: Callable[[], object], runs: int) -> float:
    """Return the median duration of some work."""
    durations = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        durations.append(time.perf_counter() - started)
    return statistics.median(durations)


def measure(kind: Kind, data: bytes, runs: int) -> list[str]:
    """Return the rows of the table for one document."""
    pages = len(PdfReader(io.BytesIO(data)).pages)
    works: dict[str, Callable[[], object]] = {
        "bare `extract_text`": lambda: bare(data),
        "rows, this process": lambda: parse_here(data, kind),
        "rows, one limited child": lambda: parse_pdf(data, kind, Limits(processes=1)),
        "rows, two limited children": lambda: parse_pdf(data, kind, Limits(processes=2)),
    }
    rows = []
    floor = 0.0
    for name, work in works.items():
        took = seconds(work, runs)
        floor = floor or took
        rows.append(
            f"| {kind} | {pages} | {name} | {took:.2f} | {pages / took:.0f} | {took / floor:.2f} |"
        )
    return rows


def main() -> None:
    """Measure both documents and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="car.pdf receipts.pdf")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    kinds: tuple[Kind, Kind] = ("car", "receipts")
    rows = [
        "| Document | Pages | Work | Seconds | Pages/s | Of bare |",
        "|---|---|---|---|---|---|",
    ]
    for place, kind in enumerate(kinds):
        data = arguments.files[place].read_bytes() if arguments.files else repeated(kind)
        rows += measure(kind, data, arguments.runs)
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    rows.append(f"\nLargest child: {largest} MiB resident.")
    sys.stdout.write("\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
