"""The documents: links, headings, references from the code, and the generated reference."""

import re
from pathlib import Path

import psycopg
import pytest

from tests.conftest import Connect
from tests.docs import errors
from tests.docs.reference import DOCUMENT, error_reference, reference

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
MENTION = re.compile(
    r"\b((?:docs|db|svc|tests|bench|deploy|examples)/[\w/]+\.(?:md|sql|py|conf|env|json))\b"
)
SECTION = re.compile(r"docs/(formats|security)\.md[,)]? (\d+(?:\.\d+)?)\b")
SOURCES = [
    file
    for folder in ("db", "svc", "tests", "bench", "deploy")
    for file in sorted((ROOT / folder).rglob("*"))
    if file.suffix in {".sql", ".py", ".psql", ".conf", ".env", ".md"}
]

# The constraint that holds each list of section 6.2 of the formats.
LISTS = {
    "role of a user": "user_roles",
    "status of a session": "processing_sessions_status_check",
    "status of a person": "session_employees_status_check",
    "state of an issue, by people": "validation_issues_state_check",
    "state of an issue, by the machine": "validation_issues_state_check",
    "method": "validation_issues_resolution_method_check",
    "severity": "validation_issues_severity_check",
    "type of transaction": "receipt_contents_transaction_type_check",
    "coding": "receipt_contents_coding_type_check",
    "origin of a revision": "employee_revisions_origin_check",
    "outcome of an import": "import_attempts_outcome_check",
    "how a month was found": "processing_sessions_period_source_check",
    "why a decision is asked for, by what is in it": "submission_controls_reasons_check",
    "the same, by its month (6.3)": "submission_controls_reasons_check",
    "decision about a submission": "submission_decisions_decision_check",
}
CHECKS = """
SELECT c.conname, pg_get_constraintdef(c.oid) FROM pg_constraint AS c WHERE c.contype = 'c'
UNION ALL
SELECT 'user_roles', string_agg(quote_literal(r), ' ') FROM unnest(app.user_roles()) AS r
"""


def text_of(name: str) -> str:
    """Return a document."""
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.name)
def test_links_and_mentioned_files_exist(document: Path) -> None:
    """Each link leads to a file, and each file that is named by its path is there."""
    text = document.read_text(encoding="utf-8")
    links = [document.parent / link for link in LINK.findall(text) if "://" not in link]
    mentions = [ROOT / name for name in MENTION.findall(text)]
    assert [file for file in [*links, *mentions] if not file.exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.name)
def test_lines_are_short(document: Path) -> None:
    """At most 110 characters, so that a terminal shows them."""
    lines = document.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if len(line) > 110] == []


def test_the_readme_is_one_screen() -> None:
    """At most sixty lines."""
    assert len(text_of("README.md").splitlines()) <= 60


def test_sections_the_code_speaks_of_exist() -> None:
    """A comment that names a section of formats or security leads to one."""
    headings = {
        name: set(re.findall(r"^#+ (\d+(?:\.\d+)?)", text_of(f"docs/{name}.md"), re.MULTILINE))
        | set(re.findall(r"^(\d+)\. ", text_of(f"docs/{name}.md"), re.MULTILINE))
        for name in ("formats", "security")
    }
    missing = [
        (str(file.relative_to(ROOT)), name, section)
        for file in SOURCES
        for name, section in SECTION.findall(file.read_text(encoding="utf-8", errors="replace"))
        if section not in headings[name]
    ]
    assert missing == []


def test_documents_the_code_speaks_of_exist() -> None:
    """Every docs/….md named in a source is there."""
    named = {
        name
        for file in SOURCES
        for name in re.findall(r"docs/\w+\.md", file.read_text(encoding="utf-8", errors="replace"))
    }
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_security_rules_are_numbered_without_gap() -> None:
    """Rules 1 to 22, in order."""
    numbers = re.findall(r"^(\d+)\. ", text_of("docs/security.md"), re.MULTILINE)
    assert numbers == [str(number) for number in range(1, 23)]


def test_error_codes_the_documents_name_are_known(connect: Connect) -> None:
    """SQLSTATEs of ours that any document names are in the catalogue."""
    owner: psycopg.Connection = connect("ccp_owner")
    known = {code for (code,) in owner.execute("SELECT e.sqlstate FROM report.error_codes AS e")}
    named = {
        code
        for document in DOCUMENTS
        for code in re.findall(r"\b(?:IV|PM|NF|ST|RL|ZX)\d{3}\b", document.read_text("utf-8"))
    }
    assert named <= known


def test_every_rule_is_in_the_formats(connect: Connect) -> None:
    """Rules that the database has are named in section 6.1."""
    owner: psycopg.Connection = connect("ccp_owner")
    rules = {
        code for (code,) in owner.execute("SELECT r.rule_code FROM report.validation_rules AS r")
    }
    named = set(re.findall(r"`([a-z_]+)`", text_of("docs/formats.md")))
    assert sorted(rules - named) == []


def test_closed_lists_are_those_of_the_database(connect: Connect) -> None:
    """Each list of section 6.2 has what a column may hold, no more and no less."""
    owner: psycopg.Connection = connect("ccp_owner")
    section = text_of("docs/formats.md").partition("### 6.2 ")[2].partition("### ")[0]
    rows = re.findall(r"^\| ([^|`]+) \| ([^|]*`[^|]*) \|$", section, re.MULTILINE)
    told: dict[str, set[str]] = {}
    for name, values in rows:
        told.setdefault(LISTS[name], set()).update(re.findall(r"`(\w+)`", values))
    checks: dict[str, str] = dict(owner.execute(CHECKS).fetchall())
    held = {name: set(re.findall(r"'(\w+)'", checks[name])) for name in set(LISTS.values())}
    assert told == held


def test_the_reference_is_current(connect: Connect) -> None:
    """docs/database.md is what the catalog says; `python -m tests.docs.reference` writes it."""
    assert DOCUMENT.read_text(encoding="utf-8") == reference(connect("ccp_owner"))


def test_every_code_that_people_see_is_explained(connect: Connect) -> None:
    """docs/errors.md has the catalogue, and each code that the service gives by itself."""
    found = errors.DOCUMENT.read_text(encoding="utf-8")
    assert found == error_reference(connect("ccp_owner"))
    assert errors.raised() == set(errors.BY_THE_SERVICE)
