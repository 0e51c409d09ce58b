"""Writes docs/database.md and docs/errors.md from the catalog: what may be used, what is said.

python -m tests.docs.reference

makes a throwaway server, deploys, and writes the files. Everything in the first comes from the
comments and privileges of the schemas `report` and `api`, so it is never edited by hand.
"""

from __future__ import annotations

import re
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from svc.embedded.deploy import OWNER
from svc.embedded.machine import find_machine
from svc.embedded.suite import TEMPLATE, make_template, throwaway
from tests.docs import errors

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENT = Path(__file__).parents[2] / "docs" / "database.md"
WIDTH = 110
HEADER = """\
# Database reference

Made from the comments of the database by `python -m tests.docs.reference`; a test compares.
Do not edit it.

Schema `report` is for reading, schema `api` for writing. No other schema is open to anybody but
the owner and, for reading, the auditor. *Readers* are admin, processor, reviewer, read_only,
report and auditor: the roles `ccp_admin`, `ccp_processor` and so on. In the lists a name is
followed by its type and its meaning. Each view that has a function `report.<view>_as_of` also has
a view `as_of.<view>` with the same columns for every tick; the functions read it.
"""
READERS = {"admin", "processor", "reviewer", "read_only", "report", "auditor"}
ORDER = ("admin", "processor", "reviewer", "read_only", "report", "auditor", "worker")

# A view for every tick has the columns of its view; only the functions on it are for people.
RELATIONS = """
SELECT c.oid, n.nspname || '.' || c.relname, obj_description(c.oid, 'pg_class'),
    ARRAY(SELECT DISTINCT substr(r.rolname, 5) FROM aclexplode(c.relacl) AS a
          JOIN pg_roles AS r ON r.oid = a.grantee WHERE r.oid <> c.relowner)
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relkind = 'v' AND c.relname NOT LIKE '%%\\_by\\_tick'
ORDER BY c.relname COLLATE "C"
"""
COLUMNS = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod), col_description(a.attrelid, a.attnum)
FROM pg_attribute AS a WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""
FUNCTIONS = """
SELECT n.nspname || '.' || p.proname, pg_get_function_arguments(p.oid),
    pg_get_function_result(p.oid), obj_description(p.oid, 'pg_proc'),
    ARRAY(SELECT DISTINCT substr(r.rolname, 5) FROM aclexplode(p.proacl) AS a
          JOIN pg_roles AS r ON r.oid = a.grantee WHERE r.oid <> p.proowner)
FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
WHERE n.nspname = %(schema)s
    AND EXISTS (SELECT FROM aclexplode(p.proacl) AS a WHERE a.grantee <> p.proowner)
ORDER BY p.proname COLLATE "C"
"""
TYPES = """
SELECT c.oid, n.nspname || '.' || c.relname, obj_description(c.reltype, 'pg_type')
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = 'report' AND c.relkind = 'c' ORDER BY c.relname COLLATE "C"
"""


def wrapped(text: str, first: str = "", rest: str = "") -> str:
    """Return text as lines of the document's width."""
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def listed(arguments: str) -> str:
    """Return the arguments of a function, broken between them only, without types of nulls."""
    short = re.sub(r"DEFAULT NULL::[^,]+", "DEFAULT NULL", arguments)
    kept = short.replace(", ", ",\n").replace(" ", "\x00")
    return wrapped(kept, "    ", "    ").replace("\x00", " ")


def plain(text: str) -> str:
    """Return a comment so that Markdown shows it as it is."""
    return text.replace("*", "\\*").replace("<", "&lt;")


def roles(names: list[str]) -> str:
    """Return who may use something."""
    given = {name for name in names if name in ORDER}
    if given >= READERS:
        others = [name for name in ORDER if name in given - READERS]
        return ", ".join(["readers", *others])
    return ", ".join(name for name in ORDER if name in given) or "owner only"


def relations(connection: psycopg.Connection, schema: str) -> Iterator[str]:
    """Yield the views of a schema with their columns."""
    for oid, name, comment, names in connection.execute(RELATIONS, (schema,)).fetchall():
        yield f"\n### {name}\n"
        yield wrapped(f"{plain(comment)} For: {roles(names)}.") + "\n"
        for column, kind, meaning in connection.execute(COLUMNS, (oid,)):
            yield wrapped(f"`{column}` {kind}: {plain(meaning or '')}", "* ", "  ")


def functions(connection: psycopg.Connection, schema: str) -> Iterator[str]:
    """Yield the functions of a schema."""
    rows = connection.execute(FUNCTIONS, {"schema": schema}).fetchall()
    for name, arguments, result, comment, names in rows:
        yield f"\n### {name}\n"
        if arguments:
            yield listed(arguments)
            yield listed(f"RETURNS {result}") + "\n"
        else:
            yield listed(f"() RETURNS {result}") + "\n"
        yield wrapped(f"{plain(comment)} For: {roles(names)}.")


def parts(connection: psycopg.Connection) -> Iterator[str]:
    """Yield the document."""
    yield HEADER
    yield "## Views to read"
    yield from relations(connection, "report")
    yield "\n## Functions to read"
    yield from functions(connection, "report")
    yield "\n## Types of results"
    for oid, name, comment in connection.execute(TYPES).fetchall():
        columns = [f"{row[0]} {row[1]}" for row in connection.execute(COLUMNS, (oid,))]
        yield f"\n### {name}\n"
        yield wrapped(f"{plain(comment)} Columns: {', '.join(columns)}.")
    yield "\n## Functions to write"
    yield from functions(connection, "api")
    yield "\n## View to write"
    yield from relations(connection, "api")
    yield "\n## Functions for the audit"
    yield from functions(connection, "audit")
    yield "\n## Error codes\n"
    yield "See [errors.md](errors.md)."


def reference(connection: psycopg.Connection) -> str:
    """Return the document for a deployed database, read as its owner."""
    return "\n".join(parts(connection)) + "\n"


def error_reference(connection: psycopg.Connection) -> str:
    """Return the document of all error codes, read as its owner."""
    lines = [
        wrapped(line.replace("<", "&lt;"), "", "  ") if line.startswith("* ") else line
        for line in errors.parts(connection)
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the document; return the exit status."""
    with throwaway(find_machine()) as cluster:
        make_template(cluster)
        with psycopg.connect(cluster.login(OWNER, TEMPLATE).conninfo) as connection:
            DOCUMENT.write_text(reference(connection), encoding="utf-8")
            errors.DOCUMENT.write_text(error_reference(connection), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
