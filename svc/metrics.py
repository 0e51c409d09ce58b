"""Figures for a monitoring system: requests of all processes, and what the database says of itself.

Prometheus's text form. No label names a person, a card or a session: labels take few values.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from prometheus_client import (
    CONTENT_TYPE_PLAIN_0_0_4,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from svc import __version__
from svc.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from svc.db import Database, Row

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder by which the processes of one service add up what they counted."""
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120)
"""In seconds: from a read by key to the limit of an import."""

_OWN = CollectorRegistry()
_REQUESTS = Counter(
    "ccp_requests",
    "Requests, by what they asked.",
    ["method", "operation", "status"],
    registry=_OWN,
)
_SECONDS = Histogram(
    "ccp_request_seconds",
    "Time to the first byte of an answer.",
    ["operation"],
    buckets=BUCKETS,
    registry=_OWN,
)


def count_request(method: str, operation: str | None, status: int, seconds: float) -> None:
    """Count an answered request; `operation` is None for a path nobody serves."""
    operation = operation or "none"
    _REQUESTS.labels(method if method in METHODS else "other", operation, str(status)).inc()
    _SECONDS.labels(operation).observe(seconds)


def exposition(database: Database) -> bytes:
    """Return all figures as Prometheus reads them.

    What the database says is left out while it cannot be asked; `ccp_database_up` is 0 then.
    """
    registry = _OWN
    if FOLDER in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    try:
        rows = database.metrics()
    except DatabaseError:
        rows = None
    asked = CollectorRegistry()
    asked.register(_Asked(rows))
    return generate_latest(registry) + generate_latest(asked)


class _Asked(Collector):
    """The rows of `report.metrics`, one family a metric."""

    def __init__(self, rows: list[Row] | None) -> None:
        self._rows = rows

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the families."""
        version = GaugeMetricFamily("ccp_build_info", "Version of the service.", labels=["version"])
        version.add_metric([__version__], 1)
        yield version
        yield GaugeMetricFamily(
            "ccp_database_up", "1 when the database answered.", value=float(self._rows is not None)
        )
        families: dict[str, GaugeMetricFamily] = {}
        for row in self._rows or ():
            family = families.get(row["metric"])
            if family is None:
                family = GaugeMetricFamily(row["metric"], row["help"], labels=list(row["labels"]))
                families[row["metric"]] = family
            family.add_metric(list(row["labels"].values()), float(row["value"]))
        yield from families.values()
