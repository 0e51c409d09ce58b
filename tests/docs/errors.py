"""docs/errors.md: every code that a caller sees, from the catalogue and from the service."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from svc.errors import SLUG_OF_STATUS, status_of
from svc.pages import english

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

DOCUMENT = Path(__file__).parents[2] / "docs" / "errors.md"
SOURCES = Path(__file__).parents[2] / "svc"
HEADER = """\
# What an error says, and what to do

Made by `python -m tests.docs.reference` from the catalogue of the database
(`report.error_codes`) and the list of what the service answers by itself; tests compare both. Do
not edit it.

An answer names the thing by `field` or `errors`, and says in `detail` what was expected and what
came. Find `code`; in `psql`, `\\errverbose` after an error prints its five characters and, as
COLUMN NAME, the thing. Nothing of a request that was refused is kept, but for the record of the
attempt. After a 503, or when no answer came, send the same again under the same
`Idempotency-Key`: it is done once.
"""
CATALOGUE = """
SELECT e.sqlstate, e.slug, e.meaning, e.hint FROM report.error_codes AS e
WHERE e.sqlstate NOT LIKE 'ZX%' ORDER BY e.sqlstate COLLATE "C"
"""
CLASSES = {
    "IV": "What was given cannot be taken",
    "PM": "Not permitted",
    "NF": "No such thing",
    "ST": "Changed meanwhile, wrong state, twice",
    "RL": "Against a rule",
}
# What the service answers by itself: status, meaning, next step.
BY_THE_SERVICE = {
    "busy": (503, "The database is away, or has no place or lock free.", "Send it again."),
    "client_not_listed": (403, "The program is not among those allowed.", "Have it listed."),
    "conflict": (409, "Two things of one key, or of times that overlap.", "Look at what is there."),
    "foreign_form": (403, "The form is of another browser or session.", "Open the page again."),
    "foreign_sign_in": (400, "The sign-in began elsewhere, or is over.", "Begin again."),
    "insufficient_scope": (403, "The token is not for this interface.", "Ask for its scope."),
    "internal_error": (500, "A defect of ours.", "Tell us the error_id: the log has the place."),
    "invalid_input": (400, "A value has no form that can be read.", "See field and detail."),
    "invalid_json": (400, "The body is not a JSON object.", "Send one."),
    "invalid_parameter": (400, "Parameters are unknown, wrong or twice.", "See errors."),
    "invalid_text": (400, "A text cannot be stored.", "Take the character away."),
    "invalid_token": (401, "The token does not hold: over, or not ours.", "Ask for a new one."),
    "issuer_unavailable": (503, "The company's sign-in does not answer.", "Try later."),
    "link_over": (403, "The link was used, or is older than 15 minutes.", "Ask for a new one."),
    "method_not_allowed": (405, "The path does not take this method.", "See /openapi.json."),
    "missing_token": (401, "There is no bearer token.", "Send `Authorization: Bearer …`."),
    "no_company_sign_in": (404, "No company signs in here.", "Use a link."),
    "no_page_secret": (404, "The pages are not set up.", "Set CCP_PAGE_SECRET_FILE."),
    "no_pages": (404, "Pages of the month were removed, or never read.", "Take the PDFs."),
    "no_such_accounting_batch": (404, "There is no batch of this number.", "See the list."),
    "not_found": (404, "There is nothing here.", "See /openapi.json for the paths."),
    "not_permitted": (403, "Your role has no right to this call.", "Ask somebody who has."),
    "not_ready": (503, "The service lacks something; `missing` says what.", "Wait, or tell us."),
    "read_only_server": (503, "The server is a standby.", "Send it again in a moment."),
    "role_mismatch": (403, "The token names another role than yours.", "Ask for a new one."),
    "rule_broken": (422, "Against a rule of the tables.", "See field and detail."),
    "person_not_found": (404, "The person is not in the submission.", "See its list of people."),
    "session_not_found": (404, "There is no session with this id.", "See the list of sessions."),
    "sign_in_refused": (403, "The company refused, or said nothing that holds.", "Begin again."),
    "sign_in_unsound": (403, "What the company told of the sign-in does not hold.", "Begin again."),
    "timeout": (
        504,
        "It took longer than is allowed; nothing was done.",
        "Ask for less, or later.",
    ),
    "too_large": (413, "The body is larger than is allowed.", "Split it, or have it raised."),
    "unclear_dollars": (422, "Which pair has which dollars is not said.", "See the hint."),
    "unclear_pairs": (422, "The rows chosen on the page make no pairs.", "See the hint."),
    "unreadable_attachment": (409, "A scan of the packet cannot be read.", "Attach it again."),
    "unreadable_body": (400, "The body broke off.", "Send it again."),
    "unsupported_media_type": (415, "The body is of another kind.", "See the hint."),
    "wrong_token": (401, "The token is meant for something else.", "See the hint."),
}
RAISED = re.compile(r'(?:\bcode=|_unauthorized\(|_forbidden\()\s*"([a-z_]+)"')


def raised() -> set[str]:
    """Return the codes that the service gives by itself, as its sources name them."""
    texts = [file.read_text(encoding="utf-8") for file in SOURCES.rglob("*.py")]
    found = {code for text in texts for code in RAISED.findall(text)}
    return found | {*SLUG_OF_STATUS.values(), *english.PROBLEMS}


def parts(connection: psycopg.Connection) -> Iterator[str]:
    """Yield the document."""
    yield HEADER
    yield "## From the service\n"
    for code, (status, meaning, step) in sorted(BY_THE_SERVICE.items()):
        yield f"* `{code}` ({status}): {meaning} **{step}**"
    rows = connection.execute(CATALOGUE).fetchall()
    for prefix, title in CLASSES.items():
        yield f"\n## {title}\n"
        for sqlstate, slug, meaning, hint in rows:
            if sqlstate.startswith(prefix):
                yield f"* `{slug}` ({sqlstate}, {status_of(sqlstate)}): {meaning} **{hint}**"
