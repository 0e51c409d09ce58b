"""Reads sqitch.plan: one project, linear; ids as sqitch computes them."""

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from svc.embedded.machine import SetupError

LINE = re.compile(
    r"(?P<name>\S+)"
    r"(?:\s+\[(?P<dependencies>[^\]]+)\])?"
    r"\s+(?P<date>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"
    r"\s+(?P<planner>[^<]+?)\s+<(?P<email>[^>]+)>"
    r"(?:\s*#\s*(?P<note>.*))?"
)
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
    """A change: where its scripts are, what it requires and which tags follow it."""

    requires: tuple[str, ...]
    conflicts: tuple[str, ...]
    tags: tuple[Entry, ...]
    folder: Path
    file: str

    def has_tag(self, name: str) -> bool:
        """Tell whether the tag follows this change directly."""
        return name in (tag.name for tag in self.tags)

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

    def find(self, key: str) -> Change | None:
        """Return the change a dependency means, None when there is none, as sqitch finds it.

        A name alone means the first change of this name, name@tag the last one up to the tag.
        """
        name, _, tag = key.partition("@")
        named = [at for at, change in enumerate(self.changes) if name in ("", change.name)]
        if tag:
            tagged = [at for at, change in enumerate(self.changes) if change.has_tag(f"@{tag}")]
            named = [at for at in reversed(named) if tagged and at <= tagged[0]]
        return self.changes[named[0]] if named else None


def git_like_id(kind: str, lines: list[str]) -> str:
    """Return the SHA-1 that git would give an object of this kind and content."""
    content = "\n".join(lines).encode()
    header = f"{kind} {len(content)}\0".encode()
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest()


def listing(title: str, sign: str, names: tuple[str, ...]) -> list[str]:
    """Return the lines of a list of dependencies inside an id's content."""
    return [title, *(f"  {sign} {name}" for name in names)] if names else []


def read_plan(root: Path) -> Plan:
    """Read the plan of the project whose sqitch.conf stands in this folder.

    Raises SetupError, naming the line, for what a linear plan of one project does not have.
    """
    project, uri = "", None
    changes: list[Change] = []
    for number, text in enumerate((root / "sqitch.plan").read_text().splitlines(), start=1):
        line = text.strip()
        if line.startswith("%project="):
            project = line.partition("=")[2].strip()
        elif line.startswith("%uri="):
            uri = line.partition("=")[2].strip()
        elif line and line[0] not in "#%":
            fields = LINE.fullmatch(line)
            if fields is None or line[0] in "+-":
                raise SetupError(f"sqitch.plan line {number} is not a change or a tag")
            head = [f"project {project}", *([f"uri {uri}"] if uri else [])]
            if line[0] == "@":
                changes[-1] = with_tag(changes, head, fields)
            else:
                move_reworked(changes, fields["name"])
                changes.append(new_change(root, changes, head, fields))
    return Plan(project, uri, tuple(changes))


def note_of(fields: re.Match[str]) -> str:
    """Return the note of a plan line, escapes undone."""
    note = (fields["note"] or "").strip()
    return re.sub(r"\\[\\nr]", lambda found: ESCAPES[found[0]], note)


def tail_of(fields: re.Match[str], *, extra: list[str] | None = None) -> list[str]:
    """Return the lines with which the content of every id ends."""
    note = note_of(fields)
    return [
        f"planner {fields['planner']} <{fields['email']}>",
        f"date {fields['date']}",
        *(extra or []),
        *(["", note] if note else []),
    ]


def entry_fields(fields: re.Match[str]) -> tuple[str, datetime, str, str]:
    """Return note, time, planner and e-mail address of a plan line."""
    when = datetime.strptime(fields["date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return note_of(fields), when, fields["planner"], fields["email"]


def with_tag(changes: list[Change], head: list[str], fields: re.Match[str]) -> Change:
    """Return the last change with the tag of this line added.

    Raises SetupError when no change stands before the tag.
    """
    if not changes:
        raise SetupError(f"tag {fields['name']} stands before the first change")
    last = changes[-1]
    lines = [*head, f"tag {fields['name']}", f"change {last.identity}", *tail_of(fields)]
    tag = Entry(git_like_id("tag", lines), fields["name"], *entry_fields(fields))
    return replace(last, tags=(*last.tags, tag))


def move_reworked(changes: list[Change], name: str) -> None:
    """Point the earlier change of a name that comes again to its copy, kept under a later tag."""
    earlier = [at for at, change in enumerate(changes) if change.name == name]
    if earlier:
        old = changes[earlier[-1]]
        tags = [tag.name for change in changes[earlier[-1] :] for tag in change.tags]
        files = [f"{name}{tag}.sql" for tag in tags]
        folder = old.folder / "reworked"
        kept = [file for file in files if (folder / "deploy" / file).exists()]
        changes[earlier[-1]] = replace(old, folder=folder, file=(kept or files or [old.file])[0])


def new_change(root: Path, changes: list[Change], head: list[str], fields: re.Match[str]) -> Change:
    """Return the change of a plan line."""
    name = fields["name"]
    names = (fields["dependencies"] or "").split()
    requires = tuple(item for item in names if item[0] != "!")
    conflicts = tuple(item[1:] for item in names if item[0] == "!")
    lines = [
        *head,
        f"change {name}",
        *([f"parent {changes[-1].identity}"] if changes else []),
        *tail_of(
            fields,
            extra=listing("requires", "+", requires) + listing("conflicts", "-", conflicts),
        ),
    ]
    return Change(
        git_like_id("change", lines),
        name,
        *entry_fields(fields),
        requires=requires,
        conflicts=conflicts,
        tags=(),
        folder=root / "db",
        file=f"{name}.sql",
    )
