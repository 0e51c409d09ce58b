"""Old results beside the month their PDFs became: explained whole, or named where they are not."""

from __future__ import annotations

import copy
import io
import json
import uuid
from collections import Counter
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from tests.intake.conftest import DATA

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.intake.conftest import Answer, Office

Old = dict[str, Any]

IN_USE = {"activity.json": "by_code", "activity_by_id.json": "by_id"}

# Places of each deviation in the samples, by shape.
SMALL = {
    "gross_not_net": 1,
    "cut_address": 24,
    "label_as_purpose": 2,
    "part_code": 1,
    "never_mismatch": 2,
}
PLACES = {
    ("small", "activity.json"): SMALL,
    ("small", "activity_by_id.json"): {**SMALL, "csv_first_card": 2, "csv_pay_type": 10},
    ("medium", "activity.json"): {
        "masked_card": 22,
        "gross_not_net": 11,
        "negative_total": 2,
        "last_card": 1,
        "address_as_amount": 10,
        "cut_address": 581,
        "empty_title": 24,
        "label_as_purpose": 206,
        "part_code": 13,
        "two_attachments": 13,
        "duplicate_page": 3,
        "never_mismatch": 9,
    },
    ("medium", "activity_by_id.json"): {
        "masked_card": 22,
        "gross_not_net": 11,
        "negative_total": 2,
        "last_card": 1,
        "address_as_amount": 10,
        "cut_address": 578,
        "empty_title": 24,
        "label_as_purpose": 205,
        "part_code": 13,
        "two_attachments": 13,
        "duplicate_page": 3,
        "never_mismatch": 9,
        "csv_first_card": 40,
        "csv_pay_type": 233,
    },
}

# Wrong totals of the card report, of the receipts, and those that differ as printed.
FIGURES = {"small": (1, 0, 2), "medium": (35, 10, 12)}


@pytest.fixture(scope="module")
def medium(shared_office: Office) -> str:
    """Return the session of the sample of sixty people."""
    shared_office.approve_aliases("medium")
    return shared_office.import_sample("medium")


def compare(
    office: Office,
    session: str,
    content: bytes | Old,
    csv: bytes = b"",
    *,
    book: bytes = b"",
    **said: str,
) -> Answer:
    """Hand in an old result, perhaps with its accounting import and its workbook."""
    body = content if isinstance(content, bytes) else json.dumps(content, indent=2).encode()
    boundary = uuid.uuid4().hex
    parts = b""
    for name, data in (("activity", body), ("import_csv", csv), ("workbook", book)):
        if not data:
            continue
        head = f'Content-Disposition: form-data; name="{name}"; filename="{name}"'
        parts += b"--%b\r\n%b\r\n\r\n%b\r\n" % (boundary.encode(), head.encode(), data)
    for name, value in {"same_files": "true", "shape_in_use": "by_code", **said}.items():
        field = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        parts += field.encode()
    parts += f"--{boundary}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    return office.call("POST", f"/sessions/{session}/old-results", parts, **kind)


def roots(office: Office, run: str) -> list[dict[str, Any]]:
    """Return what nothing explains and follows from nothing else."""
    path = f"/parallel-runs/{run}/differences?unexplained=true"
    found: list[dict[str, Any]] = office.call("GET", path).json["items"]
    return found


@pytest.fixture(scope="module")
def sessions(shared_office: Office, medium: str) -> dict[str, str]:
    """Return the session of each sample."""
    return {"medium": medium, "small": shared_office.import_sample("small")}


@pytest.mark.parametrize(("sample", "file"), PLACES)
def test_sample_is_explained_whole(
    shared_office: Office, sessions: dict[str, str], sample: str, file: str
) -> None:
    """Both shapes: nothing unexplained, each kind as often as it is there, ledgers tie."""
    content = (DATA / sample / file).read_bytes()
    # Accounting import and workbook were made of the file by id.
    csv, book = (
        (DATA / sample / name).read_bytes() if "by_id" in file else b""
        for name in ("legacy_import.csv", "legacy_report.xlsx")
    )
    session = sessions[sample]
    answer = compare(shared_office, session, content, csv, book=book, shape_in_use=IN_USE[file])
    assert (answer.status, answer.json["verdict"]) == (201, "clean"), answer.body
    run = answer.json["run_id"]
    assert answer.headers["Location"] == f"/api/v1/parallel-runs/{run}"
    rows = shared_office.rows(
        "SELECT * FROM report.parallel_differences WHERE run_id = %s ORDER BY difference_number",
        run,
    )
    assert {row["class"] for row in rows} == {"known_deviation"}
    places = {(row["deviation_code"], row["person"], row["receipt"]) for row in rows
              if row["is_root"]}  # fmt: skip
    assert Counter(code for code, _, _ in places) == PLACES[sample, file]
    fields = Counter((row["field"], row["person"]) for row in rows if row["level"] == "person")
    (made,) = shared_office.rows("SELECT * FROM report.parallel_runs WHERE run_id = %s", run)
    assert FIGURES[sample] == (
        sum(field == "car_total" for field, _ in fields),
        sum(field == "rec_total" for field, _ in fields),
        made["figures"]["mismatches_as_printed"],
    )
    assert made["car_total_explained"] == made["car_total_old"] - made["car_total"]
    assert made["receipt_total_explained"] == made["receipt_total_old"] - made["receipt_total"]
    report = shared_office.call("GET", f"/parallel-runs/{run}/report")
    assert report.headers["Content-Type"].startswith("text/markdown")
    assert b"**Verdict: clean.**" in report.body
    kept = shared_office.rows(
        "SELECT count(*) FROM app.old_result_texts WHERE concat(content, csv_content) ~ '[0-9]{16}'"
    )
    assert kept == [{"count": 0}]


@pytest.fixture(scope="module")
def old() -> Old:
    """Return the old result of the sample."""
    found: Old = json.loads((DATA / "medium" / "activity.json").read_text())
    return found


def receipts(person: Old) -> list[Old]:
    """Return the receipts of a person in the shape by code."""
    return [one for of_code in person["receipts"].values() for one in of_code]


def first(old: Old, has: Callable[[Old], object]) -> Old:
    """Return the first person of the report with receipts of whom something holds."""
    return next(p for p in old.values() if p.get("receipts") and "employee_id" in p and has(p))


def one_cent(old: Old) -> None:
    """Raise an amount, and the total with it."""
    person = first(old, receipts)
    receipt = next(r for r in receipts(person) if r["amt"])
    receipt["amt"] = f"{float(receipt['amt']) + 0.01:.2f}"
    person["rec_total"] += 0.01


def one_receipt(old: Old, *, is_in_total: bool = False) -> None:
    """Lose a receipt."""
    person = first(old, lambda p: p["rec_page_range"][3:])
    lost = next(iter(person["receipts"].values())).pop(0)
    if not is_in_total:
        person["rec_total"] -= float(lost["amt"])


def in_total(old: Old) -> None:
    """Lose a receipt that the total still has."""
    one_receipt(old, is_in_total=True)


def one_code(old: Old) -> None:
    """Change a job, and the key it stands under."""
    person = first(old, lambda p: any(r["job"] for r in receipts(p)))
    code = next(r["job"] for r in receipts(person) if r["job"])
    moved = person["receipts"][code].pop(0)
    person["receipts"].setdefault("99999.", []).append({**moved, "job": "99999.", "phase": "1"})


def one_flag(old: Old) -> None:
    """Set a flag of a person who was finished."""
    person = first(old, lambda p: not any(p["flags"].values()))
    person["flags"]["missing_coding_info"] = True


def never_set(old: Old) -> None:
    """Set the flag that is never set, of a person whose masked card counts 0."""
    person = first(old, lambda p: "X" in p["card_no"] and p["car_total"] == 0)
    person["flags"]["total_mismatch"] = True


def masked_cent(old: Old) -> None:
    """Give a masked card, which counts 0, a cent."""
    first(old, lambda p: "X" in p["card_no"] and p["car_total"] == 0)["car_total"] = 0.01


def one_total(old: Old) -> None:
    """Change a total of receipts alone."""
    first(old, receipts)["rec_total"] += 5


def one_person(old: Old) -> None:
    """Lose a person with everything."""
    del old[first(old, receipts)["name"]]


PLANTED: dict[Callable[[Old], None], tuple[str, str]] = {
    one_cent: ("receipt", "amt"),
    one_receipt: ("receipt", "entry"),
    in_total: ("receipt", "entry"),
    one_code: ("receipt", "job"),
    one_flag: ("decision", "flags.missing_coding_info"),
    never_set: ("decision", "flags.total_mismatch"),
    masked_cent: ("person", "car_total"),
    one_total: ("person", "rec_total"),
    one_person: ("person", "entry"),
}


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_one_error_is_one_root(
    shared_office: Office, medium: str, old: Old, plant: Callable[[Old], None]
) -> None:
    """All else that differs follows from it."""
    wrong = copy.deepcopy(old)
    plant(wrong)
    answer = compare(shared_office, medium, wrong)
    assert (answer.json["verdict"], answer.json["roots_unexplained"]) == ("unexplained", 1)
    (root,) = roots(shared_office, answer.json["run_id"])
    assert (root["level"], root["field"]) == PLANTED[plant]


def test_wrong_cell_of_the_import_is_one_root(shared_office: Office, medium: str) -> None:
    """A cell, a lost line; what the file says wrong is told once, there."""
    content = (DATA / "medium" / "activity_by_id.json").read_bytes()
    csv = (DATA / "medium" / "legacy_import.csv").read_bytes()
    lines = csv.splitlines(keepends=True)
    for wrong, field in (
        (csv.replace(b",78.19,", b",78.20,", 1), "Transaction Amount"),
        (b"".join([lines[0], *lines[2:]]), "entry"),
        (csv.replace(b" 040125,04/01/2025,", b" 120199,12/01/1999,", 1), "Invoice Date"),
        (csv.replace(b" 040125,", b" 030125,", 1), "Invoice Date"),
    ):
        answer = compare(shared_office, medium, content, wrong)
        (root,) = roots(shared_office, answer.json["run_id"])
        assert root["field"] == field
    answer = compare(shared_office, medium, content, csv.replace(b",XX,", b",XX,YY,", 1))
    assert (answer.status, answer.json["code"]) == (400, "invalid_argument"), answer.body


def test_wrong_cell_of_the_workbook_is_one_root(shared_office: Office, medium: str) -> None:
    """A total, a word; what is no workbook is refused, and a kept one has no card number."""
    content = (DATA / "medium" / "activity_by_id.json").read_bytes()
    right = (DATA / "medium" / "legacy_report.xlsx").read_bytes()
    for sheet, cell, value, field in (
        ("Summary", "C2", 744.28, "Receipt Total"),
        ("Receipt Issue Details", "H2", "9999990000001193", "Status"),
    ):
        book = openpyxl.load_workbook(io.BytesIO(right))
        book[sheet][cell] = value
        stream = io.BytesIO()
        book.save(stream)
        answer = compare(shared_office, medium, content, book=stream.getvalue())
        (root,) = roots(shared_office, answer.json["run_id"])
        assert (root["level"], root["field"]) == ("workbook", field)
    kept = "SELECT count(*) FROM app.old_result_texts WHERE workbook_content ~ '[0-9]{16}'"
    assert shared_office.rows(kept) == [{"count": 0}]
    bad = compare(shared_office, medium, content, book=b"no workbook")
    assert (bad.status, bad.json["code"], bad.json["field"]) == (400, "not_a_workbook", "workbook")


def test_what_it_was_made_of_is_said(shared_office: Office, medium: str) -> None:
    """Not said, said by signature, by checksums that are right, by one that is not."""
    content = (DATA / "medium" / "activity.json").read_bytes()
    sums = {
        f"{row['kind'].removesuffix('_pdf')}_sha256": row["sha256"]
        for row in shared_office.rows(
            "SELECT kind, sha256 FROM report.documents WHERE session_id = %s", medium
        )
    }
    for said, verdict in (
        ({"same_files": "false"}, "source_unknown"),
        ({"same_files": "false", **sums}, "clean"),
        ({"same_files": "true", **sums, "car_sha256": "0" * 64}, "source_differs"),
    ):
        assert compare(shared_office, medium, content, **said).json["verdict"] == verdict, said
    bad = compare(shared_office, medium, content, car_sha256="0")
    assert (bad.status, bad.json["field"]) == (400, "car_sha256")


def test_file_of_another_month_is_refused(shared_office: Office, medium: str) -> None:
    """It shares no receipt with the month; nothing is kept of it."""
    count = "SELECT count(*) FROM app.old_results"
    before = shared_office.rows(count)
    other = (DATA / "small" / "activity.json").read_bytes()
    answer = compare(shared_office, medium, other)
    assert (answer.status, answer.json["code"]) == (422, "old_result_of_other_month")
    assert compare(shared_office, medium, b"\xff").json["code"] == "invalid_text"
    assert shared_office.rows(count) == before


def test_clean_month_is_of_the_shape_in_use(shared_office: Office, medium: str, old: Old) -> None:
    """The newest run of the shape that is said to be in use counts, and no other."""
    clean = "SELECT is_clean, consecutive FROM report.clean_months WHERE session_id = %s"
    by_id = (DATA / "medium" / "activity_by_id.json").read_bytes()
    compare(shared_office, medium, by_id, shape_in_use="by_id")
    assert shared_office.rows(clean, medium) == [{"is_clean": True, "consecutive": 1}]
    wrong = copy.deepcopy(old)
    one_flag(wrong)
    compare(shared_office, medium, wrong, shape_in_use="by_id")
    assert shared_office.rows(clean, medium) == [{"is_clean": True, "consecutive": 1}]
    compare(shared_office, medium, wrong, shape_in_use="by_code")
    assert shared_office.rows(clean, medium) == [{"is_clean": False, "consecutive": 0}]
