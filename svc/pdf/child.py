"""The limited child process: reads some pages of the PDF on its standard input, answers in JSON.

One JSON object a line: `{"pages": 178, "warnings": []}` first, `{"page": {...}}` for each page of
its share, `{"done": true}` last; or `{"refused": [code, message]}` and nothing more. Started by
`parent.py` as `python -m svc.pdf '{...}'`, the `ChildOrder` as JSON.
"""

import json
import mmap
import os
import sys
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, cast

from svc.pdf.cells import Rows
from svc.pdf.limits import allow_processor_time, apply_limits
from svc.pdf.model import PageResult, plain
from svc.pdf.pages import read_page
from svc.pdf.refusals import EMPTY_FILE, PdfRefusedError
from svc.pdf.text import PdfText, refusal_of

_PAGES_A_STEP: Final = 16
"""Pages after which the processor time is raised by what they may cost."""


@dataclass(frozen=True, slots=True)
class ChildOrder:
    """What one child is to do: its share of the pages, and its bounds."""

    share: int
    shares: int
    maximum_pages: int
    address_space: int
    resident: int
    cpu_seconds: int
    grace_seconds: float
    page_seconds: float


def share_of(pages: int, share: int, shares: int) -> tuple[int, int]:
    """Return first and last page (from 1) of a share; last is before first when it is empty."""
    return pages * share // shares + 1, pages * (share + 1) // shares


def main() -> None:
    """Carry out the order in the first argument; never raises, never prints anything else."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    order = ChildOrder(**json.loads(sys.argv[1]))
    apply_limits(order.address_space, order.resident, order.cpu_seconds)
    allow_processor_time(order.grace_seconds)
    try:
        _answer(order, answers)
    except BrokenPipeError:
        os._exit(1)
    except BaseException as error:  # the border no error of a file may cross
        refusal = refusal_of(error, None)
        _send(answers, {"refused": [refusal.code, refusal.message]})
    answers.flush()
    os._exit(0)


def _answer(order: ChildOrder, answers: Any) -> None:  # noqa: ANN401 - a text stream
    """Read the share and send each page as it is done."""
    document = PdfText(_standard_input(), order.maximum_pages)
    _send(answers, {"pages": document.page_count, "warnings": document.warnings})
    first, last = share_of(document.page_count, order.share, order.shares)
    for number, rows, warnings in document.pages(first, last):
        done = number - first
        if done % _PAGES_A_STEP == 0:
            allow_processor_time(order.grace_seconds + done * order.page_seconds)
        _send(answers, {"page": plain(read_or_report(number, rows, warnings))})
    _send(answers, {"done": True})


def read_or_report(number: int, rows: Rows, warnings: tuple[str, ...]) -> PageResult:
    """Return the page as read; a defect of ours makes that page unread and stops no other."""
    try:
        return read_page(number, rows, warnings)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        reason = f"this program failed on the page ({type(error).__name__})"
        return PageResult(number, "other", "", unread_reason=reason)


def _standard_input() -> BinaryIO:
    """Return the file on descriptor 0, mapped: children share its pages and no file position."""
    if os.fstat(0).st_size == 0:
        raise PdfRefusedError(EMPTY_FILE, "The file is empty.")
    return cast("BinaryIO", mmap.mmap(0, 0, access=mmap.ACCESS_READ))


def _send(answers: Any, message: dict[str, Any]) -> None:  # noqa: ANN401 - a text stream
    """Write one message and let the parent see it."""
    answers.write(json.dumps(message, ensure_ascii=True, separators=(",", ":")) + "\n")
    answers.flush()
