"""Entry point behind ./run and ./test: `python -m svc.embedded run|test [ARG...]`."""

import signal
import sys
from types import FrameType

from svc.embedded import local, suite
from svc.embedded.machine import SetupError, say


def interrupted(_signal: int, _frame: FrameType | None) -> None:
    """Turn a termination signal into an exception, so that what was started is cleaned up."""
    raise KeyboardInterrupt


def main(arguments: list[str]) -> int:
    """Dispatch to the run or the test command; return the exit status."""
    signal.signal(signal.SIGTERM, interrupted)
    signal.signal(signal.SIGHUP, interrupted)
    command, *rest = arguments
    try:
        if command == "test":
            return suite.main(rest)
        return local.main(rest)
    except (SetupError, OSError) as error:
        say(f"{command}: {error}")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
