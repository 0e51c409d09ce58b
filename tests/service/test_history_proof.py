"""Old files of closed months are proved and signed, also those that were spelled otherwise."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from tests.service.conftest import DATA

if TYPE_CHECKING:
    from pathlib import Path

    from tests.service.conftest import Api

SMALL = DATA / "small" / "activity.json"
MEDIUM = DATA / "medium" / "activity_by_id.json"


def closed(api: Api, file: Path, programme: str) -> str:
    """Import an old file and close its month as history; returns the session."""
    answer = api.upload(file, programme=programme)
    assert answer.status_code == 201, answer.get_json()
    session = str(answer.get_json()["session_id"])
    month = api.get(f"/sessions/{session}", "ada").get_json()["month_id"]
    version = api.get(f"/months/{month}", "ada").get_json()["version"]
    path = f"/months/{month}/close-past"
    assert api.post(path, "ada", expected_version=version).status_code == 200
    return session


def proof(api: Api, session: str) -> dict[str, Any]:
    """Return the row of a session, read by somebody who only reads."""
    (row,) = api.get("/history-proof", "ron", session_id=session).get_json()["items"]
    found: dict[str, Any] = row
    return found


def test_files_of_the_old_program_come_back_exactly(api: Api, tmp_path: Path) -> None:
    """As it wrote them, and in another order, without blanks and with fields that nobody knows."""
    row = proof(api, closed(api, SMALL, "as it was"))
    assert row["sha256"] == hashlib.sha256(SMALL.read_bytes()).hexdigest()
    assert (row["is_exact"], row["is_same"], row["signature"]) == (True, True, "none")
    assert (row["file_people"], row["month_people"]) == (6, 6)
    assert (row["file_receipts"], row["month_receipts"]) == (25, 25)
    assert row["file_receipt_total"] == row["month_receipt_total"] == "28264.92"

    content = json.loads(MEDIUM.read_bytes())
    for number, person in enumerate(content.values()):
        person["né"] = [number, {"e": 1.50}]
    other = tmp_path / "other.json"
    backward = dict(reversed(content.items()))
    other.write_text(json.dumps(backward, ensure_ascii=False, separators=(",", ":")), "utf-8")
    row = proof(api, closed(api, other, "otherwise"))
    assert (row["is_exact"], row["entries_changed"]) == (True, 0)
    # Three pages that were counted twice are in the totals of the file, and not in its receipts.
    assert (row["file_receipts"], row["month_receipts"], row["is_same"]) == (597, 597, False)
    assert (row["file_receipt_total"], row["month_receipt_total"]) != (None, None)
    assert row["file_receipt_total"] != row["month_receipt_total"]


def test_a_proof_is_signed_and_taken_back(api: Api) -> None:
    """By a reviewer, at the version of the month; nobody else, and nothing that is not there."""
    session = closed(api, MEDIUM, "signed")
    version = proof(api, session)["month_version"]
    path = f"/sessions/{session}/history-proof"
    seen = {"expected_version": version}
    assert api.post(f"{path}/sign", "pat", **seen).status_code == 403
    refused = api.post(f"{path}/sign", "rae", **seen)
    assert (refused.status_code, refused.get_json()["field"]) == (400, "note")
    stale = api.post(f"{path}/sign", "rae", expected_version=version - 1, note="x")
    assert (stale.status_code, stale.get_json()["code"]) == (409, "stale_version")
    early = api.post(f"{path}/withdraw", "rae", **seen, reason="x")
    assert (early.status_code, early.get_json()["code"]) == (409, "wrong_state")

    signed = api.post(f"{path}/sign", "rae", **seen, note="Three pages twice").get_json()
    assert (signed["signature"], signed["signed_by_name"]) == ("signed", "rae")
    listed = api.get("/history-proof", "ron", signature="signed").get_json()["items"]
    assert [row["session_id"] for row in listed] == [session]
    taken = api.post(f"{path}/withdraw", "ada", **seen, reason="Wrong one").get_json()
    assert (taken["signature"], taken["note"]) == ("withdrawn", "Wrong one")

    nothing = "00000000-0000-7000-8000-00000000000a"
    missing = api.post(f"/sessions/{nothing}/history-proof/sign", "rae", **seen, note="x")
    assert missing.status_code == 404
