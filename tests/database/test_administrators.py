"""Two administrators who take the role from each other at once: one of them stays."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from tests.conftest import Connect

DEMOTE = "SELECT FROM api.save_user(%s, NULL, 'processor', p_expected_version => 1)"
WAITS = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'"


def test_of_two_who_demote_each_other_one_is_refused(
    connect: Connect, superuser: psycopg.Connection
) -> None:
    """The second waits for the first, and then it would be the last administrator."""
    first, second = connect("ccp_owner"), connect("ccp_owner")
    for name in ("ada", "eva"):
        first.execute("SELECT FROM api.save_user(%s, NULL, 'admin')", (name,))
    first.commit()
    first.execute(DEMOTE, ("ada",))
    refusals: list[str | None] = []

    def demote() -> None:
        try:
            second.execute(DEMOTE, ("eva",))
            second.commit()
        except psycopg.Error as error:
            refusals.append(error.sqlstate)

    other = Thread(target=demote)
    other.start()
    while not superuser.execute(WAITS, (second.info.backend_pid,)).fetchone():
        assert other.is_alive()
    first.commit()
    other.join()
    assert refusals == ["RL071"]
    left = superuser.execute(
        "SELECT user_name FROM app.users WHERE role = 'admin' AND is_active AND NOT is_system"
    ).fetchall()
    assert left == [("eva",)]
