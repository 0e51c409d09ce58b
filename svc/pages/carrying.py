"""Forms and links of what carries files, which no row of the surface describes.

Each stands where its path does: below a list, a row of it or a row, as the calls of rows do. Texts
come before files, so that they are kept of a form that was sent too late, see `payloads.texts_of`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from svc.pages import english
from svc.pages.forms import Field, Form

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

REASON = Field("reason", english.words("reason"), "", "text", required=True)
DRY_RUN = Field(
    *("dry_run", english.words("dry_run"), english.LOOK_FIRST, "select"),
    required=True,
    value="true",
    options=("true", "false"),
)
SHAPES = ("by_code", "by_id", "mixed")


def _file(name: str, accept: str, *, required: bool = True) -> Field:
    """Make the input of a file."""
    label = english.FILES.get(name, english.words(name))
    return Field(name, label, "", "file", required=required, accept=accept)


def _text(name: str, *options: str) -> Field:
    """Make an input that may be left out."""
    control = "select" if options else "text"
    hint = english.HINTS.get(name, "")
    return Field(name, english.words(name), hint, control, required=False, options=options)


@dataclass(frozen=True, slots=True)
class Taking:
    """A call that takes files: its path, a call that needs the same rights, and its inputs."""

    path: str
    may: str
    fields: Sequence[Field]
    states: Sequence[str] = ()

    def form(self, name: str, path: Mapping[str, Any], seen: Mapping[str, Any]) -> Form:
        """Return its form, for a row that was seen."""
        hidden = {}
        if "{transaction_id}" in self.path and seen.get("employee_revision_id"):
            hidden["expected_revision_id"] = str(seen["employee_revision_id"])
        to = self.path.format_map({**seen, **path})
        hint = english.CARRYING.get(name, "")
        return Form(name, to, english.action(name), hint, self.fields, hidden)


TAKINGS = {
    "upload": Taking(
        "/sessions/{session_id}/files",
        "create_session",
        (_file("car", ".pdf"), _file("receipts", ".pdf")),
        ("open", "failed"),
    ),
    "take_coding": Taking(
        "/sessions/{session_id}/coding.xlsx",
        "correct_transactions",
        (REASON, DRY_RUN, _file("file", ".xlsx")),
        ("completed",),
    ),
    "compare": Taking(
        "/sessions/{session_id}/old-results",
        "create_session",
        (
            _text("shape_in_use", *SHAPES),
            _text("same_files", "true", "false"),
            _text("car_sha256"),
            _text("receipt_sha256"),
            _file("activity", ".json"),
            _file("import_csv", ".csv", required=False),
            _file("workbook", ".xlsx", required=False),
        ),
        ("completed",),
    ),
    "attach": Taking(
        "/sessions/{session_id}/transactions/{transaction_id}/attachment",
        "correct_transactions",
        (REASON, _file("file", ".pdf,.png,.jpg,.jpeg")),
    ),
    "take_users": Taking("/users.csv", "save_users", (DRY_RUN, _file("file", ".csv"))),
    "take_addresses": Taking("/addresses.csv", "save_addresses", (DRY_RUN, _file("file", ".csv"))),
    "import_json": Taking(
        "/import-json",
        "create_session",
        (_text("session_name"), _text("programme"), DRY_RUN, _file("file", ".json")),
    ),
}
# What is sent, and a list or row that shows who may have it.
SENDINGS = {
    "send_users": ("/users.csv", "list_users"),
    "send_addresses": ("/addresses.csv", "list_addresses"),
    "report": ("/parallel-runs/{run_id}/report", "list_parallel_runs"),
    "batch_csv": ("/accounting-batches/{target}/{batch_number}/import.csv", "list_batch_lines"),
    "report_xlsx": ("/sessions/{session_id}/exports/report.xlsx", "list_session_employees"),
    "import_csv": ("/sessions/{session_id}/exports/import.csv", "list_accounting_lines"),
    "coding_xlsx": ("/sessions/{session_id}/exports/coding.xlsx", "list_session_transactions"),
    # Pages are read by those who decide, as api.read_chunk is granted.
    "packets_zip": ("/sessions/{session_id}/exports/packets.zip", "resolve_issue"),
    "activity_json": ("/sessions/{session_id}/exports/activity.json", "list_session_employees"),
}


def form(name: str, path: Mapping[str, Any], seen: Mapping[str, Any]) -> Form:
    """Return the form of a call that takes files, for a row that was seen."""
    return TAKINGS[name].form(name, path, seen)


def takings(path: str) -> Iterator[tuple[str, Taking]]:
    """Yield what takes files right at or below a path, as its template is written."""
    pattern = re.compile(re.escape(path) + r"(\.csv|/[a-z.-]+)")
    for name, one in TAKINGS.items():
        if pattern.fullmatch(one.path):
            yield name, one


def sendings(path: str) -> Iterator[tuple[str, str, str]]:
    """Yield name, path and reader of what is sent from right below a path."""
    pattern = re.compile(re.escape(path) + r"(\.csv|/[a-z/._-]+)")
    for name, (sent, reader) in SENDINGS.items():
        if pattern.fullmatch(sent):
            yield name, sent, reader
