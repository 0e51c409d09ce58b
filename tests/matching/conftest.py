"""What the tests of matching share: the owner's connection and the samples' truth."""

from pathlib import Path

import psycopg
import pytest

from tests.conftest import Connect

SAMPLES = Path(__file__).parents[1] / "data"


@pytest.fixture
def owner(connect: Connect) -> psycopg.Connection:
    """Return the owner's connection, which acts as the user "deployment", in autocommit mode."""
    return connect("ccp_owner", autocommit=True)
