"""Writes what the verify scripts expect from what each deploy script makes.

python -m tests.database.objects

deploys the plan one change after the other on a throwaway server and puts into each verify script
the objects that its change makes and that are still so at the end. What stands before that list is
written by hand and kept.
"""

import textwrap
from pathlib import Path

from svc.embedded.deploy import OWNER, bootstrap
from svc.embedded.login import Login
from svc.embedded.machine import ROOT, find_machine
from svc.embedded.plan import read_plan
from svc.embedded.suite import throwaway

OBJECTS = "SELECT o.object FROM app.deployed_objects AS o"
BEGINS = "SELECT app.expect_objects($$\n"
ENDS = "$$);\n"
LAST = "\nROLLBACK;\n"
WIDTH = 118


def expected(login: Login) -> dict[Path, list[str]]:
    """Deploy the plan into an empty, bootstrapped database and return each verify script's lines.

    Raises SetupError when a script fails.
    """
    made: dict[Path, set[str]] = {}
    before: set[str] = set()
    with login.connect() as owner:
        for change in read_plan(ROOT).changes:
            login.psql("-f", str(change.script("deploy")))
            now = {line for (line,) in owner.execute(OBJECTS).fetchall()}
            made[change.script("verify")] = now - before
            before = now
    return {script: sorted(lines & before) for script, lines in made.items()}


def written(script: str, lines: list[str]) -> str:
    """Return the text of a verify script with the list replaced; without lines there is none."""
    kept = script.partition(BEGINS)[0].removesuffix(LAST).rstrip("\n")
    if not lines:
        return f"{kept}\n{LAST}"
    wrapped = "\n".join(
        textwrap.fill(
            line, WIDTH, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
        )
        for line in lines
    )
    return f"{kept}\n\n{BEGINS}{wrapped}\n{ENDS}{LAST}"


def main() -> None:
    """Write all verify scripts."""
    machine = find_machine()
    with throwaway(machine) as cluster:
        bootstrap(cluster, "objects")
        for script, lines in expected(cluster.login(OWNER, "objects")).items():
            script.write_text(written(script.read_text(), lines))


if __name__ == "__main__":
    main()
