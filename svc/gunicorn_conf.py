"""How gunicorn runs the service: `gunicorn -c svc/gunicorn_conf.py`.

Threads wait for the database, so there are more of them than cores. The application is made in
each worker, never before the fork. Alone this suits loopback only: against slow clients it needs
a buffering proxy in front (deploy/nginx.conf).
"""

from __future__ import annotations

import logging.config
import os
import shutil
import tempfile
from typing import Any

from svc import chunks, logs
from svc.config import ConfigurationError, own_address, own_size

# Where the processes add up what they counted: set before any of them counts, new with each start.
METRICS = "PROMETHEUS_MULTIPROC_DIR"
os.environ.setdefault(METRICS, tempfile.mkdtemp(prefix="ccp-metrics-"))

wsgi_app = "svc.app:serve()"
try:
    bind = "{}:{}".format(*own_address())
    workers, threads = own_size()
except ConfigurationError as error:
    logging.config.dictConfig(logs.CONFIGURATION)
    logging.getLogger("ccp").critical("not started: %s", error)
    raise SystemExit(1) from None
worker_class = "gthread"
preload_app = False
timeout = 150
graceful_timeout = 130
keepalive = 5
limit_request_line = 4094
limit_request_fields = 50
limit_request_field_size = 8190
control_socket_disable = True
logconfig_dict = logs.CONFIGURATION
# The service writes a line for each request itself, without the query: keys and codes stand there.
accesslog = None


def on_exit(_server: Any) -> None:  # noqa: ANN401 - gunicorn has no types
    """Leave nothing behind."""
    shutil.rmtree(os.environ[METRICS], ignore_errors=True)


def pre_request(_worker: Any, request: Any) -> None:  # noqa: ANN401 - gunicorn has no types
    """Bound the chunks of each request's body."""
    chunks.limit_request(request)
