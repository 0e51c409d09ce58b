"""Each file that goes out is a row; the files of a closed month are the same for ever."""

from __future__ import annotations

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import openpyxl
import psycopg
import pytest

from svc.auth import Actor
from svc.exports import handing
from svc.routes import EXTENSION
from svc.worker import Worker
from tests.service.conftest import DATA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.service.conftest import Api

SMALL = DATA / "small" / "activity.json"
TEXTS = ("import.csv", "activity.json")
KINDS = ("report.xlsx", *TEXTS)


def session_of(api: Api) -> str:
    """Hand in the small month and return the session."""
    return str(api.upload(SMALL, session_name="March").get_json()["session_id"])


def fetch(api: Api, session: str, kind: str, user: str = "pat", **query: str) -> bytes:
    """Download a file."""
    answer = api.get(f"/sessions/{session}/exports/{kind}", user, **query)
    assert answer.status_code == 200, answer.get_json()
    return bytes(answer.data)


def listed(api: Api, **query: str) -> list[dict[str, Any]]:
    """Return the hand-outs, the first one first."""
    return [row for page in api.pages("/hand-outs", **query) for row in page][::-1]


def work(api: Api) -> None:
    """Do what waits, as a worker does."""
    services = api.app.extensions[EXTENSION]
    Worker(services.database, services.settings).run_until_idle()


def test_each_download_is_a_row(api: Api) -> None:
    """Who, what, when and the checksum of the bytes that were sent, whatever the kind."""
    session = session_of(api)
    files = {
        ("report.xlsx", "pat", None): fetch(api, session, "report.xlsx"),
        ("coding.xlsx", "rae", None): fetch(api, session, "coding.xlsx", "rae"),
        ("import.csv", "ron", "old_program 2025-05-01"): fetch(
            api, session, "import.csv", "ron", invoice_month="2025-05-01"
        ),
    }
    rows = listed(api, session_id=session)
    assert [(row["kind"], row["user_name"], row["about"]) for row in rows] == list(files)
    for row, content in zip(rows, files.values(), strict=True):
        assert row["sha256"] == hashlib.sha256(content).hexdigest()
        assert row["size_bytes"] == len(content)
        assert row["session_id"] == session
    ticks = [row["tick_number"] for row in rows]
    assert ticks == sorted(ticks)
    assert listed(api, user_name="rae") == [rows[1]]
    assert api.get(f"/sessions/{session}/exports/import.csv", profile_name="x").status_code == 404
    assert len(listed(api)) == len(rows)


def test_what_breaks_off_is_a_row_without_checksum(api: Api) -> None:
    """Who goes away before the end was not given the file; one that cannot be noted is torn."""
    database = api.app.extensions[EXTENSION].database
    said = {"kind": "packets.zip", "session_id": session_of(api), "about": None}

    def three() -> Iterator[bytes]:
        """Make a file of three pieces."""
        yield from (b"one", b"two", b"three")

    pat = Actor(user_name="pat", role=None)
    content = handing.handed_out(database, pat, said, three())
    assert next(content) == b"one"
    content.close()  # type: ignore[attr-defined]
    assert b"".join(handing.handed_out(database, pat, said, three())) == b"onetwothree"
    content = handing.handed_out(database, pat, said, iter([b"small"]))
    assert next(content) == b"sm"
    content.close()  # type: ignore[attr-defined]
    assert b"".join(handing.handed_out(database, pat, said, iter([b"small"]))) == b"small"
    rows = [(row["sha256"] is None, row["size_bytes"]) for row in listed(api)]
    assert rows == [(True, 3), (False, 11), (True, 2), (False, 5)]
    content = handing.handed_out(database, pat, {**said, "kind": "other"}, three())
    assert (next(content), next(content)) == (b"one", b"two")
    with pytest.raises(psycopg.Error):
        next(content)


def expire_all(connect: Callable[..., psycopg.Connection]) -> None:
    """Remove what a year takes; only the owner can do so before the time."""
    owner = connect("ccp_owner", autocommit=True)
    owner.execute("DELETE FROM app.request_answers")
    owner.execute("SELECT app.remove_expired(now() + interval '366 days')")


def test_a_closed_month_gives_the_same_files(
    api: Api, connect: Callable[..., psycopg.Connection]
) -> None:
    """From the first instant, whatever is written elsewhere; a reopened one anew."""
    owner = connect("ccp_owner")
    owner.execute("SELECT FROM api.save_user('abe', NULL, 'admin')")
    owner.commit()
    session = session_of(api)
    month = api.get("/months").get_json()["items"][0]
    below = f"/months/{month['month_id']}"
    before = {kind: fetch(api, session, kind) for kind in TEXTS}
    closed = api.post(f"{below}/close-past", "ada", expected_version=month["version"])
    assert closed.status_code == 200, closed.get_json()
    stored = api.get(f"{below}/closed-files").get_json()["items"]
    assert {row["kind"]: row["sha256"] for row in stored} == {
        kind: hashlib.sha256(content).hexdigest() for kind, content in before.items()
    }
    waits = api.get(f"/sessions/{session}/exports/report.xlsx")
    assert (waits.status_code, waits.get_json()["code"]) == (409, "file_being_written")
    # What would change them if they were made anew.
    api.upload(SMALL.read_bytes().replace(b"894.89", b"894.90"), programme="Another")
    vendor = {"vendor": "77"}
    path = "/accounting-profiles/old_program"
    answer = api.post(path, "ada", profile=vendor, expected_version=1)
    assert answer.status_code == 200, answer.get_json()
    assert {kind: fetch(api, session, kind, "ron") for kind in TEXTS} == before
    work(api)
    stored = api.get(f"{below}/closed-files").get_json()["items"]
    at_once = {kind: fetch(api, session, kind, "ron") for kind in KINDS}
    assert {row["kind"]: row["sha256"] for row in stored} == {
        kind: hashlib.sha256(content).hexdigest() for kind, content in at_once.items()
    }
    assert {kind: at_once[kind] for kind in TEXTS} == before
    # A year later, too, when everything that expires is gone.
    expire_all(connect)
    assert {kind: fetch(api, session, kind, "ron") for kind in KINDS} == at_once
    # What is asked for is what was stored, however it is said; something else is made anew.
    for query in ({"profile_name": "old_program"}, {"invoice_month": "2025-03-17"}):
        assert fetch(api, session, "import.csv", **query) == before["import.csv"]
    as_imported = fetch(api, session, "activity.json", shape="as_imported", merge_names="false")
    assert as_imported == before["activity.json"]
    assert b",77," in fetch(api, session, "import.csv", invoice_month="2025-04-01")
    assert b",77," not in fetch(api, session, "activity.json", shape="by_id")

    version = api.get(below).get_json()["version"]
    opened = api.post(f"{below}/reopen", "abe", expected_version=version, reason="One more")
    assert opened.status_code == 200, opened.get_json()
    assert b",77," in fetch(api, session, "import.csv")
    assert fetch(api, session, "report.xlsx") != at_once["report.xlsx"]
    version = api.get(below).get_json()["version"]
    api.post(f"{below}/close-past", "ada", expected_version=version)
    work(api)
    assert b",77," in fetch(api, session, "import.csv")
    numbers = {r["closing_number"] for r in api.get(f"{below}/closed-files").get_json()["items"]}
    assert len(numbers) == 2
    proof = openpyxl.load_workbook(io.BytesIO(at_once["report.xlsx"]))["Proof"]
    head = {row[1]: row[2] for row in proof.iter_rows(max_row=16, values_only=True)}
    events = api.get(f"{below}/events").get_json()["items"]
    assert head["tick"] == str(events[0]["tick_number"])


PAUSE = """
CREATE FUNCTION app.pause() RETURNS trigger LANGUAGE plpgsql AS
'BEGIN LOCK TABLE app.mirror_files IN SHARE MODE; RETURN NEW; END';
CREATE TRIGGER t00_pause BEFORE INSERT ON app.closed_files
FOR EACH ROW EXECUTE FUNCTION app.pause()"""
ALTER = """SELECT api.save_accounting_profile('old_program', '{"vendor": "77"}', 1)"""
WAITS = """
SELECT FROM pg_locks AS l WHERE l.relation = 'app.mirror_files'::regclass AND NOT l.granted
    AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())"""


def test_files_of_a_closing_are_of_one_state(
    api: Api, connect: Callable[..., psycopg.Connection]
) -> None:
    """Nobody waits for a closing to alter a profile; its files are all of before that."""
    session = session_of(api)
    month = api.get("/months").get_json()["items"][0]
    before = {kind: fetch(api, session, kind) for kind in TEXTS}
    other = connect("ccp_owner", autocommit=True)
    other.execute(PAUSE)
    pause = connect("ccp_owner")
    pause.execute("LOCK TABLE app.mirror_files IN ROW EXCLUSIVE MODE")
    path = f"/months/{month['month_id']}/close-past"
    with ThreadPoolExecutor() as threads:
        closing = threads.submit(api.post, path, "ada", expected_version=month["version"])
        while not other.execute(WAITS).fetchall():
            assert not closing.done(), closing.result().get_json()
        # Commits while the first file of the closing is begun.
        other.execute(ALTER)
        pause.rollback()
        assert closing.result().status_code == 200, closing.result().get_json()
    assert {kind: fetch(api, session, kind) for kind in TEXTS} == before
    assert b",77," in fetch(api, session, "import.csv", invoice_month="2025-04-01")


def test_only_the_worker_stores(api: Api, connect: Callable[..., psycopg.Connection]) -> None:
    """Nobody else puts bytes into a closed month, and what is stored stays."""
    session = session_of(api)
    month = api.get("/months").get_json()["items"][0]
    api.post(f"/months/{month['month_id']}/close-past", "ada", expected_version=month["version"])
    work(api)
    store = "SELECT api.store_closed_workbook(%s, 1, %s, 'x')"
    with connect() as service:
        for role, user in (("ccp_admin", "ada"), ("ccp_processor", "pat")):
            service.execute("SELECT set_config('role', %s, true)", (role,))
            service.execute("SELECT set_config('app.actor', %s, true)", (user,))
            with pytest.raises(Exception, match="permission denied"):
                service.execute(store, (month["month_id"], session))
            service.rollback()
        service.execute("SELECT set_config('role', 'ccp_worker', true)")
        service.execute("SELECT set_config('app.actor', 'worker', true)")
        (stored,) = service.execute(store, (month["month_id"], session)).fetchone() or (True,)
        assert stored is False
