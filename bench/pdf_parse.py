"""Pages per second from bytes to rows, beside pypdf's bare `extract_text` on the same pages.

`python -m bench.pdf_parse [--runs N] [--beside FOLDER] [car.pdf receipts.pdf]`; without files the
medium sample is repeated to 257 report pages and 3,000 receipts. Prints a Markdown table of
medians; with `--beside`, of the processor seconds of two limited children here and in another
checkout, in turn, the best of all runs.
"""

import argparse
import io
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from pypdf import PdfReader, PdfWriter

from svc.pdf import Kind, Limits, parse_here, parse_pdf

SAMPLE: Final = Path(__file__).parents[1] / "tests" / "data" / "medium"
PAGES: Final[dict[Kind, int]] = {"car": 257, "receipts": 3000}
ROOT: Final = Path(__file__).parents[1]
CHILDREN: Final = """
import dataclasses, resource, sys
from svc.pdf import Limits, parse_pdf
times = [each.name for each in dataclasses.fields(Limits) if each.name.endswith("_seconds")]
with open(sys.argv[2], "rb") as file:
    parse_pdf(file, sys.argv[1], Limits(processes=2, **dict.fromkeys(times, 3000)))
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime)
"""
"""Reads a document in the checkout it is started in, without haste; tells what children used."""


def repeated(kind: Kind) -> bytes:
    """Return the pages of the medium sample several times over, summary pages last."""
    writer = PdfWriter()
    path = SAMPLE / f"{kind}.pdf"
    pages = len(PdfReader(path).pages) - (kind == "car")
    last = kind == "car"
    wanted = PAGES[kind] - last
    for start in range(0, wanted, pages):
        writer.append(path, pages=(0, min(pages, wanted - start)))
    if last:
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


def compare(documents: dict[Kind, bytes], other: Path, runs: int) -> list[str]:
    """Return the rows of the table of both checkouts."""
    rows = []
    whole = {ROOT: 0.0, other: 0.0}
    with tempfile.TemporaryDirectory() as folder:
        for kind, data in documents.items():
            path = Path(folder) / f"{kind}.pdf"
            path.write_bytes(data)
            best = dict.fromkeys(whole, float("inf"))
            for _ in range(runs):
                for root in whole:
                    command = [sys.executable, "-c", CHILDREN, kind, str(path)]
                    used = subprocess.run(command, check=True, capture_output=True, cwd=root)
                    best[root] = min(best[root], float(used.stdout))
            rows.append(_compared(kind, best[other], best[ROOT]))
            whole = {root: seconds + best[root] for root, seconds in whole.items()}
    return [*rows, _compared("both", whole[other], whole[ROOT])]


def _compared(name: str, there: float, here: float) -> str:
    """Return a row: the document, the seconds there and here, and their ratio."""
    return f"| {name} | {there:.2f} | {here:.2f} | {here / there:.2f} |"


def main() -> None:
    """Measure both documents and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="car.pdf receipts.pdf")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--beside", type=Path, help="another checkout")
    arguments = parser.parse_args()
    kinds: tuple[Kind, Kind] = ("car", "receipts")
    documents = {
        kind: arguments.files[place].read_bytes() if arguments.files else repeated(kind)
        for place, kind in enumerate(kinds)
    }
    if arguments.beside:
        heads = ["| Document | There s | Here s | Ratio |", "|---|---|---|---|"]
        rows = [*heads, *compare(documents, arguments.beside.resolve(), arguments.runs)]
        sys.stdout.write("\n".join(rows) + "\n")
        return
    rows = [
        "| Document | Pages | Work | Seconds | Pages/s | Of bare |",
        "|---|---|---|---|---|---|",
    ]
    for kind, data in documents.items():
        rows += measure(kind, data, arguments.runs)
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    rows.append(f"\nLargest child: {largest} MiB resident.")
    sys.stdout.write("\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
