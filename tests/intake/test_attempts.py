"""Whatever ends handing in files, the attempt is recorded: by time limit, lost connection, defect.

The files are handed in over HTTP, and the transaction is ended where nothing that it wrote itself
stays: behind its last own record, or at COMMIT.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from tests.intake.conftest import DATA, Office

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from svc.embedded.cluster import Cluster

JSON, CAR, RECEIPTS = (
    DATA / "small" / name for name in ("activity.json", "car.pdf", "receipts.pdf")
)

# With the proof of whatever makes a session or lets one begin; at the last row an import and an
# upload write.
TRIGGERS = """
CREATE SCHEMA fault;
CREATE FUNCTION fault.strike() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE FUNCTION fault.delay() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE CONSTRAINT TRIGGER z99_fault AFTER INSERT OR UPDATE ON app.processing_sessions
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fault.strike();
CREATE TRIGGER z99_fault AFTER INSERT ON app.import_attempts
    FOR EACH ROW WHEN (NEW.outcome = 'accepted') EXECUTE FUNCTION fault.delay();
CREATE TRIGGER z99_fault AFTER INSERT ON app.jobs
    FOR EACH ROW EXECUTE FUNCTION fault.delay();
"""
REPLACE = """
CREATE OR REPLACE FUNCTION fault.{}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
$$ BEGIN {} RETURN NULL; END $$
"""
CANCEL = "PERFORM pg_cancel_backend(pg_backend_pid()); PERFORM pg_sleep(60);"
ENDINGS = {
    "a time limit": ("delay", "PERFORM pg_sleep(120);", 504, "IV019"),
    "a time limit of the proof": ("strike", "PERFORM pg_sleep(120);", 504, "IV019"),
    "a cancel at commit": ("strike", CANCEL, 504, "IV019"),
    "a lost connection": (
        "strike",
        "PERFORM pg_terminate_backend(pg_backend_pid());",
        503,
        "IV021",
    ),
    "a lock not got, twice": ("strike", "RAISE EXCEPTION USING ERRCODE = '55P03';", 503, "IV021"),
    "a defect": ("strike", "RAISE EXCEPTION USING ERRCODE = 'P0001';", 500, "IV021"),
}
ATTEMPTS = "SELECT * FROM report.import_attempts WHERE request_id = %s ORDER BY file_name"


@pytest.fixture(scope="module")
def hindered(
    cluster: Cluster, shared_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """Yield a service with a short time limit, on a database that strikes when it is told."""
    folder = tmp_path_factory.mktemp("hindered")
    found = Office(cluster, shared_database, folder, CCP_IMPORT_TIMEOUT_MS="8000")
    found.superuser.execute(TRIGGERS)
    try:
        yield found
    finally:
        found.stop()


def hinder(office: Office, function: str | None = None, body: str = "") -> None:
    """Let what is handed in end so from now on; without a function let it pass."""
    for name in ("strike", "delay"):
        office.superuser.execute(REPLACE.format(name, body if name == function else "").encode())


def hand_in_json(office: Office, key: str) -> int:
    """Import a file; return the status."""
    kind = {"Content-Type": "application/json", "Idempotency-Key": key}
    path = "/import-json?file_name=activity.json"
    return office.call("POST", path, JSON.read_bytes(), **kind).status


def recorded(office: Office, key: str) -> list[tuple[str, str, int, str]]:
    """Return name, checksum, size and reason of each attempt under a key."""
    rows = office.rows(ATTEMPTS, key)
    assert {row["outcome"] for row in rows} <= {"refused"}
    return [(row["file_name"], row["sha256"], row["size_bytes"], row["sqlstate"]) for row in rows]


def described(file: Path, sqlstate: str) -> tuple[str, str, int, str]:
    """Return the same of a file."""
    content = file.read_bytes()
    return (file.name, hashlib.sha256(content).hexdigest(), len(content), sqlstate)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_file_whose_import_was_ended_is_recorded(hindered: Office, ending: str) -> None:
    """The caller is told as before, nothing of the file is there, but that it was handed in."""
    function, body, status, sqlstate = ENDINGS[ending]
    hinder(hindered, function, body)
    assert hand_in_json(hindered, f"json {ending}") == status
    assert recorded(hindered, f"json {ending}") == [described(JSON, sqlstate)]
    assert (
        hindered.rows("SELECT FROM app.processing_sessions WHERE source_sha256 IS NOT NULL") == []
    )


@pytest.mark.parametrize("ending", ENDINGS)
def test_pdfs_whose_upload_was_ended_are_recorded(hindered: Office, ending: str) -> None:
    """Both of them, and no job waits."""
    function, body, status, sqlstate = ENDINGS[ending]
    hinder(hindered)
    session = hindered.open_session()
    hinder(hindered, function, body)
    answer = hindered.upload(session, CAR, RECEIPTS, **{"Idempotency-Key": f"pdf {ending}"})
    assert answer.status == status, answer.body
    assert recorded(hindered, f"pdf {ending}") == [
        described(CAR, sqlstate),
        described(RECEIPTS, sqlstate),
    ]
    assert hindered.rows("SELECT FROM app.jobs") == []


def test_each_try_under_a_key_is_recorded_and_a_good_one_once(hindered: Office) -> None:
    """A key may be used again until it was answered; then it is answered and not recorded."""
    hinder(hindered, *ENDINGS["a defect"][:2])
    assert [hand_in_json(hindered, "again") for _ in range(2)] == [500, 500]
    hinder(hindered)
    assert [hand_in_json(hindered, "again") for _ in range(2)] == [201, 201]
    outcomes = [row["outcome"] for row in hindered.rows(ATTEMPTS, "again")]
    assert sorted(outcomes) == ["accepted", "refused", "refused"]
