"""Has a workbook of anybody read by a limited child, see `reader.py`."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import IO, TYPE_CHECKING, Any, Final

from svc.errors import Problem
from svc.pdf.limits import Limits
from svc.pdf.parent import child_environment

if TYPE_CHECKING:
    from svc.db import Row

CPU_SECONDS: Final = 30
MAXIMUM_ANSWER: Final = 256 * 2**20
GAVE_UP: Final = "Reading the workbook takes more time or memory than is allowed."


def ask_reader(file: IO[bytes], order: Row, field: str, hint: str) -> Any:  # noqa: ANN401 - JSON
    """Return what the child read of a file. Raises Problem 400 when it cannot be read."""
    limits = Limits()
    bounds = {
        "address_space": limits.address_space,
        "resident": limits.resident,
        "cpu_seconds": CPU_SECONDS,
    }
    file.flush()
    file.seek(0)
    command = [sys.executable, "-P", "-m", "svc.exports.reader", json.dumps({**bounds, **order})]
    with subprocess.Popen(
        command,
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=child_environment(),
    ) as child:
        # No more than is allowed, whoever has taken over the child.
        said = child.stdout.read(MAXIMUM_ANSWER + 1) if child.stdout else b""
        child.kill()
    try:
        answer: Row = json.loads(said)
    except ValueError:
        answer = {"refused": ["gave_up", GAVE_UP]}
    if "refused" in answer:
        code, message = answer["refused"]
        title = "the workbook cannot be taken"
        raise Problem(status=400, code=code, title=title, detail=message, hint=hint, field=field)
    return answer["rows"]


def read_sheets(file: IO[bytes], field: str) -> dict[str, list[list[str | None]]]:
    """Return all cells of a workbook as texts, by sheet and row. Raises Problem 400."""
    found: dict[str, list[list[str | None]]] = ask_reader(
        file, {}, field, "hand in the .xlsx as the program wrote it"
    )
    return found
