"""Reads sqitch.plan: one project, linear, without conflicts; ids as sqitch computes them."""

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from svc.embedded.machine import SetupError

LINE = re.compile(
    r"(?P<name>[^\s+-]\S*)"
    r"(?:\s+\[(?P<requires>[^\]!]+)\])?"
    r"\s+(?P<date>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"
    r"\s+(?P<planner>[^<]+?)\s+<(?P<email>[^>]+)>"
    r"(?:\s*#\s*(?P<note>.*))?"
)
REWORKED = re.compile(r"^\s*reworked_dir\s*=\s*(\S+)", re.MULTILINE)
ESCAPES = {r"\n": "\n", r"\r": "\r", r"\\": "\\"}


@dataclass(frozen=True)
class Entry:
    """A change or a tag as the plan has it."""

    identity: str
    name: str
    note: str
    planned_at: datetime
    planner: str
    email: str


@dataclass(frozen=True)
class Change(Entry):
    """A change: what it requires, where its scripts are and which tags follow it."""

    requires: tuple[str, ...]
    folder: Path
    file: str
    tags: tuple[Entry, ...] = ()

    def script(self, kind: str) -> Path:
        """Return the path of the deploy, revert or verify script."""
        return self.folder / kind / self.file

    def script_hash(self) -> str:
        """Return the SHA-1 of the deploy script, which sqitch records to see later edits."""
        return hashlib.sha1(self.script("deploy").read_bytes(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class Plan:
    """A project's changes in order."""

    project: str
    uri: str | None
    changes: tuple[Change, ...]


def find(changes: list[Change], key: str) -> Change | None:
    """Return the change a requirement means, None when there is none, as sqitch finds it.

    A name alone means the first change of this name, name@tag the last one up to the tag.
    """
    name, _, tag = key.partition("@")
    if tag:
        tags = [
            at for at, one in enumerate(changes, 1) for own in one.tags if own.name == f"@{tag}"
        ]
        changes = changes[: max(tags, default=0)][::-1]
    return next((change for change in changes if name in ("", change.name)), None)


def read_plan(root: Path) -> Plan:
    """Read the plan of the project whose sqitch.conf stands in this folder.

    Raises SetupError, naming the line, for what a linear plan of one project does not have.
    """
    project, uri = "", None
    apart = REWORKED.search((root / "sqitch.conf").read_text())
    changes: list[Change] = []
    for number, text in enumerate((root / "sqitch.plan").read_text().splitlines(), start=1):
        line = text.strip()
        if line.startswith("%project="):
            project = line.partition("=")[2].strip()
        elif line.startswith("%uri="):
            uri = line.partition("=")[2].strip()
        elif line and line[0] not in "#%":
            fields = LINE.fullmatch(line)
            if fields is None or (line[0] == "@" and not changes):
                raise SetupError(
                    f"sqitch.plan line {number} is not a change with its requirements or a tag"
                    " after one: only the real sqitch reads it"
                )
            head = [f"project {project}", *([f"uri {uri}"] if uri else [])]
            if line[0] == "@":
                head += [f"tag {fields['name']}", f"change {changes[-1].identity}"]
                tag = new_entry("tag", head, fields)
                changes[-1] = replace(changes[-1], tags=(*changes[-1].tags, tag))
            else:
                move_reworked(changes, fields["name"], root / (apart[1] if apart else "db"))
                head.append(f"change {fields['name']}")
                if changes:
                    head.append(f"parent {changes[-1].identity}")
                requires = tuple((fields["requires"] or "").split())
                entry = new_entry("change", head, fields, requires)
                file = f"{entry.name}.sql"
                changes.append(
                    Change(**vars(entry), requires=requires, folder=root / "db", file=file)
                )
    return Plan(project, uri, tuple(changes))


def move_reworked(changes: list[Change], name: str, folder: Path) -> None:
    """Point the earlier change of a name that comes again to its copy, kept under a later tag."""
    earlier = [at for at, change in enumerate(changes) if change.name == name]
    if earlier:
        old = changes[earlier[-1]]
        tags = [tag.name for change in changes[earlier[-1] :] for tag in change.tags]
        files = [f"{name}{tag}.sql" for tag in tags]
        kept = [file for file in files if (folder / "deploy" / file).exists()]
        changes[earlier[-1]] = replace(old, folder=folder, file=(kept or files or [old.file])[0])


def new_entry(
    kind: str, head: list[str], fields: re.Match[str], requires: tuple[str, ...] = ()
) -> Entry:
    """Return what a plan line says; its id is what git would give an object of this content."""
    note = (fields["note"] or "").strip()
    note = re.sub(r"\\[\\nr]", lambda found: ESCAPES[found[0]], note)
    lines = [
        *head,
        f"planner {fields['planner']} <{fields['email']}>",
        f"date {fields['date']}",
        *(["requires", *(f"  + {key}" for key in requires)] if requires else []),
        *(["", note] if note else []),
    ]
    content = "\n".join(lines).encode()
    header = f"{kind} {len(content)}\0".encode()
    return Entry(
        hashlib.sha1(header + content, usedforsecurity=False).hexdigest(),
        fields["name"],
        note,
        datetime.strptime(fields["date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC),
        fields["planner"],
        fields["email"],
    )
