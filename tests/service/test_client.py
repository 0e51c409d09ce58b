"""A client that a public generator makes of /openapi.json, used against a running service."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import urllib.request
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from svc.auth import local_token
from tests.service.conftest import DATA, SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.service.conftest import Server

# No formatting of what is thrown away.
CONFIGURATION = "post_hooks: []\n"


@pytest.fixture
def generated(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SimpleNamespace]:
    """Yield the modules of a generated client, and a client that calls as the processor."""
    address = f"http://127.0.0.1:{server.port}"
    with urllib.request.urlopen(f"{address}/openapi.json") as answer:
        (tmp_path / "openapi.json").write_bytes(answer.read())
    (tmp_path / "configuration.yaml").write_text(CONFIGURATION)
    made = subprocess.run(
        [
            *(Path(sys.executable).with_name("openapi-python-client"), "generate"),
            *("--path", "openapi.json", "--config", "configuration.yaml"),
            *("--meta", "none", "--output-path", "surface_client", "--fail-on-warning"),
        ],
        cwd=tmp_path,
        env={**os.environ, "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module("surface_client")
    token = local_token(SECRET, "pat", "processor", 600)
    with module.AuthenticatedClient(base_url=address, token=token) as client:
        yield SimpleNamespace(
            client=client,
            models=importlib.import_module("surface_client.models"),
            api=lambda name: importlib.import_module(f"surface_client.api.{name}"),
        )
    for name in [name for name in sys.modules if name.startswith("surface_client")]:
        del sys.modules[name]


def test_a_generated_client_works(generated: SimpleNamespace) -> None:
    """Typed rows, pages, enums, a body, a key, and errors as objects."""
    client, models, api = generated.client, generated.models, generated.api

    def call(name: str, *path: object, **given: Any) -> Any:  # noqa: ANN401 - as generated
        """Make a call and return what it answers, parsed."""
        return api(name).sync(*path, client=client, **given)

    file = json.loads((DATA / "small" / "activity.json").read_text())
    body = models.ImportActivityBody.from_dict(file)
    imported = call("documents.import_activity", body=body, session_name="March")
    assert isinstance(imported, models.ImportReport)
    assert imported.outcome is models.ImportReportOutcome.ACCEPTED

    (session,) = call("sessions.list_sessions").items
    assert isinstance(session, models.ProcessingSession)
    assert session.session_id == imported.session_id
    assert isinstance(session.created_at, datetime)
    assert session.status is models.ProcessingSessionStatus.COMPLETED

    whole = call("sessions.get_session", session.session_id)
    assert (whole.progress, whole.documents) == (None, [])
    assert whole.total_employees == session.total_employees

    work = call(
        "issues.list_work",
        session_id=session.session_id,
        order=models.ListWorkOrder.DOLLARS,
        severity=models.ValidationIssueSeverity.HIGH,
        limit=2,
    )
    assert isinstance(work, models.PageOfWorkList)
    assert len(work.items) == 2
    issue = work.items[0]
    assert isinstance(issue.issue_id, UUID)
    assert issue.severity is models.ValidationIssueSeverity.HIGH
    following = call(
        "issues.list_work",
        session_id=session.session_id,
        order=models.ListWorkOrder.DOLLARS,
        severity=models.ValidationIssueSeverity.HIGH,
        cursor=work.next_cursor,
    )
    assert issue.issue_id not in {row.issue_id for row in following.items}

    step = models.ResolveIssueBody(
        expected_version=issue.version,
        method=models.ValidationIssueResolutionMethod.CORRECTED,
        notes="Corrected",
    )
    key = str(uuid4())
    resolved = call("issues.resolve_issue", issue.issue_id, body=step, idempotency_key=key)
    assert isinstance(resolved, models.ValidationIssue)
    assert resolved.state is models.ValidationIssueState.RESOLVED
    assert call("issues.resolve_issue", issue.issue_id, body=step, idempotency_key=key) == resolved

    stale = call("issues.resolve_issue", issue.issue_id, body=step)
    assert isinstance(stale, models.Problem)
    assert (stale.status, stale.code) == (409, "stale_version")
    nothing = call("sessions.get_session", UUID(int=0))
    assert isinstance(nothing, models.Problem)
    assert (nothing.code, nothing.field) == ("session_not_found", "session_id")
    refused = call("settings.list_users")
    assert isinstance(refused, models.Problem)
    assert refused.code == "not_permitted"
    no_file = call("documents.download_packets", session.session_id)
    assert isinstance(no_file, models.Problem)


def test_everything_is_described(server: Server) -> None:
    """Every operation has a name, a tag and named errors; every column and parameter its words."""
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/openapi.json") as answer:
        document = json.load(answer)
    operations = [item for methods in document["paths"].values() for item in methods.values()]
    names = [item["operationId"] for item in operations]
    assert len(set(names)) == len(names)
    assert all(item["tags"] and item["summary"] for item in operations)
    rows = [item for item in operations if "x-roles" in item]
    assert len(rows) > 80
    for item in rows:
        assert {"400", "401", "403"} <= set(item["responses"]), item["operationId"]
        for parameter in item["parameters"]:
            assert parameter["description"], (item["operationId"], parameter["name"])
    for name, schema in document["components"]["schemas"].items():
        if name in {"Health", "Place", "Problem", "Upload", "ImportReport"}:
            continue
        for member, described in schema.get("properties", {}).items():
            assert described.get("description") or name.endswith("Answer"), (name, member)
