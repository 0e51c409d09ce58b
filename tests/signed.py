"""Runs lints that judge from outside and compares what they find with what is signed.

`python -m tests.signed` installs bandit and squawk once, pinned, beside the environment, and reads
the table "Signed lints" of docs/security.md: tool and rule, places, reason. What is found and not
signed fails, and so does a signature that nothing needs any more.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from svc.embedded.machine import tell

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements" / "signed.txt"
TOOLS = ROOT / ".venv" / "signed"
DOCUMENT = ROOT / "docs" / "security.md"
ROW = re.compile(r"^\| `(\w+) ([\w-]+)` \| (.*?) \| (.+) \|$", re.MULTILINE)


class Finding(NamedTuple):
    """What a tool says about a place."""

    tool: str
    rule: str
    file: str
    line: int
    text: str


class Signature(NamedTuple):
    """A rule that is let pass in some places."""

    tool: str
    rule: str
    places: tuple[str, ...]

    def covers(self, finding: Finding) -> bool:
        """Tell whether this is what was signed."""
        return (self.tool, self.rule) == finding[:2] and finding.file.startswith(self.places)


def install() -> None:
    """Install the tools, once for each content of their list."""
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    stamp = TOOLS / "digest"
    if stamp.exists() and stamp.read_text() == digest:
        return
    shutil.rmtree(TOOLS, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    pins = ["--no-deps", "--require-hashes", "--only-binary=:all:"]
    subprocess.run([*pip, *pins, "--target", str(TOOLS), "-r", str(LOCK)], check=True)
    stamp.write_text(digest)


def run(*command: str) -> str:
    """Return what a tool prints; it ends with 1 when it finds something."""
    environment = {**os.environ, "PYTHONPATH": str(TOOLS)}
    result = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if result.returncode not in {0, 1} or not result.stdout:
        raise SystemExit(f"{command[0]} failed: {result.stderr}")
    return result.stdout


def findings() -> Iterator[Finding]:
    """Yield what the tools find."""
    report = json.loads(run(sys.executable, "-m", "bandit", "-q", "-r", "svc", "-f", "json"))
    for one in report["results"]:
        yield Finding(
            "bandit", one["test_id"], one["filename"], one["line_number"], one["issue_text"]
        )
    scripts = [str(file.relative_to(ROOT)) for file in sorted(ROOT.glob("db/deploy/*/*.sql"))]
    for one in json.loads(run(str(TOOLS / "bin" / "squawk"), "--reporter", "json", *scripts)):
        yield Finding("squawk", one["rule_name"], one["file"], one["line"] + 1, one["message"])


def signatures() -> list[Signature]:
    """Return the rows of the table."""
    return [
        Signature(tool, rule, tuple(re.findall(r"`([^`]+)`", places)))
        for tool, rule, places, _ in ROW.findall(DOCUMENT.read_text("utf-8"))
    ]


def main() -> int:
    """Compare and report; return the exit status."""
    install()
    found, signed = list(findings()), signatures()
    unsigned = [one for one in found if not any(name.covers(one) for name in signed)]
    needless = [name for name in signed if not any(name.covers(one) for one in found)]
    for one in unsigned:
        tell(f"{one.file}:{one.line}: {one.tool} {one.rule}: {one.text}")
    for name in needless:
        tell(f"docs/security.md: {name.tool} {name.rule} is signed and not found any more")
    tell(f"signed lints: {len(found)} lines, {len(unsigned)} not signed")
    return 1 if unsigned or needless else 0


if __name__ == "__main__":
    sys.exit(main())
