"""Packets: each person's own pages, in order, and nothing else of the documents."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader

from tests.intake.accepted import people_of_truth
from tests.intake.conftest import DATA
from tests.pdf.samples import truth

if TYPE_CHECKING:
    from tests.intake.conftest import Office

FOLDERS = {"finished": "Finished Reports", "unfinished": "Unfinished Reports"}
PERSON = """
SELECT e.cardholder_id FROM report.employee_revisions AS e
WHERE e.session_id = %s AND e.employee_name = %s
"""

BLOCKS = """
EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM report.packet_pages({})"""


@pytest.fixture(scope="module")
def session(shared_office: Office) -> str:
    """Return a session of the medium sample, its aliases approved."""
    shared_office.approve_aliases("medium")
    return shared_office.import_sample("medium")


@pytest.fixture(scope="module")
def archive(shared_office: Office, session: str) -> zipfile.ZipFile:
    """Return the ZIP of all packets."""
    answer = shared_office.call("GET", f"/sessions/{session}/exports/packets.zip", user="rae")
    assert answer.status == 200, answer.body[:500]
    assert answer.headers["Content-Type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(answer.body))


def texts(content: bytes) -> list[str]:
    """Return the text of each page."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def test_everybody_has_one_in_the_right_folder(archive: zipfile.ZipFile) -> None:
    """Finished and unfinished apart, names of letters only, the manifest last."""
    wanted = {
        f"{FOLDERS[person['status']]}/{person['name_key']}.pdf"
        for person in people_of_truth(truth("medium"))
    }
    assert set(archive.namelist()) == wanted | {"manifest.json", "manifest.csv"}
    assert archive.namelist()[-2:] == ["manifest.json", "manifest.csv"]
    assert archive.testzip() is None


def test_pages_are_the_person_s_in_order(archive: zipfile.ZipFile) -> None:
    """Report pages first, then receipt pages, as the sources have them."""
    sources = {
        name: texts((DATA / "medium" / name).read_bytes()) for name in ("car.pdf", "receipts.pdf")
    }
    for person in people_of_truth(truth("medium"))[::7]:
        content = archive.read(f"{FOLDERS[person['status']]}/{person['name_key']}.pdf")
        assert texts(content) == [
            *(sources["car.pdf"][page - 1] for page in person["car_pages"]),
            *(sources["receipts.pdf"][page - 1] for page in person["receipt_pages"]),
        ]


def test_manifest_names_pages_and_hashes(archive: zipfile.ZipFile) -> None:
    """Each file with its checksum; each used page once, of documents known by checksum."""
    manifest = json.loads(archive.read("manifest.json"))
    documents = {document["document"]: document for document in manifest["documents"]}
    car = (DATA / "medium" / "car.pdf").read_bytes()
    assert documents["car_pdf"]["sha256"] == hashlib.sha256(car).hexdigest()
    for packet in manifest["packets"]:
        content = archive.read(packet["file"])
        assert hashlib.sha256(content).hexdigest() == packet["sha256"]
        assert len(content) == packet["size"]
        assert len(packet["pages"]) == len(PdfReader(io.BytesIO(content)).pages)
    pages = [tuple(page.values()) for packet in manifest["packets"] for page in packet["pages"]]
    assert len(set(pages)) == len(pages)
    used = sum(len(p["car_pages"]) + len(p["receipt_pages"]) for p in truth("medium")["employees"])
    assert len(pages) == used


def test_a_table_says_the_same(archive: zipfile.ZipFile) -> None:
    """A row for each packet, in its order."""
    manifest = json.loads(archive.read("manifest.json"))
    assert list(csv.DictReader(io.StringIO(archive.read("manifest.csv").decode()))) == [
        {
            "person": packet["employee_name"],
            "file": packet["file"],
            "status": packet["status"],
            "pages": str(len(packet["pages"])),
            "sha256": packet["sha256"],
        }
        for packet in manifest["packets"]
    ]


def test_one_person_alone(shared_office: Office, session: str, archive: zipfile.ZipFile) -> None:
    """The same pages as in the archive; somebody else's session has no such person."""
    person = people_of_truth(truth("medium"))[0]
    (row,) = shared_office.rows(PERSON, session, person["name_key"])
    path = f"/sessions/{session}/exports/packets/{row['cardholder_id']}.pdf"
    answer = shared_office.call("GET", path)
    assert answer.status == 200
    assert f'filename="{person["name_key"]}.pdf"' in answer.headers["Content-Disposition"]
    in_archive = archive.read(f"{FOLDERS[person['status']]}/{person['name_key']}.pdf")
    assert texts(answer.body) == texts(in_archive)
    missing = f"/sessions/{session}/exports/packets/{session}.pdf"
    assert shared_office.call("GET", missing).status == 404


def test_pages_are_found_once(shared_office: Office, session: str) -> None:
    """What is read for all packets follows their pages, and less is read for one of them."""
    pages = shared_office.rows("SELECT cardholder_id FROM report.packet_pages(%s)", session)

    def read(*about: object) -> int:
        """Return how many blocks are read to find pages."""
        places = ", ".join(["%s"] * len(about))
        (plan,) = shared_office.rows(BLOCKS.format(places), *about)
        found: int = plan["QUERY PLAN"][0]["Plan"]["Shared Hit Blocks"]
        return found

    assert read(session) < 300 * len(pages)
    assert read(session, pages[0]["cardholder_id"]) < read(session)


def test_readers_may_not_take_them(shared_office: Office, session: str) -> None:
    """Exporting is for those who work on the session."""
    answer = shared_office.call("GET", f"/sessions/{session}/exports/packets.zip", user="ron")
    assert (answer.status, answer.json["code"]) == (403, "not_permitted")


def everything(value: Any, seen: set[int]) -> set[str]:  # noqa: ANN401 - any PDF object
    """Return all dictionary keys reachable from a PDF object."""
    value = value.get_object() if hasattr(value, "get_object") else value
    if id(value) in seen:
        return set()
    seen.add(id(value))
    keys: set[str] = set()
    if isinstance(value, dict):
        keys = {str(key) for key in value}
        value = list(value.values())
    if isinstance(value, list):
        keys = keys.union(*(everything(each, seen) for each in value))
    return keys


def test_no_script_and_no_attachment_is_carried_along(shared_office: Office) -> None:
    """The report with both gives packets with neither."""
    hostile = DATA / "hostile" / "script_and_attachment.pdf"
    assert b"/JavaScript" in hostile.read_bytes()
    session = shared_office.open_session(programme="hostile")
    files = (hostile, DATA / "small" / "receipts.pdf")
    assert shared_office.upload(session, *files).status == 202
    assert shared_office.wait(session)["status"] == "completed"
    answer = shared_office.call("GET", f"/sessions/{session}/exports/packets.zip")
    archive = zipfile.ZipFile(io.BytesIO(answer.body))
    forbidden = {"/JavaScript", "/JS", "/AA", "/OpenAction", "/Names", "/EmbeddedFiles", "/AF"}
    for name in set(archive.namelist()) - {"manifest.json", "manifest.csv"}:
        content = archive.read(name)
        assert not [word for word in (b"/JavaScript", b"/EmbeddedFile") if word in content]
        keys = everything(PdfReader(io.BytesIO(content)).trailer, set())
        assert not keys & (forbidden | {"/Annots", "/Filespec"})


def test_bytes_that_are_gone_are_said_so(shared_office: Office) -> None:
    """Retention removes bytes and texts; receipts and ledger stay, packets are no more."""
    session = shared_office.import_sample("small")
    owner = shared_office.superuser
    with owner.transaction():
        owner.execute("SET LOCAL SESSION AUTHORIZATION ccp_owner")
        removed = "SELECT app.remove_expired(now() + interval '91 days')"
        (row,) = shared_office.rows(removed)
    assert row["remove_expired"] >= 2
    assert shared_office.rows("SELECT FROM app.document_chunks") == []
    assert shared_office.rows("SELECT FROM app.page_texts") == []
    ledger = "SELECT FROM report.document_pages WHERE session_id = %s"
    assert len(shared_office.rows(ledger, session)) == 32
    answer = shared_office.call("GET", f"/sessions/{session}/exports/packets.zip")
    assert (answer.status, answer.json["code"]) == (404, "no_pages")
    assert "were removed" in answer.json["title"]
    assert re.match(r"since \d{4}-\d\d-\d\d: ", answer.json["detail"])
