"""The limited child processes: progress, limits, and answers that cannot be trusted."""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, NameObject

from svc.pdf import Limits, PdfRefusedError, parse_pdf
from svc.pdf.child import share_of
from svc.pdf.model import PageResult, from_plain, plain
from svc.pdf.pages import read_page
from svc.pdf.text import PdfText
from tests.pdf.paper import page
from tests.pdf.samples import DATA, receipts_of, report_of

RECEIPTS = (DATA / "medium" / "receipts.pdf").read_bytes()
SMALL = (DATA / "small" / "receipts.pdf").read_bytes()


def children() -> set[int]:
    """Return the process ids of our living children."""
    me = os.getpid()
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == me:
            found.add(int(path.parent.name))
    return found


def pdf_of(contents: bytes, pages: int = 1) -> bytes:
    """Return a PDF whose pages all have this content stream."""
    writer = PdfWriter()
    for _ in range(pages):
        page = writer.add_blank_page(width=600, height=400)
        stream = DecodedStreamObject()
        stream.set_data(contents)
        page[NameObject("/Contents")] = writer._add_object(stream.flate_encode())
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_children_read_what_one_process_reads(processes: int) -> None:
    """However the pages are spread."""
    document = parse_pdf(RECEIPTS, "receipts", Limits(processes=processes, grace_seconds=120))
    assert document == receipts_of("medium/receipts.pdf")


def test_an_open_transaction_goes_over_the_border_of_two_children() -> None:
    """Every page in a process of its own gives the same report."""
    data = (DATA / "small" / "car.pdf").read_bytes()
    assert parse_pdf(data, "car", Limits(processes=7, grace_seconds=120)) == report_of(
        "small/car.pdf"
    )


@given(st.integers(1, 500), st.integers(1, 9))
def test_shares_are_the_whole_without_overlap(pages: int, shares: int) -> None:
    """Each page is read by exactly one child."""
    covered: list[int] = []
    for share in range(shares):
        first, last = share_of(pages, share, shares)
        covered += range(first, last + 1)
    assert covered == list(range(1, pages + 1))


def test_progress_grows_to_the_end() -> None:
    """Pages done and all pages (0 while nobody knows), never backwards."""
    seen: list[tuple[int, int]] = []
    parse_pdf(RECEIPTS, "receipts", progress=lambda done, pages: seen.append((done, pages)))
    assert seen == sorted(seen)
    assert seen[-1] == (600, 600)
    assert {pages for _, pages in seen} <= {0, 600}


def test_an_error_of_the_caller_ends_the_children() -> None:
    """A lost lease raises from the callback and leaves no process behind."""
    before = children()

    def lost(_done: int, _pages: int) -> None:
        raise ConnectionError("lease lost")

    with pytest.raises(ConnectionError):
        parse_pdf(RECEIPTS, "receipts", progress=lost)
    assert children() <= before


def test_a_killed_child_is_a_refusal() -> None:
    """Kill -9 of a child while it reads never gives half a document, and no sibling stays."""
    before = children()

    def kill(_done: int, _pages: int) -> None:
        for child in children() - before:
            os.kill(child, signal.SIGKILL)

    with pytest.raises(PdfRefusedError) as caught:
        parse_pdf(RECEIPTS, "receipts", Limits(processes=2), kill)
    assert (caught.value.code, caught.value.may_pass) == ("gave_up", True)
    assert children() <= before


def test_size_and_pages_are_bounded() -> None:
    """Just inside is read, just outside refused with both numbers."""
    assert parse_pdf(SMALL, "receipts", Limits(maximum_pages=25, maximum_bytes=len(SMALL)))
    with pytest.raises(PdfRefusedError, match="25 pages; 24 are allowed") as caught:
        parse_pdf(SMALL, "receipts", Limits(maximum_pages=24))
    assert caught.value.code == "too_many_pages"
    with pytest.raises(PdfRefusedError) as caught:
        parse_pdf(SMALL, "receipts", Limits(maximum_bytes=len(SMALL) - 1))
    assert caught.value.code == "too_large"


SLOW = pdf_of(b"q 1 0 0 1 0 0 cm Q\n" * 1_000_000, pages=16)


def test_processor_time_ends_a_file_that_takes_too_much() -> None:
    """The verdict is the file's, and is no other on another day."""
    with pytest.raises(PdfRefusedError) as caught:
        parse_pdf(SLOW, "car", Limits(processes=1, grace_seconds=1.0, page_seconds=0.0))
    assert (caught.value.code, caught.value.may_pass) == ("too_large", False)


def test_wall_time_is_never_a_verdict() -> None:
    """Out of patience is another try, whatever the file."""
    with pytest.raises(PdfRefusedError, match="Try again") as caught:
        parse_pdf(SLOW, "car", Limits(patience_seconds=0.0))
    assert (caught.value.code, caught.value.may_pass) == ("gave_up", True)


def test_a_child_that_waits_for_its_turn_is_not_judged() -> None:
    """Stopped for longer than the processor time it may use, it goes on and is read."""
    before = children()
    stopped: list[int] = []

    def hold(done: int, _pages: int) -> None:
        if not stopped and not done:
            stopped.extend(children() - before)
            for child in stopped:
                os.kill(child, signal.SIGSTOP)
            time.sleep(2.5)
            for child in stopped:
                os.kill(child, signal.SIGCONT)

    limits = Limits(processes=1, grace_seconds=2.0, page_seconds=0.0)
    assert parse_pdf(SMALL, "receipts", limits, hold) == receipts_of("small/receipts.pdf")


def test_too_little_memory_is_a_refusal() -> None:
    """What the operating system refuses to give ends as an answer, not as a traceback."""
    greedy = pdf_of(b"(" + b"x" * 60_000_000 + b") Tj")
    with pytest.raises(PdfRefusedError) as caught:
        parse_pdf(greedy, "car", Limits(address_space=160 * 2**20))
    assert caught.value.code in {"too_large", "damaged_pdf"}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_child_can_reach_nothing() -> None:
    """No new privileges, a filter of system calls, and in it no socket and no other program."""
    seen: list[str] = []

    def look(_done: int, _pages: int) -> None:
        for child in children():
            with contextlib.suppress(OSError):
                seen.append((Path("/proc") / str(child) / "status").read_text())

    parse_pdf(RECEIPTS, "receipts", Limits(processes=1), look)
    assert seen
    assert [each for each in seen if "NoNewPrivs:\t1" in each and "Seccomp:\t2" in each]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such a filter")
@pytest.mark.parametrize(
    "act",
    [
        "socket.socket()",
        "socket.socket(socket.AF_UNIX)",
        "socket.socketpair()",
        "os.execv('/bin/true', ['true'])",
        "subprocess.run(['true'])",
    ],
)
def test_a_confined_process_has_no_network_and_starts_nothing(act: str) -> None:
    """Each of these works before and fails after."""
    code = "import os, socket, subprocess\nfrom svc.pdf.limits import apply_limits\n"
    for confined in ("", "apply_limits(2**40, 2**40, 60)\n"):
        done = subprocess.run(
            [sys.executable, "-c", f"{code}{confined}{act}"],
            capture_output=True,
            text=True,
            check=False,
            cwd=DATA.parents[1],
        )
        assert (done.returncode != 0) == bool(confined), done.stderr
        assert not confined or "PermissionError" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_child_knows_no_secret_of_the_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connection strings and tokens stay out of the process that reads strange bytes."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody:secret@somewhere/db")
    seen: list[str] = []

    def look(_done: int, _pages: int) -> None:
        for child in children():
            with contextlib.suppress(OSError):
                seen.append((Path("/proc") / str(child) / "environ").read_text())

    parse_pdf(RECEIPTS, "receipts", Limits(processes=1), look)
    assert seen
    assert not [each for each in seen if "secret" in each]


def answering(messages: list[Any]) -> str:
    """Return a program that writes these messages and ends."""
    return f"import sys\nsys.stdout.write({''.join(json.dumps(m) + chr(10) for m in messages)!r})"


PAGE = plain(read_page(1, page([[(0, "Employee ID:"), (90, "1")]])))
ONE = {"pages": 1, "warnings": []}
DONE = {"done": True}


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [DONE],
        [ONE, DONE],
        [ONE | {"pages": 0}, DONE],
        [ONE, {"page": PAGE}],
        [ONE, {"page": PAGE}, {"page": PAGE}, DONE],
        [ONE, {"page": PAGE | {"page": 2}}, DONE],
        [ONE, {"page": PAGE | {"text": 7}}, DONE],
        [ONE, {"page": PAGE | {"kind": "invoice"}}, DONE],
        [ONE, {"page": PAGE | {"more": 1}}, DONE],
        [ONE | {"pages": True}, {"page": PAGE}, DONE],
        [ONE | {"warnings": None}, {"page": PAGE}, DONE],
        [{"refused": ["no_such_code", "…"]}],
        ["text"],
        [[1]],
    ],
    ids=str,
)
def test_nonsense_of_a_child_is_a_refusal(
    messages: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a child that was taken over says, the parent keeps to the contract."""
    real = subprocess.Popen

    def fake(_command: list[str], **options: Any) -> Any:  # noqa: ANN401
        return real([sys.executable, "-c", answering(messages)], **options)

    monkeypatch.setattr(subprocess, "Popen", fake)
    with pytest.raises(PdfRefusedError) as caught:
        parse_pdf(SMALL, "receipts")
    assert caught.value.code == "damaged_pdf"


def test_rows_survive_the_way_through_json() -> None:
    """`from_plain` is the reverse of `plain` for every page of the samples."""
    for path in ("medium/car.pdf", "small/receipts.pdf"):
        text = PdfText(io.BytesIO((DATA / path).read_bytes()), 1000)
        for number, rows, warnings in text.pages(1, text.page_count):
            result = read_page(number, rows, warnings)
            assert from_plain(PageResult, json.loads(json.dumps(plain(result)))) == result


def test_an_order_is_refused_without_a_file() -> None:
    """An empty input ends in an answer too."""
    order = '{"share":0,"shares":1,"maximum_pages":9,"address_space":805306368,'
    order += '"resident":503316480,"cpu_seconds":9,"grace_seconds":8.0,"page_seconds":0.25}'
    done = subprocess.run(
        [sys.executable, "-m", "svc.pdf", order],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
        cwd=DATA.parents[1],
    )
    assert json.loads(done.stdout)["refused"][0] == "empty_file"
    assert done.stderr == b""
