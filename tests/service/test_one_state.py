"""What one request reads is one state, whatever is committed between its statements."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from tests.service.test_cutover import done, hand_in

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from tests.service.conftest import Api

# A row of a session is read without its job, which is read after it: the reader stops between.
HOLD = "LOCK TABLE app.jobs IN ACCESS EXCLUSIVE MODE"
END = """
SELECT app.end_job(j.job_id, 'gave_up', 'It was begun too often.', NULL, false) FROM app.jobs AS j
"""
WAITS = "SELECT FROM pg_locks AS l WHERE l.relation = 'app.jobs'::regclass AND NOT l.granted"


def test_a_row_and_its_parts_are_of_one_state(
    api: Api, connect: Callable[..., psycopg.Connection], superuser: psycopg.Connection
) -> None:
    """Of a session with its job, or of neither, the end is seen; of both when asked again."""
    path = f"/sessions/{done(hand_in(api, 1))['session_id']}"
    writer = connect("ccp_owner")
    writer.execute("SELECT set_config('app.actor', 'worker', true)")
    writer.execute(HOLD)
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(api.get, path)
        while superuser.execute(WAITS).fetchone() is None:
            assert not reading.done(), reading.result().text
        assert writer.execute(END).fetchone() == ("failed",)
        writer.commit()
        shown = done(reading.result())
    assert (shown["status"], shown["progress"]["state"]) == ("processing", "queued")
    shown = done(api.get(path))
    assert (shown["status"], shown["progress"]["state"]) == ("failed", "failed")
