"""A session as the activity.json of the program used before: entries of the database, joined."""

from __future__ import annotations

from collections import Counter
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from svc.db import Row

CHANGES: Final = (
    "no_coding_type",
    "half_code",
    "no_purpose",
    "no_receipt_id",
    "amount_unknown",
    "page_left_out",
    "person_merged",
    "unfit_entry",
)


def write_activity(entries: Iterable[Row], target: IO[bytes]) -> str:
    """Write the file; return what is written otherwise for the old program's sake, with counts."""
    changes: Counter[str] = Counter()
    before = "{\n"
    for row in entries:
        changes.update({name: row[name] for name in CHANGES})
        target.write(f"{before}  {row['source_key']}: {row['entry']}".encode("ascii"))
        before = ",\n"
    target.write(b"\n}")
    return "; ".join(f"{name}={changes[name]}" for name in CHANGES if changes[name]) or "none"
