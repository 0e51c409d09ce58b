"""Months from before come in as old files; a month whose PDFs came in takes none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from svc.embedded.history import bring_in
from svc.embedded.local import LOCAL
from svc.embedded.people import enter_people
from tests.intake.conftest import DATA

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from svc.embedded.cluster import Cluster
    from tests.intake.conftest import Office


def test_the_old_file_of_a_month_with_pdfs_is_left_out(
    office: Office,
    cluster: Cluster,
    database: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It is named as the old result that it is, and the other months come in."""
    enter_people(cluster.login("ccp_owner", database), LOCAL)
    office.start_worker()
    office.import_sample("small", programme="")
    old = (DATA / "small" / "activity.json").read_text(encoding="utf-8")
    (tmp_path / "march.json").write_text(old, encoding="utf-8")
    before = old.replace("/2025", "/2022")
    (tmp_path / "before.json").write_text(before, encoding="utf-8")
    way_in = cluster.login(LOCAL, database)
    files = [tmp_path / "march.json", tmp_path / "before.json"]
    assert bring_in(way_in, files, dry_run=False, sure=True) == 0
    *table, last = capsys.readouterr().out.splitlines()
    (line,) = [line for line in table if line.startswith("march.json")]
    assert line.endswith("left out: the month has PDFs, this is its old result for ./run compare")
    assert last == "2 files: 1 imported, 1 left out; 1 months closed"
    assert not office.rows("SELECT FROM report.import_attempts AS a WHERE a.outcome = 'refused'")
    (proof,) = office.rows("SELECT p.is_exact, p.is_same FROM report.history_proof AS p")
    assert proof == {"is_exact": True, "is_same": True}
