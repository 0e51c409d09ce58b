"""Bad and difficult PDFs by HTTP: refused, leaving only the attempt, or accepted."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.intake.accepted import people_of
from tests.intake.conftest import DATA
from tests.pdf.samples import truth

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

    from tests.intake.conftest import Office

CAR, RECEIPTS = DATA / "small" / "car.pdf", DATA / "small" / "receipts.pdf"
HOSTILE = DATA / "hostile"
SECONDS = 10
RESIDENT_KIB = 500 * 1024
REFUSED = {
    "zero_byte": {"empty_file"},
    "not_a_pdf": {"not_a_pdf"},
    "truncated": {"damaged_pdf"},
    "encrypted": {"encrypted_pdf"},
    "image_only": {"no_text"},
    "wrong_report": {"wrong_report"},
    "inflate_bomb": {"damaged_pdf", "too_large"},
    "page_tree_loop": {"damaged_pdf"},
}
CONTENT = """
SELECT (SELECT count(*) FROM app.employee_revisions) AS revisions,
    (SELECT count(*) FROM app.transactions) AS transactions,
    (SELECT count(*) FROM app.charges) AS charges, (SELECT count(*) FROM app.cardholders) AS people,
    (SELECT count(*) FROM app.document_pages) AS pages,
    (SELECT count(*) FROM app.page_texts) AS texts,
    (SELECT count(*) FROM app.document_chunks) AS chunks
"""
ATTEMPT = "SELECT * FROM report.import_attempts ORDER BY attempted_at DESC, attempt_id DESC LIMIT 1"


class Watch:
    """Asks `healthz` and looks at the memory of a worker's children while something runs."""

    def __init__(self, office: Office, worker: subprocess.Popen[bytes]) -> None:
        """Remember whom to watch."""
        self._office, self._worker = office, worker
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.resident = 0

    def __enter__(self) -> Watch:
        """Begin to watch."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop watching."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        """Look until told to stop."""
        while not self._ended.wait(0.05):
            assert self._office.call("GET", "//healthz").status == 200
            self.resident = max(self.resident, sum(map(resident, family(self._worker.pid))))


def family(pid: int) -> Iterator[int]:
    """Yield a process and what it started."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield from family(int(child))


def resident(pid: int) -> int:
    """Return the memory a process holds now, in KiB, 0 when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0)


def processor_seconds(pid: int) -> float:
    """Return the processor time of a process and of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def refuse(office: Office, car: Path, receipts: Path) -> tuple[str, str]:
    """Hand in two files that are refused; return code and message."""
    session = office.open_session()
    answer = office.upload(session, car, receipts)
    if answer.status != 202:
        assert 400 <= answer.status < 500, answer.body
        assert office.call("GET", f"/sessions/{session}").json["status"] == "open"
        return answer.json["code"], answer.json["title"]
    found = office.wait(session)
    assert found["status"] == "failed"
    assert found["progress"]["state"] == "failed"
    assert found["failure_reason"].endswith(found["progress"]["failure_message"])
    return found["progress"]["failure_code"], found["failure_reason"]


@pytest.mark.parametrize("as_receipts", [False, True], ids=["as report", "as receipts"])
@pytest.mark.parametrize("name", REFUSED)
def test_bad_file_is_refused(shared_office: Office, name: str, *, as_receipts: bool) -> None:
    """In time, within memory, with its reason; nothing stays but the attempt."""
    bad = HOSTILE / f"{name}.pdf"
    before = shared_office.rows(CONTENT)
    started = processor_seconds(shared_office.workers[0].pid)
    with Watch(shared_office, shared_office.workers[0]) as watch:
        files = (CAR, bad) if as_receipts else (bad, RECEIPTS)
        code, message = refuse(shared_office, *files)
    assert processor_seconds(shared_office.workers[0].pid) - started < SECONDS
    assert code in REFUSED[name], message
    assert watch.resident < RESIDENT_KIB
    assert shared_office.rows(CONTENT) == before
    (attempt,) = shared_office.rows(ATTEMPT)
    assert (attempt["outcome"], attempt["code"]) == ("refused", code)
    assert (attempt["file_name"], attempt["size_bytes"]) == (bad.name, bad.stat().st_size)
    assert attempt["user_name"] == "pat"


@pytest.mark.parametrize(
    ("files", "looks"),
    [
        ((RECEIPTS, RECEIPTS), "looks like a Receipt report"),
        ((CAR, CAR), "looks like a Cardholder Activity Report"),
    ],
    ids=["receipts as report", "report as receipts"],
)
def test_wrong_kind_is_named(shared_office: Office, files: tuple[Path, Path], looks: str) -> None:
    """The refusal says which kind the file looks like."""
    code, message = refuse(shared_office, *files)
    assert code == "wrong_report"
    assert looks in message


def accept(office: Office, car: Path, receipts: Path) -> tuple[str, list[dict[str, Any]]]:
    """Hand in two files that are taken; return the session and its people.

    Each pair is a programme of its own: they print one month, and none is a correction of another.
    Where the two are about different people somebody has to say that they belong together.
    """
    session = office.open_session(programme=f"{car.stem} {receipts.stem}")
    answer = office.upload(session, car, receipts)
    assert answer.status == 202, answer.body
    found = office.wait(session)
    if found["status"] == "awaiting_decision":
        assert found["control"]["reasons"] == ["names"]
        body = {"expected_version": found["version"], "reason": "Drawn apart"}
        kind = {"Content-Type": "application/json"}
        path = f"/sessions/{session}/accept"
        found = office.call("POST", path, json.dumps(body).encode(), **kind).json
    assert found["status"] == "completed", found
    return session, people_of(office, session)


def notices_of(office: Office, session: str) -> list[dict[str, Any]]:
    """Return what the documents of a session leave to look at."""
    return office.rows(
        "SELECT * FROM report.document_notices WHERE session_id = %s ORDER BY notice_number",
        session,
    )


@pytest.mark.parametrize("name", ["script_and_attachment", "encrypted_owner_only"])
def test_harmless_oddity_changes_nothing(shared_office: Office, name: str) -> None:
    """A script, an attachment or an owner password: the same truth as the plain report."""
    session, _ = accept(shared_office, HOSTILE / f"{name}.pdf", RECEIPTS)
    shown = shared_office.call("GET", f"/sessions/{session}").json
    wanted = truth("small")["session"]
    assert shown["total_amount"] == wanted["car_total"]
    assert shown["receipt_total"] == wanted["receipt_total"]
    assert shown["employees_completed"] == wanted["finished"]


def test_negative_card_total_is_fine(shared_office: Office) -> None:
    """A card with credits only: a negative total and nothing wrong with it."""
    session, people = accept(shared_office, HOSTILE / "car_negative_total.pdf", RECEIPTS)
    assert "-1167.76" in {card["net"] for person in people for card in person["cards"]}
    assert notices_of(shared_office, session) == []
    assert "control_total" not in {i["type"] for person in people for i in person["issues"]}


def test_disagreeing_total_is_a_warning(shared_office: Office) -> None:
    """The transactions count; notice and issue name the card and both amounts."""
    session, people = accept(shared_office, HOSTILE / "car_totals_disagree.pdf", RECEIPTS)
    (person,) = (p for p in people if "643.19" in {card["net"] for card in p["cards"]})
    assert person["car_total"] == "643.19"
    notices = notices_of(shared_office, session)
    assert {notice["code"] for notice in notices} >= {"card_total"}
    for notice in (n for n in notices if n["code"] == "card_total"):
        assert person["cards"][0]["number"] in notice["message"]
        assert notice["page_number"] in person["car_pages"]
    totals = [
        n
        for n in notices
        if (str(n["printed_amount"]), str(n["found_amount"])) == ("743.19", "643.19")
    ]
    assert totals
    (issue,) = (i for i in person["issues"] if i["type"] == "control_total")
    assert (issue["severity"], issue["amount_impact"]) == ("medium", "100.00")


def test_hard_names_are_read(shared_office: Office) -> None:
    """Apostrophe, hyphen and accents."""
    _, people = accept(shared_office, CAR, HOSTILE / "receipts_hard_names.pdf")
    receipts = {p["name_key"]: len(p["receipts"]) for p in people if p["receipts"]}
    assert sum(receipts.values()) == 8
    assert set(receipts) == {"MAEVEOTANSYFIELD", "ANNELISEWRENBURY", "RENEUNDERHOLLOW"}


def test_page_without_coding_type_is_a_receipt(shared_office: Office) -> None:
    """Page 4 is stored and not coded."""
    _, people = accept(shared_office, CAR, HOSTILE / "receipts_no_coding_type.pdf")
    receipts = {r["page"]: r for p in people for r in p["receipts"]}
    assert len(receipts) == 8
    assert (receipts[4]["coding_type"], receipts[4]["coded"]) == (None, False)


def test_unreadable_amounts_stay_unknown(shared_office: Office) -> None:
    """Two receipts without amount, an issue each, left out of the totals."""
    session, people = accept(shared_office, CAR, HOSTILE / "receipts_bad_amounts.pdf")
    receipts = {r["page"]: r for p in people for r in p["receipts"]}
    assert len(receipts) == 8
    assert [page for page, receipt in receipts.items() if receipt["amount"] is None] == [2, 5]
    issues = [i for p in people for i in p["issues"] if i["type"] == "invalid_amount"]
    assert sorted(issue["page"] for issue in issues) == [2, 5]
    texts = shared_office.rows(
        "SELECT t.page_number, t.amount_text FROM report.transactions AS t"
        " WHERE t.session_id = %s AND t.amount IS NULL ORDER BY 1",
        session,
    )
    assert [(t["page_number"], t["amount_text"]) for t in texts] == [(2, None), (5, "n/a")]


def test_body_that_is_no_upload_is_refused(shared_office: Office) -> None:
    """Another type, a missing file, another part, a broken body."""
    session = shared_office.open_session()
    path = f"/sessions/{session}/files"
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    part = b'--x\r\nContent-Disposition: form-data; name="%s"; filename="a.pdf"\r\n\r\nx\r\n'
    for body, headers, status in (
        (b"{}", {"Content-Type": "application/json"}, 415),
        (b"--x--\r\n", kind, 400),
        (part % b"car" + b"--x--\r\n", kind, 400),
        (part % b"car" + part % b"car" + part % b"receipts" + b"--x--\r\n", kind, 400),
        (part % b"car" + part % b"receipts" + part % b"more" + b"--x--\r\n", kind, 400),
        (part % b"car" + part % b"receipts", kind, 400),
        (b"no boundary at all", kind, 400),
    ):
        answer = shared_office.call("POST", path, body, **headers)
        assert answer.status == status, (body, answer.body)
    assert shared_office.call("GET", f"/sessions/{session}").json["status"] == "open"


def test_only_those_who_import_hand_in(shared_office: Office) -> None:
    """A reviewer is refused, a session that is not there is not found."""
    session = shared_office.open_session()
    assert shared_office.upload(session, CAR, RECEIPTS, user="rae").status == 403
    nowhere = "01a20509-31c9-7e72-a0bc-ce3bf8f9c1df"
    assert shared_office.upload(nowhere, CAR, RECEIPTS).status == 404
