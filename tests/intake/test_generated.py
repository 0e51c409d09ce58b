"""Generated months, difficult and in layouts of their own, by HTTP: exactly their truth."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.intake import conftest
from tests.intake.accepted import people_of, people_of_truth
from tests.pdf import samples

if TYPE_CHECKING:
    from tests.intake.conftest import Office

# What `expected.json` of a generated month says beyond that of a sample.
BEYOND = {"printed", "amount_text", "ambiguous"}
# Found in what only generated months have: misprinted totals, names of several people.
OF_DOUBT = {"control_total", "ambiguous_name"}


def without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return a row without some of its values."""
    return {name: value for name, value in row.items() if name not in names}


def comparable(person: dict[str, Any]) -> dict[str, Any]:
    """Return a person with what may stand in another order in one order."""
    return {
        **without(person, *BEYOND),
        "cards": [without(card, *BEYOND) for card in person["cards"]],
        "receipts": [without(receipt, *BEYOND) for receipt in person["receipts"]],
        "receipt_name_keys": sorted(person["receipt_name_keys"]),
        "issues": [issue for issue in person["issues"] if issue["type"] not in OF_DOUBT],
    }


def identity(person: dict[str, Any]) -> tuple[str, str]:
    """Return what tells people of one name apart."""
    return person["name_key"], person["employee_id"] or "~"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_difficult_month_is_read_whole(
    office: Office, tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Namesakes, odd ids, hard names, misprints, unreadable amounts, any layout."""
    size = ("--employees", "24", "--receipts", "120", "--seed", str(seed))
    options = ("--pdf", "--difficult", "--vary-layout", "--out", str(tmp_path / "month"))
    subprocess.run([sys.executable, "-m", "tests.generate", *size, *options], check=True)
    for module in (conftest, samples):
        monkeypatch.setattr(module, "DATA", tmp_path)
    office.approve_aliases("month")
    office.start_worker()
    session = office.import_sample("month")
    truth = samples.truth.__wrapped__("month")
    found = sorted(people_of(office, session), key=identity)
    wanted = sorted(people_of_truth(truth), key=identity)
    assert [identity(person) for person in found] == [identity(person) for person in wanted]
    for person, true in zip(found, wanted, strict=True):
        assert comparable(person) == comparable(true)
    misprinted = {
        card["number"]
        for person in wanted
        for card in person["cards"]
        if card.get("printed", {}).get("net", card["net"]) != card["net"]
    }
    warned = office.rows(
        "SELECT i.evidence ->> 'card_number' AS number FROM report.validation_issues AS i"
        " WHERE i.session_id = %s AND i.issue_type = 'control_total'",
        session,
    )
    assert {row["number"] for row in warned} == misprinted
    texts = office.rows("SELECT t.page_number AS page, t.amount_text FROM report.transactions AS t"
                        " WHERE t.session_id = %s AND t.amount IS NULL", session)  # fmt: skip
    assert {row["page"]: row["amount_text"] for row in texts} == {
        receipt["page"]: receipt["amount_text"]
        for person in wanted
        for receipt in person["receipts"]
        if receipt["amount"] is None
    }
