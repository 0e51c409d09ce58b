"""`./run import --closed`: months from before, in order, closed, resumed where it was stopped."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from re import sub

import psycopg
import pytest

from svc.embedded.cluster import Cluster
from svc.embedded.history import bring_in
from svc.embedded.local import LOCAL
from svc.embedded.login import Login
from svc.embedded.machine import SetupError
from svc.embedded.people import enter_people
from tests.service.conftest import DATA

SMALL = (DATA / "small" / "activity.json").read_text(encoding="utf-8")
MONTHS = """
SELECT m.month_name, m.state, m.is_history, m.close_reason, m.submissions, m.total_amount::text
FROM report.months AS m ORDER BY m.period_start
"""

BRING_IN = """
import sys
from pathlib import Path
from svc.embedded.history import bring_in
from svc.embedded.login import Login
from svc.embedded.machine import find_machine
bring_in(Login(find_machine(), sys.argv[1]), [Path(sys.argv[2])], dry_run=False, sure=True)
"""
WORK = """
DO $$ BEGIN
    PERFORM set_config('app.reason', 'as told', true);
    UPDATE api.current_transactions SET purpose = 'Another' WHERE transaction_id = (
        SELECT t.transaction_id FROM report.transactions AS t ORDER BY t.transaction_id LIMIT 1);
END $$
"""


@pytest.fixture
def way_in(cluster: Cluster, database: str) -> Login:
    """Return the login of whoever sits at the machine, on a database with people."""
    enter_people(cluster.login("ccp_owner", database), LOCAL)
    return cluster.login(LOCAL, database)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with two months, one of them corrected by a second file, and what is none."""
    (tmp_path / "older").mkdir()
    (tmp_path / "b_2022.json").write_text(SMALL.replace("/2025", "/2022"), encoding="utf-8")
    corrected = SMALL.replace("/2025", "/2022").replace("894.89", "900.00")
    (tmp_path / "c_2022_corrected.json").write_text(corrected, encoding="utf-8")
    older = SMALL.replace("/2025", "/2021")
    (tmp_path / "older" / "z_2021.json").write_text(older, encoding="utf-8")
    (tmp_path / "d_broken.json").write_text("{", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not a month", encoding="utf-8")
    return tmp_path


def test_months_from_before_come_in_closed(
    way_in: Login, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Shown first, in order of their months; a second run finds all of it there."""
    assert bring_in(way_in, [folder], dry_run=True, sure=False) == 1
    table = capsys.readouterr().out.splitlines()
    shown = [
        [line.split()[0], line.split()[1], line.split("  ")[-1].strip()] for line in table[1:5]
    ]
    assert shown == [
        ["z_2021.json", "2021-03", "a closed month"],
        ["b_2022.json", "2022-03", "a closed month"],
        ["c_2022_corrected.json", "2022-03", "its next submission"],
        ["d_broken.json", "-", shown[3][2]],
    ]
    assert shown[3][2].startswith("refused: invalid_json")
    with pytest.raises(SetupError, match="say --yes"):
        bring_in(way_in, [folder], dry_run=False, sure=False)

    with psycopg.connect(way_in.conninfo) as connection:
        assert connection.execute(MONTHS).fetchall() == []
        capsys.readouterr()
        assert bring_in(way_in, [folder], dry_run=False, sure=True) == 1
        told = capsys.readouterr()
        assert told.out.splitlines()[-1] == "4 files: 3 imported, 1 refused; 2 months closed"
        assert "1 of 4: 2021-03, z_2021.json: imported, month closed" in told.err
        months = connection.execute(MONTHS).fetchall()
        assert [month[:5] for month in months] == [
            ("2021-03", "closed", True, "history", 1),
            ("2022-03", "closed", True, "history", 2),
        ]
        assert months[0][5] != months[1][5], "the corrected file counts"

        (folder / "d_broken.json").unlink()
        assert bring_in(way_in, [folder], dry_run=False, sure=True) == 0
        last = capsys.readouterr().out.splitlines()[-1]
        assert last == "3 files: 3 is there; 0 months closed"
        assert connection.execute(MONTHS).fetchall() == months


def test_a_run_that_was_stopped_goes_on(
    way_in: Login, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that came in without its closing is closed, the one that corrects it follows."""
    first = folder / "b_2022.json"
    (folder / "d_broken.json").unlink()
    with psycopg.connect(way_in.conninfo) as connection:
        connection.execute("SELECT api.import_activity(%s)", (first.read_text(encoding="utf-8"),))
    assert bring_in(way_in, [folder], dry_run=False, sure=True) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "3 files: 2 imported, 1 is there; 2 months closed"


def test_a_copy_of_a_file_is_there(
    way_in: Login, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is neither refused nor a submission, and its month is closed like any other."""
    (folder / "d_broken.json").unlink()
    for name in ("b_2022 (copy).json", "older/b_2022.json", "z_2022.json"):
        (folder / name).write_bytes((folder / "b_2022.json").read_bytes())
    assert bring_in(way_in, [folder], dry_run=True, sure=False) == 0
    shown = [line.split("  ")[-1].strip() for line in capsys.readouterr().out.splitlines()[1:7]]
    last = "its next submission"
    assert shown == ["a closed month", "a closed month", *["is there"] * 2, last, "is there"]
    with psycopg.connect(way_in.conninfo) as connection:
        assert bring_in(way_in, [folder], dry_run=False, sure=True) == 0
        last = capsys.readouterr().out.splitlines()[-1]
        assert last == "6 files: 3 imported, 3 is there; 2 months closed"
        months = connection.execute(MONTHS).fetchall()
    assert [month[1:5] for month in months] == [
        ("closed", True, "history", 1),
        ("closed", True, "history", 2),
    ]


def test_three_years_come_in_though_the_run_is_killed(
    way_in: Login, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Thirty-six files: killed in their middle, the next run ends it and its last line adds up."""
    months = [f"{year}-{month:02}" for year in (2021, 2022, 2023) for month in range(1, 13)]
    # One person each, in another order than that of the months.
    person = dict(list(json.loads(SMALL).items())[:1])
    for number, name in enumerate(reversed(months)):
        year, month = name.split("-")
        content = json.dumps(person).replace("/2025", f"/{year}").replace('"03/', f'"{month}/')
        days = sub(r'"(../)(29|3.)/', r'"\g<1>28/', content)
        (tmp_path / f"{number:02}.json").write_text(days, encoding="utf-8")
    run = [sys.executable, "-c", BRING_IN, way_in.conninfo, str(tmp_path)]
    with subprocess.Popen(run, stderr=subprocess.PIPE, text=True) as killed:
        assert killed.stderr is not None
        for line in killed.stderr:
            if line.startswith("20 of 36: ") and "imported" in line:
                killed.kill()
    assert killed.returncode < 0
    with psycopg.connect(way_in.conninfo, autocommit=True) as connection:
        there = [month[:4] for month in connection.execute(MONTHS)]
        assert 20 <= len(there) < len(months)
        assert {month[1:] for month in there} == {("closed", True, "history")}, "none is half there"

        assert bring_in(way_in, [tmp_path], dry_run=False, sure=True) == 0
        left = len(months) - len(there)
        last = capsys.readouterr().out.splitlines()[-1]
        assert last == (f"36 files: {left} imported, {len(there)} is there; {left} months closed")
        found = connection.execute(MONTHS).fetchall()
        assert [month[:5] for month in found] == [
            (month, "closed", True, "history", 1) for month in months
        ]
        assert len({month[5] for month in found}) == 1, "each has its people's totals"


def test_what_cannot_be_closed_so_is_left_as_it_is(
    way_in: Login, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A month that somebody works on here and one that just ended; the run goes on behind them."""
    older, recent = SMALL.replace("/2025", "/2021"), f"/{datetime.now(UTC).year + 1}"
    (tmp_path / "a.json").write_text(older, encoding="utf-8")
    (tmp_path / "b.json").write_text(SMALL.replace("/2025", recent), encoding="utf-8")
    with psycopg.connect(way_in.conninfo, autocommit=True) as connection:
        connection.execute("SELECT api.import_activity(%s)", (older,))
        assert bring_in(way_in, [tmp_path / "a.json"], dry_run=False, sure=True) == 0
        assert [month[1] for month in connection.execute(MONTHS)] == ["open"], "it is left alone"

        (tmp_path / "c.json").write_text(older.replace("894.89", "900.00"), encoding="utf-8")
        (tmp_path / "d.json").write_text(SMALL.replace("/2025", "/2022"), encoding="utf-8")
        connection.execute(WORK)
        capsys.readouterr()
        assert bring_in(way_in, [tmp_path], dry_run=False, sure=True) == 0
        told = capsys.readouterr()
        last = told.out.splitlines()[-1]
        assert last == "4 files: 1 imported, 1 is there, 2 left out; 1 months closed"
        assert "left out: it ended after 20" in told.out
        assert "expected a month nobody worked on, got corrections" in told.err
        months = [month[:2] + month[4:5] for month in connection.execute(MONTHS)]
        assert months == [("2021-03", "open", 1), ("2022-03", "closed", 1)]


def test_what_is_not_there_is_said(way_in: Login, tmp_path: Path) -> None:
    """In one line, before anything is done."""
    with pytest.raises(SetupError, match="no such file or folder"):
        bring_in(way_in, [tmp_path / "none"], dry_run=True, sure=False)
    with pytest.raises(SetupError, match=r"no \.json file there$"):
        bring_in(way_in, [tmp_path], dry_run=True, sure=False)


def test_pdfs_are_left_out_and_it_is_said(
    way_in: Login, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what to do about them, in one line; a folder of nothing else is refused with it."""
    only = tmp_path / "scans"
    only.mkdir()
    (only / "march.PDF").write_bytes(b"%PDF-1.7")
    with pytest.raises(SetupError, match=r"no \.json file there; .* without it, then close") as one:
        bring_in(way_in, [only], dry_run=True, sure=False)
    assert "\n" not in str(one.value)
    assert bring_in(way_in, [folder], dry_run=True, sure=False) == 1
    told = capsys.readouterr()
    assert "march.PDF" not in told.out
    (line,) = [line for line in told.err.splitlines() if "PDF" in line]
    assert "PDFs are left out (1, such as march.PDF): --closed takes activity.json files" in line
