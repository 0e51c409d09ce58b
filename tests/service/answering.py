"""Somebody on this machine who answers over HTTP in JSON, for stand-ins of what others run."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qsl


class Answering:
    """Serves on a free port of 127.0.0.1, at `root`; while `open` is cleared nobody is answered."""

    def __init__(self) -> None:
        """Begin to serve; what `answer` needs is there before."""
        self.open = Event()
        self.open.set()
        self._web = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._web.daemon_threads = True
        self._thread = Thread(target=self._web.serve_forever)
        self._thread.start()
        self.root = f"http://127.0.0.1:{self._web.server_port}"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        """Return what hands each request to this object."""
        served = self

        class Handler(BaseHTTPRequestHandler):
            """Hands requests on."""

            def do_GET(self) -> None:
                """Answer a GET."""
                self._tell("")

            def do_POST(self) -> None:
                """Answer a POST with a form."""
                self._tell(self.rfile.read(int(self.headers["Content-Length"])).decode())

            def _tell(self, form: str) -> None:
                """Write the answer."""
                status, told, location = served.answer(self.path, dict(parse_qsl(form)))
                body = json.dumps(told).encode()
                self.send_response(status)
                if location:
                    self.send_header("Location", location)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, Any, str | None]:
        """Return status, what is told as JSON, and where to go; a GET has an empty form."""
        raise NotImplementedError

    def close(self) -> None:
        """Stop serving."""
        self.open.set()
        self._web.shutdown()
        self._thread.join()
        self._web.server_close()
