"""Signs of life: what workers, and the processes that serve, tell the database of themselves."""

from __future__ import annotations

import os
import socket
import threading
from typing import TYPE_CHECKING, Final

from svc import queries
from svc.auth import Actor
from svc.db import READ_ONLY, Call
from svc.duties import Duty

if TYPE_CHECKING:
    from collections.abc import Sequence

    from svc.db import Database

WORKER: Final = Actor(user_name="worker", role=None)
WORKER_ROLE: Final = "ccp_worker"
SIGN_SECONDS: Final = 15.0


def own_name() -> str:
    """Return machine and process, by which signs are told apart."""
    return f"{socket.gethostname()}:{os.getpid()}"


def give(database: Database, duties: Sequence[Duty], timeout: int | None = None) -> None:
    """Tell the database how each duty is. Raises as `Database.converse` does."""
    signs = [{**duty.sign(), "worker_name": own_name()} for duty in duties]
    database.converse(
        WORKER,
        lambda call: [call(Call(queries.RECORD_DUTY, sign)) for sign in signs],
        role=WORKER_ROLE,
        timeout=timeout,
    )


def keep_giving(database: Database) -> None:
    """Have this process tell, as long as it lives and reaches the database, that it serves.

    On a server that takes no writes there is nothing to tell.
    """

    def turn() -> bool:
        try:
            give(database, [duty])
        except READ_ONLY:
            if database.check()["is_writable"]:
                raise
        return False

    duty = Duty("serving", turn, every=SIGN_SECONDS, limit=SIGN_SECONDS)
    threading.Thread(
        target=duty.run, args=(threading.Event(),), name=duty.name, daemon=True
    ).start()
