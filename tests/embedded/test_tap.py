"""The reader of test output sees every way in which a file can fail, and nothing else."""

import pytest

from svc.embedded.tap import judge

PASSING = "1..2\nok 1 - first\nok 2 - second\n"


@pytest.mark.parametrize(
    ("output", "status", "faults"),
    [
        (PASSING, 0, ()),
        ("1..1\nnot ok 1 - later # TODO when it is there\n", 0, ()),
        ("ok 1 - first\n1..1\n", 0, ()),
        ("1..2\nok 1 - first\nnot ok 2 - second\n", 0, ("test 2 - second",)),
        ("1..3\nok 1 - first\nok 2 - second\n", 0, ("planned 3 tests, ran 2",)),
        ("ok 1 - first\n", 0, ("no plan",)),
        ("", 0, ("no plan",)),
        (PASSING, 3, ("psql ended with status 3",)),
    ],
)
def test_output_is_judged(output: str, status: int, faults: tuple[str, ...]) -> None:
    """A failed test, a wrong count, a missing plan and an error of psql are faults."""
    assert judge("file.sql", output, status).faults == faults
