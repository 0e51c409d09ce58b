"""The mirror: a file that follows the database, and every way in which it cannot."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from svc.config import ConfigurationError, Settings
from svc.db import Database
from svc.mirror import MARK, _fault, log
from svc.worker import Worker
from tests.intake.test_activity_export import base, correct, exported, imported
from tests.service.conftest import SECRET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.intake.conftest import Office

NAME = "activity-2025-03-01-2025-03-31.json"
STATE = """
SELECT m.state, m.difference, m.last_difference, m.sha256, m.changes,
    m.behind_by = interval '0' AS is_current
FROM report.mirror_state AS m WHERE m.session_id = %s
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return an empty folder for the mirror."""
    found = tmp_path / "mirror"
    found.mkdir()
    return found


@pytest.fixture
def turn(office: Office, folder: Path) -> Iterator[Callable[[], object]]:
    """Yield a turn of the duty, which also looks at files that should be right."""
    settings = Settings(
        database_url=office.url, token_secret=SECRET, mirror_directory=folder, pool_size=2
    )
    database = Database(settings)
    database.open()
    with closing(database):
        (duty,) = (x for x in Worker(database, settings).duties if x.name == "mirror")
        mirror = duty._work.__self__  # type: ignore[attr-defined]

        def one() -> object:
            """Take a turn with a look at everything."""
            mirror._next_check = 0.0
            return duty.turn()

        yield one


@pytest.fixture
def session(office: Office) -> str:
    """Return a session of an old file."""
    return imported(office, json.dumps(base(), indent=2), "")


def state_of(office: Office, session: str) -> dict[str, Any]:
    """Return how the mirror of a session is."""
    (found,) = office.rows(STATE, session)
    return found


def test_follows_what_is_committed(
    office: Office, session: str, folder: Path, turn: Callable[[], object]
) -> None:
    """The file is the export, for the group to read; a correction is in it after the next turn."""
    assert state_of(office, session)["state"] is None
    turn()
    assert sorted(path.name for path in folder.iterdir()) == [MARK, NAME]
    assert (folder / NAME).read_bytes() == exported(office, session).body
    assert stat.S_IMODE((folder / NAME).stat().st_mode) == 0o640
    found = state_of(office, session)
    assert (found["state"], found["is_current"], found["changes"]) == ("written", True, "none")
    correct(office, session, "OTHER", "Another one")
    assert not state_of(office, session)["is_current"]
    turn()
    assert (folder / NAME).read_bytes() == exported(office, session).body
    assert state_of(office, session)["is_current"]


@pytest.mark.parametrize("content", [b"{}", None])
def test_notices_what_somebody_did_to_the_file(
    office: Office, session: str, folder: Path, turn: Callable[[], object], content: bytes | None
) -> None:
    """A file that was changed or removed is logged, stored as a difference and made anew."""
    turn()
    (folder / NAME).unlink()
    if content is not None:
        (folder / NAME).write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        logged: list[str] = []
        patch.setattr(log, "error", lambda message, **_: logged.append(message))
        turn()
    assert logged == ["mirror not as the database"]
    found = state_of(office, session)
    assert found["state"] == "differs"
    assert found["difference"] == found["last_difference"]
    turn()
    assert (folder / NAME).read_bytes() == exported(office, session).body
    again = state_of(office, session)
    assert (again["state"], again["difference"]) == ("written", None)
    assert again["last_difference"] == found["difference"]


@pytest.mark.parametrize("is_marked", [False, True])
def test_leaves_the_folder_of_the_old_program_alone(
    office: Office, session: str, folder: Path, turn: Callable[[], object], *, is_marked: bool
) -> None:
    """Neither a folder with something in it, nor one that got an activity.json later."""
    if is_marked:
        (folder / MARK).touch()
    (folder / "activity.json").write_text("{}")
    turn()
    assert state_of(office, session)["state"] == "foreign_folder"
    assert (folder / "activity.json").read_text() == "{}"
    assert not (folder / NAME).exists()


def test_what_the_folder_forbids_is_a_state(
    office: Office, session: str, folder: Path, turn: Callable[[], object]
) -> None:
    """A folder that is gone stops nothing; then it goes on."""
    folder.rmdir()
    turn()
    assert state_of(office, session)["state"] == "unwritable"
    folder.mkdir()
    turn()
    assert state_of(office, session)["state"] == "written"
    assert _fault(OSError(errno.ENOSPC, "No space left on device"))[0] == "disk_full"


@pytest.mark.parametrize("kind", ["pipe", "symbolic", "hard"])
def test_follows_no_link_and_waits_for_no_pipe(
    office: Office, session: str, folder: Path, turn: Callable[[], object], kind: str
) -> None:
    """Neither what lies under the file's name, nor under that of an unfinished one, is touched."""
    other = folder.parent / "elsewhere"
    other.write_text("theirs")

    def lay(path: Path) -> None:
        """Lay it there."""
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "symbolic":
            path.symlink_to(other)
        else:
            path.hardlink_to(other)

    (folder / MARK).touch()
    lay(folder / f".{NAME}.part")
    if kind != "hard":
        lay(folder / NAME)
        for _ in range(2):
            turn()
            assert state_of(office, session)["state"] == "foreign_folder"
        (folder / NAME).unlink()
    turn()
    assert state_of(office, session)["state"] == "written"
    assert sorted(path.name for path in folder.iterdir()) == [MARK, NAME]
    # One that is right by the database is looked at, and no more than that.
    (folder / NAME).unlink()
    lay(folder / NAME)
    turn()
    wanted = "differs" if kind == "hard" else "foreign_folder"
    assert state_of(office, session)["state"] == wanted
    assert other.read_text() == "theirs"


def test_what_a_killed_turn_left_is_taken_away(
    office: Office, folder: Path, turn: Callable[[], object]
) -> None:
    """At the next start, also when no month is to be written; nothing else of a foreign folder."""
    left = folder / ".activity-x1y2z3.part"
    left.write_text("{")
    turn()
    assert left.exists()
    (folder / MARK).touch()
    turn()
    assert sorted(path.name for path in folder.iterdir()) == [MARK]
    assert office.rows("SELECT FROM app.mirror_files") == []


def test_one_writes(office: Office, session: str, folder: Path, turn: Callable[[], object]) -> None:
    """Whoever finds the folder held writes nothing and says nothing."""
    with (folder / MARK).open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        turn()
        assert state_of(office, session)["state"] is None
    turn()
    assert state_of(office, session)["state"] == "written"


def test_directory_is_a_path_from_the_root() -> None:
    """A relative one is refused at start; without one there is no mirror."""
    env = {"DATABASE_URL": "x", "CCP_OIDC_ISSUER": "a", "CCP_OIDC_JWKS_URL": "https://a/keys"}
    assert Settings.from_environment(env).mirror_directory is None
    with pytest.raises(ConfigurationError, match="CCP_MIRROR_DIRECTORY"):
        Settings.from_environment({**env, "CCP_MIRROR_DIRECTORY": "mirror"})
