"""The application factory; gunicorn calls it in each worker, so that no pool crosses a fork."""

from __future__ import annotations

import atexit
import logging
import time
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import psycopg
from flask import Blueprint, Flask, g, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import HTTPException

from svc import errors, metrics, pages, routes, signs
from svc.auth import Verifier
from svc.config import ConfigurationError, Settings, own_address
from svc.db import Database
from svc.errors import Problem
from svc.pages.company import Company
from svc.routes import exports, files, imports, lists, old_results, system
from svc.surface.door import Door, HandWritten
from svc.surface.serving import PREFIX

if TYPE_CHECKING:
    from flask import Response
    from flask.typing import ResponseReturnValue

log = logging.getLogger("ccp")

# With it gunicorn ends and does not try again and again.
APP_LOAD_ERROR = 4
SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
BY_HAND = [
    HandWritten("POST", "/import-json", imports.import_json),
    HandWritten("POST", "/sessions/<uuid:session_id>/files", files.upload),
    HandWritten("GET", "/sessions/<uuid:session_id>/exports/import.csv", exports.import_csv),
    HandWritten("GET", "/sessions/<uuid:session_id>/exports/activity.json", exports.activity_json),
    HandWritten(
        "GET",
        "/accounting-batches/<target>/<int:batch_number>/import.csv",
        exports.batch_csv,
    ),
    HandWritten("GET", "/users.csv", lists.sending("users")),
    HandWritten("POST", "/users.csv", lists.taking("users")),
    HandWritten("GET", "/addresses.csv", lists.sending("addresses")),
    HandWritten("POST", "/addresses.csv", lists.taking("addresses")),
    HandWritten("GET", "/sessions/<uuid:session_id>/exports/report.xlsx", exports.report_xlsx),
    HandWritten("GET", "/sessions/<uuid:session_id>/exports/coding.xlsx", exports.coding_xlsx),
    HandWritten("POST", "/sessions/<uuid:session_id>/coding.xlsx", exports.take_coding),
    HandWritten(
        "POST",
        "/sessions/<uuid:session_id>/transactions/<uuid:transaction_id>/attachment",
        files.attach,
    ),
    HandWritten("POST", "/sessions/<uuid:session_id>/old-results", old_results.compare),
    HandWritten("GET", "/parallel-runs/<uuid:run_id>/report", old_results.report),
    HandWritten("GET", "/sessions/<uuid:session_id>/exports/packets.zip", files.packets_zip),
    HandWritten(
        "GET",
        "/sessions/<uuid:session_id>/exports/packets/<uuid:cardholder_id>.pdf",
        files.packet,
    ),
]


class JsonProvider(DefaultJSONProvider):
    """Money crosses as decimal strings, times of all kinds as ISO 8601, ids as text."""

    sort_keys = False

    @staticmethod
    def default(value: Any) -> str:  # noqa: ANN401 - anything may be asked for
        """Give the text of a value JSON does not know. Raises TypeError."""
        if isinstance(value, Decimal):
            return f"{value:f}"
        if isinstance(value, datetime):
            return value.astimezone(UTC).isoformat()
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, uuid.UUID):
            return str(value)
        if isinstance(value, timedelta):
            return f"PT{Decimal(value // timedelta(microseconds=1)).scaleb(-6):f}S"
        raise TypeError(f"{type(value).__name__} has no JSON form")


def create_app(settings: Settings | None = None) -> Flask:
    """Make the service, connected to its database, with the surface it has now.

    Raises ConfigurationError for bad settings; PoolTimeout or psycopg.Error when the database
    is away or not deployed.
    """
    settings = settings or Settings.from_environment()
    database = Database(settings)
    database.open()
    atexit.register(database.close)

    app = Flask(__name__, static_folder=None)
    app.json = JsonProvider(app)
    door = Door(database, BY_HAND)
    verifier = Verifier(settings)
    company = None
    if settings.oidc_page_client_id is not None and verifier.keys is not None:
        company = Company(settings, verifier.keys)
    services = routes.Services(settings, database, verifier, door, company)
    app.extensions[routes.EXTENSION] = services

    # One rule for all: what is below it may change while the service runs.
    api = Blueprint("api", __name__, url_prefix=PREFIX)
    api.before_request(routes.authenticate)
    api.add_url_rule(
        "/<path:path>", view_func=door.serve, methods=METHODS, provide_automatic_options=False
    )
    app.register_blueprint(api)
    app.register_blueprint(system.blueprint)
    app.register_blueprint(pages.blueprint)

    app.before_request(_begin)
    app.after_request(_finish)
    app.register_error_handler(Exception, _answer_error)
    return app


def serve() -> Flask:
    """Make the service for gunicorn; what keeps it from starting is one line of the log.

    Raises SystemExit with the status that ends gunicorn as a whole.
    """
    try:
        app = create_app()
    except ConfigurationError as error:
        reason = str(error)
    except psycopg.Error as error:
        reason = errors.unready(error)[1]
    else:
        services: routes.Services = app.extensions[routes.EXTENSION]
        signs.keep_giving(services.database, own_address())
        return app
    log.critical("not started: %s", reason)
    raise SystemExit(APP_LOAD_ERROR)


def _begin() -> None:
    """Give the request the id that its log lines and its error answer share."""
    g.error_id = uuid.uuid4().hex
    g.started = time.monotonic()


def _finish(response: Response) -> Response:
    """Add what every answer carries, and log one line."""
    for header, value in SECURITY_HEADERS.items():
        response.headers.setdefault(header, value)
    # An error does not repeat what it may have refused.
    if "idempotency_key" in g and response.status_code < HTTPStatus.BAD_REQUEST:
        response.headers["Idempotency-Key"] = g.idempotency_key
    seconds = time.monotonic() - g.started
    operation = g.get("operation")
    is_served = request.url_rule is not None and request.blueprint != "api"
    name = operation or (request.endpoint if is_served else None)
    metrics.count_request(request.method, name, response.status_code, seconds)
    fields = {
        "request_id": g.error_id,
        "idempotency_key": g.get("idempotency_key"),
        "user": g.actor.user_name if "actor" in g else None,
        "method": request.method,
        "path": request.path,
        "operation": operation,
        "status": response.status_code,
        "milliseconds": round(seconds * 1000),
    }
    is_probe = response.status_code == HTTPStatus.OK and request.path in system.PROBES
    log.log(logging.DEBUG if is_probe else logging.INFO, "request", extra={"fields": fields})
    return response


def _answer_error(error: Exception) -> ResponseReturnValue:
    """Every error becomes a problem+json; a defect of ours leaves its place in the log."""
    problem = _problem(error)
    fields = {"request_id": g.error_id, "code": problem.code, "sqlstate": problem.sqlstate}
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("failed", exc_info=error, extra={"fields": fields})
    else:
        log.info("refused", extra={"fields": fields})
    if request.blueprint == pages.blueprint.name:
        return pages.answer_problem(problem)
    headers = {**problem.headers, "Content-Type": "application/problem+json"}
    return problem.body(g.error_id), problem.status, headers


def _problem(error: Exception) -> Problem:
    """Tell what the caller learns about an error of any kind."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, psycopg.Error):
        services = routes.services()
        problem = errors.from_database(
            error,
            services.database.error_slugs,
            g.get("names"),
            has_key=request.method == "POST",
        )
        catalog = services.door.surface.catalog
        operation = catalog.operations.get(g.get("operation"))
        if problem.code == errors.NOT_PERMITTED and operation is not None:
            roles = catalog.sources[operation.target].roles
            problem.detail = f"expected one of {', '.join(roles)}"
        return problem
    if isinstance(error, HTTPException) and error.code is not None:
        return Problem(
            status=error.code,
            code=errors.slug_of_status(error.code),
            title=error.name.lower(),
            headers={name: value for name, value in error.get_headers() if name == "Allow"},
        )
    return errors.internal_error()
