"""What reading a PDF may cost: settings for the parent, enforced by the operating system."""

import resource
from dataclasses import dataclass
from typing import Final

MEBIBYTE: Final = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one document; sizes in bytes, times in seconds of wall clock.

    Reading must always have come this far: `grace_seconds` after its start plus `page_seconds` for
    every page done. So a hostile file is answered within about ten seconds, and a long honest one
    has the time it needs, up to `total_seconds`.
    """

    maximum_bytes: int = 100 * MEBIBYTE
    maximum_pages: int = 10_000
    address_space: int = 768 * MEBIBYTE
    resident: int = 480 * MEBIBYTE
    grace_seconds: float = 8.0
    page_seconds: float = 0.25
    total_seconds: float = 300.0
    processes: int | None = None
    """None: as many as there are cores, and one for a small file."""


def apply_limits(address_space: int, resident: int, cpu_seconds: int) -> None:
    """Bind this process, and whatever it starts, for good.

    `resident` bounds private memory (RLIMIT_DATA), since no system bounds resident memory itself.
    A limit the system does not have, or that is already stricter, is left as it is.
    """
    wanted = {
        "RLIMIT_AS": address_space,
        "RLIMIT_DATA": resident,
        "RLIMIT_CPU": cpu_seconds,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_CORE": 0,
        "RLIMIT_NOFILE": 32,
    }
    for name, value in wanted.items():
        kind = getattr(resource, name, None)
        if kind is None:
            continue
        _, hard = resource.getrlimit(kind)
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            resource.setrlimit(kind, (bound, bound))
        except (ValueError, OSError):  # a system that knows the limit and refuses it
            continue
