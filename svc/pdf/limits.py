"""What reading a PDF may cost: settings for the parent, enforced by the operating system."""

import math
import resource
from dataclasses import dataclass
from typing import Final

from svc.pdf.confine import confine

MEBIBYTE: Final = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one document; sizes in bytes, times in seconds.

    Processor time judges a file: each child may use `grace_seconds` before its first page is done,
    `page_seconds` more for every page done, and `total_seconds` at most. Wall time judges nothing,
    since a machine may be busy: when no page was finished for `patience_seconds`, another try is
    asked for.
    """

    maximum_bytes: int = 100 * MEBIBYTE
    maximum_pages: int = 10_000
    address_space: int = 768 * MEBIBYTE
    resident: int = 480 * MEBIBYTE
    grace_seconds: float = 8.0
    page_seconds: float = 0.25
    total_seconds: float = 300.0
    patience_seconds: float = 600.0
    processes: int | None = None
    """None: as many as there are cores, and one for a small file."""


def apply_limits(address_space: int, resident: int, cpu_seconds: int) -> None:
    """Bind this process, and whatever it starts, for good: no more of these, and no network.

    `resident` bounds private memory (RLIMIT_DATA), since no system bounds resident memory itself.
    A limit the system does not have, or that is already stricter, is left as it is.
    """
    confine()
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


def allow_processor_time(seconds: float) -> None:
    """End this process when it has used so much processor time, the most allowed at the latest."""
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    wanted = math.ceil(seconds)
    if most != resource.RLIM_INFINITY:
        wanted = min(wanted, most)
    resource.setrlimit(resource.RLIMIT_CPU, (wanted, most))
