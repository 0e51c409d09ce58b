"""The examples of the documents run as they stand: SQL through psql, curl commands over HTTP.

A block fenced as `sql` runs in psql as `ccp_local`, one fenced as `sql LOGIN` as that login; each
document gets a database of its own that holds the example month. In a block fenced as `sh` every
curl command is carried out against the service; names such as $SESSION stand for what `VALUES_OF`
reads just before. What is marked `server` is for a server of one's own and not for that of `./run`.
The pages for its DBA run on a bootstrapped database with nothing in it as well, and `./test drills`
follows them word for word, commands included.
"""

import io
import re
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from string import Template
from typing import NamedTuple

import psycopg
import pytest
from psycopg.rows import dict_row
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from svc.auth import local_token
from svc.config import Settings
from svc.embedded.cluster import Cluster
from svc.embedded.local import EXAMPLE, LOCAL
from svc.embedded.machine import SetupError
from svc.embedded.people import enter_people, user_name
from svc.routes import EXTENSION, Services
from svc.worker import Worker
from tests.conftest import copy_of_template
from tests.docs.test_documents import DOCUMENTS, ROOT
from tests.service.conftest import Api, running

BLOCK = re.compile(
    r"^```(sql|sh)(?: (?!server\b)(\w+))?( server)?\n(.*?)^```$", re.MULTILINE | re.DOTALL
)
# By these a command sends something, which may have to be worked off.
WRITING = {"-X", "-d", "-F", "--data-binary"}
RUNBOOK = [ROOT / "docs" / name for name in ("operations.md", "availability.md")]
SECRET = b"a secret of the documents, long enough for HS256"
VALUES_OF = """
SELECT s.session_id::text AS "SESSION", s.version::text AS "SESSION_VERSION",
    coalesce(s.parent_session_id, s.session_id)::text AS "OTHER",
    i.issue_id::text AS "ISSUE", i.version::text AS "VERSION",
    t.transaction_id::text AS "RECEIPT", t.employee_revision_id::text AS "REVISION",
    p.cardholder_id::text AS "CARDHOLDER", p.version::text AS "PERSON_VERSION",
    m.charge_id::text AS "CHARGE", m.transaction_id::text AS "MATCHED",
    m.person_version::text AS "MATCH_VERSION",
    c.revision_id::text AS "CURRENT_REVISION",
    coalesce(c.predecessor_id, c.revision_id)::text AS "OLD_REVISION",
    z.month_id::text AS "MONTH", z.version::text AS "MONTH_VERSION"
FROM (SELECT x.* FROM report.sessions AS x ORDER BY x.session_id DESC LIMIT 1) AS s
LEFT JOIN LATERAL (SELECT x.* FROM report.validation_issues AS x
    WHERE x.session_id = s.session_id AND x.is_open ORDER BY x.issue_id LIMIT 1) AS i ON true
LEFT JOIN LATERAL (SELECT x.* FROM report.transactions AS x
    WHERE x.session_id = s.session_id ORDER BY x.is_coded, x.transaction_id LIMIT 1) AS t ON true
LEFT JOIN LATERAL (SELECT x.* FROM report.employee_revisions AS x
    WHERE x.session_id = s.session_id AND x.hold_reason IS NULL LIMIT 1) AS p ON true
LEFT JOIN LATERAL (SELECT x.* FROM report.matches AS x
    WHERE x.session_id = s.session_id ORDER BY x.charge_id LIMIT 1) AS m ON true
LEFT JOIN LATERAL (SELECT x.* FROM report.employee_revisions AS x
    ORDER BY x.revision_number DESC LIMIT 1) AS c ON true
LEFT JOIN LATERAL (SELECT x.* FROM report.months AS x
    ORDER BY x.created_at DESC LIMIT 1) AS z ON true
"""


class Block(NamedTuple):
    """An example: where it stands, its kind, who runs it, its text."""

    place: str
    kind: str
    login: str
    text: str


def blocks_of(document: Path, *kinds: str, server: bool = False) -> list[Block]:
    """Return the examples of some kinds in a document; with those for a server of one's own."""
    text = document.read_text(encoding="utf-8")
    return [
        Block(f"{document.name}:{text.count(chr(10), 0, m.start()) + 1}", m[1], m[2] or "", m[4])
        for m in BLOCK.finditer(text)
        if m[1] in kinds and (server or not m[3])
    ]


def commands(block: Block) -> list[list[str]]:
    """Return the curl commands of a block as lists of words."""
    parts = re.split(r"^(?=\S)", block.text.replace("\\\n", " "), flags=re.MULTILINE)
    return [shlex.split(part) for part in parts if part.startswith("curl ")]


def documents_with(kind: str) -> list[Path]:
    """Return the documents that hold something to run of this kind."""
    return [
        document
        for document in DOCUMENTS
        if any(kind == "sql" or commands(block) for block in blocks_of(document, kind))
    ]


TOKEN = local_token(SECRET, user_name("admin"), "admin", 3600)


def service_on(cluster: Cluster, database: str) -> AbstractContextManager[Api]:
    """Yield a caller of the service on a database."""
    url = cluster.login("ccp_service", database).conninfo
    return running(Settings(database_url=url, token_secret=SECRET, pool_size=2))


def work(api: Api) -> None:
    """Do what waits, as a worker does."""
    services: Services = api.app.extensions[EXTENSION]
    Worker(services.database, services.settings).run_until_idle()


@pytest.fixture(scope="module")
def example(cluster: Cluster, shared_database: str) -> str:
    """Return the name of a database as `./run` leaves it: people, and the example month."""
    enter_people(cluster.login("ccp_owner", shared_database), LOCAL)
    with service_on(cluster, shared_database) as api, ExitStack() as stack:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        client = api.app.test_client()
        name = {"session_name": "Example month"}
        session = client.post("/api/v1/sessions", headers=headers, json=name)
        path = f"/api/v1/sessions/{session.get_json()['session_id']}/files"
        car, receipts = (stack.enter_context(file.open("rb")) for file in EXAMPLE)
        files = {"car": car, "receipts": receipts}
        assert client.post(path, headers=headers, data=files).status_code == 202
        work(api)
    return shared_database


@pytest.fixture
def month(cluster: Cluster, example: str) -> Iterator[str]:
    """Yield the name of a copy of the example for one document alone."""
    with copy_of_template(cluster, example) as name:
        yield name


@pytest.mark.parametrize("document", documents_with("sql"), ids=lambda file: file.name)
def test_sql_examples_run(cluster: Cluster, month: str, document: Path, tmp_path: Path) -> None:
    """In the order of the document, each in a session of its own; none fails."""
    assert run_sql(cluster, month, blocks_of(document, "sql"), tmp_path) == []


def test_psql_tells_which_argument_an_error_means(cluster: Cluster, example: str) -> None:
    """By the command that the guide and the list of errors name, with the code to look up."""
    login = cluster.login(LOCAL, example)
    statements = "UPDATE api.current_transactions SET purpose = 'Told';\n\\errverbose\n"
    said = subprocess.run(
        [login.machine.program("psql"), "-X"],
        env=login.environment,
        input=statements,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "IV008: " in said.stderr
    assert "COLUMN NAME:  app.reason" in said.stderr


def test_the_runbook_runs_on_a_server_with_nothing_else(
    cluster: Cluster, database: str, tmp_path: Path
) -> None:
    """Bootstrapped and deployed: each example of its pages, in order, and no user but those."""
    blocks = [block for page in RUNBOOK for block in blocks_of(page, "sql", server=True)]
    assert run_sql(cluster, database, blocks, tmp_path) == []


def run_sql(cluster: Cluster, database: str, blocks: list[Block], folder: Path) -> list[str]:
    """Run examples through psql and return what failed."""
    failed = []
    for block in blocks:
        script = folder / "example.sql"
        script.write_text(block.text, encoding="utf-8")
        try:
            cluster.login(block.login or LOCAL, database).psql("-f", str(script))
        except SetupError as error:
            failed.append(f"{block.place}: {error}")
    return failed


def carry_out(api: Api, words: list[str], kept: dict[str, bytes]) -> tuple[int, str]:
    """Do what a curl command says; return status and body. Files that it writes are kept."""
    method, path, headers, body = "GET", "", {}, b""
    parts: dict[str, FileStorage | str] = {}
    output = ""
    arguments = iter(words[1:])
    for word in arguments:
        if word == "-X":
            method = next(arguments)
        elif word == "-H":
            name, _, value = next(arguments).partition(": ")
            headers[name] = value
        elif word in {"-d", "--data-binary"}:
            given = next(arguments)
            body = (ROOT / given[1:]).read_bytes() if given.startswith("@") else given.encode()
            method = "POST"
        elif word == "-F":
            name, _, value = next(arguments).partition("=")
            method, parts[name] = "POST", value
            if value.startswith("@"):
                file = value[1:]
                content = io.BytesIO(kept.get(file) or (ROOT / file).read_bytes())
                parts[name] = FileStorage(content, filename=Path(file).name, name=name)
        elif word == "-o":
            output = next(arguments)
        elif not word.startswith("-"):
            path = word.removeprefix("http://").partition("/")[2]
    if parts:
        # Not left to the client, which leaves a temporary file of a large body open.
        boundary, body = encode_multipart(parts)
        headers["Content-Type"] = f'multipart/form-data; boundary="{boundary}"'
    answer = api.app.test_client().open(f"/{path}", method=method, headers=headers, data=body)
    kept[output] = answer.get_data()
    return answer.status_code, kept[output].decode(errors="replace")


@pytest.mark.parametrize("document", documents_with("sh"), ids=lambda file: file.name)
def test_curl_examples_are_answered(cluster: Cluster, month: str, document: Path) -> None:
    """Each command of the document, in order, with an answer that is no error."""
    owner = psycopg.connect(cluster.login("ccp_owner", month).conninfo, autocommit=True)
    failed = []
    kept: dict[str, bytes] = {}
    with owner, service_on(cluster, month) as api:
        for block in blocks_of(document, "sh"):
            for words in commands(block):
                cursor = owner.cursor(row_factory=dict_row).execute(VALUES_OF)
                values = {**(cursor.fetchone() or {}), "TOKEN": TOKEN}
                known = [Template(word).substitute(values) for word in words]
                status, answer = carry_out(api, known, kept)
                if WRITING & {*words}:
                    work(api)
                if not 200 <= status < 300:
                    failed.append(f"{block.place}: {status} {' '.join(known)}: {answer}")
    assert failed == []
