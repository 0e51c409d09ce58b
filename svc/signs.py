"""Signs of life: what workers, and the processes that serve, tell the database of themselves."""

from __future__ import annotations

import http.client
import os
import socket
import threading
from http import HTTPStatus
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
ANSWER_SECONDS: Final = 5.0
# What a service that listens on every address is asked at.
EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "[::]": "::1", "::": "::1"}  # noqa: S104


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


def ask(address: tuple[str, str], seconds: float) -> None:
    """Ask the service whether it answers. Raises OSError or HTTPException when it does not."""
    host = EVERYWHERE.get(address[0], address[0].strip("[]"))
    connection = http.client.HTTPConnection(host, int(address[1]), timeout=seconds)
    try:
        connection.request("GET", "/healthz", headers={"Connection": "close"})
        status = connection.getresponse().status
    finally:
        connection.close()
    if status != HTTPStatus.OK:
        raise http.client.HTTPException(f"/healthz answers {status}")


def serving(database: Database, address: tuple[str, str], seconds: float = ANSWER_SECONDS) -> Duty:
    """Return the duty to tell that the service answers requests and reaches its database.

    Where every thread is taken nobody is served, and the sign stays out. On a server that takes no
    writes there is nothing to tell.
    """

    def turn() -> bool:
        ask(address, seconds)
        try:
            give(database, [duty])
        except READ_ONLY:
            if database.check()["is_writable"]:
                raise
        return False

    duty = Duty("serving", turn, every=SIGN_SECONDS, limit=SIGN_SECONDS)
    return duty


def keep_giving(database: Database, address: tuple[str, str]) -> None:
    """Have this process tell, as long as it lives, that it serves."""
    duty = serving(database, address)
    threading.Thread(
        target=duty.run, args=(threading.Event(),), name=duty.name, daemon=True
    ).start()
