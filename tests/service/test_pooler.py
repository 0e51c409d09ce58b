"""Behind PgBouncer in transaction mode the service does what it does without."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from svc.config import Settings
from tests.service.conftest import SECRET, Api, make_users, running
from tests.service.pooler import PGBOUNCER, Pooler

# The story of a month, its corrections and conflicts, once through the pooler.
from tests.service.test_month_of_work import *  # noqa: F403

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CLIENTS = 12
pytestmark = pytest.mark.skipif(
    PGBOUNCER is None or os.environ.get("NO_APT") == "1", reason="PgBouncer is not installed here"
)


@pytest.fixture
def pooler(
    cluster: Any,  # noqa: ANN401
    database: str,
) -> Iterator[Pooler]:
    """Yield a running PgBouncer in front of this test's database."""
    # Not below the folder of pytest, which closes that to other accounts.
    made = Pooler(cluster.folder / f"pooler-{database}", str(cluster.host))
    made.start()
    yield made
    made.kill()


@pytest.fixture
def settings(pooler: Pooler, database: str, connect: Callable[..., psycopg.Connection]) -> Settings:
    """Return the settings of a service that reaches its database through the pooler."""
    make_users(connect("ccp_owner"))
    return Settings(database_url=pooler.url(database), token_secret=SECRET, pool_size=CLIENTS)


def test_no_actor_is_mixed_and_no_statement_is_lost(settings: Settings, pooler: Pooler) -> None:
    """Each write is that of its user and there once, across poolers that were killed."""
    with running(settings) as api:
        writers = ("ada", "pat")

        def work(number: int) -> tuple[int, int]:
            caller, name = Api(api.app), writers[number % 2]
            made = caller.post("/sessions", name, f"key {number}", session_name=f"S{number}")
            return caller.get("/sessions", "rae").status_code, made.status_code

        with ThreadPoolExecutor(CLIENTS) as clients:
            assert list(clients.map(work, range(60))) == [(200, 201)] * 60
            disturbed = clients.map(work, range(60, 180))
            for _ in range(3):
                pooler.kill()
                pooler.start()
            assert {status for pair in disturbed for status in pair} <= {200, 201, 503}
            assert list(clients.map(work, range(60, 180))) == [(200, 201)] * 120
        found = {item["session_name"]: item for page in api.pages("/sessions") for item in page}
        assert {name: item["user_name"] for name, item in found.items()} == {
            f"S{number}": writers[number % 2] for number in range(180)
        }
