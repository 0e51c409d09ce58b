"""Workers that die, stop, race or are silent: each job ends once, whole or with a reason."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from svc import worker
from svc.config import Settings
from svc.db import Database
from tests.intake.conftest import DATA
from tests.pdf.samples import truth
from tests.service.conftest import SECRET, Server

if TYPE_CHECKING:
    import subprocess

    from tests.intake.conftest import Office

CAR, RECEIPTS = DATA / "small" / "car.pdf", DATA / "small" / "receipts.pdf"
MEDIUM = DATA / "medium" / "car.pdf", DATA / "medium" / "receipts.pdf"
JOBS = "SELECT * FROM report.jobs ORDER BY queued_at"
PROOF = """
SELECT (SELECT count(*) FROM report.ticks) AS ticks,
    (SELECT s.seal_number FROM report.seal_status AS s) AS seals,
    (SELECT count(*) FROM audit.verify()) AS violations
"""
LEFT_OVER = """
SELECT (SELECT count(*) FROM app.employee_revisions) AS revisions,
    (SELECT count(*) FROM app.transactions) AS transactions,
    (SELECT count(*) FROM app.document_pages) AS pages,
    (SELECT count(*) FROM app.processing_metrics) AS runs
"""


def set_setting(office: Office, name: str, value: int) -> None:
    """Change a setting."""
    with psycopg.connect(office.superuser.info.dsn, user="ccp_owner") as owner:
        owner.execute(
            "SELECT api.save_setting(s.setting_name, %s, s.version) FROM report.settings AS s"
            " WHERE s.setting_name = %s",
            (value, name),
        )


def phase_of(office: Office) -> str:
    """Return the phase of the only job."""
    (job,) = office.rows(JOBS)
    return str(job["phase"])


def stop_in(office: Office, worker: subprocess.Popen[bytes], phase: str) -> None:
    """Let a worker run in short steps until the only job is in a phase; it stays stopped there.

    However fast the machine is, no phase passes unseen.
    """
    deadline = time.monotonic() + 120
    while True:
        worker.send_signal(signal.SIGSTOP)
        (job,) = office.rows(JOBS)
        if job["phase"] == phase:
            return
        assert job["state"] in ("queued", "running"), job
        assert time.monotonic() < deadline, job
        worker.send_signal(signal.SIGCONT)
        time.sleep(0.005)


def end(worker: subprocess.Popen[bytes], number: int = signal.SIGKILL) -> None:
    """End a worker, stopped or not, and wait for it."""
    worker.send_signal(number)
    worker.send_signal(signal.SIGCONT)
    worker.wait(20)


def children_of(worker: subprocess.Popen[bytes]) -> list[int]:
    """Return the processes a worker has started."""
    found: list[int] = []
    for children in Path(f"/proc/{worker.pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += map(int, children.read_text().split())
    return found


def assert_complete(office: Office, session: str, sample: str) -> None:
    """Make sure that the one session holds the truth, once."""
    found = office.wait(session)
    assert found["status"] == "completed", found
    wanted = truth(sample)
    assert found["total_amount"] == wanted["session"]["car_total"]
    assert found["receipt_total"] == wanted["session"]["receipt_total"]
    (counts,) = office.rows(LEFT_OVER)
    assert counts["transactions"] == wanted["session"]["receipts"]
    assert counts["runs"] == 1
    assert counts["pages"] == wanted["report"]["car_pages"] + wanted["report"]["receipt_pages"]
    assert office.rows("SELECT * FROM app.commit_violations(app.tx())") == []


@pytest.mark.parametrize("phase", ["fetching", "reading_car", "reading_receipts", "accepting"])
def test_killed_worker_loses_nothing(office: Office, phase: str) -> None:
    """Kill -9 in every phase: another worker takes the job up, the result is one session."""
    set_setting(office, "job_lease_seconds", 5)
    session = office.open_session()
    assert office.upload(session, CAR, RECEIPTS).status == 202
    worker = office.start_worker()
    stop_in(office, worker, phase)
    end(worker)
    office.start_worker()
    assert_complete(office, session, "small")
    # A database that has all rows by then goes on and commits without its client.
    assert office.rows(JOBS)[0]["attempts"] in ((1, 2) if phase == "accepting" else (2,))


def test_killed_child_is_tried_again(office: Office) -> None:
    """Kill -9 of the process that reads: no refusal of the file, another attempt."""
    session = office.open_session()
    assert office.upload(session, *MEDIUM).status == 202
    worker = office.start_worker()
    stop_in(office, worker, "reading_receipts")
    worker.send_signal(signal.SIGCONT)
    while not (children := children_of(worker)):
        assert phase_of(office) == "reading_receipts"
    os.kill(children[0], signal.SIGKILL)
    assert_complete(office, session, "medium")
    (job,) = office.rows(JOBS)
    assert job["attempts"] == 2
    assert worker.poll() is None


def test_stopped_worker_gives_the_job_back_at_once(office: Office) -> None:
    """SIGTERM: no lease has to end before another worker goes on."""
    session = office.open_session()
    assert office.upload(session, *MEDIUM).status == 202
    worker = office.start_worker()
    stop_in(office, worker, "reading_receipts")
    end(worker, signal.SIGTERM)
    assert worker.returncode == 0
    (job,) = office.rows(JOBS)
    assert (job["state"], job["phase"]) == ("queued", "waiting")
    office.start_worker()
    assert_complete(office, session, "medium")


def test_job_is_given_up_after_its_attempts(office: Office) -> None:
    """A worker that dies each time: the session fails with a reason, the bytes go."""
    set_setting(office, "job_lease_seconds", 5)
    set_setting(office, "job_max_attempts", 1)
    session = office.open_session()
    assert office.upload(session, CAR, RECEIPTS).status == 202
    worker = office.start_worker()
    stop_in(office, worker, "reading_car")
    end(worker)
    office.start_worker()
    found = office.wait(session)
    assert found["status"] == "failed"
    assert "1 times" in found["failure_reason"]
    assert found["progress"]["failure_code"] == "gave_up"
    (counts,) = office.rows(LEFT_OVER)
    assert set(counts.values()) == {0}
    assert office.rows("SELECT FROM app.document_chunks") == []
    attempts = office.rows("SELECT code, outcome FROM report.import_attempts")
    assert attempts == [{"code": "gave_up", "outcome": "refused"}] * 2


def test_several_workers_share_the_jobs(office: Office) -> None:
    """Four uploads, three workers: each job is done once."""
    # The files are about different people, and nobody is there to say that they belong together.
    set_setting(office, "control_name_share", 0)
    files = [(CAR, RECEIPTS), (CAR, DATA / "hostile" / "receipts_hard_names.pdf")]
    files += [
        (DATA / "hostile" / "car_negative_total.pdf", name) for name in (RECEIPTS, files[1][1])
    ]
    sessions = [office.open_session(programme=f"Pair {number}") for number in range(len(files))]
    for session, pair in zip(sessions, files, strict=True):
        assert office.upload(session, *pair).status == 202
    for _ in range(3):
        office.start_worker()
    for session in sessions:
        assert office.wait(session)["status"] == "completed"
    jobs = office.rows(JOBS)
    assert [(job["state"], job["attempts"]) for job in jobs] == [("done", 1)] * 4
    (counts,) = office.rows(LEFT_OVER)
    assert counts["runs"] == 4


def test_progress_is_readable_while_it_runs(office: Office) -> None:
    """Phase, pages done and pages in all, in the session, growing."""
    session = office.open_session()
    assert office.call("GET", f"/sessions/{session}").json["progress"] is None
    assert office.upload(session, *MEDIUM).status == 202
    first = office.call("GET", f"/sessions/{session}").json
    assert (first["status"], first["progress"]["phase"]) == ("processing", "waiting")
    office.start_worker()
    seen = []
    while (found := office.call("GET", f"/sessions/{session}").json)["status"] == "processing":
        seen.append((found["progress"]["phase"], found["progress"]["pages_done"]))
        time.sleep(0.02)
    assert {phase for phase, _ in seen} & {"reading_receipts", "accepting"}
    pages = [done for _, done in seen]
    assert pages == sorted(pages)
    assert (found["progress"]["phase"], found["progress"]["pages_done"]) == ("done", 670)
    assert found["progress"]["pages_total"] == 670


def test_worker_ends_when_nothing_waits(office: Office) -> None:
    """`--until-idle` does what is there and ends."""
    session = office.open_session()
    assert office.upload(session, CAR, RECEIPTS).status == 202
    assert office.start_worker("--until-idle").wait(60) == 0
    assert office.wait(session)["status"] == "completed"


def test_person_who_left_stops_the_acceptance(office: Office) -> None:
    """What was queued by somebody who may not import any more is not taken."""
    session = office.open_session()
    assert office.upload(session, CAR, RECEIPTS).status == 202
    with psycopg.connect(office.superuser.info.dsn, user="ccp_owner") as owner:
        owner.execute("SELECT api.save_user('pat', p_is_active => false, p_expected_version => 1)")
    office.start_worker("--until-idle").wait(60)
    (found,) = office.rows("SELECT * FROM report.sessions WHERE session_id = %s", session)
    assert found["status"] == "failed"
    assert "may not import" in found["failure_reason"]


def test_cancelled_session_is_not_taken_up(office: Office) -> None:
    """The job ends, nothing is stored."""
    session = office.open_session()
    assert office.upload(session, CAR, RECEIPTS).status == 202
    with psycopg.connect(office.superuser.info.dsn, user="ccp_owner") as owner:
        owner.execute(
            "SELECT api.cancel_session(s.session_id, s.version)"
            " FROM report.processing_sessions AS s WHERE s.session_id = %s",
            (session,),
        )
    office.start_worker("--until-idle").wait(60)
    (job,) = office.rows(JOBS)
    assert (job["state"], job["failure_code"]) == ("failed", "wrong_state")
    (counts,) = office.rows(LEFT_OVER)
    assert set(counts.values()) == {0}


def test_same_request_gets_its_first_answer(office: Office) -> None:
    """A repeated upload under one key queues once; the key with other files is refused."""
    session = office.open_session()
    key = {"Idempotency-Key": "upload-1"}
    first = office.upload(session, CAR, RECEIPTS, **key)
    again = office.upload(session, CAR, RECEIPTS, **key)
    assert (first.status, again.status) == (202, 202)
    assert first.json == again.json
    assert len(office.rows(JOBS)) == 1
    other = office.upload(session, DATA / "hostile" / "car_negative_total.pdf", RECEIPTS, **key)
    assert (other.status, other.json["code"]) == (409, "request_reused")
    other = office.upload(session, DATA / "hostile" / "car_negative_total.pdf", RECEIPTS)
    assert (other.status, other.json["code"]) == (409, "wrong_state")


def test_large_file_needs_little_memory(office: Office, tmp_path: Path) -> None:
    """60 MB of a file go through the service without as much memory."""
    server = Server(Settings(database_url=office.url, token_secret=SECRET), tmp_path)
    try:
        office.server, old = server, office.server
        session = office.open_session()
        content = CAR.read_bytes() + b"\n%" + b"x" * 60_000_000
        assert office.upload(session, content, RECEIPTS).status == 202
        peaks = []
        for pid in [server.process.pid, *children_of(server.process)]:
            status = Path(f"/proc/{pid}/status").read_text()
            peaks.append(int(status.split("VmHWM:")[1].split()[0]))
        assert max(peaks) < 130_000, peaks
        office.server = old
    finally:
        server.stop()


def test_worker_keeps_the_proof(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was committed gets its instant and its seal, and the head is told."""
    monkeypatch.setattr(worker, "TICK_SECONDS", 1e-6)
    monkeypatch.setattr(worker, "SEAL_SECONDS", 1e-6)
    settings = Settings(database_url=office.url, token_secret=SECRET, pool_size=1)
    database = Database(settings)
    database.open()
    try:
        worker.Worker(database, settings).run_until_idle()
    finally:
        database.close()
    (found,) = office.rows(PROOF)
    assert found["ticks"] >= 1
    assert found["seals"] == 1
    assert found["violations"] == 0
