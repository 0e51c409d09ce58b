"""Entry point behind ./run and ./test: `python -m svc.embedded COMMAND [ARG...]`."""

import importlib
import signal
import sys
from types import FrameType

import psycopg

from svc.embedded.machine import SetupError, say

# Imported by name, so that a fault in the service does not keep the tests from running.
MODULES = {
    "run": "svc.embedded.local",
    "test": "svc.embedded.suite",
    "deploy": "svc.embedded.deploy",
    "drill": "svc.embedded.drill",
    "restore": "svc.embedded.restore",
}


ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


def interrupted(_signal: int, _frame: FrameType | None) -> None:
    """Turn the first of such signals into an exception, so that what was started is cleaned up."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def main(arguments: list[str]) -> int:
    """Carry out one of the commands; return the exit status."""
    for number in ENDING:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, interrupted)
    command, *rest = arguments
    try:
        return int(importlib.import_module(MODULES[command]).main(rest))
    except (SetupError, OSError, psycopg.Error) as error:
        say(f"{command}: {str(error).strip().splitlines()[0]}")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
