"""The faults that are tried by hand follow the code: each can still be made."""

import pytest

from svc.embedded.machine import ROOT
from tests.mutants.__main__ import faulty, statements
from tests.mutants.mutants import MUTANTS, Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: f"{one.name}: {one.what}")
def test_a_fault_is_made_of_what_is_deployed(mutant: Mutant) -> None:
    """Its text is there once, and the tests that must see it are there."""
    assert faulty(mutant) != statements()[mutant.name]
    assert mutant.pgtap or mutant.pytest
    for path in mutant.pgtap:
        assert (ROOT / "db" / "tests" / path).exists()
    for path in mutant.pytest:
        assert (ROOT / path.partition("::")[0]).exists()
