"""Months as they go, told to the database and to a second implementation of identity and merge."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from svc.embedded.cluster import SUPERUSER
from tests.revising.stories import Telling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from svc.embedded.cluster import Cluster

FEW = 12
"""Stories in each run; CCP_STORIES=1000 tells more of them, others each time."""
COUNT = int(os.environ.get("CCP_STORIES", FEW))
SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
SETUP = """
    SELECT FROM api.save_user('ada', NULL, 'admin');
    SELECT FROM api.save_user('pat', NULL, 'processor');
    UPDATE app.settings SET value = 0
    WHERE setting_name IN ('control_name_share', 'control_date_share')
"""

numbers = st.integers(0, 10_000)
steps = st.tuples(st.integers(0, 9), numbers, numbers)
edits = st.tuples(st.integers(0, 12), numbers, numbers)


@st.composite
def chapters(draw: st.DrawFn) -> list[tuple[list[tuple[int, int, int]], ...]]:
    """Draw what people do before each later file, and what that file has otherwise."""
    return [
        (draw(st.lists(steps, max_size=4)), draw(st.lists(edits, max_size=4)))
        for _ in range(draw(st.integers(2, 3)))
    ]


@pytest.fixture(scope="module")
def teller(cluster: Cluster, shared_database: str) -> Iterator[psycopg.Connection]:
    """Yield a superuser's connection to one database for all stories."""
    with psycopg.connect(cluster.login("ccp_owner", shared_database).conninfo) as owner:
        owner.execute(SETUP)
    with psycopg.connect(
        cluster.login(SUPERUSER, shared_database).conninfo, autocommit=True
    ) as found:
        yield found


@settings(
    max_examples=COUNT,
    deadline=None,
    suppress_health_check=SLOW,
    derandomize=COUNT == FEW,
    database=None,
)
@given(
    st.lists(numbers, min_size=1, max_size=5),
    chapters(),
    st.lists(steps, max_size=3),
    st.lists(st.integers(0, 71), min_size=3, max_size=3),
)
def test_a_story_ends_as_the_model_says(
    teller: psycopg.Connection,
    seeds: list[int],
    told: list[tuple[list[tuple[int, int, int]], ...]],
    last: list[tuple[int, int, int]],
    ways: list[int],
) -> None:
    """Three or four files and what people said: content, fates and questions are the model's."""
    with teller.transaction(force_rollback=True):
        telling = Telling(teller, seeds)
        for (spoken, changed), way in zip(told, ways, strict=False):
            for step in spoken:
                telling.step(*step)
            telling.edit(changed, way)
        for step in last:
            telling.step(*step)
