"""The way back: every open month as files that are read back and compared, rehearsed and taken."""

from __future__ import annotations

import copy
import errno
import json
import zipfile
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest

from svc.db import Database
from svc.embedded.local import EXAMPLE
from svc.embedded.machine import SetupError
from svc.embedded.people import enter_people
from svc.embedded.rollback import roll_back
from svc.routes import EXTENSION
from svc.worker import Worker
from tests.service.conftest import DATA

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import psycopg

    from svc.config import Settings
    from svc.embedded.cluster import Cluster
    from tests.service.conftest import Api

REHEARSE = ["--rehearse"]
NO_MONTH = b'{"ANNROE": {"name": "ANNROE", "employee_id": "1001", "car_total": 1.0}}'


@pytest.fixture
def month(api: Api, settings: Settings, cluster: Cluster, database: str) -> tuple[str, str]:
    """Return the session of the example month, read by a worker, and the way to the database."""
    enter_people(cluster.login("ccp_owner", database), "ccp_local")
    session: str = api.post("/sessions", session_name="Example").get_json()["session_id"]
    files = {
        name: (path.open("rb"), path.name)
        for name, path in zip(("car", "receipts"), EXAMPLE, strict=True)
    }
    answer = api.call("POST", f"/sessions/{session}/files", data=files)
    assert answer.status_code == HTTPStatus.ACCEPTED, answer.text
    worker_database: Database = api.app.extensions[EXTENSION].database
    Worker(worker_database, settings).run_until_idle()
    return session, settings.database_url


def verdict(connection: psycopg.Connection, session: str, file: object) -> tuple[Any, ...]:
    """Return what the database says of a file of a session."""
    row = connection.execute(
        "SELECT j.is_right, j.unfit, j.first_unfit FROM report.judge_old_file(%s, %s::jsonb) AS j",
        (session, json.dumps(file)),
    ).fetchone()
    assert row is not None
    return row


def test_rehearsed_and_taken(
    month: tuple[str, str],
    api: Api,
    connect: Callable[..., psycopg.Connection],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Four files of each open month, for nobody else; a rehearsal changes no state."""
    session, url = month
    nowhere = api.upload(NO_MONTH, session_name="Nowhere").get_json()["session_id"]
    assert roll_back(url, [*REHEARSE, "out"], tmp_path) == 0
    told = capsys.readouterr()
    assert "4 of 4: recorded as drill" in told.err
    assert told.out.startswith("passed: 1 months, 4 files, ")
    assert f"not in the folder: session {nowhere} Nowhere: it has no month" in told.err
    (folder,) = (tmp_path / "out").iterdir()
    assert [path.stat().st_mode & 0o777 for path in (tmp_path / "out", folder)] == [0o700] * 2
    assert sorted(path.name for path in folder.iterdir()) == [
        *("activity.json", "import.csv", "packets.zip", "report.xlsx")
    ]
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    with zipfile.ZipFile(folder / "packets.zip") as packets:
        assert len(packets.namelist()) > 1
    assert api.get("/cutover").get_json()["state"] == "trial"
    (drill,) = api.get("/drills").get_json()["items"]
    assert (drill["kind"], drill["passed"], drill["user_name"]) == (
        *("rehearsal", True, "local admin"),
    )
    assert [drill["figures"][name] for name in ("months", "files", "left_out")] == [1, 4, 1]
    assert "it has no month" in drill["note"]
    handed = api.get("/hand-outs", session_id=session).get_json()["items"]
    assert {row["kind"] for row in handed} == {path.name for path in folder.iterdir()}

    # A folder is new or empty; a trial has no way back.
    with pytest.raises(SetupError, match="not an empty folder"):
        roll_back(url, [*REHEARSE, "out"], tmp_path)
    for arguments in ([], [*REHEARSE, "--reason", "x"], ["--reason", " "], ["--other"]):
        with pytest.raises(SetupError, match="--rehearse"):
            roll_back(url, arguments, tmp_path)
    with pytest.raises(SetupError, match="state does not allow"):
        roll_back(url, ["--reason", "Totals are wrong", "early"], tmp_path)

    # What retention removed is told; then it is taken, and once more.
    owner = connect("ccp_owner", autocommit=True)
    owner.execute("SELECT app.remove_expired(now() + interval '91 days')")
    owner.execute(
        "SELECT app.take_step(ROW('freeze', 'trial', 'frozen', '{}')::app.cutover_steps,"
        " app.propose_cutover('freeze', NULL, 'x', NULL), 'x')"
    )
    capsys.readouterr()
    assert roll_back(url, ["--reason", "Totals are wrong", "early"], tmp_path) == 0
    told = capsys.readouterr()
    assert "packets.zip: retention removed car_pdf and receipt_pdf" in told.err
    assert "3 files" in told.out
    now = api.get("/cutover").get_json()
    assert (now["state"], now["reason"]) == ("rolled_back", "Totals are wrong")
    assert roll_back(url, ["--reason", "Once more", "again"], tmp_path) == 0
    assert "it is rolled back since" in capsys.readouterr().err
    assert [row["kind"] for row in api.get("/drills").get_json()["items"]] == [
        *("rollback", "rollback", "rehearsal")
    ]


def test_what_cannot_be_made_is_a_fault_and_the_rest_goes_on(
    month: tuple[str, str],
    api: Api,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The newest rehearsal is then one that failed, and no older one stands for it."""

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("svc.embedded.rollback.kinds.accounting_file", fail)
    assert roll_back(month[1], [*REHEARSE, "out"], tmp_path) == 1
    assert "import.csv: No space left on device" in capsys.readouterr().err
    (folder,) = (tmp_path / "out").iterdir()
    assert sorted(path.name for path in folder.iterdir()) == [
        *("activity.json", "packets.zip", "report.xlsx")
    ]
    (drill,) = api.get("/drills").get_json()["items"]
    assert (drill["passed"], drill["figures"]["faults"]) == (False, 1)


def test_a_file_that_is_not_the_month_is_found(
    api: Api, connect: Callable[..., psycopg.Connection]
) -> None:
    """A cent, a lost receipt, a person more, and what the old program would not read."""
    connection = connect("ccp_owner", autocommit=True)
    for shape in ("activity", "activity_by_id"):
        content = (DATA / "medium" / f"{shape}.json").read_bytes()
        answer = api.upload(content, programme=shape)
        session = answer.get_json()["session_id"]
        file = json.loads(api.get(f"/sessions/{session}/exports/activity.json").data)
        assert verdict(connection, session, file) == (True, 0, None)
        key = next(name for name, entry in file.items() if entry.get("receipts"))

        cent = copy.deepcopy(file)
        cent[key]["rec_total"] = round(cent[key]["rec_total"] + 0.01, 2)
        assert verdict(connection, session, cent) == (False, 0, None)
        lost = copy.deepcopy(file)
        code = next(iter(lost[key]["receipts"]))
        del lost[key]["receipts"][code]
        assert verdict(connection, session, lost) == (False, 0, None)
        more = {**file, "ZOEMORE": {**file[key], "name": "ZOEMORE"}}
        assert verdict(connection, session, more) == (False, 0, None)
        unfit = copy.deepcopy(file)
        del unfit[key]["flags"]
        assert verdict(connection, session, unfit) == (False, 1, f"{key}, flags")
        assert verdict(connection, session, [])[0] is False
